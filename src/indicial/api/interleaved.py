"""Operands and their indices in turn, `A, [0, 1], B, [1, 2], [0, 2]`, as an einsum string and its arrays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import opt_einsum

from indicial.errors import NotationError

Labels = list[Any]  # of integers, and perhaps one Ellipsis

_HINT = "give arrays and lists of integers in turn: evaluate(A, [0, 1], B, [1, 2], [0, 2])"


def as_string(arguments: Sequence[object]) -> tuple[str, list[object]]:
    """The einsum string that interleaved operands mean, and the arrays in order."""
    pairs, rest = len(arguments) // 2, len(arguments) % 2
    lists = [_labels(each) for each in arguments[1 : 2 * pairs : 2]]
    output = _labels(arguments[-1]) if rest else _implicit(lists)
    known = sorted({label for labels in (*lists, output) for label in labels if label is not Ellipsis})
    letters: dict[object, str] = {label: opt_einsum.get_symbol(place) for place, label in enumerate(known)}
    letters[Ellipsis] = "..."
    words = ["".join([letters[label] for label in labels]) for labels in (*lists, output)]
    return f"{','.join(words[:-1])}->{words[-1]}", list(arguments[: 2 * pairs : 2])


def _labels(written: object) -> Labels:
    if not isinstance(written, (list, tuple)) or not all(
        each is Ellipsis or (isinstance(each, int) and not isinstance(each, bool)) for each in written
    ):
        raise NotationError("an operand's indices are a list of integers", hint=_HINT)
    return list(written)


def _implicit(lists: Sequence[Labels]) -> Labels:
    """The output that is not written: what an ellipsis stands for, then what occurs once, sorted."""
    uses = Counter([label for labels in lists for label in labels])
    once = sorted([label for label, times in uses.items() if label is not Ellipsis and times == 1])
    return [Ellipsis, *once] if Ellipsis in uses else once
