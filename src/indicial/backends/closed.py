"""The lines of determinants and inverses of many matrices of up to three rows: in closed form.

    C_ij cofactors        det A = Σ_j A_0j C_0j        adj A = Cᵀ        A⁻¹ = Cᵀ / det A

They are computed for all matrices at once, each entry contiguous along the matrices, and once for all
that a plan wants of one array.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from indicial.backends.codegen import Writer
from indicial.backends.layout import dense
from indicial.backends.numpy import kernel
from indicial.backends.values import Value
from indicial.ir.operator_values import is_tame
from indicial.planning.steps import Step

Array = Any
_MOST = 3  # rows
_OF_COFACTORS = ("adj", "inv")
_CAREFUL = 5  # arrays of the result's size that NumPy's inverse takes where the closed form will not do


@dataclass(frozen=True, slots=True)
class Cofactors:
    """Values of one array of matrices: its entries, their cofactors, the determinants."""

    entries: Value
    cofactors: Value
    determinants: Value


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
    out = w.target(number, known.cofactors.shape)
    careful = w.bound("k", kernel(step, {}, w.dtype))
    found = w.view(out, out.layout.transposed(back), "")
    own = w.values[step.operands[0]].name
    names = [known.entries, known.cofactors, known.determinants, out, found]
    w.made_anew += _CAREFUL * prod(step.shape) * w.dtype.itemsize
    divide = w.function("inverses", _inverses)
    w.line(f"{divide}({', '.join([each.name for each in names])}, {own}, {careful})")
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
    rank, rows = len(own.shape) - 2, own.shape[-1]
    order = (rank, rank + 1, *range(rank))
    layout = own.layout.transposed(order)
    entries = w.view(own, layout, f"{own.name}.transpose{order}")
    if own.base is None or layout != dense(layout.shape):
        turned, entries = entries, w.kept(layout.shape)
        w.line(f"{w.function('copyto', np.copyto)}({entries.name}, {turned.name})")
    around = w.scratch((2 * rows - 1, 2 * rows - 1, *own.shape[:-2]))
    found = Cofactors(entries, w.kept(layout.shape), w.kept(own.shape[:-2]))
    products = w.scratch((rows, *own.shape[:-2]))
    names = [entries, around, found.cofactors, products, found.determinants]
    w.line(f"{w.function('cofactors', _cofactors)}({', '.join([each.name for each in names])})")
    w.shared[step.operands[0]] = found
    return found


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


def _inverses(
    x: Array, cofactors: Array, total: Array, out: Array, found: Array, own: Array, careful: Any
) -> None:
    """The cofactors over the determinants, where that loses no digits; else as each matrix needs it."""
    np.divide(cofactors, total, out)
    if not is_tame(x, out):
        np.copyto(found, careful(own))
