"""Computed subscripts: x[i+k], x[0], E[t[b], d]; ranges, values, derivatives, refusals."""

import numpy as np
import pytest

import indicial as ix
from indicial.errors import DerivativeError, NotationError, ShapeError

_R = np.random.default_rng(7)
X, W, A, E = _R.random(7), _R.random(3), _R.random((4, 5)), _R.random((6, 2))
T, U, G = np.array([3, 0, 5, 3]), np.array([1, 1, 3, 0, 2]), _R.random(5)
K2, X2 = _R.random((2, 3)), _R.random((5, 6))

# program, arrays, value, derivative by the first array as printed
CASES = [
    ("y_i = w_k x[i+k]", {"w": W, "x": X}, np.correlate(X, W, "valid"), "x[i+m]"),
    ("y_i = x[i+k] w_k", {"x": X, "w": W}, np.correlate(X, W, "valid"),
     "[i <= m] [m < i + dim(w, 0)] w[m-i]"),
    ("y_i = w_k x[i-k]", {"w": W, "x": X}, np.convolve(X, W, "valid"), "x[i-m]"),
    ("y_i = w_k x[2*i+k]", {"w": W, "x": X}, np.correlate(X, W, "valid")[::2], "x[2*i+m]"),
    ("index k: -1..1; y_i = w_k x[i+k+1]", {"w": W, "x": X}, np.correlate(X, W, "valid"), "x[i+m]"),
    ("y_i = x[i+1] - x[i]", {"x": X}, np.diff(X), "δ[i+1, m] - δ_im"),
    ("y_i = x[i-1]", {"x": X}, X, "δ[i-1, m]"),
    ("y_i = [i > 0] x[i-1] + x_i", {"x": X}, X + np.r_[0, X[:-1]], "δ[i-1, m] + δ_im"),
    ("index n: N; y_n = x_n x[N-1-n]", {"x": X}, X * X[::-1], "δ[N-n-1, m] x_n + δ_nm x[N-n-1]"),
    ("H_ij = x[i+j]; index i: 3", {"x": X}, np.lib.stride_tricks.sliding_window_view(X, 5), "δ[i+j, m]"),
    ("y = x[0] + x[-1]", {"x": X}, X[0] + X[-1], "δ[0, m] + δ[dim(x, 0)-1, m]"),
    ("y_i = A[i, -1]", {"A": A}, A[:, -1], "δ_im δ[dim(A, 1)-1, n]"),
    ("y_i = A[i, i+1]", {"A": A}, np.diag(A, 1), "δ_im δ[i+1, n]"),
    ("y_bd = E[t[b], d]", {"E": E, "t": T}, E[T], "δ_dn δ[t_b, m]"),
    ("y_d = E[t[u[b]], d] g_b", {"E": E, "t": T, "u": U, "g": G}, G @ E[T[U]], "δ_dn δ[t[u_b], m] g_b"),
    ("Y_ij = K_pq X[i+p, j+q]", {"K": K2, "X": X2},
     np.einsum("ijpq,pq->ij", np.lib.stride_tricks.sliding_window_view(X2, (2, 3)), K2), "X[i+m, j+n]"),
    ("u_i = x_i / x[2]", {"x": X}, X / X[2], "(δ_im - δ[2, m] u_i) / x[2]"),
    ("y = sum_ij([i < j] x_i x_j)", {"x": X}, (X.sum() ** 2 - X @ X) / 2, "[m != i] x_i"),
]  # fmt: skip


@pytest.mark.parametrize(("program", "arrays", "value", "printed"), CASES)
def test_value_and_derivative(program, arrays, value, printed):
    got = ix.evaluate(program, **arrays)
    assert np.shape(got) == np.shape(value)
    np.testing.assert_allclose(got, value)
    assert str(ix.derive(program, next(iter(arrays)))) == printed
    for name, array in arrays.items():
        if array.dtype != int:
            assert ix.check(program, name, **arrays).passed
            assert ix.check(ix.derive(program, name), name, **arrays).passed


@pytest.mark.parametrize(("program", "arrays", "value", "printed"), CASES)
def test_the_printed_program_is_the_program(program, arrays, value, printed):
    np.testing.assert_allclose(ix.evaluate(str(ix.parse(program)), **arrays), value)


@pytest.mark.parametrize(
    ("program", "arrays", "kind", "reason"),
    [
        ("y_i = w_k x[i+k]", {"w": X, "x": W}, ShapeError, "no value of 'i' keeps x[i+k] inside"),
        ("y_bd = E[t[b], d]", {"E": E, "t": np.array([1, 6])}, ShapeError, "t[1] is 6"),
        ("y_bd = E[t[b], d]", {"E": E, "t": np.array([1, 0.5])}, ShapeError, "t[1] is 0.5"),
        ("y = x[9]", {"x": X}, ShapeError, "runs out of its axis, as axis 0 of 'x' has 7 entries"),
        ("y_ij = x[i+j]", {"x": X}, NotationError, "shared between 'i' and 'j'"),
        ("y_i = x[i*i]", {"x": X}, NotationError, "is not affine in its indices"),
        ("y_i = x[i/2]", {"x": X}, NotationError, "the coefficient 1/2"),
        ("y = x_{0}", {"x": X}, NotationError, "named in square brackets"),
        ("y_i = exp[i+1]", {}, NotationError, "is a function"),
        ("y_i = eps[i+1, j] x_j", {"x": X}, NotationError, "takes plain indices"),
        ("y_i = t[i+1]; z = x[y[0]]", {"x": X, "t": X}, NotationError, "only the entries of an input"),
    ],
)
def test_refusals(program, arrays, kind, reason):
    with pytest.raises(kind) as caught:
        ix.evaluate(program, **arrays)
    assert reason in caught.value.reason


def test_subscripts_have_no_derivative():
    with pytest.raises(DerivativeError, match="holds subscripts"):
        ix.derive("y_bd = E[t[b], d]", "t")
