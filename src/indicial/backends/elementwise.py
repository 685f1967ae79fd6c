"""The lines of elementwise operations: universal functions with positional `out`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from indicial.backends.codegen import Emitter, Writer
from indicial.backends.values import Value
from indicial.ir.functions import FUNCTIONS, ufunc_of
from indicial.planning.steps import Step

_COMPARISONS: Mapping[str, Any] = {
    "<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal,
    "==": np.equal, "!=": np.not_equal,
}  # fmt: skip


def ufunc(w: Writer, function: Any) -> str:
    """The name of a universal function: its own."""
    return w.function(function.__name__, function)


def _in_order(w: Writer, out: Value, step: Step) -> tuple[str, ...]:
    """The names of a result and of the operands, with their axes as they follow each other in the result's
    memory: NumPy's loops take them in the order in which they are given, where operands do not agree.
    """
    values = [out, *[w.values[operand] for operand in step.operands]]
    order = out.layout.order
    if order is None or order == tuple(range(len(order))):
        return tuple([value.name for value in values])
    return tuple([_turned(w, value, order).name for value in values])


def _turned(w: Writer, value: Value, order: tuple[int, ...]) -> Value:
    if len(value.shape) != len(order):
        return value
    return w.view(value, value.layout.transposed(order), f"{value.name}.transpose{order}")


def binary(function: Any) -> Emitter:
    def emit(w: Writer, number: int, step: Step) -> Value:
        out = w.in_place(number, step, step.operands)
        target, left, right = _in_order(w, out, step)
        w.line(f"{ufunc(w, function)}({left}, {right}, {target})")
        return out

    return emit


def scale(w: Writer, number: int, step: Step) -> Value:
    if step.parameters == -1.0 and _next_is_sigmoid(w, number):
        return w.left_to_reader(number, step.operands[0])
    out = w.in_place(number, step, step.operands)
    target, own = _in_order(w, out, step)
    if step.parameters == -1.0:
        w.line(f"{ufunc(w, np.negative)}({own}, {target})")
    else:
        w.line(f"{ufunc(w, np.multiply)}({own}, {w.literal(step.parameters)}, {target})")
    return out


def _next_is_sigmoid(w: Writer, number: int) -> bool:
    """Whether the next step alone reads a step's value, and is a sigmoid with a line of its own."""
    if w.readers[number] != [number + 1] or w.dtype.str[1:] not in ("f4", "f8"):
        return False
    if any(region.start <= number + 1 <= region.stop for region in w.regions.values()):
        return False
    step = w.plan.steps[number + 1]
    return step.operation == "call" and step.parameters == "sigmoid" and bool(step.shape)


_ONE_CALL: Mapping[float, tuple[Any, ...]] = {
    2.0: (np.square,), 4.0: (np.square, np.square), -1.0: (np.reciprocal,), 0.5: (np.sqrt,),
    -2.0: (np.square, np.reciprocal), -0.5: (np.sqrt, np.reciprocal),
    -4.0: (np.square, np.square, np.reciprocal),
}  # fmt: skip


def power(w: Writer, number: int, step: Step) -> Value:
    chain = _ONE_CALL.get(step.parameters)
    if chain is not None:
        out = w.in_place(number, step, step.operands)
        target, own = _in_order(w, out, step)
        _chain(w, own, target, chain)
    elif step.parameters in (3.0, -3.0):
        own = w.values[step.operands[0]].name
        out = w.target(number, step.shape)
        w.line(f"{ufunc(w, np.square)}({own}, {out.name})")
        w.line(f"{ufunc(w, np.multiply)}({out.name}, {own}, {out.name})")
        if step.parameters < 0:
            w.line(f"{ufunc(w, np.reciprocal)}({out.name}, {out.name})")
    else:
        out = w.in_place(number, step, step.operands)
        target, own = _in_order(w, out, step)
        w.line(f"{ufunc(w, np.power)}({own}, {w.literal(step.parameters)}, {target})")
    return out


