"""A plan: straight-line array operations in single-assignment form.

    step  ::=  value = operation(operands; parameters)

Values are numbered; a step that was emitted before is not emitted again, whatever the indices were
called, so that subexpressions that agree up to renaming are computed once. Shapes are known throughout,
which is what lets memory be predicted before anything runs.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Any, NamedTuple

from indicial.errors import ShapeError

Shape = tuple[int, ...]
_MOST_AXES = 64  # NumPy's limit
OWNED = "owned"  # the first parameter of an output that is its operand, its axes in another order
OWNING = frozenset(
    {
        "add", "amax", "asnumber", "assemble", "call", "compare", "convolve", "divide", "gather", "matmul",
        "mirrored", "moment", "multiply", "operator", "pad", "pow", "power", "prod", "scale", "scatter",
        "select", "subtract", "sum", "unfold",
    }
)  # fmt: skip
VIEWS = frozenset({"diagonal", "transpose", "expand", "broadcast", "reshape", "input", "window"})


class Slot(NamedTuple):
    """Where a core stands along one axis of a result: at Σ slope · (its own axis) + constant.

    With an `operand` it stands where that array of positions says, which has the axes of slope 1.
    """

    constant: int
    slopes: tuple[int, ...]
    operand: int = -1


class Layout(NamedTuple):
    """How a core is added to a result: which operand it is, its extents, a slot for each axis."""

    core: int
    extents: tuple[int, ...]
    slots: tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One operation: its name, the values it reads, its static parameters, the shape of its result."""

    operation: str
    operands: tuple[int, ...]
    parameters: Any  # hashable
    shape: Shape

    @property
    def elements(self) -> int:
        """The number of elements that the step allocates; views allocate none."""
        return 0 if self.is_view else prod(self.shape)

    @property
    def is_view(self) -> bool:
        """Whether the result shares the memory of the first operand, or is handed in."""
        return self.operation in VIEWS or (self.operation == "output" and self.parameters[0] == OWNED)

    def __str__(self) -> str:
        operands = ", ".join(f"v{operand}" for operand in self.operands)
        extra = f"; {self.parameters}" if self.parameters not in ((), None) else ""
        return f"{self.operation}({operands}{extra}) -> {self.shape}"


@dataclass(frozen=True, slots=True)
class Plan:
    """The steps for some outputs, and what is known of their cost before they run."""

    steps: tuple[Step, ...]
    outputs: tuple[int, ...]
    inputs: tuple[str, ...]
    functions: tuple[str, ...]  # the callables that some steps call, by name
    dies: tuple[tuple[int, ...], ...]  # the values last read by each step

    @property
    def peak_elements(self) -> int:
        """The largest number of elements alive at one time, inputs apart."""
        held, peak = 0, 0
        for step, dying in zip(self.steps, self.dies, strict=True):
            held += step.elements
            peak = max(peak, held)
            held -= sum(self.steps[value].elements for value in dying)
        return peak

    def __str__(self) -> str:
        lines = [f"v{number} = {step}" for number, step in enumerate(self.steps)]
        return "\n".join([*lines, f"return {', '.join(f'v{value}' for value in self.outputs)}"])


@dataclass(slots=True)
class Builder:
    """Collects steps; equal ones have one value."""

    steps: list[Step] = field(default_factory=list)
    known: dict[tuple[str, tuple[int, ...], Hashable, Shape], int] = field(default_factory=dict)

    def emit(self, operation: str, operands: Sequence[int], parameters: Hashable, shape: Shape) -> int:
        """The value of an operation, emitted at its first use."""
        if len(shape) > _MOST_AXES:
            raise ShapeError(
                f"this needs an array of {len(shape)} axes, and arrays have at most {_MOST_AXES}",
                hint="sum over some of the indices, or take a derivative of lower order",
            )
        key = (operation, tuple(operands), parameters, tuple(shape))
        value = self.known.get(key)
        if value is None:
            value = self.known[key] = len(self.steps)
            self.steps.append(Step(operation, tuple(operands), parameters, tuple(shape)))
        return value

    def shape(self, value: int) -> Shape:
        """The shape of a value."""
        return self.steps[value].shape

    def finish(self, outputs: Sequence[int]) -> Plan:
        """The plan for some values, without steps that none of them needs."""
        needed = set(outputs)
        for number in range(len(self.steps) - 1, -1, -1):
            if number in needed:
                needed.update(self.steps[number].operands)
        names: Mapping[int, int] = {old: new for new, old in enumerate(sorted(needed))}
        steps = tuple(
            Step(s.operation, tuple([names[o] for o in s.operands]), s.parameters, s.shape)
            for number, s in enumerate(self.steps)
            if number in needed
        )
        final = tuple([names[value] for value in outputs])
        inputs = tuple([str(s.parameters) for s in steps if s.operation == "input"])
        functions = tuple(dict.fromkeys([str(s.parameters) for s in steps if s.operation == "abstract"]))
        return Plan(steps, final, inputs, functions, deaths(steps, final))


def deaths(steps: tuple[Step, ...], outputs: tuple[int, ...]) -> tuple[tuple[int, ...], ...]:
    """For each step the values that nothing reads behind it; a view keeps its base alive."""
    base = list(range(len(steps)))
    for number, step in enumerate(steps):
        if step.is_view and step.operands:
            base[number] = base[step.operands[0]]
    last: dict[int, int] = {}
    for number, step in enumerate(steps):
        for operand in (*step.operands, number):
            last[base[operand]] = number
            last[operand] = number
    kept = {base[value] for value in outputs} | set(outputs)
    dying: list[list[int]] = [[] for _ in steps]
    for value, number in sorted(last.items()):
        if value not in kept:
            dying[number].append(value)
    return tuple([tuple(values) for values in dying])
