"""The memory that a plan may use: known before it runs; what would take more is sliced, or refused.

The limit is, in this order: what a call says, what `set_memory_limit` said, what the environment variable
INDICIAL_MEMORY_LIMIT says, and else half of the memory that is available at the time.
"""

from __future__ import annotations

import os
import re
from functools import lru_cache
from math import prod
from pathlib import Path
from typing import Union

from indicial.errors import MemoryLimitError, NotationError
from indicial.planning.steps import Plan, Shape

Limit = Union[int, str, None]
VARIABLE = "INDICIAL_MEMORY_LIMIT"
_ADDRESSABLE = 1 << 62  # bytes; NumPy counts empty arrays as if their axes of no extent had one
_UNKNOWN = 8 << 30  # bytes taken for the machine's memory where the system does not tell
_ALWAYS_THERE = 16 << 20  # bytes for which nobody asks how much memory is available
_PREFIXES = [(f"{prefix}{unit}", base**n) for n, prefix in enumerate("kmgt", 1)
             for unit, base in (("b", 1000), ("ib", 1024))]  # fmt: skip
_UNITS = {"": 1, "b": 1, **dict(_PREFIXES)}
_SIZE = re.compile(r"\s*(\d+(?:\.\d*)?)\s*([kmgt]i?b|b?)\s*", re.IGNORECASE)
_GROUPS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current")

_of_the_process: int | None = None


def set_memory_limit(limit: Limit) -> None:
    """Set the most memory that a call may use in this process: bytes, a text such as "4 GiB", or None.

    None goes back to the environment variable INDICIAL_MEMORY_LIMIT, or half of what is available.
    """
    global _of_the_process
    _of_the_process = None if limit is None else in_bytes(limit)


def in_bytes(limit: int | str) -> int:
    """A number of bytes, or a text with a unit, as a number of bytes."""
    if isinstance(limit, int) and not isinstance(limit, bool) and limit >= 0:
        return limit
    found = _SIZE.fullmatch(limit) if isinstance(limit, str) else None
    if found is None:
        raise NotationError(f"{limit!r} is no amount of memory", hint='give bytes, or a text such as "4 GiB"')
    return int(float(found[1]) * _UNITS[found[2].lower()])


def allowed(limit: Limit = None) -> int:
    """The most bytes that a plan may use now."""
    if limit is not None:
        return in_bytes(limit)
    if _of_the_process is not None:
        return _of_the_process
    written = os.environ.get(VARIABLE)
    return in_bytes(written) if written else available() // 2


def available() -> int:
    """The memory that is free, or can be freed, in bytes; of a container's share what is left."""
    free = _machine()
    try:
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                free = int(line.split()[1]) * 1024
        most, used = [Path(name).read_text(encoding="ascii").strip() for name in _GROUPS]
        return free if most == "max" else max(min(free, int(most) - int(used)), 0)
    except (OSError, ValueError, IndexError):
        return free


@lru_cache(maxsize=1)
def _machine() -> int:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return _UNKNOWN


def ensure_addressable(plan: Plan, itemsize: int) -> None:
    """Raise MemoryLimitError if a plan has an array that no machine could hold."""
    for step in plan.steps:
        if prod([max(extent, 1) for extent in step.shape]) * itemsize > _ADDRESSABLE:
            raise MemoryLimitError(
                f"an array of shape {step.shape} is larger than a machine can address",
                hint="reduce the extents",
            )


def fits(needed: int, limit: Limit = None) -> bool:
    """Whether so many bytes may be used."""
    if limit is None and needed <= _ALWAYS_THERE and _of_the_process is None and VARIABLE not in os.environ:
        return True
    return needed <= allowed(limit)


def ensure_fits(plan: Plan, peak: int, limit: Limit = None) -> None:
    """Raise MemoryLimitError, with the figures, if what the plan needs is above the limit."""
    if not fits(peak, limit):
        most = allowed(limit)
        largest = max(plan.steps, key=lambda step: step.elements)
        raise MemoryLimitError(
            f"this needs {bytes_as_text(peak)} of memory, more than the limit of {bytes_as_text(most)}, "
            f"and no slices of it would fit; its largest array has shape {largest.shape}",
            hint="raise the limit (memory_limit=…), reduce the extents, keep the deltas apart (structured), "
            "or differentiate the product of the output with what it is needed for",
        )


def ensure_array_fits(shape: Shape, itemsize: int) -> None:
    """Raise MemoryLimitError if one array would pass the limit."""
    needed = prod(shape) * itemsize
    if needed > _ALWAYS_THERE and needed > allowed():
        raise MemoryLimitError(
            f"an array of shape {shape} needs {bytes_as_text(needed)} of memory, "
            f"more than the limit of {bytes_as_text(allowed())}",
            hint="keep the structured form, or reduce the extents",
        )


def bytes_as_text(count: float) -> str:
    """A number of bytes with a fitting unit."""
    for unit in ("bytes", "KiB", "MiB", "GiB"):
        if count < 1024:
            return f"{count:.3g} {unit}"
        count /= 1024
    return f"{count:.3g} TiB"
