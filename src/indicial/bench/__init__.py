"""The benchmark suite: contraction orders, scaling, and peers. Imported by `indicial bench` alone."""
