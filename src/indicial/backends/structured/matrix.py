"""StructuredMatrix: a structured tensor with its row axes stacked into rows, its column axes into columns."""

from __future__ import annotations

from html import escape
from math import prod
from typing import Any

import numpy as np

from indicial.backends.structured import extras
from indicial.backends.structured.parts import Array
from indicial.backends.structured.structure import Structure, unstacked, whole


class StructuredMatrix:
    """A matrix that keeps the deltas of a tensor apart; vectors are flat, or the columns of an array."""

    __array_ufunc__ = None  # NumPy's operators leave arithmetic to this class

    def __init__(self, structure: Structure) -> None:
        self._structure = structure
        self.shape = (prod(structure.rows), prod(structure.columns))
        self.dtype, self.nbytes, self.ndim = structure.dtype, structure.nbytes, 2

    @property
    def T(self) -> StructuredMatrix:  # noqa: N802 — NumPy's name
        """The transpose."""
        own = self._structure
        count = len(own.shape)
        return StructuredMatrix(own.transposed([*range(own.rank, count), *range(own.rank)], count - own.rank))

    def todense(self) -> Array:
        """The dense array."""
        return self._structure.dense().reshape(self.shape)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        return as_array(self, dtype, copy)

    def tosparse(self) -> Any:
        """The components that the deltas leave, as a scipy.sparse.coo_array."""
        coordinates, values = self._structure.entries()
        rank = self._structure.rank
        rows = _stacked(coordinates[:rank], self._structure.rows, len(values))
        columns = _stacked(coordinates[rank:], self._structure.columns, len(values))
        return extras.coo((rows, columns), values, self.shape)

    def matvec(self, vector: Any) -> Array:
        """The product with a vector, or with several as columns."""
        return self._flat(self._structure, vector)

    def rmatvec(self, vector: Any) -> Array:
        """The product of the adjoint with a vector, or with several as columns."""
        return self._flat(self._structure.adjoint(), vector)

    __matmul__ = matvec

    def _flat(self, structure: Structure, vector: Any) -> Array:
        operand = _columns(vector, structure.columns)
        return structure.applied(operand).reshape((prod(structure.rows), *np.shape(vector)[1:]))

    def solve(self, right: Any) -> Array:
        """x with self @ x = right, by the blocks that the deltas leave."""
        operand = _columns(right, self._structure.rows)
        return self._structure.solved(operand).reshape((self.shape[1], *np.shape(right)[1:]))

    def linear_operator(self) -> Any:
        """A scipy.sparse.linalg.LinearOperator."""
        return extras.operator(self.shape, self.dtype, self.matvec, self.rmatvec)

    def diagonal(self) -> Array:
        """The diagonal, where rows and columns are stacked alike."""
        return self._structure.diagonal().reshape(-1)

    def trace(self) -> Any:
        """The sum of the diagonal."""
        return self.diagonal().sum()

    def identity(self) -> StructuredMatrix:
        """The identity of the same rows and columns."""
        return StructuredMatrix(self._structure.identity())

    def __add__(self, other: Any) -> StructuredMatrix:
        own = self._structure
        if isinstance(other, StructuredMatrix):
            return StructuredMatrix(own.plus(other._structure))
        dense = np.asarray(other)
        fits = dense.shape == self.shape
        return StructuredMatrix(own.plus(whole(dense.reshape(own.shape) if fits else dense, own.rank)))

    __radd__ = __add__

    def __sub__(self, other: Any) -> StructuredMatrix:
        return self.__add__(-(other if isinstance(other, StructuredMatrix) else np.asarray(other)))

    def __rsub__(self, other: Any) -> StructuredMatrix:
        return (-self).__add__(other)

    def __mul__(self, factor: Any) -> StructuredMatrix:
        return StructuredMatrix(self._structure.times(factor))

    __rmul__ = __mul__

    def __truediv__(self, divisor: Any) -> StructuredMatrix:
        return self.__mul__(1 / divisor)

    def __neg__(self) -> StructuredMatrix:
        return self.__mul__(-1)

    def __repr__(self) -> str:
        return f"<StructuredMatrix of shape {self.shape}, {self.dtype}, {self.nbytes} bytes>"

    def _repr_html_(self) -> str:
        return f"<code>{escape(repr(self))}</code>"


def as_array(tensor: Any, dtype: Any, copy: bool | None) -> Array:
    """What NumPy asks of `__array__`."""
    if copy is False:
        raise ValueError("the dense array of a structured tensor is always a copy")
    dense = tensor.todense()
    return dense if dtype is None else dense.astype(dtype, copy=False)


def _columns(vector: Any, shape: tuple[int, ...]) -> Array:
    flat = np.asarray(vector)
    operand, _ = unstacked(flat if flat.ndim else flat.reshape(1), (prod(shape),))
    return operand.reshape((*shape, *operand.shape[1:]))


def _stacked(coordinates: list[Array], shape: tuple[int, ...], count: int) -> Array:
    if not shape:
        return np.zeros(count, np.intp)
    return np.ravel_multi_index(coordinates, shape)
