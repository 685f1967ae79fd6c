r"""Arguments of what is defined: L(\theta) = …, p(y \mid x) = …, which name variables and say no more.

Where the same stands on the right, \log p(y \mid x), it is what was defined.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from indicial.errors import NotationError
from indicial.syntax.latex.cursor import BLANK, Cursor
from indicial.syntax.latex.tokens import Token
from indicial.syntax.latex.vocabulary import ACCENTS, EQUALS, LETTERS, STYLES

_IN_NAMES = frozenset({"WORD", "NUMBER", "SMALL", "PRIME", "_", "{", "}"})
_BETWEEN = frozenset({",", ";", ".", "BAR", "^"})
_BARS = frozenset({r"\mid", r"\|", r"\Vert", r"\parallel"})
_BEFORE = frozenset({"NEWLINE", "BREAK", "MATHS", ";", ",", "&", "}"})


@dataclass(frozen=True, slots=True)
class _Applied:
    """A name before a bracket: where it begins in the list of tokens, and where the bracket stands."""

    name: tuple[str, ...]
    begin: int
    opening: int
    closing: int


def pass_arguments(cursor: Cursor) -> None:
    """Take the arguments of what the text defines out of its tokens."""
    found = list(_applied(cursor.tokens))
    defined: dict[tuple[str, ...], _Applied] = {}
    for each in found:
        if _is_defined(cursor.tokens, each):
            defined.setdefault(each.name, each)
    same = [each for each in found if each.name in defined]
    for each in same:
        first = defined[each.name]
        if _arguments(cursor.tokens, each) != _arguments(cursor.tokens, first):
            raise cursor.error(_other_arguments(cursor, first, each))
    gone = {at for each in same for at in range(each.opening, each.closing + 1)}
    cursor.tokens = [token for at, token in enumerate(cursor.tokens) if at not in gone]


def _applied(tokens: list[Token]) -> Iterator[_Applied]:
    """Names that stand directly before a round bracket."""
    opening: list[int] = []
    for at, token in enumerate(tokens):
        if token.kind == "OPEN":
            opening.append(at)
        elif token.kind == "CLOSE" and opening:
            begin = end = opening.pop()
            while begin and _in_a_name(tokens[begin - 1]):
                begin -= 1
            if begin and tokens[begin - 1].text == r"\begin":  # {align} is no part of the name
                begin = next(place for place in range(begin, end + 1) if tokens[place].text in ("}", "(")) + 1
            if begin < end and tokens[end].text == "(":
                yield _Applied(_words(tokens[begin:end]), begin, end, at)


def _arguments(tokens: list[Token], applied: _Applied) -> tuple[str, ...]:
    return _words(tokens[applied.opening + 1 : applied.closing])


def _in_a_name(token: Token) -> bool:
    word = token.text[1:] if token.kind == "COMMAND" else ""
    return token.kind in _IN_NAMES or word in LETTERS or word in STYLES or word in ACCENTS


def _words(tokens: list[Token]) -> tuple[str, ...]:
    return tuple([token.text for token in tokens if token.kind not in BLANK])


def _is_defined(tokens: list[Token], applied: _Applied) -> bool:
    """Whether a name with its arguments is a left side."""
    ahead = applied.closing + 1
    while tokens[ahead].kind in BLANK or tokens[ahead].kind == "&":
        ahead += 1
    if tokens[ahead].kind != "EQUALS" and tokens[ahead].text.lstrip("\\") not in EQUALS:
        return False
    before = applied.begin - 1
    while before >= 0 and tokens[before].kind in ("SPACE", "GLUE", "COMMENT"):
        before -= 1
    if before >= 0 and tokens[before].kind not in _BEFORE:
        return False
    inside = tokens[applied.opening + 1 : applied.closing]
    names = [token for token in inside if token.kind == "WORD" or token.text[1:] in LETTERS]
    return bool(names) and all(
        _in_a_name(token) or token.kind in BLANK | _BETWEEN or token.text in _BARS for token in inside
    )


def _other_arguments(cursor: Cursor, first: _Applied, other: _Applied) -> NotationError:
    def written(begin: int, each: _Applied) -> str:
        start, end = cursor.tokens[begin].place.start, cursor.tokens[each.closing].place.end
        return " ".join(cursor.text[start:end].split())

    return NotationError(
        f"{written(other.begin, other)} is not what the text defines, {written(first.begin, first)}",
        span=cursor.tokens[other.begin].place.to(cursor.tokens[other.closing].place),
        hint="a statement is a value and no function: write its formula for the other arguments in a "
        "statement of its own, or * before the bracket for a product",
    )
