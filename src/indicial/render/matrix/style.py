"""The signs that matrix notation is written with, and what holds a text together."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from functools import cache


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
    """The signs of one way to write."""

    times: str
    entry_times: str
    entry_over: str
    transpose: str
    words: tuple[tuple[str, str], ...] = ()
    pretty: bool = False

    def word(self, name: str) -> str:
        """What a word of the language is called."""
        return dict(self.words).get(name, name)


PLAIN = Style("*", " .* ", " ./ ", "'")


@cache
def on_paper(taken: frozenset[str]) -> Style:
    """The signs of mathematics, but for those that name a tensor of the program."""
    words = {"eye": "I", "vector(1)": "𝟏", "matrix(0)": "𝟎", "vector(0)": "𝟎", "sigmoid": "σ"}
    kept = tuple([(word, sign) for word, sign in words.items() if sign not in taken])
    return Style(" ", " ⊙ ", " ⊘ ", "ᵀ", kept, pretty=True)
