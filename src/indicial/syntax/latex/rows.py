r"""Statements: rows that end at \\, at line ends outside of displays, at $, at the ends of environments.

A row without = goes on from the row before; one that begins with = goes on in its chain. Of a chain
f = a = b the last member is what the name stands for; those before it are statements of their own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count

from indicial.errors import ParseError, Span
from indicial.ir.traversal import Stackless, stackless
from indicial.syntax.latex.arguments import pass_arguments
from indicial.syntax.latex.cursor import copied
from indicial.syntax.latex.fractions import Partial
from indicial.syntax.latex.origin import Origin, Piece, Rope, joined
from indicial.syntax.latex.reader import Reader
from indicial.syntax.latex.reading import Atom, State
from indicial.syntax.latex.remarks import begins_remark, read_remark
from indicial.syntax.latex.vocabulary import ENVIRONMENTS, EQUALS, REMARKS, SEPARATORS

_ROW = frozenset({"EQUALS", ",", ";", ".", "NEWLINE", "BREAK", "&"})
_DISPLAYED = _ROW - {"NEWLINE"}
_ROW_ENDS = frozenset({"BREAK", "END", "MATHS"})
_CLOSING = {"$": "$", "$$": "$$", r"\[": r"\]", r"\(": r"\)"}
_MATRIX = re.compile(r"[pbvBV]?(small)?matrix\*?|array")


@dataclass(slots=True)
class Row:
    """What stands between two ends of rows: sides of equations.

    `weak` where it may go on from the row before; `comma` the comma that it stands behind.
    """

    place: Span
    weak: bool = False
    comma: Piece | None = None
    sides: list[list[Rope]] = field(default_factory=lambda: [[]])
    equals: list[Piece] = field(default_factory=list)

    @property
    def blank(self) -> bool:
        """Whether nothing stands in it."""
        return not self.equals and not _solid(self.sides[0])

    @property
    def target(self) -> Atom | Partial | None:
        """What the left side names, where it is one tensor or derivative."""
        parts = _solid(self.sides[0])
        if len(parts) == 1 and isinstance(parts[0], Atom) and not parts[0].power:
            return parts[0]
        return parts[0] if len(parts) == 1 and isinstance(parts[0], Partial) and parts[0].name else None


def _solid(rope: list[Rope]) -> list[Rope]:
    return [part for part in rope if not (isinstance(part, Piece) and not part.text.strip())]


class Rows(Reader):
    """Reads programs."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        pass_arguments(self)
        self.rows = [Row(Span(0, 1))]
        self.displays: list[tuple[str, Span]] = []  # what is open, and by what it is closed
        self.bound: frozenset[str] = frozenset()

    def program(self) -> Stackless[Rope]:
        """The whole text."""
        while self.token.kind != "END":
            state = State(self.bound, stops=_DISPLAYED if self.displays else _ROW)
            yield self.sequence(state)
            self.rows[-1].sides[-1] += state.out
            self._mark()
        if self.displays:
            closing, place = self.displays[-1]
            raise self.error(
                ParseError("this is never closed", span=place, hint=f"write {closing} where it ends")
            )
        return self._program()

    # --- marks between the sides and rows ---------------------------------------------------------

    def _mark(self) -> None:
        """What ended a side of a row."""
        token, command, row = self.token, self.command, self.rows[-1]
        if token.kind == "EQUALS" or command in EQUALS:
            self._equals(row)
        elif token.kind in (";", ",", "NEWLINE", "BREAK") or command in SEPARATORS:
            self._begin(weak=token.kind not in (";", "NEWLINE"), comma=token.kind == ",")
        elif token.kind == ".":
            self._full_stop(row)
        elif token.kind == "&":
            self._column(row)
        elif begins_remark(self):
            read_remark(self)
        elif self.connective():
            self.at += self.connective() - 1
            self._begin(weak=True)
        elif token.kind == "MATHS":
            self._maths()
        elif command in ("begin", "end"):
            self._environment()
        elif token.kind == "}":
            raise self.error(ParseError("this brace closes nothing", span=token.place, hint="take it out"))
        elif token.kind != "END":
            row.sides[-1].append(copied(self.advance()))

    def _begin(self, *, weak: bool, comma: bool = False) -> None:
        """Read a mark behind which a row begins."""
        mark = self.advance()
        self.rows.append(Row(mark.place, weak, copied(mark) if comma else None))

    def _equals(self, row: Row) -> None:
        sign = copied(self.advance(), "=")
        if not row.equals and not (row.blank and len(self.rows) > 1):
            target = row.target
            self.bound = frozenset(target.letters) if target is not None else frozenset()
        row.equals.append(sign)
        row.sides.append([])

    def _full_stop(self, row: Row) -> None:
        """The point behind a formula belongs to the sentence that it stands in."""
        token = self.advance()
        behind = self.behind_blank(lines=False)
        ends = behind.kind in ("END", "NEWLINE", "BREAK", "MATHS", "&") or behind.text in (
            r"\end",
            r"\label",
            r"\tag",
        )
        if not ends:
            row.sides[-1].append(copied(token))

    def _column(self, row: Row) -> None:
        r"""The & of an alignment: before =, between two equations, or before a remark, && \text{by hand}."""
        while self.token.kind == "&":
            place = self.advance().place
            self.blank()
        if self.command in REMARKS and not row.blank and self._says_nothing():
            while self.token.kind not in _ROW_ENDS and self.command != "end":
                self.advance()
        elif row.equals:
            self.rows.append(Row(place, weak=True))

    def _says_nothing(self) -> bool:
        """Whether no equation stands between here and the end of the row."""
        at = self.at
        while self.tokens[at].kind not in _ROW_ENDS and self.tokens[at].text != r"\end":
            if self.tokens[at].kind == "EQUALS":
                return False
            at += 1
        return not self.connective()

    def _maths(self) -> None:
        token = self.token
        if self.displays and self.displays[-1][0] == token.text:
            self.displays.pop()
        elif token.text in _CLOSING and not any(closing[0] == "$" for closing, _ in self.displays):
            self.displays.append((_CLOSING[token.text], token.place))
        else:
            raise self.error(ParseError(f"{token.text} closes nothing", span=token.place, hint="take it out"))
        self._begin(weak=True)

    def _environment(self) -> None:
        r"""\begin{align}, \end{align}"""
        head = self.token
        words = [token.text for token in self.tokens[self.at + 1 : self.at + 5]]
        name = "".join(words[1 : words.index("}")]) if words[:1] == ["{"] and "}" in words else ""
        closing = rf"\end{{{name}}}"
        place = head.place.to(self.tokens[min(self.at + 3, len(self.tokens) - 1)].place)
        if head.text == r"\end":
            if not self.displays or self.displays[-1][0] != closing:
                raise self.error(
                    ParseError(f"{closing} ends nothing", span=place, hint=r"write \begin before it")
                )
            self.displays.pop()
        elif name.rstrip("*") in ENVIRONMENTS:
            self.displays.append((closing, place))
        else:
            matrix = _MATRIX.fullmatch(name) is not None
            raise self.error(
                ParseError(
                    f"the environment {name or 'without a name'} is not read",
                    span=place,
                    hint="give the matrix a name with indices, and its numbers as an array"
                    if matrix
                    else r"formulas stand in \begin{align} … \end{align}, or in $ … $",
                )
            )
        self.at += words.index("}") + 2 if "}" in words else 1
        if (
            head.text == r"\begin"
            and name.startswith("aligned" if name == "alignedat" else "alignat")
            and self.token.kind == "{"
        ):
            while self.token.kind not in ("}", "END"):
                self.advance()
            self.advance()
        self.rows.append(Row(head.place, weak=True))

    # --- statements -------------------------------------------------------------------------------

    def _program(self) -> Rope:
        statements = self._statements()
        targets = [row.target for row in statements]
        self.check_products(frozenset(target.name for target in targets if target is not None))
        taken = {token.text for token in self.tokens if token.kind == "WORD"}
        self._declare_compared([target.letters for target in targets if target is not None], taken)
        rope: list[Rope] = []
        for row in statements:
            rope += [Piece("\n", row.place) if rope else [], _written(row, _numbered(taken))]
        for letter, (extent, place) in self.extents.items():
            declared = re.search(
                rf"^[ \t]*index[^\n]*\b{re.escape(letter)}[ \t]*:[ \t]*{extent}\b", self.text, re.MULTILINE
            )
            if declared is None:
                rope.append(Piece(f"\nindex {letter}: {extent}", place))
        return rope

    def _declare_compared(self, left: list[tuple[str, ...]], taken: set[str]) -> None:
        r"""y_i = \sum_{j=1}^{i} x_j: i runs over the axis of j where nothing else says over what."""
        for index, (letter, place) in self.compared.items():
            elsewhere = self.written[index] > sum(index in letters for letters in left)
            declared = re.search(rf"^[ \t]*index[^\n]*\b{re.escape(index)}[ \t]*:", self.text, re.MULTILINE)
            if elsewhere or declared or index in self.extents or index == letter:
                continue
            name = next(name for name in _extent_names() if name not in taken)
            extent = self.extents.setdefault(letter, (name, place))[0]
            self.extents[index] = (extent, place)
            taken.add(extent)

    def _statements(self) -> list[Row]:
        """The rows, those put together that go on from one another."""
        found: list[Row] = []
        for row in self.rows:
            chained = row.equals and not _solid(row.sides[0]) and row.place.start > 0
            if row.blank:
                continue
            if chained and found and found[-1].equals:
                found[-1].sides += row.sides[1:]
                found[-1].equals += row.equals
            elif row.weak and not row.equals and found:
                found[-1].sides[-1] += [row.comma or Piece(" ", row.place), *row.sides[0]]
            else:
                found.append(row)
        return found


