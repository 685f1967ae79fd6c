"""The reader of expressions: what each token begins, and what ends a sequence."""

from __future__ import annotations

from collections.abc import Callable

from indicial.errors import ParseError
from indicial.ir.traversal import Stackless
from indicial.syntax.latex.calls import read_call, read_polygamma
from indicial.syntax.latex.conditions import (
    begins_cases,
    begins_unit,
    check_expectation,
    read_cases,
    read_unit,
)
from indicial.syntax.latex.cursor import copied
from indicial.syntax.latex.fractions import read_fraction, read_partial, read_root
from indicial.syntax.latex.names import Name, begins_name, read_name
from indicial.syntax.latex.origin import Piece, Rope, beginning
from indicial.syntax.latex.reading import Atom, Reading, State
from indicial.syntax.latex.remarks import begins_remark
from indicial.syntax.latex.sums import read_sum
from indicial.syntax.latex.tokens import Token
from indicial.syntax.latex.vocabulary import (
    CALLS,
    CONNECTIVES,
    EQUALS,
    FRACTIONS,
    GREEK_CALLS,
    IGNORED,
    IGNORED_WITH_ARGUMENT,
    LETTERS,
    RELATIONS,
    REMARKS,
    SEPARATORS,
    SIGNS,
    SUMS,
)
from indicial.syntax.names import OPERATORS

_CLOSES = {"(": ")", "[": "]", "{": "}"}
_STOPS = frozenset({"CLOSE", "}", "END", "MATHS"})


