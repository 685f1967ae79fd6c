"""Instances from files, their refusals, comparing runs, and the command."""

import copy
import json
import subprocess
import sys

import pytest

from indicial import IndicialError
from indicial.bench import compare, suite
from indicial.bench.instances import from_document, library, statement
from indicial.bench.schema import complaints, schema
from indicial.bench.spread import correlation, slope, summary
from indicial.cli.main import main

ONE = {
    "schema": "indicial-instance/1",
    "name": "mine",
    "title": "a product of two matrices",
    "tensors": {"A": ["n", 3], "B": [3, "n"]},
    "sizes": {"smoke": {"n": 2}, "quick": {"n": 4}, "full": {"n": 8}},
    "outputs": {"C": [{"subscripts": "ij,jk->ik", "operands": ["A", "B"], "coefficient": 2}]},
}


def changed(**parts):
    return {**copy.deepcopy(ONE), **parts}


def test_a_file_dropped_into_a_folder_is_a_case(tmp_path, capsys):
    (tmp_path / "mine.json").write_text(json.dumps(ONE))
    words = ["bench", "--instances", str(tmp_path), "--only", "mine"]
    assert main([*words, "--list"]) == 0
    assert "a product of two matrices" in capsys.readouterr().out
    few = [
        "--contestants",
        "indicial",
        "auto",
        "--quick",
        "--repeat",
        "2",
        "--json",
        str(tmp_path / "r.json"),
    ]
    assert main([*words, *few]) == 0
    document = json.loads((tmp_path / "r.json").read_text())
    assert complaints(document, schema("results")) == []
    assert [row["status"] for row in document["cases"][0]["rows"]] == ["ok", "ok"]
    assert main(["bench", "--compare", str(tmp_path / "r.json"), str(tmp_path / "r.json")]) == 0
    assert "nothing of indicial's changed" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("document", "why"),
    [
        ([], "no object"),
        (changed(schema="indicial-instance/2"), "not 'indicial-instance/1'"),
        (changed(name=""), "empty"),
        (changed(tensors={"A": ["n", 0], "B": [3, "n"]}), "less than 1"),
        (changed(colour="red"), "means nothing"),
        (changed(sizes={"smoke": {"n": 2}, "quick": {"n": 4}}), "'full' gives no extent for 'n'"),
        (changed(outputs={"C": [{"subscripts": "ij->i", "operands": ["A", "B"]}]}), "1 subscripts for 2"),
        (changed(outputs={"C": [{"subscripts": "ij->i", "operands": ["Q"]}]}), "no tensor"),
        (changed(outputs={"C": [{"subscripts": "ijk->i", "operands": ["A"]}]}), "has 2 axes"),
        (changed(outputs={"C": [{"subscripts": "ij->q", "operands": ["A"]}]}), "output 'q'"),
        (changed(outputs={"C": [{"subscripts": "ij,ij->i", "operands": ["A", "B"]}]}), "two extents"),
    ],
)
def test_what_is_no_instance_is_refused_with_the_reason(document, why):
    with pytest.raises(IndicialError, match=why):
        from_document(document, "mine.json")


def test_two_instances_of_one_name_are_refused(tmp_path):
    (tmp_path / "a.json").write_text(json.dumps(changed(name="cp-gradients")))
    with pytest.raises(IndicialError, match="another one called 'cp-gradients'"):
        library(tmp_path)


def test_no_json_is_refused(tmp_path, capsys):
    (tmp_path / "a.json").write_text("{")
    assert main(["bench", "--list", "--instances", str(tmp_path)]) == 2
    assert "cannot be read as JSON" in capsys.readouterr().err
    assert main(["bench", "--compare", str(tmp_path / "a.json"), str(tmp_path / "a.json")]) == 2
    (tmp_path / "b.json").write_text("{}")
    assert main(["bench", "--compare", str(tmp_path / "b.json"), str(tmp_path / "b.json")]) == 2
    assert "no results of the suite" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        ["--only", "nothing"],
        ["--contestants", "nobody"],
        ["--repeat", "0"],
        ["--threads", "-1"],
        ["--seed", "-1"],
        ["--timeout", "0"],
        ["--instances", "nowhere"],
    ],
)
def test_bad_options_are_refused(words, capsys):
    assert main(["bench", *words]) == 2
    assert "hint" in capsys.readouterr().err


def test_a_term_in_index_notation():
    term = from_document(ONE, "mine.json").outputs["C"][0]
    assert statement("C", [term]) == "C[o0,o1] = (2.0) * sum[s0](A[o0,s0] * B[s0,o1])"


def test_repeated_output_indices_are_deltas():
    instance = from_document(changed(outputs={"C": [{"subscripts": "ij->iij", "operands": ["A"]}]}), "mine")
    assert instance.as_program() == "result0[o0,o1,o2] = delta[o0,o1] * A[o0,o2]"


def run_of(seconds, flops=100, name="indicial", status="ok"):
    samples = None if seconds is None else summary(seconds)
    row = {
        "name": name, "status": status, "detail": "", "search_seconds": 0.1, "derive_seconds": None,
        "flops": flops, "largest": 1, "peak_predicted": 8, "peak_measured": 8, "bytes_moved": 8,
        "seconds": samples, "ratio": None, "error": 0.0, "trees": None,
    }  # fmt: skip
    case = {
        "name": "c",
        "title": "c",
        "source": "",
        "size": "quick",
        "outputs": 1,
        "terms": 1,
        "operands": 2,
        "expressions": [],
    }
    settings = suite.settings_for(quick=True)
    return suite.document([{**case, "rows": [row]}], [], [], settings, threads=1)


@pytest.mark.parametrize(
    ("new", "worse", "words"),
    [
        (run_of([2.0, 2.1, 2.2]), True, "running takes 2.10 of the time"),
        (run_of([0.5, 0.5, 0.6]), False, "better"),
        (run_of([1.0, 1.2, 1.3]), False, "nothing"),  # the quartiles overlap
        (run_of([1.05, 1.06, 1.05]), False, "nothing"),  # by less than the threshold
        (run_of([1.0, 1.0, 1.1], flops=101), True, "100 FLOPs, now 101"),
        (run_of([1.0, 1.0, 1.1], flops=99), False, "100 FLOPs, now 99"),
        (run_of(None, status="timed out"), True, "ok, now timed out"),
    ],
)
def test_runs_are_compared_beyond_noise(new, worse, words):
    text, found = compare.report(run_of([0.9, 1.0, 1.3]), new)
    assert found is worse
    assert words in text


def test_rivals_do_not_decide():
    slow = run_of([3.0], name="greedy")
    text, worse = compare.report(run_of([1.0], name="greedy"), slow)
    assert not worse
    assert "drift" in text


def test_slopes_and_rank_correlations():
    assert slope([1, 2, 4], [3, 24, 192]) == pytest.approx(3)
    assert slope([2], [3]) is None
    assert correlation([1, 2, 3, 4], [1, 4, 9, 16]) == pytest.approx(1)
    assert correlation([1, 2, 3], [3, 2, 1]) == pytest.approx(-1)
    assert correlation([1, 1, 2, 2], [1, 1, 5, 5]) == pytest.approx(1)
    assert correlation([1, 1], [1, 2]) is None


def test_other_commands_do_not_import_the_suite():
    code = (
        "import sys; from indicial.cli.main import main; main(['derive', 'y_i = 2 x_i', '--wrt', 'x']); "
        "sys.exit(any(name.startswith('indicial.bench') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0
