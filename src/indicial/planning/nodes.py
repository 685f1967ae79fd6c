"""The value of a single node from those of its children: leaves, functions, operators.

Sums and products are not here, for which there is something to plan (see `indicial.planning.lower`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import pi, prod

from indicial.errors import ShapeError
from indicial.ir.abstract import spelled
from indicial.ir.indices import Index, Space
from indicial.ir.nodes import (
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
    Position,
    Power,
)
from indicial.ir.operators import OPERATORS
from indicial.planning.contraction import Contraction
from indicial.planning.extents import extent_of
from indicial.planning.operands import Operand, union
from indicial.planning.operators import EXPONENTIAL, called, exponential
from indicial.planning.parts import Parts
from indicial.planning.steps import Builder


class Nodes:
    """Emits the steps of leaves, functions and operators; `definitions` have been computed before."""

    def __init__(self, extents: Mapping[Space, int], given: Mapping[str, int], parts: Parts) -> None:
        self.extents, self.given = extents, given
        self.builder = Builder()
        self.contract = Contraction(self.builder, parts)
        self.definitions: dict[Definition, Operand] = {}
        self.called: dict[int, str] = {}  # what operands of operators are called: for one value one name

    def shape(self, indices: Sequence[Index]) -> tuple[int, ...]:
        """The extents of indices."""
        return tuple([self.extent(index.space) for index in indices])

    def extent(self, space: Space) -> int:
        """The extent of a space."""
        return extent_of(space, self.extents)

    def number(self, value: float) -> Operand:
        """A number as a value."""
        return Operand(self.builder.emit("number", (), value, ()), ())

    # --- leaves ------------------------------------------------------------------------------------

    def leaf(self, node: Node) -> Operand:
        """The value of a node without children."""
        match node:
            case Number(value):
                return self.number(as_float(value))
            case Constant("pi"):
                return self.number(pi)
            case Extent(space):
                return self.number(float(self.extent(space)))
            case Position(index):
                extent = self.extent(index.space)
                return Operand(self.builder.emit("positions", (), extent, (extent,)), (index,))
            case Delta(left, right) if left == right:  # what is put on a diagonal may have been beside it
                return self.number(1.0)
            case Epsilon(indices):
                return self._epsilon(indices)
            case Access(tensor, indices):
                return self._read(self._input(tensor, indices), indices)
            case Apply(definition, indices):
                return self._component(definition, indices)
        raise AssertionError(node)

    def _input(self, name: str, indices: Sequence[Index]) -> int:
        return self.builder.emit("input", (), name, self.shape(indices))

    def _component(self, definition: Definition, indices: tuple[Index, ...]) -> Operand:
        if definition.name in self.given:
            return self._read(self._input(definition.name, indices), indices)
        known = self.definitions[definition]
        names = dict(zip(definition.formals, indices, strict=True))
        return self._read(known.value, tuple([names[formal] for formal in known.axes]))

    def _read(self, value: int, indices: tuple[Index, ...]) -> Operand:
        """A value with the given indices on its axes; where one repeats, a view of the diagonal."""
        axes = tuple(dict.fromkeys(indices))
        if len(axes) == len(indices):
            return Operand(value, indices)
        classes = tuple([axes.index(index) for index in indices])
        return Operand(self.builder.emit("diagonal", (value,), classes, self.shape(axes)), axes)

    def _epsilon(self, indices: tuple[Index, ...]) -> Operand:
        shape = self.shape(indices)
        if set(shape) != {len(indices)}:
            raise ShapeError(
                f"the Levi-Civita symbol with {len(indices)} indices needs extents of {len(indices)}, "
                f"not {shape}",
                hint="the extent of every index of ε must be its rank",
            )
        return Operand(self.builder.emit("epsilon", (), len(indices), shape), indices)

    # --- functions and operators -------------------------------------------------------------------

    def applied(self, node: Node, operands: Sequence[Operand]) -> Operand:
        """The value of a power, function, bracket, product over indices or operator."""
        match node:
            case Power(_, Number(exponent)):
                return self._power(operands[0], as_float(exponent))
            case Power():
                return self.contract.elementwise("pow", operands)
            case Call(function, _):
                return self.contract.elementwise("call", operands, function)
            case Abstract(function, orders, _):
                return self._abstract(spelled(function, orders), operands)
            case Compare(relation, _, _):
                return self.contract.elementwise("compare", operands, (relation, "number"))
            case IndexProd(indices, _):
                return self._index_product(operands[0], indices)
            case Operation():
                return self._operation(node, operands)
        raise AssertionError(node)

    def _power(self, base: Operand, exponent: float) -> Operand:
        shape = self.builder.shape(base.value)
        return Operand(self.builder.emit("power", (base.value,), exponent, shape), base.axes)

    def repeated(self, indices: Sequence[Index], operands: Sequence[Operand]) -> int:
        """How many values the indices take that no operand has: along them a value repeats."""
        axes = union(operands)
        return prod(self.shape([index for index in indices if index not in axes]))

    def _index_product(self, operand: Operand, indices: tuple[Index, ...]) -> Operand:
        away = tuple([k for k, index in enumerate(operand.axes) if index in indices])
        rest = tuple([index for index in operand.axes if index not in indices])
        shape = self.shape(rest)
        value = self.builder.emit("prod", (operand.value,), away, shape)
        repeated = self.repeated(indices, [operand])
        if repeated != 1:
            value = self.builder.emit("power", (value,), float(repeated), shape)
        return Operand(value, rest)

    def _abstract(self, name: str, operands: Sequence[Operand]) -> Operand:
        """A declared function, called with arrays of one shape."""
        axes = union(operands)
        shape = self.shape(axes)
        values = [self.contract.aligned(operand, axes) for operand in operands]
        full = [self.builder.emit("broadcast", (value,), shape, shape) for value in values]
        return Operand(self.builder.emit("abstract", full, name, shape), axes)

    def _operation(self, node: Operation, operands: Sequence[Operand]) -> Operand:
        """An operator of the table: batch axes first, then its own, which every argument has in full."""
        row = OPERATORS[node.operator]
        batch = tuple([index for index in union(operands) if index not in node.indices])
        values = []
        for position, operand in enumerate(operands):
            own = row.held(position, node.indices)
            value = self.contract.aligned(operand, (*batch, *own))
            lead = self.builder.shape(value)[: len(batch)] if operand.axes else (1,) * len(batch)
            full = (*lead, *self.shape(own))
            if self.builder.shape(value) != full:
                value = self.builder.emit("broadcast", (value,), (), full)
            values.append(value)
        shape = self.shape((*batch, *row.kept(node.indices)))
        count = len(node.indices)
        if node.operator in EXPONENTIAL:
            value = exponential(self.builder, node.operator, values[0], count)
        else:
            name = self.called.setdefault(values[0], called(node.arguments[0]))
            value = self.builder.emit("operator", values, (node.operator, count, name), shape)
        return self._read(value, (*batch, *node.at))


def as_float(value: Fraction) -> float:
    """The nearest float, infinite where it is too large."""
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")
