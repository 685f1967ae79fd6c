"""The lines of products and reductions: BLAS on views, and a copy only where no view is."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np

from indicial.backends.blocks import threads
from indicial.backends.codegen import Writer
from indicial.backends.elementwise import ufunc
from indicial.backends.layout import Layout, dense
from indicial.backends.values import Value
from indicial.planning.steps import Step

_ADDED = 1 << 12  # terms of a sum that BLAS adds: its partial sums are few
_WIDE = 1 << 17  # entries of an outer product that leave the cache before BLAS comes back to them, …
_HUGE = 1 << 23  # … and that leave all caches
_ONE_THREAD = 9000  # entries of a matrix up to which BLAS multiplies it in the calling thread


def reduction(function: Any) -> Callable[[Writer, int, Step], Value]:
    def emit(w: Writer, number: int, step: Step) -> Value:
        out = w.target(number, step.shape)
        own = w.values[step.operands[0]].name
        reduce = w.function(f"{function.__name__}_reduce", function.reduce)
        w.line(f"{reduce}({own}, {step.parameters}, None, {out.name})")
        return out

    return emit


_sum = reduction(np.add)


def total(w: Writer, number: int, step: Step) -> Value:
    """Sums over the last or the first axes as products with ones, which BLAS has at a fraction of the time.

    Axes are first, too, where they lie so in memory. Long sums stay NumPy's, which adds pairwise; so do
    large ones over the first axes.
    """
    own = w.values[step.operands[0]]
    count, rank = len(step.parameters), len(own.shape)
    length, entries = prod([own.shape[axis] for axis in step.parameters]), prod(own.shape)
    if not 1 < length <= _ADDED or not entries or w.dtype.str[1:] not in ("f4", "f8"):
        return _sum(w, number, step)
    summed = tuple(step.parameters)
    last, first = tuple(range(rank - count, rank)) == summed, tuple(range(count)) == summed
    rest = [axis for axis in range(rank) if axis not in summed]
    if not last and not first and own.base is not None and number not in w.destinations:
        rest = [axis for axis in own.layout.order or range(rank) if axis in rest]
        own, first = w.view(own, own.layout.transposed((*summed, *rest)), ""), True
    order = tuple([sorted(rest).index(axis) for axis in rest])
    kept, few = rank - count, entries <= _ONE_THREAD
    ways = (
        (few and last, np.dot, "{0}, {1}", [kept] * (kept > 0) + [count]),
        (few and first, np.dot, "{1}, {0}", [count, kept]),
        (last, np.vecdot, "{0}, {1}", [1] * kept + [count]),
    )
    for possible, function, pair, lengths in ways:
        if possible and own.layout.merged(lengths) is not None:
            view, ones = w.merged(own, lengths).name, w.ones(length).name
            out = w.target(number, step.shape, order=order)
            flat = (prod(step.shape),) if step.shape and function is np.dot else step.shape
            result = w.view(out, dense(flat), "").name
            w.line(f"{w.function(function.__name__, function)}({pair.format(view, ones)}, {result})")
            return out
    return _sum(w, number, step)


def largest(w: Writer, number: int, step: Step) -> Value | None:
    """The largest entries, by which exponents are shifted: where they are infinite, the numbers next to that.

    ∞ less the largest number is ∞ still, and other entries less it are as good as −∞ beside that.
    """
    if w.dtype.kind != "f":
        return None
    end = np.finfo(w.dtype).max
    out = w.target(number, step.shape)
    own = w.values[step.operands[0]].name
    reduce = w.function("maximum_reduce", np.maximum.reduce)
    w.line(f"{reduce}({own}, {step.parameters}, None, {out.name}, False, {w.literal(-end)})")
    w.line(f"{ufunc(w, np.minimum)}({out.name}, {w.literal(end)}, out={out.name})")
    return out


def matmul(w: Writer, number: int, step: Step) -> Value:
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
    """A column times a row: BLAS writes it with all threads, and goes over the result twice."""
    (m,), (n,) = left.shape, right.shape
    if m * n >= _WIDE and w.dtype.kind == "f" and (threads() == 1 or m * n >= _HUGE):
        function = _outer_multiply if m * n >= _HUGE else _outer_product
        result = w.view(out, dense((m, n)), "")
        w.line(f"{w.bound('outer', function)}({left.name}, {right.name}, {result.name})")
        return out
    column = w.view(
        left, Layout((m, 1), (*left.layout.strides, 1), left.layout.start), f"{left.name}.reshape({m}, 1)"
    )
    row = w.view(
        right, Layout((1, n), (1, *right.layout.strides), right.layout.start), f"{right.name}.reshape(1, {n})"
    )
    result = w.view(out, dense((m, n)), "")
    w.line(f"{w.function('dot', np.dot)}({column.name}, {row.name}, {result.name})")
    return out


def _outer_product(left: Any, right: Any, out: Any) -> None:
    """Row by row in a result that is larger than the nearest caches."""
    np.einsum("i,j->ij", left, right, out=out)


def _outer_multiply(left: Any, right: Any, out: Any) -> None:
    """One pass over a result that is larger than all caches: nothing is read of it."""
    np.multiply(left[:, None], right, out)


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
