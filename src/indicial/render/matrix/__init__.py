"""To matrix notation: a product is a graph of tensors, and its paths are products of matrices."""

LAYOUTS = ("numerator", "denominator")
ORDERS = ("F", "C")  # columns, or rows, one below the other
