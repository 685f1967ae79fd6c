"""Roots of numbers and of π in one product as people write them: √½ / √π is 1 / √(2 π)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from indicial.ir.nodes import HALF, Constant, Mul, Node, Number, Power

_PI = Constant("pi")
_Radicand = tuple[Fraction, int]  # a number, and the exponent of π


def joined_roots(above: Sequence[Node], below: Sequence[Node]) -> tuple[list[Node], list[Node]] | None:
    """Factors and divisors with one such root among either at most; None if they are as they should be."""
    found = [_radicand(factor) for factor in above]
    under = [_radicand(factor) for factor in below]
    number, pi = Fraction(1), 0
    for radicand in found:
        if radicand is not None:
            number, pi = number * radicand[0], pi + radicand[1]
    for radicand in under:
        if radicand is not None:
            number, pi = number / radicand[0], pi - radicand[1]
    if abs(pi) > 1 or all(radicand is None for radicand in (*found, *under)):
        return None
    top = [factor for factor, radicand in zip(above, found, strict=True) if radicand is None]
    bottom = [factor for factor, radicand in zip(below, under, strict=True) if radicand is None]
    return (
        [*top, *_root(number.numerator, pi > 0)],
        [*bottom, *_root(number.denominator, pi < 0)],
    )


def _radicand(factor: Node) -> _Radicand | None:
    """What a factor is the square root of, if that is a positive number, π or a multiple of π."""
    match factor:
        case Power(Number(value), exponent) if exponent == HALF and value > 0:
            return value, 0
        case Power(Constant("pi"), exponent) if exponent == HALF:
            return Fraction(1), 1
        case Power(Mul((Number(value), Constant("pi"))), exponent) if exponent == HALF and value > 0:
            return value, 1
    return None


def _root(number: int, with_pi: bool) -> list[Node]:
    factors: list[Node] = [Number(Fraction(number))] if number != 1 else []
    factors += [_PI] * with_pi
    if not factors:
        return []
    return [Power(factors[0] if len(factors) == 1 else Mul(tuple(factors)), HALF)]
