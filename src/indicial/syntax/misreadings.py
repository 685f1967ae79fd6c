"""Rows of a diagnosis that go by what is written: other notations, characters, subscripts."""

from __future__ import annotations

import re
import unicodedata

from indicial.errors import IndicialError, NotationError, ParseError, Span
from indicial.syntax.einsum import is_einsum
from indicial.syntax.place import Place, shortened
from indicial.syntax.refusals import INFINITE, component_hint

_FEW = 20  # characters of subscripts that a hint repeats
_BOUNDS = re.compile(r"(?<=[∑∏]_\w)[ \t]*=[ \t]*\w+(?:[ \t]*\^[ \t]*\w+)?")

# --- other notations ------------------------------------------------------------------------------------


def einsum(place: Place) -> IndicialError | None:
    """`ij,j->i` in other company, or with what no einsum string has."""
    span, line = place.statement()
    if ("->" not in line and "→" not in line) or "=" in line:
        return None
    if is_einsum(line):
        return ParseError(
            "an einsum string is a program of its own, and no statement of another",
            span=span,
            hint="write this statement in index notation, as in C_ik = A_ij B_jk",
        )
    plain = line.replace("->", ",,")
    strange = next(place for place, sign in enumerate(plain) if not is_einsum(f",{sign}"))
    at = Span(span.start + strange, span.start + strange + 1)
    return ParseError(
        "an einsum string has letters, commas, dots, spaces and one -> only",
        span=at,
        hint="write it like ij,jk->ik, or in index notation: C_ik = A_ij B_jk",
    )


def declaration(place: Place) -> IndicialError | None:
    """`function …`, and index lines that are not well formed."""
    span, line = place.statement()
    word = re.match(r"(function|index)[ \t]+[^\W\d_]", line)
    if word is None:
        return None
    if word[1] == "function":
        return ParseError(
            "this is no function line",
            span=place.span,
            hint="it lists names, with arguments where there are several: function phi, g(x, y)",
        )
    if word[1] != "index":
        return NotationError(
            f"{word[1]} declarations are not supported yet",
            span=span,
            hint="of the declarations, index lines are: index i: 3",
        )
    if ".." in line:
        return NotationError(
            "a range needs both of its ends, as numbers", span=span, hint="write index i: 0..3, or index i: 4"
        )
    return ParseError(
        "this is no index line",
        span=place.span,
        hint="an index line gives an extent: index i: 3, index i: N or index i: dim(W, 0)",
    )


def tensor_line(place: Place) -> IndicialError | None:
    """`tensor …` that does not say of tensors what they are."""
    line = place.statement()[1]
    if not re.match(r"tensor[ \t]+[^\W\d_]", line) or "=" in line:
        return None
    second = place.kind == "COLON"
    return ParseError(
        "a second colon in one declaration" if second else "this is no declaration of a tensor",
        span=place.span,
        hint="write a line for each: tensor A_ij: symmetric; tensor x_i: positive"
        if second
        else "name it with its indices, then what it is: tensor A_ij: symmetric",
    )


def sign(place: Place) -> IndicialError | None:
    """`∑` without its index, or with bounds."""
    bounds = _BOUNDS.match(place.text, place.start) if place.found == "=" else None
    if bounds is not None:
        start = max(place.text.rfind(mark, 0, place.start) for mark in "∑∏")
        return ParseError(
            "the bounds of a sum stand in braces",
            span=Span(start, bounds.end()),
            hint="write ∑_{j=1}^{n} x_j, or ∑_j x_j: an index runs over its whole axis",
        )
    unread = re.compile("[∑∏]").match(place.text, place.start) if not place.kind else None
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
    (r"['’′″‴]+|[ᵀ⊤ᐪ]|\.T\b", NotationError, *_TRANSPOSE),
    (r"\*(?<=\*\*)", ParseError, "** is not a power here", "write ^: x^2"),
    (r"[×⊗⊙@∘]", NotationError, "index notation has no sign for this product", _PRODUCT),
    (r"\|", ParseError, "bars are not read", "write abs(x) for the absolute value"),
    ("√", ParseError, "the root sign is not read", "write sqrt(x)"),
    (
        "[∂∇]", NotationError, "this is no derivative that can be read",
        "write ∂f/∂x_i or D(f, x_i); ∂₁g(x, y) is a derivative of a declared function",
    ),
    ("∞", NotationError, *INFINITE),
    (r"!", ParseError, "there is no factorial", "write prod_i(…), or lgamma(n + 1) for its logarithm"),
    (r":=", ParseError, "a statement has = alone", "write ="),
    (r"\.\.", NotationError, "a range is no expression", "write it in a line of its own: index i: 0..3"),
)  # fmt: skip


