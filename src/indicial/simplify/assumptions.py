"""What may be assumed of tensors: what a `tensor` line declares, and symmetries that are proved.

    A_ji = A_ij,  −A_ij         symmetric, antisymmetric: the indices stand in their canonical order
    S_ij = X_ki X_kj            the same for what is computed, and for the inverse and the adjugate of such a
                                matrix (see `indicial.simplify.symmetries`)
    A_ij = δ_ij A_ii            diagonal
    |x| = x,  log x² = 2 log x  positive

A derivative does not know of them: it is taken by every component for itself, and what follows from a
declaration is put in afterwards (see `indicial.calculus.structure`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from indicial.ir.indices import Index
from indicial.ir.nodes import (
    MINUS_ONE,
    ONE,
    ZERO,
    Access,
    Add,
    Apply,
    Call,
    Compare,
    Constant,
    Delta,
    IndexProd,
    Mul,
    Node,
    Number,
    Operation,
    Power,
)
from indicial.ir.properties import Properties
from indicial.ir.traversal import Stackless, postorder
from indicial.simplify.rules import index_order
from indicial.simplify.symmetries import Simplify, Symmetries

_NONE = Properties()
_POSITIVE_FUNCTIONS = ("exp", "cosh", "sigmoid", "softplus")


class Assumptions:
    """The declared properties and the symmetries found, as the simplifier asks for them."""

    def __init__(self, properties: Mapping[str, Properties], symmetries: Symmetries | None) -> None:
        self.properties, self.symmetries = properties, symmetries
        self.any = bool(properties) or symmetries is not None
        self.known_positive: dict[Node, bool] = {}
        self.any_positive = any(each.positive for each in self.properties.values())
        self.any_diagonal = any(each.diagonal for each in self.properties.values())

    def of(self, node: Node) -> Properties:
        """The properties of the tensor, result or inverse that a node reads a component of."""
        match node:
            case Access(tensor, _):
                return self.properties.get(tensor, _NONE)
            case Apply(definition, _) if definition.name in self.properties:
                return self.properties[definition.name]
        return self.symmetries.of(node) if self.symmetries is not None else _NONE

    def study(self, node: Node, simplify: Simplify) -> Stackless[None]:
        """Find out what `of` is to say of a node."""
        if self.symmetries is not None:
            yield self.symmetries.study(node, simplify, self.of)

    def in_order(self, node: Node, slots: Sequence[Index], key: Callable[[Index], Any]) -> Sequence[Index]:
        """What stands in the places of a node's indices, sorted where their order does not matter."""
        if not self.any:
            return slots
        return self.of(node).arranged(slots, key)[1]

    def leaf(self, node: Node) -> Node:
        """A component with its indices in canonical order; off the diagonal of a diagonal tensor zero."""
        known, own = self.of(node), node.indices_here
        sign, indices = known.arranged(own, index_order)
        if not sign:
            return ZERO
        deltas: list[Node] = []
        if known.diagonal:
            first, *others = sorted(set(indices), key=index_order)
            deltas = [Delta(first, other) for other in others]
            indices = (first,) * len(indices)
        same = indices == own and not deltas
        component = node if same else _read(node, indices)
        return _product([*deltas, component] if sign > 0 else [MINUS_ONE, *deltas, component])

    # --- positive -------------------------------------------------------------------------------------

    def positive(self, root: Node) -> bool:
        """Whether every component of a node is known to be greater than zero."""
        if not self.any_positive:
            return False
        known = self.known_positive
        for node in postorder(root, below=lambda node: [c for c in node.children if c not in known]):
            known[node] = self._positive(node, [known[child] for child in node.children])
        return known[root]

    def _positive(self, node: Node, below: Sequence[bool]) -> bool:
        match node:
            case Number(value):
                return value > 0
            case Constant():
                return True
            case Access():
                return self.of(node).positive
            case Add() | Mul() | IndexProd():
                return all(below)
            case Power():
                return below[0]
            case Call(function, _):
                return function in _POSITIVE_FUNCTIONS
        return False

    def call(self, node: Node) -> Node:
        """|x| = x, sign x = 1, log x² = 2 log x, max(x, 0) = x, [x > 0] = 1 of what is positive."""
        match node:
            case Call("abs" | "relu", (only,)) if self.positive(only):
                return only
            case Call("sign" | "step", (only,)) if self.positive(only):
                return ONE
            case Call("max" | "min" as name, (first, second)) if first == ZERO and self.positive(second):
                return second if name == "max" else ZERO
            case Call("log", (Power(base, exponent),)) if self.positive(base):
                return Mul((exponent, Call("log", (base,))))
            case Compare(relation, left, right) if right == ZERO and self.positive(left):
                return ONE if relation in (">", ">=", "!=") else ZERO
        return node

    def roots(self, base: Node, power: Fraction) -> tuple[list[tuple[Node, Fraction]], Node]:
        """(x^a y)^p = x^(a p) y^p for a positive x: the powers that can be taken out, and what is left."""
        taken: list[tuple[Node, Fraction]] = []
        left: list[Node] = []
        for factor in base.factors if isinstance(base, Mul) else (base,):
            inner, exponent = (factor.base, factor.exponent) if isinstance(factor, Power) else (factor, ONE)
            if isinstance(exponent, Number) and not isinstance(factor, Number) and self.positive(inner):
                taken.append((inner, exponent.value * power))
            else:
                left.append(factor)
        return taken, _product(left)


def _read(node: Node, indices: tuple[Index, ...]) -> Node:
    """The component of the same tensor at other indices."""
    match node:
        case Access(tensor, _):
            return Access(tensor, indices)
        case Apply(definition, _):
            return Apply(definition, indices)
        case Operation(operator, dummies, arguments, _):
            return Operation(operator, dummies, arguments, indices)
    raise AssertionError(node)


def _product(factors: Sequence[Node]) -> Node:
    """The product as it stands, no product for one factor."""
    if not factors:
        return ONE
    return factors[0] if len(factors) == 1 else Mul(tuple(factors))
