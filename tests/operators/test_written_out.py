"""log-sum-exp, softmax, softplus and sigmoid written out by hand, at large and small entries, with 50 digits.

The formulas stay as they are written; the plan recognises them, in the derivatives too.
"""

import itertools

import mpmath
import numpy as np
import pytest

import indicial as ix

POINTS = {
    "large": [1000.0, 999.0, 998.5, -1000.0],
    "one": [1.0, 0.5, -0.25, -1.0],
    "small": [1e-8, -2e-8, 3e-8, 5e-9],
    "both": [1e3, 1e-8, -1e3, 1e-8],
    "negative": [-1000.0, -1001.0, -999.5, -1003.0],
}
UNIT = 2.0**-53

# The text written out, and the operator or function that it is.
PAIRS = [
    ("s = log(sum_i(exp(x_i)))", "s = logsumexp_i(x_i)"),
    ("p_i = exp(x_i) / sum_j(exp(x_j))", "p_i = softmax_i(x_i)"),
    ("S = sum_j(exp(x_j)); p_i = exp(x_i) / S", "p_i = softmax_i(x_i)"),
    ("e_i = exp(x_i); p_i = e_i / sum_j(e_j)", "p_i = softmax_i(x_i)"),
    ("p_i = softmax_i(x_i); y_i = log(p_i)", "y_i = log_softmax_i(x_i)"),
    ("p_i = exp(x_i) / sum_j(exp(x_j)); y_i = log(p_i)", "y_i = log_softmax_i(x_i)"),
]
ELEMENTWISE = {
    "y_i = log(1 + exp(x_i))": (1, "softplus"),
    "y_i = log(1 + exp(-x_i))": (-1, "softplus"),
    "y_i = 1 / (1 + exp(-x_i))": (1, "sigmoid"),
    "y_i = exp(x_i) / (1 + exp(x_i))": (1, "sigmoid"),
    "e_i = exp(x_i); y_i = e_i / (1 + e_i)": (1, "sigmoid"),
    "p_i = sigmoid(x_i); y_i = -log(p_i)": (-1, "softplus"),
    "p_i = 1 / (1 + exp(-x_i)); y_i = -log(1 - p_i)": (1, "softplus"),
    "y_i = -log(1 - sigmoid(x_i))": (1, "softplus"),
}


def value(text, x, order):
    return ix.derive(text, wrt=" ".join(["x"] * order))(x=x) if order else ix.evaluate(text, x=x)


def nth(name, sign, v, order):
    """The derivative of softplus or sigmoid of ±v, exactly."""
    if name == "softplus":
        if order == 0:
            u = sign * v
            return max(u, 0) + mpmath.log1p(mpmath.exp(-abs(u)))
        return sign * nth("sigmoid", sign, v, order - 1)
    p, q = 1 / (1 + mpmath.exp(-sign * v)), 1 / (1 + mpmath.exp(sign * v))
    return [p, p * q, p * q * (q - p), p * q * ((q - p) ** 2 - 2 * p * q)][order] * sign**order


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("order", [0, 1, 2, 3])
@pytest.mark.parametrize(("written", "operator"), PAIRS)
def test_written_out_as_good_as_the_operator(written, operator, order, point):
    """The operators themselves are held against mpmath in test_stability.py."""
    x = np.array(POINTS[point])
    got, want = value(written, x, order), value(operator, x, order)
    assert np.max(np.abs(got - want)) <= 40 * UNIT * max(np.max(np.abs(want)), 1.0)


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("order", [0, 1, 2, 3])
@pytest.mark.parametrize("text", ELEMENTWISE)
def test_logistic_functions_written_out(text, order, point):
    x = np.array(POINTS[point])
    sign, name = ELEMENTWISE[text]
    got = value(text, x, order)
    with mpmath.workdps(50):
        diagonal = [nth(name, sign, mpmath.mpf(v), order) for v in POINTS[point]]
        want = np.zeros((4,) * (order + 1))
        for k, exact in enumerate(diagonal):
            want[(k,) * (order + 1)] = float(exact)
    assert np.max(np.abs(got - want)) <= 40 * UNIT * max(np.max(np.abs(want)), 1.0)


def test_a_loss_written_out():
    """Σ_n log(1 + exp(−y_n X_ni w_i)) and its derivatives where exp overflows."""
    text = "L = sum_n(log(1 + exp(-y_n X_ni w_i)))"
    x = np.array([[1000.0, 1.0], [-2000.0, 3.0], [0.5, 0.25]])
    y, w = np.array([1.0, 1.0, -1.0]), np.array([1.0, 2.0])
    z = y * (x @ w)
    with mpmath.workdps(50):
        p = np.array([float(1 / (1 + mpmath.exp(mpmath.mpf(v)))) for v in z])
        q = np.array([float(1 / (1 + mpmath.exp(-mpmath.mpf(v)))) for v in z])
    arrays = {"X": x, "y": y, "w": w}
    np.testing.assert_allclose(ix.evaluate(text, arrays), np.sum(np.logaddexp(0, -z)))
    np.testing.assert_allclose(ix.derive(text, "w")(arrays), -(y * p) @ x, rtol=1e-13)
    second = np.einsum("n,ni,nj->ij", p * q, x, x)
    np.testing.assert_allclose(ix.derive(text, "w w")(arrays), second, rtol=1e-12)
    third = np.einsum("n,ni,nj,nk->ijk", -y * p * q * (q - p), x, x, x)
    np.testing.assert_allclose(ix.derive(text, "w w w")(arrays), third, rtol=1e-11)


def test_cross_entropy_written_out():
    text = "L = -sum_bk(Y_bk log(exp(Z_bk) / sum_j(exp(Z_bj))))"
    z = np.array([[1.0, 2.0, 3.0], [0.0, -4.0, 5.0]])
    y = np.array([[0.0, 0.0, 1.0], [0.0, 1.0, 0.0]])
    p = np.exp(z) / np.exp(z).sum(1, keepdims=True)
    np.testing.assert_allclose(ix.derive(text, "Z")(Y=y, Z=z), p - y, atol=1e-12)


@pytest.mark.parametrize(
    ("text", "exact"),
    [("y_i = log(1 + x_i)", mpmath.log1p), ("y_i = exp(x_i) - 1", mpmath.expm1)],
)
def test_near_zero(text, exact):
    x = np.array([1e-20, -1e-17, 1e-9, 0.25])
    want = [float(exact(mpmath.mpf(v))) for v in x]
    np.testing.assert_allclose(ix.evaluate(text, x=x), want, rtol=1e-15)


def test_every_index_is_tried():
    texts = itertools.product(["i", "j"], repeat=2)
    x = np.array([1000.0, 0.0, 999.0])
    for a, b in texts:
        if a != b:
            got = ix.evaluate(f"p_{a} = exp(x_{a}) / sum_{b}(exp(x_{b}))", x=x)
            np.testing.assert_allclose(got, ix.evaluate("p_i = softmax_i(x_i)", x=x))
