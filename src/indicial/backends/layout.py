"""Shapes and strides, known before anything runs: which views of an array exist without a copy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import prod
from operator import mul

Shape = tuple[int, ...]
_PAGE = 4096  # bytes


@dataclass(frozen=True, slots=True)
class Layout:
    """A shape, the distance in elements between neighbours along each axis, and where the first entry is."""

    shape: Shape
    strides: tuple[int, ...]
    start: int = 0

    @property
    def size(self) -> int:
        """The number of entries."""
        return prod(self.shape)

    @property
    def is_dense(self) -> bool:
        """Whether the entries lie one behind the other in the order of the axes."""
        return self == dense(self.shape) or self.size <= 1

    @property
    def order(self) -> tuple[int, ...] | None:
        """The axes from the slowest to the fastest, if the entries lie one behind the other in some order."""
        axes = sorted(range(len(self.shape)), key=lambda axis: -self.strides[axis])
        return tuple(axes) if self == packed(self.shape, axes) else None

    def pages(self, itemsize: int) -> int:
        """How many pages of memory the entries lie on, about."""
        run = 1
        for extent, step in sorted(zip(self.shape, self.strides, strict=True), key=lambda pair: pair[1]):
            if extent > 1 and step != run:
                break
            run *= extent
        return (self.size // max(run, 1)) * (1 + run * itemsize // _PAGE)

    def transposed(self, axes: Sequence[int]) -> Layout:
        """The axes in another order."""
        shape, strides = [self.shape[k] for k in axes], [self.strides[k] for k in axes]
        return Layout(tuple(shape), tuple(strides), self.start)

    def expanded(self, slots: Sequence[bool]) -> Layout:
        """One axis for each slot, of length 1 where the slot is empty."""
        extents, steps = iter(self.shape), iter(self.strides)
        pairs = [(next(extents), next(steps)) if present else (1, 0) for present in slots]
        return Layout(tuple([n for n, _ in pairs]), tuple([step for _, step in pairs]), self.start)

    def broadcast(self, shape: Shape) -> Layout:
        """The same entries repeated along axes of length 1 and along new axes in front."""
        lead = len(shape) - len(self.shape)
        own = (1,) * lead + self.shape
        steps = (0,) * lead + self.strides
        kept = [0 if a != b else step for a, b, step in zip(own, shape, steps, strict=True)]
        return Layout(shape, tuple(kept), self.start)

    def diagonal(self, classes: Sequence[int]) -> Layout:
        """One axis for each class of axes, which move together."""
        strides, shape = [0] * (max(classes) + 1), [0] * (max(classes) + 1)
        for axis, group in enumerate(classes):
            strides[group] += self.strides[axis]
            shape[group] = self.shape[axis]
        return Layout(tuple(shape), tuple(strides), self.start)

    def window(self, starts: Sequence[int], steps: Sequence[Sequence[int]], shape: Shape) -> Layout:
        """The view whose axis k goes `steps[k]` along the axes, from `starts` on."""
        start = self.start + sum(map(mul, starts, self.strides))
        return Layout(shape, tuple([sum(map(mul, own, self.strides)) for own in steps]), start)

    def merged(self, lengths: Sequence[int]) -> Layout | None:
        """One axis for each run of neighbouring axes, if that is a view; runs may be empty."""
        shape: list[int] = []
        strides: list[int] = []
        start = 0
        if 0 in self.shape:  # no entries lie anywhere
            ends = [sum(lengths[:k]) for k in range(len(lengths) + 1)]
            return dense(tuple([prod(self.shape[a:b]) for a, b in pairwise(ends)]))
        for length in lengths:
            run = _one_axis(self.shape[start : start + length], self.strides[start : start + length])
            if run is None:
                return None
            shape.append(run[0])
            strides.append(run[1])
            start += length
        return Layout(tuple(shape), tuple(strides), self.start)


def dense(shape: Shape) -> Layout:
    """C order: the last axis runs fastest."""
    strides, step = [0] * len(shape), 1
    for axis in range(len(shape) - 1, -1, -1):
        strides[axis] = step
        step *= max(shape[axis], 1)
    return Layout(shape, tuple(strides))


def packed(shape: Shape, order: Sequence[int]) -> Layout:
    """The entries one behind the other, the axes in an order from the slowest to the fastest."""
    back = [0] * len(shape)
    for place, axis in enumerate(order):
        back[axis] = place
    return dense(tuple([shape[axis] for axis in order])).transposed(back)


def _one_axis(shape: Sequence[int], strides: Sequence[int]) -> tuple[int, int] | None:
    """The extent and stride of some axes taken as one, or None if no single stride runs through them."""
    extent, step = 1, 0
    for n, stride in zip(reversed(shape), reversed(strides), strict=True):
        if n == 1:
            continue
        if extent == 1:
            extent, step = n, stride
        elif stride == step * extent:
            extent *= n
        else:
            return None
    return extent, step if extent > 1 else 1
