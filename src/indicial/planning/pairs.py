"""Products of two operands: a matrix product where an axis is summed, a broadcast product where none is."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from indicial.ir.indices import Index
from indicial.planning.operands import Operand, Operands, union

_LITTLE = 2  # times that a factor is smaller than a product if it is copied for the product's order


class Pairs(Operands):
    """Emits the product of two operands."""

    def pair(
        self,
        left: Operand,
        right: Operand,
        kept: frozenset[Index],
        free: frozenset[Index],
        wanted: Sequence[Index] = (),
    ) -> Operand:
        """The product of two operands, summed over the indices that are not kept.

        Its axes lie in the order that is wanted, where no more need be copied for it than little beside it.

        Indices that are kept but not free are summed later: a product without a sum puts them last,
        where the matrix product that sums them wants them.
        """
        both = [index for index in left.axes if index in right.axes]
        summed = [index for index in both if index not in kept]
        if not summed:
            spare = (frozenset(left.axes) | frozenset(right.axes)) - kept
            left, right = self.summed(left, spare), self.summed(right, spare)
            return self.multiplied(left, right, free)
        left = self.summed(left, frozenset(left.axes) - frozenset(right.axes) - kept)
        right = self.summed(right, frozenset(right.axes) - frozenset(left.axes) - kept)
        convolved = self._convolved(left, right) or self._convolved(right, left)
        if convolved is not None:
            return convolved
        batch = [index for index in both if index in kept]
        rows = [index for index in left.axes if index not in both]
        columns = [index for index in right.axes if index not in both]
        if rows and columns and _behind(rows, columns, wanted):  # results have their axes in order
            left, right, rows, columns = right, left, columns, rows
        if wanted and not batch:
            length = prod([self.extent(left, index) for index in summed]) * _LITTLE
            if length <= prod([self.extent(right, index) for index in columns]):
                rows.sort(key=wanted.index)
            if length <= prod([self.extent(left, index) for index in rows]):
                columns.sort(key=wanted.index)
        left = self._unfolded(left, batch, rows, summed)
        right = self._unfolded(right, batch, columns, summed)
        axes = (*batch, *rows, *columns)
        a = self.transposed(left, (*batch, *rows, *summed))
        b = self.transposed(right, (*batch, *summed, *columns))
        lengths = (len(batch), len(rows), len(summed), len(columns))
        shape = (
            self.builder.shape(a.value)[: len(batch) + len(rows)]
            + self.builder.shape(b.value)[len(batch) + len(summed) :]
        )
        return Operand(self.builder.emit("matmul", (a.value, b.value), lengths, shape), axes)

    def multiplied(self, left: Operand, right: Operand, free: frozenset[Index]) -> Operand:
        """The product of two operands without a sum."""
        own = [index for index in left.axes if index in right.axes]
        later = [index for index in union((left, right)) if index not in free]
        if not own and left.axes and right.axes and not later:
            lengths = (0, len(left.axes), 0, len(right.axes))
            shape = self.builder.shape(left.value) + self.builder.shape(right.value)
            made = self.builder.emit("matmul", (left.value, right.value), lengths, shape)
            return Operand(made, left.axes + right.axes)
        axes = union((left, right))
        if later and len(axes) > max(len(left.axes), len(right.axes)):
            rest = [index for index in axes if index in free]
            leads = self.untransposed(max(left, right, key=lambda o: len(o.axes))).axes[0] in later
            axes = (*later, *rest) if leads else (*rest, *later)
        return self.elementwise("multiply", (left, right), axes=axes)

    def _convolved(self, window: Operand, kernel: Operand) -> Operand | None:
        """Σ_k x_{i ± k} w_k for a window of one axis, without an array of both i and k; else None."""
        step = self.builder.steps[window.value]
        if step.operation != "window" or len(kernel.axes) != 1 or len(window.axes) != 2:
            return None
        starts, steps = step.parameters
        if len(starts) != 1 or {abs(own[0]) for own in steps} != {1}:
            return None
        along = window.axes.index(kernel.axes[0])
        kept = window.axes[1 - along]
        count, length = self.extent(window, kept), self.extent(window, kernel.axes[0])
        ways = steps[1 - along][0], steps[along][0]
        low = starts[0] - (count - 1) * (ways[0] < 0) - (length - 1) * (ways[1] < 0)
        value = step.operands[0]
        base = self.builder.steps[value]
        if base.operation == "pad" and base.parameters[0][2] == 1:
            inner, before = base.operands[0], base.parameters[0][0]
            (own,) = self.builder.shape(inner)
            first = low - before
            if 1 - length <= first <= own - count and own <= 2 * count:  # no zeros need be stored
                value, low = inner, first
        parameters = (low, *ways)
        return Operand(self.builder.emit("convolve", (value, kernel.value), parameters, (count,)), (kept,))

    def _unfolded(
        self, operand: Operand, batch: list[Index], outer: list[Index], summed: list[Index]
    ) -> Operand:
        """A window as an array of its own, as matrix products need it.

        The axis that runs along memory stands last, and with it the others of its side of the product.
        """
        step = self.builder.steps[operand.value]
        if step.operation != "window" or not (outer or batch):
            return operand
        running = {index for index, own in zip(operand.axes, step.parameters[1], strict=True) if own[-1]}
        sides = [[*outer, *summed], [*summed, *outer]]
        axes = (*batch, *max(sides, key=lambda side: self._run(operand, side[-1], running)))
        starts, steps = step.parameters
        order = [operand.axes.index(index) for index in axes]
        shape = tuple([step.shape[k] for k in order])
        parameters = (starts, tuple([steps[k] for k in order]))  # one view, whatever the axes' order was
        view = self.builder.emit("window", step.operands, parameters, shape)
        return Operand(self.builder.emit("unfold", (view,), (), shape), axes)

    def _run(self, operand: Operand, index: Index, running: set[Index]) -> int:
        return self.extent(operand, index) if index in running else 0


def _behind(rows: Sequence[Index], columns: Sequence[Index], wanted: Sequence[Index]) -> bool:
    """Whether rows would better be columns: for the order that is wanted, or for that of the indices."""
    places = [[wanted.index(index) for index in own] for own in (rows, columns)] if wanted else [[0], [0]]
    if max(places[0]) < min(places[1]):
        return False
    return min(places[0]) > max(places[1]) or max(rows) > max(columns)
