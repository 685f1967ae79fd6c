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

from collections.abc import Callable, Sequence
from fractions import Fraction

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
from indicial.ir.traversal import Stackless, instantiate, opened, stackless
from indicial.simplify.affine import settled
from indicial.simplify.both_ways import merged
from indicial.simplify.closing import closed_operation, closed_product
from indicial.simplify.facts import NOTHING, Facts
from indicial.simplify.inverses import of_diagonal
from indicial.simplify.products import Products
from indicial.simplify.rules import compared, evaluated, ordered, permutation
from indicial.simplify.sums import collect
from indicial.simplify.terms import Term, exact_power, scaled, split_coefficient

Reduction = Stackless[Node]


class Simplifier(Products):
    """Brings nodes into canonical form; remembers every node that it has met.

    It rests on `facts`; `transparent` says which definitions are to be replaced by their bodies.
    """

    def __init__(
        self,
        facts: Facts = NOTHING,
        transparent: Callable[[Definition], bool] = lambda definition: False,
    ) -> None:
        super().__init__(facts)
        self.transparent = transparent
        self.memo: dict[Node, Node] = {}

    def __call__(self, node: Node) -> Node:
        """The canonical form of a node; its free indices must be formal or working ones."""
        return stackless(self.simplified(node))

    def definition(self, definition: Definition) -> Definition:
        """The definition with a canonical body."""
        return Definition(definition.name, definition.formals, self(definition.body))

    def known_of(self, node: Node) -> Properties:
        """What is declared of the tensor that a node reads a component of, or follows for it."""
        stackless(self.assumptions.study(node, self.simplified))
        return self.assumptions.of(node)

    def simplified(self, node: Node) -> Reduction:
        """The canonical form of a node, while others wait for it."""
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
                result = yield closed_product(node, self.simplified, self.assumptions.in_order)
            case Apply(definition, indices) if self.transparent(definition):
                result = yield self.simplified(instantiate(definition, indices))
            case Operation():
                result = yield self._operation(node)
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

    def _operation(self, node: Operation) -> Reduction:
        closed: Operation = yield closed_operation(node, self.simplified)
        entries = of_diagonal(closed) if self.assumptions.any_diagonal else None
        result: Node = yield self._assumed(closed) if entries is None else self.simplified(entries)
        return result

    def _assumed(self, node: Node) -> Reduction:
        """What a node is, given what is declared of the tensors in it."""
        if not self.assumptions.any:
            return node
        if isinstance(node, (Apply, Operation)):
            yield self.assumptions.study(node, self.simplified)
        rule = self.assumptions.call if isinstance(node, (Call, Compare)) else self.assumptions.leaf
        known = rule(node)
        if known is not node:
            known = yield self.simplified(known)
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
            values.append((yield self.simplified(node)))
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
                collect(total, (yield self.simplified(term)))
        whole: Node = yield merged(total, self.simplified)
        return whole

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
                    term.absorb((yield self.simplified(current)))
        result: Node = yield self.product(term)
        return result

    def _power(self, node: Power) -> Reduction:
        base = yield self.simplified(node.base)
        exponent = yield self.simplified(node.exponent)
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
        result: Node = yield self.product(term)
        return result
