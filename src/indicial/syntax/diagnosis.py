"""What is wrong with a text that the grammar refuses: the place, the reason in a person's words, a fix.

The parser knows where it stopped and what it could have gone on with. The rows know what people write
there; the first one that applies speaks.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from indicial.errors import IndicialError, Note, ParseError, Span
from indicial.syntax.misreadings import (
    declaration,
    einsum,
    misused,
    sign,
    strange_character,
    subscript,
    tensor_line,
)  # fmt: skip
from indicial.syntax.names import split
from indicial.syntax.place import OPENING, Place, shortened
from indicial.syntax.refusals import reserved, stray_comparison

Row = Callable[[Place], IndicialError | None]
_COMPUTED_BELOW = re.compile(r"/(?:[ \t]*∂[ \t]*\w+?)+(?:_\Z|(?P<opening>[\[{])[^/\n;()\]}]*[\]}]?\Z)")
_BOUNDED = re.compile(r"(?<!\w)([Ss]um|[Pp]rod|Σ|Π)_\{\Z")
_ASSIGNMENT = re.compile(r"(?<![<>=!])=(?![=])")


def bracket(place: Place) -> IndicialError | None:
    """A bracket that is never closed, closes nothing, or closes another kind."""
    opened = place.open_brackets() if place.at_end or place.found in {"=", ")", "]", "}"} else None
    if opened is None:
        return None
    if place.found in OPENING.values():
        if not opened:
            return ParseError("this bracket closes nothing", span=place.span, hint="take it out")
        wanted = OPENING[place.text[opened[-1]]]
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
    sum_like = _BOUNDED.search(place.text, 0, opened[-1] + 1) if place.found == "=" else None
    if sum_like is not None:
        sign = "∑" if sum_like[1] in ("sum", "Σ", "Sum") else "∏"
        return ParseError(
            f"{sum_like[1]} takes no bounds; the sign {sign} does",
            span=Span(*sum_like.span(1)),
            hint=rf"write {sign}_{{j=1}}^{{n}} x_j (in LaTeX \{'sum' if sign == '∑' else 'prod'})",
        )
    return ParseError(
        "this bracket is never closed",
        span=Span(opened[-1], opened[-1] + 1),
        hint=f"write {OPENING[place.text[opened[-1]]]} where it ends",
    )


def _operator(place: Place) -> IndicialError | None:
    """An operator without brackets."""
    if place.before != "OPERATOR" or place.wants_target:
        return None
    head, span = place.text[place.before_span.start : place.before_span.end], place.before_span
    return ParseError(
        "an operator needs brackets around what it reaches over",
        span=span,
        hint=f"write {shortened(head)}(…)",
    )


def _with_an_arrow(line: str) -> str:
    """The offer of `ii->` where `ii` may be an einsum string: its output has the letters that stand once."""
    letters = line.strip()
    if not re.fullmatch("[a-z]{2,4}", letters):
        return ""
    output = "".join(sorted([letter for letter in letters if letters.count(letter) == 1]))
    return f"; an einsum string has an arrow: {letters}->{output}"


def _left_side(place: Place) -> IndicialError | None:
    """What stands before `=`, or no `=` at all."""
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
            hint="name the result with its free indices first, as in f_i = W_ij x_j" + _with_an_arrow(line),
        )
    left = Span(span.start, span.start + max(1, len(line[: assignment.start()].rstrip())))
    if assignment.start() == 0:
        return ParseError("nothing stands left of =", span=left, hint="name the result, as in f_i = …")
    return ParseError(
        "the left side of = is not one plain tensor",
        span=left,
        hint=_name_for(line[: assignment.start()].strip()),
    )


_CALLED = re.compile(r"([^\W\d_][^\W_]*(?:_\{[^{}]*\}|_\w+|\[[^\[\]]*\])?)[ \t]*\([^()]*\)")
_POWER = re.compile(
    r"([^\W\d_][^\W_]*)(_\{[^{}]*\}|_\w+|\[[^\[\]]*\]|)[ \t]*(?:\^\{?[ \t]*([0-9]+)[ \t]*\}?|([²³]))"
    r"(_\{[^{}]*\}|_\w+|)"
)


def _name_for(left: str) -> str:
    """What the left side of a statement could be: f for f(x), d2_ij for d_ij^2."""
    called, power = _CALLED.fullmatch(left), _POWER.fullmatch(left)
    if called is not None and len(left) < _LONG:
        return f"a left side is a name with its indices, without arguments: {called[1]} = …"
    if power is not None and len(left) < _LONG:
        name, below, figure, small, behind = power.groups()
        number = figure or {"²": "2", "³": "3"}[small]
        return (
            f"a left side is a name with its indices, and no power: {name}{number}{below or behind} = …, "
            "or the root of the right side"
        )
    return "it names the result and its free indices, as in f_i = … or C[row, col] = …"


_LONG = 40


def _equality(place: Place) -> IndicialError | None:
    """`=` for `==` in a bracket that was opened in the same line; else the bracket is at fault."""
    opened = place.open_brackets() if place.kind == "EQUALS" and "RELATION" in place.accepts else []
    if not opened or opened[-1] < place.statement()[0].start:
        return None
    return ParseError("= assigns; == compares", span=place.span, hint="write ==")


def _partial(place: Place) -> IndicialError | None:
    """∂ without what it differentiates, by what, or with too much of it."""
    computed = _COMPUTED_BELOW.search(place.text, 0, place.start + 1)
    if computed:
        within = (
            re.compile(r"[^]}\n;]*").match(place.text, computed.end("opening"))
            if computed["opening"]
            else None
        )
        return ParseError(
            "below ∂ stand index letters only",
            span=Span(*within.span()) if within else place.span,
            hint="write D(f, x[i+1]) for what is computed",
        )
    if place.kind == "OVER" and place.before == "PARTIAL":
        reason = "nothing is differentiated here"
    elif place.kind == "OVER":
        reason = "∂ stands below, and none above"
    elif "OVER" in place.accepts and "PLUS" not in place.accepts:
        reason = "∂ reaches over one factor, and /∂ has to follow"
    else:
        return None
    return ParseError(
        reason, span=place.span, hint="write ∂f/∂x_i, with brackets ∂(a b)/∂x_i, or D(a b, x_i)"
    )


def _comparison(place: Place) -> IndicialError | None:
    """A relation out of place, or a bracket without one."""
    if place.kind == "RELATION" and ("RSQB" in place.accepts or {"COMMA", "RPAR"} <= place.accepts):
        return ParseError("a comparison has two sides", span=place.span, hint="multiply two: [i < j] [j < k]")
    if place.kind == "RELATION" and not place.wants_operand and not place.wants_target:
        return stray_comparison(place.span)
    if place.kind == "RSQB" and "RELATION" in place.accepts:
        return ParseError(
            "a square bracket that is a factor holds a comparison",
            span=place.span,
            hint="write [a > b], or round brackets to group; subscripts stand directly behind a name: x[i]",
        )
    return None


def _second_assignment(place: Place) -> IndicialError | None:
    """`a = b = c`."""
    if place.kind != "EQUALS" or "PLUS" not in place.accepts:
        return None
    return ParseError(
        "a second = in one statement",
        span=place.span,
        hint="write one statement a line, or a ; between them; == compares",
    )


_EXPECTED = (
    ("PLUS", "an operation or the end of the expression"),
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
    expected = next((words for kind, words in _EXPECTED if kind in place.accepts), "the end")
    if place.at_end:
        return ParseError(
            f"the statement ends where {expected} has to follow",
            span=Span(place.statement()[0].end, place.statement()[0].end + 1),
            hint="a statement goes on in the next line only inside brackets",
        )
    return ParseError(
        f"{shortened(place.found)} stands where {expected} is expected",
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
    einsum, declaration, _partial, _equality, bracket, _operator, sign, misused, subscript, tensor_line,
    _left_side, _comparison, _second_assignment, strange_character,
)  # fmt: skip
_DENOMINATOR_ROWS: tuple[Row, ...] = (misused, subscript, strange_character)


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
