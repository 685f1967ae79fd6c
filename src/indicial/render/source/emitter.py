"""The walk over a body that writes it as expressions over arrays."""

from __future__ import annotations

from collections.abc import Sequence

from indicial.errors import BackendError
from indicial.ir.abstract import spelled
from indicial.ir.indices import Index
from indicial.ir.nodes import (
    HALF,
    ZERO,
    Abstract,
    Access,
    Add,
    Apply,
    Call,
    Compare,
    Constant,
    Delta,
    Epsilon,
    Extent,
    IndexProd,
    IndexSum,
    Mul,
    Node,
    Number,
    Operation,
    Position,
    Power,
)  # fmt: skip
from indicial.ir.operators import OPERATORS
from indicial.render.flattening import Factor
from indicial.render.numerals import split
from indicial.render.pieces import Scope, Slot
from indicial.render.source import operators
from indicial.render.source.code import Bond, Code, aligned, multiplied, union
from indicial.render.source.contraction import along, reduced
from indicial.render.source.elementwise import called
from indicial.render.source.products import Products
from indicial.render.source.reading import Emitting


class Emitter(Products):
    """Writes the bodies of a program's definitions as expressions."""

    # --- factors ----------------------------------------------------------------------------------------

    def factor(self, factor: Factor, wish: Sequence[Slot]) -> Emitting:
        """Anything that is no product of several factors."""
        code: Code = yield self.plain(factor, wish)
        return self.short(code)

    def plain(self, factor: Factor, wish: Sequence[Slot]) -> Emitting:
        node, scope = factor.node, factor.scope
        match node:
            case Access(name, indices) | Apply(name, indices):
                return self.tensor(self.names[name], [scope.slots[index] for index in indices], wish)
            case Delta(left, right):
                return self.delta(scope.slots[left], scope.slots[right])
            case Epsilon(indices):
                return self.epsilon([scope.slots[index] for index in indices])
            case Position(index):
                return self.position(scope.slots[index])
            case Power(base, exponent):
                return self.power(base, exponent, scope, wish)
            case Call(function, arguments):
                return self.call(function, arguments, scope, wish)
            case Abstract(function, orders, arguments):
                return self.declared(self.names[spelled(function, orders)], arguments, scope, wish)
            case Compare():
                return self.comparison(node, scope, wish)
            case IndexProd(indices, body):
                return self.index_product(indices, body, scope, wish)
            case Operation():
                return self.operation(node, scope, wish)
            case Add() | Mul() | IndexSum():
                return self.expression(node, scope, wish)
        return self.constant(node)

    def constant(self, node: Node) -> Emitting:
        match node:
            case Number(value):
                top, bottom = split(abs(value)) if value else ("0", "1")
                text = top if bottom == "1" else f"{top} / {bottom}"
                loose = value < 0 or bottom != "1"
                bond = Bond.PRODUCT if loose else Bond.ATOM
                return Code(f"-{text}" if value < 0 else text, bond=bond, number=True)
            case Constant(name):
                return Code(f"{self.library.prefix}.{name}", number=True)
            case Extent(space):
                text = self.extent(space)
                return Code(text, bond=Bond.SUM if " " in text else Bond.ATOM, number=True)
        raise BackendError(f"there is no source code yet for a {type(node).__name__}")
        yield

    def delta(self, left: Slot, right: Slot) -> Emitting:
        """δ in the middle of an expression: where two positions are equal."""
        one: Code = yield self.position(left)
        other: Code = yield self.position(right)
        axes = (left, right)
        texts = [aligned(code, axes, self.library).text for code in (one, other)]
        return Code(" == ".join(texts), axes, Bond.COMPARISON, boolean=True)

    def position(self, slot: Slot) -> Emitting:
        if slot.solved is not None:
            code: Code = yield self.affine(slot, [])
            return code
        return Code(self.position_name([slot]), (slot,))

    def epsilon(self, slots: Sequence[Slot]) -> Emitting:
        """The Levi-Civita symbol as an array of signs."""
        rank = len(slots)
        if rank > 4:
            raise BackendError(f"no source code is written for a Levi-Civita symbol of rank {rank}")
        if rank not in self.epsilons:
            self.epsilons[rank] = f"epsilon{'' if not self.epsilons else rank}"
        return self.diagonal(Code(self.epsilons[rank], tuple(slots)))
        yield

    def power(self, base: Node, exponent: Node, scope: Scope, wish: Sequence[Slot]) -> Emitting:
        below: Code = yield self.expression(base, scope, wish)
        if exponent == HALF:
            return called("sqrt", [below], below.axes, self)
        above: Code = yield self.expression(exponent, scope, wish)
        axes = union([below.axes, above.axes], wish)
        left, right = aligned(below, axes, self.library), aligned(above, axes, self.library)
        text = f"{left.within(Bond.ATOM)}**{right.within(Bond.ATOM)}"
        return Code(text, axes, Bond.POWER, left.number and right.number)

    def call(self, function: str, arguments: Sequence[Node], scope: Scope, wish: Sequence[Slot]) -> Emitting:
        codes: list[Code] = []
        for place, argument in enumerate(arguments):
            if function == "where" and place == 0:
                codes.append((yield self.condition(argument, scope, wish)))
            else:
                codes.append((yield self.expression(argument, scope, wish)))
        if function == "where" and any(argument in self.poles for argument in arguments[1:]):
            self.hides = True
        axes = union([code.axes for code in codes], wish)
        parts = [aligned(code, axes, self.library) for code in codes]
        return called(function, parts, axes, self)

    def declared(self, name: str, arguments: Sequence[Node], scope: Scope, wish: Sequence[Slot]) -> Emitting:
        """A declared function, which is a parameter."""
        codes: list[Code] = []
        for argument in arguments:
            codes.append((yield self.expression(argument, scope, wish)))
        axes = union([code.axes for code in codes], wish)
        texts = [aligned(code, axes, self.library).text for code in codes]
        return Code(f"{name}({', '.join(texts)})", axes)

    def condition(self, node: Node, scope: Scope, wish: Sequence[Slot]) -> Emitting:
        """The condition of `where`."""
        bracket = node if isinstance(node, (Compare, Delta)) else Compare("!=", node, ZERO)
        return self.plain(Factor(bracket, scope), wish)

    def comparison(self, node: Compare, scope: Scope, wish: Sequence[Slot]) -> Emitting:
        left: Code = yield self.expression(node.left, scope, wish)
        right: Code = yield self.expression(node.right, scope, wish)
        axes = union([left.axes, right.axes], wish)
        one, other = aligned(left, axes, self.library), aligned(right, axes, self.library)
        text = f"{one.within(Bond.SUM)} {node.relation} {other.within(Bond.SUM)}"
        return Code(text, axes, Bond.COMPARISON, one.number and other.number, boolean=True)

    # --- operators over indices -------------------------------------------------------------------------

    def bound(self, indices: Sequence[Index], scope: Scope) -> tuple[list[Slot], Scope]:
        """Indices for the dummies of an operator."""
        choose = self.letters.chooser([slot.letter for slot in scope.slots.values()])
        slots = [Slot(index.space, choose(index.space), next(self.ranks)) for index in indices]
        return slots, scope.binding(indices, slots)

    def index_product(
        self, indices: Sequence[Index], body: Node, scope: Scope, wish: Sequence[Slot]
    ) -> Emitting:
        slots, inside = self.bound(indices, scope)
        code: Code = yield self.expression(body, inside, [*wish, *slots])
        for slot in slots:
            if slot not in code.axes:
                extent = self.whole(slot)
                code = Code(f"{code.within(Bond.ATOM)}**{extent}", code.axes, Bond.POWER)
        return reduced("prod", code, [slot for slot in slots if slot in code.axes], self.library)

    def operation(self, node: Operation, scope: Scope, wish: Sequence[Slot]) -> Emitting:
        """An operator along axes, the others being batch axes."""
        slots, inside = self.bound(node.indices, scope)
        codes: list[Code] = []
        for argument in node.arguments:
            code: Code = yield self.expression(argument, inside, [*wish, *slots])
            held = OPERATORS[node.operator].held(len(codes), tuple(slots))
            codes.append(self.along_all(code, held, [*wish, *slots]))
        outer = [scope.slots[index] for index in node.at]
        row = OPERATORS[node.operator]
        kept = dict(zip(row.kept(tuple(slots)), outer, strict=True))
        if node.operator == "solve":
            code = operators.solution(codes, slots, wish, self)
        elif node.operator in self.library.linear:
            code = operators.of_matrix(node.operator, codes[0], slots, bool(kept), self)
        elif kept:
            code = self.kept(node.operator, codes[0], slots)
        else:
            code = operators.reduction(node.operator, codes[0], slots, self)
        self.say(code.text.replace("{", "{{").replace("}", "}}"))
        axes = tuple([kept.get(slot, slot) for slot in code.axes])
        return self.diagonal(Code(code.text, axes, code.bond))

    def along_all(self, code: Code, slots: Sequence[Slot], wish: Sequence[Slot]) -> Code:
        """An array along all of some indices, along which it may be constant."""
        missing = [slot for slot in slots if slot not in code.axes]
        ones = [
            Code(self.zeros(f"({self.extent(slot.space)},)").replace("zeros(", "ones("), (slot,))
            for slot in missing
        ]
        return multiplied([code, *ones], wish, self.library)

    def kept(self, operator: str, code: Code, slots: Sequence[Slot]) -> Code:
        """An operator whose axes stay: softmax, cumsum, …"""
        if operator not in self.library.reduce:
            return operators.softmax(operator, code, slots, self)
        if self.library.reduce[operator].count("{0}") > 1:
            code = self.named(code)
        return along(operator, code, slots, self.library)
