"""Brackets of norms: needless beside what the norm is taken of, kept where it is divided by."""

import numpy as np
import pytest

import indicial as ix


@pytest.mark.parametrize(
    ("program", "wrt", "text"),
    [
        ("s = norm_i(x_i)^2", "x", "2 x_m"),
        ("s = norm_i(x_i)^2", "x x", "2 δ_mn"),
        ("r = norm_i(x_i); s = r^2", "x x", "2 δ_mn"),
        ("s = norm_i(x_i)^3", "x", "3 norm_i(x_i) x_m"),
        ("s = norm_i(x_i)^4", "x", "4 norm_i(x_i)^2 x_m"),
        ("s = norm_i(2 w_i x_i)^2", "x", "8 w_m^2 x_m"),
        ("s = norm_i(A_ij x_j)^2", "x", "2 A_im A_ij x_j"),
        ("s = norm_i(A_ij x_j - y_i)^2 + a norm_j(x_j)^2", "x x", "2 (A_im A_in + δ_mn a)"),
        ("s = norm_ij(A_ik X_kj - B_ij)^2", "X", "2 A_im (X_kn A_ik - B_in)"),
        ("s = sum_n(norm_i(X_ni - c_i)^2)", "c c", "2 δ_mp dim(X, 0)"),
        ("s = norm_i(x_i)", "x", "[s > 0] x_m / s"),
        ("s = norm_i(x_i) y_j y_j", "x", "[norm_i(x_i) > 0] x_m y_j^2 / norm_i(x_i)"),
    ],
)
def test_brackets_of_norms(program, wrt, text):
    assert str(ix.derive(program, wrt)) == text


def test_the_hessian_of_a_squared_norm_at_zero():
    w, a, y = np.zeros(2), np.array([[1.0, 2.0], [3.0, 4.0]]), np.zeros(2)
    loss = "L = norm_i(A_ij w_j - y_i)^2"
    np.testing.assert_array_equal(ix.hessian(loss, "w")(A=a, w=w, y=y), 2 * a.T @ a)
    np.testing.assert_array_equal(ix.hvp("L = norm_i(w_i)^2", "w")({"w": w}, np.ones(2)), [2, 2])
    assert ix.check(loss, "w w", A=a, w=w, y=y).passed
