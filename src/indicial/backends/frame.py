"""The memory of a straight-line function: buffers shared by values that do not live at one time.

Everything is decided while the code is written: which buffer a value lies in and which views of it the
steps use. A frame is one set of such buffers; two threads never run in one frame.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from indicial.backends.layout import Layout
from indicial.backends.pool import view_of

Array = Any
_ALIGNED = 64  # bytes: a cache line
_SLACK = 4  # a free buffer is taken if it is at most this many times too large


def padded(nbytes: int) -> int:
    """The size of a buffer for so many bytes."""
    return max(-(-nbytes // _ALIGNED) * _ALIGNED, _ALIGNED)


@dataclass(frozen=True, slots=True)
class Base:
    """Memory that is there before the steps run: a buffer of the frame, or the owner of an output."""

    kind: str  # "work" or "slot"
    number: int


@dataclass(slots=True)
class Arena:
    """Buffers by number, with their sizes in bytes; those that hold no living value can be taken again."""

    sizes: list[int] = field(default_factory=list)
    free: list[tuple[int, int]] = field(default_factory=list)  # (size, number), sorted

    def take(self, nbytes: int) -> int:
        """The number of a buffer of so many bytes: the smallest free one that is not far too large."""
        need = padded(nbytes)
        place = bisect_left(self.free, (need, -1))
        if place < len(self.free) and self.free[place][0] <= need * _SLACK:
            return self.free.pop(place)[1]
        self.sizes.append(need)
        return len(self.sizes) - 1

    def give(self, number: int) -> None:
        """The buffer holds nothing any more."""
        insort(self.free, (self.sizes[number], number))

    @property
    def nbytes(self) -> int:
        """The bytes of all buffers together."""
        return sum(self.sizes)


@dataclass(slots=True)
class Views:
    """The views of buffers that the steps of a function use, each named once."""

    names: dict[tuple[int, Layout, str], str] = field(default_factory=dict)

    def name(self, buffer: int, layout: Layout, dtype: np.dtype[Any]) -> str:
        """The name of a view."""
        key = (buffer, layout, dtype.str)
        if key not in self.names:
            self.names[key] = f"t{len(self.names)}"
        return self.names[key]

    def arrays(self, sizes: list[int]) -> list[Array]:
        """Fresh buffers of these sizes, seen through all views, in the order of their names."""
        memory: dict[tuple[int, str], Array] = {}
        raw = [_aligned(size) for size in sizes]
        result = []
        for buffer, layout, code in self.names:
            known = memory.get((buffer, code))
            if known is None:
                known = memory[buffer, code] = _seen_as(raw[buffer], np.dtype(code))
            result.append(view_of(known, layout))
        return result


def _aligned(nbytes: int) -> Array:
    """Zeros from the start of a cache line on: what a vector unit writes then lies in one."""
    found = np.zeros((nbytes + _ALIGNED) // 8, np.float64)
    before = -found.ctypes.data % _ALIGNED // 8
    return found[before : before + nbytes // 8]


def _seen_as(raw: Array, dtype: np.dtype[Any]) -> Array:
    """A buffer as entries of a dtype, as many as fit."""
    return np.ndarray((raw.nbytes // dtype.itemsize,), dtype, raw)
