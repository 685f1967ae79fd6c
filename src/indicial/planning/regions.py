"""Stretches of a plan that can be run block by block along one axis, so that temporaries stay in cache.

Within a region every value is computed from the same rows of its operands: elementwise steps, sums over
other axes, products that have the rows as a batch axis. A sum over the rows ends a region: blocks add to
it. What other steps need of a region is written out; everything else never leaves the cache.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from math import prod

from indicial.planning.moments import RIGHT
from indicial.planning.steps import Plan, Step

ELEMENTWISE = frozenset(
    {
        "add", "asnumber", "call", "compare", "divide", "multiply", "pow", "power", "scale", "select",
        "subtract",
    }
)  # fmt: skip
REDUCING = frozenset({"sum", "amax", "prod"})
_APART = 64  # steps without a part in a region behind which it ends
_ADDED = 1 << 14  # entries of a value that all blocks add to, at most
_ADDED_PAIRS = 1 << 18  # the same where a block takes as long as many such additions


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


def grown(plan: Plan, start: int, large: int) -> Region | None:
    """The region from a step on, along the first axis of its value; None if it cannot start one.

    Steps that read nothing of the region join it if what they compute, or reduce, has `large` entries.
    """
    step = plan.steps[start]
    if not step.shape or step.is_view or _size(plan, start) < large:
        return None
    region = Region(start, step.shape[0], stop=start)
    for number in range(start, len(plan.steps)):
        step = plan.steps[number]
        touched = any(operand in region.rows or operand in region.summed for operand in step.operands)
        done = any(operand in region.summed for operand in step.operands)
        near = touched or (number == start and step.operation in ELEMENTWISE)
        if not done and (near or _size(plan, number) >= large) and _joins(plan, region, number, near):
            region.stop = number
        elif touched or number - region.stop > _APART:
            break
        else:
            region.before.append(number)
    region.before = [number for number in region.before if number < region.stop]
    return region if region.rows else None


def kept_alive(plan: Plan, regions: Iterable[Region]) -> Plan:
    """The plan with what regions read alive until they have run.

    Steps in between run before a region: none of them is its last reader, whatever their order says.
    """
    dies = [list(values) for values in plan.dies]
    for region in regions:
        held = {base_of(plan, o) for n in region.inside for o in plan.steps[n].operands}
        for number in region.before:
            dies[region.stop] += [value for value in dies[number] if value in held]
            dies[number] = [value for value in dies[number] if value not in held]
    return replace(plan, dies=tuple([tuple(values) for values in dies]))


def base_of(plan: Plan, number: int) -> int:
    """The value whose memory a view shows."""
    while plan.steps[number].is_view and plan.steps[number].operands:
        number = plan.steps[number].operands[0]
    return number


def _size(plan: Plan, number: int) -> int:
    """The entries that a step runs over."""
    step = plan.steps[number]
    if step.operation in ELEMENTWISE:
        return prod(step.shape)
    return max([prod(plan.steps[operand].shape) for operand in step.operands], default=0)


def _joins(plan: Plan, region: Region, number: int, touched: bool) -> bool:
    """Take a step into the region if its value can be computed block by block."""
    step = plan.steps[number]
    if step.operation in ELEMENTWISE:
        axis = _common_axis(region, step)
        if axis is None:
            return False
        cuts = {o: axis for o in step.operands if _is_cut(plan, step, o, axis)}
    elif not touched:
        return _reads(plan, region, step, number)
    elif step.operation == "transpose":
        axis = step.parameters.index(region.rows[step.operands[0]])
        cuts = {}
    elif step.operation == "expand":
        places = [k for k, present in enumerate(step.parameters) if present]
        axis = places[region.rows[step.operands[0]]]
        cuts = {}
    else:
        rule = _RULES.get(step.operation)
        return rule is not None and rule(plan, region, step, number)
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


def _reads(plan: Plan, region: Region, step: Step, number: int) -> bool:
    """A step that reduces only values from outside, cut along their first axis."""
    shapes = [plan.steps[operand].shape for operand in step.operands]
    if step.shape[:1] != (region.extent,) or any(shape[:1] != (region.extent,) for shape in shapes):
        return False
    if step.operation in REDUCING:
        joins = 0 not in step.parameters
    elif step.operation == "matmul":
        joins = step.parameters[0] > 0 and not (step.parameters[1] or step.parameters[3])
    else:
        joins = step.operation == "operator" and len(shapes) == 1 and len(shapes[0]) > step.parameters[1]
    if not joins or not _cut(region, dict.fromkeys(step.operands, 0)):
        return False
    region.rows[number] = 0
    return True


def _operates(plan: Plan, region: Region, step: Step, number: int) -> bool:
    """An operator over axes behind the rows."""
    (operand, *others) = step.operands
    axis = region.rows.get(operand, -1)
    if others or not 0 <= axis < len(plan.steps[operand].shape) - step.parameters[1]:
        return False
    region.rows[number] = axis
    return True


def _reduces(_plan: Plan, region: Region, step: Step, number: int) -> bool:
    axis = region.rows[step.operands[0]]
    if axis not in step.parameters:
        region.rows[number] = axis - sum([k < axis for k in step.parameters])
    elif step.operation == "sum" and prod(step.shape) <= _ADDED:
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
    if not is_batch and prod(step.shape) > _ADDED:
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


def _pairs(plan: Plan, region: Region, step: Step, number: int) -> bool:
    """Products of pairs of columns, summed over the rows."""
    last = len(plan.steps[step.operands[-1]].shape) - 1 if step.parameters[0] == RIGHT else 0
    cuts = dict.fromkeys(step.operands[:2], 0) | dict.fromkeys(step.operands[2:], last)
    rows = plan.steps[step.operands[0]].shape[0]
    wrong = any(region.rows.get(operand, axis) != axis for operand, axis in cuts.items())
    if wrong or rows != region.extent or prod(step.shape) > _ADDED_PAIRS or not _cut(region, cuts):
        return False
    region.summed.add(number)
    return True


_RULES: Mapping[str, Callable[[Plan, Region, Step, int], bool]] = {
    **dict.fromkeys(sorted(REDUCING), _reduces),
    "operator": _operates, "matmul": _multiplies, "moment": _pairs,
}  # fmt: skip


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
