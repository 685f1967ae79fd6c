"""Figures of a small run: drawn, readable as XML, small, the same for the same data."""

import sys
import xml.etree.ElementTree as ElementTree

import pytest

from indicial.bench import suite
from indicial.bench.case import run_case
from indicial.bench.families import FAMILIES
from indicial.bench.plots import STYLE, draw, memory, pareto, saved
from indicial.bench.scaling import run_family
from indicial.bench.settings import Settings
from indicial.bench.trees import places
from indicial.bench.worker import Here
from indicial.errors import BackendError

NAMES = ("indicial", "auto", "left-to-right", "greedy")


def document():
    settings = Settings("smoke", 1, 5.0, 0.1, 1 << 28, contestants=NAMES)
    chosen = [each for each in suite.cases().instances if each.name in ("opt_einsum-248", "opt_einsum-7")]
    found = [run_case(Here(), Here(), each, settings, lambda words: None) for each in chosen]
    families = [run_family(Here(), FAMILIES[1], settings, lambda words: None)]
    return suite.document(found, families, [], settings, threads=1)


def test_every_figure_is_drawn(tmp_path):
    matplotlib = pytest.importorskip("matplotlib")
    made = document()
    files = draw(made, tmp_path / "plots")
    assert {path.stem for path in files} >= {"time-against-flops", "search-against-run", "memory", "scaling"}
    assert any(path.stem == "tree-opt_einsum-248" for path in files)
    for path in files:
        ElementTree.parse(path)
        assert path.stat().st_size < 200_000
    with matplotlib.rc_context(STYLE):
        again = [saved(memory(made), tmp_path / name).read_text() for name in ("a.svg", "b.svg")]
    assert again[0] == again[1]


def test_without_matplotlib_the_extra_is_named(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(BackendError, match="matplotlib") as caught:
        draw({}, tmp_path)
    assert "indicial[plot]" in str(caught.value)


def test_the_front_holds_what_nothing_beats():
    assert pareto([(1, 5), (2, 3), (3, 4), (4, 1), (4, 2)]) == [(1, 5), (2, 3), (4, 1)]


def test_results_stand_above_their_operands_and_branches_do_not_cross():
    steps = [{"operands": [1, 3]}, {"operands": [0, 2]}, {"operands": [4, 5]}]
    place = places(steps, 4)
    assert [place[value][1] for value in range(7)] == [0, 0, 0, 0, 1, 1, 2]
    assert sorted(range(4), key=lambda value: place[value][0]) == [1, 3, 0, 2]
    assert place[6][0] == pytest.approx(1.5)
