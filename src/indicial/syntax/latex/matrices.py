r"""LaTeX of matrices without indices, in plain matrix notation: x^\top A x is x'*A*x.

Letters side by side are a product. Read are names in their styles, transposes and inverses, fractions, roots,
norms, \odot, and functions such as \operatorname{tr}, \log and \log\det.
"""

from __future__ import annotations

import re

from indicial.errors import IndicialError, NotationError, ParseError, Span
from indicial.syntax.latex.arguments import pass_arguments
from indicial.syntax.latex.constants import Styles
from indicial.syntax.latex.cursor import Cursor, copied
from indicial.syntax.latex.names import Name, begins_name, read_name
from indicial.syntax.latex.origin import Origin, Piece, joined
from indicial.syntax.latex.vocabulary import CALLS, FRACTIONS, GREEK_CALLS, IGNORED, STYLES, TRANSPOSES

_MARK = re.compile(r"\\[A-Za-z]{2,}|\\\||\$")
_BARS = frozenset({r"\|", r"\lVert", r"\rVert", r"\Vert"})
_ENTRYWISE = frozenset({"odot", "circ"})
_PRODUCTS = frozenset({"cdot", "times"})
_CALLS = CALLS | {
    name: name for name in ("diag", "solve", "vector", "matrix", "norm1", "norm2", "dim")
}  # functions of plain matrix notation
_PRODUCT_OF_LETTERS = 3  # letters of a word that is read as one, Wx; longer words are names


def is_matrix_latex(text: str) -> bool:
    """Whether a text in matrix notation has commands of LaTeX."""
    return _MARK.search(text) is not None


def in_matrix_notation(text: str) -> Origin:
    """A program of matrices in LaTeX, in plain matrix notation."""
    reader = _Matrices(text)
    pass_arguments(reader)
    return joined(reader.program(), text)


