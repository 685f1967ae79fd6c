r"""What stands below and above a sum: \sum_{j=1}^{n}, \sum_{i, j}, \sum_{i<j<k}, \sum_{1 \le i < j \le n}.

Papers count from one: from 1 to n, and from 0 to n - 1, is the whole axis, and says its extent. A part of it,
from 1 to n - 1, and bounds that go by another index, are conditions, which count from zero as the program
does. Any other bound is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from indicial.errors import NotationError, Span

_RELATION = re.compile(r"\s*(<=|>=|!=|==|[<>=≤≥≠])\s*")
_BETWEEN = re.compile(r"([01])(<=|<|≤)(.+?)(<=|<|≤)([^<>=≤≥≠!]+)")
_LETTER = re.compile(r"[^\W\d_][0-9₀-₉]*['’′″‴]*")
_WORD = re.compile(r"[^\W\d_]\w*['’′″‴]*")
_BOUND = re.compile(r"([^\W\d_][^\W_]*['’′″‴]*)?([+-]?[0-9]{1,9})?")
_START = re.compile(r"_\s*\{[^{}=<>]*=\s*([01])\s*\}")
_EXTENT = re.compile(r"[^\W\d_][^\W_]*|[0-9]+")
_ASCII = {"≤": "<=", "≥": ">=", "≠": "!="}


@dataclass(frozen=True, slots=True)
class Limits:
    """The letters below a sum, the conditions on them, and the extents that they are given.

    bounded   whether the letters have bounds, and so are summed whatever is bound around
    compared  the letters of other sums, or of the left side, that bounds go by
    """

    letters: tuple[str, ...]
    conditions: tuple[str, ...] = ()
    extents: tuple[tuple[str, str], ...] = ()
    bounded: bool = False
    compared: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a sum stands in.

    is_index  knows the letters that stand below a name somewhere
    bound     the letters that are bound around it
    counts    where the text counts from: "0", "1", or "01" where it does both
    """

    is_index: Callable[[str], bool]
    bound: frozenset[str] = frozenset()
    counts: str = "1"


def counted_from(text: str) -> str:
    """Where the sums of a text begin to count: "0", "1", or "01" where they do both."""
    return "".join(sorted(set(_START.findall(text)))) or "1"


def read_limits(lower: str, upper: str | None, place: Span, around: Surroundings) -> Limits:
    """What a sum runs over."""
    between = _BETWEEN.fullmatch(re.sub(r"\s+", "", lower))
    if between is not None and upper is None:
        return _between(*between.groups(), place=place, around=around)
    letters: list[str] = []
    conditions: list[str] = []
    start: str | None = None
    for part in lower.split(","):
        operands, relations = _RELATION.split(part.strip())[::2], _RELATION.split(part.strip())[1::2]
        if relations == ["="]:
            letters += _LETTER.findall(operands[0])
            start = operands[1]
        elif relations:
            letters += [word for each in operands for word in _WORD.findall(each) if around.is_index(word)]
            conditions += _chain(operands, relations)
        else:
            letters += _LETTER.findall(part)
    distinct = tuple(dict.fromkeys(letters))
    if start is None and upper is None:
        return Limits(distinct, tuple(conditions))
    if upper is None:
        raise _refused(f"the sum begins at {start} and has no end", distinct, place)
    return _bounded("1" if start is None else start, upper, distinct, conditions, place, around)


def _between(
    start: str, below: str, middle: str, above: str, end: str, *, place: Span, around: Surroundings
) -> Limits:
    r"""1 \le i < j \le n"""
    letters = tuple(dict.fromkeys(_WORD.findall(middle)))
    first = str(int(start) + (below == "<"))
    conditions = [
        condition
        for part in middle.split(",")
        for condition in _chain(_RELATION.split(part)[::2], _RELATION.split(part)[1::2])
    ]
    return _bounded(first, end if above != "<" else f"{end}-1", letters, conditions, place, around)


def _chain(operands: list[str], relations: list[str]) -> list[str]:
    """i < j < k as two comparisons."""
    return [
        f"{left} {_ASCII.get(relation, relation)} {right}"
        for left, relation, right in zip(operands, relations, operands[1:], strict=False)
    ]


