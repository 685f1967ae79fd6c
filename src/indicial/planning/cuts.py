"""Cuts of a plan: steps that are computed slice by slice, and what a plan holds that has some."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import prod

from indicial.planning.regions import Region, written
from indicial.planning.steps import Plan, Step

Read = tuple[int, int | None]  # a value, and the axis along which it is cut; None if it is read whole


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


def calls(cuts: tuple[Cut, ...]) -> int:
    """How often slices are computed, those within slices too."""
    return sum([cut.count * (1 + calls(cut.within.cuts)) for cut in cuts])


def peak(found: Sliced) -> int:
    """The entries that a plan with cuts holds at most at one time, inputs apart."""
    return max([needed for needed, _, _ in levels(found)], default=0)


def levels(found: Sliced) -> Iterator[tuple[int, int, Mapping[int, int]]]:
    """For each step, or all steps of a cut together: the entries held, its number, the values held.

    The values change from level to level.
    """
    plan = found.plan
    starts = {cut.region.start: cut for cut in found.cuts}
    alive: dict[int, int] = {}
    number = held = 0
    while number < len(plan.steps):
        cut = starts.get(number)
        made = [number] if cut is None else written(plan, cut.region)
        last = number if cut is None else cut.region.stop
        for value in made:
            alive[value] = plan.steps[value].elements
            held += alive[value]
        yield held + (0 if cut is None else peak(cut.within)), number, alive
        for step in range(number, last + 1):
            held -= sum([alive.pop(value, 0) for value in plan.dies[step]])
        number = last + 1


def groups_of(found: Sliced) -> dict[int, list[int]]:
    """The steps of each cut, which stay next to each other."""
    groups: dict[int, list[int]] = {}
    for cut in found.cuts:
        groups.update(dict.fromkeys(cut.region.inside, cut.region.inside))
    return groups
