"""Deltas: Σ_j δ_jn x_j = x_n, also in a term of a sum; and δ_im x_m = δ_im x_i between free indices."""

from __future__ import annotations

from collections.abc import Collection
from fractions import Fraction

from indicial.ir.indices import Index
from indicial.ir.nodes import ONE, Add, Delta, Node
from indicial.ir.traversal import Stackless
from indicial.simplify.rules import ordered
from indicial.simplify.sums import collected
from indicial.simplify.terms import Simplify, Term, factors_in, replaced, summands


def contractible(base: Node, dummies: Collection[Index]) -> bool:
    """Whether a factor is a delta with a summed index."""
    return isinstance(base, Delta) and (base.left in dummies or base.right in dummies)


def contraction(delta: Node, dummies: Collection[Index]) -> tuple[Index, Index]:
    """Σ_j δ_jn x_j = x_n: the summed index of a delta, and the one that takes its place."""
    assert isinstance(delta, Delta)
    return (delta.left, delta.right) if delta.left in dummies else (delta.right, delta.left)


def delta_with(term: Term, dummies: frozenset[Index]) -> Node | None:
    """A delta among the factors with a summed index."""
    return next((b for b, e in term.factors.items() if e == ONE and contractible(b, dummies)), None)


def contracted(term: Term, delta: Node, simplify: Simplify) -> Stackless[Term]:
    """The term without a delta and without the summed index of it."""
    old, new = contraction(delta, term.dummies)
    rest = term.copy()
    del rest.factors[delta]
    rest.dummies.remove(old)
    result: Term = yield replaced(rest, {old: new}, simplify)
    return result


def sum_with_delta(term: Term, dummies: frozenset[Index]) -> Node | None:
    """A sum among the factors over which to distribute."""
    return next((b for b, e in term.factors.items() if e == ONE and _mixed(b, dummies)), None)


def _mixed(base: Node, dummies: frozenset[Index]) -> bool:
    """Whether a factor is a sum in which some term has a delta that could be contracted."""
    return (
        isinstance(base, Add)
        and bool(base.free & dummies)
        and any(_has_contractible(term, dummies) for term in base.terms)
    )


def _has_contractible(term: Node, dummies: frozenset[Index]) -> bool:
    """Whether a delta that could be contracted is a factor of a term, or stands in a sum that is one."""
    waiting = [term]
    while waiting:
        for factor in factors_in(waiting.pop()):
            if contractible(factor, dummies):
                return True
            if isinstance(factor, Add) and factor.free & dummies:
                waiting.extend(factor.terms)
    return False


def distributed(term: Term, node: Node, dummies: frozenset[Index]) -> list[Term]:
    """A product over a sum: one term for each summand with a delta, one for all others together."""
    outer = term.copy()
    del outer.factors[node]
    result: list[Term] = []
    others: dict[Node, Fraction] = {}
    for coefficient, monomial in summands(node):
        if not _has_contractible(monomial, dummies):
            others[monomial] = coefficient
            continue
        part = outer.copy()
        part.coefficient *= coefficient
        part.absorb(monomial)
        result.append(part)
    if others:
        outer.absorb(collected(others))
        result.append(outer)
    return result


def represented(term: Term, simplify: Simplify) -> Stackless[Term]:
    """In the presence of δ_im, write i for m elsewhere: the earlier of two free indices."""
    leader: dict[Index, Index] = {}

    def find(index: Index) -> Index:
        while index in leader:
            index = leader[index]
        return index

    while deltas := [base for base, e in term.factors.items() if isinstance(base, Delta) and e == ONE]:
        rest = Term(term.coefficient, term.dummies)
        rest.factors = {base: e for base, e in term.factors.items() if base not in deltas}
        for delta in deltas:
            first, second = ordered((find(delta.left), find(delta.right)))
            if first != second:
                leader[second] = first
        term = yield replaced(rest, {index: find(index) for index in leader}, simplify)
    for index in leader:
        term.factors[Delta(find(index), index)] = ONE
    return term
