"""What simplification may know of a program."""

from __future__ import annotations

from fractions import Fraction

from indicial.ir.indices import Space
from indicial.ir.nodes import ONE, Extent, Node, Number
from indicial.ir.program import Inside, Program
from indicial.simplify.canonical import Simplifier
from indicial.simplify.facts import Facts


def facts_of(program: Program) -> Facts:
    """The extents that are known, and the affine forms that stay inside their axes."""
    extents: dict[Space, Node] = {space: Number(Fraction(n)) for space, n in program.declared.items()}
    for space in program.ranged:
        worked = _extent(space, program.inside)
        if worked is not None:
            extents[space] = Simplifier(Facts(extents))(worked)
    simplify = Simplifier(Facts(extents))
    inside = frozenset([(_form(each, simplify), each.axis) for each in program.inside])
    return Facts(extents, inside)


def _form(bound: Inside, simplify: Simplifier) -> tuple[tuple[tuple[Space, int], ...], Node]:
    return tuple(sorted(bound.slopes)), simplify(bound.offset)


def _extent(space: Space, bounds: tuple[Inside, ...]) -> Node | None:
    """The extent of a space that one bound alone limits with slope ±1: 1 + its largest position."""
    own = [bound for bound in bounds if any(other == space for other, _ in bound.slopes)]
    if len(own) != 1:
        return None
    (bound,) = own
    ((_, slope),) = [each for each in bound.slopes if each[0] == space] or [(space, 0)]
    others = [each for each in bound.slopes if each[0] != space]
    if slope == 1:
        reach = _reach([(n, c) for n, c in others if c > 0])
        return Extent(bound.axis) - bound.offset - reach
    if slope == -1:
        return bound.offset + _reach([(n, c) for n, c in others if c < 0]) + ONE
    return None


def _reach(slopes: list[tuple[Space, int]]) -> Node:
    """The extreme value of Σ slope · position for slopes of one sign."""
    total: Node = Number(Fraction(0))
    for space, slope in slopes:
        total = total + slope * (Extent(space) - 1)
    return total
