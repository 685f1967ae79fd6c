"""A plan that would not fit into memory, with the steps that take most of it computed slice by slice.

    L = Σ_n f(Σ_k X_nk Y_k …)        for each slice of n:  L += Σ_n∈slice f(Σ_k X_nk Y_k …)

An index is chosen in the plan, by the axes that steps tie (`planning.growth`): all steps that run over it
and may be cut along it are computed for one slice after the other. What they share, and what comes of them,
is computed once: no operation is made twice. Where one index is not enough a slice is itself cut along
another one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from math import prod

from indicial.planning.growth import Growth, axes_of, grown, is_mask
from indicial.planning.regions import Region, written
from indicial.planning.steps import OWNED, OWNING, Builder, Plan, Step, deaths

Read = tuple[int, int | None]  # a value, and the axis along which it is cut; None if it is read whole
_SEEDS = 4  # values, the largest ones, along whose axes slices are looked for
_DEEPEST = 4  # slices within slices
_MOST_CUTS = 8  # places of one plan that are sliced
_NESTED = (64, 16, 4, 1)  # entries of a slice that is itself cut
_NOTHING = Plan((), (), (), (), ())


@dataclass(frozen=True, slots=True)
class Cut:
    """Steps that are computed slice by slice: which of them are cut along which axis, which are added up.

    `rows` entries of the index make one slice; `within` is the plan of a slice, `rest` of the last,
    shorter one. Both read the values in `reads`, each cut along an axis or whole; slices add to `sums`.
    """

    region: Region
    rows: int
    reads: tuple[Read, ...]
    sums: tuple[Step, ...]
    within: Sliced
    rest: Sliced | None

    @property
    def count(self) -> int:
        """The number of slices."""
        return -(-self.region.extent // self.rows)

    @property
    def additions(self) -> int:
        """The operations that adding up slices takes beside the steps themselves."""
        added = [prod(step.shape) for step in self.sums]
        inner = sum([cut.additions for cut in self.within.cuts]) * self.count
        return sum(added) * (self.count - 1) + inner


@dataclass(frozen=True, slots=True)
class Sliced:
    """A plan, and the cuts in it: each of neighbouring steps."""

    plan: Plan
    cuts: tuple[Cut, ...] = ()


def sliced(plan: Plan, most: float, depth: int = _DEEPEST) -> Sliced | None:
    """The plan with cuts so that it holds at most so many entries at one time; None if there is no way."""
    found = Sliced(plan)
    for _ in range(_MOST_CUTS):
        needed, place, held = _most(found)
        if needed <= most:
            return found
        ways = _ways(found, place, held, most, depth)
        if not ways:
            return None
        found = min(ways, key=lambda way: (peak(way) > most, calls(way.cuts)))
    return found if peak(found) <= most else None


def calls(cuts: tuple[Cut, ...]) -> int:
    """How often slices are computed, those within slices too."""
    return sum([cut.count * (1 + calls(cut.within.cuts)) for cut in cuts])


def peak(found: Sliced) -> int:
    """The entries that a plan with cuts holds at most at one time, inputs apart."""
    return _most(found)[0]


def _most(found: Sliced) -> tuple[int, int, dict[int, int]]:
    """The most entries held at one time, inputs apart; the step at which; the values held there."""
    levels = list(_levels(found))
    return max(levels, key=lambda level: level[0]) if levels else (0, 0, {})


def _levels(found: Sliced) -> Iterator[tuple[int, int, dict[int, int]]]:
    """What is held at each step, or at all steps of a cut together."""
    plan = found.plan
    starts = {cut.region.start: cut for cut in found.cuts}
    alive: dict[int, int] = {}
    number = 0
    while number < len(plan.steps):
        cut = starts.get(number)
        made = [number] if cut is None else written(plan, cut.region)
        last = number if cut is None else cut.region.stop
        alive.update({value: plan.steps[value].elements for value in made})
        yield sum(alive.values()) + (0 if cut is None else peak(cut.within)), number, dict(alive)
        for step in range(number, last + 1):
            for value in plan.dies[step]:
                alive.pop(value, None)
        number = last + 1


def _ways(found: Sliced, place: int, held: Mapping[int, int], most: float, depth: int) -> list[Sliced]:
    """The plan with one more cut around a step, in each way that makes it fit there."""
    taken = _groups(found)
    if place in taken:
        return []
    seeds = sorted([value for value in held if value not in taken], key=lambda value: (-held[value], value))
    ways, seen = list[Sliced](), set[tuple[int, ...]]()
    for seed in seeds[:_SEEDS]:
        for axis, extent in enumerate(found.plan.steps[seed].shape):
            growth = grown(found.plan, seed, axis, taken) if extent > 1 else None
            if growth is None or tuple(growth.inside) in seen:
                continue
            seen.add(tuple(growth.inside))
            way = _cut(found, growth, most, depth)
            if way is not None:
                ways.append(way)
    return ways


def _cut(found: Sliced, growth: Growth, most: float, depth: int) -> Sliced | None:
    """The plan with the steps of a growth next to each other and cut, if it then fits there."""
    arranged, moved = _arranged(found, growth)
    plan, region = arranged.plan, _region(moved)
    if any(is_mask(plan.steps[number]) for number in written(plan, region)):
        return None
    beside = replace(arranged, cuts=(*arranged.cuts, Cut(region, 1, (), (), Sliced(_NOTHING), None)))
    room = most - next(held for held, number, _ in _levels(beside) if number == region.start)
    rows = _most_rows(moved, region, room)
    if rows:
        return _with(arranged, moved, rows, room, 0)
    for rows in _NESTED if depth and room > 0 else ():
        way = _with(arranged, moved, rows, room, depth) if rows <= region.extent else None
        if way is not None:
            return way
    return None


def _most_rows(growth: Growth, region: Region, room: float) -> int:
    """The rows of the longest slice that fits, or of one nearly as long if all are then; 0 if none fits."""
    fits, most = 0, growth.extent
    while fits < most:
        tried = -(-(fits + most) // 2)
        if peak(Sliced(_slice_of(growth, region, tried)[0])) <= room:
            fits = tried
        else:
            most = tried - 1
    even = [rows for rows in range(fits, fits // 2, -1) if growth.extent % rows == 0]
    return even[0] if even else fits


def _with(arranged: Sliced, growth: Growth, rows: int, room: float, depth: int) -> Sliced | None:
    """The plan with a growth cut into slices of so many rows, which are cut themselves where they must be."""
    region = _region(growth)
    made = []
    for count in (rows, growth.extent % rows or rows):
        within, reads = _slice_of(growth, region, count)
        made.append(sliced(within, room, depth - 1) if depth else Sliced(within))
    if made[0] is None or made[1] is None:
        return None
    sums = tuple([arranged.plan.steps[number] for number in sorted(growth.summed)])
    rest = made[1] if growth.extent % rows else None
    return replace(arranged, cuts=(*arranged.cuts, Cut(region, rows, reads, sums, made[0], rest)))


def _arranged(found: Sliced, growth: Growth) -> tuple[Sliced, Growth]:
    """The steps of a growth next to each other: what they need before them, what needs them behind.

    What has nothing to do with them stands before or behind them as it did.
    """
    plan, inside = found.plan, growth.inside
    needed = set(inside)
    groups = _groups(found)
    for number in range(len(plan.steps) - 1, -1, -1):
        together = groups.get(number, [number])
        if not needed.isdisjoint(together):
            needed.update(together, *[plan.steps[member].operands for member in together])
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


def _groups(found: Sliced) -> dict[int, list[int]]:
    """The steps of each cut, which stay next to each other."""
    return {number: cut.region.inside for cut in found.cuts for number in cut.region.inside}


def _region(growth: Growth) -> Region:
    inside = growth.inside
    return Region(inside[0], growth.extent, growth.rows, growth.summed, stop=inside[-1])


def _moved(region: Region, new: Mapping[int, int]) -> Region:
    rows = {new[number]: axis for number, axis in region.rows.items()}
    summed = {new[number] for number in region.summed}
    return Region(new[region.start], region.extent, rows, summed, stop=new[region.stop])


def _reads(reads: tuple[Read, ...], new: Mapping[int, int]) -> tuple[Read, ...]:
    return tuple([(new[value], axis) for value, axis in reads])


def _slice_of(growth: Growth, region: Region, rows: int) -> tuple[Plan, tuple[Read, ...]]:
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
    for number in written(plan, region):
        shape = builder.shape(names[number])
        kind = OWNED if plan.steps[number].operation in OWNING else "copied"
        outputs.append(
            builder.emit("output", (names[number],), (kind, tuple(range(len(shape))), number), shape)
        )
    made = builder.finish(outputs)
    return made, tuple([known[name] for name in made.inputs])


def _cut_shape(shape: tuple[int, ...], axis: int | None, rows: int) -> tuple[int, ...]:
    return shape if axis is None else (*shape[:axis], rows, *shape[axis + 1 :])
