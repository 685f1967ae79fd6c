"""Rational numbers as people write them: 3/2, 0.044715, 6.02e23."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache

_CHUNK = 10**4000  # Python refuses to write longer integers at once
_DECIMALS = 330  # places at most: those of the smallest float
_FIGURES = 15  # of a decimal at most
_FEW = 4  # figures of a decimal that stands for tenths to hundredths
_BAR = 2  # characters that a fraction bar is worth
_ZEROS = 4  # in front of the figures, or behind them, from which there is a power of ten


def digits(value: int) -> str:
    """A natural number in decimal figures, however long."""
    chunks = []
    while value >= _CHUNK:
        value, low = divmod(value, _CHUNK)
        chunks.append(str(low).zfill(4000))
    return "".join([str(value), *reversed(chunks)])


@lru_cache(maxsize=1 << 10)
def split(value: Fraction) -> tuple[str, str]:
    """A positive rational as numerator and denominator; 8943/200000 is 0.044715 above 1."""
    top, bottom = value.numerator, value.denominator
    if bottom == 1:
        return _rounded(digits(top)), "1"
    if 10 <= bottom < 10**_DECIMALS and bottom % 5 == 0:
        places = next((k for k in range(1, _DECIMALS + 1) if 10**k % bottom == 0), 0)
        figures = digits(top * 10**places // bottom)
        if places and len(figures) <= (_FIGURES if bottom > 100 else _FEW):
            return _decimal(figures, places), "1"
    return digits(top), digits(bottom)


def _decimal(figures: str, places: int) -> str:
    """The figures of a number with so many of them behind the point."""
    if places - len(figures) >= _ZEROS:
        return _with_power(figures, -places)
    figures = figures.zfill(places + 1)
    return f"{figures[:-places]}.{figures[-places:]}"


def _rounded(figures: str) -> str:
    """A whole number; one that ends in many zeros as a power of ten."""
    own = figures.rstrip("0")
    zeros = len(figures) - len(own)
    return _with_power(own, zeros) if zeros > 2 * _ZEROS and zeros > len(own) else figures


def _with_power(figures: str, exponent: int) -> str:
    """6.02e23"""
    whole, part = figures[0], figures[1:].rstrip("0")
    return f"{whole}{'.' * bool(part)}{part}e{exponent + len(figures) - 1}"


def length(values: Sequence[Fraction]) -> int:
    """How much there is to read of some coefficients."""
    written = [split(abs(value)) for value in values if abs(value) != 1]
    return sum([len(top) + (len(bottom) + _BAR if bottom != "1" else 0) for top, bottom in written])
