"""Products in canonical form: a term is worked out by rules until none applies, and then closed.

    worked out   a delta with a dummy is contracted, Σ_j δ_jn x_j = x_n; then an equation is used or a
                 needless bracket left out; then the product is taken apart, by what is known of its sums,
                 by ε ε, or where a delta in a sum meets its dummy; last, quotients are cancelled
    closed       one name for indices that deltas make equal, dim for a dummy that no factor has, and each
                 connected sum by itself, Σ_ij x_i y_j = Σ_i x_i Σ_j y_j, its dummies numbered

What one rule does is in the module that it is imported from; here is their order.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from fractions import Fraction

from indicial.ir.indices import Index
from indicial.ir.nodes import ONE, ZERO, Add, Compare, Extent, Node, Number
from indicial.ir.traversal import Stackless
from indicial.simplify.affine import equation
from indicial.simplify.assumptions import Assumptions
from indicial.simplify.both_ways import merged
from indicial.simplify.bounds import without_implied
from indicial.simplify.closing import closed_sum, components
from indicial.simplify.deltas import contracted, delta_with, distributed, represented, sum_with_delta
from indicial.simplify.epsilon import contractible_pair, expanded
from indicial.simplify.facts import Facts
from indicial.simplify.norms import unguarded
from indicial.simplify.quotients import Exponents, cancelled, movable
from indicial.simplify.solving import arranged, with_equation_used
from indicial.simplify.sums import collect, joined
from indicial.simplify.terms import (
    Term,
    added,
    replaced,
    scaled,
    split_coefficient,
    summands,
)
from indicial.simplify.totals import with_known_totals, with_known_trace

_DISTRIBUTED = 64  # terms at most that contracting deltas may make of one product


class Products(ABC):
    """Makes nodes of terms, resting on `facts`."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.assumptions = Assumptions(facts.properties, facts.symmetries)
        self.held = facts.symmetries.held if facts.symmetries is not None else None
        self.exponents: dict[Node, Exponents] = {}  # of the terms of sums

    @abstractmethod
    def simplified(self, node: Node) -> Stackless[Node]:
        """The canonical form of a node of any kind."""

    def product(self, term: Term) -> Stackless[Node]:
        """The canonical form of a term of simplified factors."""
        total: dict[Node, Fraction] = {}
        if not all(isinstance(exponent, Number) for exponent in term.factors.values()):
            term = yield replaced(term, {}, self.simplified)
        for part in (yield self._worked_out(term)):
            collect(total, (yield self._closed(part)))
        whole: Node = yield merged(total, self.simplified)
        return whole

    # --- rules -------------------------------------------------------------------------------------

    def _worked_out(self, term: Term) -> Stackless[list[Term]]:
        """Terms of the same sum in which no delta has a dummy and no other rule applies."""
        done: list[Term] = []
        pending = [term]
        while pending:
            current = pending.pop()
            if not current.coefficient:
                continue
            delta = delta_with(current, frozenset(current.dummies))
            if delta is not None:
                pending.append((yield contracted(current, delta, self.simplified)))
                continue
            one: Term | None = None
            if any(isinstance(base, Compare) for base in current.factors):
                current, one = yield self._narrowed(current)
            parts: list[Term] | None = [one] if one is not None else None
            if parts is None:
                parts = yield self._apart(current, _DISTRIBUTED - len(done) - len(pending))
            if parts is None:
                one = yield cancelled(current, self.exponents, self.simplified)
                parts = [one] if one is not None else None
            if parts is None:
                done.append(current)
            else:
                pending.extend(parts)
        return done

    def _narrowed(self, term: Term) -> Stackless[tuple[Term, Term | None]]:
        """A term arranged, and what it is with an equation used or a bracket left out; None if it stays."""
        if any(equation(base) is not None for base in term.factors):
            term = arranged(term, self.assumptions.in_order)
        result: Term | None = yield with_equation_used(term, self.facts, self.simplified)
        if result is None:
            result = without_implied(term, self.facts)
        if result is None:
            result = yield unguarded(term, self.simplified)
        return term, result

    def _apart(self, term: Term, most: int) -> Stackless[list[Term] | None]:
        """The terms, `most` or a few more, that a product is multiplied out to; None where it is not."""
        totals = with_known_totals(term, self.held)
        if totals is None and self.held is not None:
            totals = yield with_known_trace(term, self.held, self.simplified)
        if totals is not None:
            return list(totals)
        pair = contractible_pair(term)
        if pair is not None:
            return list(expanded(term, *pair))
        dummies = frozenset(term.dummies)
        mixed = sum_with_delta(term, dummies) if most > 0 else None
        if mixed is not None:
            return distributed(term, mixed, dummies)
        return None

    # --- closing -----------------------------------------------------------------------------------

    def _closed(self, term: Term) -> Stackless[Node]:
        """A term without contractible deltas as a node, in canonical form."""
        bound = frozenset(term.dummies)
        given_up = sum_with_delta(term, bound) is not None
        term = yield represented(term, self.simplified)
        found = delta_with(term, bound) or sum_with_delta(term, bound)
        if found is not None and not given_up:  # equal indices have brought a delta to light
            result: Node = yield self.product(term)
            return result
        present = term.free_below
        for index in term.dummies:
            if index not in present:
                term.absorb((yield self.simplified(Extent(index.space))))
        dummies = [index for index in term.dummies if index in present]
        if len(term.factors) == 1:
            ((base, exponent),) = term.factors.items()
            if isinstance(base, Add) and exponent == ONE:
                result = yield self._distributed_sum(term.coefficient, dummies, base)
                return result
        product: Term = yield self._summed(term, dummies)
        if not product.coefficient:
            return ZERO
        whole = scaled(product.coefficient, joined(product.nodes))
        if movable(product, self.exponents) is not None:  # a sum that was distributed over its terms
            whole = yield self.simplified(whole)
        return whole

    def _summed(self, term: Term, dummies: list[Index]) -> Stackless[Term]:
        """The term with its connected sums as factors, each closed by itself."""
        product = Term(term.coefficient)
        plain, connected = components(term.nodes, dummies)
        for node in plain:
            product.absorb(node)
        for members, own in connected:
            if len(members) == 1 and isinstance(members[0], Add):
                split_up: Node = yield self._distributed_sum(Fraction(1), own, members[0])
                coefficient, closed = split_coefficient(split_up)
            else:
                in_order = self.assumptions.in_order
                coefficient, closed = yield closed_sum(members, own, self.simplified, in_order)
            product.coefficient *= coefficient
            product.factors[closed] = added(product.factors.get(closed, ZERO), ONE)
        product.factors = {base: power for base, power in product.factors.items() if power != ZERO}
        return product

    def _distributed_sum(self, coefficient: Fraction, dummies: list[Index], node: Add) -> Stackless[Node]:
        """Σ (a + b + …) is Σ a + Σ b + …"""
        if not dummies:
            return scaled(coefficient, node)
        total: dict[Node, Fraction] = {}
        for own, monomial in summands(node):
            term = Term(coefficient * own, list(dummies))
            term.absorb(monomial)
            collect(total, (yield self.product(term)))
        whole: Node = yield merged(total, self.simplified)
        return whole
