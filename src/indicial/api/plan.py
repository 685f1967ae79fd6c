"""Plans before any array is there: what a call with arrays of given shapes will do, and what it costs."""

from __future__ import annotations

from functools import partial
from html import escape
from pathlib import Path

from indicial.api.numbers import Numbers
from indicial.api.shapes import checked_dtype, checked_shapes
from indicial.planning.cuts import Sliced, peak
from indicial.planning.explain import Explanation, counted
from indicial.planning.memory import allowed, bytes_as_text, fits
from indicial.planning.slicing import sliced
from indicial.planning.steps import Plan
from indicial.render.plot import Row, plan_svg


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


def plan_report(numbers: Numbers, shapes: object, dtype: object) -> PlanReport:
    """The plan for arrays of these shapes, given by name; an array stands for its shape."""
    known, itemsize = checked_shapes(numbers, shapes), checked_dtype(dtype).itemsize
    plan = numbers.plan(known)
    found = Sliced(plan)
    if not fits(plan.peak_elements * itemsize):
        found = sliced(plan, allowed() / itemsize) or found
    return PlanReport(found.plan, itemsize, peak(found) * itemsize, partial(numbers.costs, known), found.cuts)
