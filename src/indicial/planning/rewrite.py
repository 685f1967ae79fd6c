"""Canonical bodies in the form that is cheapest to compute, before there are any arrays.

A formula is written to be read; here its value is kept and its cost is not. What is applied only to be
multiplied is written out, so that products are ordered as one; common factors stand in front of sums;
a product over a sum with deltas is distributed, as each pattern is written by itself; and quotients of
exponentials become the operators that do not overflow.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from fractions import Fraction
from itertools import permutations

from indicial.ir.indices import Index
from indicial.ir.nodes import (
    ONE,
    ZERO,
    Add,
    Apply,
    Call,
    Compare,
    Definition,
    Delta,
    IndexSum,
    Mul,
    Node,
    Number,
    Power,
)
from indicial.ir.traversal import dummies_behind, instantiate, last_dummy, postorder, rebuilt, substitute
from indicial.planning.solves import solved
from indicial.planning.stability import (
    bounded_in_front,
    is_exponential,
    is_probability,
    is_sought,
    stable_call,
    stable_product,
    stable_sum,
)
from indicial.planning.zeros import finite_at_zero
from indicial.simplify.inline import has_deltas, patterns
from indicial.simplify.strong import with_guards
from indicial.simplify.terms import factors_in, scaled, split_coefficient, summands

_WRITTEN_OUT = 80  # the size up to which a definition is written out in a product
_DUMMIES = 4  # dummies at most of sums that are joined
_KEPT = (Compare, Delta, Number)  # factors that stay with their terms
_PATTERNS = 4  # patterns at most over which a product is distributed


def prepared(outputs: Sequence[Definition], given: Container[str] = ()) -> dict[Definition, Definition]:
    """The definitions under some outputs, each with the body that is to be computed for it.

    The values of statements that are `given` are handed in: nothing is written out in their place.
    """
    return rebuilt(outputs, lambda definition: _prepared(definition, given))


def _prepared(definition: Definition, given: Container[str]) -> Definition:
    values: dict[Node, Node] = {}

    def in_sight(node: Node, of: Callable[[Node], bool]) -> Node:
        """What is applied, in its place, if it is one of those whose user must see it."""
        if isinstance(node, Apply) and node.definition.name not in given and of(node.definition.body):
            return instantiate(node.definition, node.indices)
        return node

    def argument(node: Node) -> Node:
        """What a logarithm is taken of: p or 1 − p."""
        if isinstance(node, Add):
            terms = [
                scaled(coefficient, in_sight(term, is_probability)) for coefficient, term in summands(node)
            ]
            return stable_sum(Add(tuple(terms)))
        return in_sight(node, is_probability)

    for node in postorder(definition.body):
        if isinstance(node, Apply):
            values[node] = in_sight(node, lambda body: body == ZERO or is_exponential(body))
            continue
        kids = tuple([_settled(values[child], node) for child in node.children])
        if isinstance(node, Call) and node.function == "log":
            kids = tuple([argument(kid) for kid in kids])
        values[node] = _rewritten(node.with_children(kids) if kids != node.children else node, given)
    return Definition(definition.name, definition.formals, _settled(values[definition.body], definition))


def _settled(child: Node, parent: Node) -> Node:
    """A power by itself; as a factor it waits for what it is multiplied with."""
    return stable_product(child) if isinstance(child, Power) and not isinstance(parent, Mul) else child


def _rewritten(node: Node, given: Container[str]) -> Node:
    match node:
        case Call():
            return stable_call(node)
        case Add():
            summed = factored(joined_sums(_spliced_terms(node)))
            return bounded_in_front(stable_sum(summed))
        case IndexSum(_, body):
            return solved(node) if body != ZERO else ZERO
        case Mul(factors) if ZERO in factors:
            return ZERO
        case Mul():
            return distributed(finite_at_zero(stable_product(_spliced(with_guards(node))), given))
    return node


# --- what is applied only to be multiplied --------------------------------------------------------


def _outer(node: Node) -> Node | None:
    """The body of an applied definition, if it is better multiplied out where it is applied.

    That is a product with more axes than each of its factors, and one that bounds an exponential.
    """
    if not isinstance(node, Apply) or node.definition.name:
        return None
    body = node.definition.body
    _, rest = split_coefficient(body)
    if not isinstance(rest, Mul) or body.size > _WRITTEN_OUT:
        return None
    bounds = any(is_sought(factor) for factor in rest.factors)
    widest = max([len(factor.free) for factor in rest.factors])
    if (has_deltas(body) or widest == len(rest.free)) and not bounds:
        return None
    return instantiate(node.definition, node.indices)


def _spliced(node: Mul) -> Mul:
    """Products among the factors written out."""
    factors: list[Node] = []
    for factor in node.factors:
        inner = _outer(factor)
        body = factor if inner is None else inner
        factors.extend(body.factors if isinstance(body, Mul) else (body,))
    return Mul(tuple(factors)) if len(factors) > len(node.factors) else node


def _spliced_terms(node: Add) -> Node:
    """Products and sums among the terms written out."""
    terms: list[Node] = []
    for coefficient, term in summands(node):
        factors = factors_in(term)
        flat = _spliced(Mul(factors)) if any(_outer(each) is not None for each in factors) else term
        own, rest = _numbers_in_front(flat)
        terms += [_times(coefficient * own * c, inner) for c, inner in summands(rest)]
    merged = _merged(terms)
    fewer = not isinstance(merged, Add) or len(merged.terms) < len(terms)
    return merged if fewer or tuple(terms) != node.terms else node


def _added(terms: list[Node]) -> Node:
    return Add(tuple(terms)) if len(terms) > 1 else terms[0] if terms else ZERO


def _numbers_in_front(node: Node) -> tuple[Fraction, Node]:
    if not isinstance(node, Mul):
        return Fraction(1), node
    number = Fraction(1)
    others = []
    for factor in node.factors:
        if isinstance(factor, Number):
            number *= factor.value
        else:
            others.append(factor)
    return number, others[0] if len(others) == 1 else Mul(tuple(others)) if others else ONE


# --- common factors -------------------------------------------------------------------------------


def factored(node: Node) -> Node:
    """f a + f b + … = f (a + b + …), where all terms have f or the bracket has fewer axes than they.

    The factor with the most axes goes first; brackets and deltas stay with their terms.
    """
    parts = [_times_in_front(coefficient, stable_product(term)) for coefficient, term in summands(node)]
    if not node.free:  # a number has no factor with axes
        return _added([_times(coefficient, term) for coefficient, term in parts])
    terms = [(coefficient, list(factors_in(term))) for coefficient, term in parts]
    if len(terms) < 2 or has_deltas(node):
        return node
    having: dict[Node, list[int]] = {}  # the terms that have a factor
    for place, (_, factors) in enumerate(terms):
        for factor in dict.fromkeys(factors):
            having.setdefault(factor, []).append(place)
    worth = [f for f, held in having.items() if len(held) > 1 and f.free and not isinstance(f, _KEPT)]
    for best in sorted(worth, key=lambda f: (-len(having[f]), -len(f.free))):
        inside = [(terms[place][0], _less(terms[place][1], best)) for place in having[best]]
        bracket = Add(tuple([scaled(c, _joined(rest)) for c, rest in inside]))
        if len(inside) == len(terms) or not best.free <= bracket.free:
            without = set(range(len(terms))) - set(having[best])
            rest = [scaled(c, _joined(factors)) for c, factors in [terms[place] for place in sorted(without)]]
            inner = bounded_in_front(stable_sum(factored(bracket)))
            product = stable_product(with_guards(Mul((best, *factors_in(inner)))))
            return factored(Add((product, *rest))) if rest else product
    return node


def _less(factors: list[Node], one: Node) -> list[Node]:
    rest = list(factors)
    rest.remove(one)
    return rest


def _joined(factors: list[Node]) -> Node:
    return factors[0] if len(factors) == 1 else Mul(tuple(factors)) if factors else ONE


# --- sums of sums ---------------------------------------------------------------------------------


def joined_sums(node: Node) -> Node:
    """Σ_n f g + Σ_n f h = Σ_n f (g + h), where that is one product instead of two."""
    if not isinstance(node, Add):
        return node
    terms = list(summands(node))
    sums = [(c, term) for c, term in terms if isinstance(term, IndexSum) and len(term.indices) <= _DUMMIES]
    if len(sums) < 2:
        return node
    rest = [scaled(c, term) for c, term in terms if (c, term) not in sums]
    while sums:
        coefficient, first = sums.pop(0)
        for other in list(sums):
            both = _both(coefficient, first, *other)
            if both is not None:
                sums.remove(other)
                coefficient, first = Fraction(1), both
        rest.append(scaled(coefficient, first))
    return _added(rest)


def _both(a: Fraction, first: IndexSum, b: Fraction, second: IndexSum) -> IndexSum | None:
    """Two sums over the same dummies as one, if they share a factor that is larger than what is left."""
    if len(first.indices) != len(second.indices):
        return None
    last = last_dummy((first.body, second.body), (*first.indices, *second.indices))
    dummies = dummies_behind(last, first.indices)
    for order in permutations(second.indices):
        pairs = list(zip(first.indices, order, strict=True))
        if any(one.space != two.space for one, two in pairs):
            continue
        left = substitute(first.body, dict(zip(first.indices, dummies, strict=True)))
        right = substitute(second.body, dict(zip(order, dummies, strict=True)))
        body = factored(Add((_times(a, left), _times(b, right))))
        if isinstance(body, Mul) and _width(body) <= max(_width(left), _width(right)):
            return IndexSum(dummies, body)
    return None


def _width(product: Node) -> int:
    """The axes of the widest factor: a bracket may not be an outer product that no term has."""
    return max([len(factor.free) for factor in factors_in(product)])


def _times(coefficient: Fraction, node: Node) -> Node:
    return scaled(*_times_in_front(coefficient, node))


def _times_in_front(coefficient: Fraction, node: Node) -> tuple[Fraction, Node]:
    own, rest = _numbers_in_front(node)
    return coefficient * own, rest


# --- deltas ---------------------------------------------------------------------------------------


def distributed(node: Node) -> Node:
    """f (δ a + b) = δ f a + f b: what is written along strides is not multiplied where it is zero.

    Of a product of two such sums each may cancel by itself, and would not written out: it stays.
    """
    if not isinstance(node, Mul) or sum([isinstance(factor, Add) for factor in node.factors]) > 1:
        return node
    for factor in node.factors:
        if isinstance(factor, Add) and has_deltas(factor):
            parts = patterns(factor)
            if len(parts) <= _PATTERNS:
                others = _less(list(node.factors), factor)
                return _merged([_pattern(deltas, core, others) for deltas, core in parts.items()])
    return node


def _merged(terms: Sequence[Node]) -> Node:
    """The sum of some terms, equal products taken together whatever the order of their factors is."""
    found: dict[tuple[bytes, ...], tuple[Fraction, Node]] = {}
    for term in terms:
        for coefficient, product in summands(term):
            key = tuple(sorted([factor.digest for factor in factors_in(product)]))
            known = found.get(key)
            found[key] = (coefficient + known[0], known[1]) if known else (coefficient, product)
    return _added([_times(c, product) for c, product in found.values() if c])


def _pattern(deltas: Sequence[Delta], core: Node, others: list[Node]) -> Node:
    """δ · core · others with each class of equal indices under one name, distributed further."""
    more = [factor for factor in others if isinstance(factor, Delta)]
    leader = leaders([*deltas, *more])
    rest = [factor for factor in (*others, core) if not isinstance(factor, Delta)]
    plain = substitute(Mul(tuple(rest)), leader)
    number, product = _numbers_in_front(_spliced(plain) if isinstance(plain, Mul) else plain)
    if product != ONE:
        own, product = _numbers_in_front(distributed(stable_product(product)))
        number *= own
    same = [Delta(first, second) for second, first in sorted(leader.items())]
    terms = [(c, [*same, *[f for f in factors_in(term) if f != ONE]]) for c, term in summands(product)]
    return _merged([scaled(number * c, _joined(factors)) for c, factors in terms])


def leaders(deltas: Sequence[Delta]) -> dict[Index, Index]:
    """For each index that equals a smaller one, by some deltas, the smallest that it equals."""
    leader: dict[Index, Index] = {}

    def find(index: Index) -> Index:
        while index in leader:
            index = leader[index]
        return index

    for delta in deltas:
        first, second = sorted((find(delta.left), find(delta.right)))
        if first != second:
            leader[second] = first
    return {index: find(index) for index in leader}
