"""The values of the operators over indices, with NumPy: stable, and with a word where there is none.

A function takes the operands, their bound axes last and the other axes before them, and the number of
bound axes; its result has the axes that the operator keeps last.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from math import prod, sqrt
from typing import Any

import numpy as np

from indicial.errors import ShapeError


def _axes(array: Any, count: int) -> tuple[int, ...]:
    return tuple(range(array.ndim - count, array.ndim))


def largest(x: Any, count: int) -> Any:
    """max x"""
    _need_entries(x, count, "max")
    return np.max(x, axis=_axes(x, count))


def least(x: Any, count: int) -> Any:
    """min x"""
    _need_entries(x, count, "min")
    return np.min(x, axis=_axes(x, count))


def _need_entries(x: Any, count: int, name: str) -> None:
    if x.size == 0 and 0 in x.shape[x.ndim - count :]:
        reason = f"{name} over an axis of extent 0 has no value"
        raise ShapeError(reason, hint="give the axis one entry or more")


def _shifted(x: Any, count: int) -> tuple[Any, Any]:
    """x less its largest (real) part along the bound axes, and that part."""
    top = np.max(x.real, axis=_axes(x, count), keepdims=True, initial=-np.inf)
    top = np.where(np.isfinite(top), top, 0)
    return x - top, top


def log_sum_exp(x: Any, count: int) -> Any:
    """log Σ exp x without overflow."""
    shifted, top = _shifted(x, count)
    total = np.log(np.sum(np.exp(shifted), axis=_axes(x, count)))
    return total + top.reshape(total.shape)


def soft_max(x: Any, count: int) -> Any:
    """exp x / Σ exp x without overflow."""
    weights = np.exp(_shifted(x, count)[0])
    return weights / np.sum(weights, axis=_axes(x, count), keepdims=True)


def log_soft_max(x: Any, count: int) -> Any:
    """x − log Σ exp x without overflow."""
    shifted, _ = _shifted(x, count)
    return shifted - np.log(np.sum(np.exp(shifted), axis=_axes(x, count), keepdims=True))


def euclidean(x: Any, count: int) -> Any:
    """√Σx² without overflow."""
    axes = _axes(x, count)
    size = np.max(np.abs(x), axis=axes, keepdims=True, initial=0)
    size = np.where((size > 0) & np.isfinite(size), size, 1)
    total = np.sqrt(np.sum(np.square(x / size), axis=axes))
    return total * size.reshape(total.shape)


def running_sum(x: Any, count: int) -> Any:
    """Σ_{k≤i} x_k"""
    del count  # one axis, by the table
    return np.cumsum(x, axis=-1)


class MatrixError(ShapeError):
    """An operator cannot take a matrix: its place along the other indices, if it has any, and its fault.

    It is `called` what the user calls it, or "computed from" what that is.
    """

    def __init__(self, place: tuple[int, ...], fault: str, called: str = "") -> None:
        at = f" at [{', '.join(map(str, place))}] along the other indices" if place else ""
        own = f" {called}" if called else ""
        super().__init__(
            f"the matrix{own}{at} {fault}", hint="check the matrix, or add a small multiple of δ to it"
        )
        self.place, self.fault, self.called = place, fault, called

    def of(self, called: str) -> MatrixError:
        """The same for a matrix that has a name."""
        return MatrixError(self.place, self.fault, called)

    def moved(self, axis: int, by: int) -> MatrixError:
        """The same for a matrix that stands so many places further along an axis."""
        place = [at + by * (k == axis) for k, at in enumerate(self.place)]
        return MatrixError(tuple(place), self.fault, self.called)


def matrices(function: Callable[..., Any], fault: str) -> Callable[..., Any]:
    """A function of matrices; where NumPy gives up on one, an error that says which and why."""

    def value(*arguments: Any) -> Any:
        try:
            return function(*arguments)
        except np.linalg.LinAlgError as error:
            raise MatrixError(_which(function, *arguments), fault) from error

    return value


def _which(function: Callable[..., Any], *arguments: Any) -> tuple[int, ...]:
    """The place of the first matrix that the function cannot take."""
    *arrays, count = arguments
    lead = arrays[0].shape[:-2]
    for place in np.ndindex(*lead) if lead else ():
        try:
            function(*[each[place] for each in arrays], count)
        except np.linalg.LinAlgError:
            return place
    return ()


_CLOSED = 3  # rows up to which many matrices are inverted in closed form, all at once
_MANY = 24  # matrices
_FEW = 1 << 10  # entries
TAME = 1e3  # the size of a matrix times that of its inverse, up to which it has one in closed form


def _in_closed_form(x: Any) -> bool:
    return bool(1 <= x.shape[-1] <= _CLOSED and prod(x.shape[:-2]) >= _MANY)


def _entries(x: Any) -> Any:
    """The matrices' entries x[i][j], each contiguous over the whole batch."""
    return np.ascontiguousarray(np.moveaxis(x, (-2, -1), (0, 1)))


