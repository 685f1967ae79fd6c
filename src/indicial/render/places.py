"""Computed subscripts and conditions between indices, as they are printed: x[i+k], [i <= j], δ[i+k, m]."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from indicial.ir.indices import Space
from indicial.ir.nodes import ONE, ZERO, Access, Apply, Compare, Extent, Node
from indicial.ir.program import Program
from indicial.ir.traversal import Stackless
from indicial.render.affine import (
    Linear,
    closed_difference,
    decided,
    delta_sides,
    sides,
    solve_entry,
    subscript,
)
from indicial.render.flattening import exact, flattened
from indicial.render.pieces import Piece, Scope, Slot, joined
from indicial.render.vocabulary import Vocabulary, signed
from indicial.simplify.affine import Form, difference, equation
from indicial.simplify.facts import Facts
from indicial.simplify.terms import summands


class Places(ABC):
    """The part of a writer that prints affine forms of indices; the writer prints what stands in them."""

    program: Program
    vocabulary: Vocabulary
    anchored: set[Slot]
    declared: frozenset[Slot]
    facts: Facts

    @abstractmethod
    def expression(self, node: Node, scope: Scope, ones: str | None = None) -> Stackless[Piece]:
        """A sum, or a product of any number of factors."""

    @abstractmethod
    def leaf(self, node: Node, scope: Scope) -> Stackless[Piece]:
        """A tensor, a scalar or a symbol."""

    @abstractmethod
    def literal(self, space: Space) -> int | None:
        """The extent of a space, if that is to be printed as a number."""

    @abstractmethod
    def tensor_name(self, node: Access | Apply) -> str:
        """The name of a tensor, which the text then has."""

    def worked_out(self, node: Node) -> Node | None:
        """What follows from computed subscripts for the extent of a space that is the axis of no tensor."""
        if not isinstance(node, Extent) or self.vocabulary.extent(node.space) is not None:
            return None
        return self.facts.extents.get(node.space)

    def computed(self, slot: Slot) -> bool:
        """Whether a subscript is more than the letter of its index."""
        return slot.solved is not None or (slot.origin != ZERO and slot.letter not in self.program.lowest)

    def located(self, node: Access | Apply, slots: Sequence[Slot]) -> Stackless[Piece]:
        """X[i+k, j]; an index counts once for each subscript in which it stands."""
        counts: Counter[Slot] = Counter()
        caught: frozenset[Slot] = frozenset()
        letters = []
        for slot in slots:
            linear: Linear = yield self.subscript(slot)
            runs_out = slot.solved is not None and slot.solved.runs_out
            letters.append(
                subscript(linear, runs_out, self.program.lowest) if self.computed(slot) else slot.letter
            )
            piece = linear.piece("")
            counts.update(piece.counts)
            caught |= piece.caught
            if slot.solved is None:
                self.anchored.add(slot)
        return Piece(self.vocabulary.tensor(self.tensor_name(node), letters), counts=counts, caught=caught)

    def subscript(self, slot: Slot) -> Stackless[Linear]:
        """What an index is where it is a subscript: there it counts from 0, save in a declared range."""
        if slot.solved is not None:
            linear: Linear = yield self.linear(slot.solved.value, slot.solved.scope)
            return linear
        total = Linear({slot: Fraction(1)})
        if self.computed(slot):
            total.add((yield self.linear(Form({}, slot.origin), Scope({}, frozenset()))), Fraction(-1))
        return total

    def linear(self, form: Form, scope: Scope) -> Stackless[Linear]:
        """A form in terms of letters and of what they mean."""
        total = Linear()
        for index, slope in form.slopes.items():
            slot = scope.slots[index]
            if slot.solved is not None:
                total.add((yield self.linear(slot.solved.value, slot.solved.scope)), slope)
                continue
            total.add(Linear({slot: Fraction(1)}), slope)
            if slot.origin != ZERO:
                total.add((yield self.linear(Form({}, slot.origin), Scope({}, frozenset()))), -slope)
        for coefficient, node in summands(form.offset):
            if node == ONE:
                total.constant += coefficient
            elif coefficient and (extent := self.worked_out(node)) is not None:
                total.add((yield self.linear(Form({}, extent), scope)), coefficient)
            elif coefficient:
                value = exact(node, self.literal)
                if value is not None:
                    total.constant += coefficient * value
                else:
                    total.others.append((coefficient, (yield self.entry(node, scope))))
        return total

    def entry(self, node: Node, scope: Scope) -> Stackless[Piece]:
        """A part of a subscript that is no index: an extent, or the entry of a tensor."""
        flat = flattened(node, scope, self.literal)
        solve_entry(flat)
        alone = flat.coefficient == 1 and len(flat.factors) == 1 and not (flat.divisors or flat.dummies)
        inner: Piece
        if alone and isinstance(flat.factors[0].node, Access):
            inner = yield self.leaf(flat.factors[0].node, flat.factors[0].scope)
        else:
            inner = yield self.expression(node, scope)
        return inner

    def iverson(self, node: Compare, scope: Scope) -> Stackless[Piece]:
        """[left ~ right], or δ[i+k, m]."""
        found = equation(node)
        if found is not None:
            linear: Linear = yield self.linear(found, scope)
            ends = delta_sides(linear, self.declared)
            if ends is not None:
                return linear.piece(self.vocabulary.delta(ends))
        found = difference(node.left, node.right) or closed_difference(node.left, node.right)
        if found is not None:
            linear = yield self.linear(found, scope)
            holds = decided(node.relation, linear)
            if holds is not None:
                return Piece("1" if holds else "0", numeric=True)
        inner: Piece = yield self.comparison(node, scope)
        return replace(inner, text=self.vocabulary.iverson(inner.text))

    def comparison(self, node: Compare, scope: Scope) -> Stackless[Piece]:
        """left ~ right, without brackets."""
        found = difference(node.left, node.right)
        if found is not None:
            linear: Linear = yield self.linear(found, scope)
            one, relation, other = sides(node.relation, linear, found.is_whole)
            return linear.piece(self.vocabulary.comparison(one, relation, other), bare=True)
        left: Piece = yield self.expression(node.left, scope)
        right: Piece = yield self.expression(node.right, scope)
        text = self.vocabulary.comparison(signed(left), node.relation, signed(right))
        return joined(text, [left, right])
