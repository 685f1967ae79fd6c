"""NumPy's part of writing along lines: cores added where their slots say."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from functools import lru_cache
from math import prod
from typing import Any

import numpy as np

from indicial.backends.lines import Window, window
from indicial.planning.steps import Layout, Slot

Array = Any
MANY = 1 << 16  # entries from which those at different places are written apart from the others, …
_ROUNDS = 1  # … so many times
_FEW = 1 << 7  # entries up to which they are added row by row


def scattered(
    operands: Sequence[Array], layouts: Sequence[Layout], shape: tuple[int, ...], dtype: Any
) -> Array:
    """Σ of cores, each added to the result where its slots say."""
    result = np.zeros(shape, dtype)
    for number, layout in enumerate(layouts):
        core = np.asarray(operands[layout.core])
        if any(slot.operand >= 0 for slot in layout.slots):
            places = [operands[slot.operand] for slot in layout.slots if slot.operand >= 0]
            at_positions(layout, shape, number == 0)(result, core, *places)
        else:
            whole = np.broadcast_to(core, layout.extents)
            for place, source in regions(layout, shape):
                view = window(result, place)
                view += whole[source]
    return result


Region = tuple[Window, tuple[Any, ...]]


@lru_cache(maxsize=1 << 8)
def regions(layout: Layout, shape: tuple[int, ...]) -> list[Region]:
    """Views of the result, none of which meets itself, and the parts of the core that are added to them.

    One view is enough where each entry of the core has a place of its own inside the result; else the
    core is taken apart along its shorter axes until each slot has one axis left.
    """
    _, extents, slots = layout
    rank = len(extents)
    inside = all(_fits(slot, extents, n) for slot, n in zip(slots, shape, strict=True))
    looped = [] if inside and _is_injective(slots, rank) else _looped(slots, extents)
    rest = [axis for axis in range(rank) if axis not in looped]
    result: list[Region] = []
    for values in itertools.product(*[range(extents[axis]) for axis in looped]):
        at = dict(zip(looped, values, strict=True))
        starts = [
            slot.constant + sum([slot.slopes[axis] * value for axis, value in at.items()]) for slot in slots
        ]
        ranges = (
            _clipped(starts, slots, extents, shape, rest)
            if looped or not inside
            else {a: (0, extents[a]) for a in rest}
        )
        if ranges is None:
            continue
        first = [
            start + sum([slot.slopes[axis] * ranges[axis][0] for axis in rest])
            for start, slot in zip(starts, slots, strict=True)
        ]
        steps = tuple([tuple([slot.slopes[axis] for slot in slots]) for axis in rest])
        own = tuple([ranges[axis][1] - ranges[axis][0] for axis in rest])
        source = tuple([at[axis] if axis in at else slice(*ranges[axis]) for axis in range(rank)])
        result.append(((tuple(first), steps, own), source))
    return result


def _is_injective(slots: Sequence[Slot], rank: int) -> bool:
    """Whether each axis of a core is, for some slot, the only one."""
    alone = {slot.slopes.index(next(filter(None, slot.slopes))) for slot in slots if _count(slot) == 1}
    return len(alone) == rank


def _count(slot: Slot) -> int:
    return sum(map(bool, slot.slopes))


def _fits(slot: Slot, extents: Sequence[int], extent: int) -> bool:
    reach = [slope * max(n - 1, 0) for slope, n in zip(slot.slopes, extents, strict=True)]
    low = slot.constant + sum([r for r in reach if r < 0])
    return low >= 0 and slot.constant + sum([r for r in reach if r > 0]) < extent


def _looped(slots: Sequence[Slot], extents: Sequence[int]) -> list[int]:
    """Axes of a core, the shorter first, without which each slot has at most one."""
    kept: list[int] = []
    for axis in sorted(range(len(extents)), key=lambda axis: -extents[axis]):
        mine = [slot for slot in slots if slot.slopes[axis]]
        if mine and not any(slot.slopes[other] for slot in mine for other in kept):
            kept.append(axis)
    return [axis for axis in range(len(extents)) if axis not in kept]


def _clipped(
    starts: Sequence[int],
    slots: Sequence[Slot],
    extents: Sequence[int],
    shape: tuple[int, ...],
    rest: Sequence[int],
) -> dict[int, tuple[int, int]] | None:
    """The range of each axis that is left for which all slots stay inside; None if one of them is empty."""
    ranges = {axis: (0, extents[axis]) for axis in rest}
    for start, slot, extent in zip(starts, slots, shape, strict=True):
        axes = [axis for axis in rest if slot.slopes[axis]]
        if not axes:
            if not 0 <= start < extent:
                return None
            continue
        (axis,) = axes
        slope = slot.slopes[axis]
        ends = (0 - start, extent - 1 - start) if slope > 0 else (start - extent + 1, start)
        low, high = -(-ends[0] // abs(slope)), ends[1] // abs(slope) + 1
        ranges[axis] = max(ranges[axis][0], low), min(ranges[axis][1], high)
    return ranges if all(low < high for low, high in ranges.values()) else None


def at_positions(layout: Layout, shape: tuple[int, ...], fresh: bool) -> Callable[..., None]:
    """The function that adds a core to a result at positions that arrays say; a fresh result is 0.

    It takes the result, the core and the positions. What falls on one place is summed.
    """
    inner, indexed = _indexed_axes(layout, shape)
    rest = [axis for axis in range(len(layout.extents)) if axis not in inner]
    own = [layout.extents[axis] for axis in inner]
    rows = (prod(own), *[layout.extents[axis] for axis in rest])
    where = _destination(layout, shape, indexed, rest)
    alone = all(_alone(layout, axis, indexed) for axis in inner)
    whole = where == ((0,) * len(shape), _along_axes(len(shape)), shape)
    straight = [*inner, *rest] == list(range(len(layout.extents)))
    small = prod(rows) <= _FEW

    def add(result: Array, core: Array, *places: Array) -> None:
        found = iter(places)
        given = [next(found) if slot.operand >= 0 else None for slot in layout.slots]
        at = [_places(layout, axis, inner, own, given[axis], shape) for axis in indexed]
        if np.shape(core) != layout.extents or isinstance(
            core, (float, complex)
        ):  # a single number may be one of Python's
            core = np.broadcast_to(core, layout.extents)
        source = (core if straight else core.transpose(*inner, *rest)).reshape(rows)
        if any(place.size and np.minimum.reduce(place, None) < 0 for place in at):
            kept = np.flatnonzero(np.min(at, axis=0) >= 0)
            at, source = [place[kept] for place in at], source[kept]
        view = result if whole else window(result, where)
        if alone:
            _add(view, tuple(at), source, fresh)
        elif small:
            np.add.at(view, tuple(at) if len(at) > 1 else at[0], source)
        else:
            _add_summed(view, at, source, fresh)

    return add


def are_rows(layout: Layout, shape: tuple[int, ...], places: tuple[int, ...]) -> bool:
    """Whether the rows of a core, one behind the other, are added to the rows of a result at some places."""
    inner, indexed = _indexed_axes(layout, shape)
    rest = list(range(len(places), len(layout.extents)))
    where = _destination(layout, shape, indexed, rest)
    return (
        indexed == [0]
        and inner == list(range(len(places)))
        and tuple(layout.extents[: len(places)]) == places
        and where == ((0,) * len(shape), _along_axes(len(shape)), shape)
    )


@lru_cache(maxsize=1 << 6)
def _along_axes(rank: int) -> tuple[tuple[int, ...], ...]:
    return tuple([tuple([int(k == axis) for k in range(rank)]) for axis in range(rank)])


def _add(view: Array, at: tuple[Array, ...], rows: Array, fresh: bool) -> None:
    """view[at] += rows at different positions."""
    if fresh:
        view[at] = rows
    else:
        view[at] += rows


def _indexed_axes(layout: Layout, shape: tuple[int, ...]) -> tuple[list[int], list[int]]:
    """The axes of a core that positions depend on, and the slots that are positions.

    A slot that shares an axis with a position is one itself, and so are all if one could leave the result.
    """
    _, extents, slots = layout
    indexed = [k for k, slot in enumerate(slots) if slot.operand >= 0]
    if any(k not in indexed and not _fits(slot, extents, shape[k]) for k, slot in enumerate(slots)):
        return list(range(len(extents))), list(range(len(slots)))
    while True:
        inner = [a for a in range(len(extents)) if any(slots[k].slopes[a] for k in indexed)]
        more = [k for k, s in enumerate(slots) if k not in indexed and any(s.slopes[a] for a in inner)]
        if not more:
            return inner, sorted(indexed)
        indexed += more


def _places(
    layout: Layout,
    axis: int,
    inner: Sequence[int],
    own: Sequence[int],
    given: Array | None,
    shape: tuple[int, ...],
) -> Array:
    """The positions of a slot over the inner axes of its core, as one axis."""
    slot = layout.slots[axis]
    if given is None:
        return _computed_places(layout, axis, tuple(inner), shape)
    found: Array = np.asarray(given)
    if found.size != prod(own):
        found = np.broadcast_to(
            found.reshape([layout.extents[a] if slot.slopes[a] else 1 for a in inner]), own
        )
    return found.reshape(-1)


@lru_cache(maxsize=1 << 6)
def _computed_places(layout: Layout, axis: int, inner: tuple[int, ...], shape: tuple[int, ...]) -> Array:
    """The positions of a slot that no array says."""
    slot = layout.slots[axis]
    total = np.full([layout.extents[a] for a in inner], slot.constant, np.intp)
    for k, a in enumerate(inner):
        if slot.slopes[a]:
            along = slot.slopes[a] * np.arange(layout.extents[a])
            total += along.reshape([-1 if other == k else 1 for other in range(len(inner))])
    found = np.where((total >= 0) & (total < shape[axis]), total, -1).reshape(-1)
    found.setflags(write=False)
    return found


def _alone(layout: Layout, axis: int, indexed: Sequence[int]) -> bool:
    """Whether entries that differ along an axis of a core never meet."""
    slots = [layout.slots[k] for k in indexed]
    return any(slot.operand < 0 and slot.slopes[axis] and _count(slot) == 1 for slot in slots)


def _destination(
    layout: Layout, shape: tuple[int, ...], indexed: Sequence[int], rest: Sequence[int]
) -> Window:
    """The view of a result with its indexed axes first, and then an axis for each of the core's others."""
    starts = [0 if k in indexed else slot.constant for k, slot in enumerate(layout.slots)]
    steps = [tuple([int(k == axis) for k in range(len(shape))]) for axis in indexed]
    steps += [
        tuple([s.slopes[a] if k not in indexed else 0 for k, s in enumerate(layout.slots)]) for a in rest
    ]
    own = [shape[axis] for axis in indexed] + [layout.extents[axis] for axis in rest]
    return tuple(starts), tuple(steps), tuple(own)


