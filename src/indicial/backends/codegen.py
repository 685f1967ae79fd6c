"""A plan as straight-line Python over NumPy.

Every step becomes a line or a few that write into memory prepared before: a buffer of the frame, or the
owner of an output. Shapes, strides, buffers and constants are settled here, once; what is left for each
call are the calls of NumPy themselves. A step that has no emitter calls its kernel in `backends.numpy`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from math import prod
from typing import Any, Union

import numpy as np

from indicial.backends.callables import checked
from indicial.backends.layout import dense
from indicial.backends.numpy import kernel
from indicial.backends.values import Value, as_array_of
from indicial.backends.workspace import Workspace
from indicial.planning.regions import Region, outer_views, written
from indicial.planning.steps import Plan, Step

Array = Any
_FOLDED = 1 << 22  # bytes up to which a constant is computed beforehand
_NO_ARRAYS: dict[str, Array] = {}


@dataclass(frozen=True, slots=True)
class Blocked:
    """A region made ready: the function, the values that it reads, the bytes that its blocks take."""

    run: Callable[..., None]
    operands: tuple[int, ...]
    nbytes: int


Emitter = Callable[["Writer", int, Step], Union[Value, None]]  # None: the kernel does it


class Writer(Workspace):
    """Writes the lines of one plan for one dtype."""

    def __init__(
        self,
        plan: Plan,
        dtype: np.dtype[Any],
        emitters: dict[str, Emitter],
        destinations: dict[int, int],
        regions: dict[int, Region],
        blocked: Callable[[Plan, Region, np.dtype[Any]], Blocked],
        scalars: bool,
    ) -> None:
        super().__init__(plan, dtype, destinations)
        self.emitters, self.regions, self.blocked = emitters, regions, blocked
        self.scalars = scalars and dtype == np.float64
        self.numbers: dict[int, str] = {}  # values of no axes as Python numbers: names or expressions
        self.shared: dict[object, Any] = {}  # of operands with small matrices: see `closed`
        self.holes: dict[int, str] = {}  # for positions the name of whether there is a −1 among them
        self.made_anew = 0  # bytes of what kernels allocate, at most
        self.results: dict[int, Value] = {}  # by output

    # --- the walk ------------------------------------------------------------------------------------

    def write(self) -> None:
        """All lines, in the order of the steps."""
        number = 0
        while number < len(self.plan.steps):
            region = self.regions.get(number)
            last = number
            if region is None:
                self._step(number)
            else:
                for before in region.before:
                    self._step(before)
                self._region(region)
                last = region.stop
            for ended in range(number, last + 1):
                self._bury(self.plan.dies[ended])
            number = last + 1

    def _step(self, number: int) -> None:
        """The lines of one step."""
        step = self.plan.steps[number]
        self.number = number
        start = len(self.lines)
        self.values[number] = self._value(number, step)
        self.forget_scratches()
        if len(self.lines) > start:
            self.lines[start] += f"  # v{number}: {step.operation} {step.shape}"

    def _bury(self, values: Sequence[int]) -> None:
        """The buffers of values that nothing reads any more are free."""
        for value in values:
            buffer = self.buffers.pop(value, None)
            if buffer is not None:
                self.arena.give(buffer)

    def _region(self, region: Region) -> None:
        """One line for a region: its blocks are a function of their own."""
        self.number = region.start
        made = self.blocked(self.plan, region, self.dtype)
        outside = [self.values[operand].name for operand in made.operands]
        targets = []
        for number in written(self.plan, region):
            self.values[number] = self.target(number, self.plan.steps[number].shape)
            targets.append(self.values[number].name)
        name = self.bound("blocks", made.run)
        self.made_anew += made.nbytes
        inside = [self.plan.steps[number] for number in region.inside]
        steps = ", ".join([step.operation for step in inside if not step.is_view])
        operands = "".join([f"{each}, " for each in outside])
        self.line(f"{name}(({operands}), ({', '.join(targets)},))  # {steps}")
        for number in outer_views(self.plan, region):
            self._step(number)

    def _value(self, number: int, step: Step) -> Value:
        if step.operation == "input":
            return Value(self.argument(step.parameters), dense(step.shape), self.dtype)
        if step.operation == "abstract":
            return self._given(step)
        if self._is_constant(step):
            return self._folded(step)
        emitter = self.emitters.get(step.operation)
        value = emitter(self, number, step) if emitter is not None else None
        return value if value is not None else self.called(step)

    def argument(self, name: str) -> str:
        """The parameter that holds an input."""
        return f"a{self.plan.inputs.index(name)}"

    def _is_constant(self, step: Step) -> bool:
        known = all(self.values[operand].constant is not None for operand in step.operands)
        return known and step.operation != "output" and prod(step.shape) * self.dtype.itemsize <= _FOLDED

    def _folded(self, step: Step) -> Value:
        """A step of constants, computed now."""
        operands = [self.values[operand].constant for operand in step.operands]
        with np.errstate(all="ignore"):
            found = np.asarray(kernel(step, _NO_ARRAYS, self.dtype)(*operands))
        if found.dtype.kind in "fc":
            found = found.astype(self.dtype, copy=False)
        return self.constant(found)

    # --- outputs -----------------------------------------------------------------------------------------

    def slot_of(self, number: int) -> int:
        """Which output an output step makes."""
        return self.plan.outputs.index(number)

    def hand_out(self, slot: int, result: Value) -> None:
        """The value that is returned for an output."""
        self.results[slot] = result

    # --- kernels --------------------------------------------------------------------------------------------

    def called(self, step: Step) -> Value:
        """A step by its kernel, which makes its result anew."""
        function = self.bound("k", as_array_of(kernel(step, _NO_ARRAYS, self.dtype), self.dtype))
        name = f"v{self.number}"
        operands = [self.plain(operand) for operand in step.operands]
        self.line(f"{name} = {function}({', '.join(operands)})")
        self.made_anew += prod(step.shape) * self.dtype.itemsize
        return Value(name, dense(step.shape), self._kind_of(step))

    def _given(self, step: Step) -> Value:
        """A call of a function that the caller gives with the arrays."""
        function = self.bound("k", partial(_called, step.parameters, step.shape, self.dtype))
        name = f"v{self.number}"
        place = f"f{self.plan.functions.index(step.parameters)}"
        self.line(f"{name} = {function}({', '.join([place, *map(self.plain, step.operands)])})")
        self.made_anew += 2 * prod(step.shape) * self.dtype.itemsize  # what it gives, and that in our dtype
        return Value(name, dense(step.shape), self.dtype)

    def _kind_of(self, step: Step) -> np.dtype[Any]:
        masks = step.operation == "compare" and step.parameters[1] == "mask"
        return np.dtype(bool) if masks else self.dtype

    def plain(self, operand: int) -> str:
        """An operand for a kernel: a number of the plan as a Python number, which is weak."""
        step = self.plan.steps[operand]
        if step.operation == "number":
            return self.bound("n", step.parameters)
        return self.values[operand].name


def _called(
    name: str, shape: tuple[int, ...], dtype: np.dtype[Any], function: Any, *operands: Array
) -> Array:
    """A caller's function of arrays of one shape, held to what it gives."""
    return checked(function, name, shape, dtype)(*operands)