def _bounded(
    start: str, end: str, letters: tuple[str, ...], more: list[str], place: Span, around: Surroundings
) -> Limits:
    """Letters that run from `start` to `end`: over the whole axis, or under conditions."""
    start, end = [re.sub(r"\s+", "", bound).replace("−", "-") for bound in (start, end)]
    if "∞" in end:
        raise _refused("an index runs over an axis of an array, which ends", letters, place)
    known = whole_axis(start, end) if end not in around.bound else None
    if known is not None:
        return Limits(letters, tuple(more), tuple([(letter, known) for letter in letters]), bounded=True)
    low, high = _BOUND.fullmatch(start), _BOUND.fullmatch(end)
    if low is None or high is None:
        raise _part_refused(start, end, letters, place)
    first, compared = _from(low, around, letters, place)
    last, extent = _up_to(low, high, around, letters, place)
    conditions = [f"{letter} {bound}" for letter in letters for bound in (first, last) if bound]
    return Limits(
        letters,
        (*conditions, *more),
        tuple([(letter, extent) for letter in letters if extent]),
        bounded=True,
        compared=tuple([name for name in (compared, "" if extent else high[1]) if name]),
    )


def _from(low: re.Match[str], around: Surroundings, letters: tuple[str, ...], place: Span) -> tuple[str, str]:
    """The condition that a beginning makes, and the index that it goes by: >= i + 1."""
    name, shift = low[1] or "", low[2] or ""
    if name:
        if name not in around.bound:
            raise _refused(
                f"the sum begins at {low[0]}, which is neither a number nor an index", letters, place
            )
        return f">= {low[0]}", name
    first = int(shift) - _base(low[0], around, letters, place)
    if first < 0:
        raise _refused(f"the sum begins at {low[0]}, before the axis", letters, place)
    return (f">= {first}" if first else ""), ""


def _up_to(
    low: re.Match[str], high: re.Match[str], around: Surroundings, letters: tuple[str, ...], place: Span
) -> tuple[str, str]:
    """The condition that an end makes, and the extent that it names: < n - 1 for \\sum_{i=1}^{n-1}."""
    name, shift = high[1] or "", int(high[2] or 0)
    if name in around.bound:
        return f"<= {high[0]}", ""
    if not name:
        raise _part_refused(low[0], high[0], letters, place)
    left_out = _base(low[0], around, letters, place) - 1 - shift
    if left_out < 0:
        raise _part_refused(low[0], high[0], letters, place)
    return (f"< {name} - {left_out}" if left_out else ""), name


def _base(start: str, around: Surroundings, letters: tuple[str, ...], place: Span) -> int:
    """Where a sum counts from: as the other sums of the text do, from one where none begins at 0."""
    if start == "0":
        return 0
    if around.counts == "01":
        raise _refused(
            "the sums of this text count from 0 and from 1, so that it is not clear where this one begins",
            letters,
            place,
        )
    return int(around.counts)


def whole_axis(start: str, end: str) -> str | None:
    """The extent of an axis that runs from `start` to `end`; None where that is no whole axis."""
    before_last = end.replace("−", "-").removesuffix("-1")
    if start == "1" and _EXTENT.fullmatch(end):
        return end
    if start == "0" and before_last != end and _EXTENT.fullmatch(before_last):
        return before_last
    if start == "0" and end.isdecimal() and len(end) <= 9:
        return str(int(end) + 1)
    return None


def _part_refused(start: str, end: str, letters: tuple[str, ...], place: Span) -> NotationError:
    reason = f"the sum runs from {start} to {end}, which is not the whole axis"
    letter = letters[0] if letters else "j"
    if start.isdecimal() and end.isdecimal() and 0 < int(start) <= int(end):
        return _refused(reason, letters, place, f"[{letter} >= {int(start) - 1}] [{letter} < {end}]")
    return _refused(reason, letters, place)


def _refused(reason: str, letters: tuple[str, ...], place: Span, condition: str = "") -> NotationError:
    letter = letters[0] if letters else "j"
    return NotationError(
        reason,
        span=place,
        hint=f"1 to n and 0 to n-1 are the whole axis, and so is \\sum_{letter}; for a part of it write a "
        f"condition, counted from 0: \\sum_{letter} {condition or f'[{letter} >= 1]'} …",
    )
