"""What a product is made of, as it is printed: tensors and symbols, powers, functions, operators."""

from __future__ import annotations

from abc import abstractmethod
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from indicial.ir.indices import Index, Space
from indicial.ir.nodes import (
    HALF,
    ZERO,
    Abstract,
    Access,
    Apply,
    Call,
    Compare,
    Constant,
    Definition,
    Delta,
    Epsilon,
    Extent,
    IndexProd,
    Node,
    Number,
    Operation,
    Partial,
    Power,
)  # fmt: skip
from indicial.ir.operators import OPERATORS
from indicial.ir.traversal import Stackless
from indicial.render.affine import (
    Linear,
    delta_sides,
)
from indicial.render.flattening import exact
from indicial.render.letters import Letters
from indicial.render.pieces import Level, Piece, Scope, Slot, added, joined
from indicial.render.places import Places
from indicial.render.vocabulary import signed
from indicial.simplify.affine import Form


class Factors(Places):
    """The part of a writer that prints all but sums and products of several factors.

    What it needs of the writer: `letters` to choose from, and `give` to call an index by one; it notes the
    `tensors` that it names, and the spaces that are `ranked`.
    """

    letters: Letters
    ranked: set[Space]
    tensors: dict[str, None]

    @abstractmethod
    def give(self, slot: Slot, letter: str) -> None:
        """Call an index by a letter from here on."""

    @abstractmethod
    def definition_name(self, definition: Definition) -> str:
        """The user's name of a definition, or the one invented for it."""

    def factor(self, node: Node, scope: Scope) -> Stackless[Piece]:
        """Anything that is not itself a product of several factors."""
        node = self.worked_out(node) or node
        match node:
            case Power(base, exponent):
                return self.power(base, exponent, scope)
            case Call(function, arguments):
                return self.call(function, arguments, scope)
            case Abstract(function, orders, arguments):
                return self.abstract(function, orders, arguments, scope)
            case Partial():
                return self.partial(node, scope)
            case Compare():
                return self.iverson(node, scope)
            case IndexProd(indices, body):
                return self.index_product(indices, body, scope)
            case Operation():
                return self.operation(node, scope)
            case _ if node.children:
                return self.expression(node, scope)
        return self.leaf(node, scope)

    def leaf(self, node: Node, scope: Scope) -> Stackless[Piece]:
        """A tensor, a scalar or a symbol."""
        slots = [scope.slots[index] for index in node.indices_here]
        if isinstance(node, (Access, Apply)) and any(self.computed(slot) for slot in slots):
            located: Piece = yield self.located(node, slots)
            return located
        if isinstance(node, Delta) and slots[0].origin != slots[1].origin:
            linear: Linear = yield self.linear(
                Form({node.left: Fraction(1), node.right: Fraction(-1)}, ZERO), scope
            )
            return linear.piece(self.vocabulary.delta(delta_sides(linear, frozenset(slots)) or ()))
        letters = [slot.letter for slot in slots]
        write = self.vocabulary
        match node:
            case Access() | Apply():
                self.anchored.update(slots)
                text = write.tensor(self.tensor_name(node), letters)
            case Delta():
                text = write.delta([slot.letter for slot in sorted(slots, key=lambda slot: slot.rank)])
            case Epsilon():
                self.anchored.update(slots)  # its rank is their extent
                self.ranked.update([slot.space for slot in slots])
                text = write.epsilon(letters)
            case Extent(space):
                text = write.extent(space) or self.trace(space, scope)
            case Constant(name):
                text = write.constant(name)
            case Number(value):  # a divisor that is zero
                text, level = write.quotient(abs(value), (), ())
                return Piece(text, level, negative=value < 0, numeric=True)
            case _:
                raise TypeError(f"{type(node).__name__} is no expression")
        return Piece(text, counts=Counter(slots))

    def tensor_name(self, node: Access | Apply) -> str:
        """The name of a tensor, which the text then has."""
        if isinstance(node, Apply):
            return self.definition_name(node.definition)
        self.tensors[node.tensor] = None
        return node.tensor

    def trace(self, space: Space, scope: Scope) -> str:
        """δ_ii, the extent of a space that no input's axis belongs to."""
        letter = self.letters.chooser(scope.taken)(space)
        return self.vocabulary.reduction("sum", [letter], Piece(self.vocabulary.delta([letter, letter])))[0]

    def power(self, base: Node, exponent: Node, scope: Scope) -> Stackless[Piece]:
        """b^e; an integer power above 1 counts as repeated factors, and e_kk^2 is (e_kk)^2."""
        inner: Piece = yield self.expression(base, scope)
        if exponent == HALF:
            return joined(self.vocabulary.root(signed(inner)), [inner])
        above: Piece = yield self.expression(exponent, scope)
        value = exact(exponent, self.literal)
        repeats = value is not None and value.denominator == 1 and value > 1
        loose = inner.level > Level.ATOM or inner.negative or (inner.summing and not repeats)
        text = self.vocabulary.group(signed(inner)) if loose else inner.text
        whole = joined(self.vocabulary.power(text, above), [inner, above], Level.POWER)
        return whole.times(int(value)) if value is not None and repeats else whole

    def call(self, function: str, arguments: Sequence[Node], scope: Scope) -> Stackless[Piece]:
        """f(a, …); the condition of `where` is a bare comparison."""
        parts: list[Piece] = []
        for position, argument in enumerate(arguments):
            if function == "where" and position == 0:
                condition = argument if isinstance(argument, Compare) else Compare("!=", argument, ZERO)
                parts.append((yield self.comparison(condition, scope)))
            else:
                parts.append((yield self.expression(argument, scope)))
        if function == "sqrt":
            return joined(self.vocabulary.root(signed(parts[0])), parts)
        return joined(self.vocabulary.call(function, [signed(part) for part in parts]), parts)

    def abstract(
        self, function: str, orders: Sequence[int], arguments: Sequence[Node], scope: Scope
    ) -> Stackless[Piece]:
        """φ'(a), ∂₁g(a, b)"""
        parts: list[Piece] = []
        for argument in arguments:
            parts.append((yield self.expression(argument, scope)))
        return joined(self.vocabulary.abstract(function, orders, [signed(part) for part in parts]), parts)

    def partial(self, node: Partial, scope: Scope) -> Stackless[Piece]:
        """D(e, X_ij, …), a product of what stands in it."""
        inner: Piece = yield self.expression(node.body, scope)
        below: list[Piece] = []
        seen = len(self.tensors)
        for variable in node.variables:
            below.append((yield self.leaf(variable, scope)))
        while len(self.tensors) > seen:  # below ∂ a tensor is named, which makes no input of it
            self.tensors.popitem()
        text = self.vocabulary.derivative(signed(inner), [piece.text for piece in below])
        parts = [inner.enclosed(), *below]
        return Piece(text, counts=added(parts), caught=parts[0].caught)

    def index_product(self, indices: Sequence[Index], body: Node, scope: Scope) -> Stackless[Piece]:
        """Π over indices; one that the body lacks raises it to its extent."""
        for index in indices:
            if index not in body.free:
                body = Power(body, Extent(index.space))
        indices = [index for index in indices if index in body.free]
        if not indices:
            whole: Piece = yield self.expression(body, scope)
            return whole
        slots = [Slot(index.space) for index in indices]
        choose = self.letters.chooser(scope.taken)
        for slot in slots:
            self.give(slot, choose(slot.space))
        inner: Piece = yield self.expression(body, scope.binding(indices, slots).inside(slots))
        letters = [slot.letter for slot in slots]
        text, level = self.vocabulary.reduction("prod", letters, inner)
        return replace(joined(text, [inner], level).without(slots), reaching=frozenset(letters))

    def with_ones(self, piece: Piece, slots: Sequence[Slot]) -> Piece:
        """The piece times ones over the indices that it lacks, each of which then stands in it."""
        if not slots:
            return piece
        ones = self.vocabulary.ones([slot.letter for slot in slots])
        loose = piece.level >= Level.REACHING or piece.negative
        text = self.vocabulary.group(signed(piece)) if loose else piece.text
        counts = {**piece.enclosed().counts, **dict.fromkeys(slots, 1)}
        return Piece(f"{text} {ones}", Level.PRODUCT, counts, piece.enclosed().caught)

    def operation(self, node: Operation, scope: Scope) -> Stackless[Piece]:
        """op_ij(…): what the operator keeps has one letter inside and outside."""
        row = OPERATORS[node.operator]
        outer = [scope.slots[index] for index in node.at]
        self.anchored.update(outer)  # they range over what the operator keeps
        letters = dict(zip(row.kept(tuple(range(len(node.indices)))), outer, strict=True))
        slots = [Slot(index.space) for index in node.indices]
        choose = self.letters.chooser(scope.taken)
        for position, slot in enumerate(slots):
            kept = letters.get(position)
            self.give(slot, choose(slot.space) if kept is None else kept.letter)
        inside = scope.binding(node.indices, slots).inside(slots)
        parts: list[Piece] = []
        for position, argument in enumerate(node.arguments):
            part: Piece = yield self.expression(argument, inside)
            held = row.held(position, tuple(slots))
            parts.append(self.with_ones(part, [slot for slot in held if slot not in part.counts]))
        names = [slot.letter for slot in slots]
        text = self.vocabulary.operation(node.operator, names, [signed(part) for part in parts])
        whole = joined(text, parts).without(slots)
        return replace(whole, counts={**whole.counts, **dict.fromkeys(outer, 1)})
