"""The lines of each operation of a plan: the table of emitters, with views, deltas and outputs."""

from __future__ import annotations

from typing import Any

import numpy as np

from indicial.backends.along import ALONG
from indicial.backends.closed import operator
from indicial.backends.codegen import Emitter, Writer
from indicial.backends.elementwise import as_number, binary, call, compare, power, scale, select, ufunc
from indicial.backends.moments import mirrored, moment
from indicial.backends.products import largest, matmul, reduction, total
from indicial.backends.scalars import OPERATIONS, scalar
from indicial.backends.values import Value
from indicial.planning.steps import Step

# --- views ----------------------------------------------------------------------------------------


def _transpose(w: Writer, _number: int, step: Step) -> Value:
    own = w.values[step.operands[0]]
    return w.view(
        own, own.layout.transposed(step.parameters), f"{own.name}.transpose{tuple(step.parameters)}"
    )


def _expand(w: Writer, number: int, step: Step) -> Value:
    own = w.values[step.operands[0]]
    if own.scalar:
        out = w.target(number, step.shape)
        w.line(f"{out.name}.fill({own.name})")
        return out
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


# --- deltas and outputs ---------------------------------------------------------------------------


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
            w.line(f"{ufunc(w, np.add)}({view.name}, {core.name}, {view.name})")
        elif core.name != view.name:
            w.line(f"{w.function('copyto', np.copyto)}({view.name}, {core.name})")
    return out


def _output(w: Writer, number: int, step: Step) -> Value:
    value = w.values[step.operands[0]]
    slot = w.slot_of(number)
    kind, order = step.parameters[:2]
    base = value.base
    if kind == "owned" and base is not None and base.kind == "slot" and base.number == slot:
        result = w.view(value, value.layout.transposed(order), "")
    elif not step.shape or (kind == "owned" and value.fresh):
        result = value
        if kind == "owned" and tuple(order) != tuple(range(len(step.shape))):
            result = w.view(value, value.layout.transposed(order), f"{value.name}.transpose{tuple(order)}")
    elif kind == "owned" and w.slot_shapes.get(slot, step.shape) != step.shape:  # as an operand left it there
        owner = w.in_slot(slot, value.shape)
        w.line(f"{w.function('copyto', np.copyto)}({owner.name}, {value.name})")
        result = w.view(owner, owner.layout.transposed(order), "")
    else:
        result = w.in_slot(slot, step.shape)
        source = value.name if kind != "owned" else f"{value.name}.transpose{tuple(order)}"
        w.line(f"{w.function('copyto', np.copyto)}({result.name}, {source})")
    w.hand_out(slot, result)
    return result


_EMITTERS: dict[str, Emitter] = {
    "transpose": _transpose,
    "expand": _expand,
    "broadcast": _broadcast,
    "diagonal": _diagonal,
    "add": binary(np.add),
    "subtract": binary(np.subtract),
    "multiply": binary(np.multiply),
    "divide": binary(np.divide),
    "pow": binary(np.power),
    "scale": scale,
    "power": power,
    "compare": compare,
    "select": select,
    "asnumber": as_number,
    "call": call,
    "sum": total,
    "amax": largest,
    "prod": reduction(np.multiply),
    "matmul": matmul,
    "moment": moment,
    "mirrored": mirrored,
    "operator": operator,
    "assemble": _assemble,
    "output": _output,
    **ALONG,
}
EMITTERS: dict[str, Emitter] = {
    name: scalar(emitter) if name in OPERATIONS else emitter for name, emitter in _EMITTERS.items()
}
