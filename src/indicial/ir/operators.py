"""The table of operators over named indices: value and derivative, one row each.

An operator takes an array along its bound axes and gives a number (`max`, `det`), or an array over the
same axes (`softmax`, `inv`), of which `at` reads a component. All other axes are batch axes. The rule of
a row gives the partial derivative of the component by each argument, in closed form.

Sources: Giles, Collected matrix derivative results (2008); Murray, Differentiation of the Cholesky
decomposition (2016); Petersen and Pedersen, The Matrix Cookbook, §2.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from indicial.errors import ShapeError
from indicial.ir.indices import Index, fresh
from indicial.ir.nodes import (
    HALF,
    MINUS_ONE,
    ZERO,
    Add,
    Compare,
    Delta,
    IndexSum,
    Mul,
    Node,
    Operation,
    Position,
    Power,
)
from indicial.ir.traversal import substitute

Partials = Callable[[Operation], tuple[Node, ...]]  # by each argument, over its own bound indices


@dataclass(frozen=True, slots=True)
class Operator:
    """A row of the table.

    partials  the derivative of a component by each argument's component
    value     NumPy's part: from the arguments, bound axes last, to the result, its axes last
    arity     the number of bound indices; None for any
    keeps     which bound indices the result has, as positions; None for all of them
    holds     for each argument, which bound indices it has, as positions; None for all of them
    holomorphic  whether the complex-step derivative applies
    """

    name: str
    partials: Partials
    value: Callable[..., Any]
    arity: int | None = None
    keeps: tuple[int, ...] | None = ()
    holds: tuple[tuple[int, ...] | None, ...] = (None,)
    holomorphic: bool = True

    @property
    def reduces(self) -> bool:
        """Whether the indices are gone behind the operator."""
        return self.keeps == ()

    def kept(self, indices: tuple[Any, ...]) -> tuple[Any, ...]:
        """Of the bound indices those that the result has."""
        return indices if self.keeps is None else tuple([indices[k] for k in self.keeps])

    def held(self, argument: int, indices: tuple[Any, ...]) -> tuple[Any, ...]:
        """Of the bound indices those that are axes of an argument."""
        positions = self.holds[argument]
        return indices if positions is None else tuple([indices[k] for k in positions])


OPERATORS: dict[str, Operator] = {}


def _row(name: str, partials: Partials, value: Callable[..., Any], **more: Any) -> None:
    OPERATORS[name] = Operator(name, partials, value, **more)


def operation(name: str, like: Operation, *at: Index, arguments: tuple[Node, ...] | None = None) -> Operation:
    """Another operator on the arguments of an operation, its bound indices named anew, read at `at`."""
    names = {index: fresh(index.space) for index in like.indices}
    own = tuple([substitute(each, names) for each in (arguments or like.arguments)])
    return Operation(name, tuple(names.values()), own, at)


# --- derivatives -------------------------------------------------------------------------------------


def _extremum(node: Operation) -> tuple[Node, ...]:
    """[x_j = max] / how many reach it: a tie is shared equally."""
    reached = Compare("==", node.arguments[0], node)
    return (Mul((reached, Power(IndexSum(node.indices, reached), MINUS_ONE))),)


def _logsumexp(node: Operation) -> tuple[Node, ...]:
    return (operation("softmax", node, *node.indices),)


def _softmax(node: Operation) -> tuple[Node, ...]:
    """p_i (δ_ij − p_j)"""
    there = operation("softmax", node, *node.indices)
    return (Mul((node, Add((_same(node), Mul((MINUS_ONE, there)))))),)


def _log_softmax(node: Operation) -> tuple[Node, ...]:
    """δ_ij − p_j"""
    return (Add((_same(node), Mul((MINUS_ONE, operation("softmax", node, *node.indices))))),)


def _same(node: Operation) -> Node:
    """δ between the component that is read and the one that is moved."""
    deltas = [Delta(here, there) for here, there in zip(node.at, node.indices, strict=True)]
    return deltas[0] if len(deltas) == 1 else Mul(tuple(deltas))


def _cumsum(node: Operation) -> tuple[Node, ...]:
    """[j ≤ i]"""
    (here,), (there,) = node.at, node.indices
    return (Compare("<=", Position(there), Position(here)),)


def _norm(node: Operation) -> tuple[Node, ...]:
    """x_j / |x|, and 0 where x = 0."""
    return (Mul((Compare(">", node, ZERO), node.arguments[0], Power(node, MINUS_ONE))),)


def _det(node: Operation) -> tuple[Node, ...]:
    """∂det/∂A_ij = adj_ji, for a singular A as well."""
    i, j = node.indices
    return (operation("adj", node, j, i),)


def _logdet(node: Operation) -> tuple[Node, ...]:
    i, j = node.indices
    return (operation("inv", node, j, i),)


def _inv(node: Operation) -> tuple[Node, ...]:
    """−inv_mi inv_jn"""
    (m, n), (i, j) = node.at, node.indices
    return (Mul((MINUS_ONE, operation("inv", node, m, i), operation("inv", node, j, n))),)


def _adj(node: Operation) -> tuple[Node, ...]:
    """(adj_mn adj_ji − adj_mi adj_jn) / det"""
    (m, n), (i, j) = node.at, node.indices
    both = Mul((node, operation("adj", node, j, i)))
    crossed = Mul((MINUS_ONE, operation("adj", node, m, i), operation("adj", node, j, n)))
    return (Mul((Add((both, crossed)), Power(operation("det", node), MINUS_ONE))),)


def _chol(node: Operation) -> tuple[Node, ...]:
    """L_mk Φ_kn L⁻¹_ki L⁻¹_nj, symmetrised in i, j; Φ is 1 below the diagonal and ½ on it."""
    (m, n), (i, j) = node.at, node.indices
    k = fresh(i.space)
    factor = operation("chol", node, i, j)
    lower = Operation("chol", factor.indices, factor.arguments, (i, j))
    half = Add((Compare("<", Position(n), Position(k)), Mul((HALF, Compare("==", Position(n), Position(k))))))

    def inverse(row: Index, column: Index) -> Node:
        names = {i: fresh(i.space), j: fresh(j.space)}
        return Operation("inv", tuple(names.values()), (substitute(lower, names),), (row, column))

    def one(first: Index, second: Index) -> Node:
        return Mul((operation("chol", node, m, k), half, inverse(k, first), inverse(n, second)))

    return (Mul((HALF, IndexSum((k,), Add((one(i, j), one(j, i)))))),)


def _solve(node: Operation) -> tuple[Node, ...]:
    """By A_ij: −inv_mi x_j; by b_i: inv_mi."""
    (m,), (i, j) = node.at, node.indices
    inverse = operation("inv", node, m, i, arguments=node.arguments[:1])
    return Mul((MINUS_ONE, inverse, operation("solve", node, j))), operation(
        "inv", node, m, j, arguments=node.arguments[:1]
    )


# --- values: bound axes last -------------------------------------------------------------------------


def _axes(array: Any, count: int) -> tuple[int, ...]:
    return tuple(range(array.ndim - count, array.ndim))


def _reducing(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x, count: function(x, axis=_axes(x, count))


def _log_sum_exp(x: Any, count: int) -> Any:
    if x.dtype.kind == "c":
        return np.log(np.sum(np.exp(x), axis=_axes(x, count)))
    top = np.max(x, axis=_axes(x, count), keepdims=True)
    top = np.where(np.isfinite(top), top, 0)
    total = np.log(np.sum(np.exp(x - top), axis=_axes(x, count)))
    return total + top.reshape(total.shape)


def _soft_max(x: Any, count: int) -> Any:
    axes = _axes(x, count)
    weights = np.exp(x - np.max(x.real, axis=axes, keepdims=True))
    return weights / np.sum(weights, axis=axes, keepdims=True)


def _log_soft_max(x: Any, count: int) -> Any:
    axes = _axes(x, count)
    shifted = x - np.max(x.real, axis=axes, keepdims=True)
    return shifted - np.log(np.sum(np.exp(shifted), axis=axes, keepdims=True))


def _euclidean(x: Any, count: int) -> Any:
    """√Σx² without overflow."""
    axes = _axes(x, count)
    size = np.max(np.abs(x), axis=axes, keepdims=True, initial=0)
    size = np.where((size > 0) & np.isfinite(size), size, 1)
    total = np.sqrt(np.sum(np.square(x / size), axis=axes))
    return total * size.reshape(total.shape)


def _running_sum(x: Any, count: int) -> Any:
    del count  # one axis, by the table
    return np.cumsum(x, axis=-1)


def _singular(function: Callable[..., Any], what: str) -> Callable[..., Any]:
    def value(*arguments: Any) -> Any:
        try:
            return function(*arguments)
        except np.linalg.LinAlgError as error:
            raise ShapeError(what, hint="check the matrix, or add a small multiple of δ to it") from error

    return value


def _inverse(x: Any, count: int) -> Any:
    del count
    return np.linalg.inv(x)


def _adjugate(x: Any, count: int) -> Any:
    """From A = U Σ V*: adj A = det(U V*) V diag(Π_{r≠k} σ_r) U*, which a zero σ does not spoil."""
    del count
    u, s, vh = np.linalg.svd(x)
    size = s.shape[-1]
    others = [np.prod(np.delete(s, k, axis=-1), axis=-1) for k in range(size)]
    minors = np.stack(others, axis=-1) if size else s
    sign = np.linalg.det(u) * np.linalg.det(vh)
    v, uh = np.conj(np.swapaxes(vh, -1, -2)), np.conj(np.swapaxes(u, -1, -2))
    return sign[..., None, None] * np.matmul(v * minors[..., None, :], uh)


def _log_abs_det(x: Any, count: int) -> Any:
    del count
    if x.dtype.kind == "c":
        return np.log(np.linalg.det(x))
    return np.linalg.slogdet(x)[1]


def _cholesky(x: Any, count: int) -> Any:
    del count
    return np.linalg.cholesky((x + np.swapaxes(x, -1, -2)) / 2)


def _solution(a: Any, b: Any, count: int) -> Any:
    del count
    return np.linalg.solve(a, b[..., None])[..., 0]


_row("max", _extremum, _reducing(np.max), holomorphic=False)
_row("min", _extremum, _reducing(np.min), holomorphic=False)
_row("logsumexp", _logsumexp, _log_sum_exp)
_row("norm", _norm, _euclidean)
_row("softmax", _softmax, _soft_max, keeps=None)
_row("log_softmax", _log_softmax, _log_soft_max, keeps=None)
_row("cumsum", _cumsum, _running_sum, arity=1, keeps=None)
_row("det", _det, lambda x, count: np.linalg.det(x), arity=2)
_row("logdet", _logdet, _log_abs_det, arity=2)
_row("inv", _inv, _singular(_inverse, "a matrix is singular, so it has no inverse"), arity=2, keeps=None)
_row("adj", _adj, _adjugate, arity=2, keeps=None)
_row(
    "chol", _chol, _singular(_cholesky, "a matrix is not positive definite, so it has no Cholesky factor"),
    arity=2, holomorphic=False, keeps=None,
)  # fmt: skip
_row(
    "solve", _solve, _singular(_solution, "a matrix is singular, so the system has no one solution"),
    arity=2, keeps=(0,), holds=(None, (1,)),
)  # fmt: skip
