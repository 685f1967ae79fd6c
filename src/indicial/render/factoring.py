"""Common factors of a sum in front of it: p_i δ_im − p_i p_m is p_i (δ_im − p_m).

The canonical form keeps such products apart, so that deltas stand in sight; a reader wants them joined.
Which terms share what is in `indicial.render.joining`; here are the sums of a body, from the innermost on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import partial

from indicial.ir.indices import Space
from indicial.ir.nodes import ONE, Add, Definition, Extent, Mul, Node
from indicial.ir.traversal import postorder
from indicial.render.expanding import collapsed
from indicial.render.joining import Shortest, is_even, joined_all, joined_some, negated
from indicial.render.summand import Powers, Summand, opened_terms, product_of, sum_of, without
from indicial.simplify.canonical import Simplifier
from indicial.simplify.recognise import powers
from indicial.simplify.sums import collect, collected
from indicial.simplify.terms import scaled, split_coefficient, summands

_MARGIN = 1.35  # how much shorter a sum that is multiplied out has to be
_MANY = 24  # the number of terms from which on only what all of them share is looked for


def factored(definition: Definition) -> Definition:
    """The definition with its sums in the shortest form found."""
    simplify = Simplifier()
    return Definition(definition.name, definition.formals, _rewritten(definition.body, simplify))


def _rewritten(body: Node, simplify: Simplifier) -> Node:
    values: dict[Node, Node] = {}
    for node in postorder(body):
        kids = tuple([values[child] for child in node.children])
        value = node.with_children(kids) if kids else node
        if isinstance(value, Add):
            value = _shortest(value, simplify)
        elif isinstance(value, Mul) and any(isinstance(factor, Mul) for factor in value.factors):
            value = _flat(value)
        if isinstance(value, Mul):
            value = _signed(value)
        values[node] = value
    return values[body]


def _shortest(node: Add, simplify: Simplifier) -> Node:
    """A sum with common factors in front, or multiplied out where what cancels makes that much shorter."""
    joined = _with_own_terms(node)
    shortest = partial(_shortest, simplify=simplify)
    best = _in_front(joined, shortest) if isinstance(joined, Add) else joined
    other = collapsed(node, simplify)
    if other is not None:
        other = _rewritten(other, simplify)
        if _MARGIN * other.size < best.size:
            best = other
    return best


def _with_own_terms(node: Add) -> Node:
    """(1 + a) (1 − y²) + z for 1 − y² + a (1 − y²) + z: a sum that is a factor, and stands beside it."""
    every: dict[Node, Fraction] = {}
    collect(every, node)
    total = {monomial: coefficient for monomial, coefficient in every.items() if coefficient}
    for monomial, coefficient in total.items():
        factors = monomial.factors if isinstance(monomial, Mul) else ()
        for place, wide in enumerate(factors):
            times = _multiple(wide, total)
            if times:
                rest = factors[:place] + factors[place + 1 :]
                other = {rest[0] if len(rest) == 1 else Mul(rest): coefficient, ONE: times}
                product = _flat(Mul((collected(other), wide)))
                own = frozenset([monomial, *[part for _, part in summands(wide)]])
                left = [scaled(value, part) for part, value in total.items() if part not in own]
                return Add((*left, product)) if left else product
    return node if len(total) == len(node.terms) else collected(total)


def _multiple(wide: Node, total: Mapping[Node, Fraction]) -> Fraction:
    """How many times a sum stands among some terms; 0 if it does not."""
    parts = list(summands(wide)) if isinstance(wide, Add) else []
    times = {total.get(part, Fraction(0)) / own for own, part in parts}
    return times.pop() if len(times) == 1 else Fraction(0)


def _in_front(node: Add, shortest: Shortest) -> Node:
    terms = opened_terms(node)
    if len(terms) < 2 or len(terms) != len(node.terms):
        return node
    whole = _under_one_sign(terms, shortest)
    if whole is not None:
        return whole
    whole = joined_all(terms, shortest)
    if whole is not None:
        return whole if whole.size <= node.size else node
    whole = joined_some(terms, shortest) if 2 < len(terms) < _MANY else None
    return whole if whole is not None and whole.size <= node.size else node


def _under_one_sign(terms: Sequence[Summand], shortest: Shortest) -> Node | None:
    """Terms that need a summation sign each under one, Σ_n Z_nm − Σ_n Y_nm as Σ_n (Z_nm − Y_nm).

    Then also what is the same for each n: V_h Σ_n H_nh + dim(H, 0) c − Σ_n Y_n as Σ_n (H_nh V_h + c − Y_n).
    """
    groups: dict[tuple[Space, ...], list[Summand]] = {}
    others: list[Summand] = []
    for term in terms:
        spaces = tuple([index.space for index in term.signs])
        if spaces and len(set(spaces)) == len(spaces):
            groups.setdefault(spaces, []).append(term)
        else:
            others.append(term)
    if all(len(group) < 2 for group in groups.values()):
        return None
    whole: list[Node] = []
    for spaces, (first, *rest) in groups.items():
        parts = [first.without(first.signs).node()]
        for term in rest:
            term = term.renamed(dict(zip(term.signs, first.signs, strict=True)))
            parts.append(term.without(first.signs).node())
        for term in list(others) if rest else ():
            left = _for_each(spaces, term.factors, first.factors)
            if left is not None:
                others.remove(term)
                parts.append(Summand(term.coefficient, term.dummies, left).node())
        outside, bracket = split_coefficient(sum_of(parts))
        if isinstance(bracket, Add):
            own, bracket = split_coefficient(shortest(bracket))
            outside *= own
        whole.append(Summand(outside, first.signs, {bracket: Fraction(1)}).node())
    whole += [term.node() for term in others]
    return shortest(Add(tuple(whole))) if len(whole) > 1 else whole[0]


def _for_each(spaces: Sequence[Space], factors: Powers, beside: Powers) -> Powers | None:
    """What a product is for each value of some indices, if it has their extents once more than another."""
    left = dict(factors)
    for extent in map(Extent, spaces):
        if left.pop(extent, Fraction(0)) != beside.get(extent, Fraction(0)) + 1:
            return None
        left[extent] = factors.get(extent, Fraction(0)) - 1
    return {base: exponent for base, exponent in left.items() if exponent}


def _signed(node: Mul) -> Node:
    """−p (b (x − y) − a (x − z)) as p (a (x − z) − b (x − y)): the sign goes into a sum of products."""
    coefficient, rest = split_coefficient(node)
    factors = rest.factors if isinstance(rest, Mul) else ()
    for factor in factors if coefficient < 0 else ():
        if isinstance(factor, Add) and is_even(factor) and any(_has_sum(term) for term in factor.terms):
            others = [each for each in factors if each is not factor]
            return scaled(-coefficient, Mul((*others, negated(factor))))
    return node


def _has_sum(monomial: Node) -> bool:
    return isinstance(monomial, Mul) and any(isinstance(factor, Add) for factor in monomial.factors)


def _flat(node: Mul) -> Node:
    """A product of products as one, in which equal factors are a power."""
    coefficient = Fraction(1)
    total: Powers = {}
    for factor in node.factors:
        own, rest = split_coefficient(factor)
        coefficient *= own
        for base, exponent in powers(rest).items():
            total[base] = total.get(base, Fraction(0)) + exponent
    return scaled(coefficient, product_of(without(total, {})))