class Reader(Reading):
    """Reads expressions; `rows` puts statements together from them."""

    def sequence(self, state: State) -> Stackless[None]:
        """Factors and terms up to what closes them."""
        while not self._ends(state):
            token = self.token
            if token.kind in ("SPACE", "NEWLINE", "BREAK", "&"):
                self.advance()
                state.out.append(copied(token, " "))
            elif token.kind in ("GLUE", "COMMENT"):
                self.advance()
            elif not self._sign(state) and not self._passed():
                element = yield self.element(state)
                state.out.append(element)
                state.before = "" if _is_sum(token) else "x"

    def _ends(self, state: State) -> bool:
        """Whether what is to be read closes the sequence."""
        token = self.token
        kind = token.kind
        if kind in _STOPS or self.command == "end" or (state.stops and self._row_ends(state.stops)):
            return True
        if kind == "BAR":
            return state.bars and token.side != "left" and (token.side == "right" or state.before == "x")
        if state.term:
            return kind in ("RELATION", "EQUALS", ",", ";") or (kind == "PLUS" and state.before == "x")
        return False

    def _row_ends(self, stops: frozenset[str]) -> bool:
        command = self.command
        return (
            self.token.kind in stops
            or command in EQUALS
            or command in SEPARATORS
            or (command == "begin" and not begins_cases(self))
            or self.connective() > 0
            or begins_remark(self) > 0
        )

    def connective(self) -> int:
        r"""The number of tokens of \text{where} and its like; 0 where none is to be read."""
        if self.command not in REMARKS:
            return 0
        ahead = self.tokens[self.at : self.at + 6]
        words = [token.text for token in ahead if token.kind != "SPACE"]
        if words[1:2] != ["{"] or words[2:3] == [] or words[2] not in CONNECTIVES or words[3:4] != ["}"]:
            return 0
        return next(at for at, token in enumerate(ahead, 1) if token.kind == "}")

    def begins_cases(self) -> bool:
        r"""Whether \begin{cases} is to be read."""
        return [token.text for token in self.tokens[self.at : self.at + 4]] == [r"\begin", "{", "cases", "}"]

    def _sign(self, state: State) -> bool:
        """Read + - * / = < and their like; whether one was there."""
        token = self.token
        kind, text = token.kind, token.text
        if kind == "COMMAND" and (self.command in RELATIONS or self.command in SIGNS):
            text = RELATIONS.get(self.command) or SIGNS[self.command]
            kind = "RELATION" if self.command in RELATIONS else text
        if kind == "EQUALS" or self.command in EQUALS:
            kind, text = "RELATION", "=="
        if kind == "PLUS" and state.before == "x":
            state.reach, state.before = state.bound, "+"
        elif kind in ("RELATION", ",", ";"):
            state.reach, state.before = state.bound, "+"
            state.compares = state.compares or kind == "RELATION"
        elif kind in ("PLUS", "*", "·", "⋅", "/", ":"):
            state.before = "/" if kind == "/" else "+"
        else:
            return False
        self.advance()
        state.out.append(copied(token, text))
        return True

    def _passed(self) -> bool:
        """Pass what changes the looks only."""
        if self.command in IGNORED and not self.token.sized:
            self.advance()
            return True
        if self.command not in IGNORED_WITH_ARGUMENT:
            return False
        self.advance()
        self.blank()
        if self.token.kind == "{":
            opening, depth = self.token.place, 0
            while self.token.kind != "END":
                depth += {"{": 1, "}": -1}.get(self.token.kind, 0)
                if depth == 0:
                    break
                self.advance()
            self.close(opening)
        return True

    # --- operands ---------------------------------------------------------------------------------

    def element(self, state: State) -> Stackless[Rope]:
        """One operand with its brackets, or a character that the grammar has to refuse."""
        token = self.token
        reads = self._rule(token)
        element: Rope = yield reads(self, state)
        return element

    def _rule(self, token: Token) -> Callable[[Reader, State], Stackless[Rope]]:
        command = self.command
        if token.kind in _RULES:
            return _RULES[token.kind]
        if command in GREEK_CALLS and self._applied() and not {command, LETTERS[command]} & self.functions:
            return Reader.greek_call
        if begins_name(self):
            return Reader.named
        if command in FRACTIONS:
            return read_fraction
        if command.lower() in CALLS and command != "sqrt" and command not in SUMS:
            return Reader.called
        if command == "begin" and begins_cases(self):
            return read_cases
        return _COMMANDS.get(command, Reader.unread)

    def _applied(self) -> bool:
        r"""Whether a Greek letter stands directly before a bracket: \sigma(x), \psi^{(1)}(x)."""
        at = self.at + 1
        if [each.text for each in self.tokens[at : at + 2]] == ["^", "{"] and self.tokens[at + 2].text == "(":
            while self.tokens[at].kind not in ("}", "END"):
                at += 1
            at += 1
        return self.tokens[at].kind == "OPEN" and self.tokens[at].text == "("

    def unread(self, state: State) -> Stackless[Rope]:
        """A command that is not known, or a character that belongs to no operand."""
        if self.token.kind in ("COMMAND", "SYMBOL", "STRANGE"):
            raise self.refusal(self.token)
        return copied(self.advance())
        yield

    def bracketed(self, state: State) -> Stackless[Rope]:
        """( … ), and [ … ]: a condition where it compares, else round brackets in another dress."""
        opening = self.advance()
        operator = state.out[-1] if state.out else None
        private = operator.letters if isinstance(operator, Atom) and operator.name in OPERATORS else ()
        inner = state.within(private)
        yield self.sequence(inner)
        if self.token.kind != "CLOSE":
            return [copied(opening, "(" if opening.text == "{" else opening.text), inner.out]
        closing = self.advance()
        if _CLOSES[opening.text] != closing.text:
            return [copied(opening), inner.out, copied(closing)]
        square = opening.text == "[" and (inner.compares or not (opening.sized or _several(inner.out)))
        left, right = ("[", "]") if square else ("(", ")")
        return [copied(opening, left, apart=opening.text != "("), inner.out, copied(closing, right)]

    def absolute(self, state: State) -> Stackless[Rope]:
        """|x|"""
        opening = self.advance()
        inner = state.within(bars=True)
        yield self.sequence(inner)
        if self.token.kind != "BAR":
            raise self.error(
                ParseError(
                    "this bar is never closed", span=opening.place, hint="write | where it ends, or abs(x)"
                )
            )
        closing = self.advance()
        return [copied(opening, "abs(", apart=True), inner.out, copied(closing, ")")]

    def braces(self, state: State) -> Stackless[Rope]:
        """{ … }, which groups: a name alone, or an expression as in brackets."""
        opening = self.token
        contents = yield self.group(state)
        closing = self.tokens[self.at - 1]
        plain = [each for each in contents if not isinstance(each, Piece) or each.text.strip()]
        if not plain:
            return copied(opening, " ")
        if len(plain) == 1 and isinstance(plain[0], Atom) and not plain[0].letters and not plain[0].power:
            atom: Atom = yield self.atom(state, Name(plain[0].name, plain[0].place, ("braces",)))
            return atom
        return [copied(opening, "(", apart=True), contents, copied(closing, ")")]

    def named(self, state: State) -> Stackless[Rope]:
        """A tensor, or a function that is written as a word."""
        if begins_unit(self):
            unit: Rope = yield read_unit(self, state)
            return unit
        name = read_name(self)
        check_expectation(self, name)
        self.note_product(name)
        if set(name.styles) - {"letter"}:
            function = CALLS.get(name.text) or CALLS.get(name.text.lower())
            if function is not None:
                call: Rope = yield read_call(self, state, function, name.place)
                return call
        atom: Atom = yield self.atom(state, name)
        if atom.name == "e" and not atom.letters and "e" not in self.tensors and _exponential(atom):
            return [Piece("exp", name.place, apart=True), _as_argument(atom.power)]
        return atom

    def called(self, state: State) -> Stackless[Rope]:
        r"""\exp, \max_j, \det"""
        token = self.advance()
        word = token.text[1:]
        call: Rope = yield read_call(self, state, CALLS.get(word) or CALLS[word.lower()], token.place)
        return call

    def greek_call(self, state: State) -> Stackless[Rope]:
        r"""\sigma(x) is the sigmoid, \psi(x) the digamma function, \psi^{(n)}(x) polygamma."""
        token = self.advance()
        name = GREEK_CALLS[token.text[1:]]
        call: Rope
        if name == "digamma" and self.token.kind == "^":
            call = yield read_polygamma(self, state, token.place)
        else:
            call = yield read_call(self, state, name, token.place)
        return call


