"""A plan that would not fit into memory, with the steps that take most of it computed slice by slice.

    L = Σ_n f(Σ_k X_nk Y_k …)        for each slice of n:  L += Σ_n∈slice f(Σ_k X_nk Y_k …)

An index is chosen in the plan, by the axes that steps tie (`planning.growth`): all steps that run over it
and may be cut along it are computed for one slice after the other. What they share, and what comes of them,
is computed once: no operation is made twice. Where one index is not enough a slice is itself cut along
another one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from indicial.planning.cuts import Cut, Sliced, calls, groups_of, levels, peak
from indicial.planning.cutting import arranged, refusing, region_of, slice_of
from indicial.planning.growth import Growth, grown, is_mask
from indicial.planning.regions import written
from indicial.planning.steps import Plan

_SEEDS = 4  # values, the largest ones, along whose axes slices are looked for
_DEEPEST = 4  # slices within slices
_MOST_CUTS = 8  # places of one plan that are sliced
_NESTED = (64, 16, 4, 1)  # entries of a slice that is itself cut
_EFFORT = 1 << 17  # steps that a search looks at in all, each some microseconds
_NOTHING = Plan((), (), (), (), ())


def sliced(plan: Plan, most: float) -> Sliced | None:
    """The plan with cuts so that it holds at most so many entries at one time; None if no way is found."""
    return _Search().sliced(plan, most, _DEEPEST)


class _Search:
    """A search for cuts: bounded by what it looks at, so that it ends where there is no way."""

    def __init__(self) -> None:
        self.left = _EFFORT

    def sliced(self, plan: Plan, most: float, depth: int) -> Sliced | None:
        """The plan with cuts, and with cuts of slices down to a depth."""
        found = Sliced(plan)
        for _ in range(_MOST_CUTS):
            needed, place, held = _worst(found)
            if needed <= most:
                return found
            ways = list(self._ways(found, place, held, most, depth))
            if not ways:
                return None
            found = min(ways, key=lambda way: (peak(way) > most, calls(way.cuts)))
        return found if peak(found) <= most else None

    def _ways(
        self, found: Sliced, place: int, held: Mapping[int, int], most: float, depth: int
    ) -> Iterator[Sliced]:
        """The plan with one more cut around a step, in each way that makes it fit there."""
        groups, plan = groups_of(found), found.plan
        if place in groups:
            return
        seeds = sorted([value for value in held if value not in groups], key=lambda v: (-held[v], v))
        seen: set[tuple[int, ...]] = set()
        for seed in seeds[:_SEEDS]:
            for axis, extent in enumerate(plan.steps[seed].shape):
                if extent < 2 or self.left <= 0:
                    continue
                self.left -= len(plan.steps)
                growth = grown(plan, seed, axis, groups)
                if growth is not None and tuple(growth.inside) not in seen:
                    seen.add(tuple(growth.inside))
                    way = self._cut(found, growth, most, depth)
                    if way is not None:
                        yield way

    def _cut(self, found: Sliced, growth: Growth, most: float, depth: int) -> Sliced | None:
        """The plan with the steps of a growth next to each other and cut, if it then fits there."""
        base, moved = arranged(found, growth)
        plan, region = base.plan, region_of(moved)
        masks = any(is_mask(plan.steps[number]) for number in written(plan, region))
        if masks or len(refusing(plan, region)) > 1:  # of two axes an error does not tell which is meant
            return None
        beside = replace(base, cuts=(*base.cuts, Cut(region, 1, (), (), Sliced(_NOTHING), None)))
        room = most - next(needed for needed, number, _ in levels(beside) if number == region.start)
        rows = self._most_rows(moved, room)
        if rows:
            return self._with(base, moved, rows, room, 0)
        for rows in _NESTED if depth and room > 0 else ():
            way = self._with(base, moved, rows, room, depth) if rows <= moved.extent else None
            if way is not None:
                return way
        return None

    def _most_rows(self, growth: Growth, room: float) -> int:
        """The rows of the longest slice that fits, or of one nearly as long if all are then; 0 if none."""
        fits, most = 0, growth.extent
        while fits < most:
            tried = -(-(fits + most) // 2)
            self.left -= len(growth.rows)
            if peak(Sliced(slice_of(growth, tried)[0])) <= room:
                fits = tried
            else:
                most = tried - 1
        even = [rows for rows in range(fits, fits // 2, -1) if growth.extent % rows == 0]
        return even[0] if even else fits

    def _with(self, base: Sliced, growth: Growth, rows: int, room: float, depth: int) -> Sliced | None:
        """The plan with a growth cut into slices of so many rows, themselves cut if depth is left."""
        made: list[Sliced] = []
        for count in (rows, growth.extent % rows or rows):
            within, reads = slice_of(growth, count)
            part = self.sliced(within, room, depth - 1) if depth else Sliced(within)
            if part is None:
                return None
            made.append(part)
        sums = tuple([base.plan.steps[number] for number in sorted(growth.summed)])
        rest = made[1] if growth.extent % rows else None
        return replace(base, cuts=(*base.cuts, Cut(region_of(growth), rows, reads, sums, made[0], rest)))


def _worst(found: Sliced) -> tuple[int, int, Mapping[int, int]]:
    """The most entries held at one time, inputs apart; the step at which; the values held there."""
    worst: tuple[int, int, Mapping[int, int]] = (-1, 0, {})
    for needed, number, alive in levels(found):
        if needed > worst[0]:
            worst = needed, number, dict(alive)
    return worst
