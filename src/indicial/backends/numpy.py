"""Runs a plan with NumPy: one small kernel for each operation."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from math import prod
from typing import Any

import numpy as np

from indicial.backends.callables import checked
from indicial.backends.lines import convolved, gathered, padded, positions, window
from indicial.backends.scatter import scattered
from indicial.errors import BackendError
from indicial.ir.functions import FUNCTIONS
from indicial.ir.operator_values import MatrixError
from indicial.ir.operators import OPERATORS
from indicial.planning.moments import ALL, LEFT, RIGHT, groups, places
from indicial.planning.steps import OWNED, Plan, Step

Array = Any
Kernel = Callable[..., Array]
_COMPARISONS: Mapping[str, Kernel] = {
    "<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal,
    "==": np.equal, "!=": np.not_equal,
}  # fmt: skip


def run(
    plan: Plan, arrays: Mapping[str, Array], dtype: np.dtype[Any], functions: Mapping[str, Kernel] = {}
) -> list[Array]:
    """The outputs of a plan for arrays of one dtype; intermediate values are dropped when last read.

    `functions` are the callables given for declared functions, by name.
    """
    values: list[Array] = [None] * len(plan.steps)
    with np.errstate(all="ignore"):
        for number, (step, dying) in enumerate(zip(plan.steps, plan.dies, strict=True)):
            operands = [values[operand] for operand in step.operands]
            values[number] = settled(kernel(step, arrays, dtype, functions)(*operands), dtype)
            del operands
            for value in dying:
                values[value] = None
    return [values[value] for value in plan.outputs]


def kernel(
    step: Step, arrays: Mapping[str, Array], dtype: np.dtype[Any], functions: Mapping[str, Kernel] = {}
) -> Kernel:
    """The function that computes a step from its operands."""
    if step.operation == "input":
        return lambda: arrays[step.parameters]
    if step.operation == "abstract":
        return checked(functions[step.parameters], step.parameters, step.shape, dtype)
    return _KERNELS[step.operation](step, dtype)


def settled(value: Array, dtype: np.dtype[Any]) -> Array:
    """A result in the plan's precision; a scalar of higher precision becomes a number, which is weak."""
    numeric = isinstance(value, (np.ndarray, np.generic)) and value.dtype.kind in "fc"
    if numeric and value.dtype.itemsize > dtype.itemsize:
        return value.astype(dtype) if value.shape else value.item()
    return value


def _sum(step: Step, _dtype: np.dtype[Any]) -> Kernel:
    return partial(np.sum, axis=step.parameters)


def _largest(step: Step, _dtype: np.dtype[Any]) -> Kernel:
    """The largest (real part), and 0 where that is not finite: what an exponent is shifted by."""

    def reduce(x: Array) -> Array:
        top = np.max(x.real, axis=step.parameters, initial=-np.inf)
        return np.where(np.isfinite(top), top, 0)

    return reduce


def _power(step: Step, _dtype: np.dtype[Any]) -> Kernel:
    exponent = step.parameters
    if exponent in _POWERS:
        return _POWERS[exponent]
    return lambda x: np.power(x, exponent)


_POWERS: dict[float, Kernel] = {
    2.0: np.square,
    3.0: lambda x: np.square(x) * x,
    4.0: lambda x: np.square(np.square(x)),
    -1.0: lambda x: np.divide(1, x),
    -2.0: lambda x: np.divide(1, np.square(x)),
    0.5: np.sqrt,
    -0.5: lambda x: np.divide(1, np.sqrt(x)),
}


def _matmul(step: Step, _dtype: np.dtype[Any]) -> Kernel:
    batch, rows, summed, columns = step.parameters

    def multiply(a: Array, b: Array) -> Array:
        lead = a.shape[:batch]
        inner = prod(a.shape[batch + rows :])
        if not lead:
            left = a.reshape(prod(a.shape[:rows]), inner) if rows else a.reshape(inner)
            right = b.reshape(inner, prod(b.shape[summed:])) if columns else b.reshape(inner)
            return np.dot(left, right).reshape(step.shape)
        if not rows and not columns:
            return np.einsum("...k,...k->...", a.reshape(*lead, inner), b.reshape(*lead, inner)).reshape(
                step.shape
            )
        left = a.reshape(*lead, prod(a.shape[batch : batch + rows]), inner)
        right = b.reshape(*lead, inner, prod(b.shape[batch + summed :]))
        return np.matmul(left, right).reshape(step.shape)

    return multiply


def _moment(step: Step, _dtype: np.dtype[Any]) -> Kernel:
    """All pairs at once: an array of them, and one product."""
    kind, length, columns = step.parameters
    parts = groups(length, columns)
    pairs = [(j, k) for low, high in parts for j in range(low, high) for k in range(low, columns)]
    first, second = np.array(pairs, np.intp).T

    def multiply(x: Array, weighted: Array, third: Array | None = None) -> Array:
        products = weighted[:, first] * x[:, second]
        if kind == RIGHT and third is not None:
            return np.tensordot(third, products, (-1, 0))
        return np.tensordot(products, x if third is None else third, (0, 0))

    return multiply


