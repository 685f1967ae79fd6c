"""What stands for a value of a plan in the code that is written for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from indicial.backends.frame import Base
from indicial.backends.layout import Layout

Array = Any


@dataclass(frozen=True, slots=True)
class Value:
    """A value of the plan in the code: the name of an array and how it lies in memory.

    base      the prepared memory that it is a view of; None for an array made anew in each call, an
              input among them, whose layout is only expected
    constant  its array, if it is known already
    scalar    whether it is a Python number
    fresh     whether it is made anew in each call and nothing else refers to it
    """

    name: str
    layout: Layout
    dtype: np.dtype[Any]
    base: Base | None = None
    constant: Array | None = None
    scalar: bool = False
    fresh: bool = False

    @property
    def shape(self) -> tuple[int, ...]:
        """The extents of its axes."""
        return self.layout.shape


def as_array_of(function: Callable[..., Any], dtype: np.dtype[Any]) -> Callable[..., Array]:
    """The function, its result an array in the precision of the plan (masks and integers as they are)."""

    def call(*operands: Array) -> Array:
        found = np.asarray(function(*operands))
        return found if found.dtype.kind not in "fc" else found.astype(dtype, copy=False)

    return call


def restrided(array: Array, layout: Layout) -> Array:
    """A view of a constant with other axes."""
    steps = tuple([step * array.itemsize for step in layout.strides])
    return np.lib.stride_tricks.as_strided(array, layout.shape, steps, writeable=False)
