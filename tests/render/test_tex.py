"""What `latex()` gives is TeX: compiled where a TeX is installed, and in any case paired and plain."""

import shutil
import subprocess

import pytest
from oracles.formulas import FORMULAS, derived
from oracles.tex import unbalanced
from render.test_matrix_latex import forms as matrix_forms

import indicial as ix

ENGINES = ("pdflatex", "lualatex", "xelatex", "tectonic")
ENGINE = next(filter(shutil.which, ENGINES), None)
PROGRAM = "z_i = W_ij x_j + b_i; a_i = max(0, z_i); L = (a_i - y_i)^2"


def formulas() -> list[str]:
    """LaTeX of every kind: derivatives of the literature's formulas, programs, steps, several at once."""
    found = [derived(formula).latex() for formula in FORMULAS if "program" in formula]
    found += list(matrix_forms())
    found += [ix.parse(PROGRAM).latex(), ix.derive(PROGRAM, wrt=("W", "b")).latex()]
    found += [ix.derive(PROGRAM, wrt=name).steps().latex() for name in ("W", "x")]
    return found


def test_groups_brackets_and_environments_are_paired():
    assert not [latex for latex in formulas() if unbalanced(latex)]


@pytest.mark.parametrize("broken", ["{a", "a}", r"\left(a", r"a\right)", r"{\left(a}\right)", r"\begin{a}"])
def test_what_is_not_paired_is_seen(broken):
    assert unbalanced(broken)


def test_nothing_but_ascii_stands_in_latex():
    assert not [latex for latex in formulas() if not latex.isascii()]


@pytest.mark.skipif(ENGINE is None, reason=f"no TeX is installed: none of {', '.join(ENGINES)}")
def test_a_real_tex_compiles_all(tmp_path):
    body = "\n".join([f"\\[\n{latex}\n\\]" for latex in formulas()])
    head = "\\documentclass{article}\n\\usepackage{amsmath}\n"
    document = f"{head}\\begin{{document}}\n{body}\n\\end{{document}}\n"
    (tmp_path / "formulas.tex").write_text(document, encoding="utf-8")
    flags = [] if ENGINE == "tectonic" else ["-interaction=nonstopmode", "-halt-on-error"]
    words = [ENGINE, *flags, "formulas.tex"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout[-2000:]
