"""Regions of a plan run block by block, over several threads where that pays."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Any, Protocol

import numpy as np

Array = Any
Run = Callable[..., list[Array]]
_PARALLEL = 1 << 20  # entries of all steps together from which a second thread pays for its start
_MOST = 4  # threads


def threads() -> int:
    """How many threads elementwise work may take: the user's setting, and at most what the machine has."""
    try:
        wanted = int(os.environ.get("OMP_NUM_THREADS", "").split(",")[0])
    except ValueError:
        wanted = _MOST
    return max(1, min(wanted, os.cpu_count() or 1, _MOST))


@lru_cache(maxsize=1)
def _workers(process: int) -> ThreadPoolExecutor:
    """Threads that wait for blocks; those of a parent process are not there in its child."""
    del process
    return ThreadPoolExecutor(max_workers=_MOST, thread_name_prefix="indicial")


class Framed(Protocol):
    """A function that runs in memory of its own, which one block at a time has."""

    def taken(self) -> Run: ...

    def given_back(self, run: Run) -> None: ...


class Blocks:
    """A region as one function of its operands and of the memory for what it writes.

    run, rest   the functions for a block and for the last, shorter one
    cuts        for each operand the axis along which it is cut; None if a block reads it whole
    summed      for each result whether blocks add to it
    """

    def __init__(
        self,
        runs: tuple[Framed, Framed | None],
        extent: int,
        block: int,
        cuts: Sequence[int | None],
        summed: Sequence[bool],
        work: int,
    ) -> None:
        self.run, self.rest = runs
        self.extent, self.block, self.summed = extent, block, tuple(summed)
        self.adds = any(self.summed)
        self.cuts = tuple([None if axis is None else (slice(None),) * axis for axis in cuts])
        self.parts = threads() if work >= _PARALLEL else 1

    def __call__(self, operands: Sequence[Array], results: Sequence[Array]) -> None:
        """Write all results, block by block."""
        if self.parts == 1:
            self._over(0, self.extent, operands, results)
            return
        count = -(-self.extent // self.block)
        edges = [min(count * k // self.parts * self.block, self.extent) for k in range(self.parts)]
        edges.append(self.extent)
        own = [
            [np.empty_like(r) if added else r for r, added in zip(results, self.summed, strict=True)]
            for _ in range(self.parts - 1)
        ]
        jobs = [
            _workers(os.getpid()).submit(self._over, edges[k + 1], edges[k + 2], operands, own[k])
            for k in range(self.parts - 1)
        ]
        try:
            self._over(edges[0], edges[1], operands, results)
        finally:
            for job in jobs:
                job.exception()  # none writes any more when this function ends
        for job, partial in zip(jobs, own, strict=True):
            job.result()
            for result, part, added in zip(results, partial, self.summed, strict=True):
                if added:
                    np.add(result, part, result)

    def _over(self, start: int, stop: int, operands: Sequence[Array], results: Sequence[Array]) -> None:
        for result, added in zip(results, self.summed, strict=True):
            if added:
                result.fill(0)
        whole = start + (stop - start) // self.block * self.block
        self._blocks(self.run, range(start, whole, self.block), operands, results)
        if whole < stop and self.rest is not None:
            self._blocks(self.rest, range(whole, stop, self.extent), operands, results)

    def _blocks(
        self, function: Framed, starts: range, operands: Sequence[Array], results: Sequence[Array]
    ) -> None:
        """The function over the blocks from some rows on, in one frame."""
        cut = list(zip(operands, self.cuts, strict=True))
        run = function.taken()
        try:
            for low in starts:
                rows = slice(low, min(low + self.block, self.extent))
                inputs = [each if lead is None else each[(*lead, rows)] for each, lead in cut]
                if not self.adds:
                    run(*inputs, *[result[rows] for result in results])
                    continue
                outputs = [
                    None if added else result[rows]
                    for result, added in zip(results, self.summed, strict=True)
                ]
                found = run(*inputs, *outputs)
                for result, part, added in zip(results, found, self.summed, strict=True):
                    if added:
                        np.add(result, part, result)
        finally:
            function.given_back(run)