def _chain(w: Writer, own: str, out: str, functions: tuple[Any, ...]) -> None:
    """Functions of one argument, one behind the other."""
    for function in functions:
        w.line(f"{ufunc(w, function)}({own}, {out})")
        own = out


def compare(w: Writer, number: int, step: Step) -> Value:
    relation, kind = step.parameters
    masks = kind == "mask"
    out = w.target(number, step.shape, np.dtype(bool) if masks else w.dtype)
    left, right = [w.values[operand].name for operand in step.operands]
    if masks or w.dtype.kind != "f":
        result = out if masks else w.scratch(step.shape, np.dtype(bool))
        w.line(f"{ufunc(w, _COMPARISONS[relation])}({left}, {right}, {result.name})")
        if not masks:
            w.line(f"{w.function('copyto', np.copyto)}({out.name}, {result.name})")
        return out
    w.line(f"{ufunc(w, _COMPARISONS[relation])}({left}, {right}, {out.name})")
    return out


def select(w: Writer, number: int, step: Step) -> Value:
    out = w.target(number, step.shape)
    mask, own = [w.values[operand] for operand in step.operands]
    chosen = mask.name
    if mask.dtype != bool:
        whole = w.scratch(mask.shape, np.dtype(bool))
        w.line(f"{ufunc(w, np.not_equal)}({mask.name}, {w.literal(0.0)}, {whole.name})")
        chosen = whole.name
    w.line(f"{out.name}.fill(0)")
    w.line(f"{w.function('copyto', np.copyto)}({out.name}, {own.name}, where={chosen})")
    return out


def as_number(w: Writer, number: int, step: Step) -> Value:
    out = w.target(number, step.shape)
    w.line(f"{w.function('copyto', np.copyto)}({out.name}, {w.values[step.operands[0]].name})")
    return out


def call(w: Writer, number: int, step: Step) -> Value | None:
    if w.dtype.str[1:] not in ("f4", "f8"):
        return None
    written = _WRITTEN.get(step.parameters)
    if written is not None:
        out = w.in_place(number, step, step.operands)
        target, own = _in_order(w, out, step)
        if step.operands[0] in w.negated:
            _logistic(w, own, target, (np.exp,))
        else:
            written(w, own, target)
        return out
    function = ufunc_of(FUNCTIONS[step.parameters])
    if function is None:
        return None
    out = w.in_place(number, step, step.operands)
    target, *names = _in_order(w, out, step)
    _apply(w, function, names, target)
    return out


def _apply(w: Writer, function: Any, names: Sequence[str], out: str) -> None:
    """A universal function; max and min want the word `out` before theirs."""
    word = "out=" if function in (np.maximum, np.minimum) else ""
    w.line(f"{ufunc(w, function)}({', '.join(names)}, {word}{out})")


def _sigmoid(w: Writer, x: str, out: str) -> None:
    """1 / (1 + exp(−x)): where exp overflows the quotient is 0, and nothing cancels."""
    _logistic(w, x, out, (np.negative, np.exp))


def _logistic(w: Writer, x: str, out: str, functions: tuple[Any, ...]) -> None:
    _chain(w, x, out, functions)
    w.line(f"{ufunc(w, np.add)}({out}, {w.literal(1.0)}, {out})")
    w.line(f"{ufunc(w, np.reciprocal)}({out}, {out})")


def _relu(w: Writer, x: str, out: str) -> None:
    _apply(w, np.maximum, [x, w.literal(0.0)], out)


def _step(w: Writer, x: str, out: str) -> None:
    w.line(f"{ufunc(w, np.greater)}({x}, {w.literal(0.0)}, {out})")


def _softplus(w: Writer, x: str, out: str) -> None:
    w.line(f"{ufunc(w, np.logaddexp)}({x}, {w.literal(0.0)}, {out})")


_WRITTEN: Mapping[str, Callable[[Writer, str, str], None]] = {
    "sigmoid": _sigmoid, "relu": _relu, "step": _step, "softplus": _softplus,
}  # fmt: skip
