"""Extents that follow from computed subscripts are written as what exists, and read back in derivatives."""

import numpy as np
import pytest

import indicial as ix

_R = np.random.default_rng(11)
CONVOLUTION = "Y_ij = K_pq X[i+2*p, j+2*q]; L = Y_ij^3"
STENCIL = "index k: -1..1; y_i = w_k x[i+k+1]; L = y_i^2"
SMOOTH = "L = sum_ij((u[i+1,j]-u[i,j])^2 + (u[i,j+1]-u[i,j])^2)"
VARIATION = "L = sum_ij(sqrt((u[i+1,j]-u[i,j])^2 + (u[i,j+1]-u[i,j])^2 + e))"
SPRINGS = "E = k_n (norm_d(x[s[n],d] - x[r[n],d]) - l_n)^2/2"
ARRAYS = {
    "K": _R.random((3, 2)),
    "X": _R.random((8, 9)),
    "w": _R.random(3),
    "x": _R.random(7),
    "u": _R.random((4, 5)),
    "e": 0.1,
}
CASES = [
    (CONVOLUTION, "X"),
    (CONVOLUTION, "K"),
    (STENCIL, "x"),
    (STENCIL, "w w"),
    (STENCIL, "x w"),
    (SMOOTH, "u"),
    (SMOOTH, "u u"),
    (VARIATION, "u"),
    (VARIATION, "u u"),
]


@pytest.mark.parametrize(("text", "wrt"), CASES)
def test_the_program_of_a_derivative_reads_back(text, wrt):
    derivative = ix.derive(text, wrt)
    printed = str(derivative.program)
    assert "δ_" not in printed.replace("δ_mp", "").replace("δ_nq", "").replace("δ_mn", ""), printed
    again = ix.parse(printed)
    given = {name: ARRAYS[name] for name in again.inputs}
    np.testing.assert_allclose(again(given), derivative(**given), rtol=1e-9, atol=1e-12, err_msg=printed)


@pytest.mark.parametrize(
    ("text", "wrt", "parts"),
    [
        (CONVOLUTION, "X", ["[m < 2 p + dim(Y, 0)]", "[n < 2 q + dim(Y, 1)]"]),
        (STENCIL, "x", ["[m <= k + dim(y, 0)]"]),
        (SMOOTH, "u", ["[m + 1 < dim(u, 0)]", "[n > 0]", "u_ij - u[i, j+1]", "u_ij - u[i+1, j]"]),
        (VARIATION, "u", ["u_ij - u[i, j+1]", "u_ij - u[i+1, j]"]),
        (SPRINGS, "x", ["t_np = x[r_n, p] - x[s_n, p]", "norm_d(t_nd)"]),
    ],
)
def test_extents_and_places_are_written_as_what_exists(text, wrt, parts):
    printed = str(ix.derive(text, wrt))
    assert all(part in printed for part in parts), printed
    assert "sum_" not in printed, printed


def test_latex_has_the_axis_of_a_statement():
    assert r"\operatorname{dim}\left(Y, 0\right)" in ix.derive(CONVOLUTION, "X").latex()


def test_reads_at_different_places_are_not_joined():
    text = "y = x[0]^2 x[1] + sin(x[2]) A[0,1]; L = y^2"
    assert str(ix.derive(text, "x")) == (
        "2 y (x[0] (2 δ[0, m] x[1] + δ[1, m] x[0]) + δ[2, m] A[0, 1] cos(x[2]))"
    )
    second = str(ix.derive(text, "x x"))
    assert "x[1]" in second, second
    assert "δ[1, i]" not in second, second


def test_what_is_read_at_one_place_is_joined():
    printed = str(ix.derive("y_i = a_k x[i+k] + b_k x[i+k]; L = sum_i(y_i)", "x"))
    assert printed == "[m < i + dim(a, 0)] [i <= m] (a[m-i] + b[m-i])"
