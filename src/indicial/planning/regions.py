"""Stretches of a plan that can be run block by block along one axis, so that temporaries stay in cache.

Within a region every value is computed from the same rows of its operands: elementwise steps, sums over
other axes, products that have the rows as a batch axis. A sum over the rows ends a region: blocks add to
it. What other steps need of a region is written out; everything else never leaves the cache.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import prod

from indicial.planning.steps import Builder, Plan, Step

ELEMENTWISE = frozenset(
    {
        "add", "asnumber", "call", "compare", "divide", "multiply", "pow", "power", "scale", "select",
        "subtract",
    }
)  # fmt: skip
_REDUCING = frozenset({"sum", "amax", "prod"})
_LARGE = 1 << 16  # entries of a value from which its steps are blocked
_BLOCK = 1 << 14  # entries of the widest value of a block
_FEWEST = 4  # blocks
_STEPS = 3  # steps that compute something


@dataclass(slots=True)
class Region:
    """Steps `start` to `stop` of a plan, of which those in `rows` run in blocks.

    rows         the axis along which each value of the region is cut
    summed       the values that blocks add to
    before       the steps in between that the region does not need to contain: they run first
    sliced       the operands from outside that are cut, and along which axis; the others are whole
    whole        the operands from outside that every block reads in full
    """

    start: int
    extent: int
    rows: dict[int, int] = field(default_factory=dict)
    summed: set[int] = field(default_factory=set)
    before: list[int] = field(default_factory=list)
    sliced: dict[int, int] = field(default_factory=dict)
    whole: dict[int, None] = field(default_factory=dict)
    stop: int = 0

    @property
    def inside(self) -> list[int]:
        """The steps that run in blocks, in order."""
        return sorted([*self.rows, *self.summed])


def regions(plan: Plan) -> list[Region]:
    """The regions of a plan that are worth it, in order; none overlap."""
    found: list[Region] = []
    number = 0
    while number < len(plan.steps):
        step = plan.steps[number]
        if step.operation in ELEMENTWISE and step.shape and prod(step.shape) >= _LARGE:
            region = _grown(plan, number)
            if _is_worth_it(plan, region):
                found.append(region)
                number = region.stop
        number += 1
    return found


def _grown(plan: Plan, start: int) -> Region:
    """The region from a step on, along the first axis of its value."""
    region = Region(start, plan.steps[start].shape[0])
    for number in range(start, len(plan.steps)):
        step = plan.steps[number]
        touched = any(operand in region.rows or operand in region.summed for operand in step.operands)
        done = any(operand in region.summed for operand in step.operands)
        if not done and _joins(plan, region, number, touched or number == start):
            region.stop = number
        elif touched:
            break
        else:
            region.before.append(number)
    region.before = [number for number in region.before if number < region.stop]
    return region


def _joins(plan: Plan, region: Region, number: int, touched: bool) -> bool:
    """Take a step into the region if its value can be computed block by block."""
    step = plan.steps[number]
    if step.operation in ELEMENTWISE:
        axis = _common_axis(region, step)
        if axis is None or not (touched or prod(step.shape) >= _LARGE):
            return False
        cuts = {o: axis for o in step.operands if _is_cut(plan, step, o, axis)}
    elif not touched:
        return False
    elif step.operation == "transpose":
        axis = step.parameters.index(region.rows[step.operands[0]])
        cuts = {}
    elif step.operation == "expand":
        places = [k for k, present in enumerate(step.parameters) if present]
        axis = places[region.rows[step.operands[0]]]
        cuts = {}
    elif step.operation in _REDUCING:
        return _reduces(region, step, number)
    elif step.operation == "matmul":
        return _multiplies(plan, region, step, number)
    else:
        return False
    if not _cut(region, cuts):
        return False
    for operand in step.operands:
        if operand not in cuts and operand not in region.rows:
            region.whole[operand] = None
    region.rows[number] = axis
    return True


def _common_axis(region: Region, step: Step) -> int | None:
    """The axis of an elementwise result along which all operands of the region are cut."""
    axes = {region.rows[operand] for operand in step.operands if operand in region.rows}
    axis = axes.pop() if len(axes) == 1 else 0 if not axes else None
    if axis is None or axis >= len(step.shape) or step.shape[axis] != region.extent:
        return None
    return axis


def _is_cut(plan: Plan, step: Step, operand: int, axis: int) -> bool:
    shape = plan.steps[operand].shape
    return len(shape) == len(step.shape) and shape[axis] == step.shape[axis]


def _cut(region: Region, cuts: dict[int, int]) -> bool:
    """Note along which axes operands from outside are cut; each along one only."""
    outside = {operand: axis for operand, axis in cuts.items() if operand not in region.rows}
    if any(region.sliced.get(o, axis) != axis or o in region.whole for o, axis in outside.items()):
        return False
    region.sliced.update(outside)
    return True


def _reduces(region: Region, step: Step, number: int) -> bool:
    axis = region.rows[step.operands[0]]
    if axis not in step.parameters:
        region.rows[number] = axis - sum([k < axis for k in step.parameters])
    elif step.operation == "sum" and prod(step.shape) <= _BLOCK:
        region.summed.add(number)
    else:
        return False
    return True


def _multiplies(plan: Plan, region: Region, step: Step, number: int) -> bool:
    """A product with the rows as a batch axis, or one that sums over them."""
    batch, rows, summed, _ = step.parameters
    places = []
    for operand, first in zip(step.operands, (batch + rows, batch), strict=True):
        if operand in region.rows:
            axis = region.rows[operand]
            if axis < batch:
                places.append((True, axis))
            elif first <= axis < first + summed:
                places.append((False, axis - first))
            else:
                return False
    if len(set(places)) != 1:
        return False
    ((is_batch, place),) = set(places)
    if not is_batch and prod(step.shape) > _BLOCK:
        return False
    firsts = (0, 0) if is_batch else (batch + rows, batch)
    cuts = {o: place + first for o, first in zip(step.operands, firsts, strict=True)}
    if any(plan.steps[o].shape[axis] != region.extent for o, axis in cuts.items()) or not _cut(region, cuts):
        return False
    if is_batch:
        region.rows[number] = place
    else:
        region.summed.add(number)
    return True


def _is_worth_it(plan: Plan, region: Region) -> bool:
    computing = [n for n in region.inside if not plan.steps[n].is_view]
    block = block_of(plan, region)
    straight = all(region.rows[n] == 0 for n in written(plan, region) if n in region.rows)
    shared = region.sliced.keys() & region.whole.keys()
    return len(computing) >= _STEPS and block * _FEWEST <= region.extent and straight and not shared


def block_of(plan: Plan, region: Region) -> int:
    """How many rows a block has."""
    inner = max([prod(plan.steps[n].shape) // region.extent for n in region.rows])
    return max(_BLOCK // max(inner, 1), 1)


def written(plan: Plan, region: Region) -> list[int]:
    """The values of a region that are needed outside of it; of a view the value that it shows."""
    inside = set(region.inside)
    needed = set(region.summed)
    for number, step in enumerate(plan.steps):
        if number not in inside:
            needed.update([_shown(plan, operand) for operand in step.operands if operand in inside])
    return sorted(needed & inside)


def outer_views(plan: Plan, region: Region) -> list[int]:
    """The views of a region's values that steps outside of it read."""
    inside = set(region.inside)
    read = {o for n, step in enumerate(plan.steps) if n not in inside for o in step.operands if o in inside}
    views: set[int] = set()
    for number in read:
        while plan.steps[number].is_view and number in inside:
            views.add(number)
            number = plan.steps[number].operands[0]
    return sorted(views)


