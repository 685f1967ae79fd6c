"""What is wrong with a text that the grammar refuses: the place, the reason in a person's words, a fix.

The parser knows where it stopped and what it could have gone on with. The rows below know what people
write there; the first one that applies speaks.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from indicial.errors import IndicialError, NotationError, Note, ParseError, Span
from indicial.syntax.builder import reserved, unsupported_operator
from indicial.syntax.names import OPERATORS, split

_OPENING = {"(": ")", "[": "]", "{": "}"}
_ASSIGNMENT = re.compile(r"(?<![<>=!])=(?![=])")
_COMMENT = re.compile(r"#[^\n]*")


@dataclass(frozen=True, slots=True)
class Place:
    """Where the parser stopped.

    found     the text there: a terminal, one character that begins none, or nothing at the end
    kind      the terminal's name in the grammar; empty for a character that begins none
    before    the terminal just before, by name, if nothing has been made of it yet, and its place
    accepts   the terminals that the grammar could go on with
    """

    text: str
    start: int
    found: str
    kind: str
    before: str
    before_span: Span
    accepts: frozenset[str]

    @property
    def span(self) -> Span:
        return Span(self.start, self.start + max(1, len(self.found)))

    @property
    def at_end(self) -> bool:
        """Whether the statement ends here."""
        return self.kind in {"$END", "_SEPARATOR"}

    @property
    def wants_operand(self) -> bool:
        return "NUMBER" in self.accepts and "PLUS" not in self.accepts

    @property
    def wants_target(self) -> bool:
        """Whether no `=` has been read in this statement."""
        return "EQUALS" in self.accepts or {"NAME", "INDEX"} <= self.accepts

    def statement(self) -> tuple[Span, str]:
        """The statement that holds the place, without its comment."""
        start = max(self.text.rfind(mark, 0, self.start) for mark in "\n;") + 1
        ends = [end for mark in "\n;" if (end := self.text.find(mark, self.start)) >= 0]
        line = _COMMENT.sub("", self.text[start : min(ends, default=len(self.text))])
        lead = len(line) - len(line.lstrip())
        return Span(start + lead, max(start + lead + 1, start + len(line.rstrip()))), line.strip()


Row = Callable[[Place], IndicialError | None]


def _open_brackets(place: Place) -> list[int]:
    """The places of the brackets that are open where the parser stopped."""
    stack: list[int] = []
    comments = [(found.start(), found.end()) for found in _COMMENT.finditer(place.text, 0, place.start)]
    skip = 0
    for offset in range(place.start):
        while skip < len(comments) and comments[skip][1] <= offset:
            skip += 1
        if skip < len(comments) and comments[skip][0] <= offset:
            continue
        if place.text[offset] in _OPENING:
            stack.append(offset)
        elif stack and place.text[offset] == _OPENING[place.text[stack[-1]]]:
            stack.pop()
    return stack


# --- other notations ------------------------------------------------------------------------------------


def _einsum(place: Place) -> IndicialError | None:
    span, line = place.statement()
    if not re.fullmatch(r"[A-Za-z,. ]*->[A-Za-z. ]*", line):
        return None
    operands, result = line.replace(" ", "").split("->")
    names = [name for name in "ABDEFGHKMN" if name not in line]
    factors = [f"{name}_{letters}" for name, letters in zip(names, operands.split(","), strict=False)]
    translated = "C_" + result if result else "C"
    plain = "." not in line and len(factors) == operands.count(",") + 1
    example = f"{translated} = {' '.join(factors)}" if plain else "C_ik = A_ij B_jk"
    return ParseError(
        "this is an einsum string, which is not read yet",
        span=span,
        hint=f"write it in index notation: {example}",
    )


def _declaration(place: Place) -> IndicialError | None:
    span, line = place.statement()
    word = re.match(r"(tensor|function|index)[ \t]+[^\W\d_]", line)
    if word is None or not (place.wants_target or line.startswith("index")):
        return None
    if word[1] != "index":
        return NotationError(
            f"{word[1]} declarations are not supported yet",
            span=span,
            hint="of the declarations, index lines are: index i: 3",
        )
    if ".." in line:
        return NotationError(
            "a range of an index is not supported yet", span=span, hint="write an extent: index i: 3"
        )
    return ParseError(
        "this is no index line",
        span=place.span,
        hint="an index line gives an extent: index i: 3, index i: N or index i: dim(W, 0)",
    )


def _latex(place: Place) -> IndicialError | None:
    command = re.compile(r"\\([A-Za-z]+|.?)|\$").match(place.text, place.start)
    if command is None or place.kind or command[1] in {"sum", "prod"}:
        return None
    return ParseError(
        f"the LaTeX command {command[0]} is not read yet",
        span=Span(*command.span()),
        hint=r"of LaTeX, \sum_j, \prod_j and \cdot are read; write a/b for \frac{a}{b}, alpha for \alpha",
    )


def _sign(place: Place) -> IndicialError | None:
    unread = re.compile(r"[∑∏]|\\(?:sum|prod)").match(place.text, place.start) if not place.kind else None
    bounded = place.before == "SIGN" and place.kind in {"CARET", "SUPERSCRIPT"}
    if unread is None and not bounded:
        return None
    return NotationError(
        "a sum or product sign takes index letters and no bounds",
        span=Span(*unread.span()) if unread else place.span,
        hint="write ∑_j x_j: an index runs over its whole axis",
    )


# --- characters -----------------------------------------------------------------------------------------

_TRANSPOSE = (
    "index notation has no transpose sign",
    "write the indices in the other order: A_ji for the transpose of A_ij",
)
_PRODUCT = "write the factors with their indices: A_ij B_jk"
_MISUSED: tuple[tuple[str, type[IndicialError], str, str], ...] = (
    (
        r"['’′″‴]+\(", NotationError, "derivatives of declared functions are not supported yet",
        "write the derivative out",
    ),
    (r"['’′″‴]+|[ᵀ⊤ᐪ]|\.T\b", NotationError, *_TRANSPOSE),
    (r"\*(?<=\*\*)", ParseError, "** is not a power here", "write ^: x^2"),
    (r"[×⊗⊙@∘]", NotationError, "index notation has no sign for this product", _PRODUCT),
    (r"\|", ParseError, "bars are not read", "write abs(x) for the absolute value"),
    ("√", ParseError, "the root sign is not read", "write sqrt(x)"),
    (
        "[∂∇]", NotationError, "a derivative inside a program is not supported yet",
        "take it from outside: wrt names the variable",
    ),
    (r"!", ParseError, "there is no factorial", "write prod_i(…), or lgamma(n + 1) for its logarithm"),
    (r":=", ParseError, "a statement has = alone", "write ="),
    (r"\.\.", NotationError, "a range is not supported here", "write index i: 3 for an extent"),
)  # fmt: skip


def _misused(place: Place) -> IndicialError | None:
    for pattern, error, reason, hint in _MISUSED:
        found = re.compile(pattern).match(place.text, place.start)
        if found is not None and (not place.kind or place.kind in {"TIMES", "COLON"}):
            return error(reason, span=Span(found.start(), found.end()), hint=hint)
    return None


_WRONG_SUBSCRIPT = re.compile(
    r"[^\W_]*(?:(?P<bracket>\[)((?:[^\[\]\n;]|\[[^\[\]\n;]*\])*)|_\{([^{}\n;]*)|_([\w+*−-]*))"
)


def _subscript_reason(written: str) -> str:
    if not written:
        return "the subscript is empty"
    if "[" in written:
        return f"the subscript {written} reads through a tensor, which is not supported yet"
    if re.search(r"[-+*−–/]", written) and re.search(r"[^\W\d]", written):
        return f"the subscript {written} is arithmetic of indices, which is not supported yet"
    if re.search(r"(^|[,\s])[-−]?\d+\s*(,|$)", written):
        return f"the subscript {written} is a literal component, which is not supported yet"
    return f"the subscript {written} is not a list of indices"


def _subscript(place: Place) -> IndicialError | None:
    """A bracket behind a name, or an underscore, with something else than indices."""
    wrong = None if place.kind else _WRONG_SUBSCRIPT.match(place.text, place.start)
    if wrong is None:
        return None
    written = next((group for group in wrong.groups()[1:] if group is not None), "")
    span = Span(wrong.end() - len(written), wrong.end()) if written.strip() else Span(*wrong.span())
    hint = "indices are letters, with digits or primes behind: W_ij, A_{i1 i2}, or whole words: W[row, col]"
    if wrong["bracket"] and re.search(r"[<>≤≥≠=]", written):
        return NotationError(
            "a square bracket directly behind a name holds subscripts",
            span=span,
            hint="put a space before a bracket that is a condition: a [i < j]",
        )
    if place.before == "TENSOR":
        return NotationError("a second subscript on one name", span=Span(*wrong.span()), hint=hint)
    if place.before != "NAME" and not wrong["bracket"]:
        return ParseError("a subscript without a name before it", span=Span(*wrong.span()), hint=hint)
    return NotationError(_subscript_reason(written.strip()), span=span, hint=hint)


def _strange_character(place: Place) -> IndicialError | None:
    if place.kind:
        return None
    shown = place.found if place.found.isprintable() else f"U+{ord(place.found):04X}"
    name = "" if place.found.isascii() else f" ({unicodedata.name(place.found, 'unnamed').lower()})"
    return ParseError(
        f"the character {shown}{name} is not part of the language",
        span=place.span,
        hint="names are Latin or Greek letters with digits behind; the signs are + - * / ^ = ( ) [ ]",
    )


# --- structure ------------------------------------------------------------------------------------------


def _bracket(place: Place) -> IndicialError | None:
    """A bracket that is never closed, closes nothing, or closes another kind."""
    opened = _open_brackets(place) if place.at_end or place.found in {"=", ")", "]", "}"} else None
    if opened is None:
        return None
    if place.found in _OPENING.values():
        if not opened:
            return ParseError("this bracket closes nothing", span=place.span, hint="take it out")
        wanted = _OPENING[place.text[opened[-1]]]
        if place.found == wanted:
            return None
        return ParseError(
            f"{place.found} closes a bracket that {wanted} has to close",
            span=place.span,
            notes=(Note(Span(opened[-1], opened[-1] + 1), "opened here"),),
            hint=f"write {wanted}",
        )
    if not opened:
        return None
    return ParseError(
        "this bracket is never closed",
        span=Span(opened[-1], opened[-1] + 1),
        hint=f"write {_OPENING[place.text[opened[-1]]]} where it ends",
    )


def _operator(place: Place) -> IndicialError | None:
    if place.before != "OPERATOR" or place.wants_target:
        return None
    head, span = place.text[place.before_span.start : place.before_span.end], place.before_span
    name = split(head)[0]
    if name not in OPERATORS:
        return unsupported_operator(name, span)
    return ParseError(
        "an operator needs brackets around what it reaches over", span=span, hint=f"write {head}(…)"
    )


def _left_side(place: Place) -> IndicialError | None:
    if not place.wants_target:
        return None
    span, line = place.statement()
    assignment = _ASSIGNMENT.search(line)
    if place.kind == "OPERATOR" and assignment is not None:
        return reserved(split(place.found)[0], place.span)
    if assignment is None and line[:1] in set("+-−*·/^"):
        return ParseError(
            f"a statement cannot begin with {line[0]}",
            span=place.span,
            hint="a statement goes on in the next line only inside brackets",
        )
    if assignment is None and "==" in line:
        at = span.start + line.index("==")
        return ParseError("== compares; a statement assigns", span=Span(at, at + 2), hint="write =")
    if assignment is None:
        return ParseError(
            "this is no statement: it has no =",
            span=span,
            hint="name the result with its free indices first, as in f_i = W_ij x_j",
        )
    left = Span(span.start, span.start + max(1, len(line[: assignment.start()].rstrip())))
    if assignment.start() == 0:
        return ParseError("nothing stands left of =", span=left, hint="name the result, as in f_i = …")
    return ParseError(
        "the left side of = is not one plain tensor",
        span=left,
        hint="it names the result and its free indices, as in f_i = … or C[row, col] = …",
    )


def _equality(place: Place) -> IndicialError | None:
    """`=` for `==` in a bracket that was opened in the same line; else the bracket is at fault."""
    opened = _open_brackets(place) if place.kind == "EQUALS" and "RELATION" in place.accepts else []
    if not opened or opened[-1] < place.statement()[0].start:
        return None
    return ParseError("= assigns; == compares", span=place.span, hint="write ==")


def _comparison(place: Place) -> IndicialError | None:
    if place.kind == "RELATION":
        chained = "RSQB" in place.accepts
        return ParseError(
            "a comparison has two sides" if chained else "a comparison stands in where(…) or in [ ] only",
            span=place.span,
            hint="multiply two: [i < j] [j < k]" if chained else "write [a > b], which is 1 or 0",
        )
    if place.kind == "RSQB" and "RELATION" in place.accepts:
        return ParseError(
            "a square bracket that is a factor holds a comparison",
            span=place.span,
            hint="write [a > b], or round brackets to group; subscripts stand directly behind a name: x[i]",
        )
    return None


def _second_assignment(place: Place) -> IndicialError | None:
    if place.kind != "EQUALS" or "PLUS" not in place.accepts:
        return None
    return ParseError(
        "a second = in one statement",
        span=place.span,
        hint="write one statement a line, or a ; between them; == compares",
    )


_EXPECTED = (
    ("NUMBER", "a number, a tensor or a bracket"),
    ("NAME", "a name"),
    ("COLON", "a colon"),
    ("COMMA", "a comma"),
    ("RPAR", "a closing bracket"),
    ("_SEPARATOR", "the end of the statement"),
)


def _unexpected(place: Place) -> IndicialError:
    """The last resort: what stands here, and what could."""
    if place.before == "CALL" and place.kind == "RPAR":
        return ParseError(
            "a function without an argument", span=place.before_span.to(place.span), hint="write f(x)"
        )
    if place.wants_operand:
        expected = "a number, a tensor or a bracket"
    elif "PLUS" in place.accepts:
        expected = "an operation or the end of the statement"
    else:
        expected = next((words for kind, words in _EXPECTED if kind in place.accepts), "the end")
    if place.at_end:
        return ParseError(
            f"the statement ends where {expected} has to follow",
            span=Span(place.statement()[0].end, place.statement()[0].end + 1),
            hint="a statement goes on in the next line only inside brackets",
        )
    return ParseError(
        f"{place.found.strip()} stands where {expected} is expected",
        span=place.span,
        hint=_HINTS.get(place.kind, "see whether something is missing before it"),
    )


_HINTS = {
    "COMMA": "commas separate the arguments of a function and the words of a subscript",
    "COLON": "a colon belongs to an index line: index i: 3",
    "LBRACE": "braces hold subscripts and exponents; group with round brackets",
    "SUPERSCRIPT": "a power stands behind what it raises",
    "CARET": "a power stands behind what it raises: (x^2)^3 or x^(2^3)",
}

_ROWS: tuple[Row, ...] = (
    _einsum, _declaration, _equality, _bracket, _operator, _sign, _latex, _misused, _left_side, _comparison,
    _second_assignment, _subscript, _strange_character,
)  # fmt: skip
_DENOMINATOR_ROWS: tuple[Row, ...] = (_latex, _misused, _subscript, _strange_character)


def explain(place: Place) -> IndicialError:
    """The error of a program that stops at a place."""
    return next((error for row in _ROWS if (error := row(place)) is not None), None) or _unexpected(place)


def explain_denominators(place: Place) -> IndicialError:
    """The error of a list of denominators that stops at a place."""
    found = next((error for row in _DENOMINATOR_ROWS if (error := row(place)) is not None), None)
    return found or ParseError(
        "a denominator is a tensor's name, with or without indices",
        span=place.span,
        hint='write "W", "W_kl", or several: "x W"',
    )
