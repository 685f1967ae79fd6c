"""ε_{i j …} ε_{p q …} = det δ: the product of two Levi-Civita symbols as Kronecker deltas.

The determinant of the deltas between the indices of the one and of the other has n! terms; where the
symbols share summed indices most of them coincide (n = 3, one shared: δ_jq δ_kr − δ_jr δ_kq).
"""

from __future__ import annotations

from itertools import combinations, permutations

from indicial.ir.indices import Index
from indicial.ir.nodes import ONE, TWO, Delta, Epsilon, Node
from indicial.ir.properties import permutation_sign
from indicial.simplify.terms import Term

_LARGEST = 5  # the rank up to which a product of two symbols is expanded


def contractible_pair(term: Term) -> tuple[Epsilon, Epsilon] | None:
    """Two factors ε of one rank that share a summed index, if the term has such; one may be squared."""
    symbols: list[Epsilon] = []
    for base, exponent in term.factors.items():
        if isinstance(base, Epsilon) and len(base.indices) <= _LARGEST and exponent in (ONE, TWO):
            symbols.extend([base] * (2 if exponent == TWO else 1))
    dummies = set(term.dummies)
    for first, second in combinations(symbols, 2):
        shared = dummies.intersection(first.indices, second.indices)
        if shared and len(first.indices) == len(second.indices):
            return first, second
    return None


def expanded(term: Term, first: Epsilon, second: Epsilon) -> list[Term]:
    """The terms of a product in which two symbols are written as the determinant of deltas."""
    rest = term.copy()
    for symbol in (first, second):
        if rest.factors.pop(symbol) == TWO and first != second:
            rest.factors[symbol] = ONE
        if first == second:
            break
    result = []
    for order in permutations(range(len(first.indices))):
        part = rest.copy()
        part.coefficient *= permutation_sign(order)
        for left, position in zip(first.indices, order, strict=True):
            right = second.indices[position]
            if left != right:
                part.absorb(_delta(left, right))
        result.append(part)
    return result


def _delta(left: Index, right: Index) -> Node:
    return Delta(*sorted((left, right)))
