"""The memory that a plan may use: known before it runs, refused when it is too much."""

from __future__ import annotations

import os
from functools import lru_cache
from math import prod

from indicial.errors import MemoryLimitError
from indicial.planning.steps import Plan, Shape

_ADDRESSABLE = 1 << 62  # bytes; NumPy counts empty arrays as if their axes of no extent had one
_UNKNOWN = 8 << 30  # bytes taken for the machine's memory where the system does not tell


@lru_cache(maxsize=1)
def limit() -> int:
    """Half of the machine's memory, in bytes."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2
    except (AttributeError, ValueError, OSError):
        return _UNKNOWN // 2


def ensure_fits(plan: Plan, itemsize: int) -> None:
    """Raise MemoryLimitError, with the figures, if running the plan would pass the limit."""
    peak = plan.peak_elements * itemsize
    for step in plan.steps:
        if prod([max(extent, 1) for extent in step.shape]) * itemsize > _ADDRESSABLE:
            raise MemoryLimitError(
                f"an array of shape {step.shape} is larger than a machine can address",
                hint="reduce the extents",
            )
    if peak > limit():
        largest = max(plan.steps, key=lambda step: step.elements)
        raise MemoryLimitError(
            f"the result needs {bytes_as_text(peak)} of memory, more than the limit of "
            f"{bytes_as_text(limit())}; its largest array has shape {largest.shape}",
            hint="reduce the extents, or differentiate the product of the output with what it is needed for",
        )


def ensure_array_fits(shape: Shape, itemsize: int) -> None:
    """Raise MemoryLimitError if one array would pass the limit."""
    needed = prod(shape) * itemsize
    if needed > limit():
        raise MemoryLimitError(
            f"an array of shape {shape} needs {bytes_as_text(needed)} of memory, "
            f"more than the limit of {bytes_as_text(limit())}",
            hint="keep the structured form, or reduce the extents",
        )


def bytes_as_text(count: float) -> str:
    """A number of bytes with a fitting unit."""
    for unit in ("bytes", "KiB", "MiB", "GiB"):
        if count < 1024:
            return f"{count:.3g} {unit}"
        count /= 1024
    return f"{count:.3g} TiB"
