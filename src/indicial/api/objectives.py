"""A scalar program as scipy.optimize.minimize takes it: functions of one vector that packs its variables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import accumulate
from math import prod
from typing import Any

import numpy as np

from indicial.api.named import canonical_names
from indicial.api.numbers import Numbers
from indicial.api.operands import Variables, merged, variables
from indicial.api.products import Asked, asked
from indicial.api.program import Program
from indicial.api.sources import Source, order_zero, program_of, require_scalar
from indicial.backends.arrays import as_array
from indicial.calculus.derive import jacobians
from indicial.calculus.products import curvature, tensor
from indicial.errors import BackendError, ShapeError
from indicial.ir.indices import Space
from indicial.ir.nodes import Definition
from indicial.planning.extents import bind

Array = Any
Shape = tuple[int, ...]


def objective(
    program: Source, /, wrt: Variables, *arrays: object, notation: str = "index", **named: object
) -> Objective:
    """A scalar program as a function of one vector, into which its variables are packed in order.

    Arrays given here are kept: those of fixed inputs, and for variables the values to start from, which say
    their shapes, too. Others are given at each call (`args` of scipy.optimize.minimize takes one mapping).

    Raises NotationError if the output is no scalar.
    """
    source = program_of(program, notation)
    require_scalar(source if not isinstance(source, Program) else order_zero(source, source.outputs[0]))
    question = asked(source, variables(wrt), None)
    return Objective(question, merged(question.meaning, arrays, named))


class Objective:
    """fun, jac, hess and hessp of a vector, as scipy.optimize.minimize takes them.

    Each takes the vector, perhaps a mapping with the arrays that were not given before, and arrays by name.
    """

    def __init__(self, question: Asked, arrays: Mapping[str, object]) -> None:
        self._asked, self._names = question, list(question.held)
        (self._output,) = question.definitions.values()
        given = self._converted(arrays)
        self._fixed = {name: array for name, array in given.items() if name not in self._names}
        self._start = {name: array for name, array in given.items() if name in self._names}
        self._by_length: dict[int, dict[str, Shape]] = {}  # the variables' shapes where no arrays are added

    # --- the functions ----------------------------------------------------------------------------------

    def fun(self, vector: Any, /, *arrays: Any, **named: object) -> float:
        """The value."""
        (value,) = self._value(self._arrays(vector, arrays, named))
        return float(value)

    def jac(self, vector: Any, /, *arrays: Any, **named: object) -> Array:
        """The gradient, a vector."""
        return _packed(self._gradient(self._arrays(vector, arrays, named)))

    def value_and_grad(self, vector: Any, /, *arrays: Any, **named: object) -> tuple[float, Array]:
        """The value and the gradient, work shared: what minimize takes with jac=True."""
        value, *gradients = self._both(self._arrays(vector, arrays, named))
        return float(value), _packed(gradients)

    def hess(self, vector: Any, /, *arrays: Any, **named: object) -> Array:
        """The Hessian, a symmetric matrix."""
        blocks = iter(self._blocks(self._arrays(vector, arrays, named)))
        shapes = self._shapes(np.asarray(vector), arrays, named)
        ends = _ends(shapes)
        result = np.empty((ends[-1], ends[-1]))
        for row in range(len(shapes)):
            for column in range(row, len(shapes)):
                down, across = slice(*ends[row : row + 2]), slice(*ends[column : column + 2])
                result[down, across] = np.reshape(next(blocks), result[down, across].shape)
                result[across, down] = result[down, across].T
        return result

    def hessp(self, vector: Any, direction: Any, /, *arrays: Any, **named: object) -> Array:
        """The Hessian times a vector, without the Hessian."""
        given = self._arrays(vector, arrays, named)
        parts = self._unpacked(direction, self._shapes(np.asarray(vector), arrays, named))
        moving = {_moving(name): part for name, part in parts.items()}
        return _packed(self._product({**given, **moving}))

    # --- vectors and variables --------------------------------------------------------------------------

    @property
    def start(self) -> Array:
        """The vector of the variables' values that were given with the arrays."""
        return self.pack(self._start)

    def pack(self, values: Any = None, /, **named: object) -> Array:
        """The vector of some values for the variables: a mapping by name, or one array for one variable."""
        if values is not None and not isinstance(values, Mapping):
            values = {self._names[0]: values}
        given = self._converted({**(values or {}), **named})
        for name in self._names:
            if name not in given:
                raise ShapeError(
                    f"there is no value for the variable {name!r}", hint=f"give it by name: {name}=…"
                )
            rank = len(self._asked.held[name])
            if given[name].ndim != rank:
                raise ShapeError(
                    f"the variable {name!r} has {rank} axes, but its value has {given[name].ndim}"
                )
        return _packed([given[name] for name in self._names])

    def unpack(self, vector: Any, /, *arrays: Any, **named: object) -> Any:
        """The variables that a vector holds: an array, or for several a dict by name."""
        parts = self._unpacked(vector, self._shapes(np.asarray(vector), arrays, named))
        return self._asked.by_variable([part.copy() for part in parts.values()])

    def _unpacked(self, vector: Any, shapes: Mapping[str, Shape]) -> dict[str, Array]:
        flat = as_array("vector", vector)
        ends = _ends(shapes)
        if flat.shape != (ends[-1],):
            raise ShapeError(
                f"the variables {', '.join(self._names)} take a vector of {ends[-1]} entries, "
                f"and an array of shape {flat.shape} is given",
                hint="pack makes the vector",
            )
        return {
            name: flat[first:last].reshape(shape)
            for (name, shape), first, last in zip(shapes.items(), ends[:-1], ends[1:], strict=True)
        }

    def _shapes(self, vector: Array, arrays: Sequence[Any], named: Mapping[str, object]) -> dict[str, Shape]:
        """The shape of each variable, by the arrays' extents; one left open follows from the length."""
        if arrays or named:
            return self._looked_up(vector, arrays, named)
        known = self._by_length.get(vector.size)
        if known is None:
            known = self._by_length[vector.size] = self._looked_up(vector, arrays, named)
        return known

    def _looked_up(
        self, vector: Array, arrays: Sequence[Any], named: Mapping[str, object]
    ) -> dict[str, Shape]:
        given = {**self._start, **self._given(arrays, named)}
        extents = bind(self._asked.meaning, {name: array.shape for name, array in given.items()})
        held = self._asked.held
        unknown = list(dict.fromkeys([s for axes in held.values() for s in axes if s not in extents]))
        if len(unknown) > 1:
            raise ShapeError(
                f"the shapes of {', '.join(self._names)} do not follow from the arrays given",
                hint=f"give values to start from: objective(…, {self._names[0]}=…)",
            )
        if unknown:
            extents[unknown[0]] = _fitting(unknown[0], held, extents, vector.size)
        return {name: tuple([extents[space] for space in axes]) for name, axes in held.items()}

    def _given(self, arrays: Sequence[Any], named: Mapping[str, object]) -> dict[str, Array]:
        if not arrays and not named:
            return self._fixed
        return {**self._fixed, **self._converted(merged(self._asked.meaning, arrays, named))}

    def _converted(self, arrays: Mapping[str, object]) -> dict[str, Array]:
        found = {
            name: as_array(name, value)
            for name, value in canonical_names(self._asked.meaning, arrays).items()
        }
        for name, array in found.items():
            if array.dtype.kind == "c":
                raise BackendError(f"an objective is real, but {name!r} is complex")
        return found

    def _arrays(self, vector: Any, arrays: Sequence[Any], named: Mapping[str, object]) -> dict[str, Array]:
        shapes = self._shapes(np.asarray(vector), arrays, named)
        return {**self._given(arrays, named), **self._unpacked(vector, shapes)}

    # --- what is evaluated ------------------------------------------------------------------------------

    @cached_property
    def _gradients(self) -> list[Definition]:
        question = self._asked
        return list(jacobians(self._output, self._names, question.held, question.facts).values())

    @cached_property
    def _value(self) -> Numbers:
        return Numbers(self._asked.meaning, [self._output])

    @cached_property
    def _gradient(self) -> Numbers:
        return Numbers(self._asked.meaning, self._gradients)

    @cached_property
    def _both(self) -> Numbers:
        return Numbers(self._asked.meaning, [self._output, *self._gradients])

    @cached_property
    def _blocks(self) -> Numbers:
        """The blocks of the Hessian on and above its diagonal, row by row."""
        question, found = self._asked, list[Definition]()
        for row, gradient in enumerate(self._gradients):
            found += jacobians(gradient, self._names[row:], question.held, question.facts).values()
        return Numbers(question.meaning, found)

    @cached_property
    def _product(self) -> Numbers:
        question = self._asked
        seeds = {name: tensor(_moving(name)) for name in self._names}
        rows = curvature(self._output, seeds, self._names, question.held, question.facts)
        axes = {_moving(name): axes for name, axes in question.held.items()}
        return Numbers(question.with_inputs(axes), list(rows.values()))


def _moving(name: str) -> str:
    return f"vector({name})"


def _ends(shapes: Mapping[str, Shape]) -> list[int]:
    """Where each variable ends in the vector, behind a 0."""
    return [*accumulate([prod(shape) for shape in shapes.values()], initial=0)]


def _packed(parts: Sequence[Any]) -> Array:
    if len(parts) == 1:
        return np.array(parts[0], np.float64).reshape(-1)
    return np.concatenate([np.ravel(part).astype(np.float64, copy=False) for part in parts])


def _fitting(
    space: Space, held: Mapping[str, tuple[Space, ...]], extents: Mapping[Space, int], size: int
) -> int:
    """The extent of a space with which the variables have a number of entries in all."""

    def entries(extent: int) -> int:
        every = {**extents, space: extent}
        return sum([prod([every[own] for own in axes]) for axes in held.values()])

    low, high = 0, size + 1
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if entries(middle) < size else (low, middle)
    if entries(low) != size:
        raise ShapeError(f"no shapes of {', '.join(held)} have {size} entries", hint="pack makes the vector")
    return low