def _add_summed(view: Array, at: Sequence[Array], rows: Array, fresh: bool) -> None:
    """view[at] += rows, with the sum of the rows where positions repeat."""
    shape = view.shape[: len(at)]
    count, width = prod(shape), prod(rows.shape[1:])
    keys = at[0] if len(at) == 1 else np.ravel_multi_index(tuple(at), shape)
    rounds = _ROUNDS if rows.size >= MANY and count >= 2 * len(keys) else 0
    last = np.empty(count if rounds else 0, np.intp)
    for _ in range(rounds):
        order = np.arange(len(keys))
        last[keys] = order  # of equal keys the last one stands
        alone = last[keys] == order
        if alone.all():
            _add(view, _unravelled(keys, shape), rows, fresh)
            return
        _add(view, _unravelled(keys[alone], shape), rows[alone], fresh)
        keys, rows, fresh = keys[~alone], rows[~alone], False
    if view.flags.c_contiguous:
        flat = (keys[:, None] * width + np.arange(width)).reshape(-1) if width != 1 else keys
        np.add.at(view.reshape(-1), flat, rows.reshape(-1))
        return
    different = np.arange(count)
    if count * width > 2 * rows.size:
        different, keys = np.unique(keys, return_inverse=True)
    flat = (keys[:, None] * width + np.arange(width)).reshape(-1) if width != 1 else keys
    sums = _counted(flat, rows.reshape(-1), len(different) * width)
    _add(view, _unravelled(different, shape), sums.reshape(len(different), *rows.shape[1:]), fresh)


def _unravelled(keys: Array, shape: tuple[int, ...]) -> tuple[Array, ...]:
    return (keys,) if len(shape) == 1 else np.unravel_index(keys, shape)


def _counted(keys: Array, weights: Array, count: int) -> Array:
    if weights.dtype.kind == "c":
        return _counted(keys, weights.real, count) + 1j * _counted(keys, weights.imag, count)
    return np.bincount(keys, weights, count)
