"""Plans before any array is there: what a call with arrays of given shapes will do, and what it costs."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from pathlib import Path

import numpy as np

from indicial.api.numbers import Numbers, canonical_names
from indicial.api.operands import Arrays
from indicial.errors import BackendError, ShapeError
from indicial.planning.explain import Explanation, counted
from indicial.planning.memory import bytes_as_text
from indicial.planning.steps import Plan
from indicial.render.plot import Row, plan_svg

Extents = tuple[int, ...]


class PlanReport(Explanation):
    """What one call does: steps, FLOPs, bytes that move, peak memory, the order of contractions.

    `str()` gives the table, `show()` prints it; the attributes `steps`, `flops`, `bytes`, `peak_bytes` and
    `contractions` hold the same for programs.
    """

    __slots__ = ()

    def _contraction(self, number: int) -> str:
        """A product that is summed, by the names of what is multiplied: transposing one costs nothing."""
        left, right = self.plan.steps[number].operands
        return f"v{number} = {self._short(left)} · {self._short(right)}"

    def _repr_html_(self) -> str:
        heads = ("value", "operation", "shape", "FLOPs", "bytes")
        rows = [
            (f"v{row.number}", row.operation, str(row.shape), counted(row.flops), bytes_as_text(row.bytes))
            for row in self.steps
        ]
        head = "".join([f"<th>{each}</th>" for each in heads])
        body = "".join(
            ["<tr>" + "".join([f"<td>{escape(cell)}</td>" for cell in row]) + "</tr>" for row in rows]
        )
        return f"<table><caption>{escape(self.summary)}</caption><tr>{head}</tr>{body}</table>"

    def svg(self, title: str = "plan") -> str:
        """A drawing of the steps, their operations and the memory that is held behind each."""
        held = held_bytes(self.plan, self.itemsize)
        rows = [
            Row(
                f"v{row.number} = {row.operation} → {row.shape}",
                row.flops,
                counted(row.flops),
                held[row.number],
                bytes_as_text(held[row.number]),
            )
            for row in self.steps
        ]
        return plan_svg(title, self.summary, rows)

    def plot(self, path: str | Path, title: str = "plan") -> None:
        """Writes the drawing to a file, as SVG."""
        Path(path).write_text(self.svg(title), encoding="utf-8")


def held_bytes(plan: Plan, itemsize: int) -> list[int]:
    """The bytes held while each step runs, inputs apart."""
    held, found = 0, []
    for step, dying in zip(plan.steps, plan.dies, strict=True):
        held += step.elements
        found.append(held * itemsize)
        held -= sum([plan.steps[value].elements for value in dying])
    return found


def plan_report(numbers: Numbers, shapes: object, dtype: str) -> PlanReport:
    """The plan for arrays of these shapes, given by name; an array stands for its shape."""
    plan = numbers.plan(checked_shapes(numbers, shapes))
    itemsize = _itemsize(dtype)
    extents = checked_shapes(numbers, shapes)
    return PlanReport(plan, itemsize, plan.peak_elements * itemsize, lambda: numbers.costs(extents))


def checked_shapes(numbers: Numbers, shapes: object) -> dict[str, Extents]:
    """Shapes by the names that the program has."""
    if not isinstance(shapes, Mapping):
        raise ShapeError("shapes are given by name", hint='write plan({"W": (3, 4), "x": (4,)})')
    named: Arrays = canonical_names(numbers.program, shapes)
    return {name: _extents(name, shape) for name, shape in named.items()}


def _extents(name: str, shape: object) -> Extents:
    shape = getattr(shape, "shape", shape)
    extents = (shape,) if _is_extent(shape) else shape
    if not isinstance(extents, (tuple, list)) or not all(_is_extent(each) for each in extents):
        raise ShapeError(f"{shape!r} is no shape for {name!r}", hint=f'write {{"{name}": (3, 4)}}')
    return tuple([int(each) for each in extents])


def _is_extent(value: object) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool) and int(value) >= 0


def _itemsize(dtype: str) -> int:
    try:
        found = np.dtype(dtype)
    except TypeError as error:
        raise BackendError(f"{dtype!r} is no dtype", hint='write dtype="float64"') from error
    if found.kind not in "fc":
        raise BackendError(f"numbers are not computed in {found}", hint='write dtype="float64"')
    return found.itemsize
