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

from indicial.ir import operator_values as values
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
    """adj_mn inv_ji − adj_mi inv_jn, of a regular A: of a singular one `inv` says so."""
    (m, n), (i, j) = node.at, node.indices
    both = Mul((node, operation("inv", node, j, i)))
    crossed = Mul((MINUS_ONE, operation("adj", node, m, i), operation("inv", node, j, n)))
    return (Add((both, crossed)),)


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


_row("max", _extremum, values.largest, holomorphic=False)
_row("min", _extremum, values.least, holomorphic=False)
_row("logsumexp", _logsumexp, values.log_sum_exp)
_row("norm", _norm, values.euclidean)
_row("softmax", _softmax, values.soft_max, keeps=None)
_row("log_softmax", _log_softmax, values.log_soft_max, keeps=None)
_row("cumsum", _cumsum, values.running_sum, arity=1, keeps=None)
_row("det", _det, values.determinant, arity=2)
_row("logdet", _logdet, values.log_abs_det, arity=2)
_row("inv", _inv, values.matrices(values.inverse, "is singular, so it has no inverse"), arity=2, keeps=None)
_row("adj", _adj, values.adjugate, arity=2, keeps=None)
_row(
    "chol", _chol, values.matrices(values.cholesky, "is not positive definite, so it has no Cholesky factor"),
    arity=2, keeps=None,
)  # fmt: skip
_row(
    "solve", _solve, values.matrices(values.solution, "is singular, so the system has no one solution"),
    arity=2, keeps=(0,), holds=(None, (1,)),
)  # fmt: skip
