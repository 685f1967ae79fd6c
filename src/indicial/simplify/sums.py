"""Sums of like terms: q (t + t + …), and products of factors in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import gcd

from indicial.ir.nodes import ONE, ZERO, Add, Apply, Delta, Mul, Node
from indicial.simplify.terms import scaled, summands

_SMALL = 1000  # how many times larger than the number in a sum another coefficient is, …
_APART = 10**6  # … and without a number the largest than the smallest


def joined(factors: list[Node]) -> Node:
    """The product of canonical factors, sorted."""
    if len(factors) == 1:
        return factors[0]
    return Mul(tuple(sorted(factors, key=lambda factor: factor.digest))) if factors else ONE


def collect(total: dict[Node, Fraction], node: Node) -> None:
    """Add the terms of a canonical node to a sum of like terms."""
    for coefficient, monomial in summands(node):
        total[monomial] = total.get(monomial, Fraction(0)) + coefficient


def collected(total: Mapping[Node, Fraction]) -> Node:
    """The sum of like terms: q (t + t + …) with integer coefficients that share no factor."""
    parts = [(monomial, c) for monomial, c in total.items() if c]
    if not parts:
        return ZERO
    if len(parts) == 1:
        return scaled(parts[0][1], parts[0][0])
    content = _content(parts)
    terms = [scaled(c / content, monomial) for monomial, c in parts]
    return scaled(content, Add(tuple(sorted(terms, key=lambda term: term.digest))))


def _content(parts: Sequence[tuple[Node, Fraction]]) -> Fraction:
    """The rational that leaves coprime integers: most of them positive; of as many the leading one.

    Where the largest is far larger than another, it leaves 1 of it, and so v + 1e-8 as it stands: integers
    of that size, squared, overflow in float32.
    """
    top, bottom = 0, 1
    for _, value in parts:
        top = gcd(top, value.numerator)
        bottom = bottom * value.denominator // gcd(bottom, value.denominator)
    sizes = {monomial: abs(value) for monomial, value in parts}
    least, largest = sizes.get(ONE, min(sizes.values())), max(sizes.values())
    size = largest if largest >= (_SMALL if ONE in sizes else _APART) * least else Fraction(top, bottom)
    surplus = sum([1 if value > 0 else -1 for _, value in parts])
    leading = max(parts, key=_prominence)[1]
    return size * (1 if (surplus, leading) > (0, 0) else -1)


def _prominence(part: tuple[Node, Fraction]) -> tuple[int, int, bool, str, bytes]:
    """Which term of a difference stands first: a number (1 − y), a delta, the shorter, the computed, the
    later in the alphabet."""
    node = part[0]
    lead = 2 if node == ONE else int(isinstance(node, Delta))
    return lead, -node.size, isinstance(node, Apply), getattr(node, "tensor", ""), node.digest
