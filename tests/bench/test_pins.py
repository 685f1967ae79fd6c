"""The planned FLOPs and peak memory of each case are written down and may only be lowered."""

import json
from pathlib import Path

import pytest

from indicial.bench.executors import joint
from indicial.bench.pins import SIZE, raised
from indicial.bench.suite import cases

PINNED = json.loads((Path(__file__).parents[2] / "benchmarks/pins.json").read_text(encoding="utf-8"))
CASES = cases().instances


@pytest.mark.parametrize("instance", CASES, ids=lambda each: each.name)
def test_a_plan_costs_no_more_than_is_pinned(instance):
    pinned = PINNED[instance.name]
    cost = joint(instance, SIZE).cost
    assert cost.flops <= pinned["flops"]
    assert cost.peak <= pinned["peak_bytes"]
    assert (cost.flops, cost.peak) == (pinned["flops"], pinned["peak_bytes"]), (
        "the plan is better than the record: run benchmarks/pins.py, so that it stays so"
    )


def test_every_case_is_pinned():
    assert list(PINNED) == [instance.name for instance in CASES]


def test_what_rises_is_named():
    old, new = {"a": {"flops": 3, "peak_bytes": 8}}, {"a": {"flops": 4, "peak_bytes": 8}, "b": {"flops": 1}}
    assert raised(old, new) == ["a: flops 3, now 4"]
    assert raised(new, old) == []