def _cofactors(x: Any) -> Any:
    """The cofactors of matrices of at most three rows, rows and columns in front."""
    n = x.shape[0]
    if n == 1:
        return np.ones_like(x)
    if n == 2:
        return np.stack([np.stack([x[1, 1], -x[1, 0]]), np.stack([-x[0, 1], x[0, 0]])])
    around = np.empty((5, 5, *x.shape[2:]), x.dtype)  # rows and columns once more behind the last ones
    around[:3, :3], around[3:, :3] = x, x[:2]
    around[:, 3:] = around[:, :2]
    found = around[1:4, 1:4] * around[2:, 2:]
    found -= around[1:4, 2:] * around[2:, 1:4]
    return found


def _small_determinant(x: Any) -> Any:
    x = _entries(x)
    if x.shape[0] == 1:
        return x[0, 0].copy()
    if x.shape[0] == 2:
        return x[0, 0] * x[1, 1] - x[0, 1] * x[1, 0]
    total = x[0, 0] * (x[1, 1] * x[2, 2] - x[1, 2] * x[2, 1])
    total -= x[0, 1] * (x[1, 0] * x[2, 2] - x[1, 2] * x[2, 0])
    total += x[0, 2] * (x[1, 0] * x[2, 1] - x[1, 1] * x[2, 0])
    return total


def _small_inverse(x: Any) -> Any:
    """The adjugates over the determinants; None if some of them could lose too many digits by that."""
    found = _cofactors(_entries(x))
    first = _entries(x[..., 0, :, None])[:, 0]
    found /= np.sum(first * found[0], axis=0)
    return np.moveaxis(found, (0, 1), (-1, -2)) if is_tame(x, found) else None


def is_tame(x: Any, found: Any) -> bool:
    """Whether matrices of up to three rows are far from singular, by their sizes and their inverses'.

    The closed form loses the square of a condition number, and at the ends of the range all.
    """
    end = end_of(x.dtype)
    if x.size <= _FEW and x.dtype.kind == "f":  # squares take one call, and are no smaller
        size, other = np.vdot(x, x), np.vdot(found, found)
        if end < size and end * size < 1 and size * other <= TAME**2:
            return True
    size, other = _size(x), _size(found)
    return bool(end < size and end * size < 1 and size * other <= TAME)


@lru_cache(maxsize=8)
def end_of(dtype: Any) -> float:
    """So far from the ends of the range no product of four numbers leaves it."""
    smallest: float = np.finfo(dtype).tiny.item()
    return sqrt(sqrt(smallest))


def _size(x: Any) -> Any:
    """The largest entry, by its size; NaN if there is one."""
    if x.dtype.kind == "c":
        return np.max(np.abs(x), initial=0)
    return max(np.maximum.reduce(x, None, initial=0), -np.minimum.reduce(x, None, initial=0))


