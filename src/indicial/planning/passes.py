"""Fewer passes through memory: signs and factors drawn into the steps beside them.

    a + (−b) = a − b       −(a − b) = b − a       c (d x) = (c d) x       c (x / c + y) = x + c y

A sign costs nothing where a sum or a product takes it; a factor is put on the smallest of what is
multiplied. Each is the same number as before, but for the rounding of a factor.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from math import isfinite, prod

from indicial.planning.steps import OWNING, Builder, Plan, Step

_DEPTH = 8  # steps that a sign or a factor is handed down at most
_SMALLER = 4  # times that an operand must be smaller for a pass over it to cost nothing
_MANY = 4  # steps that read a number
_MOVED = frozenset({"expand", "transpose"})
_OF_NUMBERS: Mapping[str, Callable[..., object]] = {
    "add": lambda _, a, b: a + b, "subtract": lambda _, a, b: a - b, "multiply": lambda _, a, b: a * b,
    "divide": lambda _, a, b: a / b, "scale": lambda factor, a: factor * a,
    "power": lambda exponent, a: a**exponent,
}  # fmt: skip


def with_fewer_passes(plan: Plan) -> Plan:
    """The plan with signs and factors drawn in; the plan itself where nothing changes."""
    writer = _Passes(plan)
    outputs = writer.rewritten()
    return plan if outputs is None else writer.builder.finish(outputs)


class _Passes:
    """The steps of a plan written anew, over a builder."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.builder = plan, Builder()
        uses = Counter([operand for step in plan.steps for operand in step.operands])
        uses.update(plan.outputs)
        self.uses = uses
        self.reads = Counter[int]()  # how many steps read a value, by its new number
        self.once: dict[int, bool] = {}  # whether one does

    def rewritten(self) -> list[int] | None:
        """The new outputs; None if two outputs became one value, or one no array of its own."""
        names: list[int] = []
        final = {self.plan.steps[output].operands[0] for output in self.plan.outputs}
        handed_out: set[int] = set()
        for number, step in enumerate(self.plan.steps):
            found = self._step(step, tuple([names[operand] for operand in step.operands]))
            names.append(found)
            self.reads[found] += self.uses[number]
            self.once[found] = found not in self.once and self.uses[number] == 1
            if number in final:
                owning = self.builder.steps[found].operation in OWNING or step.operation not in OWNING
                if found in handed_out or not owning:
                    return None
                handed_out.add(found)
        return [names[output] for output in self.plan.outputs]

    def _step(self, step: Step, operands: tuple[int, ...]) -> int:
        found = self._number(step, operands)
        match step.operation:
            case _ if found is not None:
                pass
            case "add":
                found = self._sum(operands, step)
            case "subtract":
                found = self._difference(operands, step)
            case "scale":
                found = self._scaled(operands[0], step.parameters)
            case "multiply":
                found = self._product(operands, step)
            case "sum":
                found = self._squares(operands[0], step)
        return (
            self.builder.emit(step.operation, operands, step.parameters, step.shape)
            if found is None
            else found
        )

    def _number(self, step: Step, operands: tuple[int, ...]) -> int | None:
        """A step of numbers, computed now; None where it has no finite result."""
        numbers = [self._constant(operand) for operand in operands]
        known = [number for number in numbers if number is not None]
        rule = _OF_NUMBERS.get(step.operation)
        if rule is None or len(known) < len(numbers):
            return None
        try:
            found = rule(step.parameters, *known)
        except ArithmeticError:
            return None
        if not isinstance(found, float) or not isfinite(found):
            return None
        return self.builder.emit("number", (), found, ())

    def _constant(self, value: int) -> float | None:
        step = self.builder.steps[value]
        return step.parameters if step.operation == "number" else None

    # --- sums ---------------------------------------------------------------------------------------

    def _sum(self, operands: tuple[int, ...], step: Step) -> int | None:
        """a + (−b) = a − b"""
        for own, other in (operands, operands[::-1]):
            negative = self._without_sign(own)
            if negative is not None:
                return self.builder.emit("subtract", (other, negative), (), step.shape)
        return None

    def _difference(self, operands: tuple[int, ...], step: Step) -> int | None:
        """a − (−b) = a + b"""
        negative = self._without_sign(operands[1])
        return None if negative is None else self.builder.emit("add", (operands[0], negative), (), step.shape)

    def _squares(self, value: int, step: Step) -> int | None:
        """Σ x² over the last axes as the dot product of x with itself."""
        inner = self.builder.steps[value]
        count, rank = len(step.parameters), len(inner.shape)
        last = tuple(range(rank - count, rank)) == tuple(step.parameters)
        if (
            not last
            or (inner.operation, inner.parameters) != ("power", 2.0)
            or not self.once.get(value, False)
        ):
            return None
        (base,) = inner.operands
        return self.builder.emit("matmul", (base, base), (rank - count, 0, count, 0), step.shape)

    def _without_sign(self, value: int) -> int | None:
        """x, of −x and of its views."""
        views = []
        step = self.builder.steps[value]
        while step.operation in _MOVED:
            views.append(step)
            step = self.builder.steps[step.operands[0]]
        if step.operation != "scale" or step.parameters != -1.0:
            return None
        found = step.operands[0]
        for view in reversed(views):
            found = self.builder.emit(view.operation, (found,), view.parameters, view.shape)
        return found

    # --- factors --------------------------------------------------------------------------------------

    def _product(self, operands: tuple[int, ...], step: Step) -> int | None:
        """x (1 / y) = x / y, where that is no larger pass than 1 / y was; with a number a factor."""
        for own, other in (operands, operands[::-1]):
            number = self._constant(own)
            if number is not None and self.builder.shape(other) == step.shape:
                return self._times(other, number)
            inner = self.builder.steps[own]
            alone = self.once.get(own, False) and inner.operation == "power" and inner.parameters == -1.0
            if alone and inner.shape == step.shape:
                return self.builder.emit("divide", (other, inner.operands[0]), (), step.shape)
        return None

    def _scaled(self, value: int, factor: float, saved: int = 0, depth: int = _DEPTH) -> int | None:
        """factor · value without a pass of its own; None if there is no such way.

        `saved` are the entries of the pass that it would be, by default the value's.
        """
        step = self.builder.steps[value]
        if saved:  # some other step wants it, too
            known = self.builder.known.get(("scale", (value,), factor, step.shape))
            if known is not None:
                return known
        saved = saved or prod(step.shape)
        if step.operation == "scale":
            return self._factor_of(step.operands[0], factor * step.parameters)
        if not depth or not self.once.get(value, True):
            return None
        match step.operation:
            case "subtract" if factor == -1.0:
                return self.builder.emit("subtract", step.operands[::-1], (), step.shape)
            case "add" if factor == -1.0:
                return self._negative_sum(step, saved, depth)
            case "add" | "subtract":
                return self._factor_of_terms(step, factor)
            case "multiply" | "divide" | "matmul":
                return self._factor_inside(step, factor, saved, depth)
            case "expand" | "transpose":
                inner = self._scaled(step.operands[0], factor, saved, depth - 1)
                return None if inner is None else self._again(step, (inner,))
        return None

    def _negative_sum(self, step: Step, saved: int, depth: int) -> int | None:
        """−(a + b) = (−a) − b, where −a is there for nothing."""
        for own, other in (step.operands, step.operands[::-1]):
            negative = self._scaled(own, -1.0, saved, depth - 1)
            if negative is not None:
                return self.builder.emit("subtract", (negative, other), (), step.shape)
        return None

    def _factor_of_terms(self, step: Step, factor: float) -> int | None:
        """c (x / c + y) = x + c y"""
        for place, operand in enumerate(step.operands):
            inner = self.builder.steps[operand]
            undone = inner.operation == "scale" and factor * inner.parameters == 1.0
            if undone and self.once.get(operand, True):
                terms = [self._times(each, factor) for each in step.operands]
                terms[place] = inner.operands[0]
                return self._again(step, tuple(terms))
        return None

    def _factor_inside(self, step: Step, factor: float, saved: int, depth: int) -> int | None:
        """c (a b) = (c a) b, where c a is there for nothing or a is small."""
        own = step.operands[:1] if step.operation == "divide" else step.operands
        for place, operand in enumerate(own):
            inner = self._scaled(operand, factor, saved, depth - 1)
            if inner is not None:
                return self._again(step, _replaced(step.operands, place, inner))
        for place, operand in sorted(enumerate(own), key=lambda pair: prod(self.builder.shape(pair[1]))):
            if prod(self.builder.shape(operand)) * _SMALLER <= saved:
                inner = self._factor_of(operand, factor)
                return self._again(step, _replaced(step.operands, place, inner))
        if not step.shape:  # a number that many products have takes the factor once for all of them
            place = max(range(len(own)), key=lambda k: self.reads[own[k]])
            if self.reads[own[place]] >= _MANY:
                inner = self._factor_of(own[place], factor)
                return self._again(step, _replaced(step.operands, place, inner))
        return None

    def _times(self, value: int, factor: float) -> int:
        """factor · value, with a pass of its own only if need be."""
        found = self._scaled(value, factor)
        return self._factor_of(value, factor) if found is None else found

    def _factor_of(self, value: int, factor: float) -> int:
        if factor == 1.0:
            return value
        return self.builder.emit("scale", (value,), factor, self.builder.shape(value))

    def _again(self, step: Step, operands: tuple[int, ...]) -> int:
        return self.builder.emit(step.operation, operands, step.parameters, step.shape)


def _replaced(operands: tuple[int, ...], place: int, value: int) -> tuple[int, ...]:
    return (*operands[:place], value, *operands[place + 1 :])
