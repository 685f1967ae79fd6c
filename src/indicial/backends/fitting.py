"""Plans compiled so that they fit into memory: as they are, or slice by slice."""

from __future__ import annotations

from typing import Any

import numpy as np

from indicial.backends.executable import Executable
from indicial.planning.cuts import calls, peak
from indicial.planning.memory import Limit, allowed, ensure_fits, fits
from indicial.planning.slicing import sliced

_ATTEMPTS = 5  # with less memory each, where what is compiled takes more than was predicted
_SPARED = 0.95  # the share of the memory that the next attempt plans with
_MOST_CALLS = 1 << 16  # of slices: with more of them the steps of Python outweigh the work


def fitted(whole: Executable, limit: Limit) -> Executable:
    """The same function if it fits, else one that computes in slices; MemoryLimitError if none does."""
    if fits(whole.nbytes, limit):
        return whole
    most = allowed(limit)
    if whole.result_bytes < most:
        found = _in_slices(whole, most)
        if found is not None:
            return found
    ensure_fits(whole.plan, whole.nbytes, limit)
    return whole


def _in_slices(whole: Executable, most: int) -> Executable | None:
    dtype: np.dtype[Any] = whole.dtype
    entries = most / dtype.itemsize
    for _ in range(_ATTEMPTS):
        found = sliced(whole.plan, entries)
        if found is None or calls(found.cuts) > _MOST_CALLS:
            return None
        made = Executable(found.plan, dtype, cuts=found.cuts)
        if made.nbytes <= most:
            return made
        entries = peak(found) * _SPARED * most / made.nbytes  # in terms of what was predicted for it
    return None
