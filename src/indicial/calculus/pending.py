"""Derivatives that have a name before they have a value: ∂(W_ij x_j)/∂W_mn.

A pending derivative is a definition whose body is *one* rule applied to what is differentiated, in terms
of the pending derivatives of its parts. An expression in which some are applied therefore has a value like
any other, and working one out is nothing but writing its body in its place.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from fractions import Fraction

from indicial.calculus.differential import Varies, bound_over, partials_of, varying
from indicial.ir.indices import Index, formals
from indicial.ir.nodes import (
    ONE,
    ZERO,
    Access,
    Add,
    Apply,
    Call,
    Definition,
    Delta,
    IndexProd,
    IndexSum,
    Mul,
    Node,
    Number,
    Operation,
    Power,
)
from indicial.ir.traversal import instantiate, postorder, substitute
from indicial.simplify.terms import exact_power


class Rule(Enum):
    """The rules by which a step follows from the one before it."""

    DEFINITION = auto()
    SUM = auto()
    PRODUCT = auto()
    POWER = auto()
    FUNCTION = auto()
    INDEX_SUM = auto()
    INDEX_PRODUCT = auto()
    OPERATOR = auto()
    COMPONENT = auto()
    INDEPENDENCE = auto()
    SINGLE = auto()
    VECTOR = auto()
    TOTAL = auto()
    INSERTION = auto()
    CONTRACTION = auto()
    DISTRIBUTION = auto()
    SIMPLIFICATION = auto()
    NAMES = auto()


@dataclass(frozen=True, slots=True)
class Reason:
    """A rule, the nodes that it speaks of, and what it takes to be constant."""

    rule: Rule
    nodes: tuple[Node, ...] = ()
    constants: tuple[Node, ...] = ()

    def renamed(self, names: dict[Index, Index]) -> Reason:
        """The reason with free indices replaced."""
        nodes = tuple([substitute(node, names) for node in self.nodes])
        return replace(
            self, nodes=nodes, constants=tuple([substitute(node, names) for node in self.constants])
        )


@dataclass(frozen=True, slots=True)
class Pending:
    """∂numerator/∂variable.

    definition  its value: a function of the numerator's free indices, then of the variable's axes
    numerator   what is differentiated, over the definition's formal indices
    reason      the rule that the value follows by, over the same indices
    held        the statements that are taken to be constant although they depend on the variable
    """

    definition: Definition
    numerator: Node
    variable: Definition | str
    rank: int
    reason: Reason
    held: tuple[Definition, ...] = ()

    @property
    def denominators(self) -> tuple[Index, ...]:
        """The formal indices that are the variable's."""
        return self.definition.formals[len(self.definition.formals) - self.rank :]


@dataclass(slots=True)
class Ledger:
    """The pending derivatives of a derivation, by their definitions."""

    entries: dict[Definition, Pending] = field(default_factory=dict)

    def enter(
        self,
        numerator: Node,
        variable: Definition | str,
        axes: tuple[Index, ...],
        value: Node,
        reason: Reason,
        held: tuple[Definition, ...] = (),
    ) -> Pending:
        """A new pending derivative, over the free indices of its numerator and the variable's axes."""
        indices = (*sorted(numerator.free), *axes)
        own = formals(tuple([index.space for index in indices]))
        names = dict(zip(indices, own, strict=True))
        definition = Definition(f"∂{len(self.entries)}", own, substitute(value, names))
        entry = self.entries[definition] = Pending(
            definition, substitute(numerator, names), variable, len(axes), reason.renamed(names), held
        )
        return entry

    def worked_out(self, root: Node, rules: Collection[Rule]) -> tuple[Node, tuple[Reason, ...]]:
        """An expression with the pending derivatives of some rules worked out, once, and the reasons."""
        reasons: dict[Reason, None] = {}
        inserted: list[Node] = []
        values: dict[Node, Node] = {}
        for node in postorder(root):
            kids = tuple([values[child] for child in node.children])
            values[node] = node.with_children(kids) if kids else node
            entry = self.entries.get(node.definition) if isinstance(node, Apply) else None
            if entry is None or entry.reason.rule not in rules:
                continue
            assert isinstance(node, Apply)
            values[node] = instantiate(entry.definition, node.indices)
            if entry.reason.rule is Rule.INSERTION:
                inserted.append(node)
            elif entry.reason.rule is Rule.COMPONENT:
                reasons.setdefault(Reason(Rule.COMPONENT, (node, values[node])))
            else:
                names = dict(zip(entry.definition.formals, node.indices, strict=True))
                reasons.setdefault(entry.reason.renamed(names))
        if inserted:
            reasons.setdefault(Reason(Rule.INSERTION, tuple(inserted)))
        return values[root], tuple(reasons)


