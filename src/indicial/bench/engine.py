"""indicial as a contestant: a program or its derivatives, compiled for given shapes, and the plan's cost."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from indicial import derive, parse
from indicial.api.numbers import Numbers
from indicial.backends.numpy import run
from indicial.bench.orders import ITEM, Cost
from indicial.planning.steps import VIEWS, Plan

Array = Any
Shapes = Mapping[str, tuple[int, ...]]
Variables = str | tuple[str, ...]

_NUMBERS = itertools.count()
_FREE = VIEWS | {"number", "positions", "epsilon", "output"}


@dataclass(frozen=True, slots=True)
class Planned:
    """Computes the outputs, in their order, from arrays by name; the seconds that getting there took."""

    run: Callable[[Mapping[str, Array]], list[Array]]
    cost: Cost
    derive_seconds: float
    plan_seconds: float


def planned(
    text: str, shapes: Shapes, wrt: Variables = "", outputs: tuple[str, ...] | None = None
) -> Planned:
    """A program, or its derivatives where `wrt` names variables, planned for arrays of these shapes."""
    text = f"{text}\n# {next(_NUMBERS)}"  # a text of its own, so that no cache answers
    marks = [time.perf_counter()]
    source = derive(text, wrt=wrt) if wrt else parse(text, outputs=outputs)
    numbers: Numbers = source._numbers
    marks.append(time.perf_counter())
    plan = numbers.plan(shapes)
    marks.append(time.perf_counter())
    kind = np.dtype(np.float64)
    return Planned(
        lambda arrays: run(plan, arrays, kind), _cost(plan), marks[1] - marks[0], marks[2] - marks[1]
    )


def _cost(plan: Plan) -> Cost:
    flops = moved = largest = 0
    for step in plan.steps:
        if step.is_view or step.operation in _FREE:
            continue
        sizes = [prod(plan.steps[operand].shape) for operand in step.operands]
        largest = max(largest, prod(step.shape))
        moved += prod(step.shape) + sum(sizes)
        if step.operation == "matmul":
            batch, rows, _, _ = step.parameters
            flops += 2 * prod(step.shape) * prod(plan.steps[step.operands[0]].shape[batch + rows :])
        elif step.operation in ("sum", "prod"):
            flops += sizes[0]
        elif step.operation == "assemble":
            flops += sum(sizes[1:])
        else:
            flops += prod(step.shape)
    return Cost(flops, largest, plan.peak_elements * ITEM, moved * ITEM)
