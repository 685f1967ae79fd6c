"""Time against size: chains of statements, long products and deep nesting, from N = 10 to 3,000.

    python benchmarks/scaling.py [--sizes 10 100 1000] [--families layers] [--repeats 3] [--json FILE]
    python benchmarks/scaling.py --families scaling-hessian scaling-order scaling-outputs

Behind these come the families of `indicial bench`, whose names begin with "scaling-": they grow by extents,
the order of the derivative and the number of outputs, at sizes of their own, and deriving, planning and
running are timed apart. Where theory has an exponent for the running time it stands below the fitted ones.

Each time is the median over repeats, each with names of its own, so that no cache answers. The exponent
is the slope of log time against log N, fitted over the upper sizes: 1 is time proportional to size.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from machine import description

import indicial as ix
from indicial.bench import tables
from indicial.bench.families import FAMILIES as SUITE
from indicial.bench.scaling import run_family as run_of_suite
from indicial.bench.suite import settings_for
from indicial.bench.worker import Worker

SIZES = (10, 30, 100, 300, 1000, 3000)
STAGES = ("parse", "derive", "first call", "second call")
FITTED_FROM = 100  # below it, fixed costs hide the slope
EXTENT = 8


@dataclass(frozen=True, slots=True)
class Case:
    """A program of a given size, the variable, and the inputs' arrays."""

    text: str
    wrt: str
    arrays: Mapping[str, Any]


def _vector(rng: np.random.Generator) -> Any:
    return rng.uniform(0.4, 0.6, EXTENT)


def _matrix(rng: np.random.Generator) -> Any:
    return np.linalg.qr(rng.standard_normal((EXTENT, EXTENT)))[0]


def layers(size: int, tag: str, rng: np.random.Generator) -> Case:
    """N statements h1_i = tanh(W_ij h0_j), …, and a loss: the gradient by the shared weights."""
    lines = [f"h{tag}{n + 1}_i = tanh(W{tag}_ij h{tag}{n}_j)" for n in range(size)]
    text = "\n".join([*lines, f"L = h{tag}{size}_i h{tag}{size}_i"])
    return Case(text, f"W{tag}", {f"W{tag}": _matrix(rng), f"h{tag}0": _vector(rng)})


def layers_by_input(size: int, tag: str, rng: np.random.Generator) -> Case:
    """The same chain without a loss: the Jacobian of its end by its beginning."""
    lines = [f"h{tag}{n + 1}_i = tanh(W{tag}_ij h{tag}{n}_j)" for n in range(size)]
    return Case("\n".join(lines), f"h{tag}0", {f"W{tag}": _matrix(rng), f"h{tag}0": _vector(rng)})


def residual(size: int, tag: str, rng: np.random.Generator) -> Case:
    """h1_i = sin(W_ij h0_j) + h0_i, …: the Jacobian of the end by the beginning."""
    lines = [f"h{tag}{n + 1}_i = sin(W{tag}_ij h{tag}{n}_j) + h{tag}{n}_i" for n in range(size)]
    return Case("\n".join(lines), f"h{tag}0", {f"W{tag}": _matrix(rng), f"h{tag}0": _vector(rng)})


def elementwise(size: int, tag: str, rng: np.random.Generator) -> Case:
    """N statements h1_i = sin(h0_i) + h0_i / 2, …: each uses the one before it twice."""
    lines = [f"h{tag}{n + 1}_i = sin(h{tag}{n}_i) + h{tag}{n}_i / 2" for n in range(size)]
    return Case("\n".join(lines), f"h{tag}0", {f"h{tag}0": _vector(rng)})


def factors(size: int, tag: str, rng: np.random.Generator) -> Case:
    """One product of N factors (x_i + a1_i) (x_i + a2_i) …, all of which hold the variable."""
    text = f"f{tag}_i = " + " ".join(f"(x{tag}_i + a{tag}{n}_i)" for n in range(size))
    arrays = {f"a{tag}{n}": _vector(rng) for n in range(size)}
    return Case(text, f"x{tag}", {f"x{tag}": _vector(rng), **arrays})


