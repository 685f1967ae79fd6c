"""Derivatives as numbers: indicial against jitted JAX and hand-written NumPy, in one process.

    python benchmarks/peers.py [--sizes small medium large] [--only NAME ...] [--rounds 15] [--json FILE]

All peers compute in float64 with the same number of threads, on the same arrays, in interleaved rounds;
a figure is the median of a peer's rounds (with --best the shortest), and what is compared are ratios
within one run. Every result is held against indicial's first. Compilation is not timed.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from math import exp, log
from pathlib import Path
from typing import Any

os.environ.setdefault("JAX_PLATFORMS", "cpu")

import jax
import numpy as np
from machine import description
from workloads import WORKLOADS, Workload

import indicial as ix

_SHORTEST = 2e-4  # seconds that one sample takes at least: quick calls are repeated within it
_WARM = 2

Array = Any
Peer = Callable[[], Any]


def leaves(value: object) -> list[Array]:
    """The arrays in a result, by name."""
    if isinstance(value, Mapping):
        return [leaf for key in sorted(value) for leaf in leaves(value[key])]
    if isinstance(value, (tuple, list)):
        return [leaf for each in value for leaf in leaves(each)]
    return [np.asarray(value)]


def compiled(work: Workload) -> tuple[Peer, Any]:
    """indicial's function over the arrays of a workload, and its plan."""
    shapes = {name: array.shape for name, array in work.arrays.items()}
    made = ix.derive(work.text, wrt=work.wrt) if work.wrt else ix.parse(work.text, outputs=work.outputs)
    if work.value:
        both = ix.value_and_grad(work.text, work.wrt)
        return lambda: both(**work.arrays), None
    f = made.compile(shapes)
    return lambda: f(**work.arrays), f.plan


def peers(work: Workload) -> dict[str, Peer]:
    """The other ways to the same numbers."""
    found: dict[str, Peer] = {}
    if work.jax is not None:
        jitted = jax.jit(work.jax)
        put = {name: jax.device_put(array) for name, array in work.arrays.items()}
        found["jax"] = lambda: jax.block_until_ready(jitted(**put))
    if work.numpy is not None:
        by_hand = work.numpy
        found["numpy"] = lambda: by_hand(**work.arrays)
    return found


def agree(work: Workload, ours: Peer, name: str, peer: Peer) -> None:
    """Raise if a peer's numbers are not ours."""
    for got, want in zip(leaves(peer()), leaves(ours()), strict=True):
        scale = max(float(np.max(np.abs(want), initial=0)), 1e-300)
        error = float(np.max(np.abs(got - want), initial=0)) / scale
        if not error < 1e-8:
            raise AssertionError(f"{work.name}: {name} differs from indicial by {error:.1e} of the scale")


def seconds(peer: Peer, times: int) -> float:
    """The mean over some calls in a row."""
    start = time.perf_counter()
    for _ in range(times):
        peer()
    return (time.perf_counter() - start) / times


def measure(work: Workload, rounds: int, typical: Callable[[Sequence[float]], float]) -> dict[str, Any]:
    """Typical seconds, by peer, and the ratios to indicial."""
    start = time.perf_counter()
    ours, plan = compiled(work)
    ours()
    planned = time.perf_counter() - start
    every = {"indicial": ours, **peers(work)}
    for name, peer in every.items():
        if name != "indicial":
            agree(work, ours, name, peer)
    repeats = {}
    for name, peer in every.items():
        for _ in range(_WARM):
            peer()
        repeats[name] = max(1, int(_SHORTEST / max(seconds(peer, 1), 1e-7)))
    samples: dict[str, list[float]] = {name: [] for name in every}
    for _ in range(rounds):
        for name, peer in every.items():
            samples[name].append(seconds(peer, repeats[name]))
    found = {name: typical(each) for name, each in samples.items()}
    ratios = {name: found[name] / found["indicial"] for name in every if name != "indicial"}
    return {
        "name": work.name, "size": work.size, "kind": work.kind, "seconds": found, "ratios": ratios,
        "first": planned, "flops": plan.flops if plan is not None else None,
    }  # fmt: skip


def geometric_mean(values: Sequence[float]) -> float:
    """exp of the mean logarithm."""
    return exp(statistics.fmean([log(value) for value in values])) if values else float("nan")


def row(found: Mapping[str, Any]) -> str:
    """One line of the table."""
    times, ratios = found["seconds"], found["ratios"]
    cells = [f"{found['name']:<22}{found['size']:<8}{found['kind']:<20}", f"{times['indicial'] * 1e6:>12.1f}"]
    for name in ("jax", "numpy"):
        known = name in times
        cells.append(f"{times[name] * 1e6:>12.1f}{ratios[name]:>7.2f}" if known else f"{'':>19}")
    return "".join([*cells, f"{found['first'] * 1e3:>9.0f}"])


def main() -> int:
    """Prints a line for each workload and size, and geometric means."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", nargs="+", default=["small", "medium", "large"], metavar="SIZE")
    parser.add_argument("--only", nargs="+", metavar="NAME")
    parser.add_argument(
        "--best", action="store_true", help="the shortest round, where others use the machine"
    )
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--json", metavar="FILE", help="write everything measured to FILE")
    options = parser.parse_args()
    jax.config.update("jax_enable_x64", True)
    machine = {**description(), "jax": jax.__version__, "threads": os.environ.get("OMP_NUM_THREADS", "all")}
    print(", ".join(f"{key} {value}" for key, value in machine.items()))
    columns = "".join([f"{name + ' µs':>12}{'ratio':>7}" for name in ("jax", "numpy")])
    print(f"{'workload':<50}{'indicial µs':>12}{columns}{'first ms':>9}")
    rows = []
    for make in WORKLOADS:
        if options.only and make.__name__ not in options.only:
            continue
        for work in make(np.random.default_rng(0)):
            if work.kind in options.sizes:
                rows.append(measure(work, options.rounds, min if options.best else statistics.median))
                print(row(rows[-1]), flush=True)
    for kind in options.sizes:
        for name in ("jax", "numpy"):
            ratios = [r["ratios"][name] for r in rows if r["kind"] == kind and name in r["ratios"]]
            if ratios:
                mean = geometric_mean(ratios)
                print(f"{kind:<8} against {name:<6} geometric mean {mean:.2f} of {len(ratios)}")
    if options.json:
        Path(options.json).write_text(json.dumps({"machine": machine, "rows": rows}, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
