"""The ranges of indices in computed subscripts, once extents are numbers."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any

import numpy as np

from indicial.errors import ShapeError
from indicial.ir.indices import Space
from indicial.ir.nodes import Add, Extent, Mul, Node, Number
from indicial.ir.program import Inside, Program


def set_ranges(program: Program, extents: dict[Space, int]) -> None:
    """Add the extents that follow from computed subscripts, which must then all stay inside their axes.

    Raises ShapeError, with the arithmetic, where one does not.
    """
    for space in program.ranged:
        bounds = [each for each in program.inside if any(own == space for own, _ in each.slopes)]
        lengths = [length for each in bounds if (length := _room(each, space, extents)) is not None]
        if space not in extents and lengths:
            extents[space] = min(lengths)
            if extents[space] < 1:
                raise _empty(program, space, bounds, extents)
    for each in program.inside:
        if not each.entries:
            _check_inside(program, each, extents)


def _reach(each: Inside, extents: Mapping[Space, int], apart: Space | None = None) -> tuple[int, int] | None:
    """The smallest and the largest value of a form, one space's index at 0; None if an extent is missing."""
    low = high = whole(each.offset, extents)
    for space, slope in each.slopes:
        if space == apart:
            continue
        if space not in extents or low is None or high is None:
            return None
        last = slope * (extents[space] - 1)
        low, high = low + min(last, 0), high + max(last, 0)
    return None if low is None or high is None else (low, high)


def _room(each: Inside, space: Space, extents: Mapping[Space, int]) -> int | None:
    """How many positions from 0 on of a space keep a form inside its axis; None if that is not known."""
    slope = sum([own for other, own in each.slopes if other == space])
    values = _reach(each, extents, apart=space)
    if values is None or each.axis not in extents or slope == 0 or each.entries:
        return None
    low, high = values
    return ((extents[each.axis] - 1 - high) // slope if slope > 0 else low // -slope) + 1


def _empty(program: Program, space: Space, bounds: list[Inside], extents: Mapping[Space, int]) -> ShapeError:
    letters = " and ".join([repr(letter) for letter in program.letters.get(space, ())]) or "an index"
    written = " and ".join(dict.fromkeys([each.written for each in bounds]))
    sizes = ", ".join(dict.fromkeys([_sized(each, extents) for each in bounds]))
    return ShapeError(
        f"no value of {letters} keeps {written} inside: {sizes}",
        source=program.source,
        span=bounds[0].span,
        hint="give arrays that are long enough",
    )


def _check_inside(program: Program, each: Inside, extents: Mapping[Space, int]) -> None:
    values = _reach(each, extents)
    if values is None or each.axis not in extents or any(extents[space] == 0 for space, _ in each.slopes):
        return
    low, high = values
    if low < 0 or high >= extents[each.axis]:
        reached = str(low) if low == high else f"from {low} to {high}"
        reason = f": its subscript is {reached}, but {_sized(each, extents)}"
        hint = "declare the range of an index (index i: 0..3), or guard it with a bracket: [i > 0] x[i-1]"
        if not each.slopes:
            reason, last = f", as {_sized(each, extents)}", extents[each.axis] - 1
            hint = f"entries count from 0 to {last}, or backwards from -1 to {-last - 1}"
        raise ShapeError(
            f"{each.written} runs out of its axis{reason}", source=program.source, span=each.span, hint=hint
        )


def bounds_of_entries(program: Program, extents: Mapping[Space, int]) -> list[tuple[str, int, int]] | None:
    """The least and the largest value of each array that holds subscripts, within which `check_entries`
    refuses no whole number; None where such values depend on each other.
    """
    found: list[tuple[str, int, int]] = []
    for each in program.inside:
        if not each.entries:
            continue
        values, extent = _reach(each, extents), extents.get(each.axis)
        if values is None or extent is None or len(each.entries) > 1 or each.entries[0][1] != 1:
            return None
        found.append((each.entries[0][0], -values[0], extent - 1 - values[1]))
    return found


def check_entries(
    program: Program, arrays: Mapping[str, np.ndarray[Any, Any]], extents: Mapping[Space, int]
) -> None:
    """The entries of arrays that are subscripts must be whole numbers that stay inside the axis.

    Raises ShapeError that names the first entry that is not, or does not.
    """
    for each in program.inside:
        if not each.entries or any(name not in arrays for name, _ in each.entries):
            continue
        values = _reach(each, extents)
        if values is None or each.axis not in extents:
            continue
        low, high = values
        for name, slope in each.entries:
            array = arrays[name]
            if array.dtype.kind != "i":
                whole = np.isfinite(array) & np.isreal(array) & (np.floor(array.real) == array.real)
                broken = np.argwhere(~whole)
                if len(broken):
                    raise _bad_entry(program, each, name, array, broken[0], "is no whole number")
            if array.size:
                ends = slope * int(array.real.min()), slope * int(array.real.max())
                low, high = low + min(ends), high + max(ends)
        if low < 0 or high >= extents[each.axis]:
            name, slope = each.entries[0]
            array = arrays[name].real
            if array.size:
                extreme = array.argmin() if (low < 0) == (slope > 0) else array.argmax()
                place = np.array(np.unravel_index(extreme, array.shape))
                reason = f"is outside: {_sized(each, extents)}, counted from 0"
                raise _bad_entry(program, each, name, arrays[name], place, reason)


def _bad_entry(
    program: Program,
    each: Inside,
    name: str,
    array: np.ndarray[Any, Any],
    place: np.ndarray[Any, Any],
    reason: str,
) -> ShapeError:
    where = ", ".join([str(int(k)) for k in place])
    value = array[tuple(place)]
    shown = value.real if np.isreal(value) else value
    shown = int(shown) if np.isfinite(shown) and shown == np.floor(value.real) else shown
    entry = f"{name}[{where}]" if where else name
    return ShapeError(
        f"{entry} is {shown}, which as a subscript in {each.written} {reason}",
        source=program.source,
        span=each.span,
        hint=f"the entries of {name!r} are positions, from 0 to the extent less 1",
    )


def _sized(each: Inside, extents: Mapping[Space, int]) -> str:
    place = each.place
    return f"axis {place.axis} of {place.tensor!r} has {extents.get(each.axis, 'no')} entries"


def whole(node: Node, extents: Mapping[Space, int]) -> int | None:
    """The value of a sum of multiples of extents; None if one is missing."""
    match node:
        case Number(value):
            return int(value)
        case Extent(space):
            return extents.get(space)
        case Add(parts) | Mul(parts):
            values = [whole(part, extents) for part in parts]
            known = [value for value in values if value is not None]
            if len(known) < len(values):
                return None
            return sum(known) if isinstance(node, Add) else prod(known)
    raise TypeError(f"{type(node).__name__} stands in no extent")