def differentiated(
    body: Node, varies: Varies, leaf: Callable[[Node], Node], variable: Definition | str,
    axes: tuple[Index, ...], ledger: Ledger,
) -> Node:  # fmt: skip
    """∂body/∂variable, pending, and with it the derivatives of all parts of the body.

    `leaf` gives the derivative of a leaf that varies: of a component of the variable its deltas.
    """
    order = varying(body, varies)
    active = frozenset(order)
    derivatives: dict[Node, Node] = {}
    bodies: dict[Node, tuple[Node, Reason]] = {}
    for node in order:
        if node.children:
            bodies[node] = _by_rule(node, active, derivatives, bodies)
        else:
            value = leaf(node)
            if isinstance(value, Apply) and value.definition in ledger.entries:
                derivatives[node] = value
                continue
            bodies[node] = value, Reason(Rule.COMPONENT)
        entry = ledger.enter(node, variable, axes, *bodies[node])
        derivatives[node] = entry.definition(*sorted(node.free), *axes)
    return derivatives.get(body, ZERO)


def components(leaf: Node, axes: Iterable[Index]) -> Node:
    """∂X_ij/∂X_mn = δ_im δ_jn"""
    assert isinstance(leaf, (Access, Apply))
    deltas = [Delta(a, b) for a, b in zip(leaf.indices, axes, strict=True)]
    return deltas[0] if len(deltas) == 1 else Mul(tuple(deltas)) if deltas else ONE


def _by_rule(
    node: Node,
    active: Collection[Node],
    derivatives: dict[Node, Node],
    bodies: dict[Node, tuple[Node, Reason]],
) -> tuple[Node, Reason]:
    """Σ local partial · ∂child: the derivative of a node by the rule of its kind."""
    terms: list[Node] = []
    reason = _reason(node, active)
    for position, (child, rule) in enumerate(partials_of(node)):
        if child not in active:
            continue
        inner = derivatives[child]
        if isinstance(node, IndexSum) and child in bodies and child.children:  # a sum is seen through
            inner, reason = bodies[child]
        local = folded(rule())
        if local == ZERO:
            continue
        product = _product(node, local, inner, position)
        bound = bound_over(node, child)
        parts = product.terms if isinstance(node, IndexSum) and isinstance(product, Add) else (product,)
        terms.extend([IndexSum(bound, part) if bound else part for part in parts])
    return (terms[0] if len(terms) == 1 else Add(tuple(terms)) if terms else ZERO), reason


def _product(node: Node, local: Node, inner: Node, position: int) -> Node:
    """The local partial times the derivative of a child, which takes the place of the child in a product."""
    if local == ONE:
        return inner
    others = local.factors if isinstance(local, Mul) else (local,)
    if isinstance(node, Mul) and len(others) == len(node.factors) - 1:
        return Mul((*others[:position], inner, *others[position:]))
    return Mul((*others, inner))


_RULES: dict[type[Node], Rule] = {
    Add: Rule.SUM,
    Mul: Rule.PRODUCT,
    Power: Rule.POWER,
    Call: Rule.FUNCTION,
    IndexSum: Rule.INDEX_SUM,
    IndexProd: Rule.INDEX_PRODUCT,
    Operation: Rule.OPERATOR,
}


def _reason(node: Node, active: Collection[Node]) -> Reason:
    """The rule of a node, and the children that do not vary."""
    constants = [child for child in dict.fromkeys(node.children) if child not in active]
    return Reason(_RULES[type(node)], (node,), tuple(constants))


def folded(root: Node) -> Node:
    """A partial derivative with its numbers put together, 2 x^(2−1) as 2 x, all else as the rule has it."""
    values: dict[Node, Node] = {}
    for node in postorder(root):
        kids = tuple([values[child] for child in node.children])
        match node:
            case Mul():
                values[node] = _folded_product(kids)
            case Add() if all(isinstance(kid, Number) for kid in kids):
                values[node] = Number(sum([k.value for k in kids if isinstance(k, Number)], Fraction(0)))
            case Power():
                values[node] = _folded_power(*kids)
            case _:
                values[node] = node.with_children(kids) if kids else node
    return values[root]


def _folded_product(factors: tuple[Node, ...]) -> Node:
    coefficient = Fraction(1)
    others: list[Node] = []
    for factor in factors:
        if isinstance(factor, Number):
            coefficient *= factor.value
        else:
            others.append(factor)
    if not coefficient or not others:
        return Number(coefficient)
    if coefficient != 1:
        others.insert(0, Number(coefficient))
    return others[0] if len(others) == 1 else Mul(tuple(others))


def _folded_power(base: Node, exponent: Node) -> Node:
    if exponent == ONE:
        return base
    if isinstance(base, Number) and isinstance(exponent, Number):
        exact = exact_power(base.value, exponent.value)
        return Power(base, exponent) if exact is None else Number(exact)
    return Power(base, exponent)
