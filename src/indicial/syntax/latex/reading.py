"""What the readers of LaTeX share: the state of a sequence, atoms, groups, scripts and arguments.

The readers are recursive generators, run by `stackless`: no depth of brackets is too deep.
"""

from __future__ import annotations

import re
from abc import abstractmethod
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from indicial.errors import ParseError, Span
from indicial.ir.traversal import Stackless
from indicial.syntax.latex.cursor import Cursor, copied
from indicial.syntax.latex.names import Name, check_style
from indicial.syntax.latex.origin import Bundle, Piece, Rope
from indicial.syntax.latex.scripts import (
    Scripted,
    check_inverse,
    check_transpose,
    label_of,
    pass_space,
    read_below,
    read_prime,
    read_primes,
)
from indicial.syntax.latex.tokens import Token
from indicial.syntax.latex.vocabulary import BOLD, LETTERS
from indicial.syntax.names import subscripts
from indicial.syntax.refusals import unindexed

_FUNCTIONS = re.compile(r"^[ \t]*function[ \t]+([^\n;#]*)", re.MULTILINE)  # what declares names of functions
_UNDER = frozenset({r"\sum", r"\prod", r"\limits"})  # the letters there are not below a name


@dataclass(slots=True)
class State:
    """A sequence of factors and terms while it is read.

    bound     the letters that are bound around it
    stops     the kinds of tokens that end it; none in brackets and braces
    bars      whether a bar closes it
    term      whether it ends with its term
    out       what has been read
    reach     the letters that are bound here: those around, and those of the signs whose reach this is
    before    what was read last: nothing (""), an operand (x), a sign, / or ^
    compares  whether it holds a comparison
    """

    bound: frozenset[str] = frozenset()
    stops: frozenset[str] = frozenset()
    bars: bool = False
    term: bool = False
    out: list[Rope] = field(default_factory=list)
    reach: frozenset[str] = frozenset()
    before: str = ""
    compares: bool = False

    def __post_init__(self) -> None:
        self.reach = self.bound

    def within(self, letters: Iterable[str] = (), *, bars: bool = False, term: bool = False) -> State:
        """The state of a sequence that begins here, in an operator over letters."""
        stops = self.stops if term else frozenset()
        return State(self.reach.union(letters), stops, bars, term)


@dataclass(frozen=True, slots=True)
class Atom(Bundle):
    """A name with its scripts: `base` is it without the power, `power` the exponent."""

    rope: Rope
    name: str
    letters: tuple[str, ...]
    place: Span
    base: Rope
    power: Rope = ()


