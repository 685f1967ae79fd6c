"""What is wrong with a text that the grammar of matrix notation refuses."""

from __future__ import annotations

import re
from collections.abc import Callable

from indicial.errors import IndicialError, NotationError, ParseError, Span
from indicial.syntax.diagnosis import bracket
from indicial.syntax.misreadings import strange_character
from indicial.syntax.place import Place, shortened

Row = Callable[[Place], IndicialError | None]
_OPERATORS = frozenset({"PLUS", "MINUS", "TIMES", "SLASH", "DOTTIMES", "DOTSLASH", "CARET", "DOTCARET"})


def _declaration(place: Place) -> IndicialError | None:
    """`index …`, `function …`, and tensor lines that are not well formed."""
    span, line = place.statement()
    word = re.match(r"(tensor|index|function)[ \t]+[^\W\d_]", line)
    if word is None or "=" in line:
        return None
    if word[1] == "tensor":
        return ParseError(
            "this is no declaration of a tensor",
            span=place.span,
            hint="it gives a name and what it is: tensor s: scalar; tensor A: symmetric",
        )
    return NotationError(
        f"{word[1]} lines belong to index notation",
        span=span,
        hint="matrix notation declares tensors only: tensor s: scalar; tensor A: symmetric",
    )


def _subscript(place: Place) -> IndicialError | None:
    """`W_ij`, `x[i]`."""
    found = re.compile(r"_\{[^}\n;]*\}?|_\w*|\[[^\]\n;]*\]?").match(place.text, place.start)
    if found is None:
        return None
    return NotationError(
        "matrix notation has no subscripts",
        span=Span(*found.span()),
        hint="write whole matrices and vectors, or read the program as index notation",
    )


_MISUSED: tuple[tuple[str, str, str], ...] = (
    (r"\*(?<=\*\*)", "** is not a power here", "write ^, or .^ entry by entry"),
    (r"@", "@ is not a product here", "write *"),
    (r"\\(?![A-Za-z]{2})", "\\ is not a division here", "write solve(A, b), or inv(A)*b"),
    (r"\|", "bars are not read", "write abs(x), norm2(x) or det(X)"),
    (r"√", "the root sign is not read", "write sqrt(x)"),
    (r"[⊗×]", "matrix notation has no sign for this product", "write * or .*"),
    (
        r"(?<==)=|==|[<>≤≥≠!~]",
        "matrix notation has no comparisons",
        "relu, abs and sign are there; max(x, y) too",
    ),
    (r"\.[A-Za-z]\w*", "nothing stands behind a point here", "write A' for a transpose, inv(A), tr(A), …"),
)


def _misused(place: Place) -> IndicialError | None:
    """A sign with a meaning elsewhere."""
    for pattern, reason, hint in _MISUSED:
        found = re.compile(pattern).match(place.text, place.start)
        if found is not None:
            return ParseError(reason, span=Span(*found.span()), hint=hint)
    return None


def _assignment(place: Place) -> IndicialError | None:
    """`=` behind something other than a name."""
    if place.kind != "EQUALS":
        return None
    span, line = place.statement()
    before = line[: place.start - span.start]
    if "=" in before:
        return ParseError(
            "a second = in one statement", span=place.span, hint="write one statement a line, or a ; between"
        )
    if not before.strip():
        return ParseError("nothing stands left of =", span=place.span, hint="name the result, as in f = …")
    left = Span(span.start, span.start + len(before.rstrip()))
    return ParseError("the left side of = is not one name", span=left, hint="write f = …")


def _side_by_side(place: Place) -> IndicialError | None:
    """`2 A`, `A x`, `2(x + y)`."""
    if "PLUS" not in place.accepts or place.kind not in {"NAME", "NUMBER", "LPAR", "TENSOR"}:
        return None
    return ParseError(
        "two factors stand side by side", span=place.span, hint="write * between them, or .* entry by entry"
    )


def _power_of_power(place: Place) -> IndicialError | None:
    """`a^b^c`."""
    if place.kind not in {"CARET", "DOTCARET", "SUPERSCRIPT"} or "PLUS" not in place.accepts:
        return None
    return ParseError(
        "it is not clear which of these powers comes first",
        span=place.span,
        hint="write brackets: (x^2)^3 or x^(2^3)",
    )


def _strange_character(place: Place) -> IndicialError | None:
    """A character that is in no terminal."""
    error = strange_character(place)
    if error is not None:
        error.hint = (
            "names are Latin or Greek letters with digits behind; the signs are + - * / .* ./ ^ .^ ' = ( )"
        )
    return error


def _unexpected(place: Place) -> IndicialError:
    """The last resort: what stands here, and what could."""
    wants = "an operation or the end" if "PLUS" in place.accepts else "a number, a name or a bracket"
    if place.at_end:
        end = place.statement()[0].end
        return ParseError(
            f"the statement ends where {wants} has to follow",
            span=Span(end, end + 1),
            hint="a statement goes on in the next line only inside brackets",
        )
    hint = "see whether something is missing before it"
    if place.kind in _OPERATORS:
        hint = "an operation needs something on both sides"
    elif place.kind == "COMMA":
        hint = "commas separate the arguments of a function"
    return ParseError(
        f"{shortened(place.found)} stands where {wants} is expected", span=place.span, hint=hint
    )


_ROWS: tuple[Row, ...] = (
    _declaration, _subscript, _misused, bracket, _assignment, _side_by_side, _power_of_power,
    _strange_character,
)  # fmt: skip


def explain(place: Place) -> IndicialError:
    """The error of a program that stops at a place."""
    return next((error for row in _ROWS if (error := row(place)) is not None), None) or _unexpected(place)
