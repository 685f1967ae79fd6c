"""Canonical definitions, for given extents, as a plan of array operations.

Index names end here: every value has named axes while it is lowered and positions in the plan. A body
is read as Σ pattern · core, where a pattern is a product of deltas between axes: the cores are computed
densely over the axes that they have, and written once, along strides, into zeroed memory. No identity
matrix exists at any point. Products of several factors are contracted in the order that their extents
make cheapest; here is the place of whatever plans more than one product at a time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from indicial.ir.indices import Index, Space
from indicial.ir.nodes import ONE, Access, Add, Compare, Definition, Delta, IndexSum, Mul, Node
from indicial.ir.traversal import Stackless, definitions_in, definitions_under, stackless
from indicial.planning.costs import weight
from indicial.planning.moments import with_moments
from indicial.planning.nodes import Nodes, as_float
from indicial.planning.operands import Operand
from indicial.planning.parts import Parts
from indicial.planning.passes import with_fewer_passes
from indicial.planning.rewrite import prepared
from indicial.planning.running import with_running_sums
from indicial.planning.signs import is_nonnegative
from indicial.planning.steps import OWNED, OWNING, Plan
from indicial.planning.structured import (
    Tools,
    assembled,
    contracted,
    distributed,
    equations_among,
    has_equations,
)
from indicial.simplify.inline import has_deltas
from indicial.simplify.terms import split_coefficient, summands

Lowered = Stackless[Operand]
_ROUNDS = 3  # of planning, each with what the one before found that products share


def lower(outputs: Sequence[Definition], extents: Mapping[Space, int], given: Mapping[str, int]) -> Plan:
    """The plan that computes canonical definitions as dense arrays, one for each output.

    `given` names the statements whose values are handed in instead of computed, with their ranks.
    """
    forms = prepared(outputs, given)
    outputs = [forms[definition] for definition in outputs]
    parts: Parts | None = Parts()
    plans: list[Plan] = []
    while parts is not None and len(plans) < _ROUNDS:
        plans.append(_lowered(outputs, extents, given, parts))
        parts = parts.again()
    return with_moments(with_fewer_passes(min(plans, key=weight)))


def _lowered(
    outputs: Sequence[Definition], extents: Mapping[Space, int], given: Mapping[str, int], parts: Parts
) -> Plan:
    """The plan in one round: products have what an earlier one found that they share."""
    lowering = _Lowering(extents, given, parts)
    needed = _needed(outputs, given)
    order = definitions_under(*outputs)
    used = {each for definition in order for each in definitions_in(definition.body)}
    for definition in order:
        if definition in needed and definition in used:
            lowering.define(definition)
    return lowering.builder.finish([lowering.output(definition) for definition in outputs])


def _needed(outputs: Sequence[Definition], given: Mapping[str, int]) -> set[Definition]:
    """The definitions that are reached without passing through one whose value is given."""
    reached: set[Definition] = set(outputs)
    for definition in reversed(definitions_under(*outputs)):
        if definition in reached and (definition.name not in given or definition in outputs):
            reached.update(definitions_in(definition.body))
    return {definition for definition in reached if definition.name not in given}


class _Lowering(Nodes):
    """Values of nodes and definitions over one builder."""

    def __init__(self, extents: Mapping[Space, int], given: Mapping[str, int], parts: Parts) -> None:
        super().__init__(extents, given, parts)
        self.memo: dict[Node, Operand] = {}
        self.orders: dict[Node, tuple[Index, ...]] = {}  # of the axes of products, as who adds them has them
        self.handed_out: set[int] = set()  # values that are outputs already
        self.tools = Tools(self.contract, self.extent, self._dense, self._mask, self._masked)

    def define(self, definition: Definition) -> None:
        """Compute a definition once, over those of its formal indices that its body has."""
        self.definitions[definition] = stackless(self._dense(definition.body))

    def output(self, definition: Definition) -> int:
        """The value of an output: dense, with all axes, in memory of its own but in any order of axes."""
        operand = self.contract.untransposed(stackless(self._assembled(definition.body, definition.formals)))
        shape = self.shape(definition.formals)
        step = self.builder.steps[operand.value]
        whole = len(operand.axes) == len(definition.formals)
        if whole and step.operation in OWNING and operand.value not in self.handed_out:
            self.handed_out.add(operand.value)
            order = tuple([operand.axes.index(index) for index in definition.formals])
            return self.builder.emit("output", (operand.value,), (OWNED, order), shape)
        value = self.contract.aligned(operand, definition.formals)
        return self.builder.emit("output", (value,), ("copied", len(self.builder.steps)), shape)

    # --- nodes -------------------------------------------------------------------------------------

    def _dense(self, node: Node) -> Lowered:
        known = self.memo.get(node)
        if known is None:
            if isinstance(node, (Delta, Add, Mul, Compare)) and self._has_patterns(node):
                axes = tuple(sorted(node.free))
                known = yield self._assembled(node, axes)
            else:
                known = yield self._computed(node)
            self.memo[node] = known
        return known

    def _has_patterns(self, body: Node) -> bool:
        return has_deltas(body) or has_equations(body, self.extent)

    def _computed(self, node: Node) -> Lowered:
        if not node.children:
            return self.leaf(node)
        if isinstance(node, (Add, Mul, IndexSum)):
            result: Operand = yield self._sum(node) if isinstance(node, Add) else self._product(node)
            return result
        operands: list[Operand] = []
        for child in node.children:
            operands.append((yield self._dense(child)))
        return self.applied(node, operands)

    def _mask(self, node: Compare) -> Lowered:
        left = yield self._dense(node.left)
        right = yield self._dense(node.right)
        return self.contract.elementwise("compare", (left, right), (node.relation, "mask"))

    # --- sums, products ------------------------------------------------------------------------------

    def _sum(self, node: Node) -> Lowered:
        """Terms over the same axes are added first, so that broadcasting comes last.

        Products are made with their axes in the order that an input among the terms has.
        """
        terms = []
        given = [term.indices for _, term in summands(node) if isinstance(term, Access)]
        order = next((own for own in given if len(node.free) == len(own) == len(set(own))), ())
        for coefficient, monomial in summands(node):
            self.orders[monomial] = order
            terms.append((coefficient, (yield self._dense(monomial))))
        groups: dict[frozenset[Index], Operand] = {}
        for coefficient, operand in sorted(terms, key=lambda term: (term[0] < 0, term[1].value)):
            key = frozenset(operand.axes)
            size = abs(coefficient)
            if size != 1:
                operand = self._scaled(operand, size)
            known = groups.get(key)
            if known is not None:
                operand = self.contract.elementwise(
                    "add" if coefficient > 0 else "subtract", (known, operand)
                )
            elif coefficient < 0:
                operand = self._scaled(operand, Fraction(-1))
            groups[key] = operand
        operands = sorted(groups.values(), key=lambda operand: len(operand.axes))
        total = operands[0]
        for operand in operands[1:]:
            total = self.contract.elementwise("add", (total, operand))
        return total

    def _scaled(self, operand: Operand, coefficient: Fraction) -> Operand:
        return self.contract.scaled(operand, as_float(coefficient))

    def _product(self, node: Node) -> Lowered:
        coefficient, rest = split_coefficient(node)
        factors = rest.factors if isinstance(rest, Mul) else (rest,)
        if isinstance(rest, IndexSum):
            parts = distributed(rest, self.extent)
            if parts is not None:
                return self._scaled((yield self._sum(parts)), coefficient)
            running = with_running_sums(rest, self.extent)
            if running is not None:
                return self._scaled((yield self._dense(running)), coefficient)
            factors = rest.body.factors if isinstance(rest.body, Mul) else (rest.body,)
            lines, others = equations_among(factors, self.extent)
            if lines:
                scale = as_float(coefficient)
                solved: Operand = yield contracted(self.tools, lines, others, rest.indices, rest.free, scale)
                return solved
        elif isinstance(rest, Add):
            return self._scaled((yield self._dense(rest)), coefficient)
        operands, masks = [], []
        for factor in factors:
            if isinstance(factor, Compare):
                masks.append((yield self._mask(factor)))
            elif factor != ONE:
                operands.append(((yield self._dense(factor)), isinstance(factor, Access)))
        product = self._masked(operands, masks)
        if not product:  # Σ_i 1 at a known i
            return self.tools.number(as_float(coefficient))
        if not masks:
            signs = [is_nonnegative(factor) for factor in factors if factor != ONE]
            product = self.contract.symmetrised(product, signs, node.free)
        repeated = self.repeated(rest.indices, product) if isinstance(rest, IndexSum) else 1
        scale = as_float(coefficient * repeated)
        return self.contract.product(product, node.free, scale, self.orders.get(node, ()))

    def _masked(self, operands: list[tuple[Operand, bool]], masks: list[Operand]) -> list[Operand]:
        """Factors with the brackets among them: a false bracket is a strong zero.

        A bracket selects from factors over its axes, and from computed ones over fewer, so that what is
        not finite where it is false does not matter; with none such it is a factor like any other.
        """
        result = [operand for operand, _ in operands]
        for mask in masks:
            axes = set(mask.axes)
            attached = False
            for position, (operand, plain) in enumerate(operands):
                own = set(operand.axes)
                if axes <= own or (own <= axes and not plain):
                    result[position] = self.contract.elementwise("select", (mask, result[position]))
                    attached = True
            if not attached:
                shape = self.builder.shape(mask.value)
                result.append(Operand(self.builder.emit("asnumber", (mask.value,), (), shape), mask.axes))
        return result

    # --- deltas ----------------------------------------------------------------------------------------

    def _assembled(self, body: Node, axes: tuple[Index, ...]) -> Lowered:
        """Σ pattern · core over the given axes: cores written along the strides of their patterns."""
        result: Operand = yield (
            assembled(self.tools, body, axes) if self._has_patterns(body) else self._dense(body)
        )
        return result
