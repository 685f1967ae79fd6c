"""Formulas as LaTeX: the exact text."""

import pytest

from indicial.render import latex
from indicial.semantics.resolve import read


def shown(source: str) -> str:
    program = read(source)
    name = program.outputs[0]
    return latex.formula(program.statements[name], program.axes[name], program).text


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("f_i = W_ij x_j", "W_{ij} x_j"),
        ("f_im = delta_im x_m", r"\delta_{im} x_m"),
        ("c_i = eps_ijk a_j b_k", r"\varepsilon_{ijk} a_j b_k"),
        ("L = (a_i - y_i)^2", r"\left(a_i - y_i\right)^2"),
        ("L = (a_i - y_i)^2 / 2", r"\frac{1}{2} \left(a_i - y_i\right)^2"),
        ("f = -(a + b)", r"-\left(a + b\right)"),
        ("f_i = x_i / (2 y_i)", r"\frac{x_i}{2 y_i}"),
        ("f = 1 / (2 x_j y_j)", r"\frac{1}{2 x_j y_j}"),
        ("f = (a + b) / c", r"\frac{a + b}{c}"),
        ("f = (a / b)^2", r"\left(\frac{a}{b}\right)^2"),
        ("f = x^10 + x^(1/3)", r"x^{10} + x^{\frac{1}{3}}"),
        ("f = sum_j(exp(x_j))", r"\sum_j \exp\left(x_j\right)"),
        ("f = sum_j(exp(x_j)) sum_k(y_k)", r"\left(\sum_k y_k\right) \sum_j \exp\left(x_j\right)"),
        ("f_i = a_i sum_j(x_j + y_j)", r"a_i \sum_j \left(x_j + y_j\right)"),
        ("f = sum_ij(A_ij)", r"\sum_{ij} A_{ij}"),
        ("f = sum_j(x_j)^2", r"\left(\sum_j x_j\right)^2"),
        ("f = prod_j(x_j)", r"\prod_j x_j"),
        # a numerator is a scope of its own
        ("f = sum_i(x_i y_i / z_i)", r"\sum_i \frac{x_i y_i}{z_i}"),
        ("f_i = [z_i >= 0] abs(x_i)", r"\left|x_i\right| \left[z_i \ge 0\right]"),
        ("f = sqrt(x) polygamma(1, x)", r"\sqrt{x} \psi^{\left(1\right)}\left(x\right)"),
        ("f = alpha lambda Gamma loss", r"\mathrm{loss} \Gamma \alpha \lambda"),
        ("f = pi sigmoid(x)", r"\pi \sigma\left(x\right)"),
        ("W[row, col] = A[row, col]", r"A_{\mathit{row}, \mathit{col}}"),
        ("f_{i1} = A_{i1 j} x_j", "A_{i_1 j} x_j"),
        ("f_α = A_{αβ} x_β", r"A_{\alpha \beta} x_{\beta}"),
        ("index i: N\nf = sum_i(x_i) / N", r"\frac{\sum_i x_i}{N}"),
    ],
)
def test_formulas(source: str, expected: str) -> None:
    assert shown(source) == expected


def test_equations() -> None:
    left = latex.partial(("f", "i"), [("W", "mn")])
    assert left == r"\frac{\partial f_i}{\partial W_{mn}}"
    assert latex.partial(("L", ""), [("x", "m"), ("x", "n")]) == (
        r"\frac{\partial^2 L}{\partial x_m \, \partial x_n}"
    )
    assert latex.partial(("L", ""), []) == "L"
    assert latex.equation(left, latex.Formula((), "x")) == left + " = x"


def test_named_lines_are_aligned() -> None:
    formula = latex.Formula(("s_i = x_i",), r"s_i \left[i = j\right]")
    assert latex.equation("f_i", formula) == (
        "\\begin{aligned}\ns_i &= x_i \\\\\nf_i &= s_i \\left[i = j\\right]\n\\end{aligned}"
    )
