"""Pairs that are counted both ways: [i < m] e + [m < i] e is [i ≠ m] e."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from indicial.ir.indices import Index
from indicial.ir.nodes import Compare, IndexSum, Node, Position
from indicial.ir.traversal import Stackless
from indicial.simplify.sums import collect, collected, joined
from indicial.simplify.terms import Simplify, factors_in, scaled

_Rest = tuple[tuple[Index, ...], frozenset[Node]]


def merged(total: dict[Node, Fraction], simplify: Simplify) -> Stackless[Node]:
    """The sum of like terms, also of those that differ by the order of two indices only."""
    while (pair := both_ways(total)) is not None:
        one, other, together = pair
        coefficient = total.pop(one)
        del total[other]
        collect(total, scaled(coefficient, (yield simplify(together))))
    return collected(total)


def both_ways(total: Mapping[Node, Fraction]) -> tuple[Node, Node, Node] | None:
    """Two terms of a sum that differ by the order of two indices, and what both are together; else None."""
    known: dict[tuple[Compare, _Rest, Fraction], Node] = {}
    for monomial in sorted([node for node in total if _brackets(node)], key=lambda node: node.digest):
        for bracket in _brackets(monomial):
            rest = _apart(monomial, bracket)
            opposite = Compare("<", bracket.right, bracket.left)
            other = known.get((opposite, rest, total[monomial]))
            if other is not None:
                return monomial, other, _under(rest, bracket)
            known[bracket, rest, total[monomial]] = monomial
    return None


def _brackets(monomial: Node) -> list[Compare]:
    """The factors [i < m] of a term."""
    factors = factors_in(monomial.body if isinstance(monomial, IndexSum) else monomial)
    return [each for each in factors if isinstance(each, Compare) and _is_order(each)]


def _is_order(bracket: Compare) -> bool:
    return bracket.relation == "<" and all(isinstance(side, Position) for side in bracket.children)


def _apart(monomial: Node, bracket: Compare) -> _Rest:
    """A term without one of its factors: its dummies, and the other factors."""
    if isinstance(monomial, IndexSum):
        return monomial.indices, frozenset(factors_in(monomial.body)) - {bracket}
    return (), frozenset(factors_in(monomial)) - {bracket}


def _under(rest: _Rest, bracket: Compare) -> Node:
    sides = sorted((bracket.left, bracket.right), key=lambda side: side.digest)
    dummies, factors = rest
    product = joined([Compare("!=", *sides), *factors])
    return IndexSum(dummies, product) if dummies else product