def _mirrored(step: Step, _dtype: np.dtype[Any]) -> Kernel:
    kind, *size = step.parameters
    axis = {ALL: None, LEFT: 0, RIGHT: -1}[kind]
    return lambda packed: np.take(packed, places(kind, *size), axis)


def diagonal_view(array: Array, classes: Sequence[int]) -> Array:
    """A view of the entries at which axes of one class have one value; one axis for each class."""
    strides = [0] * (max(classes) + 1)
    shape = [0] * (max(classes) + 1)
    for axis, group in enumerate(classes):
        strides[group] += array.strides[axis]
        shape[group] = array.shape[axis]
    return np.lib.stride_tricks.as_strided(array, shape, strides)


def _assemble(step: Step, dtype: np.dtype[Any]) -> Kernel:
    layouts = step.parameters

    def write(*cores: Array) -> Array:
        result = np.zeros(step.shape, dtype)
        for position, (classes, core) in enumerate(zip(layouts, cores, strict=True)):
            view = diagonal_view(result, classes)
            if position:
                view += core
            else:
                view[...] = core
        return result

    return write


@lru_cache(maxsize=4)
def _levi_civita(rank: int) -> Array:
    result = np.zeros((rank,) * rank)
    for permutation in itertools.permutations(range(rank)):
        inversions = sum(a > b for k, a in enumerate(permutation) for b in permutation[k + 1 :])
        result[permutation] = -1.0 if inversions % 2 else 1.0
    result.setflags(write=False)
    return result


def _call(step: Step, dtype: np.dtype[Any]) -> Kernel:
    name, value = step.parameters, FUNCTIONS[step.parameters].value

    def apply(*arguments: Array) -> Array:
        try:
            return value(*arguments)
        except TypeError as error:
            raise BackendError(
                f"the function {name} is not there for numbers of the kind {dtype}",
                hint="give real numbers in float64",
            ) from error

    return apply


def _operator(step: Step, dtype: np.dtype[Any]) -> Kernel:
    name, count, called = step.parameters
    value = OPERATORS[name].value

    def apply(*arguments: Array) -> Array:
        try:
            return value(*[np.asarray(each, dtype) for each in arguments], count)
        except MatrixError as error:
            raise error.of(called) from error.__cause__

    return apply


def _expand(step: Step, _dtype: np.dtype[Any]) -> Kernel:
    slots = step.parameters
    position = tuple([slice(None) if present else None for present in slots])
    return lambda x: x[position]


def _output(step: Step, dtype: np.dtype[Any]) -> Kernel:
    kind, order = step.parameters[:2]

    def own(value: Array) -> Array:
        if kind == OWNED:
            value = np.asarray(value).transpose(order)
            if value.dtype == dtype:
                return value
        result = np.empty(step.shape, dtype)
        result[...] = value
        return result

    return own


def _compare(step: Step, dtype: np.dtype[Any]) -> Kernel:
    relation, kind = step.parameters
    comparison = _COMPARISONS[relation]
    if kind == "mask":
        return comparison
    return lambda a, b: np.asarray(comparison(a, b)).astype(dtype)


_KERNELS: Mapping[str, Callable[[Step, np.dtype[Any]], Kernel]] = {
    "number": lambda step, dtype: lambda: step.parameters,
    "positions": lambda step, dtype: lambda: np.arange(step.parameters).astype(dtype),
    "epsilon": lambda step, dtype: lambda: _levi_civita(step.parameters).astype(dtype),
    "diagonal": lambda step, dtype: lambda x: diagonal_view(x, step.parameters),
    "transpose": lambda step, dtype: lambda x: x.transpose(step.parameters),
    "expand": _expand,
    "add": lambda step, dtype: np.add,
    "subtract": lambda step, dtype: np.subtract,
    "multiply": lambda step, dtype: np.multiply,
    "divide": lambda step, dtype: np.divide,
    "amax": _largest,
    "scale": lambda step, dtype: (
        np.negative if step.parameters == -1.0 else partial(np.multiply, step.parameters)
    ),
    "power": _power,
    "pow": lambda step, dtype: np.power,
    "call": _call,
    "compare": _compare,
    "broadcast": lambda step, _: lambda x: np.broadcast_to(x, step.shape),
    "operator": _operator,
    "select": lambda step, dtype: lambda mask, x: np.where(mask, x, 0),
    "asnumber": lambda step, dtype: lambda x: np.asarray(x).astype(dtype),
    "sum": _sum,
    "prod": lambda step, dtype: partial(np.prod, axis=step.parameters),
    "matmul": _matmul,
    "moment": _moment,
    "mirrored": _mirrored,
    "assemble": _assemble,
    "output": _output,
    "pad": lambda step, dtype: lambda x: padded(x, step.parameters, step.shape, dtype),
    "unfold": lambda step, _: np.ascontiguousarray,
    "convolve": lambda step, _: lambda x, w: convolved(x, w, (*step.parameters, step.shape[0])),
    "window": lambda step, _: lambda x: window(x, (*step.parameters, step.shape)),
    "index": lambda step, _: lambda x: positions(x, *step.parameters),
    "gather": lambda step, _: lambda x, *at: gathered(x, step.parameters, at, step.shape),
    "scatter": lambda step, dtype: lambda *x: scattered(x, step.parameters, step.shape, dtype),
}
