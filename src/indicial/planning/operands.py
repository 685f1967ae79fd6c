"""Values with named axes, and what can be done to them over one builder: views, sums, elementwise steps."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from indicial.ir.indices import Index
from indicial.planning.steps import Builder


@dataclass(frozen=True, slots=True)
class Operand:
    """A value and the index of each of its axes; no index twice."""

    value: int
    axes: tuple[Index, ...]


class Operands:
    """Emits steps over one builder; axes are known by their indices, not by their places."""

    def __init__(self, builder: Builder) -> None:
        self.builder = builder

    def extent(self, operand: Operand, index: Index) -> int:
        """The extent of one of an operand's axes."""
        return self.builder.shape(operand.value)[operand.axes.index(index)]

    def transposed(self, operand: Operand, axes: tuple[Index, ...]) -> Operand:
        """The same value with its axes in another order (a view)."""
        if operand.axes == axes:
            return operand
        permutation = tuple([operand.axes.index(index) for index in axes])
        shape = self.builder.shape(operand.value)
        new = tuple([shape[k] for k in permutation])
        return Operand(self.builder.emit("transpose", (operand.value,), permutation, new), axes)

    def untransposed(self, operand: Operand) -> Operand:
        """The value that an operand is a transposed view of, with the same names on its axes."""
        step = self.builder.steps[operand.value]
        while step.operation == "transpose":
            names = dict(zip(step.parameters, operand.axes, strict=True))
            operand = Operand(step.operands[0], tuple([names[k] for k in range(len(names))]))
            step = self.builder.steps[operand.value]
        return operand

    def aligned(self, operand: Operand, axes: tuple[Index, ...]) -> int:
        """The value with one axis for each of `axes`, of length 1 where the operand lacks it (a view)."""
        present = tuple([index for index in axes if index in operand.axes])
        value = self.transposed(operand, present).value
        if len(present) == len(axes):
            return value
        if not present:
            return value  # a scalar broadcasts as it is
        slots = tuple([index in operand.axes for index in axes])
        shape = iter(self.builder.shape(value))
        return self.builder.emit("expand", (value,), slots, tuple([next(shape) if s else 1 for s in slots]))

    def elementwise(
        self,
        operation: str,
        operands: Sequence[Operand],
        parameters: Hashable = (),
        axes: tuple[Index, ...] = (),
    ) -> Operand:
        """An elementwise operation over the union of the operands' axes, in the widest operand's order."""
        axes = axes or union(operands)
        extents = {i: n for o in operands for i, n in zip(o.axes, self.builder.shape(o.value), strict=True)}
        values = [self.aligned(operand, axes) for operand in operands]
        shape = tuple([extents[index] for index in axes])
        return Operand(self.builder.emit(operation, values, parameters, shape), axes)

    def summed(self, operand: Operand, dummies: frozenset[Index]) -> Operand:
        """The sum over those of the operand's axes that are among the dummies."""
        away = tuple([k for k, index in enumerate(operand.axes) if index in dummies])
        if not away:
            return operand
        rest = tuple([index for index in operand.axes if index not in dummies])
        shape = tuple([self.extent(operand, index) for index in rest])
        return Operand(self.builder.emit("sum", (operand.value,), away, shape), rest)

    def scaled(self, operand: Operand, coefficient: float) -> Operand:
        """A number times a value."""
        if coefficient == 1.0:
            return operand
        shape = self.builder.shape(operand.value)
        return Operand(self.builder.emit("scale", (operand.value,), coefficient, shape), operand.axes)


def union(operands: Sequence[Operand]) -> tuple[Index, ...]:
    """All axes of some operands: those of the widest first, in its order."""
    widest = max(operands, key=lambda operand: len(operand.axes))
    axes = dict.fromkeys(widest.axes)
    for operand in operands:
        axes.update(dict.fromkeys(operand.axes))
    return tuple(axes)
