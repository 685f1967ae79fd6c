"""The lines of determinants and inverses of many matrices of up to three rows: in closed form.

    C_ij cofactors        det A = Σ_j A_0j C_0j        adj A = Cᵀ        A⁻¹ = Cᵀ / det A

They are computed for all matrices at once, each entry contiguous along the matrices, and once for all
that a plan wants of one array.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import prod
from typing import Any

import numpy as np

from indicial.backends.codegen import Writer
from indicial.backends.elementwise import ufunc
from indicial.backends.layout import Layout, dense
from indicial.backends.numpy import kernel
from indicial.backends.values import Value
from indicial.ir.operator_values import TAME, end_of, is_tame
from indicial.planning.steps import Step

Array = Any
_MOST = 3  # rows
_FEW = 1 << 7  # matrices up to which fewer calls are faster than long ones
_SQUARED = 1 << 10  # entries up to which the sum of their squares is as good as their largest
_PRODUCTS = {
    2: (3, 2, 1, 0),
    3: (*(4, 5, 3, 7, 8, 6, 1, 2, 0), *(8, 6, 7, 2, 0, 1, 5, 3, 4),
        *(5, 3, 4, 8, 6, 7, 2, 0, 1), *(7, 8, 6, 1, 2, 0, 4, 5, 3)),
}  # fmt: skip  # entries of a matrix: its cofactors, or a, b, c, d of which a b - c d are these
_OF_COFACTORS = ("adj", "inv")
_CAREFUL = 5  # arrays of the result's size that NumPy's inverse takes where the closed form will not do


@dataclass(frozen=True, slots=True)
class Cofactors:
    """Values of one array of matrices: all its entries, their cofactors, the determinants.

    The cofactors have rows and columns in front, in memory too unless they lie `in_rows`, as the matrices do.
    """

    entries: Value
    cofactors: Value
    determinants: Value
    in_rows: bool = False


def operator(w: Writer, number: int, step: Step) -> Value | None:
    """An operator of small matrices; None for others."""
    name = step.parameters[0]
    if name not in ("det", *_OF_COFACTORS) or not _is_closed(w, step):
        return None
    known = _cofactors_of(w, step)
    rank = len(step.shape) - 2
    if name == "det":
        return known.determinants
    back = (*range(2, rank + 2), 1, 0)  # row and column of a cofactor are those of the inverse, exchanged
    if name == "adj":
        return w.view(known.cofactors, known.cofactors.layout.transposed(back), "")
    memory = w.target(number, step.shape if known.in_rows else known.cofactors.shape)
    front = (rank, rank + 1, *range(rank))
    out = w.view(memory, memory.layout.transposed(front), "") if known.in_rows else memory
    found = w.view(out, out.layout.transposed(back), "")
    w.line(f"{ufunc(w, np.divide)}({known.cofactors.name}, {known.determinants.name}, {out.name})")
    own, careful = w.values[step.operands[0]].name, w.bound("k", kernel(step, {}, w.dtype))
    w.made_anew += _CAREFUL * prod(step.shape) * w.dtype.itemsize
    tame, size = w.bound("k", _tame_of(w.dtype)), (prod(step.shape),)
    names = f"{known.entries.name}, {w.view(memory, dense(size), '').name}"
    w.line(f"if not {tame}({names}): {w.function('copyto', np.copyto)}({found.name}, {careful}({own}))")
    return found


def _is_closed(w: Writer, step: Step) -> bool:
    """Whether there are matrices, small real ones, of which the plan wants more than the determinant."""
    shape = w.values[step.operands[0]].shape
    beside = [
        each for each in w.plan.steps if each.operation == "operator" and each.operands == step.operands
    ]
    wanted = any(each.parameters[0] in _OF_COFACTORS for each in beside)
    small = len(shape) > 2 and 1 <= shape[-1] <= _MOST and prod(shape) > 0
    return small and wanted and w.dtype.str[1:] in ("f4", "f8")


def _cofactors_of(w: Writer, step: Step) -> Cofactors:
    """The cofactors of the operand, computed at their first use into memory of their own."""
    known: Cofactors | None = w.shared.get(step.operands[0])
    if known is not None:
        return known
    own = w.values[step.operands[0]]
    few = own.shape[-1] > 1 and prod(own.shape[:-2]) <= _FEW
    found = w.shared[step.operands[0]] = _in_rows(w, own) if few else _in_columns(w, own)
    return found


def _in_columns(w: Writer, own: Value) -> Cofactors:
    """Each entry contiguous along the matrices."""
    rank, rows = len(own.shape) - 2, own.shape[-1]
    order = (rank, rank + 1, *range(rank))
    layout = own.layout.transposed(order)
    entries = w.view(own, layout, f"{own.name}.transpose{order}")
    if own.base is None or layout != dense(layout.shape):
        turned, entries = entries, w.kept(layout.shape)
        w.line(f"{w.function('copyto', np.copyto)}({entries.name}, {turned.name})")
    around = w.scratch((2 * rows - 1, 2 * rows - 1, *own.shape[:-2]))
    cofactors, determinants = w.kept(layout.shape), w.kept(own.shape[:-2])
    products = w.scratch((rows, *own.shape[:-2]))
    names = [entries, around, cofactors, products, determinants]
    w.line(f"{w.function('cofactors', _cofactors)}({', '.join([each.name for each in names])})")
    return Cofactors(w.view(entries, dense((prod(own.shape),)), ""), cofactors, determinants)


def _in_rows(w: Writer, own: Value) -> Cofactors:
    """Each matrix contiguous: few calls, for few matrices."""
    lead, rows = own.shape[:-2], own.shape[-1]
    count, size = prod(lead), rows * rows
    flat = w.merged(own, [len(lead), 2])
    places = _PRODUCTS[rows]
    taken = w.scratch((count, len(places)))
    cofactors, determinants = w.kept((count, size)), w.kept(lead)
    w.line(f"{flat.name}.take({w.bound('c', np.array(places))}, 1, {taken.name}, 'wrap')")
    multiply = ufunc(w, np.multiply)
    if rows == 2:
        signs = np.array([1, -1, -1, 1], w.dtype)
        w.line(f"{multiply}({taken.name}, {w.bound('c', signs)}, {cofactors.name})")
    else:
        parts = [w.view(taken, Layout((count, size), (4 * size, 1), k * size), "").name for k in range(4)]
        other = w.scratch((count, size)).name
        w.line(f"{multiply}({parts[0]}, {parts[1]}, {cofactors.name})")
        w.line(f"{multiply}({parts[2]}, {parts[3]}, {other})")
        w.line(f"{ufunc(w, np.subtract)}({cofactors.name}, {other}, {cofactors.name})")
    first = Layout((count, rows), (size, 1), flat.layout.start)
    heads = [w.view(flat, first, f"{flat.name}[:, :{rows}]"), w.view(cofactors, replace(first, start=0), "")]
    total = w.view(determinants, dense((count,)), "")
    w.line(f"{w.function('vecdot', np.vecdot)}({heads[0].name}, {heads[1].name}, {total.name})")
    front = (len(lead), len(lead) + 1, *range(len(lead)))
    turned = w.view(cofactors, dense((*lead, rows, rows)).transposed(front), "")
    return Cofactors(w.merged(flat, [2]), turned, determinants, in_rows=True)


def _tame_of(dtype: np.dtype[Any]) -> Callable[[Array, Array], bool]:
    """Whether the inverses of some matrices are right in closed form, by the entries of all of them."""
    end = end_of(dtype)

    def tame(x: Array, found: Array) -> bool:
        if len(x) <= _SQUARED:
            size, other = x.dot(x), found.dot(found)
            if end < size and end * size < 1 and size * other <= TAME**2:
                return True
        return is_tame(x, found)

    return tame


def _cofactors(x: Array, around: Array, found: Array, products: Array, total: Array) -> None:
    """The cofactors of matrices, rows and columns in front, and their determinants."""
    rows = len(x)
    if rows == 1:
        found.fill(1)
    elif rows == 2:
        np.copyto(found[0, 0], x[1, 1])
        np.copyto(found[1, 1], x[0, 0])
        np.negative(x[1, 0], found[0, 1])
        np.negative(x[0, 1], found[1, 0])
    else:
        np.copyto(around[:3, :3], x)  # rows and columns once more behind the last ones
        np.copyto(around[3:, :3], x[:2])
        np.copyto(around[:, 3:], around[:, :2])
        np.multiply(around[1:4, 2:], around[2:, 1:4], found)
        work = around[:3, :3]
        np.multiply(around[1:4, 1:4], around[2:, 2:], work)
        np.subtract(work, found, found)
    np.multiply(x[0], found[0], products)
    np.add.reduce(products, 0, None, total)
