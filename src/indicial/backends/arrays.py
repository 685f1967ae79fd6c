"""What the caller hands in, as NumPy arrays of one dtype."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from indicial.errors import BackendError


def as_array(name: str, value: object) -> Any:
    """A NumPy array of numbers, integers promoted to float64; raises BackendError for anything else."""
    try:
        array = np.asarray(value)
    except Exception as error:  # a foreign __array__ may raise anything at all
        raise BackendError(f"the value of {name!r} is no array of numbers: {error}") from error
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


def common(arrays: Mapping[str, object]) -> tuple[dict[str, Any], np.dtype[Any]]:
    """All arrays in one dtype. float32 stays float32; Python numbers take the precision of the arrays."""
    converted = {name: as_array(name, value) for name, value in arrays.items()}
    strong = [a.dtype for name, a in converted.items() if not isinstance(arrays[name], (int, float, complex))]
    complex_number = any(isinstance(value, complex) for value in arrays.values())
    dtype = np.result_type(*strong) if strong else np.dtype(np.float64)
    if complex_number:
        dtype = np.result_type(dtype, np.complex64)
    if dtype.itemsize < 4:
        dtype = np.dtype(np.float32)  # half precision is stored, not computed in
    return {name: array.astype(dtype, copy=False) for name, array in converted.items()}, dtype