def matrices(size: int, tag: str, rng: np.random.Generator) -> Case:
    """One product of N matrices A0_{i0 i1} A1_{i1 i2} …: the derivative by the middle one."""
    names = [f"A{tag}{n}" for n in range(size)]
    text = f"C{tag}_{{i0 i{size}}} = " + " ".join(f"{name}_{{i{n} i{n + 1}}}" for n, name in enumerate(names))
    return Case(text, names[size // 2], {name: _matrix(rng) for name in names})


def nesting(size: int, tag: str, rng: np.random.Generator) -> Case:
    """sin(sin(… sin(x_i) …)), N deep."""
    return Case(f"f{tag}_i = {'sin(' * size}x{tag}_i{')' * size}", f"x{tag}", {f"x{tag}": _vector(rng)})


def powers(size: int, tag: str, rng: np.random.Generator) -> Case:
    """A polynomial of N terms, c0 x^0 + c1 x^1 + …"""
    text = f"p{tag}_i = " + " + ".join(f"c{tag}{n} x{tag}_i^{n}" for n in range(1, size + 1))
    coefficients = {f"c{tag}{n}": 1.0 / n for n in range(1, size + 1)}
    return Case(text, f"x{tag}", {f"x{tag}": _vector(rng), **coefficients})


FAMILIES: Mapping[str, Callable[[int, str, np.random.Generator], Case]] = {
    family.__name__: family
    for family in (layers, layers_by_input, residual, elementwise, factors, matrices, nesting, powers)
}


def measure(case: Case) -> dict[str, float]:
    """The seconds that each stage takes, from text to numbers."""
    marks = [time.perf_counter()]
    program = ix.parse(case.text)
    marks.append(time.perf_counter())
    derivative = ix.derive(program, wrt=case.wrt)
    marks.append(time.perf_counter())
    derivative(case.arrays)
    marks.append(time.perf_counter())
    derivative(case.arrays)
    marks.append(time.perf_counter())
    return {stage: end - start for stage, start, end in zip(STAGES, marks, marks[1:], strict=False)}


def exponent(sizes: Sequence[int], seconds: Sequence[float]) -> float:
    """The slope of log time against log N by least squares; nan for fewer than two sizes."""
    points = [(math.log(n), math.log(t)) for n, t in zip(sizes, seconds, strict=True) if n >= FITTED_FROM]
    if len(points) < 2:
        return math.nan
    return statistics.linear_regression(*zip(*points, strict=True)).slope


def run_family(name: str, sizes: Sequence[int], repeats: int, limit: float) -> list[dict[str, Any]]:
    """One row a size, up to the first that takes longer than `limit` seconds."""
    rows: list[dict[str, Any]] = []
    for size in sizes:
        samples = []
        for repeat in range(repeats):
            samples.append(measure(FAMILIES[name](size, chr(ord("p") + repeat), np.random.default_rng(size))))
            if sum(samples[-1].values()) > limit:
                break
        row = {"N": size, **{stage: statistics.median(s[stage] for s in samples) for stage in STAGES}}
        rows.append(row)
        print(f"{size:>8}" + "".join(f"{row[stage] * 1e3:>16.2f}" for stage in STAGES), flush=True)
        if sum(samples[-1].values()) > limit:
            print(f"{'':>8}  the next size is left out: this one took more than {limit:g} s")
            break
    return rows


def run_suite(names: Sequence[str], repeats: int, limit: float) -> dict[str, Any]:
    """The families of the suite among these names, with a table for each; a size past the limit is killed."""
    settings = settings_for(quick=False, repeat=repeats, timeout=limit)
    found = {}
    worker = Worker()
    try:
        for family in SUITE:
            if family.name in names:
                found[family.name] = run_of_suite(worker, family, settings, lambda words: None)
                print(f"\n{family.name}: {family.title}\n{tables.of_family(found[family.name])}", flush=True)
    finally:
        worker.close()
    return found


def main() -> int:
    """Prints a table for each family, in milliseconds, with the fitted exponents below it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", metavar="N", type=int, nargs="+", default=SIZES)
    every = (*FAMILIES, *[family.name for family in SUITE])
    parser.add_argument("--families", nargs="+", choices=every, default=every, metavar="FAMILY")
    parser.add_argument("--repeats", type=int, default=3, choices=range(1, 8), metavar="N")
    parser.add_argument(
        "--limit", type=float, default=60.0, help="stop a family after a size that takes longer"
    )
    parser.add_argument("--json", metavar="FILE", help="write everything measured to FILE")
    options = parser.parse_args()

    machine = description()
    print(", ".join(f"{key} {value}" for key, value in machine.items()))
    measure(elementwise(3, "o", np.random.default_rng(0)))  # builds the grammar
    results: dict[str, Any] = {}
    for name in [name for name in options.families if name in FAMILIES]:
        title = (FAMILIES[name].__doc__ or "").strip()
        print(f"\n{name}: {title}\n{'N':>8}" + "".join(f"{stage + ' ms':>16}" for stage in STAGES))
        rows = run_family(name, options.sizes, options.repeats, options.limit)
        slopes = {stage: exponent([r["N"] for r in rows], [r[stage] for r in rows]) for stage in STAGES}
        print(f"{'exponent':>8}" + "".join(f"{slopes[stage]:>16.2f}" for stage in STAGES))
        results[name] = {"title": title, "rows": rows, "exponents": slopes}
    results |= run_suite(options.families, options.repeats, options.limit)
    if options.json:
        Path(options.json).write_text(json.dumps({"machine": machine, "families": results}, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
