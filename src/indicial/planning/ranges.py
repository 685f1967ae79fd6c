"""The ranges of indices in computed subscripts, once extents are numbers."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod

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
    sizes = ", ".join(dict.fromkeys([_sized(each.axis, extents) for each in bounds]))
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
        raise ShapeError(
            f"{each.written} runs out of its axis: its subscript is {reached}, "
            f"but {_sized(each.axis, extents)}",
            source=program.source,
            span=each.span,
            hint="declare the range of an index (index i: 0..3), or guard it with a bracket: [i > 0] x[i-1]",
        )


def _sized(axis: Space, extents: Mapping[Space, int]) -> str:
    return f"axis {axis.axis} of {axis.tensor!r} has {extents.get(axis, 'no')} entries"


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
