"""d body = Σ_leaf Σ_dummies coefficient · d leaf: the differential of one definition.

One sweep from the body to its leaves gives the coefficient of every leaf that may vary; forward and
reverse accumulation both read it. Per node kind there is one rule: what a node hands on to a child is
its own coefficient times the local partial, summed over the indices that the child does not have
(the transpose of broadcasting).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from indicial.ir.functions import FUNCTIONS
from indicial.ir.indices import Index, fresh
from indicial.ir.nodes import (
    MINUS_ONE,
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
    Position,
    Power,
)
from indicial.ir.traversal import postorder, substitute

Varies = Callable[[Node], bool]
Differential = Mapping[Node, Node]


def differential(definition: Definition, varies: Varies) -> Differential:
    """The coefficient of each leaf (an Access or Apply) for which `varies` holds, unsimplified."""
    order = postorder(definition.body)
    active: set[Node] = set()
    for node in order:
        if isinstance(node, (Access, Apply)):
            if varies(node):
                active.add(node)
        elif not isinstance(node, Compare) and any(child in active for child in node.children):
            active.add(node)
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
        for child, partial in partials(node, active):
            scope = node.free.union(node.indices if isinstance(node, (IndexSum, IndexProd)) else ())
            coefficient = own if partial == ONE else partial if own == ONE else Mul((own, partial))
            spare = (scope | coefficient.free) - child.free - formals
            if spare:
                coefficient = IndexSum(tuple(sorted(spare)), coefficient)
            received.setdefault(child, []).append(coefficient)
    return result


def partials(node: Node, active: set[Node]) -> Iterator[tuple[Node, Node]]:
    """Each active child with the partial derivative of the node by it."""
    match node:
        case Add(terms):
            for term in terms:
                if term in active:
                    yield term, ONE
        case Mul(factors):
            for position, factor in enumerate(factors):
                if factor in active:
                    others = factors[:position] + factors[position + 1 :]
                    yield factor, Mul(others)
        case Power(base, exponent):
            if base in active:
                yield base, Mul((exponent, Power(base, Add((exponent, MINUS_ONE)))))
            if exponent in active:
                yield exponent, Mul((node, Call("log", (base,))))
        case Call(function, arguments):
            row = FUNCTIONS[function]
            for argument, partial in zip(arguments[row.parameters :], row.partials, strict=True):
                if argument in active:
                    yield argument, partial(*arguments)
        case IndexSum(_, body):
            yield body, ONE
        case IndexProd(indices, body):
            yield body, _all_but_one(indices, body)


def _all_but_one(indices: tuple[Index, ...], body: Node) -> Node:
    """Π_{k ≠ i} body_k: the derivative of a product by its factor i, without dividing by it."""
    others = tuple([fresh(index.space) for index in indices])
    factor = substitute(body, dict(zip(indices, others, strict=True)))
    spared: Node = ONE
    for index, other in zip(indices, others, strict=True):
        same = Compare("==", Position(index), Position(other))
        spared = Call("where", (same, spared, factor))
    return IndexProd(others, spared)
