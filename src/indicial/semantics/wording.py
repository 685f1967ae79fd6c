"""Pieces of index notation for messages and hints."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from indicial.errors import Span
from indicial.syntax import tree

_LONGEST = 60  # characters of the user's text that a hint repeats
_LETTERS = "ijklmnpqrstuvwabcdefgh"


def quote(text: str, span: Span) -> str:
    """The text at a span on one line; `…` stands for what is too long to repeat."""
    words = " ".join(text[span.start : span.end].split())
    if words.count("{") > words.count("}") and text[span.end : span.end + 1] == "}":  # a^{n
        words += "}"
    return words if len(words) <= _LONGEST else "…"


def subscripted(name: str, letters: Iterable[str]) -> str:
    """`name_ij`, or `name[row,col]` where a letter is a word."""
    several = list(letters)
    if not several:
        return name
    if all(len(letter.rstrip("'")) == 1 for letter in several):
        return f"{name}_{''.join(several)}"
    return f"{name}[{','.join(several)}]"


def listed(words: Sequence[str], conjunction: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    if len(words) <= 1:
        return "".join(words)
    return f"{', '.join(words[:-1])} {conjunction} {words[-1]}"


def unused_letter(near: str, taken: frozenset[str]) -> str:
    """A letter for an index that is not taken: the first one behind `near` in the order i, j, k, …"""
    start = _LETTERS.find(near) + 1
    for letter in _LETTERS[start:] + _LETTERS[:start]:
        if letter not in taken:
            return letter
    number = 1
    while f"i{number}" in taken:
        number += 1
    return f"i{number}"


def replaced(
    text: str, span: Span, occurrences: Sequence[tree.IndexName | tree.Tensor], new: str
) -> str | None:
    """The text at a span with a letter written anew at these places; None where that cannot be quoted."""
    pieces: list[str] = []
    position = span.start
    for place in sorted(occurrences, key=lambda occurrence: occurrence.span.start):
        if text[place.span.start : place.span.end] != place.name:
            return None
        pieces += [text[position : place.span.start], new]
        position = place.span.end
    pieces.append(text[position : span.end])
    words = " ".join("".join(pieces).split())
    return words if len(words) <= _LONGEST else None
