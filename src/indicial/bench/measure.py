"""One instance at one size: orders searched, results checked, memory measured, rounds timed.

Every method is a request that a host may put to a process of its own, see `worker`; what is passed and
returned is plain data.
"""

from __future__ import annotations

import gc
import time
import tracemalloc
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from indicial.bench.contestants import BY_NAME, INDICIAL, TERM_BY_TERM, find
from indicial.bench.executors import Prepared, Results, joint, ordered, term_by_term
from indicial.bench.families import measure_family
from indicial.bench.instances import Instance
from indicial.bench.orders import Cost, Path
from indicial.bench.workloads import measure_peers

SHORTEST = 2e-3  # seconds that one sample takes at least: quick computations are repeated within it
TOLERANCE = 1e-8  # of the largest entry of the reference

Array = Any
T = TypeVar("T")


class WrongResultError(Exception):
    """A contestant's numbers are not the reference's."""


@dataclass(frozen=True, slots=True)
class First:
    """What a first computation took: seconds, the peak of memory, and the error against the reference."""

    seconds: float
    peak: int
    error: float


class Bench:
    """Holds the arrays of an instance and the contestants' functions of them."""

    def __init__(self) -> None:
        self.instance: Instance | None = None
        self.size = ""
        self.arrays: dict[str, Array] = {}
        self.prepared: dict[str, Prepared] = {}
        self.reference: Results | None = None

    def load(self, instance: Instance, size: str, seed: int) -> None:
        """Take up an instance; what was held before is dropped."""
        self.prepared, self.reference = {}, None
        self.instance, self.size = instance, size
        self.arrays = instance.arrays(size, seed)

    def search(self, name: str, instance: Instance, size: str, seed: int) -> tuple[list[Path], float]:
        """The orders that a contestant finds for the terms, and the seconds that it took."""
        shapes = instance.shapes(size)
        find(BY_NAME[name], ("ab", "bc", "cd"), "ad", dict.fromkeys("abcd", 2), seed)  # imports what it needs
        start = time.perf_counter()
        paths = [
            find(BY_NAME[name], term.inputs, term.core, term.extents(shapes), seed) for term in instance.terms
        ]
        return paths, time.perf_counter() - start

    def prepare(self, name: str, paths: Sequence[Path]) -> tuple[Cost, float, float]:
        """Make a contestant's function; its cost, and indicial's seconds to plan and to derive."""
        assert self.instance is not None
        if name == INDICIAL:
            made = joint(self.instance, self.size)
        elif name == TERM_BY_TERM:
            made = term_by_term(self.instance, self.size)
        else:
            made = ordered(self.instance, self.size, paths, BY_NAME[name].executor)
        self.prepared[name] = made
        return made.cost, made.plan_seconds, made.derive_seconds

    def first(self, name: str) -> First:
        """Compute twice, once for the memory and once for the time; hold the result to the reference.

        Memory comes first, since an engine may keep its workspace from the first call on. The first
        contestant that comes this far makes the reference.
        """
        compute = self.prepared[name].compute
        result, peak = traced(lambda: compute(self.arrays))
        if self.reference is None:
            self.reference = {key: np.array(value) for key, value in result.items()}
        error = difference(result, self.reference)
        del result
        if not error <= TOLERANCE:
            raise WrongResultError(f"the result differs by {error:.1e} of its largest entry")
        return First(timed(lambda: compute(self.arrays), 1), peak, error)

    def rounds(self, names: Sequence[str], count: int) -> dict[str, list[float]]:
        """Seconds for each contestant, in interleaved rounds, each round beginning with another one."""
        repeats = {}
        for name in names:
            once = timed(lambda name=name: self.prepared[name].compute(self.arrays), 1)  # type: ignore[misc]
            repeats[name] = max(1, int(SHORTEST / max(once, 1e-7)))
        samples: dict[str, list[float]] = {name: [] for name in names}
        for number in range(count):
            turn = number % max(len(names), 1)
            for name in [*names[turn:], *names[:turn]]:
                compute = self.prepared[name].compute
                samples[name].append(timed(lambda c=compute: c(self.arrays), repeats[name]))  # type: ignore[misc]
        return samples

    def family(self, number: int, size: int, seed: int, repeats: int) -> dict[str, list[float]]:
        """The seconds of each stage of a problem of a family of scaling."""
        return measure_family(number, size, seed, repeats)

    def peers(self, function: str, kind: str, seed: int, rounds: int) -> list[dict[str, Any]]:
        """What the peers take for the workloads of a function in `benchmarks/workloads/`."""
        return measure_peers(function, kind, seed, rounds)


def difference(result: Mapping[str, Array], reference: Mapping[str, Array]) -> float:
    """The largest difference, relative to the largest entry of each of the reference's outputs."""
    worst = 0.0
    for name, want in reference.items():
        got = np.asarray(result[name])
        if got.shape != want.shape:
            raise WrongResultError(f"the result {name!r} has the shape {got.shape}, not {want.shape}")
        scale = max(float(np.max(np.abs(want), initial=0)), 1e-300)
        error = float(np.max(np.abs(got - want), initial=0)) / scale
        worst = error if not error <= worst else worst  # a nan is the worst
    return worst


def timed(function: Callable[[], object], times: int) -> float:
    """The mean seconds of some calls in a row, without collections of garbage between them."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        start = time.perf_counter()
        for _ in range(times):
            function()
        return (time.perf_counter() - start) / times
    finally:
        if collecting:
            gc.enable()


def traced(function: Callable[[], T]) -> tuple[T, int]:
    """What a function gives, and the bytes that it holds at most at one time, NumPy's buffers among them."""
    gc.collect()
    tracing = tracemalloc.is_tracing()
    if not tracing:
        tracemalloc.start()
    try:
        tracemalloc.reset_peak()
        before, _ = tracemalloc.get_traced_memory()
        result = function()
        _, peak = tracemalloc.get_traced_memory()
        return result, max(0, peak - before)
    finally:
        if not tracing:
            tracemalloc.stop()
