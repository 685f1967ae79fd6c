r"""Remarks behind a formula: what its indices run over, \quad \text{for } i = 1, \dots, n, or its number.

The number of an equation stands in brackets behind a wide space, \qquad (3.2), and is no factor; nor are
words in brackets, \text{(linear)}, and words that define nothing, \text{where } x \text{ is given}. Several
remarks stand apart from each other by wide spaces.
"""

from __future__ import annotations

import re
from itertools import pairwise

from indicial.errors import NotationError
from indicial.syntax.latex.limits import whole_axis
from indicial.syntax.latex.reading import Reading
from indicial.syntax.latex.sums import declare_extent
from indicial.syntax.latex.vocabulary import CONNECTIVES, REMARKS

_LETTER = r"[^\W\d_](?:_?\d+|'+)*"
_DOTS = r"\\(?:l|c)?dots[bc]?"
_WORDS = rf"\\(?:{'|'.join(sorted(REMARKS))})\s*"
_REMARK = re.compile(
    rf"""
    (?P<number> (?: {_WORDS}\{{\s* )? \( \s* \d+ (?:\.\d+)* [a-z]? \s* \) \s* \}}? \s* )
    | (?P<words> {_WORDS}\{{\s* (?: \([^{{}}]*\) \s*\}} | (?:where|with)\b [^=]* ) \s* )
    | \(?\s*
    (?P<head> (?: (?:{_WORDS}\{{ \s*(?:for|where|with)?\s*(?:all|each|every|any)?\s* \}}
              | \\forall(?![A-Za-z]) ) \s* )* )
    (?P<letters> {_LETTER} (?: \s*,\s* {_LETTER} )* ) \s*
    (?P<range> (?: = | \\in\s*\\\{{ ) \s*
        (?P<start>\d+) (?:\s*,\s*\d+)* (?:\s*,\s*{_DOTS})? \s*,\s* (?P<end>[\w\s+−-]+?) \s* (?:\\\}})? )?
    \s*\)?\s*[.,]?\s*
    """,
    re.VERBOSE,
)
_BLANK = re.compile(r"^(?:\s|\\q?quad|\\hfill)+|(?:\s|\\q?quad|\\hfill)+$")
_CONNECTED = re.compile(rf"{_WORDS}\{{\s*(?:{'|'.join(sorted(CONNECTIVES))})\s*\}}")
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
    cuts = [reading.at]
    while reading.tokens[cuts[-1]].kind not in _ENDS and reading.tokens[cuts[-1]].text != r"\end":
        if reading.tokens[cuts[-1]].text in _WIDE:
            cuts.append(cuts[-1])
        cuts[-1] += 1
    first = _match(reading, reading.at, cuts[0])
    if first is not None and all(_is_apart(reading, start, end) for start, end in pairwise(cuts)):
        return first, cuts[0]
    whole = _match(reading, reading.at, cuts[-1])
    return None if whole is None else (whole, cuts[-1])


def _is_apart(reading: Reading, start: int, end: int) -> bool:
    """Whether what stands between two tokens is another remark, or begins an equation: where W_ij = …"""
    text = _BLANK.sub("", reading.text[reading.tokens[start].place.start : reading.tokens[end].place.start])
    return _CONNECTED.match(text) is not None or _match(reading, start, end) is not None


def _match(reading: Reading, start: int, end: int) -> re.Match[str] | None:
    """What stands between two tokens, if it is a remark; the wide space before it aside."""
    text = reading.text[reading.tokens[start].place.start : reading.tokens[end].place.start]
    match = _REMARK.fullmatch(_BLANK.sub("", text))
    known = match is not None and any(map(match.group, ("number", "words", "head", "range")))
    return match if known else None


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
