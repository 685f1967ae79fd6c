"""Values read and written along lines: the steps that equations of indices become.

    index    positions from an array of numbers, −1 where one is not whole or not on the axis
    gather   entries at such positions, 0 where there is none
    pad      zeros around an axis, and between its entries
    window   a view along affine forms of its axes
    scatter  cores added to a result along lines: what "assemble" is for deltas alone

No step has more elements than its operands and its result.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import prod

from indicial.ir.indices import Index
from indicial.ir.nodes import ZERO, Node
from indicial.ir.traversal import Stackless
from indicial.planning.contraction import Contraction, Operand
from indicial.planning.lines import Extents, Line, identity
from indicial.planning.steps import Builder, Layout, Slot

Dense = Callable[[Node], Stackless[Operand]]


class Reader:
    """Emits the steps of reading and writing; `dense` gives the value of an expression."""

    def __init__(self, contract: Contraction, extents: Extents, dense: Dense) -> None:
        self.contract, self.extents, self.dense = contract, extents, dense

    @property
    def builder(self) -> Builder:
        """Where the steps go."""
        return self.contract.builder

    def shape(self, indices: Sequence[Index]) -> tuple[int, ...]:
        """The extents of indices."""
        return tuple([self.extents(index.space) for index in indices])

    # --- reading ---------------------------------------------------------------------------------------

    def read(self, operand: Operand, known: Mapping[Index, Line]) -> Stackless[Operand]:
        """A value at lines instead of indices, 0 where they leave its axes."""
        lines = [known.get(index, identity(index)) for index in operand.axes]
        gathered = _gathered(lines)
        value = operand.value
        if gathered:
            value, lines = yield self._gather(value, lines, gathered)
        return self._window(self._padded(value, lines), lines)

    def _gather(self, value: int, lines: list[Line], axes: list[int]) -> Stackless[tuple[int, list[Line]]]:
        """The entries at positions along some axes: the positions' own axes come first."""
        extents = self.builder.shape(value)
        found: list[Operand] = []
        for axis in axes:
            found.append((yield self.positions(lines[axis], extents[axis])))
        inner = tuple(sorted(frozenset[Index]().union(*[lines[axis].indices for axis in axes])))
        positions = [self.contract.aligned(each, inner) for each in found]
        rest = [k for k in range(len(lines)) if k not in axes]
        shape = (*self.shape(inner), *[extents[k] for k in rest])
        result = self.builder.emit("gather", (value, *positions), tuple(axes), shape)
        return result, [*map(identity, inner), *[lines[k] for k in rest]]

    def positions(self, line: Line, extent: int) -> Stackless[Operand]:
        """A line as an array of positions on an axis of some extent."""
        number = yield self.dense(line.times(line.divisor).node)
        shape = self.builder.shape(number.value)
        return Operand(
            self.builder.emit("index", (number.value,), (extent, line.divisor), shape), number.axes
        )

    def _padded(self, value: int, lines: list[Line]) -> int:
        """Zeros wherever a line reads beyond an axis or between its entries; the lines become whole."""
        shape = self.builder.shape(value)
        pads: list[tuple[int, int, int]] = []
        for axis, line in enumerate(lines):
            step = line.divisor
            whole = line.times(step)
            low, high = whole.span(self.extents)
            length = max((shape[axis] - 1) * step + 1, 0)
            before, after = max(0, -int(low)), max(0, int(high) - length + 1)
            pads.append((before, after, step))
            lines[axis] = Line(whole.slopes, whole.constant + before)
        if all(pad == (0, 0, 1) for pad in pads):
            return value
        lengths = [max((n - 1) * step + 1, 0) for n, (_, _, step) in zip(shape, pads, strict=True)]
        new = [n + before + after for n, (before, after, _) in zip(lengths, pads, strict=True)]
        return self.builder.emit("pad", (value,), tuple(pads), tuple(new))

    def _window(self, value: int, lines: list[Line]) -> Operand:
        """A view along whole lines that stay inside."""
        axes = tuple(dict.fromkeys([index for line in lines for index in sorted(line.slopes)]))
        if lines == [identity(index) for index in axes] and self.builder.shape(value) == self.shape(axes):
            return Operand(value, axes)
        starts = tuple([int(line.constant) for line in lines])
        steps = tuple([tuple([int(line.slopes.get(index, 0)) for line in lines]) for index in axes])
        return Operand(self.builder.emit("window", (value,), (starts, steps), self.shape(axes)), axes)

    def inside(self, line: Line, index: Index) -> Stackless[Operand]:
        """1 where a line is a value of an index, 0 elsewhere."""
        one = self.builder.emit("number", (), 1.0, ())
        ones = Operand(self.builder.emit("broadcast", (one,), (), self.shape((index,))), (index,))
        result: Operand = yield self.read(ones, {index: line})
        return result

    # --- writing -----------------------------------------------------------------------------------------

    def written(
        self, parts: Sequence[tuple[Operand, Mapping[Index, Line]]], axes: tuple[Index, ...]
    ) -> Stackless[Operand]:
        """Σ of cores, each added along its lines: an axis without a line is the core's own.

        What a core has that no axis of the result depends on is not there any more; what several of its
        entries are written to is their sum.
        """
        operands: list[int] = []
        layouts: list[Layout] = []
        for core, lines in parts:
            known = [lines.get(index, identity(index)) for index in axes]
            found: list[Operand | None] = []
            for index, line in zip(axes, known, strict=True):
                found.append((yield self._position(line, index)))
            own = _axes_of(known, found)
            position = len(operands)
            operands.append(self.contract.aligned(self._without_others(core, own, known), own))
            slots = [self._slot(*each, own, operands) for each in zip(known, found, strict=True)]
            layouts.append(Layout(position, self.shape(own), tuple(slots)))
        value = self.builder.emit("scatter", operands, tuple(layouts), self.shape(axes))
        return Operand(value, axes)

    def _position(self, line: Line, index: Index) -> Stackless[Operand | None]:
        """A line of an axis as positions; None if it is a whole form of indices."""
        if line.data == ZERO and line.divisor == 1:
            return None
        found: Operand = yield self.positions(line, self.extents(index.space))
        return found

    def _without_others(self, core: Operand, own: Sequence[Index], known: Sequence[Line]) -> Operand:
        """A core summed over what its lines are written with but do not depend on: k in t[(k+m)-k]."""
        gone = frozenset[Index]().union(*[line.indices for line in known]).difference(own)
        if not gone:
            return core
        repeated = prod(self.shape(tuple(gone.difference(core.axes))))
        return self.contract.product([core], frozenset(own), float(repeated))

    def _slot(self, line: Line, found: Operand | None, own: tuple[Index, ...], operands: list[int]) -> Slot:
        if found is None:
            return Slot(int(line.constant), tuple([int(line.slopes.get(i, 0)) for i in own]))
        operands.append(self.contract.aligned(found, own))
        return Slot(0, tuple([int(i in found.axes) for i in own]), len(operands) - 1)


def _axes_of(known: Sequence[Line], found: Sequence[Operand | None]) -> tuple[Index, ...]:
    """The indices that places depend on."""
    each = [line.slopes.keys() if at is None else at.axes for line, at in zip(known, found, strict=True)]
    return tuple(sorted(frozenset[Index]().union(*each)))


def _gathered(lines: Sequence[Line]) -> list[int]:
    """The axes that are read at positions: those with data, and those that share an index with such."""
    axes = [k for k, line in enumerate(lines) if line.data != ZERO]
    inner = frozenset[Index]().union(*[lines[k].indices for k in axes])
    while more := [k for k, line in enumerate(lines) if k not in axes and line.indices & inner]:
        axes += more
        inner = inner.union(*[lines[k].indices for k in more])
    return sorted(axes)