class _Matrices(Cursor):
    """Writes token by token; `closers` are what the open braces and norms are closed by."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.out: list[Piece] = []
        self.closers: list[tuple[str, str, Span]] = []  # the token that closes, what is written, from where
        self.operand = False  # whether an operand has been written last
        self.styles = Styles(text)

    def program(self) -> list[Piece]:
        while self.token.kind != "END":
            self.step()
        if self.closers:
            raise self.error(
                ParseError("this is never closed", span=self.closers[-1][2], hint="write what closes it")
            )
        return [*self.out, *self.styles.vectors()]

    def step(self) -> None:
        """Read one token, or a name, a function, a script."""
        token, command = self.token, self.command
        if token.kind in ("SPACE", "GLUE", "COMMENT", "MATHS", "&") or (
            command in IGNORED and not token.sized
        ):
            self.advance()
        elif token.kind in ("NEWLINE", "BREAK", ";"):
            self.sign("\n")
        elif token.text in _BARS:
            self.norm()
        elif command in _ENTRYWISE or command in _PRODUCTS:
            self.sign(".*" if command in _ENTRYWISE else "*")
        elif command in FRACTIONS:
            self.fraction()
        elif token.text == "tensor" and self.begins_line():
            self.declaration()
        elif command in GREEK_CALLS and self.tokens[self.at + 1].text == "(":
            self.function(GREEK_CALLS[command], self.advance().place)
        elif command in CALLS and command not in ("sum", "prod"):
            self.function(CALLS[command], self.advance().place)
        elif begins_name(self):
            self.name()
        elif token.kind == "NUMBER":
            self.begin_operand()
            self.out.append(copied(self.advance()))
        else:
            self.mark()

    def mark(self) -> None:
        """Read a bracket, a script or a sign."""
        token = self.token
        if token.kind in ("OPEN", "{"):
            self.open()
        elif token.kind == "}" or (token.kind in ("CLOSE", "BAR") and self.closers):
            self.close_group()
        elif token.kind in ("^", "RAISED", "PRIME"):
            self.script()
        elif token.kind in ("PLUS", "EQUALS", ",", "*", "·", "⋅", "/", "."):
            self.sign("" if token.kind == "." else "=" if token.kind == "EQUALS" else token.text)
        else:
            raise self.unread()

    # --- what is written ----------------------------------------------------------------------------

    def begin_operand(self) -> None:
        """A product sign where an operand stands behind another one."""
        if self.operand:
            self.out.append(Piece("*", self.token.place))
        self.operand = True

    def sign(self, text: str) -> None:
        if text == "=" and self.out:
            self.styles.assigned.add(self.out[-1].text)
        self.out.append(copied(self.advance(), text))
        self.operand = False

    def begins_line(self) -> bool:
        """Whether nothing stands before the token in its line."""
        return not self.text[: self.token.place.start].rpartition("\n")[2].strip()

    def declaration(self) -> None:
        """`tensor b: vector` as it stands."""
        while self.token.kind not in ("NEWLINE", "BREAK", ";", "END"):
            if begins_name(self):
                name = read_name(self)
                self.styles.assigned.add(name.text)
                self.out.append(Piece(name.text, name.place))
            else:
                self.out.append(copied(self.advance()))

    def name(self) -> None:
        """A tensor, a product of letters, a constant, or a function that is written as a word."""
        styled = self.command in STYLES
        name = read_name(self)
        function = _CALLS.get(name.text) or (_CALLS.get(name.text.lower()) if styled else None)
        if function is not None:
            self.function(function, name.place)
            return
        constant = self.styles.constant(name)
        letters = [constant or name.text]
        if not constant and not name.styles and name.text.isalpha() and len(name.text) <= _PRODUCT_OF_LETTERS:
            letters = list(name.text)
        for letter in letters[:-1]:
            self.tensor(name, letter)
        figure = self.figure(constant) if self.token.kind == "_" else ""
        if constant:
            self.begin_operand()
            self.out.append(Piece(constant, name.place))
            return
        if "operatorname" in name.styles and self.token.text == "(":  # a function that is not known
            self.begin_operand()
            self.operand = False
            self.out.append(Piece(name.text, name.place))
            return
        self.tensor(name, letters[-1] + figure)

    def tensor(self, name: Name, text: str) -> None:
        """One name as an operand."""
        self.begin_operand()
        self.styles.note(self, name, text)
        self.out.append(Piece(text, name.place))

    def figure(self, constant: str) -> str:
        """x_1 is a name with a figure, I_n the identity; other subscripts are indices, and refused."""
        mark = self.advance()
        braced = self.token.kind == "{"
        at = self.at + braced
        below = self.tokens[at]
        closed = not braced or self.tokens[at + 1].kind == "}"
        self.at = at + 1 + braced
        if closed and constant and below.kind == "WORD":
            return ""
        if closed and below.text.isdecimal() and not constant:
            return below.text
        raise self.error(
            NotationError(
                "an identity or a vector of ones is as large as what it meets" if constant
                else "matrix notation has no indices",
                span=mark.place.to(below.place),
                hint="leave the extent out" if constant
                else 'leave notation="matrix" out where the formula has indices',
            )
        )  # fmt: skip

    def function(self, name: str, place: Span) -> None:
        """f( … ), or f of the one operand that follows; \\log\\det is one function."""
        self.blank()
        if name == "log" and self.command == "det":
            name, place = "logdet", place.to(self.advance().place)
            self.blank()
        self.begin_operand()
        self.operand = False
        if name == "sqrt" and self.token.text == "[":
            raise self.error(
                NotationError(
                    "a root here is a square root", span=place,
                    hint="in plain matrix notation write a^(1/3) for a number, x .^ (1/3) entry by entry",
                )
            )  # fmt: skip
        if self.token.kind in ("OPEN", "{"):
            self.out.append(Piece(name, place))
            self.open()
            return
        if name == "log" and self.token.kind == "BAR":
            self.out.append(Piece("logdet(", place))
            self.closers.append(("BAR", ")", self.advance().place))
            return
        if not begins_name(self) or read_name_is_function(self):
            raise self.error(
                NotationError(
                    f"it is not clear how far {name} reaches", span=place,
                    hint=rf"put brackets around what it is applied to: \{name}(…)",
                )
            )  # fmt: skip
        self.out.append(Piece(f"{name}(", place))
        self.name()
        self.out.append(Piece(")", place))

    # --- groups -------------------------------------------------------------------------------------

    def open(self) -> None:
        """A bracket, or a brace, which groups."""
        if self.operand:
            self.begin_operand()
        opening = self.advance()
        self.out.append(copied(opening, "("))
        closing = "}" if opening.kind == "{" else "CLOSE"
        self.closers.append((closing, ")", opening.place))
        self.operand = False

    def close_group(self) -> None:
        kind = self.token.kind
        if not self.closers or self.closers[-1][0] != kind:
            raise self.error(
                ParseError("this bracket closes nothing", span=self.token.place, hint="take it out")
            )
        closing = self.advance()
        text, opening = self.closers.pop()[1:]
        self.out.append(copied(closing, text))
        self.operand = True
        if text == ")/(":
            self.part("))", opening)

    def fraction(self) -> None:
        r"""\frac{a}{b} as ((a)/(b))"""
        self.begin_operand()
        head = self.advance()
        self.out.append(copied(head, "(("))
        self.part(")/(", head.place)

    def part(self, closing: str, place: Span) -> None:
        r"""A numerator or denominator: a group or, as in \frac12, the next character."""
        self.blank()
        self.operand = False
        if self.token.kind == "{":
            self.advance()
            self.closers.append(("}", closing, place))
            return
        self.split()
        if self.token.kind not in ("WORD", "NUMBER"):
            raise self.error(
                ParseError("an argument in braces has to follow", span=place, hint=r"write \frac{a}{b}")
            )
        self.out += [copied(self.advance()), Piece(closing, place)]
        if closing == ")/(":
            self.part("))", place)
        self.operand = True

    def norm(self) -> None:
        r"""\lVert x \rVert_2 as norm2(x)"""
        bars = self.token
        open_here = bool(self.closers) and self.closers[-1][0] == "bars"
        if bars.text == r"\rVert" or (open_here and bars.text != r"\lVert"):
            if not open_here:
                raise self.error(
                    ParseError("these bars close nothing", span=bars.place, hint="take them out")
                )
            self.advance()
            opening = self.closers.pop()[2]
            self.out.append(Piece(")", bars.place))
            self.operand = True
            self.norm_kind(opening)
            return
        self.begin_operand()
        self.out.append(copied(self.advance(), "norm2("))
        self.closers.append(("bars", ")", bars.place))
        self.operand = False

    def norm_kind(self, opening: Span) -> None:
        """The subscript of a norm: 1, 2, or F for a matrix."""
        if self.behind_blank(lines=False).kind != "_":
            return
        self.blank(lines=False)
        mark = self.advance()
        words = self.script_words()
        if words == ["1"]:
            two, one = Piece("norm2(", opening), Piece("norm1(", opening)
            self.out = [one if piece == two else piece for piece in self.out]
        elif words not in (["2"], ["F"]):
            raise self.error(
                NotationError(
                    "this norm is not among those of matrix notation", span=mark.place,
                    hint="the norms are 1, the sum of all absolute values, 2 and F, the root of the sum of "
                    "all squares; the largest absolute value is max(abs(x))",
                )
            )  # fmt: skip

    # --- scripts ------------------------------------------------------------------------------------

    def script(self) -> None:
        r"""^\top, ^{-1}, ^{-\top}, ^2"""
        mark = self.advance()
        if mark.kind != "^":
            self.out.append(copied(mark, "'" if mark.kind == "PRIME" else None))
            return
        words = self.script_words()
        inverse = words[:1] in (["-"], ["−"])
        words = words[inverse:]
        transposed = len(words) == 1 and words[0] in TRANSPOSES
        if transposed:
            self.out.append(Piece("^(-1)'" if inverse else "'", mark.place))
        elif len(words) == 1 and words[0].isdecimal():
            self.out.append(Piece(f"^(-{words[0]})" if inverse else f"^{words[0]}", mark.place))
        else:
            raise self.error(
                NotationError(
                    "a power here is a transpose, an inverse or a whole number", span=mark.place,
                    hint=r"write A^\top, A^{-1} or A^2; entry by entry x .^ y in plain matrix notation",
                )
            )  # fmt: skip

    def script_words(self) -> list[str]:
        """The words of a script, without the commands of their style."""
        self.blank(lines=False)
        words: list[str] = []
        depth = 0
        while self.token.kind != "END":
            token = self.advance()
            depth += {"{": 1, "}": -1}.get(token.kind, 0)
            word = token.text.lstrip("\\")
            if token.kind not in ("{", "}", "SPACE") and word not in STYLES:
                words.append(word)
            if depth == 0 and word not in STYLES:
                break
        return words

    def unread(self) -> IndicialError:
        token = self.token
        if token.text in (r"\sum", r"\prod"):
            return self.error(
                NotationError(
                    f"{token.text} goes over an index, and matrix notation has none", span=token.place,
                    hint='write sum(x) for all entries, or leave notation="matrix" out and write the indices',
                )
            )  # fmt: skip
        if token.text == r"\otimes":
            return self.error(
                NotationError(
                    "matrix notation has no Kronecker product", span=token.place,
                    hint="index notation has the products with their four axes, A_ij B_kl; "
                    r"an outer product is x y^\top",
                )
            )  # fmt: skip
        if token.kind == "BAR":
            return self.error(
                ParseError(
                    "bars are an absolute value and a determinant", span=token.place,
                    hint=r"write \det(A), or \operatorname{abs}(x) entry by entry",
                )
            )  # fmt: skip
        if token.kind == "COMMAND":
            return self.refusal(token)
        return self.error(
            ParseError(
                f"{token.text} is not read in matrix notation", span=token.place, hint="write it as in x'*A*x"
            )
        )


def read_name_is_function(cursor: Cursor) -> bool:
    """Whether the name to be read is a function's."""
    at = cursor.at
    function = read_name(cursor).text in _CALLS
    cursor.at = at
    return function
