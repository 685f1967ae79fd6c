"""Shapes and dtypes as callers give them, where there are no arrays yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from indicial.api.named import canonical_names
from indicial.api.numbers import Numbers
from indicial.errors import BackendError, ShapeError

Extents = tuple[int, ...]


def checked_shapes(numbers: Numbers, shapes: object) -> dict[str, Extents]:
    """The shapes by canonical name; for an einsum string also by position. An array stands for its shape."""
    if not isinstance(shapes, Mapping) and isinstance(shapes, Sequence) and numbers.program.positional:
        shapes = dict(zip(numbers.program.inputs, shapes, strict=False))
    if not isinstance(shapes, Mapping):
        raise ShapeError("shapes are given by name", hint='write {"W": (3, 4), "x": (4,)}')
    named = canonical_names(numbers.program, shapes)
    for name in named:
        if numbers.program.spaces_of(name) is None:
            raise ShapeError(f"{name!r} is a function, which has no shape", hint="give it when it is called")
    return {name: _extents(name, shape) for name, shape in named.items()}


def _extents(name: str, shape: object) -> Extents:
    shape = () if isinstance(shape, (float, complex)) else getattr(shape, "shape", shape)
    extents = (shape,) if _is_extent(shape) else shape
    if not isinstance(extents, (tuple, list)) or not all(_is_extent(each) for each in extents):
        raise ShapeError(f"{shape!r} is no shape for {name!r}", hint=f'write {{"{name}": (3, 4)}}')
    return tuple([int(each) for each in extents])


def _is_extent(value: object) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool) and int(value) >= 0


def checked_dtype(dtype: object) -> np.dtype[Any]:
    """A dtype in which numbers are computed; raises BackendError for another."""
    try:
        found: np.dtype[Any] = np.dtype(dtype)  # type: ignore[call-overload]
    except TypeError as error:
        raise BackendError(f"{dtype!r} is no dtype", hint='write dtype="float64"') from error
    if found.kind not in "fc" or found.itemsize < 4 or not found.isnative:
        raise BackendError(
            f"numbers are not computed in {found}", hint="take float32, float64 or a complex dtype"
        )
    return found
