"""A false bracket is a strong zero: what stands beside it need not be finite there."""

from itertools import pairwise

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


PAIRS = [
    "E = sum_ij([i < j] / (x_i - x_j)^2)",
    "E = sum_ij([i < j] A_ij / (x_i - x_j)^2)",
    "E = sum_ij([i != j] A_ij / abs(x_i - x_j))",
    "E = sum_ij(where(i < j, 1 / (x_i - x_j)^2, 0))",
    "q_ij = (x_i - x_j)^2; E = sum_ij([i < j] (q_ij^(-6) - q_ij^(-3)))",
    "v_ij = 1 / (x_i - x_j); E = sum_ij([i < j] v_ij^2 + [j < i] v_ij)",
    "u_i = sum_j([j < i] x_j / (x_i - x_j)); E = u_i^2",
    "E = prod_i(sum_j([i != j] 1 / (x_i - x_j)))",
    "E = sum_ijk([i < j] [j < k] A_ij A_jk / ((x_i - x_j) (x_j - x_k)))",
    "E = sum_ij(A_ij norm_k(X_ik - X_jk))",
    "r_ij = norm_k(X_ik - X_jk); E = sum_ij([i < j] ((s / r_ij)^12 - (s / r_ij)^6))",
    "r_ij = sqrt(sum_k((X_ik - X_jk)^2)); E = sum_ij([i < j] A_ij / r_ij)",
    "f_ik = sum_j([i != j] (X_ik - X_jk) / norm_p(X_ip - X_jp)^3)",
]


@pytest.mark.parametrize("text", PAIRS)
def test_pairs_without_those_of_an_element_with_itself(text):
    rng = np.random.default_rng(0)
    arrays = {"x": np.array([1.0, 2.0, 4.0, -0.7]), "X": rng.normal(size=(4, 3)), "s": 1.3}
    arrays["A"] = rng.normal(size=(4, 4))
    arrays = {name: arrays[name] for name in ix.parse(text).inputs}
    name = "X" if "X" in arrays else "x"

    programs = [ix.parse(text), ix.derive(text, name), ix.derive(text, f"{name} {name}")]
    for program, derivative in pairwise(programs):
        want = jacobian(lambda x, f=program: f(**{**arrays, name: x}), arrays[name])
        assert_close(derivative(**arrays), want, 1e-6)


@pytest.mark.parametrize(
    "text", ["y_i = [x_i > 2] / (x_i - 1)^2", "y_i = where(x_i > 2, 1 / (x_i - 1)^2, 0)"]
)
def test_a_condition_hides_a_pole(text):
    x = np.array([1.0, 2.0, 4.0])
    assert_close(ix.derive(text, "x")(x=x), np.diag([0, 0, -2 / 27]))


def test_formulas_need_no_guards():
    assert str(ix.derive(PAIRS[0], "x")) == "2 sum_i([m != i] / (x_i - x_m)^3)"
    printed = "2 sum_i(([i < m] A_im + [m < i] A_mi) / (x_i - x_m)^3)"
    assert str(ix.derive(PAIRS[1], "x")) == printed
