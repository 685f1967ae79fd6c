"""The reference evaluator: d_{ij…} at given index values, one component at a time.

This is the oracle that every other way to a number is tested against, so it is kept simple: loops over
all values of all indices, scalar arithmetic, the rules of the nodes as they are written down. It knows
no einsum, no simplification and no order but the one that is written. A false bracket is no number but
nothing, and so is what has nothing for a factor, or nothing but that for terms. A derivative inside a
program is written out before (`calculus.within`); functions that a program declares are among the inputs.
"""

from __future__ import annotations

import itertools
import operator
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from indicial.ir.abstract import spelled
from indicial.ir.functions import FUNCTIONS
from indicial.ir.indices import Index, Space
from indicial.ir.nodes import (
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
    Position,
    Power,
)
from indicial.ir.operators import OPERATORS
from indicial.ir.program import Program
from indicial.ir.reference_operators import Entries, component
from indicial.ir.traversal import Stackless, stackless

Scalar = Any  # a NumPy scalar: float64 or complex128, which follow IEEE where Python's raise
Values = Mapping[Index, int]

_RELATIONS = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
_NOTHING = None  # the value of a false bracket, and of δ and ε where they are 0


def extents_of(program: Program, arrays: Mapping[str, Any]) -> dict[Space, int]:
    """The extent of every space: those declared, and those that the arrays' axes have."""
    extents = dict(program.declared)
    for name, spaces in program.inputs.items():
        if name not in arrays:
            continue
        shape = np.shape(arrays[name])
        if len(shape) != len(spaces):
            raise ValueError(f"{name} has {len(spaces)} axes in the program, its array {len(shape)}")
        for axis, (space, extent) in enumerate(zip(spaces, shape, strict=True)):
            if extents.setdefault(space, extent) != extent:
                raise ValueError(f"axis {axis} of {name} is {extent}, but {space} is {extents[space]}")
    return extents


def evaluate_definition(
    definition: Definition, inputs: Mapping[str, Any], extents: Mapping[Space, int]
) -> np.ndarray[Any, Any]:
    """The array of all components of a definition: float64, or complex128 if an input is complex."""
    functions = {name: value for name, value in inputs.items() if callable(value)}
    arrays = {name: np.asarray(array) for name, array in inputs.items() if name not in functions}
    kind = np.complex128 if any(array.dtype.kind == "c" for array in arrays.values()) else np.float64
    arrays = {name: array.astype(kind) for name, array in arrays.items()}
    evaluator = _Evaluator(arrays, extents, functions)
    shape = tuple([extents[space] for space in definition.spaces])
    result = np.empty(shape, kind)
    with np.errstate(all="ignore"):
        for position in itertools.product(*map(range, shape)):
            result[position] = _number(stackless(evaluator.applied(definition, position)))
    return result


def _number(value: Scalar) -> Scalar:
    """What nothing is for a function."""
    return np.float64(0) if value is _NOTHING else value


def _plus(first: Scalar, second: Scalar) -> Scalar:
    """A sum, in which nothing is left out; without a term it is nothing."""
    return second if first is _NOTHING else first if second is _NOTHING else first + second


def _times(first: Scalar, second: Scalar) -> Scalar:
    """A product, which is nothing if a factor is, whatever the other is."""
    return _NOTHING if first is _NOTHING or second is _NOTHING else first * second


def _where(holds: object) -> Scalar:
    return np.float64(1) if holds else _NOTHING


@lru_cache(maxsize=1 << 16)
def _free_in_order(node: Node) -> tuple[Index, ...]:
    return tuple(sorted(node.free))


def _permutation_sign(values: tuple[int, ...]) -> int:
    """The sign of a permutation of 0 … n−1, and 0 for any other tuple."""
    if sorted(values) != list(range(len(values))):
        return 0
    inversions = sum(a > b for a, b in itertools.combinations(values, 2))
    return -1 if inversions % 2 else 1


