"""Quotients that cancel, and differences whose sign is free: one formula for all ways of writing it."""

import numpy as np
import pytest

import indicial as ix
from indicial.api.program import Program

SAME = [
    ("f_i = p_i (y_i / p_i - s_i)", "f_i = y_i - p_i s_i"),
    ("f_i = x_i (x_i y_i + x_i^2 z_i) / x_i^2", "f_i = y_i + x_i z_i"),
    ("f = sum_i(x_i - m) / dim(x, 0)", "f = sum_i(x_i) / dim(x, 0) - m"),
    ("f = u sum_i(x_i - m)", "f = sum_i(u (x_i - m))"),
    ("f_ij = adj_ij(A_ij) / det_kl(A_kl)", "f_ij = inv_ij(A_ij)"),
    ("f_ijkl = adj_ij(A_ij) adj_kl(A_kl) / det_mn(A_mn)^2", "f_ijkl = inv_ij(A_ij) inv_kl(A_kl)"),
    ("f_ij = adj_ij(A_ij) / sqrt(det_kl(A_kl))", "f_ij = sqrt(det_kl(A_kl)) inv_ij(A_ij)"),
    (
        "f_ij = adj_ij(A_ij) (x / det_kl(A_kl) + y / det_kl(A_kl)^3)",
        "f_ij = inv_ij(A_ij) (x + y / det_kl(A_kl)^2)",
    ),
    (
        "f_ij = sign(det_kl(A_kl)) adj_ij(A_ij) / sqrt(abs(det_kl(A_kl)))",
        "f_ij = sqrt(abs(det_kl(A_kl))) inv_ij(A_ij)",
    ),
    (
        "f_ijkl = adj_ij(A_ij) adj_kl(A_kl) / abs(det_mn(A_mn))^3",
        "f_ijkl = inv_ij(A_ij) inv_kl(A_kl) / abs(det_mn(A_mn))",
    ),
    ("f_ik = inv_ij(A_ij) A_jk", "f_ik = delta_ik + 0 A_ik"),
    ("f_ik = A_ji B_jl inv_kj(A_kj) x_l", "f_ik = B_jl x_l A_ji inv_kj(A_kj)"),
    ("f_bik = A_bij inv_jk(A_bjk)", "f_bik = delta_ik + 0 A_bik"),
    ("f_i = sinh(x_i)^2 / cosh(x_i)", "f_i = tanh(x_i) sinh(x_i)"),
    ("f = log(softmax_i(x_i)) y_i", "f = log_softmax_i(x_i) y_i"),
    ("f_i = [x_i > 0] (2 + [x_i > 0]) y_i", "f_i = 3 [x_i > 0] y_i"),
    ("f_i = exp(x_i) / sum_j(exp(x_j))", "f_i = softmax_i(x_i)"),
    ("f_i = exp(x_i) / (1 + exp(x_i))", "f_i = 1 / (1 + exp(-x_i))"),
]


def body(text):
    return Program.from_text(text).meaning.statements["f"].body


@pytest.mark.parametrize(("one", "other"), SAME)
def test_two_ways_of_writing_are_one_formula(one, other):
    assert body(one) == body(other)


@pytest.mark.parametrize("power", ["", "^2", "^3"])
def test_a_difference_under_a_sum_has_one_form(power):
    """Which of x_i − x_j and x_j − x_i stands in a sum does not depend on the names of its dummies."""
    texts = [
        f"f = c E_ij (x_i - x_j){power} (A_ij - y_i A_jk z_k)",
        f"f = c E_jk (x_j - x_k){power} (A_jk - A_ki z_i y_j)",
        f"f = c E_ji (A_ji - z_k y_j A_ik) (x_j - x_i){power}",
    ]
    assert len({str(ix.derive(text, wrt="c")) for text in texts for _ in range(3)}) == 1


def test_what_cancels_is_not_divided_by():
    """The gradient of a cross entropy where a probability is 0."""
    gradient = ix.grad("p_i = softmax_i(x_i); L = -sum_i(y_i log(p_i))", "x")
    x, y = np.array([0.0, -2000.0]), np.array([1.0, 0.0])
    np.testing.assert_array_equal(gradient(x=x, y=y), [0.0, 0.0])


