"""What the caller hands in, as NumPy arrays of one dtype."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np

from indicial.errors import BackendError

_TOLD_APART = 1 << 24  # the whole numbers up to which float32 has them all


def as_array(name: str, value: object) -> Any:
    """A NumPy array of numbers, integers promoted to float64; raises BackendError for anything else."""
    try:
        array = np.asarray(value)
    except Exception as error:  # a foreign __array__ may raise anything at all
        tracked = getattr(value, "requires_grad", False)  # a tensor of PyTorch that is part of a graph
        hint = f"give it without its history: {name}.detach()" if tracked else None
        raise BackendError(f"the value of {name!r} is no array of numbers: {error}", hint=hint) from error
    if array.dtype.kind in "biu":
        return array.astype(np.float64)
    if array.dtype.kind == "O" and all(type(each) is int for each in array.flat):
        try:
            return array.astype(np.float64)  # integers that no machine word holds
        except OverflowError as error:
            raise BackendError(f"the value of {name!r} is too large for a float") from error
    if array.dtype.kind not in "fc":
        raise BackendError(
            f"the value of {name!r} is no array of numbers: it is a {type(value).__name__} "
            f"of dtype {array.dtype}",
            hint="give an array of floats, integers or complex numbers",
        )
    return array


def common(
    arrays: Mapping[str, object], positions: Collection[str] = ()
) -> tuple[dict[str, Any], np.dtype[Any]]:
    """All arrays in one dtype. float32 stays float32; Python numbers take the precision of the arrays, and
    so do those that hold `positions`, as long as it can tell them apart.
    """
    converted = {name: as_array(name, value) for name, value in arrays.items()}
    strong = [
        array.dtype
        for name, array in converted.items()
        if name not in positions and not isinstance(arrays[name], (int, float, complex))
    ]
    complex_number = any(isinstance(value, complex) for value in arrays.values())
    dtype = np.result_type(*strong) if strong else np.dtype(np.float64)
    if complex_number:
        dtype = np.result_type(dtype, np.complex64)
    if dtype.itemsize < 4:
        dtype = np.dtype(np.float32)  # half precision is stored, not computed in
    if any(np.max(converted[name], initial=0).real > _TOLD_APART for name in positions if name in converted):
        dtype = np.result_type(dtype, np.float64)
    return {name: array.astype(dtype, copy=False) for name, array in converted.items()}, dtype
