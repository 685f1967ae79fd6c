"""The steps of a growth put next to each other, and the plan of one slice of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from indicial.planning.cuts import Read, Sliced, groups_of
from indicial.planning.growth import Growth, axes_of
from indicial.planning.regions import Region, written
from indicial.planning.steps import OWNED, OWNING, Builder, Plan, deaths
from indicial.planning.ties import REFUSING


def arranged(found: Sliced, growth: Growth) -> tuple[Sliced, Growth]:
    """The steps of a growth next to each other: what they need before them, what needs them behind.

    What has nothing to do with them stands before or behind them as it did.
    """
    plan, inside = found.plan, growth.inside
    needed = set(inside)
    groups = groups_of(found)
    for number in range(len(plan.steps) - 1, -1, -1):
        if number in needed:
            needed.update(plan.steps[number].operands)
        elif number in groups and not needed.isdisjoint(groups[number]):
            needed.update(groups[number], plan.steps[number].operands)
    ahead = set(range(inside[0])) - growth.behind
    ahead = (ahead | needed).difference(inside)
    behind = set(range(len(plan.steps))) - ahead - set(inside)
    order = [*sorted(ahead), *inside, *sorted(behind)]
    new = {old: place for place, old in enumerate(order)}
    steps = tuple(
        [replace(s, operands=tuple([new[o] for o in s.operands])) for s in map(plan.steps.__getitem__, order)]
    )
    outputs = tuple([new[output] for output in plan.outputs])
    made = Plan(steps, outputs, plan.inputs, plan.functions, deaths(steps, outputs))
    cuts = [replace(cut, region=_moved(cut.region, new), reads=_reads(cut.reads, new)) for cut in found.cuts]
    rows = {new[number]: axis for number, axis in growth.rows.items()}
    moved = Growth(made, growth.extent, rows, {new[number] for number in growth.summed})
    return Sliced(made, tuple(sorted(cuts, key=lambda cut: cut.region.start))), moved


def region_of(growth: Growth) -> Region:
    """The steps of a growth, next to each other."""
    inside = growth.inside
    return Region(inside[0], growth.extent, growth.rows, growth.summed, stop=inside[-1])


def refusing(plan: Plan, region: Region) -> list[int]:
    """The axes along which operators are cut whose errors name a place among all matrices."""
    steps = [(axis, plan.steps[number]) for number, axis in region.rows.items()]
    return sorted(
        {axis for axis, step in steps if step.operation == "operator" and step.parameters[0] in REFUSING}
    )


def _moved(region: Region, new: Mapping[int, int]) -> Region:
    rows = {new[number]: axis for number, axis in region.rows.items()}
    summed = {new[number] for number in region.summed}
    return Region(new[region.start], region.extent, rows, summed, stop=new[region.stop])


def _reads(reads: tuple[Read, ...], new: Mapping[int, int]) -> tuple[Read, ...]:
    return tuple([(new[value], axis) for value, axis in reads])


def slice_of(growth: Growth, rows: int) -> tuple[Plan, tuple[Read, ...]]:
    """The plan of a slice of so many rows, and what its inputs are."""
    plan = growth.plan
    builder = Builder()
    names: dict[int, int] = {}
    known: dict[str, Read] = {}
    for number in growth.inside:
        step = plan.steps[number]
        operands = []
        for operand, axis in zip(step.operands, axes_of(growth, number), strict=True):
            own = plan.steps[operand]
            if operand not in names and own.operation == "number":
                names[operand] = builder.emit("number", (), own.parameters, ())
            if operand in names:
                operands.append(names[operand])
                continue
            name = f"v{operand}" + ("" if axis is None else f" along {axis}")
            known[name] = (operand, axis)
            operands.append(builder.emit("input", (), name, _cut_shape(own.shape, axis, rows)))
        shape = _cut_shape(step.shape, growth.rows.get(number), rows)
        parameters = shape if step.operation == "broadcast" and step.parameters else step.parameters
        names[number] = builder.emit(step.operation, operands, parameters, shape)
    outputs = []
    for number in written(plan, region_of(growth)):
        shape = builder.shape(names[number])
        kind = OWNED if plan.steps[number].operation in OWNING else "copied"
        outputs.append(
            builder.emit("output", (names[number],), (kind, tuple(range(len(shape))), number), shape)
        )
    made = builder.finish(outputs)
    return made, tuple([known[name] for name in made.inputs])


def _cut_shape(shape: tuple[int, ...], axis: int | None, rows: int) -> tuple[int, ...]:
    return shape if axis is None else (*shape[:axis], rows, *shape[axis + 1 :])
