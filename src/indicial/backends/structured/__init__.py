"""Tensors that keep their Kronecker deltas apart from dense cores."""
