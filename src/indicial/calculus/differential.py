"""d body = Σ_leaf Σ_dummies coefficient · d leaf: the differential of one definition.

One sweep from the body to its leaves gives the coefficient of every leaf that may vary; forward and
reverse accumulation both read it. Per node kind there is one rule: what a node hands on to a child is
its own coefficient times the local partial, summed over the indices that the child does not have
(the transpose of broadcasting).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial

from indicial.ir.functions import FUNCTIONS
from indicial.ir.indices import Index, fresh
from indicial.ir.nodes import (
    ONE,
    Access,
    Add,
    Apply,
    Call,
    Compare,
    Definition,
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
Differential = Mapping[Node, Node]
Partials = Iterator[tuple[Node, Callable[[], Node]]]  # each child, and how to make the partial by it


def differential(definition: Definition, varies: Varies) -> Differential:
    """The coefficient of each leaf (an Access or Apply) for which `varies` holds, unsimplified."""
    order = postorder(definition.body)
    active = varying(order, varies)
    formals = frozenset(definition.formals)
    received: dict[Node, list[Node]] = {definition.body: [ONE]}
    result: dict[Node, Node] = {}
    for node in reversed(order):
        contributions = received.pop(node, [])
        if node not in active or not contributions:
            continue
        own = contributions[0] if len(contributions) == 1 else Add(tuple(contributions))
        if not node.children:
            result[node] = own
            continue
        for child, rule in partials_of(node):
            if child not in active:
                continue
            local = rule()
            scope = node.free.union(bound_over(node, child))
            coefficient = own if local == ONE else local if own == ONE else Mul((own, local))
            spare = (scope | coefficient.free) - child.free - formals
            if spare:
                coefficient = IndexSum(tuple(sorted(spare)), coefficient)
            received.setdefault(child, []).append(coefficient)
    return result


def varying(order: Iterable[Node], varies: Varies) -> set[Node]:
    """Of nodes in postorder those that depend on a leaf that varies."""
    active: set[Node] = set()
    for node in order:
        if isinstance(node, (Access, Apply)):
            if varies(node):
                active.add(node)
        elif not isinstance(node, Compare) and any(child in active for child in node.children):
            active.add(node)
    return active


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
