"""A plan explained: steps, cost, memory, the order of contractions, as text and as a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from indicial.planning.costs import flops, moved, total_flops
from indicial.planning.cuts import Cut, calls
from indicial.planning.memory import bytes_as_text
from indicial.planning.steps import Plan, Step


@dataclass(frozen=True, slots=True)
class Row:
    """One step that computes something: its number, words for it, its cost and its operands."""

    number: int
    operation: str
    operands: tuple[int, ...]
    shape: tuple[int, ...]
    flops: int
    bytes: int


@dataclass(frozen=True, slots=True, repr=False)
class Explanation:
    """What a compiled function does for one call.

    `str()` gives the table, `show()` prints it; `steps`, `flops`, `bytes`, `peak_bytes`, `contractions`,
    `slices` and `modes` are there for programs.
    """

    plan: Plan
    itemsize: int
    peak_bytes: int
    _costs: Callable[[], Mapping[str, int]] = dict
    cuts: tuple[Cut, ...] = ()

    @property
    def modes(self) -> Mapping[str, int]:
        """The floating-point operations by each mode of accumulation, forward and reverse.

        The cheaper one is taken, where the difference is worth a look. There are none where nothing is
        differentiated, and of a program too large to be differentiated twice.
        """
        return self._costs()

    @property
    def steps(self) -> tuple[Row, ...]:
        """The steps that compute something, in order; views and inputs are left out."""
        return tuple(
            [
                Row(
                    number,
                    _words(step),
                    step.operands,
                    step.shape,
                    flops(self.plan, number),
                    moved(self.plan, number) * self.itemsize,
                )
                for number, step in enumerate(self.plan.steps)
                if not step.is_view and step.operation not in ("number", "input")
            ]
        )

    @property
    def flops(self) -> int:
        """The floating-point operations of one call."""
        return total_flops(self.plan) + sum([cut.additions for cut in self.cuts])

    @property
    def slices(self) -> tuple[str, ...]:
        """What is computed slice by slice, since it would not fit into memory: which steps, along what."""
        return tuple([self._slices_of(cut) for cut in self.cuts])

    def _slices_of(self, cut: Cut) -> str:
        region, deeper = cut.region, calls(cut.within.cuts)
        inner = f", each in {deeper} of its own" if deeper else ""
        return (
            f"v{region.start} to v{region.stop} in {cut.count} slices of {cut.rows} along {self._along(cut)} "
            f"({region.extent}){inner}: {counted(cut.additions)} FLOPs more"
        )

    def _along(self, cut: Cut) -> str:
        """The index of a cut, as an axis of an input where one is cut along it."""
        for value, axis in cut.reads:
            step = self.plan.steps[value]
            while axis is not None and step.operation in ("transpose", "expand"):
                turned = step.operation == "transpose"
                axis = step.parameters[axis] if turned else sum(step.parameters[:axis])
                step = self.plan.steps[step.operands[0]]
            if axis is not None and step.operation == "input":
                return f"axis {axis} of {step.parameters}"
        value, axis = next(iter(cut.region.rows.items()))
        return f"axis {axis} of v{value}"

    @property
    def bytes(self) -> int:
        """The bytes that the steps read and write in one call."""
        return sum([row.bytes for row in self.steps])

    @property
    def contractions(self) -> tuple[str, ...]:
        """The products that are summed, in the order in which they are made."""
        return tuple([self._contraction(k) for k, step in enumerate(self.plan.steps) if _sums(step)])

    def _contraction(self, number: int) -> str:
        step = self.plan.steps[number]
        factors = [self._named(operand) for operand in step.operands]
        return f"v{number}{step.shape} = {' · '.join(factors)}"

    def _named(self, number: int) -> str:
        step = self.plan.steps[number]
        name = str(step.parameters) if step.operation == "input" else f"v{number}"
        return f"{name}{step.shape}"

    @property
    def summary(self) -> str:
        """The cost in a line."""
        return (
            f"{len(self.steps)} steps, {counted(self.flops)} FLOPs, {bytes_as_text(self.bytes)} moved, "
            f"peak {bytes_as_text(self.peak_bytes)}"
        )

    def show(self) -> None:
        """Print the table."""
        print(self)

    def __str__(self) -> str:
        rows = [("value", "operation", "of", "shape", "FLOPs", "bytes")]
        for row in self.steps:
            of = ", ".join([self._short(operand) for operand in row.operands])
            shape = "×".join(map(str, row.shape)) or "number"
            rows.append(
                (f"v{row.number}", row.operation, of, shape, counted(row.flops), bytes_as_text(row.bytes))
            )
        widths = [max([len(row[k]) for row in rows]) for k in range(6)]
        lines = [
            "  ".join([cell.ljust(w) for cell, w in zip(row, widths, strict=True)]).rstrip() for row in rows
        ]
        return "\n".join(
            [*lines, self.summary, *[f"in slices: {each}" for each in self.slices], *self._choice()]
        )

    def _choice(self) -> list[str]:
        """What the modes cost, in a line."""
        costs = self.modes
        if not costs:
            return []
        each = ", ".join([f"{mode} {counted(cost)} FLOPs" for mode, cost in costs.items()])
        return [f"modes: {each}"]

    def _short(self, number: int) -> str:
        step = self.plan.steps[number]
        while step.is_view and step.operation != "input":
            number = step.operands[0]
            step = self.plan.steps[number]
        if step.operation in ("input", "number"):
            return str(step.parameters)
        return f"v{number}"

    def __repr__(self) -> str:
        return f"<Plan: {self.summary}>"


def _sums(step: Step) -> bool:
    """Whether a step is a product that is summed, and no outer product."""
    return step.operation == "moment" or (step.operation == "matmul" and step.parameters[2] > 0)


def _words(step: Step) -> str:
    """The operation with what tells it from others of its kind."""
    if step.operation in ("call", "scale", "power"):
        return f"{step.operation} {step.parameters}"
    if step.operation in ("operator", "compare"):
        return f"{step.operation} {step.parameters[0]}"
    return step.operation


def counted(number: float) -> str:
    """A count with a fitting power of a thousand."""
    for unit in ("", " k", " M", " G"):
        if number < 1000:
            return f"{number:.3g}{unit}"
        number /= 1000
    return f"{number:.3g} T"
