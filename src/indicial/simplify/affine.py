"""Affine forms of indices, and conditions between them.

    f  =  Σ c·⟨i⟩ + r            slopes c, and an offset r of anything else
    [f = 0]                      an equation: a delta over affine forms

An equation stands with its positive terms on one side and its negative ones on the other, free of
common divisors; an inequality of whole numbers is written with the fewest constants. An equation in which
a dummy has the slope ±1 can be solved for it. That is how x[i+k] is read: Σ_j [j = i + k] x_j.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import gcd

from indicial.ir.indices import Index, Space
from indicial.ir.nodes import ONE, ZERO, Access, Compare, Extent, IndexSum, Mul, Node, Number, Position
from indicial.simplify.facts import NOTHING, Facts
from indicial.simplify.sums import collect, collected
from indicial.simplify.terms import summands


@dataclass(frozen=True, slots=True)
class Form:
    """Σ c·⟨i⟩ + offset; no slope is 0."""

    slopes: Mapping[Index, Fraction]
    offset: Node

    @property
    def is_whole(self) -> bool:
        """Whether the value is known to be a whole number for all values of its indices."""
        return all(slope.denominator == 1 for slope in self.slopes.values()) and _is_whole(self.offset)

    @property
    def constant(self) -> Fraction:
        """The number in the offset."""
        return next((c for c, monomial in summands(self.offset) if monomial == ONE), Fraction(0))

    @property
    def node(self) -> Node:
        """The form as an expression."""
        total: dict[Node, Fraction] = {Position(index): slope for index, slope in self.slopes.items()}
        collect(total, self.offset)
        return collected(total)

    def over(self, divisor: Fraction) -> Form:
        """The form divided by a number."""
        total: dict[Node, Fraction] = {}
        collect(total, self.offset)
        offset = collected({node: value / divisor for node, value in total.items()})
        return Form({index: slope / divisor for index, slope in self.slopes.items()}, offset)


@lru_cache(maxsize=1 << 12)
def difference(left: Node, right: Node) -> Form | None:
    """left − right as an affine form; None if neither has an index as a number."""
    if not (left.free or right.free):
        return None
    total = dict(summands_by_node(left))
    for monomial, value in summands_by_node(right).items():
        total[monomial] = total.get(monomial, Fraction(0)) - value
    slopes: dict[Index, Fraction] = {}
    offset: dict[Node, Fraction] = {}
    for monomial, value in total.items():
        if isinstance(monomial, Position):
            slopes[monomial.index] = value
        else:
            offset[monomial] = value
    if not slopes:
        return None
    return Form({index: slope for index, slope in slopes.items() if slope}, collected(offset))


def summands_by_node(node: Node) -> dict[Node, Fraction]:
    """The coefficient of each term of a canonical node."""
    total: dict[Node, Fraction] = {}
    collect(total, node)
    return total


def _is_whole(offset: Node) -> bool:
    return all(
        coefficient.denominator == 1 and (monomial == ONE or isinstance(monomial, Extent))
        for coefficient, monomial in summands(offset)
        if coefficient
    )


# --- conditions ----------------------------------------------------------------------------------------


def related(relation: str, left: Node, right: Node) -> Node | None:
    """[left ~ right] between affine forms in canonical form; None if the sides are not such."""
    found = difference(left, right)
    if found is None:
        return None
    if relation in (">", ">="):
        found, relation = found.over(Fraction(-1)), relation.replace(">", "<")
    found = found.over(_content(found))
    if relation in ("==", "!="):
        return _equation(relation, found)
    apart = found.constant
    if not _shifted(found, -apart).is_whole:
        return _between(relation, found)
    return _inequality(found if relation == "<=" else _shifted(found, apart // 1 + 1 - apart))


def _shifted(found: Form, by: Fraction | int) -> Form:
    total: dict[Node, Fraction] = {ONE: Fraction(by)}
    collect(total, found.offset)
    return Form(found.slopes, collected(total))


def _content(found: Form) -> Fraction:
    """The positive number that leaves coprime whole coefficients, the constant apart if it is one."""
    values = [*found.slopes.values()]
    values += [c for c, monomial in summands(found.offset) if monomial != ONE and c]
    if not values:
        return Fraction(1)
    top, bottom = 0, 1
    for value in values:
        top = gcd(top, value.numerator)
        bottom = bottom * value.denominator // gcd(bottom, value.denominator)
    return Fraction(top, bottom)


def _equation(relation: str, found: Form) -> Node:
    holds = ONE if relation == "==" else ZERO
    fails = ZERO if relation == "==" else ONE
    constant = found.constant
    if not found.slopes and isinstance(found.offset, Number):
        return holds if not constant else fails
    known = all(m == ONE or isinstance(m, Extent) for _, m in summands(found.offset))
    if known and constant.denominator != 1:
        return fails
    left, right = _sides(found)
    return Compare(relation, *sorted((left, right), key=lambda side: side.digest))


def _inequality(found: Form) -> Node:
    """[f ≤ 0] for a whole form whose slopes have no common divisor: f ≤ 0 is ⌈f⌉ ≤ 0."""
    constant = found.constant
    rounded = -((-constant) // 1)
    found = _shifted(found, rounded - constant)
    if _is_negative(found):
        return ONE
    if _is_negative(_shifted(found.over(Fraction(-1)), 1)):
        return ZERO
    return _between("<", _shifted(found, -1)) if rounded >= 1 else _between("<=", found)


def known_bound(found: Form, facts: Facts) -> Node | None:
    """[f ≤ 0] for a whole form where it is 1 or 0 for all values of its indices; else None."""
    if _is_negative(found, facts):
        return ONE
    return ZERO if _is_negative(_shifted(found.over(Fraction(-1)), 1), facts) else None


def settled(node: Node, facts: Facts) -> Node:
    """A canonical condition between indices as 1 or 0, where it is that for all of their values."""
    form = bound(node)
    if form is not None:
        return known_bound(form, facts) or node
    if isinstance(node, Compare) and node.relation in ("==", "!="):
        form = difference(node.left, node.right)
        sides = [] if form is None or not form.is_whole else [form, form.over(Fraction(-1))]
        if any(_is_negative(_shifted(side, 1), facts) for side in sides):
            return ZERO if node.relation == "==" else ONE
    return node


def _is_negative(found: Form, facts: Facts = NOTHING) -> bool:
    """Whether f ≤ 0 whatever unknown extents are: they are 1 or more, and an index is less than its own."""
    reach: dict[Node, Fraction] = {}
    collect(reach, found.offset)
    for index, slope in found.slopes.items():
        if slope > 0:
            extent = facts.extents.get(index.space, Extent(index.space))
            for coefficient, part in summands(extent):
                reach[part] = reach.get(part, Fraction(0)) + slope * coefficient
            reach[ONE] = reach.get(ONE, Fraction(0)) - slope
    return sum(reach.values()) <= 0 and all(value <= 0 for node, value in reach.items() if node != ONE)


def _between(relation: str, found: Form) -> Node:
    left, right = _sides(found)
    if isinstance(left, Number):  # a number stands on the right
        return Compare({"<": ">", "<=": ">="}[relation], right, left)
    return Compare(relation, left, right)


def _sides(found: Form) -> tuple[Node, Node]:
    """The positive and the negated negative terms."""
    terms = summands_by_node(found.node)
    left = collected({node: value for node, value in terms.items() if value > 0})
    return left, collected({node: -value for node, value in terms.items() if value < 0})


def plus(one: Form, other: Form, times: Fraction = Fraction(1)) -> Form:
    """f + times · g"""
    total = summands_by_node(one.node)
    for node, value in summands_by_node(other.node).items():
        total[node] = total.get(node, Fraction(0)) + times * value
    slopes = {node.index: value for node, value in total.items() if isinstance(node, Position) and value}
    return Form(slopes, collected({n: v for n, v in total.items() if not isinstance(n, Position)}))


def bound(node: Node) -> Form | None:
    """The whole form f for which a canonical bracket is [f ≤ 0]; None if it is no such inequality."""
    if not isinstance(node, Compare) or node.relation in ("==", "!="):
        return None
    found = difference(node.left, node.right)
    if found is None or not found.is_whole:
        return None
    if node.relation.startswith(">"):
        found = found.over(Fraction(-1))
    return found if node.relation.endswith("=") else _shifted(found, 1)


def less_or_equal(found: Form) -> Node:
    """[f ≤ 0] in canonical form, for a whole form."""
    return _inequality(found.over(_content(found)))


def vanishing(found: Form) -> Node:
    """[f = 0] in canonical form."""
    return _equation("==", found.over(_content(found)))


# --- equations -------------------------------------------------------------------------------------------


def equation(node: Node) -> Form | None:
    """The form that vanishes where a canonical bracket holds; None if it is no equation of indices."""
    if isinstance(node, Compare) and node.relation == "==":
        return difference(node.left, node.right)
    return None


def solved(found: Form, index: Index) -> Form | None:
    """What an index is where a form vanishes; None unless its slope is 1 or −1."""
    slope = found.slopes.get(index)
    if slope is None or abs(slope) != 1:
        return None
    rest = Form({i: c for i, c in found.slopes.items() if i != index}, found.offset)
    return rest.over(-slope)


def key_of(found: Form) -> tuple[tuple[tuple[Space, int], ...], Node]:
    """A form with its indices by their spaces, and entries without theirs, as `Facts` has it."""
    slopes = [(index.space, int(slope)) for index, slope in found.slopes.items()]
    offset: dict[Node, Fraction] = {}
    for coefficient, node in summands(found.offset):
        entry = Access(name, ()) if (name := _entry(node)) else node
        offset[entry] = offset.get(entry, Fraction(0)) + coefficient
    return tuple(sorted(slopes)), collected(offset)


def _entry(node: Node) -> str | None:
    """The tensor of which an expression is an entry: t_b, or t[u[b]], which is Σ_j [j = u_b] t_j."""
    if isinstance(node, IndexSum):
        factors = node.body.factors if isinstance(node.body, Mul) else (node.body,)
        rest = [factor for factor in factors if equation(factor) is None]
        node = rest[0] if len(rest) == 1 else node
    return node.tensor if isinstance(node, Access) else None


def is_inside(found: Form, space: Space, facts: Facts) -> bool:
    """Whether a form is known to be a position on an axis, whatever its indices are."""
    if (key_of(found), space) in facts.inside:
        return True
    if not found.is_whole:
        return False
    if len(found.slopes) == 1 and found.offset == ZERO:
        ((index, slope),) = found.slopes.items()
        if slope == 1 and index.space == space:
            return True
    extent = _number(facts.extents.get(space))
    low = high = _number(found.offset)
    for index, slope in found.slopes.items():
        count = _number(facts.extents.get(index.space))
        if count is None or low is None or high is None:
            return False
        reach = slope * (count - 1)
        low, high = low + min(reach, Fraction(0)), high + max(reach, Fraction(0))
    return extent is not None and low is not None and high is not None and low >= 0 and high < extent


def _number(node: Node | None) -> Fraction | None:
    return node.value if isinstance(node, Number) else None
