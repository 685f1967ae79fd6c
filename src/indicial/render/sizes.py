"""Names for extents: the capital of an index that ranges over them, or the number that is declared."""

from __future__ import annotations

import itertools

from indicial.ir.indices import Space
from indicial.ir.program import Program


def axis_named(space: Space, program: Program) -> tuple[str, int] | None:
    """A tensor and the number of its axis over a space: of an input or a statement."""
    if space.axis >= 0:
        return space.tensor, space.axis
    for name, definition in program.statements.items():
        if space in definition.spaces:
            return name, definition.spaces.index(space)
    return None


def size_names(program: Program) -> dict[Space, str]:
    """A name for the extent of every axis of an input or a statement; equal extents have equal names."""
    spaces = dict.fromkeys([space for own in program.inputs.values() for space in own])
    spaces |= dict.fromkeys([space for each in program.statements.values() for space in each.spaces])
    sizes: dict[Space, str] = {}
    for space in spaces:
        known = program.declared.get(space)
        if known is not None:
            sizes[space] = str(known)
            continue
        letters = (letter.upper() for letter in program.letters.get(space, ()) if len(letter) == 1)
        others = (f"N{k}" for k in itertools.count(1))
        named = itertools.chain([program.symbols[space]] if space in program.symbols else [], letters, others)
        sizes[space] = next(each for each in named if each not in sizes.values())
    return sizes
