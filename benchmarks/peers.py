"""Derivatives as numbers: indicial, jitted JAX, torch.func, autograd and NumPy by hand, in one process.

    python benchmarks/peers.py [--sizes small large] [--only NAME ...] [--peers jax torch] [--json FILE]

All peers compute in float64 with the same number of threads, on the same arrays, in interleaved rounds;
a figure is the median of a peer's rounds (with --best the shortest), and what is compared are ratios
within one run. Every result is held against indicial's before anything is timed; a peer that is not
installed, has no such function, or is wrong, is shown as such. Compilation is not timed. The JSON is a
document as `indicial bench --json` writes it, which `indicial bench --compare` takes.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("JAX_PLATFORMS", "cpu")

import numpy as np
from forwards import AbsentError, by_autograd, by_torch, forward_by_jax
from machine import description
from workloads import WORKLOADS, Workload

import indicial as ix
from indicial.bench.spread import geometric_mean, summary
from indicial.bench.suite import document, settings_for, with_contestants

SIZES = ("small", "medium", "large")
TOLERANCE = 1e-8  # of the largest entry of indicial's result

_SHORTEST = 2e-4  # seconds that one sample takes at least: quick calls are repeated within it
_BUDGET = 4.0  # seconds that the rounds of one workload should take
_FEWEST = 3  # rounds at least
_TOO_LONG = 1.0  # seconds of a call that is not repeated: its one time stands for it
_LONG = 0.05  # seconds of a call, from which nothing needs to warm up before it
_PAUSE = 0.03  # seconds after which the threads of the library before no longer wait in a loop

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
    if work.form == "product":
        arrays = dict(work.arrays)
        vector, product = arrays.pop("v"), ix.hvp(work.text, work.wrt)
        return lambda: product(arrays, vector), None
    made = ix.derive(work.text, wrt=work.wrt) if work.wrt else ix.parse(work.text, outputs=work.outputs)
    if work.form == "structured":
        return lambda: [term.core for term in made.structured(**work.arrays).terms], None
    if work.value:
        made = ix.value_and_grad(work.text, work.wrt)
    f = made.compile({name: array.shape for name, array in work.arrays.items()})
    return lambda: f(**work.arrays), f.plan


def by_jax(work: Workload) -> Peer:
    """The workload by JAX, jitted: reverse mode, and forward over reverse for second derivatives."""
    if work.jax is None:
        raise AbsentError("its derivatives are dense" if work.form == "structured" else "too large for it")
    try:
        import jax
    except ImportError as error:
        raise AbsentError("jax is not installed") from error
    jax.config.update("jax_enable_x64", True)
    jitted = jax.jit(work.jax)
    put = {name: jax.device_put(array) for name, array in work.arrays.items()}
    return lambda: jax.block_until_ready(jitted(**put))


def by_hand(work: Workload) -> Peer:
    """The workload in NumPy, written by hand."""
    function = work.numpy
    if function is None:
        raise AbsentError("this workload is not written by hand")
    return lambda: function(**work.arrays)


PEERS: Mapping[str, Callable[[Workload], Peer]] = {
    "jax": by_jax,
    "jax-forward": forward_by_jax,
    "torch": by_torch,
    "autograd": by_autograd,
    "numpy": by_hand,
}


def difference(ours: Sequence[Array], theirs: Sequence[Array]) -> float:
    """The largest difference, of the largest entry of each of our results."""
    worst = 0.0
    for want, got in zip(ours, theirs, strict=True):
        scale = max(float(np.max(np.abs(want), initial=0)), 1e-300)
        error = float(np.max(np.abs(got - want), initial=0)) / scale
        worst = error if not error <= worst else worst  # a nan is the worst
    return worst


def entered(work: Workload, ours: Peer, names: Sequence[str]) -> tuple[dict[str, Peer], dict[str, Any]]:
    """The peers whose results are ours, and why the others do not take part: status and detail."""
    found: dict[str, Peer] = {"indicial": ours}
    others: dict[str, Any] = {}
    want = leaves(ours())
    for name in names:
        try:
            peer = PEERS[name](work)
            error = difference(want, leaves(peer()))
        except AbsentError as reason:
            others[name] = ("absent", str(reason))
        except Exception as failure:
            others[name] = ("failed", f"{type(failure).__name__}: {(str(failure).splitlines() or [''])[0]}")
        else:
            if error < TOLERANCE:
                found[name] = peer
            else:
                others[name] = ("wrong", f"the result differs by {error:.1e} of its largest entry")
    return found, others


def seconds(peer: Peer, times: int) -> float:
    """The mean over some calls in a row."""
    start = time.perf_counter()
    for _ in range(times):
        peer()
    return (time.perf_counter() - start) / times


def _second_call(peer: Peer) -> float:
    """The seconds of a call behind one that prepares, where a call is not long anyway."""
    first = seconds(peer, 1)
    if first > _TOO_LONG:
        return first
    return seconds(peer, 1)


def measure(
    work: Workload, rounds: int, names: Sequence[str] = tuple(PEERS), best: bool = False
) -> dict[str, Any]:
    """A row for each peer as the suite's schema has them: its seconds, and their ratio to indicial's."""
    start = time.perf_counter()
    ours, plan = compiled(work)
    ours()
    first = time.perf_counter() - start
    every, others = entered(work, ours, names)
    once = {name: _second_call(peer) for name, peer in every.items()}
    samples = {name: [taken] if taken > _TOO_LONG else [] for name, taken in once.items()}
    order = [name for name, known in samples.items() if not known]
    total = sum([once[name] for name in order])
    rounds = max(min(_FEWEST, rounds), min(rounds, int(_BUDGET / max(total, 1e-9))))
    for number in range(rounds if order else 0):
        turn = number % len(order)
        for name in [*order[turn:], *order[:turn]]:
            time.sleep(_PAUSE)
            if once[name] < _LONG:
                every[name]()
            samples[name].append(seconds(every[name], max(1, int(_SHORTEST / max(once[name], 1e-7)))))
    if best:
        samples = {name: [min(each)] for name, each in samples.items()}
    base = summary(samples["indicial"])["median"]
    rows = [
        {"name": name, "status": "ok", "detail": "", "seconds": summary(each),
         "ratio": summary(each)["median"] / base}
        for name, each in samples.items()
    ]  # fmt: skip
    rows += [
        {"name": name, "status": status, "detail": detail, "seconds": None, "ratio": None}
        for name, (status, detail) in others.items()
    ]
    return {
        "name": work.name, "size": work.size, "kind": work.kind, "first": first,
        "flops": plan.flops if plan is not None else None, "rows": rows,
    }  # fmt: skip


def row(found: Mapping[str, Any], names: Sequence[str]) -> str:
    """One line of the table: microseconds and the ratio to indicial's, or why there are none."""
    rows = {each["name"]: each for each in found["rows"]}
    ours = rows["indicial"]["seconds"]["median"]
    cells = [f"{found['name']:<24}{found['size']:<13}{found['kind']:<8}", f"{ours * 1e6:>12.1f}"]
    for name in names:
        each = rows[name]
        if each["seconds"] is None:
            cells.append(f"{each['status']:>16}{'':>8}")
        else:
            cells.append(f"{each['seconds']['median'] * 1e6:>16.1f}{each['ratio']:>8.2f}")
    return "".join([*cells, f"{found['first'] * 1e3:>9.0f}"])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", nargs="+", default=list(SIZES), choices=SIZES, metavar="SIZE")
    parser.add_argument("--only", nargs="+", metavar="NAME")
    parser.add_argument("--peers", nargs="+", default=list(PEERS), choices=PEERS, metavar="PEER")
    parser.add_argument(
        "--best", action="store_true", help="the shortest round, where others use the machine"
    )
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--json", metavar="FILE", help="write everything measured to FILE")
    return parser.parse_args()


