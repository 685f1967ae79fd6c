"""Contraction trees drawn: operands at the bottom, each step above what it contracts, its cost beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Case = Mapping[str, Any]
Steps = Sequence[Mapping[str, Any]]

_FEWEST, _MOST = 3, 9  # operands of a case whose trees say something
_CASES = 3
_TREES = 3


def drawable(document: Mapping[str, Any]) -> list[Case]:
    """The cases of one term whose orders differ most in FLOPs."""
    found: list[tuple[float, Case]] = []
    for case in document["cases"]:
        orders = _orders(case)
        if case["terms"] == 1 and _FEWEST <= case["operands"] <= _MOST and len(orders) > 1:
            costs = [row["flops"] for row in orders]
            found.append((max(costs) / max(min(costs), 1), case))
    found.sort(key=lambda pair: -pair[0])
    return [case for _, case in found[:_CASES]]


def _orders(case: Case) -> list[Mapping[str, Any]]:
    """One row for each different order, from few FLOPs to many."""
    different: dict[str, Mapping[str, Any]] = {}
    for row in case["rows"]:
        if row["trees"] is not None:
            different.setdefault(str(row["trees"]), row)
    return sorted(different.values(), key=lambda row: (row["flops"], row["name"]))


def chosen(case: Case) -> list[Mapping[str, Any]]:
    """Up to three orders: the cheapest, one from the middle, the most expensive."""
    orders = _orders(case)
    if len(orders) <= _TREES:
        return orders
    return [orders[0], orders[len(orders) // 2], orders[-1]]


def forest(case: Case) -> Any:
    """A figure with some orders of a case beside each other."""
    from matplotlib.figure import Figure

    rows = chosen(case)
    figure = Figure(figsize=(max(3.2, 0.62 * case["operands"] + 1.2) * len(rows), 3.8), layout="constrained")
    for number, row in enumerate(rows):
        axis = figure.add_subplot(1, len(rows), number + 1)
        names = [other["name"] for other in case["rows"] if other["trees"] == row["trees"]]
        _draw(axis, row["trees"][0], case["expressions"][0].partition("->")[0].split(","))
        axis.set_title(f"{_few(names)}\n{row['flops']:.3g} FLOPs{_time(row)}", fontsize=9)
        axis.set_axis_off()
        axis.margins(0.14)
    figure.suptitle(f"{case['name']}: {case['title']}", fontsize=10)
    return figure


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} others" if len(names) > 3 else "")


def _time(row: Mapping[str, Any]) -> str:
    return f", {row['seconds']['median'] * 1e3:.3g} ms" if row["seconds"] else f", {row['status']}"


def places(steps: Steps, operands: int) -> dict[int, tuple[float, float]]:
    """Where each value stands: inputs in the order in which they are met, results over their operands."""
    order = list(_leaves(steps, operands))
    found = {value: (float(x), 0.0) for x, value in enumerate(order)}
    for number, step in enumerate(steps):
        below = [found[operand] for operand in step["operands"]]
        x = sum([place[0] for place in below]) / len(below)
        found[operands + number] = (x, 1 + max([place[1] for place in below]))
    return found


def _leaves(steps: Steps, operands: int) -> Iterator[int]:
    """The inputs from left to right, so that no branches cross."""
    pending = [operands + len(steps) - 1]
    while pending:
        value = pending.pop()
        if value < operands:
            yield value
        else:
            pending += reversed(steps[value - operands]["operands"])


def _draw(axis: Any, steps: Steps, inputs: Sequence[str]) -> None:
    operands = len(inputs)
    place = places(steps, operands)
    dearest = max([step["flops"] for step in steps] + [1])
    for number, step in enumerate(steps):
        x, y = place[operands + number]
        for operand in step["operands"]:
            axis.plot([x, place[operand][0]], [y, place[operand][1]], color="#bbbbbb", linewidth=1, zorder=0)
        share = step["flops"] / dearest
        axis.scatter([x], [y], s=20 + 260 * share, color="#d1495b", alpha=0.35 + 0.6 * share, linewidths=0)
        label = f"{step['result'] or 'number'}\n{step['flops']:.1e}"
        above = (0, 4 + 8 * share**0.5)
        axis.annotate(label, (x, y), xytext=above, textcoords="offset points", fontsize=7, ha="center")
    for value, subscripts in enumerate(inputs):
        axis.annotate(
            subscripts, place[value], xytext=(0, -9), textcoords="offset points", fontsize=8, ha="center"
        )