class _Evaluator:
    """Components of expressions; each is computed once for given values of its free indices."""

    def __init__(
        self,
        arrays: Mapping[str, np.ndarray[Any, Any]],
        extents: Mapping[Space, int],
        functions: Mapping[str, Any],
    ) -> None:
        self.arrays = arrays
        self.functions = functions
        self.extents = extents
        self.known: dict[tuple[Node, tuple[int, ...]], Scalar] = {}

    def applied(self, definition: Definition, position: tuple[int, ...]) -> Stackless[Scalar]:
        """d at index values: its body where the formal indices have these values."""
        values = dict(zip(definition.formals, position, strict=True))
        return (yield self.component(definition.body, values))

    def component(self, node: Node, values: Values) -> Stackless[Scalar]:
        """One component of an expression, from memory if it was met before."""
        key = (node, tuple([values[index] for index in _free_in_order(node)]))
        if key not in self.known:
            self.known[key] = yield self.computed(node, values)
        return self.known[key]

    def number(self, node: Node, values: Values) -> Stackless[Scalar]:
        """The same for what asks for a number."""
        return _number((yield self.component(node, values)))

    def computed(self, node: Node, values: Values) -> Stackless[Scalar]:
        """One component of an expression, by the rule of its node."""
        match node:
            case Number(value):
                return np.float64(value)
            case Constant("pi"):
                return np.float64(np.pi)
            case Extent(space):
                return np.float64(self.extents[space])
            case Position(index):
                return np.float64(values[index])
            case Access(tensor, indices):
                return self.arrays[tensor][tuple([values[index] for index in indices])]
            case Apply(definition, indices):
                return (yield self.applied(definition, tuple([values[index] for index in indices])))
            case Delta(left, right):
                return _where(values[left] == values[right])
            case Epsilon(indices):
                sign = _permutation_sign(tuple([values[index] for index in indices]))
                return np.float64(sign) if sign else _NOTHING
            case _:
                return (yield self.combined(node, values))

    def combined(self, node: Node, values: Values) -> Stackless[Scalar]:
        """One component of an expression that is made of others."""
        match node:
            case Add(terms):
                total = _NOTHING
                for term in terms:
                    total = _plus(total, (yield self.component(term, values)))
                return total
            case Mul(factors):
                total = np.float64(1)
                for factor in factors:
                    total = _times(total, (yield self.component(factor, values)))
                return total
            case Power(base, Number(exponent)) if exponent > 0:
                power: Scalar = yield self.component(base, values)
                return power if power is _NOTHING else power ** np.float64(exponent)
            case Power(base, exponent):
                return (yield self.number(base, values)) ** (yield self.number(exponent, values))
            case Compare(relation, left, right):
                a, b = (yield self.number(left, values)), (yield self.number(right, values))
                return _where(_RELATIONS[relation](a, b))
            case Call("where", (condition, then, otherwise)):
                chosen = then if (yield self.number(condition, values)) else otherwise
                return (yield self.component(chosen, values))
            case Call() | Abstract():
                return (yield self.called(node, values))
            case IndexSum() | IndexProd():
                return (yield self.reduced(node, values))
            case Operation():
                return (yield self.operated(node, values))
        raise TypeError(f"no rule for {type(node).__name__}")

    def called(self, node: Call | Abstract, values: Values) -> Stackless[Scalar]:
        """A function of the table, or one that the program declares, at numbers."""
        scalars: list[Scalar] = []
        for argument in node.arguments:
            scalars += [(yield self.number(argument, values))]
        if isinstance(node, Call):
            return FUNCTIONS[node.function].value(*scalars)
        return self.functions[spelled(node.function, node.orders)](*scalars)

    def operated(self, node: Operation, values: Values) -> Stackless[Scalar]:
        """One component of an operator, from all components of its arguments along the bound indices."""
        arguments: list[Entries] = []
        for position, argument in enumerate(node.arguments):
            own = OPERATORS[node.operator].held(position, node.indices)
            entries: dict[tuple[int, ...], Scalar] = {}
            for bound in itertools.product(*[range(self.extents[index.space]) for index in own]):
                inner = {**values, **dict(zip(own, bound, strict=True))}
                entries[bound] = yield self.number(argument, inner)
            arguments.append(entries)
        return component(node.operator, arguments, tuple([values[index] for index in node.at]))

    def reduced(self, node: IndexSum | IndexProd, values: Values) -> Stackless[Scalar]:
        """A sum or product over all values of the bound indices."""
        total, joined = (_NOTHING, _plus) if isinstance(node, IndexSum) else (np.float64(1), _times)
        ranges = [range(self.extents[index.space]) for index in node.indices]
        for bound in itertools.product(*ranges):
            inner = {**values, **dict(zip(node.indices, bound, strict=True))}
            total = joined(total, (yield self.component(node.body, inner)))
        return total
