r"""Names and subscripts: \mathbf{f}_i, \hat{y}_{ij}, \mathcal{L}, x_{\mathit{row}}, A_{i_1 j'}.

The style of a letter is dropped, an accent becomes part of the name (\hat{y} is yhat). An upright word below
a name is part of it as well (E_{\mathrm{kin}} is Ekin); whole words as indices are \mathit{row}.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from indicial.errors import NotationError, ParseError, Span
from indicial.syntax.latex.cursor import Cursor, copied
from indicial.syntax.latex.origin import Piece, Rope
from indicial.syntax.latex.tokens import END, Token
from indicial.syntax.latex.vocabulary import ACCENTS, LETTERS, RELATIONS, SCRIPT, SIGNS, STYLES, UPRIGHT
from indicial.syntax.names import OPERATORS, subscripts

_NAME = re.compile(r"[^\W\d_][^\W_]*")
_RELATION = re.compile(r"[<>=]|!=|[≤≥≠]")
_A_NAME = "a name is letters with digits behind"


@dataclass(frozen=True, slots=True)
class Name:
    """A name, where it stands, and the commands that it was written with."""

    text: str
    place: Span
    styles: tuple[str, ...] = ()
    below: Lowered | None = None  # subscripts under an accent: \hat{x_i}

    @property
    def piece(self) -> Piece:
        """The name for the grammar."""
        return Piece(self.text, self.place, apart=bool(self.styles) or not self.text.isascii())


@dataclass(frozen=True, slots=True)
class Lowered:
    """What stands below a name.

    rope      for the grammar
    text      the contents, in index notation
    letters   the indices, where it is a list of indices
    label     an upright word, which belongs to the name
    """

    rope: Rope
    text: str
    place: Span
    letters: tuple[str, ...] = ()
    label: str = ""

    @property
    def conditional(self) -> bool:
        """Whether it compares."""
        return _RELATION.search(self.text) is not None


@dataclass(slots=True)
class _Contents:
    """The parts of a braced subscript while they are read."""

    parts: list[Piece] = field(default_factory=list)
    words: list[tuple[str, bool]] = field(default_factory=list)  # and whether upright


def begins_name(cursor: Cursor) -> bool:
    """Whether a name is to be read."""
    command = cursor.command
    return cursor.token.kind == "WORD" or command in LETTERS or command in STYLES or command in ACCENTS


def read_name(cursor: Cursor) -> Name:
    """A word, a Greek letter, or either within styles and accents."""
    first = cursor.token
    if first.kind == "WORD":
        return Name(cursor.advance().text, first.place)
    if cursor.command in LETTERS:
        letter = LETTERS[cursor.command]
        return Name(letter, cursor.advance().place, ("letter",))
    wrappers: list[tuple[str, Span | None]] = []  # a command and its brace
    while cursor.command in STYLES or cursor.command in ACCENTS:
        command = cursor.command
        cursor.advance()
        cursor.blank()
        brace = cursor.advance().place if cursor.token.kind == "{" else None
        wrappers.append((command, brace))
        cursor.blank()
    text = _core(cursor, first, braced=wrappers[-1][1] is not None)
    below: Lowered | None = None
    end = cursor.tokens[cursor.at - 1].place.end
    for _, brace in reversed(wrappers):
        if brace is not None:
            if cursor.token.kind == "_" and below is None:
                below = read_lowered(cursor)
            cursor.blank()
            if cursor.token.kind not in ("}", END):
                raise cursor.error(
                    ParseError(
                        f"{_A_NAME}", span=cursor.token.place, hint="give each name a command of its own"
                    )
                )
            end = cursor.close(brace).end
    suffix = "".join([ACCENTS[command] for command, _ in reversed(wrappers) if command in ACCENTS])
    place = Span(first.place.start, end)
    return Name(text + suffix, place, tuple([command for command, _ in wrappers]), below)


def _core(cursor: Cursor, first: Token, *, braced: bool) -> str:
    """The letters under styles and accents."""
    parts: list[str] = []
    if not braced:
        cursor.split()
    while cursor.token.kind in ("WORD", "NUMBER", "SPACE", "GLUE", "COMMAND"):
        if cursor.token.kind == "COMMAND":
            if cursor.command not in LETTERS:
                break
            parts.append(LETTERS[cursor.command])
        elif cursor.token.kind in ("WORD", "NUMBER"):
            parts.append(cursor.token.text)
        cursor.advance()
        if not braced:
            break
    several = sum(part[0] < "\x7f" and part[0].isalpha() for part in parts) > 1
    text = "_".join(parts) if several else "".join(parts)
    one = text == "1" and (first.text[1:] in SCRIPT or first.text == r"\mathbf")
    if one or text in OPERATORS or (_NAME.fullmatch(text) and not several):
        return text
    place = first.place.to(cursor.tokens[cursor.at - 1].place)
    raise cursor.error(ParseError(_A_NAME, span=place, hint="leave signs and spaces out of it"))


# --- subscripts -----------------------------------------------------------------------------------------


def read_lowered(cursor: Cursor) -> Lowered:
    """The subscript at `_`; its letters are known where it is a list of indices."""
    mark = cursor.advance()
    cursor.blank()
    token = cursor.token
    if token.kind == "{":
        return _braced(cursor, mark)
    if token.kind == "COMMAND":
        return _single(cursor, mark)
    if token.kind not in ("WORD", "NUMBER"):
        return Lowered(copied(mark), "", mark.place)
    rope = [copied(mark), copied(cursor.advance())]
    if cursor.token.kind == "PRIME":
        rope.append(copied(cursor.advance()))
    text = "".join([piece.text for piece in rope[1:]])
    return _finished(rope, text, mark.place.to(rope[-1].place))


def read_bound(cursor: Cursor) -> tuple[str, Span]:
    """The upper bound of a sum at `^`, as text, and its place."""
    mark = cursor.advance()
    cursor.blank()
    bound = _braced(cursor, mark) if cursor.token.kind == "{" else _single(cursor, mark)
    return bound.text.strip(), bound.place


def _single(cursor: Cursor, mark: Token) -> Lowered:
    """A script without braces: one part."""
    contents = _Contents()
    _part(cursor, contents)
    return _closed(mark, contents, cursor.tokens[cursor.at - 1].place)


def _braced(cursor: Cursor, mark: Token) -> Lowered:
    opening = cursor.advance().place
    contents = _Contents()
    depth = 0
    while cursor.token.kind not in (END, "MATHS", "BREAK") and (depth or cursor.token.kind != "}"):
        depth += {"{": 1, "}": -1}.get(cursor.token.kind, 0)
        _part(cursor, contents)
    return _closed(mark, contents, cursor.close(opening))


def _part(cursor: Cursor, contents: _Contents) -> None:
    """One token within a subscript."""
    token = cursor.token
    if token.kind == "COMMAND" and (cursor.command in STYLES or cursor.command in ACCENTS):
        _word(cursor, contents)
        return
    if token.kind == "_" and contents.parts and _numbered(cursor, contents):
        return
    if token.kind == "^" and _primed(cursor, contents):
        return
    cursor.advance()
    if token.kind == "COMMAND":
        word = token.text[1:]
        meant = LETTERS.get(word) or RELATIONS.get(word) or SIGNS.get(word)
        if word == "infty":
            raise cursor.error(
                NotationError(
                    "indices run over axes of arrays, and infinity is no number here",
                    span=token.place,
                    hint="leave the bound out: an index runs over its whole axis",
                )
            )
        if word == "prime":
            meant = "'"
        if meant is None:
            raise cursor.refusal(token)
        contents.parts.append(copied(token, meant))
    elif token.kind in ("SPACE", "NEWLINE", "GLUE"):
        contents.parts.append(copied(token, " "))
    elif token.kind != "COMMENT":
        contents.parts.append(copied(token))


def _word(cursor: Cursor, contents: _Contents) -> None:
    """A styled word: an index, or a label."""
    name = read_name(cursor) if begins_name(cursor) else None
    if name is None:
        raise cursor.refusal(cursor.token)
    if len(name.text) > 1:
        contents.words.append((name.text, any(style in UPRIGHT for style in name.styles)))
    contents.parts.append(Piece(name.text, name.place))


def _numbered(cursor: Cursor, contents: _Contents) -> bool:
    """i_1 and i_{12} within a subscript are the indices i1 and i12."""
    ahead = cursor.tokens[cursor.at + 1 : cursor.at + 4]
    figures = ahead[:1] if ahead and ahead[0].kind == "NUMBER" else []
    if len(ahead) == 3 and [token.kind for token in ahead] == ["{", "NUMBER", "}"]:
        figures = ahead[1:2]
    if not figures or not figures[0].text.isdecimal():
        return False
    cursor.at += 2 if figures == ahead[:1] else 4
    last = contents.parts[-1]
    primes = last.text if set(last.text) == {"'"} else ""
    if primes:  # i'_1 is i1'
        contents.parts.pop()
    contents.parts.append(copied(figures[0]))
    if primes:
        contents.parts.append(last)
    return True


def _primed(cursor: Cursor, contents: _Contents) -> bool:
    r"""i^\prime within a subscript is i'."""
    kinds = [token.text for token in cursor.tokens[cursor.at + 1 : cursor.at + 4]]
    length = 2 if kinds[:1] == [r"\prime"] else 4 if kinds == ["{", r"\prime", "}"] else 0
    if length:
        contents.parts.append(copied(cursor.token, "'"))
        cursor.at += length
    return length > 0


