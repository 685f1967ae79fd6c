"""Dummies that equations determine.

    Σ_k [k = f] g(k)  =  [0 ≤ f] [f < dim] g(f)     where k stands in g as a number only
    Σ_k [k = t_n]     =  1                          where t_n is known to be one of the k
    [j = f] [e(j) = 0]  =  [j = f] [e(f) = 0]       where j is a subscript, too, and stays
    [j = k + 1] g(Σ_i [i = k + 1] x_i)  =  [j = k + 1] g(x_j)

A dummy that is a subscript stays, for x[f] is Σ_j [j = f] x_j.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from indicial.ir.indices import WORKING, Index
from indicial.ir.nodes import (
    ONE,
    ZERO,
    Add,
    Compare,
    Delta,
    Extent,
    IndexSum,
    Mul,
    Node,
    Number,
    Position,
    Power,
)
from indicial.ir.traversal import Stackless, postorder
from indicial.simplify.affine import Form, equation, is_inside, solved
from indicial.simplify.facts import Facts
from indicial.simplify.labels import Order, coloured, told_apart
from indicial.simplify.rules import ordered
from indicial.simplify.terms import Simplify, Term, factors_in, raised


@dataclass(frozen=True, slots=True)
class Solution:
    """An equation among the factors of a term, solved for one of the term's dummies."""

    equation: Node
    index: Index
    value: Form


def _equations(term: Term) -> list[tuple[Node, Form]]:
    """The equations among the factors of a term."""
    found = []
    for base, exponent in term.factors.items():
        known = equation(base) if exponent == ONE else None
        if known is not None:
            found.append((base, known))
    return found


def arranged(term: Term, in_order: Order) -> Term:
    """The term with its dummies and factors in an order that does not depend on how it was written.

    So that which equation is used first, for which dummy, is a property of the product.
    """
    nodes = {base: raised(base, exponent) for base, exponent in term.factors.items()}
    around = [index for index in term.free_below.difference(term.dummies) if index.serial >= WORKING]
    colours = told_apart(list(nodes.values()), term.dummies, around, in_order)
    places = {base: coloured(node, colours, in_order) for base, node in nodes.items()}
    factors = sorted(term.factors.items(), key=lambda item: places[item[0]])
    return Term(term.coefficient, sorted(term.dummies, key=colours.__getitem__), dict(factors))


def with_equation_used(term: Term, facts: Facts, simplify: Simplify) -> Stackless[Term | None]:
    """The term with one of its equations used; None if none is of use."""
    if not any(isinstance(base, Compare) and base.relation == "==" for base in term.factors):
        return None
    plain = _plain_equation(term)
    result: Term
    if plain is not None:
        result = term.copy()
        del result.factors[plain[0]]
        result.absorb(plain[1])
        return result
    solution = _determined(term, facts)
    if solution is not None:
        result = yield _put_in(term, solution, simplify)
        result.dummies.remove(solution.index)
        del result.factors[solution.equation]
        for guard in _guards(solution, facts):
            result.absorb((yield simplify(guard)))
        return result
    for kept in _shared(term):
        result = yield _put_in(term, kept, simplify)
        changed = result.factors.items() - term.factors.items()
        if all(_is_finite_outside(base, exponent, facts) for base, exponent in changed):
            return result
    shorter: Term | None = yield _shortened(term, simplify)
    return shorter


def _plain_equation(term: Term) -> tuple[Node, Delta] | None:
    """An equation between two indices of one space, which is a delta."""
    for base, found in _equations(term):
        if len(found.slopes) == 2 and found.offset == ZERO:
            (one, slope), (other, _) = found.slopes.items()
            if sum(found.slopes.values()) == 0 and abs(slope) == 1 and one.space == other.space:
                left, right = ordered((one, other))
                return base, Delta(left, right)
    return None


def _determined(term: Term, facts: Facts) -> Solution | None:
    """A dummy that an equation gives and that is no subscript; nothing else has it, if an entry gives it.

    Where brackets would have to keep its value inside its range it stays in computed subscripts: x[m+i]
    under a sum over i is shorter.
    """
    for base, found in _equations(term):
        for index in term.dummies:
            value = solved(found, index)
            if value is None:
                continue
            inside = is_inside(value, index.space, facts)
            if value.is_whole and _is_number_in(term, index, base):
                if inside or _is_index(value) or not _has_subscript(term, found, index, base):
                    return Solution(base, index, value)
            elif inside and next(_uses(term, index, base), None) is None:
                return Solution(base, index, value)
    return None


def _is_index(value: Form) -> bool:
    return value.offset == ZERO and list(value.slopes.values()) == [1]


def _has_subscript(term: Term, found: Form, apart: Index, base: Node) -> bool:
    """Whether an equation, which gives a dummy, computes a subscript: another dummy that stands as one."""
    others = [index for index in term.dummies if index != apart and abs(found.slopes.get(index, 0)) == 1]
    return any(not _is_number_in(term, index, base) for index in others)


