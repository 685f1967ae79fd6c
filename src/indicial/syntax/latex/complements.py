r"""Whether the last of some cases is the other one, although it has a condition: x > 0, and x \le 0."""

from __future__ import annotations

import re
from fractions import Fraction

from indicial.errors import NotationError, Span

_RELATION = re.compile(r"\s*(<=|>=|==|!=|[<>≤≥≠])\s*")
_ASCII = {"≤": "<=", "≥": ">=", "≠": "!="}
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
_NUMBER = re.compile(r"[-−]?[0-9]+(\.[0-9]+)?")


def check_last(before: list[str], last: str, place: Span) -> None:
    """Refuse a last case that leaves something out; of cases that overlap the first one stands."""
    if any(_covers(condition, last) for condition in before):
        return
    raise NotationError(
        f"the cases leave something out: where {' and '.join([f'{each} is false' for each in before])}, "
        f"{last} need not be true",
        span=place,
        hint=r"write \text{otherwise} for the last condition",
    )


def _covers(one: str, other: str) -> bool:
    """Whether one of two comparisons is true wherever the other is not."""
    first, second = _read(one), _read(other)
    if first is None or second is None:
        return False
    left, relation, right = first
    for own, against, bound in (second, (second[2], _TURNED[second[1]], second[0])):
        if own != left:
            continue
        if bound == right:
            return {relation, against} in _ALL
        low, high = _number(right), _number(bound)
        if low is not None and high is not None and relation[0] != against[0]:
            return relation[0] in "<>" and against[0] in "<>" and (low < high) == (relation[0] == ">")
    return False


_ALL = ({">", "<="}, {">=", "<"}, {">=", "<="}, {"==", "!="})  # one of them is true of any two numbers


def _read(condition: str) -> tuple[str, str, str] | None:
    parts = _RELATION.split(condition)
    if len(parts) != 3:
        return None
    left, right = [re.sub(r"\s+", "", part) for part in parts[::2]]
    return left, _ASCII.get(parts[1], parts[1]), right


def _number(text: str) -> Fraction | None:
    return Fraction(text.replace("−", "-")) if _NUMBER.fullmatch(text) else None
