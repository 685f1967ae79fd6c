"""`indicial plan`: what it says before anything is computed."""

import xml.etree.ElementTree as ElementTree

import pytest

from indicial.cli.main import main
from indicial.planning import memory

CHAIN = "Y_il = A_ij B_jk C_kl"


def test_a_product_of_three_is_made_from_the_cheap_end(capsys):
    assert main(["plan", CHAIN, "A=30x400", "B=400x50", "C=50x60"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("Y_il = A_ij B_jk C_kl\n")
    first, second = [line for line in printed.splitlines() if line.startswith("contraction")]
    assert sorted(first.partition(" = ")[2].split(" · ")) == ["A", "B"]
    assert second.endswith(" · C") or " = C · " in second
    assert "1.38 M FLOPs" in printed  # 2 · 30 · 50 · 400 + 2 · 30 · 60 · 50


def test_shapes_need_no_memory(capsys):
    assert main(["plan", "f_i = W_ij x_j", "--wrt", "W", "W=300000x400000"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("∂f_i/∂W_mn = δ_im x_n\n")
    assert "a call would be refused" in printed


def test_no_line_on_the_limit_where_there_is_room(capsys):
    assert main(["plan", "f_i = W_ij x_j", "W=3x4"]) == 0
    assert "limit" not in capsys.readouterr().out


def test_the_limit_is_that_of_a_call(capsys, monkeypatch):
    monkeypatch.setenv(memory.VARIABLE, "90")
    assert main(["plan", "f_i = W_ij x_j", "--wrt", "W", "W=3x4"]) == 0
    assert "more than the limit of 90 bytes" in capsys.readouterr().out
    assert main(["eval", "f_i = W_ij x_j", "--wrt", "W", "W=[[1,2,3],[1,2,3]]", "x=[1,2,3]"]) == 2


def test_several_derivatives_are_one_plan(capsys):
    program = "z_i = W_ij x_j; L = (z_i - y_i)^2"
    assert main(["plan", program, "--wrt", "W", "--wrt", "x", "W=300x400"]) == 0
    printed = capsys.readouterr().out
    assert printed.count("contraction 1: ") == 1
    assert "∂L/∂W_mn = " in printed
    assert "∂L/∂x_m = " in printed


def test_half_the_bytes_in_single_precision(capsys):
    words = ["plan", "f_i = W_ij x_j", "--wrt", "W", "W=100x100"]
    assert main(words) == 0
    assert "peak 7.63 MiB" in capsys.readouterr().out
    assert main([*words, "--dtype", "float32"]) == 0
    assert "peak 3.81 MiB" in capsys.readouterr().out


def test_the_drawing_is_xml_with_a_row_for_each_step(tmp_path, capsys):
    file = tmp_path / "plan.svg"
    assert main(["plan", "f_i = exp(W_ij x_j) [z_i < 1]", "W=3x4", "--plot", str(file)]) == 0
    steps = int(capsys.readouterr().out.partition(" steps, ")[0].splitlines()[-1])
    root = ElementTree.parse(file).getroot()
    bars = root.findall("{http://www.w3.org/2000/svg}rect")
    assert len(bars) == 1 + 2 * steps
    texts = [each.text for each in root.findall("{http://www.w3.org/2000/svg}text")]
    assert texts[0] == "f_i = exp(W_ij x_j) [z_i < 1]"
    assert any("compare <" in text for text in texts)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["W=3"], "'W' has 2 axes in the program"),
        (["W=3x4", "x=5"], "one extent"),
        (["x=4"], "the array 'W' is missing"),
        (["Q=3"], "the program has no tensor 'Q'"),
        (["W=3x4", "--order", "2"], "--order asks for a derivative"),
        (["W=3x4", "--plot", "/nowhere/at/all.svg"], "cannot be written"),
    ],
)
def test_what_does_not_fit_is_refused(capsys, words, message):
    assert main(["plan", "f_i = W_ij x_j", *words]) == 2
    assert message in capsys.readouterr().err
