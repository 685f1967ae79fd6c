"""Definitions as structured tensors: their cores are computed, their patterns only written down."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from indicial.api.callables import apart
from indicial.api.named import canonical_names
from indicial.api.numbers import Numbers
from indicial.api.operands import Arrays
from indicial.backends.arrays import common
from indicial.backends.structured.parts import Part
from indicial.backends.structured.structure import Structure
from indicial.ir.nodes import Definition
from indicial.ir.program import Program
from indicial.planning.extents import bind, extent_of
from indicial.planning.structure import taken_apart


class StructuredNumbers:
    """Evaluates definitions of a program as structures; all cores are planned as one program."""

    def __init__(self, program: Program, definitions: Sequence[Definition], ranks: Sequence[int]) -> None:
        self.program, self.definitions, self.ranks = program, definitions, ranks
        self.taken = [taken_apart(definition) for definition in definitions]
        self.cores = Numbers(program, [core for several in self.taken for _, core in several])

    def __call__(self, arrays: Arrays) -> list[Structure]:
        """The structure of each definition; its first axes, as many as its rank says, are rows."""
        given, functions = apart(self.program, canonical_names(self.program, arrays))
        converted, dtype = common(given, self.program.positions)
        extents = bind(self.program, {name: array.shape for name, array in converted.items()})
        values = iter(self.cores({**converted, **functions}))
        found: list[Structure] = []
        for definition, several, rank in zip(self.definitions, self.taken, self.ranks, strict=True):
            shape = tuple([extent_of(space, extents) for space in definition.spaces])
            parts = [Part(pattern.classes, pattern.held, np.asarray(next(values))) for pattern, _ in several]
            found.append(Structure(tuple(parts), shape, rank, dtype))
        return found
