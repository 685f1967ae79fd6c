"""Σ pattern · core over axes of which the first are rows the others columns: the numbers by themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from indicial.backends.structured.parts import (
    Array,
    Part,
    Shape,
    contracted,
    diagonal,
    entries,
    merged,
    transposed,
    written,
)
from indicial.backends.structured.solve import solved
from indicial.errors import ShapeError
from indicial.planning.memory import ensure_array_fits


@dataclass(slots=True, eq=False)  # as parts are
class Structure:
    """The parts of a tensor, its shape, how many of its axes are rows, and its dtype."""

    parts: tuple[Part, ...]
    shape: Shape
    rank: int
    dtype: np.dtype[Any]

    @property
    def rows(self) -> Shape:
        """The shape of the row axes."""
        return self.shape[: self.rank]

    @property
    def columns(self) -> Shape:
        """The shape of the column axes."""
        return self.shape[self.rank :]

    @property
    def nbytes(self) -> int:
        """The memory that the cores take."""
        return sum([int(part.core.nbytes) for part in self.parts])

    def dense(self) -> Array:
        """The dense array; raises MemoryLimitError if there is no room for it."""
        ensure_array_fits(self.shape, self.dtype.itemsize)
        return written(self.parts, self.shape, self.dtype)

    def entries(self) -> tuple[list[Array], Array]:
        """The coordinates of the components that the deltas leave, and their values, of each part."""
        count = sum([prod(part.extents(self.shape)) for part in self.parts])
        ensure_array_fits((count, len(self.shape) + 1), np.dtype(np.intp).itemsize)
        found = [entries(part, self.shape) for part in self.parts]
        if not found:
            return [np.empty(0, np.intp) for _ in self.shape], np.empty(0, self.dtype)
        where = [np.concatenate(each) for each in zip(*[axes for axes, _ in found], strict=True)]
        return where, np.concatenate([values for _, values in found])

    def transposed(self, axes: Sequence[int], rank: int) -> Structure:
        """The same with its axes in another order, of which the first `rank` are rows."""
        parts = tuple([transposed(part, axes) for part in self.parts])
        return Structure(parts, tuple([self.shape[axis] for axis in axes]), rank, self.dtype)

    def adjoint(self) -> Structure:
        """Rows and columns exchanged, and complex numbers conjugate."""
        turned = self.transposed([*range(self.rank, len(self.shape)), *range(self.rank)], len(self.columns))
        parts = [Part(part.classes, part.held, part.core.conj()) for part in turned.parts]
        return Structure(tuple(parts), turned.shape, turned.rank, turned.dtype)

    def contracted(self, axes: Sequence[int], array: Array) -> Structure:
        """Σ over some axes times an array whose first axes they are; its others come behind."""
        left = [axis for axis in range(len(self.shape)) if axis not in axes]
        return Structure(
            tuple(merged([contracted(part, axes, array) for part in self.parts])),
            tuple([self.shape[axis] for axis in left]) + array.shape[len(axes) :],
            sum([axis < self.rank for axis in left]),
            np.result_type(self.dtype, array.dtype),
        )

    def applied(self, operand: Array) -> Array:
        """Σ over the columns times an array of their shape, and perhaps of further axes."""
        return self.contracted(range(self.rank, len(self.shape)), operand).dense()

    def solved(self, right: Array) -> Array:
        """x with applied(x) = right."""
        return solved(self.parts, self.shape, self.rank, right)

    def diagonal(self) -> Array:
        """The components at which each row axis equals its column axis."""
        self.require_square()
        pairs = [(axis, axis + self.rank) for axis in range(self.rank)]
        return written([diagonal(p, pairs, range(self.rank)) for p in self.parts], self.rows, self.dtype)

    def identity(self) -> Structure:
        """1 where each row axis equals its column axis, 0 elsewhere."""
        self.require_square()
        part = Part((*range(self.rank), *range(self.rank)), (), np.ones((), self.dtype))
        return Structure((part,), self.shape, self.rank, self.dtype)

    def require_square(self) -> None:
        """Raise ShapeError unless the row axes have the extents of the column axes."""
        if self.rows != self.columns:
            raise ShapeError(
                f"rows of shape {self.rows} and columns of shape {self.columns} have no common diagonal",
                hint="name rows and columns of equal extents: matricize(rows=…, columns=…)",
            )

    def plus(self, other: Structure) -> Structure:
        """The sum with another of the same shape."""
        if other.shape != self.shape:
            raise ShapeError(f"tensors of the shapes {self.shape} and {other.shape} cannot be added")
        parts = tuple(merged([*self.parts, *other.parts]))
        return Structure(parts, self.shape, self.rank, np.result_type(self.dtype, other.dtype))

    def times(self, factor: Any) -> Structure:
        """The product with a number."""
        if not isinstance(factor, (int, float, complex, np.number)):
            raise ShapeError(
                f"a structured tensor is multiplied by a number, not by a {type(factor).__name__}",
                hint="contract it with an array: matvec(x), contract(A, indices=…)",
            )
        parts = tuple([Part(part.classes, part.held, np.asarray(part.core * factor)) for part in self.parts])
        return Structure(parts, self.shape, self.rank, np.result_type(self.dtype, factor))


def whole(array: Any, rank: int) -> Structure:
    """A dense array as a structure of one part."""
    core = np.asarray(array)
    axes = tuple(range(core.ndim))
    return Structure((Part(axes, axes, core),), core.shape, rank, core.dtype)


def unstacked(given: Any, shape: Shape) -> tuple[Array, bool]:
    """An array with the axes of `shape` first, and whether it was given with them as one, flat axis."""
    array = np.asarray(given)
    if array.shape[: len(shape)] == shape and (shape or array.shape[:1] != (1,)):
        return array, False
    if array.ndim and array.shape[0] == prod(shape):
        return array.reshape((*shape, *array.shape[1:])), True
    raise ShapeError(
        f"an array of shape {array.shape} does not fit: {shape} is needed, or {prod(shape)} entries in a row"
    )
