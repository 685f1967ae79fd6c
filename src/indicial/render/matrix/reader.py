"""From a body over indices to a matrix expression: the entry at a row and a column."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

from indicial.ir.functions import FUNCTIONS
from indicial.ir.indices import Space
from indicial.ir.nodes import (
    ZERO,
    Access,
    Add,
    Apply,
    Call,
    Compare,
    Constant,
    Delta,
    Extent,
    IndexProd,
    IndexSum,
    Mul,
    Node,
    Number,
    Operation,
    Power,
)  # fmt: skip
from indicial.ir.program import Program
from indicial.ir.traversal import fold
from indicial.render.flattening import Factor, FlatProduct, distributed
from indicial.render.matrix import algebra, form
from indicial.render.matrix.algebra import product
from indicial.render.matrix.form import COLUMN, IDENTITY, MATRIX, SCALAR, Form, Shape, Symbol
from indicial.render.matrix.network import Edge, Network
from indicial.render.matrix.norms import without_norm_brackets
from indicial.render.matrix.refusals import NoMatrixFormError, no_words_for
from indicial.render.matrix.sums import added
from indicial.render.matrix.text import cost
from indicial.render.pieces import Scope, Slot

At = tuple[Slot | None, Slot | None]
NOWHERE: At = (None, None)
_LARGEST, _DEEPEST = 3000, 40  # of a body; beyond, nobody reads it as matrices (and what follows may recurse)
_COPIES = 4  # up to this power a factor is so many factors
_WHOLE = {"logsumexp": "logsumexp", "max": "max", "min": "min", "norm": "norm2"}  # of all entries
_FUNCTIONS = frozenset(name for name, row in FUNCTIONS.items() if not row.parameters and name != "where")


def require_readable(body: Node) -> None:
    """Refuse a body that is too long or too deep."""
    depth = fold(body, lambda _, below: 1 + max(below, default=0))
    if body.size > _LARGEST or depth > _DEEPEST:
        raise NoMatrixFormError("it is too long to be read as one expression")


def counts_as(shape_of: At) -> Shape:
    """The shape of what stands at a row and a column."""
    return Shape(shape_of[0] is not None, shape_of[1] is not None)


class Reader:
    """Reads bodies of a program's definitions; where it is to `expand`, sums are multiplied out."""

    def __init__(self, program: Program, expand: bool) -> None:
        self.program = program
        self.expand = expand

    def literal(self, space: Space) -> int | None:
        """The extent of a space, if that is to be printed as a number."""
        return None if space in self.program.symbols else self.program.declared.get(space)

    def read(self, node: Node, scope: Scope, at: At) -> Form:
        """The matrix, vector or number whose entry is `node` at the row and the column of `at`."""
        return added(list(self.terms(node, scope, lambda network: network.between(*at))), counts_as(at))

    def terms(self, node: Node, scope: Scope, arranged: Callable[[Network], Form]) -> list[Form]:
        """The terms of a sum, each of them a network without dummies, arranged."""
        results: list[Form] = []
        waiting = [FlatProduct(factors=[Factor(node, scope)])]
        while waiting:
            flat = waiting.pop()
            wide = next((factor for factor in flat.factors if self.opens(factor, flat)), None)
            if wide is not None:
                waiting.extend(reversed(distributed(flat, wide, self.literal)))
                continue
            network = self.network(flat)
            results.append(product(*network.scalars, arranged(network)))
        return results

    def opens(self, factor: Factor, flat: FlatProduct) -> bool:
        """Whether to take a factor apart: a product, or a sum that stands alone or has too many axes."""
        if isinstance(factor.node, Add):
            alone = len(flat.factors) == 1 and not flat.divisors and not flat.dummies
            return alone or self.expand or len(factor.slots) > 2
        return isinstance(factor.node, (Mul, IndexSum, Number))

    def network(self, flat: FlatProduct) -> Network:
        """A product with its dummies summed."""
        network = Network([algebra.number(flat.coefficient)])
        flat = without_norm_brackets(flat)
        for factor in flat.factors:
            self.place(network, factor, Fraction(1))
        for factor in flat.divisors:
            self.place(network, factor, Fraction(-1))
        present = {slot for factor in (*flat.factors, *flat.divisors) for slot in factor.slots}
        network.sum_over([slot for slot in flat.dummies if slot in present])
        while network.join_parallel():
            pass
        return network

    def place(self, network: Network, factor: Factor, exponent: Fraction) -> None:
        """Put a factor where its indices say."""
        node, copies = factor.node, 1
        if isinstance(node, Power) and isinstance(node.exponent, Number) and factor.slots and exponent == 1:
            value = node.exponent.value
            if value.denominator == 1 and 1 < value <= _COPIES:
                node, copies = node.base, int(value)
        slots = factor.slots
        if len(slots) > 2:
            raise NoMatrixFormError(f"{_named(node)} has {len(slots)} axes")
        ends = (*slots, None, None)[:2]
        whole = algebra.power(self.factor(node, factor.scope, (ends[0], ends[1])), exponent)
        for _ in range(copies):
            if len(slots) == 2:
                network.edges.append(Edge(slots[0], slots[1], whole))
            elif slots:
                network.vectors.setdefault(slots[0], []).append(whole)
            else:
                network.scalars.append(whole)

    # --- factors --------------------------------------------------------------------------------------

    def factor(self, node: Node, scope: Scope, at: At) -> Form:
        """A factor that is no product, at all of its indices."""
        match node:
            case Access(name, indices):
                return tensor(name, [scope.slots[index] for index in indices], at)
            case Apply(definition, indices):
                return tensor(definition.name, [scope.slots[index] for index in indices], at)
            case Delta():
                return IDENTITY
            case Power(base, exponent):
                return self.power(base, exponent, scope, at)
            case Call(function, arguments):
                return self.call(function, arguments, scope, at)
            case Compare(relation, left, right):
                return self.bracket(relation, left, right, scope, at)
            case Operation():
                return self.operation(node, scope, at)
            case IndexProd(indices, body):
                return self.whole("prod", indices, body, scope)
            case Constant(name):
                return Symbol(name, SCALAR)
            case Extent(space):
                return Symbol(self.extent(space), SCALAR)
        if isinstance(node, (Add, Mul, IndexSum)):
            return self.read(node, scope, at)
        raise no_words_for(_named(node))

    def power(self, base: Node, exponent: Node, scope: Scope, at: At) -> Form:
        """base^exponent, entry by entry."""
        below = self.argument(base, scope, at)
        if isinstance(exponent, Number):
            return algebra.power(below, exponent.value)
        return form.EntryPower(below, self.argument(exponent, scope, at))

    def call(self, function: str, arguments: Sequence[Node], scope: Scope, at: At) -> Form:
        """f(…), entry by entry."""
        if function not in _FUNCTIONS:
            raise no_words_for(f"the function {function}")
        inner = tuple([self.argument(argument, scope, at) for argument in arguments])
        return form.Call(function, inner, counts_as(at))

    def argument(self, node: Node, scope: Scope, at: At) -> Form:
        """What a function works on entry by entry: of the shape of its place, or a number."""
        if not node.free:
            return self.read(node, scope, NOWHERE)
        return self.read(node, scope, at)

    def extent(self, space: Space) -> str:
        """The number of rows or columns of an input."""
        if space in self.program.symbols:
            return self.program.symbols[space]
        if space.axis < 0:
            raise no_words_for("the extent of an axis that no input has")
        return str(space)

    def bracket(self, relation: str, left: Node, right: Node, scope: Scope, at: At) -> Form:
        """[a > b] as step(a − b); equality by the sign, which is 0 there."""
        if relation in ("<", "<="):
            left, right, relation = right, left, {"<": ">", "<=": ">="}[relation]
        if relation == ">=":
            return self.complement(self.bracket(">", right, left, scope, at), at)
        difference = left if right == ZERO else Add((left, Mul((Number(Fraction(-1)), right))))
        inner = self.argument(difference, scope, at)
        if relation == ">":
            return form.Call("step", (inner,), counts_as(at))
        unequal = form.Call("abs", (form.Call("sign", (inner,), counts_as(at)),), counts_as(at))
        return unequal if relation == "!=" else self.complement(unequal, at)

    def complement(self, form: Form, at: At) -> Form:
        """1 − f"""
        shape = counts_as(at)
        return added([algebra.filled(shape), product(algebra.number(-1), form)], shape)

    # --- operators over indices -----------------------------------------------------------------------

    def operation(self, node: Operation, scope: Scope, at: At) -> Form:
        """op(…) of a whole matrix or vector."""
        slots = [Slot(index.space) for index in node.indices]
        inside = scope.binding(node.indices, slots)
        outer = [scope.slots[index] for index in node.at]
        name = node.operator
        if any(argument.free - set(node.indices) for argument in node.arguments):
            if name != "solve":
                raise no_words_for(f"{name} of one row or slice at a time")
            return self.solution(node, inside, slots, outer[0], at)
        if name in _WHOLE:
            return self.whole(_WHOLE[name], node.indices, node.arguments[0], scope)
        if name == "solve":
            return self.solution(node, inside, slots, outer[0], at)
        if len(slots) > 2 or (name in ("softmax", "log_softmax") and len(slots) > 1):
            raise no_words_for(f"{name} over {len(slots)} axes at once")
        place = (slots[0], slots[1] if len(slots) > 1 else None)
        argument = self.read(node.arguments[0], inside, place)
        if not outer:
            return form.Call(name, (argument,), SCALAR)
        shape = MATRIX if len(slots) > 1 else COLUMN
        value = form.Call(name, (argument,), shape)
        if len(set(outer)) < len(outer):
            return form.Call("diag", (value,), COLUMN)
        return value if at[0] is outer[0] else algebra.transposed(value)

    def solution(self, node: Operation, inside: Scope, slots: Sequence[Slot], outer: Slot, at: At) -> Form:
        """solve(A, b); the right side may have a column index of its own."""
        matrix, right = node.arguments
        if matrix.free - set(node.indices):
            raise no_words_for("solve of a batch of systems")
        others = [inside.slots[index] for index in sorted(right.free - set(node.indices))]
        if len(others) > 1 or outer in others:
            raise no_words_for("solve with such right-hand sides")
        column = others[0] if others else None
        place = (slots[1], column)
        whole = form.Call(
            "solve",
            (self.read(matrix, inside, (slots[0], slots[1])), self.read(right, inside, place)),
            counts_as(place),
        )
        return whole if at[0] is outer or column is None else algebra.transposed(whole)

    def whole(self, word: str, indices: Sequence[object], body: Node, scope: Scope) -> Form:
        """A reduction of all entries of a vector or a matrix."""
        bound = [index for index in body.free if index in indices]
        if len(bound) != len(body.free) or len(indices) > 2:
            raise no_words_for(f"a {word} over some of the axes")
        slots = [Slot(index.space) for index in sorted(body.free)]
        inside = scope.binding(sorted(body.free), slots)
        place = (*slots, None, None)[:2]
        inner = self.read(body, inside, (place[0], place[1]))
        return form.Call(word, (min(inner, algebra.transposed(inner), key=cost),), SCALAR)


def tensor(name: str, slots: Sequence[Slot], at: At) -> Form:
    """A tensor of two axes at most; a repeated index is its diagonal."""
    if len(slots) > 2:
        raise NoMatrixFormError(f"'{name}' has {len(slots)} axes")
    shape = Shape(rows=bool(slots), columns=len(slots) == 2)
    named = Symbol(name, shape)
    if shape != MATRIX:
        return named
    if slots[0] is slots[1]:
        return form.Call("diag", (named,), COLUMN)
    return named if at[0] is slots[0] else algebra.transposed(named)


def _named(node: Node) -> str:
    match node:
        case Access(name):
            return f"'{name}'"
        case Apply(definition):
            return f"'{definition.name}'"
    words = {"Epsilon": "the Levi-Civita symbol", "Position": "the value of an index", "Add": "a sum"}
    return words.get(type(node).__name__, f"a {type(node).__name__.lower()}")
