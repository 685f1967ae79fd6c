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
