"""Numbers as exact rationals, within bounds that keep every text small."""

from __future__ import annotations

from fractions import Fraction

from indicial.errors import ParseError, Span
from indicial.syntax.names import normal

_MAX_EXPONENT = 400  # of a power of ten
_MAX_DIGITS = 1000


def read_number(written: str, place: Span) -> Fraction:
    """The exact value of a numeral."""
    mantissa, _, exponent = written.lower().replace("−", "-").replace("–", "-").partition("e")
    if len(mantissa) > _MAX_DIGITS:
        raise _too_long(len(mantissa), place)
    if len(exponent) > 9 or abs(int(exponent or "0")) > _MAX_EXPONENT:
        raise ParseError(
            f"the power of ten in {written[:40]} is out of range",
            span=place,
            hint=f"numbers are exact, with powers of ten from −{_MAX_EXPONENT} to {_MAX_EXPONENT}",
        )
    return Fraction(mantissa.rstrip(".")) * Fraction(10) ** int(exponent or "0")


def read_power(written: str, place: Span) -> Fraction:
    """The number that `²`, `⁻¹`, `^2` or `^{ 2 }` raises to."""
    digits = normal(written.strip("^{} \t")).replace("−", "-").replace("+", "")
    if len(digits) > _MAX_DIGITS:
        raise _too_long(len(digits), place)
    return Fraction(digits)


def _too_long(digits: int, place: Span) -> ParseError:
    return ParseError(
        f"a number of {digits} digits",
        span=place,
        hint=f"numbers are exact and have at most {_MAX_DIGITS} digits; pass longer ones as inputs",
    )
