"""From the tree of matrix notation to definitions over indices.

An expression is built at a pair of indices, of which the row's or the column's is absent where its shape
has no such axis. So a transpose swaps two indices, a trace takes one twice, and nothing is substituted.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from indicial.ir.indices import Index, Space, formals, fresh
from indicial.ir.nodes import (
    HALF,
    MINUS_ONE,
    ONE,
    Access,
    Add,
    Apply,
    Call,
    Constant,
    Definition,
    Extent,
    IndexProd,
    Mul,
    Node,
    Number,
    Operation,
    Power,
)  # fmt: skip
from indicial.ir.traversal import Stackless, stackless
from indicial.semantics.matrix.literals import literal
from indicial.semantics.matrix.places import NOWHERE, At, identity, placed, present, raised, summed
from indicial.semantics.matrix.shapes import SCALAR, Axis, Shape, Shapes
from indicial.semantics.matrix.words import IDENTITY, PI, family
from indicial.syntax.matrix import tree

_WRITTEN_OUT = 8  # up to this power a product of copies is written, if it is not long
_LONG = 100


def build_definitions(shapes: Shapes, spaces: dict[Axis, Space]) -> dict[str, Definition]:
    """The definition of each statement, in the order written; a row vector has its one axis."""
    builder = _Builder(shapes, spaces)
    for name in shapes.names.order:
        builder.define(name)
    return {name: builder.definitions[name] for name in shapes.names.statements}


class _Builder:
    def __init__(self, shapes: Shapes, spaces: dict[Axis, Space]) -> None:
        self.shapes = shapes
        self.spaces = spaces
        self.definitions: dict[str, Definition] = {}
        self.powers: dict[tree.Power, Definition] = {}

    def define(self, name: str) -> None:
        """name_{f₀ f₁} := the expression."""
        shape = self.shapes.statements[name]
        own = formals(tuple([self.spaces[axis] for axis in shape.axes]))
        rest = iter(own)
        body = stackless(self.build(self.shapes.names.statements[name], placed(shape, rest)))
        self.definitions[name] = Definition(name, own, body)

    def fresh(self, axis: Axis) -> Index:
        return fresh(self.spaces[axis])

    def somewhere(self, shape: Shape) -> At:
        """Fresh indices for the axes of a shape."""
        return placed(shape, map(self.fresh, shape.axes))

    def build(self, node: tree.Expression, at: At) -> Stackless[Node]:
        """The entry of an expression at a row and a column."""
        rule: Callable[[_Builder, Any, At], Stackless[Node]] = _RULES[type(node)]
        built: Node = yield rule(self, node, at)
        return built

    # --- one rule a kind of expression ----------------------------------------------------------------

    def number(self, node: tree.Number, at: At) -> Stackless[Node]:
        return Number(node.value)
        yield

    def name(self, node: tree.Name, at: At) -> Stackless[Node]:
        if node.name == PI:
            return Constant("pi")
        if node.name == IDENTITY:
            return identity(at)
        if node.name in self.definitions:
            return Apply(self.definitions[node.name], present(at))
        return Access(node.name, present(at))
        yield

    def negation(self, node: tree.Negation, at: At) -> Stackless[Node]:
        value: Node = yield self.build(node.value, at)
        return Mul((MINUS_ONE, value))

    def transpose(self, node: tree.Transpose, at: At) -> Stackless[Node]:
        return self.build(node.value, (at[1], at[0]))

    def sum(self, node: tree.Sum, at: At) -> Stackless[Node]:
        terms: list[Node] = []
        for term in node.terms:
            value: Node = yield self.build(term.value, at)
            terms.append(value if term.sign > 0 else Mul((MINUS_ONE, value)))
        return Add(tuple(terms))

    def product(self, node: tree.Product, at: At) -> Stackless[Node]:
        """All factors side by side under one sum, the last one placed first."""
        prefixes = self.shapes.prefixes[node]
        dummies: list[Index] = []
        factors: list[Node] = []
        for position in range(len(node.factors) - 1, -1, -1):
            factor = node.factors[position]
            before = prefixes[position - 1] if position else SCALAR
            at, here = self.split(factor, before, at, dummies)
            value: Node = yield self.build(factor.value, here)
            factors.append(Power(value, MINUS_ONE) if factor.operator in ("/", "./") else value)
        return summed(tuple(reversed(dummies)), Mul(tuple(reversed(factors))))

    def split(self, factor: tree.Factor, before: Shape, at: At, dummies: list[Index]) -> tuple[At, At]:
        """Where the factors before one stand, and where it stands itself, for a product at `at`."""
        shape = self.shapes.of[factor.value]
        if SCALAR in (before, shape):
            return (at if before != SCALAR else NOWHERE), (at if shape != SCALAR else NOWHERE)
        if factor.operator != "*":
            return at, at
        inner = None
        if shape.rows is not None:
            inner = self.fresh(shape.rows)
            dummies.append(inner)
        return (at[0], inner), (inner, at[1])

    def power(self, node: tree.Power, at: At) -> Stackless[Node]:
        base, exponent = self.shapes.of[node.base], self.shapes.of[node.exponent]
        if base != SCALAR and not node.elementwise:
            return self.matrix_power(node, at)
        return self.entry_power(
            node, at if base != SCALAR else NOWHERE, at if exponent != SCALAR else NOWHERE
        )

    def entry_power(self, node: tree.Power, base_at: At, exponent_at: At) -> Stackless[Node]:
        base: Node = yield self.build(node.base, base_at)
        value = literal(node.exponent)
        if value is not None:
            return Power(base, Number(value))
        exponent: Node = yield self.build(node.exponent, exponent_at)
        return Power(base, exponent)

    # --- powers of a matrix ---------------------------------------------------------------------------

    def matrix_power(self, node: tree.Power, at: At) -> Stackless[Node]:
        """X X … X; what is long or many is a definition, made once and squared again and again."""
        value, axis = literal(node.exponent), self.shapes.of[node].rows
        assert value is not None
        assert axis is not None
        count, space = int(value), self.spaces[axis]
        if count == 0:
            return identity(at)
        if node not in self.powers and abs(count) > 1:
            own = formals((space, space))
            first: Node = yield self.once(node.base, count, own)
            if abs(count) > _WRITTEN_OUT or first.size * abs(count) > _LONG:
                self.powers[node] = raised(Definition("", own, first), abs(count))
        if node in self.powers:
            return Apply(self.powers[node], present(at))
        dummies = tuple([fresh(space) for _ in range(abs(count) - 1)])
        factors: list[Node] = []
        for here in itertools.pairwise((at[0], *dummies, at[1])):
            factors.append((yield self.once(node.base, count, here)))
        return summed(dummies, Mul(tuple(factors))) if dummies else factors[0]

    def once(self, base: tree.Expression, sign: int, at: tuple[Index | None, ...]) -> Stackless[Node]:
        """The matrix or, for a negative power, its inverse."""
        row, column = at
        return self.build(base, (row, column)) if sign > 0 else self.operation("inv", base, (row, column))

    def operation(self, name: str, argument: tree.Expression, at: At) -> Stackless[Node]:
        """An operator along all axes of its argument, read at some of its indices."""
        inside = self.somewhere(self.shapes.of[argument])
        body: Node = yield self.build(argument, inside)
        return Operation(name, present(inside), (body,), present(at))

    # --- one rule a family of words -------------------------------------------------------------------

    def call(self, node: tree.Call, at: At) -> Stackless[Node]:
        rule: Callable[[_Builder, tree.Call, At], Stackless[Node]] = _FAMILIES[family(node)]
        return rule(self, node, at)

    def reduction(self, node: tree.Call, at: At) -> Stackless[Node]:
        inside = self.somewhere(self.shapes.of[node.arguments[0]])
        indices = present(inside)
        body: Node = yield self.build(node.arguments[0], inside)
        if node.name == "norm1" or (node.name == "norm2" and not indices):
            return summed(indices, Call("abs", (body,)))
        match node.name:
            case _ if not indices:
                return body
            case "sum":
                return summed(indices, body)
            case "mean":
                return Mul((summed(indices, body), *[Power(Extent(i.space), MINUS_ONE) for i in indices]))
            case "prod":
                return IndexProd(indices, body)
        return Operation({"norm2": "norm"}.get(node.name, node.name), indices, (body,), ())

    def matrix_number(self, node: tree.Call, at: At) -> Stackless[Node]:
        (argument,) = node.arguments
        shape = self.shapes.of[argument]
        if shape == SCALAR:
            scalar: Node = yield self.build(argument, NOWHERE)
            return Call("log", (Call("abs", (scalar,)),)) if node.name == "logdet" else scalar
        if node.name != "tr":
            whole: Node = yield self.operation(node.name, argument, NOWHERE)
            return whole
        assert shape.rows is not None
        index = self.fresh(shape.rows)
        body: Node = yield self.build(argument, (index, index))
        return summed((index,), body)

    def matrix_map(self, node: tree.Call, at: At) -> Stackless[Node]:
        (argument,) = node.arguments
        if self.shapes.of[argument] != SCALAR:
            whole: Node = yield self.operation(node.name, argument, at)
            return whole
        if node.name == "adj":
            return ONE
        scalar: Node = yield self.build(argument, NOWHERE)
        return Power(scalar, MINUS_ONE if node.name == "inv" else HALF)

    def vector_map(self, node: tree.Call, at: At) -> Stackless[Node]:
        return self.operation(node.name, node.arguments[0], at)

    def diag(self, node: tree.Call, at: At) -> Stackless[Node]:
        (argument,) = node.arguments
        shape = self.shapes.of[argument]
        if len(shape.axes) == 2:
            whole: Node = yield self.build(argument, (at[0], at[0]))
            return whole
        entry: Node = yield self.build(argument, placed(shape, iter(present(at)[:1])))
        return entry if at[0] == at[1] else Mul((identity(at), entry))

    def solve(self, node: tree.Call, at: At) -> Stackless[Node]:
        matrix, right = node.arguments
        row, column = self.somewhere(self.shapes.of[matrix])
        assert row is not None
        assert column is not None
        assert at[0] is not None
        coefficients: Node = yield self.build(matrix, (row, column))
        value: Node = yield self.build(right, (column, at[1]))
        return Operation("solve", (row, column), (coefficients, value), (at[0],))

    def filled(self, node: tree.Call, at: At) -> Stackless[Node]:
        return self.build(node.arguments[0], NOWHERE)

    def extent(self, node: tree.Call, at: At) -> Stackless[Node]:
        axis = literal(node.arguments[1])
        assert axis is not None
        return Extent(self.spaces[self.shapes.of[node.arguments[0]].axes[int(axis)]])
        yield

    def function(self, node: tree.Call, at: At) -> Stackless[Node]:
        values: list[Node] = []
        for argument in node.arguments:
            there = at if self.shapes.of[argument] != SCALAR else NOWHERE
            values.append((yield self.build(argument, there)))
        if node.name == "sqrt":
            return Power(values[0], HALF)
        if node.name == "pow":
            return Power(values[0], values[1])
        return Call(node.name, tuple(values))


_RULES: dict[type, Callable[[Any, Any, At], Stackless[Node]]] = {
    tree.Number: _Builder.number,
    tree.Name: _Builder.name,
    tree.Sum: _Builder.sum,
    tree.Product: _Builder.product,
    tree.Negation: _Builder.negation,
    tree.Transpose: _Builder.transpose,
    tree.Power: _Builder.power,
    tree.Call: _Builder.call,
}
_FAMILIES: dict[str, Callable[[_Builder, tree.Call, At], Stackless[Node]]] = {
    "reduction": _Builder.reduction,
    "matrix_number": _Builder.matrix_number,
    "matrix_map": _Builder.matrix_map,
    "vector_map": _Builder.vector_map,
    "diag": _Builder.diag,
    "solve": _Builder.solve,
    "filled": _Builder.filled,
    "extent": _Builder.extent,
    "function": _Builder.function,
}
