"""Other libraries beside indicial: what takes part agrees, what does not says why, and runs are compared."""

import copy
import sys
from importlib import import_module
from importlib.util import find_spec

import numpy as np
import pytest

pytest.importorskip("jax")

from indicial.bench import compare, suite, tables
from indicial.bench.schema import complaints, schema
from indicial.bench.spread import summary
from indicial.bench.workloads import FOLDER, measure_peers

LIBRARIES = {"torch": "torch", "autograd": "autograd", "jax": "jax", "jax-forward": "jax", "numpy": "numpy"}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of libraries about themselves
def test_peers_agree_or_say_why_not():
    (found,) = measure_peers("softmax_hessian", "small", 0, 1)
    rows = {row["name"]: row for row in found["rows"]}
    assert next(iter(rows)) == "indicial"
    assert rows.keys() == {"indicial", *LIBRARIES}
    for name, row in rows.items():
        if name in LIBRARIES and find_spec(LIBRARIES[name]) is None:
            assert row["status"] == "absent"
            assert row["detail"] == f"{LIBRARIES[name]} is not installed"
        else:
            assert row["status"] == "ok", row["detail"]
            assert row["seconds"]["median"] > 0
            assert row["ratio"] > 0


@pytest.mark.parametrize(
    "make", ["linear_map", "factorisation_hessian", "two_layers", "mixture", "layer_norm"]
)
def test_peers_that_take_part_agree(make):
    peers = benchmark("peers")
    work = first_of(getattr(benchmark("workloads"), make))
    ours, _ = peers.compiled(work)
    found, others = peers.entered(work, ours, ["jax", "jax-forward", "autograd", "numpy"])
    assert {"indicial", "jax", "numpy"} <= found.keys()
    assert {status for status, _ in others.values()} <= {"absent"}


def benchmark(name):
    """A script of the folder of benchmarks, as a module."""
    sys.path.insert(0, str(FOLDER))
    try:
        return import_module(name)
    finally:
        sys.path.remove(str(FOLDER))


def first_of(make):
    return next(make(np.random.default_rng(0)))


def test_every_workload_is_written_for_every_library():
    works = [first_of(make) for make in benchmark("workloads").WORKLOADS]
    names = {work.name for work in works if work.form != "structured"}
    assert names <= benchmark("forwards").FORWARDS.keys()


def test_a_library_that_is_wrong_or_breaks_is_shown_as_such(monkeypatch):
    peers = benchmark("peers")
    work = first_of(benchmark("workloads").linear_map)

    def broken(_work):
        raise ValueError("no")

    ours, _ = peers.compiled(work)
    monkeypatch.setitem(peers.PEERS, "wrong", lambda work: lambda: ours() + 1)
    monkeypatch.setitem(peers.PEERS, "broken", broken)
    found, others = peers.entered(work, ours, ["wrong", "broken", "numpy"])
    assert found.keys() == {"indicial", "numpy"}
    assert others["wrong"][0] == "wrong"
    assert others["broken"] == ("failed", "ValueError: no")


def row(name, samples, status="ok", detail=""):
    seconds = summary(samples) if samples else None
    return {"name": name, "status": status, "detail": detail, "seconds": seconds, "ratio": None}


def run_of(*rows):
    found = {
        "name": "peers-x", "title": "x", "kind": "small", "size": "n=3", "first": 0.1, "flops": 3,
        "status": "ok", "detail": "", "rows": list(rows),
    }  # fmt: skip
    return suite.document([], [], [found], suite.settings_for(quick=True), threads=1)


OLD = run_of(row("indicial", [1.0, 1.1, 1.2]), row("torch", [3.0, 3.1, 3.2]))


@pytest.mark.parametrize(
    ("new", "worse", "words"),
    [
        (run_of(row("indicial", [2.0, 2.1, 2.2]), row("torch", [3.0, 3.1, 3.2])), True, "running takes 1.91"),
        (run_of(row("indicial", [1.0, 1.15, 1.3]), row("torch", [9.0, 9.1, 9.2])), False, "drift"),
        (run_of(row("indicial", [0.4, 0.5, 0.6])), False, "better"),
        (run_of(row("indicial", None, "failed", "ValueError: x")), True, "ok, now failed ValueError: x"),
    ],
)
def test_peers_are_compared_beyond_noise(new, worse, words):
    assert complaints(new, schema("results")) == []
    text, found = compare.report(OLD, new)
    assert found is worse
    assert words in text


def test_peers_stand_in_a_table():
    text = tables.terminal(
        run_of(row("indicial", [1.0]), row("torch", None, "absent", "torch is not installed"))
    )
    assert "absent" in text
    assert "1 s" in text


def test_a_document_without_a_peer_s_status_is_refused():
    broken = copy.deepcopy(OLD)
    del broken["peers"][0]["rows"][0]["status"]
    assert complaints(broken, schema("results")) == [
        "'rows' of 'peers' of the document[0][0] has no 'status'"
    ]
