"""The shape of every expression: a pair of axes, each absent (an extent of 1) or one that has to be known.

Axes that must agree are unified; whether they do is known when there are arrays. What can be told from
the text alone is where an axis meets none: `x*A` of a column vector x and a matrix A.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from indicial.ir.indices import Space
from indicial.ir.traversal import Stackless, stackless
from indicial.semantics.classes import Classes
from indicial.semantics.matrix import complaints
from indicial.semantics.matrix.literals import literal
from indicial.semantics.matrix.names import Names
from indicial.semantics.matrix.words import IDENTITY, PI, family
from indicial.syntax.matrix import tree

Axis = Space | int  # an input's axis, or one that `eye`, `vector(1)` or `matrix(1)` brings with it


class Shape(NamedTuple):
    """Rows and columns; a scalar has neither."""

    rows: Axis | None = None
    columns: Axis | None = None

    @property
    def kind(self) -> str:
        """The kind in words."""
        if self.rows is None:
            return "a scalar" if self.columns is None else "a row vector"
        return "a column vector" if self.columns is None else "a matrix"

    @property
    def axes(self) -> tuple[Axis, ...]:
        """The axes that are there."""
        return tuple([axis for axis in self if axis is not None])

    @property
    def transposed(self) -> Shape:
        """Columns and rows."""
        return Shape(self.columns, self.rows)


SCALAR = Shape()


class Shapes:
    """The shape of every expression, and of the first factors of each product up to each factor."""

    def __init__(self, source: tree.Source, names: Names) -> None:
        self.text, self.names = source.text, names
        self.of: dict[tree.Expression, Shape] = {}
        self.prefixes: dict[tree.Product, list[Shape]] = {}
        self.inputs = {name: _input_shape(name, kind) for name, kind in names.inputs.items()}
        self.statements: dict[str, Shape] = {}
        self.classes: Classes[Axis] = Classes()
        self.origins: list[tree.Name | tree.Call] = []  # of the axes that no input has
        for shape in self.inputs.values():
            for axis in shape.axes:
                self.classes.find(axis)
        for name in names.order:
            self.statements[name] = stackless(self.read(names.statements[name]))

    def spaces(self) -> dict[Axis, Space]:
        """The space of every axis, by its least input axis."""
        spaces: dict[Axis, Space] = {}
        for members in self.classes.members().values():
            axes = [axis for axis in members if isinstance(axis, Space)]
            if not axes:
                raise complaints.no_extent(
                    self.text, self.origins[min(a for a in members if isinstance(a, int))]
                )
            spaces.update(dict.fromkeys(members, min(axes)))
        return spaces

    def new_axis(self, origin: tree.Name | tree.Call) -> Axis:
        """An axis whose extent is that of whatever it meets."""
        self.origins.append(origin)
        return self.classes.find(len(self.origins) - 1)

    def read(self, node: tree.Expression) -> Stackless[Shape]:
        """The shape of an expression."""
        rule: Callable[[Shapes, Any], Stackless[Shape]] = _RULES[type(node)]
        shape: Shape = yield rule(self, node)
        self.of[node] = shape
        return shape

    def unify(self, one: Shape, other: Shape) -> None:
        """Two shapes of one kind are one."""
        for here, there in zip(one, other, strict=True):
            if here is not None and there is not None:
                self.classes.union(here, there)

    def complain(self, complaint: Callable[..., Exception], *arguments: Any) -> Exception:
        """A complaint about this program."""
        return complaint(complaints.Context(self.text, self.names), *arguments)

    # --- one rule a kind of expression ----------------------------------------------------------------

    def number(self, node: tree.Number) -> Stackless[Shape]:
        return SCALAR
        yield

    def name(self, node: tree.Name) -> Stackless[Shape]:
        if node.name == IDENTITY:
            axis = self.new_axis(node)
            return Shape(axis, axis)
        if node.name == PI:
            return SCALAR
        return self.inputs[node.name] if node.name in self.inputs else self.statements[node.name]
        yield

    def negation(self, node: tree.Negation) -> Stackless[Shape]:
        return self.read(node.value)

    def transpose(self, node: tree.Transpose) -> Stackless[Shape]:
        shape: Shape = yield self.read(node.value)
        if self.is_scalar_by_letter(node.value):
            raise self.complain(complaints.transposed_scalar, node)
        return shape.transposed

    def sum(self, node: tree.Sum) -> Stackless[Shape]:
        first: Shape = yield self.read(node.terms[0].value)
        for term in node.terms[1:]:
            shape: Shape = yield self.read(term.value)
            if shape.kind != first.kind:
                raise self.complain(complaints.unequal_terms, node.terms[0].value, term.value, first, shape)
            self.unify(first, shape)
        return first

    def product(self, node: tree.Product) -> Stackless[Shape]:
        so_far: Shape = yield self.read(node.factors[0].value)
        prefixes = self.prefixes[node] = [so_far]
        for position, factor in enumerate(node.factors[1:], start=1):
            shape: Shape = yield self.read(factor.value)
            so_far = self.multiplied(node, position, so_far, shape)
            prefixes.append(so_far)
        return so_far

    def multiplied(self, node: tree.Product, position: int, left: Shape, right: Shape) -> Shape:
        """The shape of a product of two."""
        operator, value = node.factors[position].operator, node.factors[position].value
        if operator == "*" and left != SCALAR and self.is_scalar_by_letter(value):
            raise self.complain(complaints.scalar_behind, node, position, left)
        if SCALAR in (left, right) and not (operator == "/" and right != SCALAR):
            return right if left == SCALAR else left
        if operator == "/":
            raise self.complain(complaints.division, node, position, right)
        if operator == "*":
            if (left.columns is None) != (right.rows is None):
                raise self.complain(complaints.inner_extents, node, position, left, right)
            self.unify(Shape(left.columns), Shape(right.rows))
            return Shape(left.rows, right.columns)
        if left.kind != right.kind:
            raise self.complain(complaints.unequal_entries, node, position, left, right)
        self.unify(left, right)
        return left

    def is_scalar_by_letter(self, node: tree.Expression) -> bool:
        """Whether an expression is an input that nothing but its letter makes a scalar."""
        return isinstance(node, tree.Name) and self.names.is_scalar_by_letter(node.name)

    def power(self, node: tree.Power) -> Stackless[Shape]:
        base: Shape = yield self.read(node.base)
        exponent: Shape = yield self.read(node.exponent)
        if base == SCALAR == exponent:
            return SCALAR
        if node.elementwise:
            if SCALAR in (base, exponent):
                return exponent if base == SCALAR else base
            if base.kind != exponent.kind:
                raise self.complain(complaints.unequal_power, node, base, exponent)
            self.unify(base, exponent)
            return base
        if base.kind != "a matrix":
            raise self.complain(complaints.power_of_vector, node, base, exponent)
        value = literal(node.exponent)
        if value is None or value.denominator != 1:
            raise self.complain(complaints.power_of_matrix, node)
        self.unify(base, base.transposed)
        return base

    # --- one rule a family of words -------------------------------------------------------------------

    def call(self, node: tree.Call) -> Stackless[Shape]:
        shapes: list[Shape] = []
        for argument in node.arguments:
            shapes.append((yield self.read(argument)))
        return _FAMILIES[family(node)](self, node, *shapes)

    def reduction(self, node: tree.Call, shape: Shape) -> Shape:
        return SCALAR

    def matrix_map(self, node: tree.Call, shape: Shape) -> Shape:
        if shape.kind not in ("a matrix", "a scalar"):
            raise self.complain(complaints.wrong_kind, node, node.arguments[0], shape, "a square matrix")
        self.unify(shape, shape.transposed)
        return shape

    def matrix_number(self, node: tree.Call, shape: Shape) -> Shape:
        self.matrix_map(node, shape)
        return SCALAR

    def vector_map(self, node: tree.Call, shape: Shape) -> Shape:
        if len(shape.axes) != 1:
            raise self.complain(complaints.wrong_kind, node, node.arguments[0], shape, "a vector")
        return shape

    def diag(self, node: tree.Call, shape: Shape) -> Shape:
        if shape == SCALAR:
            raise self.complain(
                complaints.wrong_kind, node, node.arguments[0], shape, "a vector or a square matrix"
            )
        if shape.kind == "a matrix":
            self.unify(shape, shape.transposed)
            return Shape(shape.rows)
        return Shape(shape.axes[0], shape.axes[0])

    def solve(self, node: tree.Call, matrix: Shape, right: Shape) -> Shape:
        if matrix.kind != "a matrix":
            raise self.complain(
                complaints.wrong_kind,
                node,
                node.arguments[0],
                matrix,
                "a square matrix as its first argument",
            )
        if right.rows is None:
            raise self.complain(
                complaints.wrong_kind,
                node,
                node.arguments[1],
                right,
                "a column vector or a matrix as its second argument",
            )
        self.unify(matrix, matrix.transposed)
        self.unify(Shape(matrix.columns), Shape(right.rows))
        return right

    def filled(self, node: tree.Call, shape: Shape) -> Shape:
        if shape != SCALAR:
            raise self.complain(
                complaints.wrong_kind, node, node.arguments[0], shape, "the scalar that every entry is"
            )
        rows = self.new_axis(node)
        return Shape(rows) if node.name == "vector" else Shape(rows, self.new_axis(node))

    def extent(self, node: tree.Call, shape: Shape, _: Shape) -> Shape:
        axis = literal(node.arguments[1])
        if axis is None or axis not in range(len(shape.axes)):
            raise self.complain(complaints.no_axis, node, shape)
        return SCALAR

    def function(self, node: tree.Call, *shapes: Shape) -> Shape:
        whole = next((shape for shape in shapes if shape != SCALAR), SCALAR)
        for shape in shapes:
            if shape not in (SCALAR, whole) and shape.kind != whole.kind:
                raise self.complain(complaints.unequal_arguments, node, shapes)
            if shape != SCALAR:
                self.unify(whole, shape)
        return whole


def _input_shape(name: str, kind: str) -> Shape:
    match kind:
        case "matrix":
            return Shape(Space(name, 0), Space(name, 1))
        case "vector":
            return Shape(Space(name, 0))
    return SCALAR


_RULES: dict[type, Callable[[Any, Any], Stackless[Shape]]] = {
    tree.Number: Shapes.number,
    tree.Name: Shapes.name,
    tree.Sum: Shapes.sum,
    tree.Product: Shapes.product,
    tree.Negation: Shapes.negation,
    tree.Transpose: Shapes.transpose,
    tree.Power: Shapes.power,
    tree.Call: Shapes.call,
}
_FAMILIES: dict[str, Callable[..., Shape]] = {
    "reduction": Shapes.reduction,
    "matrix_number": Shapes.matrix_number,
    "matrix_map": Shapes.matrix_map,
    "vector_map": Shapes.vector_map,
    "diag": Shapes.diag,
    "solve": Shapes.solve,
    "filled": Shapes.filled,
    "extent": Shapes.extent,
    "function": Shapes.function,
}
