"""Definitions as structured tensors: their cores are computed, their patterns only written down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from indicial.api.callables import apart
from indicial.api.named import canonical_names
from indicial.api.numbers import Numbers, operands
from indicial.api.operands import Arrays, merged
from indicial.backends.arrays import common
from indicial.backends.entrances import Built, Entrances, Fixed, Tree, arranged, runner
from indicial.backends.structured.parts import Part
from indicial.backends.structured.structure import Structure
from indicial.backends.structured.tensor import StructuredTensor
from indicial.ir.indices import Space
from indicial.ir.nodes import Definition
from indicial.ir.program import Program
from indicial.planning.extents import bind, extent_of
from indicial.planning.structure import Pattern, taken_apart


class StructuredNumbers:
    """Evaluates definitions of a program as structured tensors; all cores are planned as one program.

    Of each tensor as many axes as its rank says, from the first, are rows, and `letters` name them all.
    """

    def __init__(
        self,
        program: Program,
        definitions: Sequence[Definition],
        ranks: Sequence[int],
        letters: Sequence[tuple[str, ...]],
    ) -> None:
        self.program, self.definitions, self.ranks, self.letters = program, definitions, ranks, letters
        self.taken = [taken_apart(definition) for definition in definitions]
        self.cores = Numbers(program, [core for several in self.taken for _, core in several])
        self._entrances = Entrances()

    def of(self, given: Sequence[object], named: Arrays) -> list[StructuredTensor]:
        """The tensor of each definition for the arrays of a call, given by name or otherwise."""
        if not given:
            found: list[StructuredTensor] | None = self._entrances(tuple(named), named.values())
            if found is not None:
                return found
        return self._looked_at(merged(self.program, given, named))

    def _looked_at(self, arrays: Arrays) -> list[StructuredTensor]:
        given, functions = apart(self.program, canonical_names(self.program, arrays))
        converted, dtype = common(given, self.program.positions)
        shapes = {name: array.shape for name, array in converted.items()}
        results = self._results(bind(self.program, shapes), dtype)
        compiled = self.cores.executable(shapes, dtype, None)
        self.cores.require(compiled.plan, converted, functions)
        self.cores.check(converted)
        if not functions and self.cores.are_plain(given, converted, dtype):
            run = runner(compiled)
            self.cores.remember(self._entrances, arrays, given, dtype, compiled.plan, run, results)
        found: list[StructuredTensor] = arranged(
            results, compiled(operands(compiled.plan, converted, functions))
        )
        return found

    def _results(self, extents: Mapping[Space, int], dtype: np.dtype[Any]) -> list[Tree]:
        """The tensors, with the numbers of their cores where these belong."""
        found: list[Tree] = []
        count = 0
        for definition, several, rank, letters in zip(
            self.definitions, self.taken, self.ranks, self.letters, strict=True
        ):
            parts = [_part(pattern, count + k) for k, (pattern, _) in enumerate(several)]
            count += len(several)
            shape = tuple([extent_of(space, extents) for space in definition.spaces])
            structure = Built(Structure, [tuple(parts), Fixed(shape), Fixed(rank), Fixed(dtype)])
            found.append(Built(StructuredTensor, [structure, Fixed(letters)]))
        return found


def _part(pattern: Pattern, number: int) -> Tree:
    """A part with the core of a number; a core without axes comes as a number and becomes an array."""
    core: Tree = number if pattern.held else Built(np.asarray, [number])
    return Built(Part, [Fixed(pattern.classes), Fixed(pattern.held), core])
