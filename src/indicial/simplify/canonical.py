"""The canonical form: equal formulas become one node, whatever order they were written in.

    e  ::=  t  |  q (t + t + …)                    like terms merged, common rational content in front
    t  ::=  q · f · f · …                          factors sorted; equal bases one power
    f  ::=  leaf | f(e, …) | b^e | [e ~ e] | Σ_{i…} Π f…     each sum connected, its dummies numbered

Every delta with a summed index is contracted; a product is distributed over a sum only where that
lets a delta in the sum be contracted, and the rest of the sum stays together; a power goes into a sum
only where it cancels. What is bound is opened on the way down (dummies become working indices) and
closed on the way up (canonical numbers).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

from indicial.ir.indices import Index
from indicial.ir.nodes import (
    ONE,
    ZERO,
    Abstract,
    Access,
    Add,
    Apply,
    Call,
    Compare,
    Definition,
    Delta,
    Epsilon,
    Extent,
    IndexProd,
    IndexSum,
    Mul,
    Node,
    Number,
    Operation,
    Power,
)
from indicial.ir.properties import Properties
from indicial.ir.traversal import Stackless, instantiate, opened, stackless, substitute
from indicial.simplify.affine import equation, settled
from indicial.simplify.assumptions import Assumptions
from indicial.simplify.both_ways import both_ways
from indicial.simplify.bounds import without_implied
from indicial.simplify.closing import closed_operation, closed_product, closed_sum, components
from indicial.simplify.deltas import contraction, delta_with, distributed, sum_with_delta
from indicial.simplify.epsilon import contractible_pair, expanded
from indicial.simplify.facts import NOTHING, Facts
from indicial.simplify.inverses import without_inverse
from indicial.simplify.norms import unguarded
from indicial.simplify.quotients import Exponents, implied, merged, movable, multiplied
from indicial.simplify.rules import compared, evaluated, ordered, permutation
from indicial.simplify.solving import (
    Solution,
    arranged,
    determined,
    guards,
    is_finite_outside,
    plain_equation,
    positioned,
    shared,
    shortened,
)
from indicial.simplify.sums import collect, collected, joined
from indicial.simplify.terms import (
    Term,
    added,
    exact_power,
    raised,
    scaled,
    split_coefficient,
    summands,
)
from indicial.simplify.totals import with_known_totals, with_known_trace

Reduction = Stackless[Node]
_DISTRIBUTED = 64  # terms at most that contracting deltas may make of one product


class Simplifier:
    """Brings nodes into canonical form; remembers every node that it has met.

    It rests on `facts`; `transparent` says which definitions are to be replaced by their bodies.
    """

    def __init__(
        self,
        facts: Facts = NOTHING,
        transparent: Callable[[Definition], bool] = lambda definition: False,
    ) -> None:
        self.facts = facts
        self.transparent = transparent
        self.assumptions = Assumptions(facts.properties, facts.symmetries)
        self.held = facts.symmetries.held if facts.symmetries is not None else None
        self.memo: dict[Node, Node] = {}
        self.exponents: dict[Node, Exponents] = {}  # of the terms of sums

    def __call__(self, node: Node) -> Node:
        """The canonical form of a node; its free indices must be formal or working ones."""
        return stackless(self._simplify(node))

    def definition(self, definition: Definition) -> Definition:
        """The definition with a canonical body."""
        return Definition(definition.name, definition.formals, self(definition.body))

    def known_of(self, node: Node) -> Properties:
        """What is declared of the tensor that a node reads a component of, or follows for it."""
        stackless(self.assumptions.study(node, self._simplify))
        return self.assumptions.of(node)

    def _simplify(self, node: Node) -> Reduction:
        known = self.memo.get(node)
        if known is None:
            known = self.memo[node] = yield self._reduce(node)
        return known

    def _reduce(self, node: Node) -> Reduction:
        result: Node = node
        match node:
            case Add():
                result = yield self._sum(node)
            case Mul() | IndexSum():
                result = yield self._product(node)
            case Power():
                result = yield self._power(node)
            case IndexProd():
                result = yield closed_product(node, self._simplify, self.assumptions.in_order)
            case Apply(definition, indices) if self.transparent(definition):
                result = yield self._simplify(instantiate(definition, indices))
            case Operation():
                result = yield self._assumed((yield closed_operation(node, self._simplify)))
            case Call(function, arguments):
                result = yield self._assumed(evaluated(function, (yield self._each(arguments))))
            case Abstract(function, orders, arguments):
                result = Abstract(function, orders, (yield self._each(arguments)))
            case Compare(relation, left, right):
                left, right = yield self._each((left, right))
                result = yield self._assumed(settled(compared(relation, left, right), self.facts))
            case Access() | Apply():
                result = yield self._assumed(node)
            case _:
                result = self._leaf(node)
        return result

    def _assumed(self, node: Node) -> Reduction:
        """What a node is, given what is declared of the tensors in it."""
        if not self.assumptions.any:
            return node
        if isinstance(node, (Apply, Operation)):
            yield self.assumptions.study(node, self._simplify)
        rule = self.assumptions.call if isinstance(node, (Call, Compare)) else self.assumptions.leaf
        known = rule(node)
        if known is not node:
            known = yield self._simplify(known)
        return known

    def _leaf(self, node: Node) -> Node:
        match node:
            case Delta(left, right):
                return ONE if left == right else Delta(*ordered((left, right)))
            case Epsilon(indices):
                sign = permutation(indices)
                return ZERO if sign == 0 else scaled(Fraction(sign), Epsilon(ordered(indices)))
            case Extent(space) if space in self.facts.extents:
                return self.facts.extents[space]
        return node

    def _each(self, nodes: Sequence[Node]) -> Stackless[tuple[Node, ...]]:
        values: list[Node] = []
        for node in nodes:
            values.append((yield self._simplify(node)))
        return tuple(values)

    # --- sums --------------------------------------------------------------------------------------

    def _sum(self, node: Add) -> Reduction:
        total: dict[Node, Fraction] = {}
        pending: list[Node] = list(reversed(node.terms))
        while pending:
            term = pending.pop()
            if isinstance(term, Add):
                pending.extend(reversed(term.terms))
            else:
                collect(total, (yield self._simplify(term)))
        whole: Node = yield self._collected(total)
        return whole

    def _collected(self, total: dict[Node, Fraction]) -> Reduction:
        """The sum of like terms, also of those that differ by the order of two indices only."""
        while (pair := both_ways(total)) is not None:
            one, other, together = pair
            coefficient = total.pop(one)
            del total[other]
            collect(total, scaled(coefficient, (yield self._simplify(together))))
        return collected(total)

    # --- products and sums over indices ----------------------------------------------------------------

    def _product(self, node: Node) -> Reduction:
        term = Term()
        pending = [node]
        while pending and term.coefficient:
            current = pending.pop()
            match current:
                case Mul(factors):
                    pending.extend(reversed(factors))
                case IndexSum():
                    dummies, (body,) = opened(current)
                    term.dummies.extend(dummies)
                    pending.append(body)
                case _:
                    term.absorb((yield self._simplify(current)))
        result: Node = yield self._finish(term)
        return result

    def _power(self, node: Power) -> Reduction:
        base = yield self._simplify(node.base)
        exponent = yield self._simplify(node.exponent)
        term = Term()
        if isinstance(exponent, Number):
            power = exponent.value
            if power.denominator != 1:
                number, base = split_coefficient(base)
                root = exact_power(number, power)
                if root is None:
                    base = scaled(number, base)
                else:
                    term.coefficient = root
                taken, base = self.assumptions.roots(base, power)
                for positive, own in taken:
                    term.absorb(positive, own)
            term.absorb(base, power)
        elif base != ONE:
            term.factors[base] = exponent
        result: Node = yield self._finish(term)
        return result

    def _finish(self, term: Term) -> Reduction:
        total: dict[Node, Fraction] = {}
        if not all(isinstance(exponent, Number) for exponent in term.factors.values()):
            term = yield self._replaced(term, {})
        for part in (yield self._contracted(term)):
            collect(total, (yield self._closed(part)))
        whole: Node = yield self._collected(total)
        return whole

    def _contracted(self, term: Term) -> Stackless[list[Term]]:
        """Terms of the same sum in which no delta has a dummy and no other rule applies."""
        done: list[Term] = []
        pending = [term]
        while pending:
            current = pending.pop()
            if not current.coefficient:
                continue
            delta = delta_with(current, frozenset(current.dummies))
            if delta is not None:
                pending.append((yield self._contract(current, delta)))
                continue
            if any(equation(base) is not None for base in current.factors):
                current = arranged(current, self.assumptions.in_order)
            one: Term | None = yield self._narrowed(current)
            parts: list[Term] | None = [one] if one is not None else None
            if parts is None:
                parts = yield self._apart(current, _DISTRIBUTED - len(done) - len(pending))
            if parts is None:
                one = yield self._cancelled(current)
                parts = [one] if one is not None else None
            if parts is None:
                done.append(current)
            else:
                pending.extend(parts)
        return done

    def _narrowed(self, term: Term) -> Stackless[Term | None]:
        """The term with an equation used or a needless bracket left out; None if there is none."""
        result: Term | None = yield self._solved(term)
        if result is None:
            result = without_implied(term, self.facts)
        if result is None:
            result = yield unguarded(term, self._simplify)
        return result

    def _apart(self, term: Term, most: int) -> Stackless[list[Term] | None]:
        """The terms, `most` or a few more, that a product is multiplied out to; None where it is not."""
        totals = with_known_totals(term, self.held)
        if totals is None and self.held is not None:
            totals = yield with_known_trace(term, self.held, self._simplify)
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

    def _cancelled(self, term: Term) -> Stackless[Term | None]:
        """The term with a quotient in it worked out; None if there is none."""
        result = term.copy()
        if merged(result):
            return result
        shorter: Term | None = yield without_inverse(term, self._simplify)
        if shorter is not None:
            return shorter
        plain = implied(term, self.exponents)
        if plain is not None:
            power = result.factors.pop(plain[0])
            result.absorb((yield self._simplify(raised(plain[1], power))))
            return result
        found = movable(term, self.exponents)
        if found is None:
            return None
        wide, base, amount = found
        del result.factors[wide]
        result.absorb(base, -amount)
        result.absorb((yield self._simplify(multiplied(wide, base, amount))))
        return result

    def _contract(self, term: Term, delta: Node) -> Stackless[Term]:
        old, new = contraction(delta, term.dummies)
        rest = term.copy()
        del rest.factors[delta]
        rest.dummies.remove(old)
        result: Term = yield self._replaced(rest, {old: new})
        return result

    def _solved(self, term: Term) -> Stackless[Term | None]:
        """The term with one of its equations used; None if none is of use."""
        if not any(isinstance(base, Compare) and base.relation == "==" for base in term.factors):
            return None
        plain = plain_equation(term)
        result: Term
        if plain is not None:
            result = term.copy()
            del result.factors[plain[0]]
            result.absorb(plain[1])
            return result
        solution = determined(term, self.facts)
        if solution is not None:
            result = yield self._positioned(term, solution)
            result.dummies.remove(solution.index)
            del result.factors[solution.equation]
            for guard in guards(solution, self.facts):
                result.absorb((yield self._simplify(guard)))
            return result
        for kept in shared(term):
            result = yield self._positioned(term, kept)
            changed = result.factors.items() - term.factors.items()
            if all(is_finite_outside(base, exponent, self.facts) for base, exponent in changed):
                return result
        shorter: Term | None = yield shortened(term, self._simplify)
        return shorter

    def _positioned(self, term: Term, solution: Solution) -> Stackless[Term]:
        """The term with the solution put in for its index as a number, but in the equation itself."""
        value = solution.value.node
        result = Term(term.coefficient, list(term.dummies))
        for base, exponent in term.factors.items():
            if base != solution.equation and solution.index in base.free:
                base = yield self._simplify(positioned(base, solution.index, value))
            if solution.index in exponent.free:
                exponent = yield self._simplify(positioned(exponent, solution.index, value))
            if isinstance(exponent, Number):
                result.absorb(base, exponent.value)
            else:
                known = result.factors.get(base)
                result.factors[base] = exponent if known is None else added(known, exponent)
        return result

    def _replaced(self, term: Term, mapping: Mapping[Index, Index]) -> Stackless[Term]:
        """The term with indices replaced; what they make equal is simplified."""
        result = Term(term.coefficient, term.dummies)
        keys = mapping.keys()
        for base, exponent in term.factors.items():
            if base.free & keys:
                base = yield self._simplify(substitute(base, mapping))
            if not isinstance(exponent, Number):  # a sum of exponents, or one in which an index changes
                exponent = yield self._simplify(substitute(exponent, mapping))
            if isinstance(exponent, Number):
                result.absorb(base, exponent.value)
            else:
                known = result.factors.get(base)
                result.factors[base] = exponent if known is None else added(known, exponent)
        return result

    # --- closing ---------------------------------------------------------------------------------------

    def _closed(self, term: Term) -> Reduction:
        """A term without contractible deltas as a node, in canonical form."""
        bound = frozenset(term.dummies)
        given_up = sum_with_delta(term, bound) is not None
        term = yield self._represented(term)
        found = delta_with(term, bound) or sum_with_delta(term, bound)
        if found is not None and not given_up:  # equal indices have brought a delta to light
            result: Node = yield self._finish(term)
            return result
        present = term.free_below
        for index in term.dummies:
            if index not in present:
                term.absorb((yield self._simplify(Extent(index.space))))
        dummies = [index for index in term.dummies if index in present]
        if len(term.factors) == 1:
            ((base, exponent),) = term.factors.items()
            if isinstance(base, Add) and exponent == ONE:
                result = yield self._distributed_sum(term.coefficient, dummies, base)
                return result
        product = Term(term.coefficient)
        plain, connected = components(term.nodes, dummies)
        for node in plain:
            product.absorb(node)
        for members, own in connected:
            if len(members) == 1 and isinstance(members[0], Add):
                split_up: Node = yield self._distributed_sum(Fraction(1), own, members[0])
                coefficient, closed = split_coefficient(split_up)
            else:
                coefficient, closed = yield closed_sum(
                    members, own, self._simplify, self.assumptions.in_order
                )
            product.coefficient *= coefficient
            product.factors[closed] = added(product.factors.get(closed, ZERO), ONE)
        product.factors = {base: power for base, power in product.factors.items() if power != ZERO}
        if not product.coefficient:
            return ZERO
        whole = scaled(product.coefficient, joined(product.nodes))
        if movable(product, self.exponents) is not None:  # a sum that was distributed over its terms
            whole = yield self._simplify(whole)
        return whole

    def _represented(self, term: Term) -> Stackless[Term]:
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
            term = yield self._replaced(rest, {index: find(index) for index in leader})
        for index in leader:
            term.factors[Delta(find(index), index)] = ONE
        return term

    def _distributed_sum(self, coefficient: Fraction, dummies: list[Index], node: Add) -> Reduction:
        """Σ (a + b + …) is Σ a + Σ b + …"""
        if not dummies:
            return scaled(coefficient, node)
        total: dict[Node, Fraction] = {}
        for own, monomial in summands(node):
            term = Term(coefficient * own, list(dummies))
            term.absorb(monomial)
            collect(total, (yield self._finish(term)))
        whole: Node = yield self._collected(total)
        return whole
