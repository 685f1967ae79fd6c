"""Sums up to an index as running sums: what a triangle of brackets is multiplied with is added up once.

Σ_i [i ≤ m] f_i  =  cumsum(f)_m                 Σ_i [i < m] f_i  =  cumsum(f)_{m−1}, 0 at m = 0
Σ_i [m ≤ i] f_i  =  cumsum(f backwards)_{n−1−m}
Σ_i [i ≤ m + 1] f_i  =  cumsum(f)_{m+1}, and Σ_i f_i where m + 1 is no position
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from indicial.ir.indices import Index
from indicial.ir.nodes import Add, Compare, IndexSum, Mul, Node, Number, Operation, Position
from indicial.ir.traversal import dummies_behind, last_dummy, substitute
from indicial.planning.lines import Extents, Line, known_number
from indicial.simplify.affine import bound
from indicial.simplify.terms import summands

_WORTH = 128  # the extents from which on adding up costs less than a product with a triangle


class _Triangle(NamedTuple):
    """A bracket between two positions, [i ≤ m + c], or [i ≥ m + c] where i is not bounded from above."""

    bracket: Node
    summed: Index
    other: Index
    from_above: bool
    constant: Fraction

    def place(self, count: int) -> Line:
        """Where a running sum over `count` values is read, from the end where what is summed begins."""
        if self.from_above:
            return Line({self.other: Fraction(1)}, self.constant)
        return Line({self.other: Fraction(-1)}, count - 1 - self.constant)


def with_running_sums(node: IndexSum, extents: Extents) -> Node | None:
    """A sum of products with one of its indices summed up to another; None where that is nothing to gain."""
    factors = node.body.factors if isinstance(node.body, Mul) else (node.body,)
    for bracket in factors:
        for triangle in _triangles(bracket, node.indices, extents):
            inner = [each for each in factors if triangle.summed in each.free and each is not bracket]
            if _can_run(triangle, inner, extents):
                return _added_up(node, factors, triangle, inner, extents)
    return None


def _triangles(bracket: Node, dummies: Sequence[Index], extents: Extents) -> list[_Triangle]:
    """The ways in which a bracket bounds one of some dummies by another index."""
    form = bound(bracket)
    if form is None or sorted(form.slopes.values()) != [-1, 1]:
        return []
    constant = Fraction(0)
    for coefficient, monomial in summands(form.offset):
        value = known_number(monomial, extents)
        if value is None:
            return []
        constant += coefficient * value
    found = []
    for index, slope in sorted(form.slopes.items()):
        if index in dummies:
            (other,) = [each for each in form.slopes if each != index]
            found.append(_Triangle(bracket, index, other, slope > 0, -slope * constant))
    return found


def _can_run(triangle: _Triangle, inner: Sequence[Node], extents: Extents) -> bool:
    """Whether what is summed knows nothing of the other index, and there is enough of it."""
    count = extents(triangle.summed.space)
    if not inner or min(count, extents(triangle.other.space)) < _WORTH:
        return False
    return not any(isinstance(each, Compare) or triangle.other in each.free for each in inner)


def _added_up(
    node: IndexSum, factors: Sequence[Node], triangle: _Triangle, inner: Sequence[Node], extents: Extents
) -> Node:
    """The sum with a running sum in it, which is also over the dummies that only what is added up has."""
    outer = [each for each in factors if each is not triangle.bracket and each not in inner]
    held = frozenset[Index]().union(triangle.bracket.free, *[each.free for each in outer])
    held -= {triangle.summed}
    within = frozenset[Index]().union(*[each.free for each in inner])
    own = [index for index in node.indices if index in within - held and index != triangle.summed]
    values = _product(inner)
    running = _running(
        triangle, IndexSum(tuple(own), values) if own else values, last_dummy((node.body,)), extents
    )
    left = [index for index in node.indices if index not in own and index != triangle.summed]
    whole = _product([*outer, running])
    return IndexSum(tuple(left), whole) if left else whole


def _running(triangle: _Triangle, values: Node, last: int, extents: Extents) -> Node:
    """The values summed as far as a triangle goes; dummies are numbered behind all there are."""
    space, count = triangle.summed.space, extents(triangle.summed.space)
    back, along, at = dummies_behind(last, [Index(0, space)] * 3)
    values = substitute(values, {triangle.summed: back})
    if not triangle.from_above:
        turned = Line({along: Fraction(-1)}, Fraction(count - 1))
        values = IndexSum((back,), Mul((values, Compare("==", Position(back), turned.node))))
        back = along
    line = triangle.place(count)
    if line == Line({triangle.other: Fraction(1)}) and extents(triangle.other.space) == count:
        return Operation("cumsum", (back,), (values,), (triangle.other,))
    running = Operation("cumsum", (back,), (values,), (at,))
    read = IndexSum((at,), Mul((running, Compare("==", Position(at), line.node))))
    if line.span(extents)[1] < count:
        return read
    beyond = Compare(">=", line.node, Number(Fraction(count)))
    return Add((read, Mul((beyond, IndexSum((back,), values)))))


def _product(factors: Sequence[Node]) -> Node:
    return factors[0] if len(factors) == 1 else Mul(tuple(factors))
