"""Binders closed: what was opened on the way down gets canonical numbers for its dummies.

Several orders of the dummies may remain to choose from; the one whose closed form comes first is taken.
"""

from __future__ import annotations

from fractions import Fraction

from indicial.ir.indices import Index
from indicial.ir.nodes import ONE, Extent, IndexProd, IndexSum, Mul, Node, Operation, Power
from indicial.ir.traversal import Stackless, opened, substitute
from indicial.simplify.labels import Order, labellings
from indicial.simplify.sums import joined
from indicial.simplify.terms import Simplify, scaled, split_coefficient


def components(
    nodes: list[Node], dummies: list[Index]
) -> tuple[list[Node], list[tuple[list[Node], list[Index]]]]:
    """Factors without a dummy, and the groups of factors that dummies tie together."""
    group: dict[Index, int] = {index: k for k, index in enumerate(dummies)}
    members: dict[int, list[Index]] = {k: [index] for index, k in group.items()}
    for node in nodes:
        own = [index for index in node.free if index in group]
        for index in own[1:]:
            first, second = group[own[0]], group[index]
            if first != second:
                small, large = sorted((first, second), key=lambda k: len(members[k]))
                for moved in members[small]:
                    group[moved] = large
                members[large].extend(members.pop(small))
    plain: list[Node] = []
    factors: dict[int, list[Node]] = {k: [] for k in members}
    for node in nodes:
        tie = next((group[i] for i in node.free if i in group), None)
        (plain if tie is None else factors[tie]).append(node)
    position = {index: k for k, index in enumerate(dummies)}
    return plain, [(factors[k], sorted(own, key=position.__getitem__)) for k, own in members.items()]


def closed_sum(
    factors: list[Node], dummies: list[Index], simplify: Simplify, in_order: Order
) -> Stackless[tuple[Fraction, Node]]:
    """A connected sum with its canonical dummies, and the number that closing it brought out."""
    below = max(factor.height for factor in factors)
    best: tuple[list[bytes], Fraction, Node] | None = None
    for order in labellings(factors, dummies, in_order):
        final = {old: Index(-(below + 1 + k), old.space) for k, old in enumerate(order)}
        coefficient, nodes = Fraction(1), []
        for factor in factors:
            number, node = split_coefficient((yield simplify(substitute(factor, final))))
            coefficient *= number
            nodes.append(node)
        key = sorted([node.digest for node in nodes])
        if best is None or key < best[0]:
            best = key, coefficient, IndexSum(tuple(final.values()), joined(nodes))
        elif key == best[0] and coefficient == -best[1]:
            return Fraction(0), ONE  # equal to its own negative: ε with a symmetric factor
    assert best is not None
    return best[1:]


def closed_product(node: IndexProd, simplify: Simplify, in_order: Order) -> Stackless[Node]:
    """Π over indices with its canonical dummies; one that the body lacks raises it to its extent."""
    dummies, (body,) = opened(node)
    body = yield simplify(body)
    exponent: Node = ONE
    for index in dummies:
        if index not in body.free:
            exponent = Mul((exponent, Extent(index.space)))
    present = [index for index in dummies if index in body.free]
    result: Node = body
    if present:
        candidates = []
        for order in labellings([body], present, in_order):
            final = {old: Index(-(body.height + 1 + k), old.space) for k, old in enumerate(order)}
            inner = yield simplify(substitute(body, final))
            candidates.append(IndexProd(tuple(final.values()), inner))
        result = min(candidates, key=lambda candidate: candidate.body.digest)
    if exponent != ONE:
        result = yield simplify(Power(result, exponent))
    return result


def closed_operation(node: Operation, simplify: Simplify) -> Stackless[Operation]:
    """An operator over indices with its canonical dummies."""
    dummies, arguments = opened(node)
    values: list[Node] = []
    for argument in arguments:
        values.append((yield simplify(argument)))
    below = max(value.height for value in values)
    final = {old: Index(-(below + 1 + k), old.space) for k, old in enumerate(dummies)}
    closed: list[Node] = []
    for value in values:
        closed.append((yield simplify(substitute(value, final))))
    if node.operator == "norm":
        coefficient, rest = split_coefficient(closed[0])
        closed = [scaled(abs(coefficient), rest)]
    return Operation(node.operator, tuple(final.values()), tuple(closed), node.at)
