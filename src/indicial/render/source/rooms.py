"""Extents that follow from computed subscripts: x[2*i+k] leaves i (n − 1 − (K − 1)) // 2 + 1 values."""

from __future__ import annotations

from collections.abc import Iterable

from indicial.ir.indices import Space
from indicial.ir.nodes import ONE, ZERO, Extent, Node
from indicial.ir.program import Inside, Program
from indicial.ir.traversal import postorder
from indicial.simplify.canonical import Simplifier
from indicial.simplify.known import facts_of


def rooms_of(space: Space, program: Program) -> list[tuple[Node, int]]:
    """What limits an index: each (r, 1) to r values, each (r, s) to r // s + 1; the least of them counts."""
    plain = Simplifier(facts_of(program))
    rooms: list[tuple[Node, int]] = []
    for each in _bounds(space, program):
        slope = sum([own for other, own in each.slopes if other == space])
        if slope:
            reach = _reach(each, space, slope > 0)
            above = Extent(each.axis) - ONE - reach if slope > 0 else reach
            rooms.append((plain(above + ONE if abs(slope) == 1 else above), abs(slope)))
    return rooms


def with_bounds(spaces: Iterable[Space], program: Program) -> set[Space]:
    """The spaces, and those from which the extents of some of them follow."""
    found, waiting = set[Space](), list(spaces)
    while waiting:
        space = waiting.pop()
        if space in found:
            continue
        found.add(space)
        for each in _bounds(space, program) if space in program.ranged else ():
            offset = [node.space for node in postorder(each.offset) if isinstance(node, Extent)]
            waiting += [each.axis, *[other for other, _ in each.slopes], *offset]
    return found


def _bounds(space: Space, program: Program) -> list[Inside]:
    return [
        each
        for each in program.inside
        if not each.entries and any(other == space for other, _ in each.slopes)
    ]


def _reach(each: Inside, apart: Space, largest: bool) -> Node:
    """The largest or the smallest value of a subscript, one index at 0."""
    value: Node = each.offset
    for other, slope in each.slopes:
        if other != apart:
            last = slope * (Extent(other) - ONE)
            value = value + (last if (slope > 0) == largest else ZERO)
    return value
