"""Products of a matrix with itself, row by row, that meet a third one: each pair of columns once.

    M_jk… = Σ_n X_nj c_n X_nk Y_n…      for j ≤ k; M_kj… is the same
    M_ijk = Σ_n c_n X_ni X_nj X_nk      where Y is X, too: for i ≤ j ≤ k

A step `moment` makes the entries that differ, packed, and a step `mirrored` puts them to all places where
they stand. The array of all products X_nj X_nk never exists: it is made group by group of j, in cache, and
each group is multiplied with Y.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from indicial.planning.steps import Builder, Plan, Step

_FEWEST, _MOST = 8, 128  # columns of X
_WORTH = 1 << 14  # entries of the products that are saved
_GROUP = 1 << 16  # products that stay in cache until they are multiplied with Y
_ROWS = 1 << 9  # rows of X from which on groups are the same: regions cut longer ones
ALL, LEFT, RIGHT = "all", "left", "right"  # what is symmetric: all axes; the first two; the last two

Array = Any


def groups(length: int, columns: int) -> list[tuple[int, int]]:
    """The columns j from … to … whose products with the columns k from the first of them on fit in cache."""
    found, start = list[tuple[int, int]](), 0
    while start < columns:
        count = max(_GROUP // (min(max(length, 1), _ROWS) * (columns - start)), 1)
        found.append((start, min(start + count, columns)))
        start = found[-1][1]
    return found


def offsets(parts: list[tuple[int, int]], columns: int) -> list[int]:
    """Where the pairs of each group begin among all, and behind the last how many there are."""
    found = [0]
    for low, high in parts:
        found.append(found[-1] + (high - low) * (columns - low))
    return found


@lru_cache(maxsize=16)
def places(kind: str, length: int, columns: int) -> Array:
    """For each entry of the mirrored result where it stands: its pair, or its entry if all axes are alike."""
    parts = groups(length, columns)
    first, base = np.zeros(columns, np.intp), np.zeros(columns, np.intp)
    for (low, high), offset in zip(parts, offsets(parts, columns), strict=False):
        first[low:high], base[low:high] = low, offset
    own = np.indices((columns,) * (3 if kind == ALL else 2), np.intp)
    own.sort(axis=0)
    *rest, j, k = own
    pair: Array = base[j] + (j - first[j]) * (columns - first[j]) + k - first[j]
    return pair * columns + rest[0] if kind == ALL else pair


def operations(step: Step, length: int) -> int:
    """The floating-point operations of a moment."""
    kind, rows, columns = step.parameters
    parts = groups(rows, columns)
    total = 0
    for low, high in parts:
        width = high if kind == ALL else step.elements // offsets(parts, columns)[-1]
        total += (high - low) * (columns - low) * length * (1 + 2 * width)
    return total


# --- where they are found -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Weighted:
    """A matrix of a plan: its value, the axis that is summed, and the value of X if each row has a weight."""

    value: int
    summed: int
    plain: tuple[int, int]  # X and its axis that is summed
    weighted: bool


def with_moments(plan: Plan) -> Plan:
    """The plan with products of this kind made once for each pair; the plan itself if there are none."""
    found = _Moments(plan)
    outputs = found.rewritten()
    return found.builder.finish(outputs) if found.any else plan


class _Moments:
    """The steps of a plan written anew, over a builder."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.builder, self.any = plan, Builder(), False
        self.uses = Counter([operand for step in plan.steps for operand in step.operands])

    def rewritten(self) -> list[int]:
        """The new outputs."""
        names: list[int] = []
        for number, step in enumerate(self.plan.steps):
            operands = tuple([names[operand] for operand in step.operands])
            made = self._moment(number, names) if step.operation == "matmul" else None
            if made is None:
                made = self.builder.emit(step.operation, operands, step.parameters, step.shape)
            names.append(made)
        return [names[output] for output in self.plan.outputs]

    def _moment(self, number: int, names: list[int]) -> int | None:
        """A product of which one side has products of equal columns, by pairs of them."""
        step = self.plan.steps[number]
        batch, rows, summed, columns = step.parameters
        if batch or summed != 1 or not rows or not columns:
            return None
        for side, other, away, count in ((0, 1, rows, rows), (1, 0, 0, columns)):
            pair = self._pair(step.operands[side], away) if count == 2 else None
            if pair is not None:
                third = step.operands[other]
                kind = RIGHT if side else LEFT
                return self._emitted(pair, third, (rows if side else 0), kind, step, names)
        return None

    def _emitted(
        self,
        pair: tuple[_Weighted, _Weighted],
        third: int,
        summed: int,
        kind: str,
        step: Step,
        names: list[int],
    ) -> int:
        self.any = True
        other = self._weighted(third, summed) if len(self.plan.steps[third].shape) == 2 else None
        everyone = [*pair, other] if other is not None else list(pair)
        x = pair[0].plain
        alike = other is not None and other.plain == x and sum([one.weighted for one in everyone]) <= 1
        if alike:
            kind = ALL
        weighted = next((one for one in everyone[: 3 if alike else 2] if one.weighted), pair[0])
        matrices = [self._turned(names[x[0]], x[1]), self._turned(names[weighted.value], weighted.summed)]
        length, columns = self.builder.shape(matrices[0])
        count = offsets(groups(length, columns), columns)[-1]
        if kind == ALL:
            shape: tuple[int, ...] = (count, columns)
        elif kind == LEFT:
            shape = (count, *step.shape[2:])
        else:
            shape = (*step.shape[:-2], count)
        operands = matrices if kind == ALL else [*matrices, names[third]]
        packed = self.builder.emit("moment", operands, (kind, length, columns), shape)
        return self.builder.emit("mirrored", (packed,), (kind, length, columns), step.shape)

    def _turned(self, value: int, summed: int) -> int:
        """A matrix with the axis that is summed in front."""
        if summed == 0:
            return value
        m, n = self.builder.shape(value)
        return self.builder.emit("transpose", (value,), (1, 0), (n, m))

    def _pair(self, value: int, summed: int) -> tuple[_Weighted, _Weighted] | None:
        """The two matrices of which a value of three axes has the products of equal columns."""
        step = self.plan.steps[value]
        while step.operation == "transpose" and self.uses[value] == 1:
            value, summed = step.operands[0], step.parameters[summed]
            step = self.plan.steps[value]
        if step.operation != "multiply" or self.uses[value] != 1 or len(step.shape) != 3:
            return None
        own = [k for k in range(3) if k != summed]
        columns = {step.shape[k] for k in own}
        entries = step.shape[0] * step.shape[1] * step.shape[2]
        if len(columns) != 1 or not _FEWEST <= min(columns) <= _MOST or entries < _WORTH:
            return None
        found = [self._matrix(operand, summed, own) for operand in step.operands]
        matrices = [each for each in found if each is not None]
        if len(matrices) < 2:
            return None
        (left, a), (right, b) = matrices
        both = left.weighted and right.weighted
        return (left, right) if a != b and left.plain == right.plain and not both else None

    def _matrix(self, value: int, summed: int, own: list[int]) -> tuple[_Weighted, int] | None:
        """A value of three axes that has two, and which of its own axes it has."""
        step = self.plan.steps[value]
        if step.operation != "expand" or sum(step.parameters) != 2 or not step.parameters[summed]:
            return None
        axis = next(k for k in own if step.parameters[k])
        made = self._weighted(step.operands[0], int(axis < summed))
        return made, axis

    def _weighted(self, value: int, summed: int) -> _Weighted:
        """A matrix, told apart from the weights of its rows."""
        value, summed = self._untransposed(value, summed)
        step = self.plan.steps[value]
        if step.operation == "multiply":
            for one, other in (step.operands, step.operands[::-1]):
                weights = self.plan.steps[other].shape
                full = self.plan.steps[one].shape == step.shape
                narrow = len(weights) == 2 and weights[1 - summed] == 1 and weights != step.shape
                if full and (narrow or not weights):
                    return _Weighted(value, summed, self._untransposed(one, summed), True)
        return _Weighted(value, summed, (value, summed), False)

    def _untransposed(self, value: int, summed: int) -> tuple[int, int]:
        step = self.plan.steps[value]
        while step.operation == "transpose":
            value, summed = step.operands[0], step.parameters[summed]
            step = self.plan.steps[value]
        return value, summed
