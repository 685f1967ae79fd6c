"""Callables of the user's, called with arrays and held to what they give."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from indicial.errors import BackendError, ShapeError


def checked(
    function: Callable[..., Any], name: str, shape: tuple[int, ...], dtype: np.dtype[Any]
) -> Callable[..., Any]:
    """A function of arrays of one shape that gives an array of that shape and of the plan's dtype.

    It gets views that it cannot write to. A number stands for a constant array.
    """

    def call(*arguments: Any) -> Any:
        try:
            result = np.asarray(function(*[_read_only(each, dtype) for each in arguments]))
        except Exception as error:  # whatever a user's function may raise; it stays the cause
            raise BackendError(f"the function {name!r} that was given failed: {error}") from error
        if result.dtype.kind not in "biufc":
            raise BackendError(
                f"the function {name!r} gave no array of numbers, but one of dtype {result.dtype}",
                hint="it takes arrays and gives an array of numbers of the same shape",
            )
        if result.dtype.kind == "c" and dtype.kind != "c":
            raise BackendError(
                f"the function {name!r} gave complex numbers for real ones",
                hint="give complex arrays, or a function that stays real",
            )
        if result.shape not in (shape, ()):
            raise ShapeError(
                f"the function {name!r} gave an array of shape {result.shape} for one of shape {shape}",
                hint="it works entry by entry, and gives an array of the shape that it takes",
            )
        return np.broadcast_to(result.astype(dtype, copy=False), shape)

    return call


def _read_only(value: Any, dtype: np.dtype[Any]) -> Any:
    view = np.asarray(value, dtype).view()
    view.flags.writeable = False
    return view
