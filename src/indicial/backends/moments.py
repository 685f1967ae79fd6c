"""The lines of products over pairs of columns: made group by group in cache, multiplied, and mirrored."""

from __future__ import annotations

from itertools import pairwise
from math import prod

import numpy as np

from indicial.backends.codegen import Writer
from indicial.backends.elementwise import ufunc
from indicial.backends.layout import Layout, dense
from indicial.backends.values import Value
from indicial.planning.moments import ALL, RIGHT, groups, offsets, places
from indicial.planning.steps import Step


def moment(w: Writer, number: int, step: Step) -> Value:
    """For each group of columns j the products with the columns k behind, and these with the third factor."""
    kind, length, columns = step.parameters
    x, weighted, *others = [w.values[operand] for operand in step.operands]
    rows = x.shape[0]
    parts = groups(length, columns)
    starts = offsets(parts, columns)
    largest = max([b - a for a, b in pairwise(starts)])
    x, weighted = [_columns_first(w, each) for each in (x, weighted)]
    products = w.scratch((largest, rows))
    third = _third(w, kind, others[0]) if others else None
    out = w.target(number, step.shape)
    result = _flat(w, out, kind)
    for (low, high), (start, stop) in zip(parts, pairwise(starts), strict=True):
        _pairs(w, x, weighted, products, (low, high))
        made = w.view(products, Layout((stop - start, rows), (rows, 1)), "")
        if kind == RIGHT:
            assert third is not None
            pair = f"{third.name}, {w.view(made, made.layout.transposed((1, 0)), '').name}"
            place = Layout((result.shape[0], stop - start), result.layout.strides, start)
        elif third is None:  # only what is not the same as an entry of an earlier group
            right = Layout((rows, high), (1, rows), x.layout.start)
            pair = f"{made.name}, {w.view(x, right, '').name}"
            place = Layout((stop - start, high), (columns, 1), start * columns)
        else:
            pair = f"{made.name}, {third.name}"
            place = Layout((stop - start, third.shape[1]), result.layout.strides, start * third.shape[1])
        w.line(f"{w.function('matmul', np.matmul)}({pair}, {w.view(result, place, '').name})")
    return out


def _columns_first(w: Writer, matrix: Value) -> Value:
    """A matrix with its rows along memory: a copy, but for one that lies so."""
    layout = matrix.layout.transposed((1, 0))
    if matrix.base is not None and layout.is_dense:
        return w.view(matrix, layout, "")
    copy = w.scratch(layout.shape)
    turned = w.view(matrix, layout, f"{matrix.name}.transpose(1, 0)")
    w.line(f"{w.function('copyto', np.copyto)}({copy.name}, {turned.name})")
    return copy


def _third(w: Writer, kind: str, third: Value) -> Value:
    """The third factor as a matrix."""
    rest = len(third.shape) - 1
    return w.merged(third, [rest, 1] if kind == RIGHT else [1, rest])


def _flat(w: Writer, out: Value, kind: str) -> Value:
    """The result as a matrix."""
    shape = out.shape
    flat = (prod(shape[:-1]), shape[-1]) if kind == RIGHT else (shape[0], prod(shape[1:]))
    return w.view(out, dense(flat), "")


def _pairs(w: Writer, x: Value, weighted: Value, products: Value, group: tuple[int, int]) -> None:
    """The products of the columns of a group with those from the first of them on."""
    low, high = group
    columns, rows = x.shape
    left = Layout((high - low, 1, rows), (rows, 0, 1), weighted.layout.start + low * rows)
    right = Layout((columns - low, rows), (rows, 1), x.layout.start + low * rows)
    place = dense((high - low, columns - low, rows))
    views = [w.view(weighted, left, ""), w.view(x, right, ""), w.view(products, place, "")]
    w.line(f"{ufunc(w, np.multiply)}({', '.join([each.name for each in views])})")


def mirrored(w: Writer, number: int, step: Step) -> Value:
    """Each entry, or row of entries, put to all places where it stands."""
    kind, *size = step.parameters
    packed = w.values[step.operands[0]]
    at = w.constant(places(kind, *size)).name
    out = w.target(number, step.shape)
    if kind == ALL:
        packed = w.view(packed, dense((prod(packed.shape),)), f"{packed.name}.reshape(-1)")
    axis = len(packed.shape) - 1 if kind == RIGHT else 0
    w.line(f"{packed.name}.take({at}, {axis}, {out.name}, 'wrap')")
    return out
