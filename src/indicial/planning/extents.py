"""Extents from arrays: every axis of one space must agree."""

from __future__ import annotations

from collections.abc import Mapping

from indicial.errors import ShapeError
from indicial.ir.indices import Space
from indicial.ir.program import Program
from indicial.planning.ranges import set_ranges

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
                raise ShapeError(_clash(program, space, holder.get(space), known, (name, axis), extent))
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
    extent: int,
) -> str:
    letters = " and ".join(repr(letter) for letter in program.letters.get(space, ()))
    index = f"index {letters}" if letters else "one index"
    theirs = f"axis {second[1]} of {second[0]!r} has {extent}"
    if first is None:
        return f"{index} has the extent {known}, by an index line or by the rank of an ε, but {theirs}"
    return f"{index} must have one extent: axis {first[1]} of {first[0]!r} has {known}, {theirs}"