def _extent_names() -> Iterator[str]:
    yield from "nNmM"
    yield from (f"n{number}" for number in count(1))


def _numbered(taken: set[str]) -> Callable[[str], str]:
    def fresh(name: str) -> str:
        number = 1
        while f"{name}{number}" in taken:
            number += 1
        taken.add(f"{name}{number}")
        return f"{name}{number}"

    return fresh


def _written(row: Row, fresh: Callable[[str], str]) -> Rope:
    """The statements of a row: f1 = a, and f = b, for the chain f = a = b."""
    target = row.target
    if target is None or not row.equals:
        rope: list[Rope] = [row.sides[0]]
        for sign, side in zip(row.equals, row.sides[1:], strict=True):
            rope += [sign, side]
        return rope
    lead = Piece(" ", row.place)
    statements: list[Rope] = []
    for sign, side in zip(row.equals, row.sides[1:], strict=True):
        last = side is row.sides[-1]
        name = target.name if last else fresh(target.name)
        plain = isinstance(target, Atom) and last
        left: Rope = row.sides[0] if plain else [Piece(name + _indices(target.letters), target.place), lead]
        statements += [left, sign, side, [] if last else Piece("\n", sign.place)]
    return statements


def _indices(letters: tuple[str, ...]) -> str:
    return f"[{', '.join(letters)}]" if letters else ""


def rewritten(text: str) -> Origin:
    """A program with LaTeX in it, in index notation."""
    reader = Rows(text)
    return joined(stackless(reader.program()), text)


def rewritten_denominators(text: str) -> Origin:
    r"""A list of denominators with LaTeX in it: \boldsymbol{\sigma}_{ij}."""
    reader = Reader(text, bare=True)
    rope: list[Rope] = []
    while reader.token.kind != "END":
        state = State()
        stackless(reader.sequence(state))
        rope.append(state.out)
        if reader.token.kind != "END":
            token = reader.advance()
            rope += [] if token.kind == "MATHS" else [copied(token)]
    return joined(rope, text)
