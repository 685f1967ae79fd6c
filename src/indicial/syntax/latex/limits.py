r"""What stands below and above a sum: \sum_{j=1}^{n}, \sum_{i, j}, \sum_{i<j<k}, \sum_{1 \le i < j \le n}.

Papers count from one: from 1 to n, and from 0 to n - 1, is the whole axis, and says its extent. Any other
bound is refused in favour of a condition, which counts from zero as the program does.
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
_EXTENT = re.compile(r"[^\W\d_][^\W_]*|[0-9]+")
_ASCII = {"≤": "<=", "≥": ">=", "≠": "!="}


@dataclass(frozen=True, slots=True)
class Limits:
    """The letters below a sum, the conditions on them, and the extents that they are given."""

    letters: tuple[str, ...]
    conditions: tuple[str, ...] = ()
    extents: tuple[tuple[str, str], ...] = ()


def read_limits(lower: str, upper: str | None, place: Span, is_index: Callable[[str], bool]) -> Limits:
    """What a sum runs over; `is_index` knows the letters that stand below a name somewhere."""
    between = _BETWEEN.fullmatch(re.sub(r"\s+", "", lower))
    if between is not None and upper is None:
        return _between(*between.groups(), place=place)
    letters: list[str] = []
    conditions: list[str] = []
    start: str | None = None
    for part in lower.split(","):
        operands, relations = _RELATION.split(part.strip())[::2], _RELATION.split(part.strip())[1::2]
        if relations == ["="]:
            letters += _LETTER.findall(operands[0])
            start = operands[1]
        elif relations:
            letters += [word for each in operands for word in _WORD.findall(each) if is_index(word)]
            conditions += _chain(operands, relations)
        else:
            letters += _LETTER.findall(part)
    distinct = tuple(dict.fromkeys(letters))
    if start is None and upper is None:
        return Limits(distinct, tuple(conditions))
    if upper is None:
        raise _refused(f"the sum begins at {start} and has no end", distinct, place)
    extent = _extent("1" if start is None else start, upper, distinct, place)
    return Limits(distinct, tuple(conditions), tuple([(letter, extent) for letter in distinct]))


def _between(start: str, below: str, middle: str, above: str, end: str, *, place: Span) -> Limits:
    r"""1 \le i < j \le n"""
    letters = tuple(dict.fromkeys(_WORD.findall(middle)))
    inclusive = above != "<"
    first = int(start) + (below == "<")
    extent = _extent(str(first), end if inclusive else f"{end}-1", letters, place)
    conditions = [
        condition
        for part in middle.split(",")
        for condition in _chain(_RELATION.split(part)[::2], _RELATION.split(part)[1::2])
    ]
    return Limits(letters, tuple(conditions), tuple([(letter, extent) for letter in letters]))


def _chain(operands: list[str], relations: list[str]) -> list[str]:
    """i < j < k as two comparisons."""
    return [
        f"{left} {_ASCII.get(relation, relation)} {right}"
        for left, relation, right in zip(operands, relations, operands[1:], strict=False)
    ]


def _extent(start: str, end: str, letters: tuple[str, ...], place: Span) -> str:
    """The extent of the axis from `start` to `end`: n for 1 … n and for 0 … n-1."""
    end = re.sub(r"\s+", "", end).replace("−", "-")
    if "∞" in end:
        raise _refused("an index runs over an axis of an array, which ends", letters, place)
    known = whole_axis(start, end)
    if known is not None:
        return known
    raise _refused(f"the sum runs from {start} to {end}, which is not the whole axis", letters, place)


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


def _refused(reason: str, letters: tuple[str, ...], place: Span) -> NotationError:
    letter = letters[0] if letters else "j"
    return NotationError(
        reason,
        span=place,
        hint=f"1 to n and 0 to n-1 are the whole axis, and so is \\sum_{letter}; for a part of it write a "
        f"condition, counted from 0: \\sum_{letter} [{letter} >= 1] …",
    )
