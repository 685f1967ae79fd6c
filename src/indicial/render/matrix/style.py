"""The signs that matrix notation is written with, and what holds a text together."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from fractions import Fraction
from functools import cache

from indicial.ir.functions import FUNCTIONS
from indicial.render.latex import tensor_name
from indicial.render.matrix.form import MATRIX, SCALAR, Shape

_EXTENT = re.compile(r"dim\((.+), (\d+)\)")
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


class Level(IntEnum):
    """What holds a text together, from the tightest bond to the loosest."""

    ATOM = 0
    POSTFIX = 1
    ENTRIES = 2
    PRODUCT = 3
    KRONECKER = 4
    SUM = 5


@dataclass(frozen=True, slots=True)
class Written:
    """A text without its sign."""

    text: str
    level: Level = Level.ATOM
    negative: bool = False

    @property
    def signed(self) -> str:
        """The whole text."""
        return f"-{self.text}" if self.negative else self.text

    def within(self, level: Level) -> str:
        """The text as part of another, in brackets if it is looser than `level`."""
        return f"({self.signed})" if self.level > level or self.negative else self.text


@dataclass(frozen=True, slots=True)
class Style:
    """The signs of one way to write, here of the language that is read.

    words      what words of the language are called
    transpose  the sign behind what is turned, by the number of which the shorter of two ways is found
    bars       whether a bar divides, above and below which no brackets are needed
    """

    times: str = "*"
    entry_times: str = " .* "
    entry_over: str = " ./ "
    transpose: str = "'"
    words: tuple[tuple[str, str], ...] = ()
    bars: bool = False

    def name(self, name: str) -> str:
        """A tensor's name."""
        return self.word(name)

    def word(self, word: str) -> str:
        """What a word of the language is called."""
        return dict(self.words).get(word, word)

    def transposes(self, text: str) -> int:
        """How many signs of transposes are in a text, those of inverses aside."""
        return text.count(self.transpose)

    def transposed(self, base: Written) -> Written:
        """Xᵀ"""
        return Written(base.within(Level.POSTFIX) + self.transpose, Level.POSTFIX)

    def inverse(self, base: Written, turned: bool) -> Written:
        """X⁻¹, or X⁻ᵀ"""
        plain = f"inv({base.signed})"
        return Written(plain + self.transpose, Level.POSTFIX) if turned else Written(plain)

    def call(self, word: str, arguments: Sequence[str]) -> Written:
        """diag(x)"""
        return Written(f"{self.word(word)}({', '.join(arguments)})")

    def root(self, base: Written) -> Written:
        """The square root, entry by entry."""
        return Written(f"sqrt({base.signed})")

    def kronecker(self, left: Written, right: Written) -> Written:
        """A ⊗ B"""
        return Written(f"kron({left.signed}, {right.signed})")

    def raised(self, base: Written, exponent: Fraction, shape: Shape) -> Written:
        """x^2, entry by entry where it is no number."""
        shown = str(exponent) if exponent.denominator == 1 and exponent > 0 else f"({exponent})"
        sign = "^" if shape == SCALAR else " .^ "
        return Written(f"{base.within(Level.ATOM)}{sign}{shown}", Level.POSTFIX)

    def power(self, base: Written, exponent: Written, entries: bool) -> Written:
        """x.^y, entry by entry, or x^y of numbers."""
        sign = ".^" if entries else "^"
        return Written(f"{base.within(Level.ATOM)}{sign}{exponent.within(Level.ATOM)}", Level.POSTFIX)

    def matrix_power(self, base: Written, exponent: int, turned: bool) -> Written:
        """X^3, X^(-2) or their transposes: products of equal matrices."""
        shown = f"^({exponent})" if exponent < 0 else f"^{exponent}"
        return Written(base.within(Level.ATOM) + shown + self.transpose * turned, Level.POSTFIX)

    def quotient(self, above: str, below: Sequence[str]) -> str:
        """above/below, the latter in brackets where it is a product."""
        return f"{above}/{self._divisor(below)}"

    def _divisor(self, below: Sequence[str]) -> str:
        return below[0] if len(below) == 1 else f"({self.times.join(below)})"

    def finished(self, text: str) -> str:
        """The whole text."""
        return text


@dataclass(frozen=True, slots=True)
class Paper(Style):
    """The signs of mathematics."""

    times: str = " "
    entry_times: str = " ⊙ "
    entry_over: str = " ⊘ "
    transpose: str = "ᵀ"

    def transposes(self, text: str) -> int:
        return text.count("ᵀ") - text.count("⁻ᵀ")

    def inverse(self, base: Written, turned: bool) -> Written:
        return Written(f"{base.within(Level.ATOM)}⁻{'ᵀ' if turned else '¹'}", Level.POSTFIX)

    def call(self, word: str, arguments: Sequence[str]) -> Written:
        inner = ", ".join(arguments)
        signs = {"norm2": f"‖{inner}‖", "abs": f"|{inner}|", "step": f"[{inner} > 0]"}
        return Written(signs.get(word) or f"{self.word(word)}({inner})")

    def kronecker(self, left: Written, right: Written) -> Written:
        text = f"{left.within(Level.POSTFIX)} ⊗ {right.within(Level.POSTFIX)}"
        return Written(text, Level.KRONECKER)

    def raised(self, base: Written, exponent: Fraction, shape: Shape) -> Written:
        if exponent.denominator != 1:
            return Style.raised(self, base, exponent, shape)
        shown = f"^∘{exponent}" if shape == MATRIX else str(exponent).translate(_SUPERSCRIPTS)
        return Written(base.within(Level.ATOM) + shown, Level.POSTFIX)

    def matrix_power(self, base: Written, exponent: int, turned: bool) -> Written:
        text = base.within(Level.ATOM) + str(exponent).translate(_SUPERSCRIPTS)
        return Written(f"({text})ᵀ" if turned else text, Level.POSTFIX)

    def quotient(self, above: str, below: Sequence[str]) -> str:
        return f"{above} / {self._divisor(below)}"


