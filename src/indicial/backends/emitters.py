"""The lines of each operation: positional `out`, views where they exist, matrix products by BLAS."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import prod
from typing import Any

import numpy as np

from indicial.backends.codegen import Emitter, Value, Writer
from indicial.backends.layout import Layout, dense
from indicial.ir.functions import FUNCTIONS, ufunc_of
from indicial.planning.steps import Step

_COMPARISONS: Mapping[str, Any] = {
    "<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal,
    "==": np.equal, "!=": np.not_equal,
}  # fmt: skip


def _ufunc(w: Writer, function: Any) -> str:
    return w.function(function.__name__, function)


# --- views -----------------------------------------------------------------------------------------------


def _transpose(w: Writer, _number: int, step: Step) -> Value:
    own = w.values[step.operands[0]]
    return w.view(
        own, own.layout.transposed(step.parameters), f"{own.name}.transpose{tuple(step.parameters)}"
    )


def _expand(w: Writer, _number: int, step: Step) -> Value:
    own = w.values[step.operands[0]]
    places = ", ".join([":" if present else "None" for present in step.parameters])
    return w.view(own, own.layout.expanded(step.parameters), f"{own.name}[{places}]")


def _broadcast(w: Writer, _number: int, step: Step) -> Value:
    own = w.values[step.operands[0]]
    function = w.function("broadcast_to", np.broadcast_to)
    return w.view(own, own.layout.broadcast(step.shape), f"{function}({own.name}, {step.shape})")


def _diagonal(w: Writer, _number: int, step: Step) -> Value:
    own = w.values[step.operands[0]]
    function = w.function("diagonal", _diagonal_of)
    return w.view(own, own.layout.diagonal(step.parameters), f"{function}({own.name}, {step.parameters})")


def _diagonal_of(array: Any, classes: tuple[int, ...]) -> Any:
    """A view of the entries at which axes of one class have one value."""
    left = list(classes)
    while len(set(left)) < len(left):
        group = next(each for each in left if left.count(each) > 1)
        first = left.index(group)
        second = left.index(group, first + 1)
        array = array.diagonal(0, first, second)
        left = [each for k, each in enumerate(left) if k not in (first, second)] + [group]
    return array.transpose([left.index(group) for group in range(len(left))])


# --- elementwise ---------------------------------------------------------------------------------------------


def _binary(function: Any) -> Emitter:
    def emit(w: Writer, number: int, step: Step) -> Value:
        out = w.in_place(number, step, step.operands)
        left, right = [w.values[operand].name for operand in step.operands]
        w.line(f"{_ufunc(w, function)}({left}, {right}, {out.name})")
        return out

    return emit


def _scale(w: Writer, number: int, step: Step) -> Value:
    out = w.in_place(number, step, step.operands)
    own = w.values[step.operands[0]].name
    if step.parameters == -1.0:
        w.line(f"{_ufunc(w, np.negative)}({own}, {out.name})")
    else:
        w.line(f"{_ufunc(w, np.multiply)}({own}, {w.literal(step.parameters)}, {out.name})")
    return out


_ONE_CALL: Mapping[float, tuple[Any, ...]] = {
    2.0: (np.square,), 4.0: (np.square, np.square), -1.0: (np.reciprocal,), 0.5: (np.sqrt,),
    -2.0: (np.square, np.reciprocal), -0.5: (np.sqrt, np.reciprocal), -4.0: (np.square, np.square, np.reciprocal),
}  # fmt: skip


def _power(w: Writer, number: int, step: Step) -> Value:
    own = w.values[step.operands[0]].name
    chain = _ONE_CALL.get(step.parameters)
    if chain is not None:
        out = w.in_place(number, step, step.operands)
        _chain(w, own, out.name, chain)
    elif step.parameters in (3.0, -3.0):
        out = w.target(number, step.shape)
        w.line(f"{_ufunc(w, np.square)}({own}, {out.name})")
        w.line(f"{_ufunc(w, np.multiply)}({out.name}, {own}, {out.name})")
        if step.parameters < 0:
            w.line(f"{_ufunc(w, np.reciprocal)}({out.name}, {out.name})")
    else:
        out = w.in_place(number, step, step.operands)
        w.line(f"{_ufunc(w, np.power)}({own}, {w.literal(step.parameters)}, {out.name})")
    return out


def _chain(w: Writer, own: str, out: str, functions: tuple[Any, ...]) -> None:
    """Functions of one argument, one behind the other."""
    for function in functions:
        w.line(f"{_ufunc(w, function)}({own}, {out})")
        own = out


def _compare(w: Writer, number: int, step: Step) -> Value:
    relation, kind = step.parameters
    masks = kind == "mask"
    out = w.target(number, step.shape, np.dtype(bool) if masks else w.dtype)
    left, right = [w.values[operand].name for operand in step.operands]
    if masks or w.dtype.kind != "f":
        result = out if masks else w.scratch(step.shape, np.dtype(bool))
        w.line(f"{_ufunc(w, _COMPARISONS[relation])}({left}, {right}, {result.name})")
        if not masks:
            w.line(f"{w.function('copyto', np.copyto)}({out.name}, {result.name})")
        return out
    w.line(f"{_ufunc(w, _COMPARISONS[relation])}({left}, {right}, {out.name})")
    return out


def _select(w: Writer, number: int, step: Step) -> Value:
    out = w.target(number, step.shape)
    mask, own = [w.values[operand].name for operand in step.operands]
    w.line(f"{out.name}.fill(0)")
    w.line(f"{w.function('copyto', np.copyto)}({out.name}, {own}, where={mask})")
    return out


def _as_number(w: Writer, number: int, step: Step) -> Value:
    out = w.target(number, step.shape)
    w.line(f"{w.function('copyto', np.copyto)}({out.name}, {w.values[step.operands[0]].name})")
    return out


def _call(w: Writer, number: int, step: Step) -> Value | None:
    if w.dtype.str[1:] not in ("f4", "f8"):
        return None
    names = [w.values[operand].name for operand in step.operands]
    written = _WRITTEN.get(step.parameters)
    if written is not None:
        out = w.in_place(number, step, step.operands)
        written(w, names[0], out.name)
        return out
    function = ufunc_of(FUNCTIONS[step.parameters])
    if function is None:
        return None
    out = w.in_place(number, step, step.operands)
    _apply(w, function, names, out.name)
    return out


def _apply(w: Writer, function: Any, names: Sequence[str], out: str) -> None:
    """A universal function; max and min want the word `out` before theirs."""
    word = "out=" if function in (np.maximum, np.minimum) else ""
    w.line(f"{_ufunc(w, function)}({', '.join(names)}, {word}{out})")


def _sigmoid(w: Writer, x: str, out: str) -> None:
    """1 / (1 + exp(−x)): where exp overflows the quotient is 0, and nothing cancels."""
    _chain(w, x, out, (np.negative, np.exp))
    w.line(f"{_ufunc(w, np.add)}({out}, {w.literal(1.0)}, {out})")
    w.line(f"{_ufunc(w, np.reciprocal)}({out}, {out})")


def _relu(w: Writer, x: str, out: str) -> None:
    _apply(w, np.maximum, [x, w.literal(0.0)], out)


def _step(w: Writer, x: str, out: str) -> None:
    w.line(f"{_ufunc(w, np.greater)}({x}, {w.literal(0.0)}, {out})")


def _softplus(w: Writer, x: str, out: str) -> None:
    w.line(f"{_ufunc(w, np.logaddexp)}({x}, {w.literal(0.0)}, {out})")


_WRITTEN: Mapping[str, Callable[[Writer, str, str], None]] = {
    "sigmoid": _sigmoid, "relu": _relu, "step": _step, "softplus": _softplus,
}  # fmt: skip


# --- reductions and products -------------------------------------------------------------------------------------


def _reduction(function: Any) -> Emitter:
    def emit(w: Writer, number: int, step: Step) -> Value:
        out = w.target(number, step.shape)
        own = w.values[step.operands[0]].name
        w.line(
            f"{w.function(f'{function.__name__}_reduce', function.reduce)}({own}, {step.parameters}, None, {out.name})"
        )
        return out

    return emit


def _largest(w: Writer, number: int, step: Step) -> Value | None:
    """The largest entries, and 0 where they are not finite."""
    if w.dtype.kind != "f":
        return None
    out = w.target(number, step.shape)
    own = w.values[step.operands[0]].name
    reduce = w.function("maximum_reduce", np.maximum.reduce)
    w.line(f"{reduce}({own}, {step.parameters}, None, {out.name}, False, {w.literal(-np.inf)})")
    wrong = w.scratch(step.shape, np.dtype(bool)).name
    w.line(f"{_ufunc(w, np.isfinite)}({out.name}, {wrong})")
    w.line(f"{_ufunc(w, np.logical_not)}({wrong}, {wrong})")
    w.line(f"{w.function('copyto', np.copyto)}({out.name}, {w.literal(0.0)}, where={wrong})")
    return out


def _matmul(w: Writer, number: int, step: Step) -> Value:
    batch, rows, summed, columns = step.parameters
    a, b = [w.values[operand] for operand in step.operands]
    if batch:
        return _batched(w, number, step)
    left = w.merged(a, [rows, summed] if rows and summed else [rows + summed])
    right = w.merged(b, [summed, columns] if summed and columns else [summed + columns])
    out = w.target(number, step.shape)
    if not summed:
        return _outer(w, left, right, out)
    result = w.view(out, Layout(*_flat(out, rows, columns)), "")
    w.line(f"{w.function('dot', np.dot)}({left.name}, {right.name}, {result.name})")
    return out


def _flat(out: Value, rows: int, columns: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    groups = [prod(out.shape[:rows])] * bool(rows) + [prod(out.shape[rows:])] * bool(columns)
    layout = dense(tuple(groups))
    return layout.shape, layout.strides


def _outer(w: Writer, left: Value, right: Value, out: Value) -> Value:
    """A column times a row: BLAS writes it with all threads."""
    (m,), (n,) = left.shape, right.shape
    column = w.view(left, Layout((m, 1), (*left.layout.strides, 1)), f"{left.name}.reshape({m}, 1)")
    row = w.view(right, Layout((1, n), (1, *right.layout.strides)), f"{right.name}.reshape(1, {n})")
    result = w.view(out, dense((m, n)), "")
    w.line(f"{w.function('dot', np.dot)}({column.name}, {row.name}, {result.name})")
    return out


def _batched(w: Writer, number: int, step: Step) -> Value:
    batch, rows, summed, columns = step.parameters
    a, b = [w.values[operand] for operand in step.operands]
    ones = [1] * batch
    if not rows and not columns and w.dtype.kind == "f":
        left, right = w.merged(a, [*ones, summed]), w.merged(b, [*ones, summed])
        out = w.target(number, step.shape)
        w.line(f"{w.function('vecdot', np.vecdot)}({left.name}, {right.name}, {out.name})")
        return out
    left = w.merged(a, [*ones, rows, summed])
    right = w.merged(b, [*ones, summed, columns])
    out = w.target(number, step.shape)
    lead = step.shape[:batch]
    shape = (*lead, prod(step.shape[batch : batch + rows]), prod(step.shape[batch + rows :]))
    result = w.view(out, dense(shape), "")
    w.line(f"{w.function('matmul', np.matmul)}({left.name}, {right.name}, {result.name})")
    return out


# --- deltas and outputs ---------------------------------------------------------------------------------------------


def _assemble(w: Writer, number: int, step: Step) -> Value:
    cores = [w.values[operand] for operand in step.operands]
    if step.parameters[0] == tuple(range(len(step.shape))):
        out = w.in_place(number, step, step.operands[:1])
    elif number in w.destinations:
        out = w.target(number, step.shape)
    else:
        out = w.mostly_zero(step.shape)
    views = [w.view(out, out.layout.diagonal(classes), "") for classes in step.parameters]
    if number in w.destinations and views[0] != out:
        w.zeroed(out, sum([view.layout.pages(w.dtype.itemsize) for view in views]))
    elif views[0] != out:
        for view in views[1:]:
            w.line(f"{view.name}.fill(0)")
    for position, (view, core) in enumerate(zip(views, cores, strict=True)):
        if position:
            w.line(f"{_ufunc(w, np.add)}({view.name}, {core.name}, {view.name})")
        elif core.name != view.name:
            w.line(f"{w.function('copyto', np.copyto)}({view.name}, {core.name})")
    return out


def _output(w: Writer, number: int, step: Step) -> Value:
    value = w.values[step.operands[0]]
    slot = w.slot_of(number)
    kind, order = step.parameters[:2]
    owned = kind == "owned" and value.base is not None and value.base.kind == "slot"
    if owned and value.base.number == slot:
        result = w.view(value, value.layout.transposed(order), "")
    elif not step.shape:
        result = value
    else:
        result = w.in_slot(slot, step.shape)
        source = value.name if kind != "owned" else f"{value.name}.transpose{tuple(order)}"
        w.line(f"{w.function('copyto', np.copyto)}({result.name}, {source})")
    w.hand_out(slot, result)
    return result


EMITTERS: dict[str, Emitter] = {
    "transpose": _transpose,
    "expand": _expand,
    "broadcast": _broadcast,
    "diagonal": _diagonal,
    "add": _binary(np.add),
    "subtract": _binary(np.subtract),
    "multiply": _binary(np.multiply),
    "divide": _binary(np.divide),
    "pow": _binary(np.power),
    "scale": _scale,
    "power": _power,
    "compare": _compare,
    "select": _select,
    "asnumber": _as_number,
    "call": _call,
    "sum": _reduction(np.add),
    "amax": _largest,
    "prod": _reduction(np.multiply),
    "matmul": _matmul,
    "assemble": _assemble,
    "output": _output,
}
