"""Which index each equation of a product is solved for.

    Σ_j [j = i + k] x_j w_k         j is read:     x along i + k, w along k
    Σ_ik [m = 2 i + k] C_ik         m is written:  C_ik is added where 2 i + k says
    Σ_b [m = t_b] g_b               m is written, there is nothing to read

A summed index can be read, a free one can be written to; either way the index is gone, and what was a
product over the space of all indices is one over the others. Where there is a choice the cheapest is
taken: the fewest products, and the fewest elements that are copied or written on the way.

Equations that cannot be solved stay brackets, evaluated over their own indices: those between free
indices that a sum has brought together ([i + k = l + m] from two readings of one j), those whose every
index also stands in their data ([j = t_j]), and multiples of a free index ([2 m = t_b]).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import prod

from indicial.ir.indices import Index
from indicial.ir.nodes import ZERO
from indicial.planning.lines import Extents, Line

_COPY = 8  # how many products cost as much as writing one element


@dataclass(slots=True)
class Solution:
    """What a product's equations say of its indices, each in terms of the indices that are left.

    read     summed indices
    written  free indices along which the result is written
    left     equations that stay brackets
    """

    read: dict[Index, Line] = field(default_factory=dict)
    written: dict[Index, Line] = field(default_factory=dict)
    left: list[Line] = field(default_factory=list)

    @property
    def known(self) -> dict[Index, Line]:
        """All solved indices."""
        return {**self.read, **self.written}

    @property
    def is_empty(self) -> bool:
        """Whether some equation holds nowhere."""
        return any(not line.slopes and line.data == ZERO and line.constant for line in self.left)

    def take(self, index: Index, line: Line, free: frozenset[Index]) -> None:
        """Note what an index is, and put it into all other lines."""
        known = {index: line}
        self.read = {other: own.at(known) for other, own in self.read.items()}
        self.written = {other: own.at(known) for other, own in self.written.items()}
        (self.written if index in free else self.read)[index] = line
        self.left = [other.at(known).reduced() for other in self.left]
        self.left = [other for other in self.left if other.slopes or other.data != ZERO or other.constant]


def solved(
    lines: Sequence[Line], factors: Sequence[frozenset[Index]], free: frozenset[Index], extents: Extents
) -> Solution:
    """Each equation of Σ Π factors solved for one index, as far as it can be.

    The factors are given by their indices; those that are not free are summed over.
    """
    solution = Solution(left=list(lines))
    axes = list(factors)
    while True:
        universe = frozenset[Index]().union(*axes, *[line.indices for line in solution.left])
        best: tuple[float, Index, Line] | None = None
        for line in solution.left:
            for index in _candidates(line, free):
                cost = _cost(index, line, axes, universe, free, extents)
                if best is None or (cost, index) < best[:2]:
                    best = cost, index, line
        if best is None:
            return solution
        _, index, line = best
        solution.left.remove(line)
        found = line.solved(index)
        solution.take(index, found, free)
        axes = [(own - {index}) | found.indices if index in own else own for own in axes]


def _candidates(line: Line, free: frozenset[Index]) -> Iterator[Index]:
    """The indices that an equation may be solved for."""
    summed = not line.indices <= free
    for index, slope in line.slopes.items():
        if index not in line.data.free and (index not in free or (summed and abs(slope) == 1)):
            yield index


def _cost(
    index: Index,
    line: Line,
    axes: Sequence[frozenset[Index]],
    universe: frozenset[Index],
    free: frozenset[Index],
    extents: Extents,
) -> float:
    """The products that are left to make, and the elements that are moved for it."""
    others = line.indices - {index}
    products = size(universe - {index}, extents)
    if index in free:
        return products + 2 * _COPY * size((free & universe) - {index} | others, extents)
    return products + _COPY * sum([size((own - {index}) | others, extents) for own in axes if index in own])


def written(
    lines: Sequence[Line], core: frozenset[Index], axes: Sequence[Index], extents: Extents
) -> Solution:
    """Equations between the axes of a result, each solved for an axis along which the result is written.

    An axis that the core lacks comes first; of several the one that is inside whatever the others are.
    """
    free, solution = frozenset(axes), Solution()
    pending = list(lines)
    while pending:
        line = pending.pop(0).at(solution.written).reduced()
        choices = [(*_order(index, line, core, extents), index) for index in free_candidates(line)]
        if choices:
            choice = min(choices)[-1]
            solution.take(choice, line.solved(choice), free)
        elif line.slopes or line.data != ZERO or line.constant:
            solution.left.append(line)
    return solution


def free_candidates(line: Line) -> list[Index]:
    """The free indices that an equation may be solved for."""
    return [index for index, slope in line.slopes.items() if abs(slope) == 1 and index not in line.data.free]


def _order(index: Index, line: Line, core: frozenset[Index], extents: Extents) -> tuple[bool, bool, int]:
    outside = not line.solved(index).is_inside(extents(index.space), extents)
    return index in core, outside, -extents(index.space)


def size(indices: frozenset[Index], extents: Extents) -> int:
    """The number of values that some indices take together."""
    return prod([extents(index.space) for index in indices])