def main() -> int:
    """Prints a line for each workload and size, and geometric means."""
    options = _options()
    machine = {**description(), "threads": os.environ.get("OMP_NUM_THREADS", "all")}
    print(", ".join(f"{key} {value}" for key, value in machine.items()))
    columns = "".join([f"{name + ' µs':>16}{'ratio':>8}" for name in options.peers])
    print(f"{'workload':<45}{'indicial µs':>12}{columns}{'first ms':>9}")
    found = []
    for make in WORKLOADS:
        if options.only and make.__name__ not in options.only:
            continue
        for work in make(np.random.default_rng(0)):
            if work.kind in options.sizes:
                measured = measure(work, options.rounds, options.peers, options.best)
                title = (make.__doc__ or "").splitlines()[0]
                found.append({**measured, "title": title, "status": "ok", "detail": ""})
                print(row(measured, options.peers), flush=True)
    _print_means(found, options)
    if options.json:
        settings = settings_for(quick=False, repeat=options.rounds)
        made = document([], [], found, with_contestants(settings, ["indicial"]), None)
        Path(options.json).write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
    return 0


def _print_means(found: Sequence[Mapping[str, Any]], options: argparse.Namespace) -> None:
    for kind in options.sizes:
        for name in options.peers:
            ratios = [
                each["ratio"]
                for one in found if one["kind"] == kind
                for each in one["rows"] if each["name"] == name and each["ratio"] is not None
            ]  # fmt: skip
            if ratios:
                mean = geometric_mean(ratios)
                print(f"{kind:<8} against {name:<12} geometric mean {mean:.2f} of {len(ratios)}")


if __name__ == "__main__":
    sys.exit(main())
