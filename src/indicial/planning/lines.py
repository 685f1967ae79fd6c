"""Affine forms of indices for given extents.

    Σ c·⟨i⟩ + constant + data      where data is what only the arrays tell: t_b in E[t[b], d]

The extents are numbers here, so that it is known exactly whether a form stays inside an axis.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import gcd, lcm

from indicial.ir.indices import Index, Space
from indicial.ir.nodes import (
    ONE,
    ZERO,
    Access,
    Apply,
    Compare,
    Delta,
    Epsilon,
    Extent,
    IndexSum,
    Mul,
    Node,
    Number,
    Operation,
    Position,
)
from indicial.ir.traversal import dummies_behind, last_dummy, postorder, rename_here, with_other_dummies
from indicial.simplify.affine import Form, equation
from indicial.simplify.sums import collect, collected
from indicial.simplify.terms import summands

Extents = Callable[[Space], int]


@dataclass(frozen=True, slots=True)
class Line:
    """An affine form; no slope is 0."""

    slopes: Mapping[Index, Fraction]
    constant: Fraction = Fraction(0)
    data: Node = ZERO

    @property
    def indices(self) -> frozenset[Index]:
        """All indices that the value depends on."""
        return self.data.free.union(self.slopes)

    @property
    def divisor(self) -> int:
        """The smallest positive number that makes all coefficients whole."""
        known = [*self.slopes.values(), self.constant, *[c for c, _ in summands(self.data)]]
        return lcm(*[value.denominator for value in known])

    @property
    def node(self) -> Node:
        """The line as an expression."""
        total: dict[Node, Fraction] = {ONE: self.constant}
        collect(total, self.data)
        return Form(self.slopes, collected(total)).node

    def times(self, factor: Fraction | int) -> Line:
        """The line multiplied by a number."""
        total: dict[Node, Fraction] = {}
        collect(total, self.data)
        data = collected({node: value * factor for node, value in total.items()})
        return Line({i: c * factor for i, c in self.slopes.items()}, self.constant * factor, data)

    def reduced(self) -> Line:
        """An equation free of common divisors: 1 = 0 where a whole constant shows that it holds nowhere."""
        if not self.slopes or self.data != ZERO:
            return self.times(self.divisor)
        values = list(self.slopes.values())
        top, bottom = gcd(*[c.numerator for c in values]), lcm(*[c.denominator for c in values])
        line = self.times(Fraction(bottom, top))
        return line if line.divisor == 1 else Line({}, Fraction(1))

    def solved(self, index: Index) -> Line:
        """What an index is where the line vanishes."""
        slope = self.slopes[index]
        rest = Line({i: c for i, c in self.slopes.items() if i != index}, self.constant, self.data)
        return rest.times(-1 / slope)

    def at(self, known: Mapping[Index, Line]) -> Line:
        """The line with indices replaced by lines over others."""
        if self.indices.isdisjoint(known):
            return self
        slopes: dict[Index, Fraction] = {}
        constant, total = self.constant, dict[Node, Fraction]()
        collect(total, replaced(self.data, known))
        for index, slope in self.slopes.items():
            part = known.get(index, Line({index: Fraction(1)})).times(slope)
            constant += part.constant
            collect(total, part.data)
            for inner, c in part.slopes.items():
                slopes[inner] = slopes.get(inner, Fraction(0)) + c
        return Line({i: c for i, c in slopes.items() if c}, constant, collected(total))

    def span(self, extents: Extents) -> tuple[Fraction, Fraction]:
        """The least and the largest value of a line without data; that at 0 if an index has no value."""
        reach = [slope * max(extents(index.space) - 1, 0) for index, slope in self.slopes.items()]
        low = self.constant + sum([r for r in reach if r < 0], Fraction(0))
        return low, self.constant + sum([r for r in reach if r > 0], Fraction(0))

    def is_inside(self, extent: int, extents: Extents) -> bool:
        """Whether the line is a position on an axis, whatever its indices are."""
        low, high = self.span(extents)
        return self.data == ZERO and self.divisor == 1 and low >= 0 and high < extent


def identity(index: Index) -> Line:
    """The line of an index itself."""
    return Line({index: Fraction(1)})


def line_of(node: Node, extents: Extents) -> Line | None:
    """The line that vanishes where a canonical bracket holds; None if it is no equation of indices."""
    found = equation(node)
    if found is None:
        return None
    constant, data = Fraction(0), dict[Node, Fraction]()
    for coefficient, monomial in summands(found.offset):
        value = known_number(monomial, extents)
        if value is None:
            data[monomial] = coefficient
        else:
            constant += coefficient * value
    return Line(found.slopes, constant, collected(data)).reduced()


def known_number(monomial: Node, extents: Extents) -> Fraction | None:
    """A product of extents as a number."""
    value = Fraction(1)
    for factor in monomial.factors if isinstance(monomial, Mul) else (monomial,):
        match factor:
            case Number(number):
                value *= number
            case Extent(space):
                value *= extents(space)
            case _:
                return None
    return value


# --- indices replaced by lines -----------------------------------------------------------------------


def replaced(root: Node, known: Mapping[Index, Line]) -> Node:
    """An expression with indices replaced by lines: X_j is Σ_j′ [j′ = line] X_j′, which is 0 outside."""
    values: dict[Node, Node] = {}
    brought = frozenset([i for line in known.values() for i in line.indices if i.serial < 0])

    def touched(node: Node) -> list[Node]:
        return [child for child in node.children if not child.free.isdisjoint(known)]

    if root.free.isdisjoint(known):
        return root
    for current in postorder(root, below=touched):
        changed = current
        if current.children:
            if not brought.isdisjoint(current.bound):
                values[current] = replaced(with_other_dummies(current, brought), known)
                continue
            shadowed = [index for index in current.bound if index in known]
            if shadowed:  # only the other indices are replaced below
                inner = {index: line for index, line in known.items() if index not in shadowed}
                kids = [replaced(kid, inner) for kid in current.children]
            else:
                kids = [values.get(kid, kid) for kid in current.children]
            changed = current.with_children(tuple(kids))
        values[current] = _replaced_here(changed, known)
    return values[root]


def _replaced_here(node: Node, known: Mapping[Index, Line]) -> Node:
    own = [index for index in dict.fromkeys(node.indices_here) if index in known]
    match node:
        case Position(index) if own:
            return known[index].node
        case Delta(left, right) if own:
            difference = identity(left).at(known).times(-1)
            return Compare("==", identity(right).at(known).node, difference.times(-1).node)
        case Access() | Apply() | Epsilon() | Operation() if own:
            return _read_along(node, own, known)
    return node


def _read_along(node: Node, own: list[Index], known: Mapping[Index, Line]) -> Node:
    """Σ_j [j = line] node, its dummies numbered beyond all that stands in it."""
    forms = [known[index].node for index in own]
    nodes = [node, *forms]
    dummies = dummies_behind(last_dummy(nodes), own)
    equations = [Compare("==", Position(j), form) for j, form in zip(dummies, forms, strict=True)]
    renamed = rename_here(node, dict(zip(own, dummies, strict=True)))
    return IndexSum(dummies, Mul((renamed, *equations)))