def _shown(plan: Plan, number: int) -> int:
    while plan.steps[number].is_view and plan.steps[number].operation in ("transpose", "expand"):
        number = plan.steps[number].operands[0]
    return number


def block_plan(plan: Plan, region: Region, rows: int) -> tuple[Plan, tuple[int, ...]]:
    """The region as a plan for blocks of so many rows, and the outside operands that are its inputs."""
    builder = Builder()
    names: dict[int, int] = {}
    inputs: dict[int, None] = {}
    for operand in _operands(plan, region):
        step = plan.steps[operand]
        if step.operation == "number":
            names[operand] = builder.emit("number", (), step.parameters, ())
            continue
        shape = list(step.shape)
        if operand in region.sliced:
            shape[region.sliced[operand]] = rows
        names[operand] = builder.emit("input", (), f"v{operand}", tuple(shape))
        inputs[operand] = None
    for number in region.inside:
        step = plan.steps[number]
        cut = list(step.shape)
        if number in region.rows:
            cut[region.rows[number]] = rows
        operands = [names[operand] for operand in step.operands]
        names[number] = builder.emit(step.operation, operands, step.parameters, tuple(cut))
    outputs = []
    for number in written(plan, region):
        made_shape = builder.shape(names[number])
        order = tuple(range(len(made_shape)))
        outputs.append(builder.emit("output", (names[number],), ("owned", order, number), made_shape))
    made = builder.finish(outputs)
    order_of = {f"v{operand}": operand for operand in inputs}
    return made, tuple([order_of[name] for name in made.inputs])


def _operands(plan: Plan, region: Region) -> Iterator[int]:
    inside = set(region.inside)
    seen: set[int] = set()
    for number in region.inside:
        for operand in plan.steps[number].operands:
            if operand not in inside and operand not in seen:
                seen.add(operand)
                yield operand
