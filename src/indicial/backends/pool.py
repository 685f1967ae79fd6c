"""Results of compiled functions: views of owners that are used again once nobody else has them.

A dropped result costs no fresh pages: its owner stays in a pool, and CPython's reference count tells
whether anything else still refers to it (a view of a view refers to the owner, too). A result that the
caller keeps is never touched again. Where counts cannot be trusted, every result is a fresh one.
"""

from __future__ import annotations

import mmap
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import prod
from typing import Any

import numpy as np

from indicial.backends.layout import Layout

Array = Any
_POOLED_FROM = 1 << 16  # bytes; smaller results come as fast from the allocator
_POOLED_TO = 1 << 30  # bytes; larger results go back to the system at once
_KEPT = 3  # owners in a pool
_LAZY_FROM = 1 << 24  # bytes from which zeros are made by giving pages back, …
_LAZY_PAGE = 1 << 14  # … if for each page that is written there are so many bytes of zeros
_FRESH_TO = 1 << 25  # bytes up to which fresh zeros come faster than a buffer is cleared
_COUNTS = sys.implementation.name == "cpython" and getattr(sys, "_is_gil_enabled", lambda: True)()
_DISCARD = getattr(mmap, "MADV_DONTNEED", None) if sys.platform == "linux" else None
_SMALL_PAGES = getattr(mmap, "MADV_NOHUGEPAGE", None)


@dataclass(frozen=True, slots=True)
class Slot:
    """What one output needs: its layout in memory, the views that are written, and how.

    zeroed   whether the entries that no step writes are zeros
    pages    how many pages of memory the steps write, about
    """

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    views: tuple[Layout, ...]
    zeroed: bool
    pages: int

    @property
    def nbytes(self) -> int:
        """The bytes of the result."""
        return prod(self.shape) * self.dtype.itemsize

    @property
    def lazy(self) -> bool:
        """Whether pages that are never written shall not be there."""
        sparse = self.pages * _LAZY_PAGE <= self.nbytes
        return self.zeroed and sparse and self.nbytes >= _LAZY_FROM and _DISCARD is not None

    @property
    def pooled(self) -> bool:
        """Whether an owner is worth keeping."""
        fresh = self.zeroed and not self.lazy and self.nbytes <= _FRESH_TO
        return _COUNTS and not fresh and _POOLED_FROM <= self.nbytes <= _POOLED_TO

    def given(self, memory: Array) -> tuple[Array, ...]:
        """Memory of the caller's as an owner."""
        if self.zeroed:
            memory.fill(0)
        return self.over(memory)

    def over(self, owner: Array) -> tuple[Array, ...]:
        """The owner and the views of it that the steps write."""
        return (owner, *[view_of(owner, layout) for layout in self.views])


def view_of(owner: Array, layout: Layout) -> Array:
    """A view of a dense array from its first entry on."""
    size = owner.dtype.itemsize
    steps = tuple([step * size for step in layout.strides])
    return np.ndarray(layout.shape, owner.dtype, owner, layout.start * size, steps)


@dataclass(slots=True)
class _Entry:
    """An owner, the views of it that steps write, and its count while only this entry refers to it."""

    owner: Array
    views: tuple[Array, ...]
    clear: Callable[[], object]
    idle: int = -1


def _count(entry: _Entry) -> int:
    owner = entry.owner
    return sys.getrefcount(owner)


def _claimed(entry: _Entry) -> Array | None:
    """The owner, if nothing but the entry refers to it.

    The local reference stands before the count is taken: of two threads that look at once, each counts
    the other's and neither takes it.
    """
    owner = entry.owner
    return owner if sys.getrefcount(owner) == entry.idle else None


class Pool:
    """Owners for one output of one compiled function."""

    def __init__(self, slot: Slot) -> None:
        self.slot = slot
        self.kept: list[_Entry] = []

    def take(self) -> tuple[Array, ...]:
        """An owner that nobody else has, and its views; zeroed if need be."""
        for entry in self.kept:
            owner = _claimed(entry)
            if owner is not None:
                entry.clear()
                return (owner, *entry.views)
        entry = _fresh(self.slot)
        if self.slot.pooled and len(self.kept) < _KEPT:
            entry.idle = _count(entry)
            owner = entry.owner
            self.kept.append(entry)
        return (entry.owner, *entry.views)


def _fresh(slot: Slot) -> _Entry:
    clear: Callable[[], object] = _nothing
    if slot.lazy:
        memory = mmap.mmap(-1, slot.nbytes)
        if _SMALL_PAGES is not None:
            memory.madvise(_SMALL_PAGES)
        owner = np.ndarray(slot.shape, slot.dtype, memory)
        assert _DISCARD is not None
        clear = partial(memory.madvise, _DISCARD)
    elif slot.zeroed:
        owner = np.zeros(slot.shape, slot.dtype)
        clear = partial(owner.fill, 0)
    else:
        owner = np.empty(slot.shape, slot.dtype)
    return _Entry(owner, slot.over(owner)[1:], clear)


def _nothing() -> None:
    return None
