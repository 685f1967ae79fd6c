"""Sums multiplied out where terms then cancel: p (y − 1) + (1 − p) y is y − p.

The canonical form leaves products of sums as they are, and numbers are computed from that; for a reader
what cancels is worked out, if what is left is shorter.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from indicial.ir.nodes import ONE, Add, IndexSum, Mul, Node, Number, Power
from indicial.simplify.canonical import Simplifier
from indicial.simplify.sums import collect, collected
from indicial.simplify.terms import Term, factors_in, scaled, summands, term_of

_LARGEST = 400  # the size of a sum beyond which it is left as it is
_TERMS = 48  # the number of terms beyond which a sum is not multiplied out
_POWER = 3  # the highest power of a sum that is multiplied out


def _products(node: Add) -> bool:
    """Whether some term of a sum has a sum among its factors."""
    return any(_wide(factor) for _, monomial in summands(node) for factor in factors_in(monomial))


def _wide(factor: Node) -> bool:
    if isinstance(factor, Power):
        return isinstance(factor.base, Add) and factor.exponent in (Number(Fraction(2)), Number(Fraction(3)))
    return isinstance(factor, Add)


def collapsed(node: Add, simplify: Simplifier) -> Node | None:
    """A sum multiplied out, in canonical form, if terms cancel or merge in it; None if none do."""
    if node.size > _LARGEST or not _products(node):
        return None
    total: dict[Node, Fraction] = {}
    count = 0
    for coefficient, monomial in summands(node):
        for part in _multiplied(term_of(scaled(coefficient, monomial))):
            count += 1
            if count > _TERMS:
                return None
            collect(total, simplify(part))
    merged = sum([1 for value in total.values() if value]) < count
    return collected(total) if merged else None


def _multiplied(term: Term) -> Iterator[Node]:
    """The products that a product of sums is when it is multiplied out."""
    parts: list[list[Node]] = [[Number(term.coefficient)]]
    for base, exponent in term.factors.items():
        times = exponent.value if isinstance(exponent, Number) else Fraction(0)
        if isinstance(base, Add) and times.denominator == 1 and 0 < times <= _POWER:
            choices = [scaled(own, monomial) for own, monomial in summands(base)]
            for _ in range(int(times)):
                parts = [[*part, choice] for part in parts for choice in choices]
                if len(parts) > _TERMS:
                    break
        else:
            factor = base if exponent == ONE else Power(base, exponent)
            parts = [[*part, factor] for part in parts]
    for part in parts:
        product = Mul(tuple(part))
        yield IndexSum(tuple(term.dummies), product) if term.dummies else product
