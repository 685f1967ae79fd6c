"""From the syntax tree to expressions, once every letter has its index and every index its space."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from indicial.errors import NotationError
from indicial.ir.indices import Index, Space, formals, fresh
from indicial.ir.nodes import (
    HALF,
    MINUS_ONE,
    ONE,
    Abstract,
    Access,
    Add,
    Apply,
    Call,
    Compare,
    Constant,
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
    Partial,
    Position,
    Power,
)  # fmt: skip
from indicial.ir.traversal import Stackless, stackless
from indicial.semantics.extents import Extents
from indicial.semantics.functions import Functions, derivative_of
from indicial.semantics.names import Names
from indicial.semantics.scopes import ScopedIndex, Scopes
from indicial.semantics.vocabulary import function_name, keeps, special
from indicial.semantics.walk import literal
from indicial.syntax import tree


def build_definitions(
    text: str, scopes: Scopes, names: Names, extents: Extents, functions: Functions
) -> dict[str, Definition]:
    """The definition of each statement; constructors rewrite nothing, so the order of factors is kept."""
    builder = _Builder(text, scopes, names, extents, functions)
    for statement in names.order:
        builder.define(statement)
    return {name: builder.definitions[name] for name in names.statements}


class _Builder:
    def __init__(
        self, text: str, scopes: Scopes, names: Names, extents: Extents, functions: Functions
    ) -> None:
        self.text = text
        self.functions = functions
        self.scopes = scopes
        self.names = names
        self.extents = extents
        self.indices: dict[ScopedIndex, Index] = {}
        self.definitions: dict[str, Definition] = {}

    def define(self, statement: tree.Statement) -> None:
        """name_{f₀ f₁ …} := the right side."""
        target = statement.target
        own = formals(self.extents.axes(target.name, len(target.subscripts)))
        self.indices.update(zip(self.scopes.formals[statement], own, strict=True))
        body: Node = stackless(self.build(statement.value))
        self.definitions[target.name] = Definition(target.name, own, body)

    def index(self, scoped: ScopedIndex) -> Index:
        index = self.indices.get(scoped)
        if index is None:
            index = self.indices[scoped] = fresh(self.extents.spaces[scoped])
        return index

    def build(self, node: tree.Expression) -> Stackless[Node]:
        """The node of an expression, within the sum over the indices that it reduces."""
        rule: Callable[[_Builder, Any], Stackless[Node]] = _RULES[type(node)]
        built: Node = yield rule(self, node)
        reduced = self.scopes.reduced.get(node)
        if reduced is None or isinstance(node, tree.Operator):
            return built
        return IndexSum(tuple([self.index(scoped) for scoped in reduced]), built)

    # --- one rule a kind of expression ----------------------------------------------------------------

    def number(self, node: tree.Number) -> Stackless[Node]:
        return Number(node.value)
        yield

    def tensor(self, node: tree.Tensor) -> Stackless[Node]:
        return self.leaf(node)
        yield

    def leaf(self, node: tree.Tensor) -> Node:
        if node in self.scopes.meaning:
            return self.value(self.scopes.meaning[node])
        if node.name in self.names.symbols:
            return Extent(self.extents.spaces[node.name])
        scoped = [self.scopes.meaning[index] for index in node.subscripts]
        indices = tuple([self.index(each) for each in scoped])
        match special(node):
            case "delta" if self.begins_alike(*scoped):
                return Delta(*indices)
            case "delta":
                return Compare("==", *[self.value(each) for each in scoped])
            case "eps":
                return Epsilon(indices)
            case "ones":
                return ONE
            case "pi":
                return Constant("pi")
        places = [(Space(node.name, axis), each) for axis, each in enumerate(scoped)]
        spaces = self.extents.axes(node.name, len(indices))
        if all(index.space == space for index, space in zip(indices, spaces, strict=True)):
            return self.tensor_at(node.name, indices)
        return self.located(node.name, [self.place(axis, each) for axis, each in places])

    def begins_alike(self, one: ScopedIndex, other: ScopedIndex) -> bool:
        """Whether two indices are equal where their positions are."""
        spaces, origin = self.extents.spaces, self.extents.origin
        return spaces[one] == spaces[other] and origin(one) == origin(other)

    def tensor_at(self, name: str, indices: tuple[Index, ...]) -> Node:
        definition = self.definitions.get(name)
        return Access(name, indices) if definition is None else Apply(definition, indices)

    def value(self, scoped: ScopedIndex) -> Node:
        """An index as a number."""
        position, origin = Position(self.index(scoped)), self.extents.origin(scoped)
        return position if origin is None else Add((position, origin))

    def place(self, axis: Space, scoped: ScopedIndex) -> Index | Node:
        """Where on an axis an index stands: an index of that axis, or a number."""
        index = self.index(scoped)
        return index if index.space == self.extents.spaces[axis] else self.value(scoped)

    def located(self, name: str, places: Sequence[Index | Node]) -> Node:
        """name[e, …] = Σ_j [j = e] … name_j…"""
        dummies, equations, indices = [], [], []
        for axis, place in enumerate(places):
            if isinstance(place, Index):
                indices.append(place)
                continue
            dummy = fresh(self.extents.spaces[Space(name, axis)])
            dummies.append(dummy)
            indices.append(dummy)
            equations.append(Compare("==", Position(dummy), place))
        return IndexSum(tuple(dummies), Mul((*equations, self.tensor_at(name, tuple(indices)))))

    def component(self, node: tree.Component) -> Stackless[Node]:
        places: list[Index | Node] = []
        for axis, subscript in enumerate(self.scopes.subscripts[node]):
            by_letter = {place.name: self.scopes.meaning[place] for place in subscript.letters()}
            axis_space = Space(node.name, axis)
            if subscript.letter is not None and special(node) is None:
                places.append(self.place(axis_space, by_letter[subscript.letter]))
                continue
            terms: list[Node] = [Number(Fraction(subscript.constant))]
            terms += [slope * self.value(by_letter[letter]) for letter, slope in subscript.slopes.items()]
            terms += [slope * Extent(self.extents.spaces[name]) for name, slope in subscript.extents.items()]
            for entry, slope in subscript.entries.items():
                if entry.name in self.definitions:
                    raise NotationError(
                        f"'{entry.name}' is computed, and only the entries of an input can be subscripts",
                        source=self.text,
                        span=entry.span,
                        hint="give it as an array of whole numbers",
                    )
                value: Node = yield self.build(entry)
                terms.append(slope * value)
            if subscript.from_the_end and special(node) is None:
                terms.append(Extent(self.extents.spaces[axis_space]))
            places.append(Add(tuple(terms)))
        if special(node) is None:
            return self.located(node.name, places)
        left, right = places
        assert isinstance(left, Node)
        assert isinstance(right, Node)
        return Compare("==", left, right)

    def negation(self, node: tree.Negation) -> Stackless[Node]:
        value: Node = yield self.build(node.value)
        return Mul((MINUS_ONE, value))

    def group(self, node: tree.Group) -> Stackless[Node]:
        return self.build(node.value)

    def sum(self, node: tree.Sum) -> Stackless[Node]:
        terms = []
        for term in node.terms:
            value: Node = yield self.build(term.value)
            terms.append(value if term.sign > 0 else Mul((MINUS_ONE, value)))
        return Add(tuple(terms))

    def product(self, node: tree.Product) -> Stackless[Node]:
        factors = []
        for factor in node.factors:
            value: Node = yield self.build(factor.value)
            factors.append(Power(value, MINUS_ONE) if factor.divides else value)
        return Mul(tuple(factors))

    def power(self, node: tree.Power) -> Stackless[Node]:
        base: Node = yield self.build(node.base)
        value = literal(node.exponent)
        exponent: Node = Number(value) if value is not None else (yield self.build(node.exponent))
        return Power(base, exponent)

    def comparison(self, node: tree.Comparison) -> Stackless[Node]:
        left: Node = yield self.build(node.left)
        right: Node = yield self.build(node.right)
        return Compare(node.relation, left, right)

    def iverson(self, node: tree.Iverson) -> Stackless[Node]:
        return self.build(node.condition)

    def call(self, node: tree.Call) -> Stackless[Node]:
        name = function_name(node)
        if name == "dim":
            return Extent(self.axis(node))
        arguments: list[Node] = []
        for position, argument in enumerate(node.arguments):
            order = literal(argument) if name == "polygamma" and position == 0 else None
            arguments.append(Number(order) if order is not None else (yield self.build(argument)))
        declared = derivative_of(node.name, self.functions)
        if declared is not None:
            return Abstract(*declared, tuple(arguments))
        if name == "sqrt":
            return Power(arguments[0], HALF)
        if name == "pow":
            return Power(arguments[0], arguments[1])
        return Call(name, tuple(arguments))

    def axis(self, call: tree.Call) -> Space:
        """The space of `dim(W, 0)`."""
        tensor, axis = call.arguments
        assert isinstance(tensor, tree.Tensor)
        return self.extents.spaces[Space(tensor.name, int(literal(axis) or Fraction(0)))]

    def derivative(self, node: tree.Derivative) -> Stackless[Node]:
        """∂e/∂x; by x[i+k] it is Σ_j [j = i+k] ∂e/∂x_j."""
        body: Node = yield self.build(node.argument)
        dummies: list[Index] = []
        equations: list[Node] = []
        variables: list[Node] = []
        for denominator in node.denominators:
            variable: Node = yield self.build(denominator)
            if isinstance(variable, IndexSum):
                assert isinstance(variable.body, Mul)
                dummies += variable.indices
                equations += variable.body.factors[:-1]
                variable = variable.body.factors[-1]
            variables.append(variable)
        partial = Partial(body, tuple(variables))
        return IndexSum(tuple(dummies), Mul((*equations, partial))) if dummies else partial

    def operator(self, node: tree.Operator) -> Stackless[Node]:
        bodies: list[Node] = []
        for argument in node.arguments:
            bodies.append((yield self.build(argument)))
        body = bodies[0]
        indices = tuple([self.index(scoped) for scoped in self.scopes.reduced[node]])
        match node.name:
            case "sum":
                return IndexSum(indices, body)
            case "prod":
                return IndexProd(indices, body)
            case "mean":
                shares = [Power(Extent(index.space), MINUS_ONE) for index in indices]
                return Mul((IndexSum(indices, body), *shares))
            case "tr":
                return IndexSum(indices, Mul((Delta(*indices), body)))
        at = tuple([self.index(self.scopes.meaning[node.indices[k]]) for k in keeps(node)])
        return Operation(node.name, indices, tuple(bodies), at)


_RULES: dict[type, Callable[[Any, Any], Stackless[Node]]] = {
    tree.Number: _Builder.number,
    tree.Tensor: _Builder.tensor,
    tree.Component: _Builder.component,
    tree.Negation: _Builder.negation,
    tree.Group: _Builder.group,
    tree.Sum: _Builder.sum,
    tree.Power: _Builder.power,
    tree.Product: _Builder.product,
    tree.Comparison: _Builder.comparison,
    tree.Iverson: _Builder.iverson,
    tree.Call: _Builder.call,
    tree.Operator: _Builder.operator,
    tree.Derivative: _Builder.derivative,
}
