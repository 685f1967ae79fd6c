"""To matrix notation: a product is a graph of tensors, and its paths are products of matrices."""
