"""Arrays as they are printed."""

from __future__ import annotations

import numpy as np

from indicial.cli.arrays import Array


def shown(array: Array, label: str = "") -> str:
    """The shape of an array, and below it its entries."""
    array = np.asarray(array)
    body = repr(array.item()) if array.ndim == 0 else np.array2string(array, max_line_width=100)
    return f"{label}shape {array.shape}\n{body}"
