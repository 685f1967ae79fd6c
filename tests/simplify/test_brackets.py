"""A false bracket is a strong zero: what stands beside it need not be finite there."""

import numpy as np
import pytest
from oracles.numeric import assert_close, jacobian

import indicial as ix

SCREENED = "r_ij = sqrt((x_i - x_j)^2); e_i = sum_j([i != j] exp(-r_ij) / r_ij)"
X = np.array([0.3, 1.0, 2.5])


def test_a_sum_without_the_term_that_is_singular():
    distance = np.abs(X[:, None] - X) + np.diag([np.inf] * 3)
    assert np.allclose(ix.evaluate(SCREENED, x=X), (np.exp(-distance) / distance).sum(axis=1))


def test_its_derivative():
    got = ix.derive(SCREENED, "x")(x=X)
    assert_close(got, jacobian(lambda x: ix.evaluate(SCREENED, x=x), X))


def test_its_second_derivative():
    got = ix.derive(SCREENED, "x x")(x=X)
    assert_close(got, jacobian(lambda x: ix.derive(SCREENED, "x")(x=x), X), 1e-6)


@pytest.mark.parametrize(("text", "wrt"), [("s = [i<j] A_ij", None), ("B_ij = [i<j] A_ij", None)])
@pytest.mark.parametrize("hole", [np.inf, -np.inf, np.nan])
def test_what_is_masked_may_be_anything(text, wrt, hole):
    array = np.arange(9.0).reshape(3, 3)
    upper = np.triu(array, 1)
    array[np.tril_indices(3)] = hole
    value = ix.evaluate(text, A=array)
    assert np.array_equal(value, upper if value.ndim else upper.sum())


def test_the_derivative_of_what_is_masked():
    array = np.full((3, 3), np.inf)
    array[np.triu_indices(3, 1)] = [1.0, 2.0, 3.0]
    gradient = ix.grad("s = [i<j] A_ij^2", "A")(A=array)
    assert np.array_equal(gradient, [[0, 2, 4], [0, 0, 6], [0, 0, 0]])


def test_a_subscript_that_runs_out_beside_a_sum_that_knows_its_range():
    text = "index j: 2; index l: 2; index f: 3; R_f = ε_lj M_jl relu(G[j+1, l+1]) N_jf^(-1/2) δ[2*f+1, j]"
    m, n = np.arange(1.0, 5).reshape(2, 2), np.array([[1.0, 0, 0], [4.0, 0, 0]])
    assert np.array_equal(ix.evaluate(text, M=m, N=n, G=np.ones((3, 3))), [m[1, 0] / 2, 0, 0])


def test_a_gradient_ends_where_its_subscript_runs_out():
    text = "index j: 2; index u: 4; P_u = prod_j(E[u-1] log(C_uj) [u > 0]); L = sum_u(sin(P_u))"
    c, e = np.arange(2.0, 10).reshape(4, 2), np.arange(4.0) + 0.3
    square = np.log(c[1:]).prod(axis=1)
    inner = np.cos(e[:3] ** 2 * square) * 2 * e[:3] * square
    assert_close(ix.grad(text, "E")(E=e, C=c), [*inner, 0.0])


@pytest.mark.parametrize(
    ("bracket", "want"),
    [
        ("2*i + 1 <= 4", "δ_im [i <= 1]"),
        ("2*i + 1 >= 0", "δ_im"),
        ("3*i > 4", "δ_im [i > 1]"),
        ("i < 1/2", "δ_im [i <= 0]"),
        ("i/2 < 4/3", "δ_im [i <= 2]"),
    ],
)
def test_bounds_are_whole(bracket, want):
    assert str(ix.derive(f"y_i = [{bracket}] x_i", "x_m")) == want
