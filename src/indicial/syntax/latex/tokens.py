r"""The tokens of LaTeX: commands, groups, delimiters with or without \left, words, spaces.

Names, numbers and relations are those of index notation. Tokens lie end to end: nothing between them is lost.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from indicial.errors import Span

_WORD = r"[A-Za-zΑ-Ωα-ωϑϕϰϱϵµ][A-Za-z0-9Α-Ωα-ωϑϕϰϱϵµ₀-₉]*"
_NUMBER = r"(?:[0-9]+(?:\.[0-9]+|\.(?![\s$\\]|$))?|\.[0-9]+)(?:[eE][+\-−–]?[0-9]+)?"
_TOKEN = re.compile(
    rf"""
      (?P<COMMENT> [\#%][^\n]* )
    | (?P<BREAK> \\\\\*? (?:[ \t]*\[[^\]\n]{{0,12}}(?:em|ex|pt|mm|cm|jot)\])? | \\(?:newline|cr)(?![A-Za-z]) )
    | (?P<SIZED> \\(?P<size>left|right|middle|[bB]igg?[lrm]?)(?![A-Za-z])
                 \s*(?P<sized>\\[A-Za-z]+|\\[{{}}|]|[()\[\]|./]) )
    | (?P<MATHS> \$\$? | \\[()\[\]] )
    | (?P<GLUE> \\! | \\negthinspace(?![A-Za-z]) )
    | (?P<SPACE> [ \t\r\f\v\u00a0\u2000-\u200b\u202f\u3000\ufeff]+ | ~ | \\[ ,;:>/]
               | \\(?:q?quad|thinspace|medspace|thickspace|enspace|enskip|space)(?![A-Za-z]) )
    | (?P<NEWLINE> \n )
    | (?P<COMMAND> \\(?:operatorname\*|[A-Za-z]+) )
    | (?P<SYMBOL> \\[^\n]? )
    | (?P<WORD> {_WORD} )
    | (?P<NUMBER> {_NUMBER} )
    | (?P<SMALL> (?:[ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ][₀-₉]*['’′″‴]*)+ )
    | (?P<RAISED> [⁺⁻]?[⁰¹²³⁴-⁹]+ )
    | (?P<PRIME> ['’′″‴]+ )
    | (?P<RELATION> [<>]=? | [=!]= | [≤≥≠] )
    | (?P<EQUALS> :?= )
    | (?P<PLUS> [+\-−–] )
    | (?P<OPEN> [(\[] )
    | (?P<CLOSE> [)\]] )
    | (?P<BAR> \| )
    | (?P<OTHER> . )
    """,
    re.VERBOSE | re.DOTALL,
)
_MARK = re.compile(
    r"[\\$]|\^\{\s*(?:\(\s*\w+\s*\)|\[\s*\w+\s*\])\s*\}|[∑∏]\s*(?:_\{[^{}\n]*[=<>≤≥≠][^{}\n]*\}|(?:_\{[^{}\n]*\}|_?\w*)\s*\^)"
)
_COMMENT = re.compile(r"#[^\n]*")
_DELIMITERS = {
    "(": "(", "[": "[", r"\{": "{", r"\lbrace": "{", r"\lbrack": "[",
    ")": ")", "]": "]", r"\}": "}", r"\rbrace": "}", r"\rbrack": "]",
    "|": "|", r"\lvert": "|", r"\rvert": "|", r"\vert": "|",
}  # fmt: skip
_SIDES = {r"\lvert": "left", r"\rvert": "right"}


@dataclass(frozen=True, slots=True)
class Token:
    """A token: its kind, its text (of a delimiter without \\left), and where it stands.

    `side` is left or right where a bar says so; `sized` where a delimiter is one of TeX's own.
    """

    kind: str
    text: str
    place: Span
    side: str = ""
    sized: bool = False


END = "END"


def is_latex(text: str) -> bool:
    """Whether a text has a command, a dollar or a sum with bounds outside its comments."""
    return _MARK.search(text) is not None and _MARK.search(_COMMENT.sub("", text)) is not None


def tokens(text: str) -> list[Token]:
    """The tokens of a text, with one at its end."""
    found = [_token(match) for match in _TOKEN.finditer(text)]
    end = len(text.rstrip())
    return [*found, Token(END, "", Span(end, end + 1))]


def _token(match: re.Match[str]) -> Token:
    kind, written, place = match.lastgroup or "OTHER", match[0], Span(match.start(), match.end())
    if match["SIZED"]:
        return _delimiter(match["sized"], place, match["size"])
    if kind in ("COMMAND", "SYMBOL") and written in (*_DELIMITERS, r"\|", r"\lVert", r"\rVert"):
        return _delimiter(written, place, "")
    if kind == "OTHER" and written in "{}_^&,;*/·⋅∑∏∂.":
        kind = written
    return Token(kind, written, place)


def _delimiter(written: str, place: Span, size: str) -> Token:
    delimiter = _DELIMITERS.get(written)
    if delimiter is None:
        return Token("COMMAND" if written.startswith("\\") else "STRANGE", written, place, sized=True)
    left = size == "left" or size.endswith("l")
    right = size == "right" or size.endswith("r")
    side = _SIDES.get(written) or ("left" if left else "right" if right else "")
    kind = "BAR" if delimiter == "|" else "OPEN" if delimiter in "([{" else "CLOSE"
    return Token(kind, delimiter, place, side, sized=True)
