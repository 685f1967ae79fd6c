"""What simplification may know of a program."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from indicial.ir.indices import Space
from indicial.ir.nodes import ZERO, Access, Extent, Node, Number
from indicial.ir.program import Inside, Program
from indicial.simplify.canonical import Simplifier
from indicial.simplify.facts import Facts
from indicial.simplify.terms import summands

Linear = dict[Space | None, Fraction]  # Σ coefficient · extent, with the constant under None


def facts_of(program: Program) -> Facts:
    """The extents that are known, and the affine forms that stay inside their axes."""
    extents: dict[Space, Node] = {space: Number(Fraction(n)) for space, n in program.declared.items()}
    plain = Simplifier(Facts(extents))
    bounds = tuple([replace(bound, offset=plain(bound.offset)) for bound in program.inside])
    for space in program.ranged:
        worked = _extent(space, bounds)
        if worked is not None:
            extents[space] = Simplifier(Facts(extents))(worked)
    simplify = Simplifier(Facts(extents))
    inside = frozenset([(_form(each, simplify), each.axis) for each in program.inside])
    return Facts(extents, inside)


def _form(bound: Inside, simplify: Simplifier) -> tuple[tuple[tuple[Space, int], ...], Node]:
    entries: Node = ZERO
    for name, slope in bound.entries:
        entries = entries + slope * Access(name, ())
    return tuple(sorted(bound.slopes)), simplify(bound.offset + entries)


def _extent(space: Space, bounds: tuple[Inside, ...]) -> Node | None:
    """The extent of a space, if one bound limits it wherever others do: 1 + its largest position."""
    own = [bound for bound in bounds if any(other == space for other, _ in bound.slopes)]
    rooms = [_room(space, bound) for bound in own]
    known = [room for room in rooms if room is not None]
    if not known or len(known) < len(rooms):
        return None
    least = next((one for one in known if all(_exceeds(other, one) for other in known)), None)
    return None if least is None else _node(least)


def _room(space: Space, bound: Inside) -> Linear | None:
    """1 + the largest position for which a bound holds, of slope ±1 there."""
    slopes = [slope for other, slope in bound.slopes if other == space]
    if len(slopes) != 1 or abs(slopes[0]) != 1 or bound.entries:
        return None
    total = _linear(bound.offset)
    for other, slope in bound.slopes:
        if other != space and (slope > 0) == (slopes[0] > 0):
            _add(total, {other: Fraction(slope), None: Fraction(-slope)})
    if slopes[0] > 0:
        total = {key: -value for key, value in total.items()}
        _add(total, {bound.axis: Fraction(1)})
    else:
        _add(total, {None: Fraction(1)})
    return total


def _exceeds(one: Linear, other: Linear) -> bool:
    """Whether one is the larger, or equal, whatever the extents: they are 1 or more."""
    rest = dict(one)
    _add(rest, {key: -value for key, value in other.items()})
    return all(value >= 0 for key, value in rest.items() if key is not None) and sum(rest.values()) >= 0


def _linear(node: Node) -> Linear:
    total: Linear = {}
    for coefficient, monomial in summands(node):
        key = monomial.space if isinstance(monomial, Extent) else None
        _add(total, {key: coefficient})
    return total


def _add(total: Linear, part: Linear) -> None:
    for key, value in part.items():
        total[key] = total.get(key, Fraction(0)) + value


def _node(linear: Linear) -> Node:
    total: Node = Number(linear.get(None, Fraction(0)))
    for space, value in linear.items():
        if space is not None:
            total = total + Number(value) * Extent(space)
    return total