def test_exponentials_written_out_do_not_overflow():
    x = np.array([1000.0, -1000.0])
    np.testing.assert_array_equal(ix.evaluate("p_i = exp(x_i) / sum_j(exp(x_j))", x=x), [1.0, 0.0])
    np.testing.assert_array_equal(ix.evaluate("y_i = log(1 + exp(x_i))", x=x), [1000.0, 0.0])
    assert ix.evaluate("s = log(sum_i(exp(x_i)))", x=x) == 1000.0


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("s = z x_i inv_ij(A_ij) A_jk y_k", "x_i y_i"),
        ("s = z x_i A_ij inv_jk(A_jk) y_k", "x_i y_i"),
        ("s = z A_ij inv_ji(A_ji)", "dim(A, 0)"),
        ("s = z A_ji inv_ji(A_ji)", "A_ij inv_ij(A_ij)"),
        ("s = z x_i inv_ij(A_ij) A_kj y_k", "x_i inv_ij(A_ij) A_kj y_k"),
        ("s = z x_i inv_ij(A_ij) A_jk y_k w_j", "w_i A_ij inv_ki(A_ki) y_j x_k"),
        ("G_ij = X_ki X_kj; H_ij = inv_ij(G_ij); s = z x_i H_ij G_jk y_k", "x_i H_ij G_jk y_k"),
        ("tensor A_ij: symmetric\ns = z x_i inv_ij(A_ij) A_kj y_k", "x_i y_i"),
        ("G_ij = X_ki X_kj; s = z x_i inv_ij(G_ij) G_kj y_k", "x_i y_i"),
    ],
)
def test_a_matrix_and_its_inverse(text, want):
    assert str(ix.derive(text, wrt="z")) == want


@pytest.mark.parametrize(
    ("text", "factor"),
    [
        ("s = det_ij(A_ij)", 1.0),
        ("J = det_ij(A_ij); s = J (1 + x)", 3.0),
        ("J = det_ij(A_ij); s = (J - 1)^2 / 2 + x", -1.0),
    ],
)
def test_a_singular_matrix_keeps_its_adjugate(text, factor):
    """Nothing divides by det(A) or inverts A, so that A may be singular, whether det(A) has a name or not."""
    arrays = {"A": np.array([[1.0, 2.0], [2.0, 4.0]]), "x": 2.0}
    derived = ix.derive(text, wrt="A")
    got = derived({name: arrays[name] for name in derived.of.inputs})
    np.testing.assert_allclose(got, factor * np.array([[4.0, -2.0], [-2.0, 1.0]]))


def test_a_named_determinant_stands_with_inverses():
    """Neo-Hooke: μ/2 (F·F − 3) − μ log J + λ/2 (J − 1)², as the textbooks have its stress and its tangent."""
    text = "J = det_ij(F_ij); W = mu (F_ij F_ij - 3) / 2 - mu log(J) + la (J - 1)^2 / 2"
    assert str(ix.derive(text, wrt="F")) == "μ F_mn - (J la (1 - J) + μ) inv_nm(F_nm)"
    crossed, straight = "inv_qm(F_qm) inv_np(F_np)", "inv_nm(F_nm) inv_qp(F_qp)"
    tangent = f"(J la (1 - J) + μ) {crossed} + J la (2 J - 1) {straight} + δ_mp δ_nq μ"
    assert str(ix.derive(text, wrt="F F")) == tangent
    assert str(ix.derive("J = det_ij(F_ij)", wrt="F")) == "adj_nm(F_nm)"


@pytest.mark.parametrize(
    ("text", "wrt", "formula"),
    [
        ("y_i = log(abs(x_i))", "x", "δ_im / x_i"),
        ("y_i = log(abs(x_i))", "x x", "-δ_im δ_in / x_i^2"),
        ("y_i = abs(x_i)^2", "x", "2 δ_im x_i"),
        ("y_i = abs(x_i)^3", "x x", "6 δ_im δ_in abs(x_i)"),
        ("y_i = abs(x_i)^p", "x", "δ_im p abs(x_i)^(p - 1) sign(x_i)"),
        ("y_i = abs(x_i)^p", "x x", "δ_im δ_in p (p - 1) abs(x_i)^(p - 2)"),
    ],
)
def test_a_sign_beside_its_absolute_value(text, wrt, formula):
    derivative = ix.derive(text, wrt)
    assert str(derivative) == formula
    x, step = np.array([-1.5, 0.7]), 1e-6
    names = {"x": x, "p": 2.5}
    given = {name: names[name] for name in derivative.of.inputs}
    lower = ix.derive(text, wrt.rsplit(" ", 1)[0]) if " " in wrt else ix.parse(text)
    ends = [lower(**{**given, "x": x + sign * step}) for sign in (1, -1)]
    got, expected = derivative(**given), (ends[0] - ends[1]) / (2 * step)
    order = got.ndim
    np.testing.assert_allclose(
        np.einsum("i" * order + "->i", got), np.einsum("i" * expected.ndim + "->i", expected), rtol=1e-6
    )
