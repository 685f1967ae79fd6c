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
