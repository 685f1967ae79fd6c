"""StructuredTensor: deltas kept apart from dense cores, as users hold it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from math import prod
from typing import Any

import numpy as np

from indicial.backends.structured import extras
from indicial.backends.structured.matrix import StructuredMatrix, as_array
from indicial.backends.structured.parts import Array
from indicial.backends.structured.structure import Structure, unstacked, whole
from indicial.errors import NotationError, ShapeError


@dataclass(slots=True, eq=False)  # as parts are
class Term:
    """A delta pattern times a core.

    deltas   the pairs of axes that are equal, by their letters: (("i", "m"),) is δ_im
    indices  the letters of the core's axes; along the others it is constant
    core     the dense numbers
    """

    deltas: tuple[tuple[str, str], ...]
    indices: tuple[str, ...]
    core: Array

    def __str__(self) -> str:
        return " ".join([*[_named("δ", pair) for pair in self.deltas], _named("core", self.indices)])

    def __repr__(self) -> str:
        return f"<Term {self} of shape {np.shape(self.core)}>"


class StructuredTensor:
    """Σ pattern · core: a tensor whose Kronecker deltas and constant axes are never written out.

    `indices` are the letters of the axes, `rank` says how many of them, from the first, are rows where the
    tensor is read as a matrix: those of a Jacobian's output, and those of a Hessian's first variable.
    """

    __array_ufunc__ = None  # NumPy's operators leave arithmetic to this class

    def __init__(self, structure: Structure, indices: tuple[str, ...]) -> None:
        self._structure, self.indices = structure, indices
        self.shape, self.dtype, self.rank = structure.shape, structure.dtype, structure.rank

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """The number of components, zeros included."""
        return prod(self.shape)

    @property
    def nbytes(self) -> int:
        """The memory that the cores take."""
        return self._structure.nbytes

    @property
    def terms(self) -> tuple[Term, ...]:
        """The summands, each a delta pattern and a core."""
        letters = self.indices
        return tuple([Term(*_lettered(p.classes, p.held, letters), p.core) for p in self._structure.parts])

    # --- as other kinds ------------------------------------------------------------------------------

    def todense(self) -> Array:
        """The dense array; raises MemoryLimitError if there is no room for it."""
        return self._structure.dense()

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        return as_array(self, dtype, copy)

    def tosparse(self) -> Any:
        """The components that the deltas leave, as a scipy.sparse.coo_array with the tensor's axes."""
        return extras.coo(*self._structure.entries(), self.shape)

    def matricize(
        self,
        order: str = "F",
        layout: str = "numerator",
        *,
        rows: Sequence[str] | None = None,
        columns: Sequence[str] | None = None,
    ) -> StructuredMatrix:
        """The matrix whose rows and columns each run over several axes.

        order    "F" stacks as vec does, the first axis fastest; "C" as NumPy's reshape, the last fastest
        layout   "numerator" has the output's axes as rows, "denominator" the variable's
        rows, columns   the letters of the axes instead; one of them says the other
        """
        if order not in ("F", "C"):
            raise NotationError(f"there is no order {order!r}", hint='the orders are "F" and "C"')
        if layout not in ("numerator", "denominator"):
            raise NotationError(
                f"there is no layout {layout!r}", hint='the layouts are "numerator" and "denominator"'
            )
        down, across = self._stacked(layout, rows, columns)
        if order == "F":  # vec over the axes (a, b) is NumPy's stacking of (b, a)
            down, across = down[::-1], across[::-1]
        return StructuredMatrix(self._structure.transposed([*down, *across], len(down)))

    def _stacked(
        self, layout: str, rows: Sequence[str] | None, columns: Sequence[str] | None
    ) -> tuple[list[int], list[int]]:
        """The axes that become rows, and those that become columns."""
        if rows is None and columns is None:
            down, across = list(range(self.rank)), list(range(self.rank, self.ndim))
            return (down, across) if layout == "numerator" else (across, down)
        down, across = self._axes(rows), self._axes(columns)
        if columns is None:
            across = [axis for axis in range(self.ndim) if axis not in down]
        elif rows is None:
            down = [axis for axis in range(self.ndim) if axis not in across]
        if sorted([*down, *across]) != list(range(self.ndim)):
            raise ShapeError(
                f"each of the axes {', '.join(self.indices)} is to be among the rows or the columns, once",
                hint=f"write rows={self.indices[: self.rank]}, columns={self.indices[self.rank :]}",
            )
        return down, across

    def _axes(self, letters: Sequence[str] | None) -> list[int]:
        for letter in letters or ():
            if letter not in self.indices:
                raise ShapeError(
                    f"there is no axis {letter!r}", hint=f"the axes are {', '.join(self.indices) or 'none'}"
                )
        return [self.indices.index(letter) for letter in letters or ()]

    def transpose(self, *indices: str) -> StructuredTensor:
        """The tensor with its axes in another order; those that come first remain as many rows."""
        axes = self._axes(indices)
        if sorted(axes) != list(range(self.ndim)):
            raise ShapeError(
                "a transpose names each axis once", hint=f"the axes are {', '.join(self.indices)}"
            )
        return StructuredTensor(self._structure.transposed(axes, self.rank), indices)

    # --- products --------------------------------------------------------------------------------------

    def contract(self, array: Any, indices: Sequence[str]) -> StructuredTensor:
        """Σ over the axes `indices` of the tensor times an array, which has an axis for each of them.

        A letter that is no axis of the tensor names a further axis of the result, behind the tensor's.
        """
        operand, letters = np.asarray(array), tuple(indices)
        axes = [self.indices.index(letter) for letter in letters if letter in self.indices]
        new = [k for k, letter in enumerate(letters) if letter not in self.indices]
        if operand.ndim != len(letters) or len(set(letters)) < len(letters):
            raise ShapeError(
                f"an array of {operand.ndim} axes is given for the indices {', '.join(letters) or 'none'}",
                hint="name each of the array's axes by a letter of its own",
            )
        old = [k for k in range(len(letters)) if k not in new]
        operand = operand.transpose([*old, *new])
        for k, axis in enumerate(axes):
            self._require_extent(operand.shape[k], axis)
        left = [letter for letter in self.indices if letter not in letters]
        result = self._structure.contracted(axes, operand)
        return StructuredTensor(result, (*left, *[letters[k] for k in new]))

    def _require_extent(self, extent: int, axis: int) -> None:
        if extent != self.shape[axis]:
            letter = self.indices[axis]
            raise ShapeError(
                f"axis {letter!r} of the tensor has {self.shape[axis]} entries, that of the array {extent}"
            )

    def matvec(self, vector: Any) -> Array:
        """Σ over the column axes times a vector: of their shape, or flat; further axes stay."""
        return _applied(self._structure, vector)

    def rmatvec(self, vector: Any) -> Array:
        """Σ over the row axes of the conjugate tensor times a vector: the adjoint of `matvec`."""
        return _applied(self._structure.adjoint(), vector)

    def solve(self, right: Any) -> Array:
        """x with matvec(x) = right, of the column axes' shape; flat where `right` is flat.

        Deltas that all terms share split the system into small ones. Raises ShapeError if it is singular.
        """
        operand, flat = unstacked(right, self._structure.rows)
        found = self._structure.solved(operand)
        return found.reshape((prod(self._structure.columns), *operand.shape[self.rank :])) if flat else found

    def linear_operator(self) -> Any:
        """The matrix of rows and columns as a scipy.sparse.linalg.LinearOperator, stacked as NumPy does."""
        return self.matricize("C").linear_operator()

    def diagonal(self) -> Array:
        """The components at which each row axis equals its column axis, of the rows' shape."""
        return self._structure.diagonal()

    def trace(self) -> Any:
        """The sum of the diagonal."""
        return self.diagonal().sum()

    def identity(self) -> StructuredTensor:
        """The identity between rows and columns: `H + 0.1 * H.identity()` is damped."""
        return StructuredTensor(self._structure.identity(), self.indices)

    # --- arithmetic --------------------------------------------------------------------------------------

    def __add__(self, other: Any) -> StructuredTensor:
        term = other._structure if isinstance(other, StructuredTensor) else whole(other, self.rank)
        return StructuredTensor(self._structure.plus(term), self.indices)

    __radd__ = __add__

    def __neg__(self) -> StructuredTensor:
        return self.__mul__(-1)

    def __sub__(self, other: Any) -> StructuredTensor:
        return self.__add__(-(other if isinstance(other, StructuredTensor) else np.asarray(other)))

    def __rsub__(self, other: Any) -> StructuredTensor:
        return (-self).__add__(other)

    def __mul__(self, factor: Any) -> StructuredTensor:
        return StructuredTensor(self._structure.times(factor), self.indices)

    __rmul__ = __mul__

    def __truediv__(self, divisor: Any) -> StructuredTensor:
        return self.__mul__(1 / divisor)

    # --- shown ---------------------------------------------------------------------------------------------

    def __str__(self) -> str:
        return " + ".join([str(term) for term in self.terms]) or "0"

    def __repr__(self) -> str:
        return f"<StructuredTensor {self} of shape {self.shape}, {self.dtype}, {self.nbytes} bytes>"

    def _repr_html_(self) -> str:
        rows = [f"<tr><td>{escape(str(t))}</td><td>{np.shape(t.core)}</td></tr>" for t in self.terms]
        dense = self.size * self.dtype.itemsize
        head = f"shape {self.shape}, {self.dtype}, {self.nbytes:,} bytes (dense {dense:,})"
        return f"<table><caption>{head}</caption><tr><th>term</th><th>core</th></tr>{''.join(rows)}</table>"


@lru_cache(maxsize=1 << 8)
def _lettered(
    classes: tuple[int, ...], held: tuple[int, ...], indices: tuple[str, ...]
) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
    """The pairs of equal axes and the axes of the core, by their letters."""
    first: dict[int, str] = {}
    for own, letter in zip(classes, indices, strict=True):
        first.setdefault(own, letter)
    pairs = zip(indices, classes, strict=True)
    deltas = tuple([(first[own], letter) for letter, own in pairs if letter != first[own]])
    return deltas, tuple([first[own] for own in held])


def _named(name: str, letters: Sequence[str]) -> str:
    if all(len(letter) == 1 for letter in letters):
        return f"{name}_{''.join(letters)}" if letters else name
    return f"{name}[{', '.join(letters)}]"


def _applied(structure: Structure, vector: Any) -> Array:
    operand, flat = unstacked(vector, structure.columns)
    found = structure.applied(operand)
    return found.reshape((prod(structure.rows), *operand.shape[len(structure.columns) :])) if flat else found