class Reading(Cursor):
    """The tokens, what is known of the whole text, and what has been found so far."""

    def __init__(self, text: str, *, bare: bool = False) -> None:
        super().__init__(text)
        self.bare = bare  # whether a bold name may stand without indices
        self.styles: dict[str, bool] = {}
        self.extents: dict[str, tuple[str, Span]] = {}
        self.compared: dict[str, tuple[str, Span]] = {}  # what bounds go by, and a letter that has them
        self.products: list[Name] = []
        self.tensors, self.placed, self.written = _indexed(self.tokens)
        self.indices = frozenset(self.written)
        self.functions = frozenset(
            word for line in _FUNCTIONS.findall(text) for word in re.findall(r"[^\W\d_]\w*", line)
        )

    @abstractmethod
    def sequence(self, state: State) -> Stackless[None]:
        """Factors and terms up to what closes them."""

    @abstractmethod
    def element(self, state: State) -> Stackless[Rope]:
        """One operand with its brackets."""

    # --- groups and arguments ---------------------------------------------------------------------

    def group(self, state: State) -> Stackless[list[Rope]]:
        """The contents of { … }."""
        opening = self.advance().place
        inner = state.within()
        yield self.sequence(inner)
        self.close(opening)
        return inner.out

    def argument(self, state: State) -> Stackless[Rope]:
        r"""What a command applies to: a group or, as in \frac12, the next character."""
        self.blank()
        if self.token.kind == "{":
            contents: Rope = yield self.group(state)
            return contents
        if self.token.kind == "COMMAND" and self.command not in ("right", "end"):
            element: Rope = yield self.element(state)
            return element
        self.split()
        if self.token.kind in ("WORD", "NUMBER"):
            return copied(self.advance())
        behind = self.tokens[max(0, self.at - 1)]
        raise self.error(
            ParseError("an argument in braces has to follow", span=behind.place, hint=r"write \frac{a}{b}")
        )

    # --- names and scripts ------------------------------------------------------------------------

    def atom(self, state: State, name: Name) -> Stackless[Atom]:
        """A name with what stands below and above it, in either order."""
        found = Scripted(name, name.text, name.place, name.below)
        while True:
            pass_space(self)
            if self.token.kind in ("^", "RAISED") and not found.raised:
                yield self._above(state, found)
            elif not read_below(self, found, self.placed) and not read_prime(self, found):
                break
        return self._finished(found)

    def _above(self, state: State, found: Scripted) -> Stackless[None]:
        """What stands above a name: primes and labels are part of it, all else is a power."""
        primes = read_primes(self)
        if primes:
            found.text += primes
            return
        start = self.token.place
        raised: Rope = yield self.power(state)
        place = start.to(self.tokens[self.at - 1].place)
        label = label_of(self, found.text, raised, place)
        if label:
            found.text += label
        else:
            check_inverse(self, self.tensors, found, raised, place)
            found.raised = raised
        found.place = found.place.to(place)

    def _finished(self, found: Scripted) -> Atom:
        name, text, below = found.name, found.text, found.below
        check_style(self, name, self.styles)
        if below is None and not self.bare and any(style in BOLD for style in name.styles):
            raise self.error(unindexed(text, name.place))
        piece = Piece(text, name.place, name.piece.apart)
        base = [piece, below.rope] if below is not None else [piece]
        letters = below.letters if below is not None else ()
        return Atom([base, found.raised], text, letters, found.place, base, found.raised)

    def note_product(self, name: Name) -> None:
        """Keep a word that may be a product of matrices: XW."""
        plain = not name.styles and 2 <= len(name.text) <= 3 and name.text.isalpha() and name.text.isascii()
        if plain and not name.text.islower() and self.token.kind not in ("_", "SMALL", "OPEN", ":"):
            self.products.append(name)

    def check_products(self, assigned: frozenset[str]) -> None:
        """Refuse XW where X and W are tensors, or where nothing has indices; a name by itself is upright."""
        for name in self.products:
            if name.text not in assigned and (self.tensors.issuperset(name.text) or not self.indices):
                error = unindexed(name.text, name.place)
                error.hint = rf"{error.hint}; one name is \mathrm{{{name.text}}}"
                raise self.error(error)

    # --- powers -----------------------------------------------------------------------------------

    def power(self, state: State) -> Stackless[Rope]:
        """An exponent, as the grammar has it: ^2, ^{…} or ^(…)."""
        mark = self.advance()
        if mark.kind == "RAISED":
            return copied(mark)
        self.blank(lines=False)
        check_transpose(self, mark)
        token = self.token
        if token.kind == "{":
            contents = yield self.group(state)
            return [
                copied(mark),
                Piece("{", token.place),
                contents,
                Piece("}", self.tokens[self.at - 1].place),
            ]
        if token.kind == "COMMAND":
            element = yield self.element(state)
            return [Piece("^(", mark.place), element, Piece(")", token.place)]
        if token.kind in ("WORD", "NUMBER"):
            return [copied(mark), copied(self.advance())]
        if token.kind == "PLUS" and self.tokens[self.at + 1].kind in ("WORD", "NUMBER"):
            return [copied(mark), copied(self.advance()), copied(self.advance())]
        return copied(mark)


def _indexed(tokens: list[Token]) -> tuple[frozenset[str], frozenset[str], Counter[str]]:
    """The plain names that have subscripts somewhere, the names that have letters or brackets there, and
    in how many subscripts each letter stands.
    """
    names: set[str] = set()
    placed: set[str] = set()
    letters: Counter[str] = Counter()
    for at, token in enumerate(tokens):
        if token.kind == "OPEN" and token.text == "[" and not token.sized and at:
            placed |= _name_before(tokens, at)
        if token.kind != "_" or (at and tokens[at - 1].text in _UNDER):
            continue
        if at and tokens[at - 1].kind == "WORD":
            names.add(tokens[at - 1].text)
        inside = _inside(tokens, at + 1)
        if inside:
            placed |= _name_before(tokens, at)
        letters.update({*inside, *[index.name for each in inside for index in subscripts(each, 0)]})
    return frozenset(names), frozenset(placed), letters


def _name_before(tokens: list[Token], at: int) -> set[str]:
    """The name directly before a subscript; of \\mathbf{x} it is x."""
    while at and tokens[at - 1].kind in ("}", "SPACE"):
        at -= 1
    before = tokens[at - 1]
    name = LETTERS.get(before.text[1:]) if before.kind == "COMMAND" else before.text
    return {name} if name and before.kind in ("WORD", "COMMAND") else set()


def _inside(tokens: list[Token], at: int) -> list[str]:
    """The words of a subscript."""
    if at < len(tokens) and tokens[at].kind == "WORD":
        return [tokens[at].text]
    words = []
    if at < len(tokens) and tokens[at].kind == "{":
        for token in tokens[at + 1 :]:
            if token.kind in ("}", "{", "END"):
                break
            if token.kind == "WORD":
                words.append(token.text)
            elif token.kind == "COMMAND" and token.text[1:] in LETTERS:
                words.append(LETTERS[token.text[1:]])
    return words
