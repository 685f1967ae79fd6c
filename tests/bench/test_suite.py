"""Every case runs at its smallest size, results agree, timeouts hold, documents are as their schemas say."""

import time
from dataclasses import replace
from importlib.metadata import PackageNotFoundError

import numpy as np
import pytest

from indicial.bench import suite, tables
from indicial.bench.case import run_case
from indicial.bench.contestants import BY_NAME, CONTESTANTS
from indicial.bench.families import FAMILIES
from indicial.bench.generated import generated
from indicial.bench.instances import SIZES, Instance, Term, library
from indicial.bench.measure import Bench, WrongResultError, difference, traced
from indicial.bench.scaling import run_family
from indicial.bench.schema import complaints, schema
from indicial.bench.settings import Settings
from indicial.bench.worker import FailedError, Here, TimedOutError, Worker

CASES = [*library(), *generated()]
FEW = ("indicial", "indicial-terms", "auto")
MANY = 20  # operands from which only orders that are found at once are tried
PRESENT = tuple(each.name for each in CONTESTANTS if each.version is not None)


def smoke(contestants=FEW, **changed):
    values = {"size": "smoke", "repeat": 1, "timeout": 5.0, "budget": 0.1, "memory": 1 << 28}
    return Settings(**{**values, **changed}, contestants=contestants)


def run(instance, contestants=FEW, **changed):
    return run_case(Here(), Here(), instance, smoke(contestants, **changed), lambda words: None)


@pytest.mark.parametrize("instance", CASES, ids=lambda each: each.name)
def test_every_case_runs_and_its_results_agree(instance, monkeypatch):
    monkeypatch.setattr("indicial.bench.measure.SHORTEST", 0.0)
    names = FEW if len(list(instance.terms)) > 1 else ("indicial", "auto")
    if len(next(instance.terms).inputs) < MANY:
        names = (*names, "left-to-right")
    found = run(instance, names, timeout=0.01)
    status = {row["name"]: row["status"] for row in found["rows"]}
    for name, each in status.items():
        assert each == "ok" or (each == "planned" and len(next(instance.terms).inputs) >= MANY), (name, found)


def test_every_contestant_runs():
    instance = next(each for each in CASES if each.name == "ccd-pullback")
    found = run(instance, PRESENT)
    assert {row["name"]: row["status"] for row in found["rows"]} == dict.fromkeys(PRESENT, "ok")
    assert all(row["error"] <= 1e-12 for row in found["rows"])


def test_the_whole_document_is_as_its_schema_says():
    instance = next(each for each in CASES if each.name == "opt_einsum-112")
    settings = smoke(tuple(BY_NAME))
    family = run_family(Here(), FAMILIES[0], settings, lambda words: None)
    document = suite.document([run(instance, tuple(BY_NAME))], [family], [], settings, threads=1)
    assert complaints(document, schema("results")) == []
    assert "opt_einsum-112" in tables.terminal(document)
    assert "| indicial |" in tables.markdown(document)


def test_absent_packages_are_shown(monkeypatch):
    absent = "indicial.bench.contestants.version"
    monkeypatch.setattr(absent, _not_there)
    (row,) = run(CASES[0], ("cotengra-greedy",))["rows"]
    assert (row["status"], row["detail"]) == ("absent", "the package cotengra is not installed")


def _not_there(package):
    raise PackageNotFoundError(package)


def test_a_wrong_result_is_no_time():
    instance = next(each for each in CASES if each.name == "cp-gradients")
    wrong = replace(instance, program="L = (A_ir B_jr C_kr - 2 T_ijk)^2")
    found = {row["name"]: row for row in run(wrong)["rows"]}
    assert found["indicial"]["status"] == "wrong"
    assert found["indicial"]["seconds"] is None
    assert found["auto"]["status"] == "ok"


def test_an_order_that_is_too_large_is_planned_only():
    instance = next(each for each in CASES if each.name == "cp-gradients")
    rows = run(instance, memory=100)["rows"]
    assert {row["status"] for row in rows} == {"planned"}
    assert all(row["flops"] > 0 and row["seconds"] is None for row in rows)


def test_a_timeout_holds_and_the_case_goes_on():
    host, searcher = Worker(threads=1), Worker(forked=True)
    instance = next(each for each in CASES if each.name == "opt_einsum-132")
    try:
        start = time.perf_counter()
        settings = smoke(("auto", "optimal", "greedy"), timeout=0.7)
        found = run_case(host, searcher, instance, settings, lambda words: None)
        assert time.perf_counter() - start < 15
    finally:
        host.close()
        searcher.close()
    status = {row["name"]: row["status"] for row in found["rows"]}
    assert status == {"auto": "ok", "optimal": "timed out", "greedy": "ok"}
    assert all(row["seconds"] for row in found["rows"] if row["status"] == "ok")


def test_a_worker_reports_errors_and_deaths():
    host = Worker()
    try:
        with pytest.raises(FailedError, match="KeyError"):
            host.ask("first", "nobody", timeout=5)
        with pytest.raises(TimedOutError):
            host.ask("family", 0, 8, 0, 10**9, timeout=0.2)
        assert host.generation == 1
        host.ask("load", CASES[0], "smoke", 0, timeout=30)
    finally:
        host.close()


def test_results_of_another_shape_or_with_a_nan_are_wrong():
    reference = {"x": np.ones(3)}
    with pytest.raises(WrongResultError, match="shape"):
        difference({"x": np.ones((3, 1))}, reference)
    assert not difference({"x": np.array([1, np.nan, 1])}, reference) <= 1e9
    assert difference({"x": np.array([1, 1, 1.5])}, reference) == 0.5


def test_the_peak_of_memory_counts_arrays():
    assert 8000 <= traced(lambda: np.ones(1000))[1] < 12000
    assert 16000 <= traced(lambda: (np.ones(1000) * 2).sum())[1] < 20000


def test_rounds_are_interleaved():
    bench = Bench()
    bench.load(next(each for each in CASES if each.name == "opt_einsum-112"), "smoke", 0)
    paths, _ = bench.search("auto", bench.instance, "smoke", 0)
    for name in ("auto", "indicial"):
        bench.prepare(name, paths)
    samples = bench.rounds(("auto", "indicial"), 3)
    assert {name: len(each) for name, each in samples.items()} == {"auto": 3, "indicial": 3}


@pytest.mark.parametrize("size", SIZES)
def test_arrays_are_the_same_from_run_to_run(size):
    instance = Instance("x", "x", {"A": ("n", 2)}, {"r": (Term(("ij",), "ij", ("A",)),)}, {size: {"n": 3}})
    first, second = (instance.arrays(size, 5) for _ in range(2))
    assert np.array_equal(first["A"], second["A"])
    assert not np.array_equal(first["A"], instance.arrays(size, 6)["A"])


def test_orders_are_the_same_from_run_to_run():
    instance = next(each for each in CASES if each.name == "tensor-train-gradients")
    bench = Bench()
    for name in PRESENT:
        if BY_NAME[name].search is not None:
            found = [bench.search(name, instance, "smoke", 3)[0] for _ in range(2)]
            assert found[0] == found[1], name
