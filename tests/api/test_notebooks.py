"""What notebooks show: LaTeX for formulas, escaped HTML for tables, and nothing that needs an import."""

import json
from html.parser import HTMLParser

import numpy as np
import pytest
from oracles.tex import unbalanced

import indicial as ix

LAYER = "z_i = W_ij x_j + b_i; a_i = max(0, z_i); L = (a_i - y_i)^2"


class Tags(HTMLParser):
    """Collects the text, and sees that tags are closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)


def shown(value) -> str:
    tags = Tags()
    tags.feed(value._repr_html_())
    tags.close()
    assert not tags.open
    return "\n".join(tags.words)


def test_formulas_are_latex():
    program = ix.parse(LAYER)
    derivative = ix.derive(program, wrt="W")
    several = ix.derive(program, wrt=("W", "b"))
    for each in (program, derivative, several, derivative.steps()):
        text = each._repr_latex_()
        assert text.startswith("$\\displaystyle ")
        assert text.endswith("$")
        assert not unbalanced(text)
    assert program.latex().splitlines()[1:3] == [
        r"z_i &= W_{ij} x_j + b_i \\",
        r"a_i &= \max\left(0, z_i\right) \\",
    ]
    assert ix.parse("f_i = W_ij x_j").latex() == "f_i = W_{ij} x_j"


def test_a_program_in_latex_reads_back():
    program = ix.parse(LAYER)
    assert str(ix.parse(program.latex())) == str(program)


def test_a_plan_is_a_table():
    plan = ix.derive(LAYER, wrt="W").plan({"W": (300, 400)})
    words = shown(plan)
    assert plan.summary in words
    assert "compare >" in words
    assert len(plan.steps) == plan._repr_html_().count("<tr>") - 1


def test_the_plan_of_a_compiled_function_is_a_table_too():
    compiled = ix.derive(LAYER, wrt="W").compile({"W": (3, 4), "x": 4, "b": 3, "y": 3})
    assert compiled.plan.summary in shown(compiled.plan)
    assert ix.derive(LAYER, wrt="W").plan({"W": (3, 4)}).modes == compiled.plan.modes


def test_a_structured_tensor_and_a_report():
    arrays = {"W": np.ones((2, 3)), "x": np.ones(3)}
    assert "δ_im core_n" in shown(ix.derive("f_i = W_ij x_j", wrt="W").structured(arrays))
    report = ix.check("f_i = W_ij x_j", "W", arrays)
    assert "passed: ∂f_i/∂W_mn" in shown(report)
    assert "✓" in shown(report)


def test_signs_of_html_are_escaped():
    plan = ix.parse("f_i = [x_i < y_i]").plan({"x": 3})
    assert "compare &lt;" in plan._repr_html_()


# ---- plans ---------------------------------------------------------------------------------------


def test_a_plan_says_what_a_call_does(tmp_path):
    plan = ix.parse("Y_il = A_ij B_jk C_kl").plan({"A": (30, 400), "B": np.ones((400, 50)), "C": [50, 60]})
    assert plan.flops == 2 * 30 * 50 * 400 + 2 * 30 * 60 * 50
    assert len(plan.contractions) == 2
    assert plan.peak_bytes == 8 * (30 * 50 + 30 * 60)
    assert plan.bytes > plan.peak_bytes
    plan.plot(tmp_path / "plan.svg")
    assert (tmp_path / "plan.svg").read_text(encoding="utf-8").startswith("<svg")


def test_a_delta_costs_nothing():
    plan = ix.derive("f_i = W_ij x_j", wrt="W").plan({"W": (30, 40)}, dtype="float32")
    assert plan.flops == 0
    assert plan.peak_bytes == 4 * 30 * 30 * 40


@pytest.mark.parametrize(
    ("shapes", "error"),
    [
        ([(3, 4)], ix.ShapeError),
        ({"W": "3x4"}, ix.ShapeError),
        ({"W": (3, -4)}, ix.ShapeError),
        ({"W": (3, True)}, ix.ShapeError),
        ({"W": (3, 4), "x": 5}, ix.ShapeError),
        ({"Q": 3}, ix.ShapeError),
        ({}, ix.ShapeError),
    ],
)
def test_what_is_no_shape_is_refused(shapes, error):
    with pytest.raises(error):
        ix.parse("f_i = W_ij x_j").plan(shapes)


@pytest.mark.parametrize("dtype", ["int64", "float65", "object"])
def test_what_is_no_dtype_is_refused(dtype):
    with pytest.raises(ix.BackendError):
        ix.parse("f_i = x_i").plan({"x": 3}, dtype)


# ---- several derivatives at once -----------------------------------------------------------------


def test_the_forms_of_several_derivatives():
    several = ix.derive("s = x_i A_ij x_j", wrt=("x", "A"))
    assert several.matrix() == {"x": "(A + Aᵀ) x", "A": "x xᵀ"}
    assert several.unicode().splitlines() == [several["x"].unicode(), several["A"].unicode()]
    assert several.latex().count(r"\frac{\partial s}") == 2
    assert [each["denominators"][0]["name"] for each in json.loads(several.json())] == ["x", "A"]
    steps = several.steps()
    assert list(steps) == ["x", "A"]
    assert str(steps["A"]) == str(several["A"].steps())


def test_by_output_and_variable():
    several = ix.derive("f_i = A_ij x_j; g = x_i x_i", wrt=("x",), outputs=("f", "g"))
    assert several.matrix() == {"f": {"x": "A"}, "g": {"x": "2 x"}}
    assert len(json.loads(several.json())) == 2