@dataclass(frozen=True, slots=True)
class Latex(Style):
    """The signs of mathematics as TeX has them."""

    times: str = " "
    entry_times: str = r" \odot "
    entry_over: str = r" \oslash "
    transpose: str = r"^{\top}"
    bars: bool = True

    def name(self, name: str) -> str:
        found = _EXTENT.fullmatch(name)
        if found is not None:
            return rf"\operatorname{{dim}}({tensor_name(found[1])}, {found[2]})"
        return dict(self.words).get(name) or tensor_name(name)

    def word(self, word: str) -> str:
        known = dict(self.words).get(word)
        plain = word.replace("_", r"\,")
        return known or (FUNCTIONS[word].latex if word in FUNCTIONS else rf"\operatorname{{{plain}}}")

    def transposed(self, base: Written) -> Written:
        return Written(base.within(Level.ATOM) + self.transpose, Level.POSTFIX)  # never two superscripts

    def inverse(self, base: Written, turned: bool) -> Written:
        exponent = r"-\top" if turned else "-1"
        return Written(f"{base.within(Level.ATOM)}^{{{exponent}}}", Level.POSTFIX)

    def call(self, word: str, arguments: Sequence[str]) -> Written:
        inner = ", ".join(arguments)
        signs = {
            "norm2": rf"\left\lVert {inner} \right\rVert",
            "abs": rf"\left| {inner} \right|",
            "step": rf"\left[{inner} > 0\right]",
        }
        return Written(signs.get(word) or f"{self.word(word)}({inner})")

    def root(self, base: Written) -> Written:
        return Written(rf"\sqrt{{{base.signed}}}")

    def kronecker(self, left: Written, right: Written) -> Written:
        text = rf"{left.within(Level.POSTFIX)} \otimes {right.within(Level.POSTFIX)}"
        return Written(text, Level.KRONECKER)

    def raised(self, base: Written, exponent: Fraction, shape: Shape) -> Written:
        shown = rf"\circ {exponent}" if shape == MATRIX else str(exponent)
        return Written(f"{base.within(Level.ATOM)}^{{{shown}}}", Level.POSTFIX)

    def power(self, base: Written, exponent: Written, entries: bool) -> Written:
        shown = rf"\circ {exponent.within(Level.ATOM)}" if entries else exponent.signed
        return Written(f"{base.within(Level.ATOM)}^{{{shown}}}", Level.POSTFIX)

    def matrix_power(self, base: Written, exponent: int, turned: bool) -> Written:
        text = f"{base.within(Level.ATOM)}^{{{exponent}}}"
        return Written(f"({text}){self.transpose}" if turned else text, Level.POSTFIX)

    def quotient(self, above: str, below: Sequence[str]) -> str:
        return rf"\frac{{{above}}}{{{' '.join(below)}}}"

    def finished(self, text: str) -> str:
        """Brackets as high as what they hold."""
        return text.replace("(", r"\left(").replace(")", r"\right)")


PLAIN = Style()
_ON_PAPER = {"eye": "I", "vector(1)": "𝟏", "matrix(0)": "𝟎", "vector(0)": "𝟎", "sigmoid": "σ"}
_IN_LATEX = {
    "eye": "I",
    "vector(1)": r"\mathbf{1}",
    "matrix(0)": r"\mathbf{0}",
    "vector(0)": r"\mathbf{0}",
    "sigmoid": r"\sigma",
    "det": r"\det",
    "max": r"\max",
    "min": r"\min",
}


def _but_for(words: dict[str, str], taken: frozenset[str]) -> tuple[tuple[str, str], ...]:
    """The words whose sign on paper names no tensor of the program."""
    return tuple([(word, sign) for word, sign in words.items() if _ON_PAPER.get(word, sign) not in taken])


@cache
def on_paper(taken: frozenset[str]) -> Style:
    """The signs of mathematics, but for those that name a tensor of the program."""
    return Paper(words=_but_for(_ON_PAPER, taken))


@cache
def in_latex(taken: frozenset[str]) -> Style:
    """The same for TeX, which has a bold I, too."""
    eye = () if "I" not in taken else (("eye", r"\mathbf{I}"),)
    return Latex(words=(*_but_for(_IN_LATEX, taken), *eye))


def as_read(_taken: frozenset[str]) -> Style:
    """The language of notation="matrix"."""
    return PLAIN
