"""indicial as a contestant: a program or its derivatives, compiled for given shapes, and the plan's cost."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

from indicial import MemoryLimitError, derive, parse
from indicial.bench.orders import ITEM, Cost
from indicial.planning.costs import moved, total_flops
from indicial.planning.steps import Plan

Array = Any
Run = Callable[[Mapping[str, Array]], list[Array]]
Shapes = Mapping[str, tuple[int, ...]]
Variables = str | tuple[str, ...]

_NUMBERS = itertools.count()
_ANY = 1 << 62  # bytes: the suite has a limit of its own


@dataclass(frozen=True, slots=True)
class Planned:
    """Computes the outputs, in their order, from arrays by name; the seconds that getting there took.

    `run` is None of a plan that is too large to be compiled.
    """

    run: Run | None
    cost: Cost
    derive_seconds: float
    plan_seconds: float

    @property
    def runnable(self) -> Run:
        """The function; one that raises the engine's error where there is none."""
        return self.run if self.run is not None else _refusing


def _refusing(_arrays: Mapping[str, Array]) -> list[Array]:
    raise MemoryLimitError("the plan is too large to be compiled")


def planned(
    text: str, shapes: Shapes, wrt: Variables = "", outputs: tuple[str, ...] | None = None
) -> Planned:
    """A program, or its derivatives by `wrt`, compiled for arrays of these shapes."""
    text = f"{text}\n# {next(_NUMBERS)}"  # a text of its own, so that no cache answers
    marks = [time.perf_counter()]
    source = derive(text, wrt=wrt) if wrt else parse(text, outputs=outputs)
    numbers = source._numbers
    marks.append(time.perf_counter())
    plan = numbers.plan(shapes)
    run, peak = _compiled(source, plan, shapes)
    marks.append(time.perf_counter())
    return Planned(run, _cost(plan, peak), marks[1] - marks[0], marks[2] - marks[1])


def _compiled(source: Any, plan: Plan, shapes: Shapes) -> tuple[Run | None, int]:
    """The function and the peak of memory that it promises, in bytes."""
    try:
        made = source.compile(shapes, memory_limit=_ANY)
    except MemoryLimitError:
        return None, plan.peak_elements * ITEM

    def run(arrays: Mapping[str, Array]) -> list[Array]:
        found = made(**arrays)
        return list(found.values()) if isinstance(found, dict) else [found]

    return run, made.plan.peak_bytes


def _cost(plan: Plan, peak: int) -> Cost:
    entries = sum([moved(plan, number) for number in range(len(plan.steps))])
    largest = max([prod(step.shape) for step in plan.steps if step.elements], default=0)
    return Cost(total_flops(plan), largest, peak, entries * ITEM)
