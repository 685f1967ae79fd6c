"""Which axes of a step's operands and of its result run over one index.

    matmul  (batch, rows, summed) (batch, summed, columns)  →  (batch, rows, columns)
    sum     (a, b, c) over b                                →  (a, c)

Each step names the indices that it runs over by numbers of its own. Along an index that is tied a step may
be computed slice by slice: its result in slices, or, where the index is summed, as a sum over slices.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from indicial.planning.moments import LEFT
from indicial.planning.regions import ELEMENTWISE
from indicial.planning.steps import Shape, Step

REFUSING = frozenset({"inv", "solve", "chol"})  # operators whose errors say which matrix they cannot take
Axes = tuple[int | None, ...]  # the index of each axis; None where it is not tied


class Ties(NamedTuple):
    """The indices of the axes of each operand and of the result, and those that are summed."""

    operands: tuple[Axes, ...]
    result: Axes
    summed: frozenset[int] = frozenset()


def ties(step: Step, shapes: Sequence[Shape]) -> Ties | None:
    """The ties of a step whose operands have these shapes; None where it is computed as a whole."""
    rule = _RULES.get(step.operation)
    return rule(step, shapes) if rule is not None else None


def _broadcast(step: Step, shapes: Sequence[Shape]) -> Ties:
    """Axes meet from the last one on; one of length 1 meets none."""
    rank = len(step.shape)
    operands = [
        tuple(
            [k + rank - len(own) if n == step.shape[k + rank - len(own)] else None for k, n in enumerate(own)]
        )
        for own in shapes
    ]
    return Ties(tuple(operands), tuple(range(rank)))


def _transposed(step: Step, shapes: Sequence[Shape]) -> Ties:
    return Ties((tuple(range(len(shapes[0]))),), tuple(step.parameters))


def _expanded(step: Step, _shapes: Sequence[Shape]) -> Ties:
    places = tuple([k for k, present in enumerate(step.parameters) if present])
    return Ties((places,), tuple([k if present else None for k, present in enumerate(step.parameters)]))


def _reduced(step: Step, shapes: Sequence[Shape]) -> Ties:
    away = frozenset(step.parameters)
    own = tuple(range(len(shapes[0])))
    return Ties(
        (own,), tuple([k for k in own if k not in away]), away if step.operation == "sum" else frozenset()
    )


def _matrix_product(step: Step, _shapes: Sequence[Shape]) -> Ties:
    batch, rows, summed, columns = step.parameters
    numbers = iter(range(batch + rows + summed + columns))
    b, r, s, c = [tuple([next(numbers) for _ in range(count)]) for count in (batch, rows, summed, columns)]
    return Ties((b + r + s, b + s + c), b + r + c, frozenset(s))


def _moment(step: Step, shapes: Sequence[Shape]) -> Ties:
    """Rows are summed; pairs of columns are made as a whole."""
    operands = [tuple([0 if k == 0 else None for k in range(2)]) for _ in shapes[:2]]
    if len(shapes) == 2:
        return Ties(tuple(operands), (None, None), frozenset({0}))
    kind, rank = step.parameters[0], len(shapes[2])
    others = tuple(range(1, rank))
    third, result = ((0, *others), (None, *others)) if kind == LEFT else ((*others, 0), (*others, None))
    return Ties((*operands, third), result, frozenset({0}))


def _operator(step: Step, shapes: Sequence[Shape]) -> Ties | None:
    """Batch axes stand first in every argument and in the result."""
    count = step.parameters[1]
    batch = len(shapes[0]) - count
    if batch <= 0 or any(own[:batch] != step.shape[:batch] for own in shapes):
        return None
    operands = [tuple([k if k < batch else None for k in range(len(own))]) for own in shapes]
    return Ties(tuple(operands), tuple([k if k < batch else None for k in range(len(step.shape))]))


def _diagonal(step: Step, _shapes: Sequence[Shape]) -> Ties:
    """An axis of the result that is one axis of the operand."""
    once = [k if step.parameters.count(k) == 1 else None for k in range(len(step.shape))]
    return Ties((tuple([once[k] for k in step.parameters]),), tuple(once))


def _windowed(step: Step, shapes: Sequence[Shape]) -> Ties:
    """An axis along which a view goes entry by entry from the first one on, and no other axis of it does."""
    starts, steps = step.parameters
    (own,) = shapes
    result: list[int | None] = []
    for extent, along in zip(step.shape, steps, strict=True):
        axes = [k for k, every in enumerate(along) if every]
        only = axes[0] if len(axes) == 1 else -1
        users = sum([bool(each[only]) for each in steps])
        plain = only >= 0 and users == along[only] == 1 and not starts[only] and extent == own[only]
        result.append(only if plain else None)
    return Ties((tuple([k if k in result else None for k in range(len(own))]),), tuple(result))


def _padded(step: Step, _shapes: Sequence[Shape]) -> Ties:
    """An axis along which there are no zeros."""
    axes = tuple([k if pad == (0, 0, 1) else None for k, pad in enumerate(step.parameters)])
    return Ties((axes,), axes)


def _gathered(step: Step, shapes: Sequence[Shape]) -> Ties:
    """The axes of the positions, and behind them those of the array along which nothing is looked up."""
    array, *places = shapes
    inner = len(step.shape) - (len(array) - len(step.parameters))
    left = iter(range(inner, len(step.shape)))
    own = tuple([None if k in step.parameters else next(left) for k in range(len(array))])
    at = []
    for shape in places:
        first = inner - len(shape)
        at.append(tuple([first + k if n == step.shape[first + k] else None for k, n in enumerate(shape)]))
    return Ties((own, *at), tuple(range(len(step.shape))))


def _copied(_step: Step, shapes: Sequence[Shape]) -> Ties:
    own = tuple(range(len(shapes[0])))
    return Ties((own,), own)


_RULES: Mapping[str, Callable[[Step, Sequence[Shape]], Ties | None]] = {
    **dict.fromkeys(sorted(ELEMENTWISE | {"broadcast"}), _broadcast),
    **dict.fromkeys(("sum", "amax", "prod"), _reduced),
    "transpose": _transposed, "expand": _expanded, "matmul": _matrix_product, "operator": _operator,
    "diagonal": _diagonal, "moment": _moment,
    "window": _windowed, "pad": _padded, "gather": _gathered, "unfold": _copied, "index": _copied,
}  # fmt: skip