def _closed(mark: Token, contents: _Contents, end: Span) -> Lowered:
    place = mark.place.to(end)
    text = "".join([part.text for part in contents.parts])
    items = [item for item in re.split(r"[\s,]+", text) if item]
    if len(items) == 1 and contents.words == [(items[0], True)]:
        return Lowered((), text, place, label=items[0])
    if contents.words and not _RELATION.search(text):
        return _finished([Piece(f"[{', '.join(items)}]", place)], f"[{', '.join(items)}]", place)
    return _finished([Piece("_{", mark.place), contents.parts, Piece("}", end)], text, place)


def _finished(rope: Rope, text: str, place: Span) -> Lowered:
    plain = re.fullmatch(r"[\s\w,'’′″‴\[\]]*", text) is not None and not re.search(
        r"\[.*\[|^\s*\d|\s\d|,\s*\d", text
    )
    letters = tuple([index.name for index in subscripts(text, 0)]) if plain else ()
    return Lowered(rope, text.strip("[]") if text[:1] == "[" else text, place, letters)


def check_style(cursor: Cursor, name: Name, seen: dict[str, bool]) -> None:
    r"""Refuse one letter in two styles, L and \mathcal{L}: without the style they would be one name."""
    script = any(style in SCRIPT for style in name.styles)
    if seen.setdefault(name.text, script) != script:
        raise cursor.error(
            NotationError(
                f"{name.text} stands here in two styles, and would be one name",
                span=name.place,
                hint=rf"rename one of them, as in \mathrm{{{name.text}2}}",
            )
        )
