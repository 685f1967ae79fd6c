"""A cut of a plan: its steps, run for one slice after the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from indicial.ir.operator_values import MatrixError

Array = Any
Run = Callable[..., list[Array]]


class Slices:
    """A cut as one function of what it reads and of the memory for what it writes.

    run, rest  the functions for a slice and for the last, shorter one
    reads      for each operand the axis along which it is cut; None if a slice reads it whole
    writes     the same for each result; None if slices add to it
    place      the axis of matrices that is cut, where errors name the place of one
    """

    def __init__(
        self,
        runs: tuple[Run, Run | None],
        extent: int,
        rows: int,
        reads: Sequence[int | None],
        writes: Sequence[int | None],
        place: int | None = None,
    ) -> None:
        self.run, self.rest = runs
        self.extent, self.rows = extent, rows
        self.reads, self.writes, self.place = tuple(reads), tuple(writes), place

    def __call__(self, operands: Sequence[Array], results: Sequence[Array]) -> None:
        """Write all results, slice by slice."""
        for low in range(0, self.extent, self.rows):
            high = min(low + self.rows, self.extent)
            run = self.run if high - low == self.rows or self.rest is None else self.rest
            try:
                made = run([_part(a, axis, low, high) for a, axis in zip(operands, self.reads, strict=True)])
            except MatrixError as error:
                raise error if self.place is None else error.moved(self.place, low) from error
            for result, axis, part in zip(results, self.writes, made, strict=True):
                if axis is None and low:
                    np.add(result, part, result)
                else:
                    _part(result, axis, low, high)[...] = part
            made = []  # its memory is free for the next slice


def _part(array: Array, axis: int | None, low: int, high: int) -> Array:
    """A slice along an axis, as a view; the whole array where there is none."""
    return array if axis is None else array[(*(slice(None),) * axis, slice(low, high))]
