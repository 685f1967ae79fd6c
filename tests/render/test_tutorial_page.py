"""The tutorial shows what indicial gives, and takes up everything that it promises."""

import importlib.util
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "TUTORIAL.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def script():
    """docs/tutorial.py as a module."""
    spec = importlib.util.spec_from_file_location("tutorial", DOCS / "tutorial.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_answers_on_the_page_are_those_given(script):
    assert script.worked_out(PAGE) == PAGE, "run python docs/tutorial.py"


def test_an_answer_that_is_wrong_is_seen(script):
    assert script.worked_out("```pycon\n>>> 1 + 1\n3\n\n```\n") == "```pycon\n>>> 1 + 1\n2\n\n```\n"


def test_no_answer_is_an_error_or_a_refusal():
    assert not [line for line in PAGE.splitlines() if line.startswith(("Traceback", "False", "nan"))]
    assert "Error" not in PAGE


@pytest.mark.parametrize(
    "shown",
    ["δ_im x_n", "δ_im X_nk", "Xᵀ ⊗ I", "xᵀ ⊗ I", "single-variable chain rule", "total-derivative chain rule",
     "vector chain rule", "p_i (δ_im - p_m)", "sum_n(G_nm)", "X_nm G_np", "A_mn + A_nm"],
)  # fmt: skip
def test_the_course_is_complete(shown):
    assert shown in PAGE
