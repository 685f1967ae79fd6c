"""Common factors of a sum in front of it: p_i δ_im − p_i p_m is p_i (δ_im − p_m).

The canonical form keeps such products apart, so that deltas stand in sight; a reader wants them joined.
Terms that sum over the same dummies are joined under one sum: (A_im + A_mi) x_i.
"""

from __future__ import annotations

from fractions import Fraction

from indicial.ir.indices import Index
from indicial.ir.nodes import ONE, ZERO, Add, Definition, IndexSum, Mul, Node, Number
from indicial.ir.traversal import postorder
from indicial.simplify.recognise import powers
from indicial.simplify.terms import raised, scaled, split_coefficient, summands

Powers = dict[Node, Fraction]


def factored(definition: Definition) -> Definition:
    """The definition with common factors in front of the sums in its body, where that is shorter."""
    values: dict[Node, Node] = {}
    for node in postorder(definition.body):
        kids = tuple([values[child] for child in node.children])
        value = node.with_children(kids) if kids else node
        if isinstance(value, Add):
            value = _in_front(value)
        elif isinstance(value, Mul) and any(isinstance(factor, Mul) for factor in value.factors):
            value = _flat(value)
        values[node] = value
    return Definition(definition.name, definition.formals, values[definition.body])


def _in_front(node: Add) -> Node:
    if len(node.terms) < 2:
        return node
    terms = [(coefficient, *_parts(monomial)) for coefficient, monomial in summands(node)]
    dummies = terms[0][1]
    common = _common([factors for _, _, factors in terms])
    held = frozenset[Index]().union(*[base.free for base in common])
    if not common or any(own != dummies for _, own, _ in terms) or not held.issuperset(dummies):
        return node  # a dummy that only the bracket has is better summed term by term
    rest: dict[Node, Fraction] = {}
    for coefficient, _, factors in terms:
        for own, monomial in summands(_product(_without(factors, common))):
            rest[monomial] = rest.get(monomial, Fraction(0)) + coefficient * own
    left = [scaled(coefficient, monomial) for monomial, coefficient in rest.items() if coefficient]
    joined = Mul((*_listed(common), Add(tuple(left)) if len(left) > 1 else left[0] if left else ZERO))
    whole = IndexSum(dummies, joined) if dummies else joined
    return whole if whole.size < node.size else node


def _flat(node: Mul) -> Node:
    """A product of products as one, in which equal factors are a power."""
    coefficient = Fraction(1)
    total: Powers = {}
    for factor in node.factors:
        own, rest = split_coefficient(factor)
        coefficient *= own
        for base, exponent in powers(rest).items():
            total[base] = total.get(base, Fraction(0)) + exponent
    return scaled(coefficient, _product(_without(total, {})))


def _parts(monomial: Node) -> tuple[tuple[Index, ...], Powers]:
    if isinstance(monomial, IndexSum):
        return monomial.indices, powers(monomial.body)
    return (), powers(monomial)


def _common(terms: list[Powers]) -> Powers:
    """The powers that all terms have: the smallest, where all are positive or all negative."""
    first, *others = terms
    common: Powers = {}
    for base, exponent in first.items():
        present = [exponent, *[factors.get(base, Fraction(0)) for factors in others]]
        if min(present) > 0:
            common[base] = min(present)
        elif max(present) < 0:
            common[base] = max(present)
    common.pop(ONE, None)
    return common


def _without(factors: Powers, common: Powers) -> Powers:
    left = {base: exponent - common.get(base, 0) for base, exponent in factors.items()}
    return {base: exponent for base, exponent in left.items() if exponent}


def _listed(factors: Powers) -> list[Node]:
    return [raised(base, Number(exponent)) for base, exponent in factors.items()]


def _product(factors: Powers) -> Node:
    nodes = _listed(factors)
    return nodes[0] if len(nodes) == 1 else Mul(tuple(nodes)) if nodes else ONE
