"""d body = Σ_leaf Σ_dummies (∂body/∂leaf) · d leaf: the differential of one body, from either end.

    pulled   top down   what each leaf receives of a seed at the body: Σ seed · ∂body/∂leaf
    pushed   bottom up  what the body is when each leaf is replaced by its tangent: Σ ∂body/∂leaf · d leaf

Either is one sweep, and a seed moves through it node by node, so that no product of partials is ever
formed ahead of it. Per node kind there is one rule, the partial by each child. Down: what a node hands on
is what it received times the partial, summed over the indices that the child does not have (the transpose
of broadcasting). Up: the partial times the child's tangent, summed over the node's dummies.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial

from indicial.ir.functions import FUNCTIONS
from indicial.ir.indices import Index, fresh
from indicial.ir.nodes import (
    ONE,
    Abstract,
    Access,
    Add,
    Apply,
    Call,
    Compare,
    IndexProd,
    IndexSum,
    Mul,
    Node,
    Operation,
    Position,
    Power,
)
from indicial.ir.operators import OPERATORS
from indicial.ir.traversal import postorder, substitute

Varies = Callable[[Node], bool]
Partials = Iterator[tuple[Node, Callable[[], Node]]]  # each child, and how to make the partial by it


def varying(body: Node, varies: Varies) -> list[Node]:
    """The nodes of a body that depend on a leaf (Access or Apply) for which `varies` holds, leaves first."""
    active: dict[Node, None] = {}
    for node in postorder(body):
        if isinstance(node, (Access, Apply)):
            if varies(node):
                active[node] = None
        elif not isinstance(node, Compare) and any(child in active for child in node.children):
            active[node] = None
    return list(active)


def pulled(body: Node, order: Sequence[Node], seed: Node, kept: Collection[Index]) -> dict[Node, Node]:
    """What each varying leaf receives of a seed at the body, unsimplified.

    `order` is what `varying` gives, and `kept` are the seed's own indices, which are never summed.
    """
    active = frozenset(order)
    spare = tuple(sorted(seed.free - body.free - frozenset(kept)))
    received: dict[Node, list[Node]] = {body: [IndexSum(spare, seed) if spare else seed]}
    result: dict[Node, Node] = {}
    for node in reversed(order):
        contributions = received.pop(node, [])
        if not contributions:
            continue  # it is reached through a condition only
        own = contributions[0] if len(contributions) == 1 else Add(tuple(contributions))
        if not node.children:
            result[node] = own
            continue
        for child, rule in partials_of(node):
            if child not in active:
                continue
            local = rule()
            scope = node.free.union(bound_over(node, child))
            part = own if local == ONE else local if own == ONE else Mul((own, local))
            spare = tuple(sorted((scope | part.free) - child.free - frozenset(kept)))
            received.setdefault(child, []).append(IndexSum(spare, part) if spare else part)
    return result


def pushed(body: Node, order: Sequence[Node], tangent: Callable[[Node], Node]) -> Node:
    """The tangent of a body, given those of its varying leaves, unsimplified; `order` is as for `pulled`."""
    active = frozenset(order)
    tangents: dict[Node, Node] = {}
    for node in order:
        if not node.children:
            tangents[node] = tangent(node)
            continue
        parts: list[Node] = []
        for child, rule in partials_of(node):
            if child in active:
                local = rule()
                part = tangents[child] if local == ONE else Mul((local, tangents[child]))
                bound = bound_over(node, child)
                parts.append(IndexSum(bound, part) if bound else part)
        tangents[node] = parts[0] if len(parts) == 1 else Add(tuple(parts))
    return tangents[body]


def partials_of(node: Node) -> Partials:
    """Each child of a node, and how to make the partial derivative of the node by it."""
    return _RULES[type(node)](node)


def bound_over(node: Node, child: Node) -> tuple[Index, ...]:
    """The dummies of a node that a child of it may have: not all, if an operator has several arguments."""
    if isinstance(node, Operation):
        return OPERATORS[node.operator].held(node.arguments.index(child), node.indices)
    return node.bound


def _of_sum(node: Add) -> Partials:
    for term in node.terms:
        yield term, lambda: ONE


def _of_product(node: Mul) -> Partials:
    for position, factor in enumerate(node.factors):
        others = node.factors[:position] + node.factors[position + 1 :]
        yield factor, partial(Mul, others)


def _of_power(node: Power) -> Partials:
    base, exponent = node.base, node.exponent
    yield base, lambda: exponent * Power(base, exponent - 1)
    yield exponent, lambda: node * Call("log", (base,))


def _of_call(node: Call) -> Partials:
    row = FUNCTIONS[node.function]
    for argument, rule in zip(node.arguments[row.parameters :], row.partials, strict=True):
        yield argument, partial(rule, *node.arguments)


def _of_abstract(node: Abstract) -> Partials:
    for position, argument in enumerate(node.arguments):
        orders = list(node.orders)
        orders[position] += 1
        yield argument, partial(Abstract, node.function, tuple(orders), node.arguments)


def _of_index_sum(node: IndexSum) -> Partials:
    yield node.body, lambda: ONE


def _of_index_product(node: IndexProd) -> Partials:
    yield node.body, partial(_all_but_one, node.indices, node.body)


def _of_argument(node: Operation, position: int) -> Node:
    return OPERATORS[node.operator].partials(node)[position]


def _of_operation(node: Operation) -> Partials:
    for position, argument in enumerate(node.arguments):
        yield argument, partial(_of_argument, node, position)


_RULES: dict[type[Node], Callable[..., Partials]] = {
    Add: _of_sum,
    Mul: _of_product,
    Power: _of_power,
    Call: _of_call,
    Abstract: _of_abstract,
    IndexSum: _of_index_sum,
    IndexProd: _of_index_product,
    Operation: _of_operation,
}


def _all_but_one(indices: tuple[Index, ...], body: Node) -> Node:
    """Π_{k ≠ i} body_k: the derivative of a product by its factor i, without dividing by it."""
    others = tuple([fresh(index.space) for index in indices])
    factor = substitute(body, dict(zip(indices, others, strict=True)))
    spared: Node = ONE
    for index, other in zip(indices, others, strict=True):
        same = Compare("==", Position(index), Position(other))
        spared = Call("where", (same, spared, factor))
    return IndexProd(others, spared)