def inverse(x: Any, count: int) -> Any:
    """A⁻¹; a matrix of which not one digit of the inverse would be right counts as singular.

    Σ_j |A⁻¹_ij| |A_ji| is what 1 = Σ_j A⁻¹_ij A_ji cancels from; it does not see the scales of rows
    and columns, so that a matrix of very large and very small entries is not refused.
    """
    del count
    found = _small_inverse(x) if _in_closed_form(x) else None
    if found is not None:
        return found
    found = np.linalg.inv(x)
    lost = np.sum(np.abs(found) * np.abs(np.swapaxes(x, -1, -2)), axis=-1)
    if np.any(lost * np.finfo(x.dtype).eps > 1):
        raise np.linalg.LinAlgError
    return found


def adjugate(x: Any, count: int) -> Any:
    """From A = U Σ V*: adj A = det(U V*) V diag(Π_{r≠k} σ_r) U*, which a zero σ does not spoil.

    A complex matrix, perhaps one with a tiny imaginary part for a derivative, has det · inv if it can.
    """
    del count
    if 1 <= x.shape[-1] <= _CLOSED:
        return np.moveaxis(_cofactors(_entries(x)), (0, 1), (-1, -2))
    if x.dtype.kind == "c" and np.all(np.linalg.det(x) != 0):
        return np.linalg.det(x)[..., None, None] * np.linalg.inv(x)
    known = np.all(np.isfinite(x), axis=(-2, -1), keepdims=True)
    u, s, vh = np.linalg.svd(np.where(known, x, 0))
    size = s.shape[-1]
    others = [np.prod(np.delete(s, k, axis=-1), axis=-1) for k in range(size)]
    minors = np.stack(others, axis=-1) if size else s
    sign = np.linalg.det(u) * np.linalg.det(vh)
    v, uh = np.conj(np.swapaxes(vh, -1, -2)), np.conj(np.swapaxes(u, -1, -2))
    found = sign[..., None, None] * np.matmul(v * minors[..., None, :], uh)
    return np.where(known, found, np.nan)


def determinant(x: Any, count: int) -> Any:
    """det A"""
    del count
    if _in_closed_form(x):
        return _small_determinant(x)
    return np.linalg.det(x)


def log_abs_det(x: Any, count: int) -> Any:
    """log |det A|; of a complex A the analytic function that is this where A is real."""
    del count
    sign, size = np.linalg.slogdet(x)
    if x.dtype.kind == "c":
        return np.log(np.where(sign.real < 0, -sign, sign)) + size
    return size


def cholesky(x: Any, count: int) -> Any:
    """The factor of the symmetric part; of a complex matrix L with L Lᵀ = A, which is analytic."""
    del count
    symmetric = (x + np.swapaxes(x, -1, -2)) / 2
    return _complex_factor(symmetric) if x.dtype.kind == "c" else np.linalg.cholesky(symmetric)


def _complex_factor(x: Any) -> Any:
    """L_ij = (A_ij − Σ_k L_ik L_jk) / L_jj, a column after another."""
    factor = np.zeros_like(x)
    for j in range(x.shape[-1]):
        row = factor[..., j, :j]
        rest = x[..., j:, j] - np.sum(factor[..., j:, :j] * row[..., None, :], axis=-1)
        if np.any(rest[..., 0] == 0):
            raise np.linalg.LinAlgError
        factor[..., j:, j] = rest / np.sqrt(rest[..., :1])
    return factor


def solution(a: Any, b: Any, count: int) -> Any:
    """x with A x = b; a matrix with which not one digit would be right counts as singular.

    As for the inverse: Σ_j |A_ij| |x_j| is what b_i cancels from.
    """
    del count
    small = _small_inverse(a) if _in_closed_form(a) else None
    if small is not None:
        return np.matmul(small, b[..., None])[..., 0]
    found = np.linalg.solve(a, b[..., None])[..., 0]
    lost = np.matmul(np.abs(a), np.abs(found)[..., None])[..., 0]
    size = np.max(np.abs(b), axis=-1, initial=0)
    if np.any(np.max(lost, axis=-1, initial=0) * np.finfo(a.dtype).eps > size):
        raise np.linalg.LinAlgError
    return found
