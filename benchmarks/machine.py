"""What a measurement was made on: see `indicial.bench.machine`."""

from indicial.bench.machine import description

__all__ = ["description"]