def misused(place: Place) -> IndicialError | None:
    """A sign with a meaning elsewhere."""
    for pattern, error, reason, hint in _MISUSED:
        found = re.compile(pattern).match(place.text, place.start)
        if found is not None and (not place.kind or place.kind in {"TIMES", "COLON"}):
            return error(reason, span=Span(found.start(), found.end()), hint=hint)
    return None


_WRONG_SUBSCRIPT = re.compile(
    r"[^\W_]*(?:(?P<bracket>\[)((?:[^\[\]\n;]|\[[^\[\]\n;]*\])*)|_\{([^{}\n;]*)|_([\w+*−-]*))"
)


def _subscript_reason(written: str) -> str:
    parts = [part.strip() for part in written.split(",")]
    shown = f"the subscript {shortened(written)}"
    if not written.strip():
        return "the subscript is empty"
    if "[" in written:
        return f"{shown} does not read as positions in a tensor"
    if any(re.search(r"[-+*−–/]", part) and re.search(r"[^\W\d_]", part) for part in parts):
        return f"{shown} does not read as arithmetic of indices"
    if any(re.fullmatch(r"[-−]?\d+", part) for part in parts):
        return f"{shown} is a number, and components are named in square brackets"
    return f"{shown} is not a list of indices"


_INVERSE = re.compile(r"\(\s*([^\W_]+)\s*(?:\^\s*\{?\(?\s*[-−]\s*1\s*\)?\}?|⁻¹)\s*\)\s*")


def _behind_bracket(place: Place, span: Span) -> IndicialError:
    """(A B)_ij, (Σ^-1)_ij"""
    letters = place.text[span.start : span.end].strip("_{} ")
    inverse = next((one for one in _INVERSE.finditer(place.text) if one.end() == place.start), None)
    hint = "write them behind each tensor: A_ik B_kj for (A B)_ij"
    if inverse is not None and 1 < len(letters) < _FEW:
        hint = f"write inv_{letters}({inverse[1]}_{letters}) for the inverse of a matrix"
    return NotationError("a bracket has no indices; what stands in it has", span=span, hint=hint)


def subscript(place: Place) -> IndicialError | None:
    """A bracket behind a name, or an underscore, with something else than indices."""
    wrong = None if place.kind else _WRONG_SUBSCRIPT.match(place.text, place.start)
    if wrong is None:
        return None
    written = next((group for group in wrong.groups()[1:] if group is not None), "")
    span = Span(wrong.end() - max(1, len(written)), wrong.end())
    hint = "indices are letters, with digits or primes behind: W_ij, A_{i1 i2}, or whole words: W[row, col]"
    if wrong["bracket"] and re.search(r"[<>≤≥≠=]", written):
        return NotationError(
            "a square bracket directly behind a name holds subscripts",
            span=span,
            hint="put a space before a bracket that is a condition: a [i < j]",
        )
    if place.before == "TENSOR":
        return NotationError("a second subscript on one name", span=Span(*wrong.span()), hint=hint)
    if place.text[: place.start].rstrip()[-1:] == ")":
        return _behind_bracket(place, Span(*wrong.span()))
    if place.before != "NAME" and not wrong["bracket"]:
        return ParseError("a subscript without a name before it", span=Span(*wrong.span()), hint=hint)
    if re.fullmatch(r"[-−]?\d+", written.strip()) and "_" in wrong[0]:
        name = re.split(r"[\W_]", place.text[: wrong.end() - len(written) - 1])[-1]
        hint = component_hint(name, written.strip())
        if written.strip().isdecimal() and name:
            hint = f"{name}{written.strip()} is a name of its own; for a component {hint}"
        if name == "log":
            hint = f"write log(x) / log({written.strip()})"
    return NotationError(_subscript_reason(written), span=span, hint=hint)


def strange_character(place: Place) -> IndicialError | None:
    """A character that is in no terminal."""
    if place.kind:
        return None
    shown = place.found if place.found.isprintable() else f"U+{ord(place.found):04X}"
    name = "" if place.found.isascii() else f" ({unicodedata.name(place.found, 'unnamed').lower()})"
    return ParseError(
        f"the character {shown}{name} is not part of the language",
        span=place.span,
        hint="names are Latin or Greek letters with digits behind; the signs are + - * / ^ = ( ) [ ]",
    )