def _shared(term: Term) -> Iterator[Solution]:
    """Subscripts that an equation gives in terms of free indices, and that stand as numbers elsewhere.

    In terms of free ones, so that every use leaves fewer dummies as numbers and the uses come to an end.
    """
    known = _equations(term)
    for index in term.dummies:
        ways = [(base, value) for base, found in known if (value := solved(found, index)) is not None]
        ways = [(base, value) for base, value in ways if value.slopes.keys().isdisjoint(term.dummies)]
        if not ways:
            continue
        base, value = min(ways, key=lambda way: (len(way[1].slopes), way[0].size))
        if not _is_subscript_in(term, index, base):
            yield Solution(base, index, value)


def _is_finite_outside(node: Node, exponent: Node, facts: Facts) -> bool:
    """Whether a factor is finite also where it reads 0, since a subscript runs out of its axis.

    In Σ_j [j = f] x_j y_j⁻¹ the sum knows the range of f, but y[f]⁻¹ in front of it would not.
    """
    outside = _reads_outside(node, facts)
    return not outside or all(map(_is_finite, (*postorder(node), Power(node, exponent))))


def _guards(solution: Solution, facts: Facts) -> list[Node]:
    """What keeps the value of an index that is gone inside its range, where that is not known."""
    if is_inside(solution.value, solution.index.space, facts):
        return []
    value = solution.value.node
    return [Compare("<=", ZERO, value), Compare("<", value, Extent(solution.index.space))]


def _put_in(term: Term, solution: Solution, simplify: Simplify) -> Stackless[Term]:
    """The term with the solution put in for its index as a number, but in the equation itself."""
    value = solution.value.node
    result = Term(term.coefficient, list(term.dummies))
    for base, exponent in term.factors.items():
        if base != solution.equation and solution.index in base.free:
            base = yield simplify(_positioned(base, solution.index, value))
        if solution.index in exponent.free:
            exponent = yield simplify(_positioned(exponent, solution.index, value))
        result.multiply(base, exponent)
    return result


def _positioned(root: Node, index: Index, value: Node) -> Node:
    """The expression with the index as a number replaced by a value, also in deltas: δ_mj is [m == j]."""
    place = Position(index)
    values: dict[Node, Node] = {}
    for node in postorder(root):
        if node == place:
            values[node] = value
        elif isinstance(node, Delta) and index in node.free:
            (other,) = node.free - {index} or {index}
            values[node] = Compare("==", value, Position(other))
        elif index in node.free:
            values[node] = node.with_children(tuple([values[child] for child in node.children]))
        else:
            values[node] = node
    return values[root]


def _shortened(term: Term, simplify: Simplify) -> Stackless[Term | None]:
    """The term with a factor that is shorter with a dummy as another one gives it; None if there is none."""
    known = _equations(term)
    for base, exponent in term.factors.items() if known else ():
        if isinstance(base, Compare) or not base.children or base.free.isdisjoint(term.dummies):
            continue
        numbers = {node.index for node in postorder(base) if isinstance(node, Position)}
        for index in [each for each in term.dummies if each in numbers]:
            for value in [solved(found, index) for _, found in known]:
                if value is None or not value.is_whole:
                    continue
                other = yield simplify(_positioned(base, index, value.node))
                if other.size < base.size and isinstance(exponent, Number):
                    result = term.copy()
                    del result.factors[base]
                    result.absorb(other, exponent.value)
                    return result
    return None


def _is_finite(node: Node) -> bool:
    """Whether a node is finite wherever its children are, as sums, products and squares are."""
    if isinstance(node, Power):
        return isinstance(node.exponent, Number) and node.exponent.value >= 0
    return isinstance(node, (Add, Mul, IndexSum, Compare)) or not node.children


def _reads_outside(node: Node, facts: Facts) -> bool:
    """Whether some entry in a node is read at a place that need not be on its axis."""
    for each in postorder(node):
        if isinstance(each, IndexSum):
            known = [found for found in map(equation, factors_in(each.body)) if found is not None]
            ways = [(index, solved(found, index)) for found, index in product(known, each.indices)]
            if any(place is not None and not is_inside(place, index.space, facts) for index, place in ways):
                return True
    return False


def _is_number_in(term: Term, index: Index, apart: Node) -> bool:
    """Whether an index stands in the other factors of a term as a number only."""
    return all(isinstance(leaf, (Position, Delta)) for leaf in _uses(term, index, apart))


def _is_subscript_in(term: Term, index: Index, apart: Node) -> bool:
    """Whether an index stands in the other factors of a term as a subscript only."""
    return not any(isinstance(leaf, (Position, Delta)) for leaf in _uses(term, index, apart))


def _uses(term: Term, index: Index, apart: Node) -> Iterator[Node]:
    """Where an index stands in the other factors of a term."""
    for base, exponent in term.factors.items():
        for node in (base, exponent) if base != apart else ():
            if index in node.free:
                yield from [leaf for leaf in postorder(node) if index in leaf.indices_here]
