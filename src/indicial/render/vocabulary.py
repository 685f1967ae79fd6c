"""What a notation must be able to write; the rules of where and when are the same for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Protocol

from indicial.ir.indices import Space
from indicial.render.pieces import Level, Piece

Written = tuple[str, Level]
_CHUNK = 10**4000  # Python refuses to write longer integers at once
_DECIMALS = 12


class Vocabulary(Protocol):
    """The signs of a notation.

    `fraction_bars`: a numerator is a scope of its own, as it is in `\\frac{a}{b}`.
    """

    fraction_bars: bool

    def tensor(self, name: str, letters: Sequence[str]) -> str: ...
    def delta(self, letters: Sequence[str]) -> str: ...
    def epsilon(self, letters: Sequence[str]) -> str: ...
    def ones(self, letters: Sequence[str]) -> str: ...
    def extent(self, space: Space) -> str | None: ...
    def constant(self, name: str) -> str: ...
    def position(self, letter: str) -> str: ...
    def group(self, text: str) -> str: ...
    def power(self, base: str, exponent: Piece) -> str: ...
    def root(self, text: str) -> str: ...
    def call(self, function: str, arguments: Sequence[str]) -> str: ...
    def abstract(self, function: str, orders: Sequence[int], arguments: Sequence[str]) -> str: ...
    def derivative(self, body: str, denominators: Sequence[str]) -> str: ...
    def comparison(self, left: str, relation: str, right: str) -> str: ...
    def iverson(self, comparison: str) -> str: ...
    def operation(self, operator: str, letters: Sequence[str], arguments: Sequence[str]) -> str: ...
    def reduction(self, operator: str, letters: Sequence[str], body: Piece) -> Written: ...
    def quotient(
        self, coefficient: Fraction, factors: Sequence[Piece], divisors: Sequence[Piece]
    ) -> Written: ...


def signed(piece: Piece) -> str:
    """The whole text of a piece, its sign included."""
    return f"-{piece.text}" if piece.negative else piece.text


def digits(value: int) -> str:
    """A natural number in decimal figures, however long."""
    chunks = []
    while value >= _CHUNK:
        value, low = divmod(value, _CHUNK)
        chunks.append(str(low).zfill(4000))
    return "".join([str(value), *reversed(chunks)])


def split(value: Fraction) -> tuple[str, str]:
    """A positive rational as numerator and denominator; 8943/200000 is 0.044715 above 1."""
    top, bottom = value.numerator, value.denominator
    if 100 < bottom < 10**_DECIMALS and bottom % 5 == 0:
        for places in range(1, _DECIMALS + 1):
            if 10**places % bottom == 0:
                figures = digits(top * 10**places // bottom).zfill(places + 1)
                return f"{figures[:-places]}.{figures[-places:]}", "1"
    return digits(top), digits(bottom)
