"""The lines of steps along affine forms: views, zeros around them, entries read and written at positions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from math import prod
from typing import Any

import numpy as np

from indicial.backends.codegen import Writer
from indicial.backends.convolutions import convolve
from indicial.backends.elementwise import ufunc
from indicial.backends.layout import Layout, dense
from indicial.backends.lines import located, without_negative
from indicial.backends.lines import window as window_of
from indicial.backends.scatter import MANY, Region, are_rows, at_positions, regions
from indicial.backends.values import Value
from indicial.planning.regions import base_of
from indicial.planning.steps import Layout as Places
from indicial.planning.steps import Step

Array = Any
_FEW_ROWS = 1 << 7  # entries of rows up to which they are added as rows
_MOST_REGIONS = 64  # written as lines of their own


def window(w: Writer, _number: int, step: Step) -> Value:
    own = w.values[step.operands[0]]
    place = (*step.parameters, step.shape)
    function = partial(window_of, place=place)
    if own.base is not None and 0 not in step.shape:
        return w.view(own, own.layout.window(*place), "")
    name = f"v{w.number}"
    if 0 in step.shape or own.dtype != w.dtype or own.constant is not None or not own.shape:
        w.line(f"{name} = {w.bound('k', function)}({own.name})")
        return Value(name, dense(step.shape), own.dtype)
    size = own.dtype.itemsize
    layout = dense(own.shape).window(*place)
    steps = tuple([stride * size for stride in layout.strides])
    whole = f"{w.function('ascontiguousarray', np.ascontiguousarray)}({own.name})"
    w.line(f"{name} = ndarray({step.shape}, dtype, {whole}, {layout.start * size}, {steps})")
    return Value(name, Layout(step.shape, layout.strides), own.dtype)


def pad(w: Writer, number: int, step: Step) -> Value:
    """The zeros are written by nobody: they stay in a buffer that no other step has."""
    own = w.values[step.operands[0]]
    if number in w.destinations:
        out = w.target(number, step.shape)
        w.zeroed(out, prod(step.shape))
    else:
        out = w.mostly_zero(step.shape)
    starts = [before for before, _, _ in step.parameters]
    steps = [[every if k == axis else 0 for k in range(len(starts))]
             for axis, (_, _, every) in enumerate(step.parameters)]  # fmt: skip
    inner = w.view(out, out.layout.window(starts, steps, own.shape), "")
    w.line(f"{w.function('copyto', np.copyto)}({inner.name}, {own.name})")
    return out


def unfold(w: Writer, number: int, step: Step) -> Value:
    out = w.target(number, step.shape)
    w.line(f"{w.function('copyto', np.copyto)}({out.name}, {w.values[step.operands[0]].name})")
    return out


def index(w: Writer, _number: int, step: Step) -> Value:
    extent, divisor = step.parameters
    name = f"v{w.number}"
    function = w.bound("k", partial(located, extent=extent, divisor=divisor))
    w.holes[w.number] = f"h{w.number}"
    w.line(f"{name}, h{w.number} = {function}({w.values[step.operands[0]].name})")
    w.made_anew += 4 * prod(step.shape) * 8
    return Value(name, dense(step.shape), np.dtype(np.intp))


def gather(w: Writer, number: int, step: Step) -> Value | None:
    """Entries at positions along one axis, taken into the memory of the result."""
    array, *places = [w.values[operand] for operand in step.operands]
    inner = step.shape[: len(step.shape) - len(array.shape) + 1]
    if len(places) > 1 or places[0].shape != inner or 0 in array.shape or array.dtype != w.dtype:
        return None
    (axis,) = step.parameters
    front = array.name
    if axis:
        order = (axis, *[k for k in range(len(array.shape)) if k != axis])
        front = w.view(array, array.layout.transposed(order), f"{front}.transpose{order}").name
    out = w.target(number, step.shape)
    w.line(f"{front}.take({places[0].name}, 0, {out.name}, 'wrap')")
    cleared = f"{w.function('without_negative', without_negative)}({out.name}, {places[0].name})"
    holes = w.holes.get(base_of(w.plan, step.operands[1]))
    w.line(cleared if holes is None else f"if {holes}: {cleared}")
    return out


# --- writing ------------------------------------------------------------------------------------------


def scatter(w: Writer, number: int, step: Step) -> Value | None:
    plain = [layout for layout in step.parameters if all(slot.operand < 0 for slot in layout.slots)]
    static = {layout: regions(layout, step.shape) for layout in plain}
    if sum(map(len, static.values())) > _MOST_REGIONS:
        return None
    out = w.target(number, step.shape)
    if number in w.destinations:
        w.zeroed(out, sum([_pages(w, layout) for layout in step.parameters]))
    else:
        w.line(f"{out.name}.fill(0)")
    for place, layout in enumerate(step.parameters):
        core = w.values[step.operands[layout.core]]
        if layout in static:
            for region in static[layout]:
                _add_region(w, out, core, region, first=place == 0 and len(static[layout]) == 1)
        else:
            used = [slot.operand for slot in layout.slots]
            at = [w.values[step.operands[k]].name for k in used if k >= 0]
            add = w.bound("k", at_positions(layout, step.shape, place == 0))
            call = f"{add}({out.name}, {core.name}, {', '.join(at)})"
            w.made_anew += 3 * prod(layout.extents) * w.dtype.itemsize
            if not _rows_added(w, step, layout, out, core, call):
                w.line(call)
    return out


def _rows_added(w: Writer, step: Step, layout: Places, out: Value, core: Value, otherwise: str) -> bool:
    """Rows of a core added to those rows of a result that an array says, if that is what is asked.

    NumPy adds entry by entry along one axis at ten times the speed that it has for rows.
    """
    numbers = [slot.operand for slot in layout.slots if slot.operand >= 0]
    base = base_of(w.plan, step.operands[numbers[0]])
    at, holes = w.values[base], w.holes.get(base)
    width = prod(step.shape[1:])
    if (
        holes is None
        or len(numbers) > 1
        or w.dtype.kind != "f"
        or not are_rows(layout, step.shape, at.shape)
        or core.layout != dense(layout.extents)
        or core.base is None
        or (prod(layout.extents) >= MANY and step.shape[0] >= 2 * prod(at.shape))  # see `at_positions`
    ):
        return False
    count, add_at = prod(at.shape), w.function("add_at", np.add.at)
    places = at.name if len(at.shape) == 1 else f"{at.name}.reshape(-1)"
    lines = [f"{add_at}({out.name}, {places}, {w.view(core, dense((count, *step.shape[1:])), '').name})"]
    if width > 1 and count * width > _FEW_ROWS:
        whole = np.dtype(np.intp)
        starts, every = w.scratch((count,), whole), w.scratch((count, width), whole)
        column = w.view(starts, dense((count, 1)), "")
        along, entries = w.view(every, dense((count * width,)), ""), w.view(core, dense((count * width,)), "")
        lines = [
            f"{ufunc(w, np.multiply)}({places}, {w.bound('c', width)}, {starts.name})",
            f"{ufunc(w, np.add)}({column.name}, {w.bound('c', np.arange(width))}, {every.name})",
            f"{add_at}({w.view(out, dense((prod(step.shape),)), '').name}, {along.name}, {entries.name})",
        ]
    for line in [f"if {holes}: {otherwise}", "else:", *[f"    {each}" for each in lines]]:
        w.line(line)
    return True


def _pages(w: Writer, layout: Places) -> int:
    """How many pages of memory a core is written to, about: as if it were written entry by entry."""
    row = layout.extents[-1] * w.dtype.itemsize if layout.extents else w.dtype.itemsize
    return prod(layout.extents[:-1]) * (1 + row // 4096)


def _add_region(w: Writer, out: Value, core: Value, region: Region, *, first: bool) -> None:
    """A part of a core added to its place; the first one finds zeros there."""
    place, source = region
    view = w.view(out, out.layout.window(*place), "")
    part = _part(w, core, source)
    if first:
        w.line(f"{w.function('copyto', np.copyto)}({view.name}, {part})")
    else:
        w.line(f"{ufunc(w, np.add)}({view.name}, {part}, {view.name})")


def _part(w: Writer, core: Value, source: Sequence[Any]) -> str:
    """A part of a core; along an axis of length 1 it has one entry for all."""
    if not core.shape or core.scalar:
        return core.name
    steps, starts, shape, index = [], [], [], list[Any]()
    for axis, (extent, at) in enumerate(zip(core.shape, source, strict=True)):
        if isinstance(at, int):
            index.append(at if extent > 1 else 0)
            starts.append(index[-1])
            continue
        low, high = (at.start, at.stop) if extent > 1 else (0, 1)
        index.append(slice(low, high))
        starts.append(low)
        shape.append(high - low)
        steps.append([int(k == axis) for k in range(len(core.shape))])
    if core.constant is not None:
        return w.constant(core.constant[tuple(index)]).name
    words = ", ".join([str(at) if isinstance(at, int) else f"{at.start}:{at.stop}" for at in index])
    return w.view(core, core.layout.window(starts, steps, tuple(shape)), f"{core.name}[{words}]").name


ALONG: dict[str, Callable[[Writer, int, Step], Value | None]] = {
    "window": window, "pad": pad, "unfold": unfold, "convolve": convolve, "index": index, "gather": gather,
    "scatter": scatter,
}  # fmt: skip
