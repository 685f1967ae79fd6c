"""Matrix forms in LaTeX."""

import re

import pytest
from oracles.formulas import FORMULAS, derived
from oracles.tex import unbalanced

import indicial as ix
from indicial.errors import NotationError

LOGISTIC = "z_i = X_ij w_j; L = sum_i(log(1 + exp(z_i))) - y_i z_i"


def latex(program, wrt, **options):
    left, right = ix.derive(program, wrt=wrt).latex("matrix", **options).split(" = ", 1)
    assert left.startswith(r"\frac{\partial")
    return right


@pytest.mark.parametrize(
    ("program", "wrt", "expected"),
    [
        (LOGISTIC, "w", r"X^{\top} \left(\sigma\left(z\right) - y\right)"),
        ("f_i = W_ij x_j", "W", r"x^{\top} \otimes I"),
        ("y_i = w_i x_i", "w", r"\operatorname{diag}\left(x\right)"),
        ("s = logdet_ij(X_ij)", "X", r"X^{-\top}"),
        ("n = norm_i(x_i - a_i)", "x", r"\frac{x - a}{n}"),
        ("s = X_ij X_jk X_ki", "X", r"3 \left(X^{2}\right)^{\top}"),
        ("L = mu x_i^3", "x", r"3 \mu x^{2}"),
        ("L = sum_ij(A_ij^3)", "A", r"3 A^{\circ 2}"),
        ("L = loss_i x_i", "x", r"\mathrm{loss}"),
        ("s = sum_i(x_i y_i^(1/2))", "x", r"\sqrt{y}"),
        ("L = x_i^2 / dim(x, 0)", "x", r"\frac{2 x}{\operatorname{dim}\left(x, 0\right)}"),
        ("L = sum_i(p_i log(p_i / q_i))", "p", r"\mathbf{1} + \log\left(p \oslash q\right)"),
        ("I_j = a_j b; L = X_ij X_ij + I_j I_j + 2 tr_ij(X_ij)", "X", r"2 \left(\mathbf{I} + X\right)"),
        ("L = sum_i(x_i^y_i)", "y", r"\log\left(x\right) \odot x^{\circ y}"),
    ],
)  # fmt: skip
def test_forms(program, wrt, expected):
    assert latex(program, wrt) == expected


def test_layouts_and_orders():
    assert latex("s = x_i A_ij x_j", "x", layout="numerator") == r"x^{\top} \left(A + A^{\top}\right)"
    assert latex("Y_ij = A_ik X_kl B_lj", "X", order="C") == r"A \otimes B^{\top}"


def test_left_sides():
    assert ix.derive("s = x_i A_ij x_j", wrt="x x").latex("matrix") == (
        r"\frac{\partial^2 s}{\partial x \, \partial x} = A + A^{\top}"
    )
    program = ix.parse("z_i = X_ij w_j; L = sum_i(z_i)")
    assert program.latex("matrix").splitlines()[1] == r"z &= X w \\"
    both = ix.derive("s = a_i X_ij b_j", wrt=("a", "b")).latex("matrix")
    assert r"\frac{\partial s}{\partial a} = X b" in both
    assert r"\frac{\partial s}{\partial b} = X^{\top} a" in both


def forms():
    """All formulas of the literature that have a matrix form."""
    for formula in FORMULAS:
        try:
            yield derived(formula).latex("matrix")
        except NotationError:
            continue


def test_all_are_tex():
    found = list(forms())
    assert len(found) > 100
    for text in found:
        assert not unbalanced(text)
        assert text.isascii()
        assert text.count(r"\left(") == text.count(r"\right)") == text.count("(")


def test_no_base_has_two_superscripts():
    for text in forms():
        assert not re.search(r"\^(\{[^{}]*\}|\w)\^", text), text


def test_what_there_is_not():
    derivative = ix.derive("s = x_i x_i", wrt="x")
    with pytest.raises(NotationError, match="'matrices'"):
        derivative.latex("matrices")
    with pytest.raises(NotationError, match="layout"):
        derivative.latex("matrix", "left")
    with pytest.raises(NotationError, match="no matrix form"):
        ix.derive("y_i = A_ij B_ij", wrt="A").latex("matrix")
