r"""Remarks behind a formula: what its indices run over, \quad \text{for } i = 1, \dots, n, or its number.

The number of an equation stands in brackets behind a wide space, \qquad (3.2), and is no factor.
"""

from __future__ import annotations

import re

from indicial.errors import NotationError
from indicial.syntax.latex.limits import whole_axis
from indicial.syntax.latex.reading import Reading
from indicial.syntax.latex.sums import declare_extent
from indicial.syntax.latex.vocabulary import REMARKS

_LETTER = r"[^\W\d_](?:_?\d+|'+)*"
_DOTS = r"\\(?:l|c)?dots[bc]?"
_REMARK = re.compile(
    rf"""
    (?P<number> \( \s* \d+ (?:\.\d+)* [a-z]? \s* \) \s* )
    | \(?\s*
    (?P<head> (?: (?:\\(?:{"|".join(sorted(REMARKS))})\s*\{{ \s*(?:for)?\s*(?:all|each|every|any)?\s* \}}
              | \\forall(?![A-Za-z]) ) \s* )* )
    (?P<letters> {_LETTER} (?: \s*,\s* {_LETTER} )* ) \s*
    (?P<range> (?: = | \\in\s*\\\{{ ) \s*
        (?P<start>\d+) (?:\s*,\s*\d+)* (?:\s*,\s*{_DOTS})? \s*,\s* (?P<end>[\w\s+−-]+?) \s* (?:\\\}})? )?
    \s*\)?\s*[.,]?\s*
    """,
    re.VERBOSE,
)
_ENDS = frozenset({"NEWLINE", "BREAK", "MATHS", "END"})
_WIDE = frozenset({r"\quad", r"\qquad", r"\hfill"})


def begins_remark(reading: Reading) -> int:
    """The number of tokens of the remark that is to be read; 0 where none is."""
    found = _found(reading)
    return 0 if found is None else found[1] - reading.at


def read_remark(reading: Reading) -> None:
    """Pass a remark; a range in it declares extents, as the bounds of a sum do."""
    found = _found(reading)
    assert found is not None, "a remark has been seen here"
    match, end = found
    place = reading.token.place.to(reading.tokens[end - 1].place)
    if match["range"] is not None:
        extent = whole_axis(match["start"], re.sub(r"\s", "", match["end"]))
        for letter in re.findall(_LETTER, match["letters"]):
            if extent is None:
                raise reading.error(
                    NotationError(
                        f"index '{letter}' would run from {match['start']} to {match['end'].strip()}, "
                        "which is not the whole axis",
                        span=place,
                        hint="1 to n and 0 to n-1 are the whole axis; other ranges stand in a line of their "
                        f"own, counted from 0: index {letter}: 1..3",
                    )
                )
            declare_extent(reading, letter.replace("_", ""), extent, place)
    reading.at = end


def _found(reading: Reading) -> tuple[re.Match[str], int] | None:
    """The remark that begins here, and where the tokens go on behind it."""
    if not _may_begin(reading):
        return None
    end = reading.at
    while reading.tokens[end].kind not in _ENDS and reading.tokens[end].text != r"\end":
        end += 1
    text = reading.text[reading.token.place.start : reading.tokens[end].place.start]
    match = _REMARK.fullmatch(text)
    if match is None or not (match["number"] or match["head"] or match["range"]):
        return None
    return match, end


def _may_begin(reading: Reading) -> bool:
    if reading.command == "forall" or reading.command in REMARKS:
        return True
    if reading.token.kind not in ("WORD", "OPEN") or not reading.at:
        return False
    before = reading.at - 1
    while before and reading.tokens[before].kind == "SPACE":
        if reading.tokens[before].text in _WIDE:
            return True
        before -= 1
    return reading.tokens[before].kind == "," or reading.tokens[before].text in _WIDE
