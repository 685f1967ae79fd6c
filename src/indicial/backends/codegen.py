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
from indicial.backends.frame import Arena, Base, Views, padded
from indicial.backends.layout import Layout, dense
from indicial.backends.numpy import kernel
from indicial.backends.values import Value, as_array_of, restrided
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


class Writer:
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
        self.plan, self.dtype, self.emitters, self.destinations = plan, dtype, emitters, destinations
        self.regions, self.blocked = regions, blocked
        self.scalars = scalars and dtype == np.float64
        self.numbers: dict[int, str] = {}  # values of no axes as Python numbers: names or expressions
        self.readers = readers(plan)
        self.lines: list[str] = []
        self.globals: dict[str, Any] = {}
        self.values: dict[int, Value] = {}
        self.arena, self.views = Arena(), Views()
        self.buffers: dict[int, int] = {}  # the buffer of a value, while it has one
        self.slot_shapes: dict[int, tuple[int, ...]] = {}
        self.slot_views: dict[int, dict[Layout, str]] = {}
        self.slot_zeroed: dict[int, int] = {}  # pages written where the rest is zero
        self.shared: dict[int, Any] = {}  # of operands with small matrices: see `closed`
        self.number = 0
        self.made_anew = 0  # bytes of what kernels allocate, at most
        self.scratches: list[Value] = []  # those of the current step
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
        self._forget_scratches()
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

    # --- names ------------------------------------------------------------------------------------------

    def constant(self, array: Array) -> Value:
        """An array that is the same in every call."""
        steps = tuple([stride // array.itemsize for stride in array.strides])
        return Value(self.bound("c", array), Layout(array.shape, steps), array.dtype, constant=array)

    def literal(self, number: float) -> str:
        """The name of a number in the dtype of the function."""
        return self.bound("c", np.asarray(number, self.dtype))

    def bound(self, prefix: str, thing: object) -> str:
        """A global name for an object."""
        name = f"{prefix}{len(self.globals)}"
        self.globals[name] = thing
        return name

    def function(self, name: str, thing: object) -> str:
        """A global name for a function, its own."""
        self.globals[name] = thing
        return name

    def line(self, text: str) -> None:
        """One more line."""
        self.lines.append(text)

    def fresh(self) -> str:
        """A local name."""
        return f"v{self.number}_{len(self.lines)}"

    # --- memory --------------------------------------------------------------------------------------------

    def target(self, number: int, shape: tuple[int, ...], dtype: np.dtype[Any] | None = None) -> Value:
        """Memory for the value of a step, in C order: an output's own where it ends up there."""
        dtype = dtype or self.dtype
        slot = self.destinations.get(number)
        if slot is not None and dtype == self.dtype:
            return self.in_slot(slot, shape)
        buffer = self.arena.take(prod(shape) * dtype.itemsize)
        self.buffers[number] = buffer
        return self.seen(Base("work", buffer), dense(shape), dtype)

    def in_place(self, number: int, step: Step, candidates: Sequence[int]) -> Value:
        """Memory for an elementwise step: that of an operand which dies here, where there is one."""
        if number not in self.destinations:
            dying = set(self.plan.dies[number])
            for operand in candidates:
                own = self.values[operand]
                if (
                    operand in dying
                    and operand in self.buffers
                    and own.dtype == self.dtype
                    and own.layout == dense(step.shape)
                    and all(self.values[o].base != own.base for o in step.operands if o != operand)
                ):
                    self.buffers[number] = self.buffers.pop(operand)
                    return own
        return self.target(number, step.shape)

    def in_slot(self, slot: int, shape: tuple[int, ...]) -> Value:
        """The owner of an output."""
        self.slot_shapes.setdefault(slot, shape)
        self.slot_views.setdefault(slot, {})
        return Value(f"o{slot}", dense(shape), self.dtype, Base("slot", slot))

    def zeroed(self, out: Value, pages: int) -> None:
        """The step writes a part of an output whose other entries are zeros: the owner comes so."""
        assert out.base is not None
        self.slot_zeroed[out.base.number] = pages

    def mostly_zero(self, shape: tuple[int, ...]) -> Value:
        """A buffer for one step alone: what it never writes stays zero from the first call on."""
        self.arena.sizes.append(padded(prod(shape) * self.dtype.itemsize))
        return self.seen(Base("work", len(self.arena.sizes) - 1), dense(shape), self.dtype)

    def kept(self, shape: tuple[int, ...]) -> Value:
        """A buffer that no other step has, for what several steps read."""
        return self.mostly_zero(shape)

    def scratch(self, shape: tuple[int, ...], dtype: np.dtype[Any] | None = None) -> Value:
        """Memory for the time of one step."""
        dtype = dtype or self.dtype
        buffer = self.arena.take(prod(shape) * dtype.itemsize)
        value = self.seen(Base("work", buffer), dense(shape), dtype)
        self.scratches.append(value)
        return value

    def _forget_scratches(self) -> None:
        for scratch in self.scratches:
            assert scratch.base is not None
            self.arena.give(scratch.base.number)
        self.scratches.clear()

    def seen(self, base: Base, layout: Layout, dtype: np.dtype[Any]) -> Value:
        """A view of prepared memory."""
        if base.kind == "work":
            return Value(self.views.name(base.number, layout, dtype), layout, dtype, base)
        known = self.slot_views[base.number]
        if layout == dense(self.slot_shapes[base.number]):
            return Value(f"o{base.number}", layout, dtype, base)
        name = known.setdefault(layout, f"o{base.number}_{len(known)}")
        return Value(name, layout, dtype, base)

    def view(self, value: Value, layout: Layout, expression: str) -> Value:
        """A view of a value: prepared where its memory is, else made in each call by the expression."""
        if layout == value.layout:
            return value
        if value.constant is not None:
            return self.constant(restrided(value.constant, layout))
        if value.base is not None:
            return self.seen(value.base, layout, value.dtype)
        name = self.fresh()
        self.line(f"{name} = {expression}")
        return Value(name, layout, value.dtype)

    def merged(self, value: Value, lengths: Sequence[int]) -> Value:
        """The value with runs of its axes taken as one: a view, or a copy where no view is."""
        layout = value.layout.merged(lengths)
        if layout is None:
            copy = self.scratch(value.shape, value.dtype)
            self.line(f"{self.function('copyto', np.copyto)}({copy.name}, {value.name})")
            value = copy
            layout = value.layout.merged(lengths)
            assert layout is not None
        return self.view(value, layout, f"{value.name}.reshape({layout.shape})")

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


def readers(plan: Plan) -> list[list[int]]:
    """For each value the steps that read it, once for each time that they do."""
    found: list[list[int]] = [[] for _ in plan.steps]
    for number, step in enumerate(plan.steps):
        for operand in step.operands:
            found[operand].append(number)
    return found


def _called(
    name: str, shape: tuple[int, ...], dtype: np.dtype[Any], function: Any, *operands: Array
) -> Array:
    """A caller's function of arrays of one shape, held to what it gives."""
    return checked(function, name, shape, dtype)(*operands)