def _is_sum(token: Token) -> bool:
    return token.text.lstrip("\\") in SUMS


def _exponential(atom: Atom) -> bool:
    """Whether e is raised to more than a number."""
    exponent = beginning(atom.power).strip("^{}()⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹ ")
    return exponent != "" and not exponent.lstrip("-−").replace(".", "").isdecimal()


def _as_argument(power: Rope) -> Rope:
    """^{x} and ^x as (x)."""
    parts = list(power) if not isinstance(power, Piece) else [power]  # type: ignore[arg-type]
    inner = [
        part for part in parts if not (isinstance(part, Piece) and part.text in ("^", "{", "}", "^(", ")"))
    ]
    ends = [part.place for part in parts if isinstance(part, Piece)]
    return [Piece("(", ends[0]), inner, Piece(")", ends[-1])]


def _several(rope: list[Rope]) -> bool:
    """Whether an expression has more than one word."""
    return len([part for part in rope if not isinstance(part, Piece) or part.text.strip()]) > 1


_RULES: dict[str, Callable[[Reader, State], Stackless[Rope]]] = {
    "OPEN": Reader.bracketed,
    "BAR": Reader.absolute,
    "{": Reader.braces,
    "WORD": Reader.named,
    "^": Reading.power,
    "RAISED": Reading.power,
    "∑": read_sum,
    "∏": read_sum,
    "∂": read_partial,
}
_COMMANDS: dict[str, Callable[[Reader, State], Stackless[Rope]]] = {
    "sqrt": read_root,
    "sum": read_sum,
    "prod": read_sum,
    "partial": read_partial,
}
