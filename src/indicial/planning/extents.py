"""Extents from arrays: every axis of one space must agree."""

from __future__ import annotations

from collections.abc import Mapping

from indicial.errors import Note, ShapeError
from indicial.ir.indices import Space
from indicial.ir.program import Program
from indicial.planning.ranges import set_ranges
from indicial.semantics.places import axis_places

Shapes = Mapping[str, tuple[int, ...]]


def bind(program: Program, shapes: Shapes) -> dict[Space, int]:
    """The extent of every space that the arrays and declarations fix.

    Raises ShapeError where ranks or extents disagree, naming both tensors, axes and extents.
    """
    extents: dict[Space, int] = dict(program.declared)
    holder: dict[Space, tuple[str, int]] = {}
    for name, shape in shapes.items():
        spaces = program.spaces_of(name)
        assert spaces is not None
        if len(shape) != len(spaces):
            raise ShapeError(
                f"{name!r} has {_axes(len(spaces))} in the program, "
                f"but its array has {_axes(len(shape))}: shape {shape}",
                hint=f"give an array of shape ({', '.join('n' * len(spaces))}{',' * (len(spaces) == 1)})"
                if spaces
                else "give a number",
            )
        for axis, (space, extent) in enumerate(zip(spaces, shape, strict=True)):
            known = extents.setdefault(space, extent)
            if known != extent:
                raise _clash(program, space, holder.get(space), known, (name, axis), shapes)
            holder.setdefault(space, (name, axis))
    set_ranges(program, extents)
    return extents


def extent_of(space: Space, extents: Mapping[Space, int]) -> int:
    """The extent of a space; raises ShapeError if nothing gives it."""
    extent = extents.get(space)
    if extent is None and space.axis >= 0:
        raise ShapeError(
            f"the array {space.tensor!r} is missing: the extent of its axis {space.axis} is needed",
            hint=f"give it by name: {space.tensor}=…",
        )
    if extent is None:
        letter = space.tensor.partition("(")[0]
        raise ShapeError(
            f"the extent of index {letter!r} is not known: no tensor has it",
            hint=f"declare it with a line of its own: index {letter}: 3",
        )
    return extent


def _axes(count: int) -> str:
    return "no axes" if count == 0 else "1 axis" if count == 1 else f"{count} axes"


def _clash(
    program: Program,
    space: Space,
    first: tuple[str, int] | None,
    known: int,
    second: tuple[str, int],
    shapes: Shapes,
) -> ShapeError:
    """Two extents for one index, with the places where it stands on the two axes."""
    letters = program.letters.get(space, ())
    indices = "index" if len(letters) == 1 else "indices"
    index = f"{indices} {' and '.join(map(repr, letters))}" if letters else "one index"
    name, axis = second
    extent = shapes[name][axis]
    theirs = f"axis {axis} of {name!r} has {extent}"
    text, places = axis_places(program.source, [second] if first is None else [first, second])
    hint = "give arrays that fit" + (", or other letters to axes of other extents" if letters else "")
    for own, wanted in ((second, known), (first, extent)):
        shape = shapes[own[0]] if own is not None else ()
        if own is not None and len(shape) == 2 and shape[1 - own[1]] == wanted:
            hint = f"are the axes of {own[0]!r} in the other order? Then transpose it; else {hint}"
            break
    if first is None:
        said = "by an index line, the bounds of a sum or the rank of an ε"
        reason = f"{index} has the extent {known}, {said}, but {theirs}"
        hint = (
            "change the text or the array; without the line, or the bounds, the extent is that of the array"
        )
    else:
        reason = f"{index} must have one extent: axis {first[1]} of {first[0]!r} has {known}, {theirs}"
    notes = tuple([Note(place, f"extent {known} here") for place in places[:-1]])
    return ShapeError(reason, source=text, span=places[-1] if places else None, notes=notes, hint=hint)
