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
from indicial.backends.layout import dense
from indicial.backends.lines import positions, without_negative
from indicial.backends.lines import window as window_of
from indicial.backends.scatter import Region, at_positions, regions
from indicial.backends.values import Value
from indicial.planning.steps import Layout as Places
from indicial.planning.steps import Step

Array = Any
_MOST_REGIONS = 64  # written as lines of their own


def window(w: Writer, _number: int, step: Step) -> Value:
    own = w.values[step.operands[0]]
    place = (*step.parameters, step.shape)
    function = partial(window_of, place=place)
    if own.base is not None and 0 not in step.shape:
        return w.view(own, own.layout.window(*place), "")
    name = f"v{w.number}"
    w.line(f"{name} = {w.bound('k', function)}({own.name})")
    return Value(name, dense(step.shape), own.dtype)


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
    function = w.bound("k", partial(positions, extent=extent, divisor=divisor))
    w.line(f"{name} = {function}({w.values[step.operands[0]].name})")
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
    w.line(f"{w.function('without_negative', without_negative)}({out.name}, {places[0].name})")
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
            w.line(f"{add}({out.name}, {core.name}, {', '.join(at)})")
            w.made_anew += 3 * prod(layout.extents) * w.dtype.itemsize
    return out


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
