"""Names, lines and memory of the code that is written for a plan.

A value lies in a buffer of the frame, or in the owner of an output; views of both are made beforehand.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from indicial.backends.frame import Arena, Base, Views, padded
from indicial.backends.layout import Layout, dense, packed
from indicial.backends.orders import memory_order, readers
from indicial.backends.values import Value, restrided
from indicial.planning.steps import Plan, Step

Array = Any


class Workspace:
    """What is written so far, and where the values of the plan lie.

    destinations   for values that end up as an output, which it is
    number         the step that is being written
    """

    def __init__(self, plan: Plan, dtype: np.dtype[Any], destinations: dict[int, int]) -> None:
        self.plan, self.dtype, self.destinations = plan, dtype, destinations
        self.readers = readers(plan)
        self.lines: list[str] = []
        self.globals: dict[str, Any] = {}
        self.values: dict[int, Value] = {}
        self.known_ones: dict[int, Value] = {}
        self.arena, self.views = Arena(), Views()
        self.buffers: dict[int, int] = {}  # the buffer of a value, while it has one
        self.slot_shapes: dict[int, tuple[int, ...]] = {}
        self.slot_views: dict[int, dict[Layout, str]] = {}
        self.slot_zeroed: dict[int, int] = {}  # pages written where the rest is zero
        self.negated: set[int] = set()  # values that are still to be negated: see `left_to_reader`
        self.number = 0
        self.scratches: list[Value] = []  # those of the current step

    # --- names ------------------------------------------------------------------------------------------

    def constant(self, array: Array) -> Value:
        """An array that is the same in every call."""
        steps = tuple([stride // array.itemsize for stride in array.strides])
        return Value(self.bound("c", array), Layout(array.shape, steps), array.dtype, constant=array)

    def literal(self, number: float) -> str:
        """The name of a number in the dtype of the function."""
        return self.bound("c", np.asarray(number, self.dtype))

    def ones(self, count: int) -> Value:
        """So many ones."""
        if count not in self.known_ones:
            self.known_ones[count] = self.constant(np.ones(count, self.dtype))
        return self.known_ones[count]

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

    def target(
        self,
        number: int,
        shape: tuple[int, ...],
        dtype: np.dtype[Any] | None = None,
        order: Sequence[int] | None = None,
    ) -> Value:
        """Memory for the value of a step, in C order or another: an output's own where it ends up there."""
        dtype = dtype or self.dtype
        slot = self.destinations.get(number)
        if slot is not None and dtype == self.dtype:
            return self.in_slot(slot, shape)
        buffer = self.arena.take(prod(shape) * dtype.itemsize)
        self.buffers[number] = buffer
        layout = dense(shape) if order is None else packed(shape, order)
        return self.seen(Base("work", buffer), layout, dtype)

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
                    and own.layout.order is not None
                    and own.shape == step.shape
                    and all(self.values[o].base != own.base for o in step.operands if o != operand)
                ):
                    self.buffers[number] = self.buffers.pop(operand)
                    return own
        known = [self.values[operand] for operand in step.operands]
        layouts = [value.layout for value in known if value.base is not None and value.base.kind == "work"]
        order = memory_order(self.plan, self.readers, number, layouts)
        return self.target(number, step.shape, order=order)

    def left_to_reader(self, number: int, operand: int) -> Value:
        """The operand of a step in place of its value: the step's only reader, which is next, negates it."""
        if operand in self.plan.dies[number] and operand in self.buffers:
            self.buffers[number] = self.buffers.pop(operand)
        self.negated.add(number)
        return self.values[operand]

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

    def forget_scratches(self) -> None:
        """The scratches of a step are free."""
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
