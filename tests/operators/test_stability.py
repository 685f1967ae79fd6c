"""Operators and their derivatives of orders 0 to 3 at large and small entries, held against 50 digits."""

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
each_point = pytest.mark.parametrize("point", POINTS)
UNIT = 2.0**-53


def _softmax(x):
    top = max(x)
    weights = [mpmath.exp(v - top) for v in x]
    return [w / mpmath.fsum(weights) for w in weights]


def _delta(i, j):
    return mpmath.mpf(i == j)


def _softmax_terms(x, order):
    """p and its derivatives of one order, at the positions of the result's axes."""
    p = _softmax(x)

    def first(i, m):
        return p[i] * (_delta(i, m) - p[m])

    def second(i, m, n):
        return first(i, n) * (_delta(i, m) - p[m]) - p[i] * first(m, n)

    def third(i, m, n, r):
        total = second(i, n, r) * (_delta(i, m) - p[m]) - first(i, n) * first(m, r)
        return total - first(i, r) * first(m, n) - p[i] * second(m, n, r)

    return (lambda i: p[i], first, second, third)[order]


def _logsumexp_terms(x, order):
    if order == 0:
        top = max(x)
        return lambda: top + mpmath.log(mpmath.fsum([mpmath.exp(v - top) for v in x]))
    return _softmax_terms(x, order - 1)


def _log_softmax_terms(x, order):
    total = _logsumexp_terms(x, order)
    if order == 0:
        return lambda i: x[i] - total()
    if order == 1:
        return lambda i, m: _delta(i, m) - total(m)
    return lambda i, *rest: -total(*rest)


def _norm_terms(x, order):
    r = mpmath.sqrt(mpmath.fsum([v * v for v in x]))
    u = [v / r for v in x]

    def second(m, n):
        return (_delta(m, n) - u[m] * u[n]) / r

    def third(m, n, p):
        shared = _delta(m, n) * u[p] + _delta(m, p) * u[n] + _delta(n, p) * u[m]
        return (3 * u[m] * u[n] * u[p] - shared) / r**2

    return (lambda: r, lambda m: u[m], second, third)[order]


def _half_square_terms(x, order):
    return (
        lambda: mpmath.fsum([v * v for v in x]) / 2,
        lambda m: x[m],
        _delta,
        lambda m, n, p: mpmath.mpf(0),
    )[order]


def _unit_terms(x, order):
    return _norm_terms(x, order + 1)


# Products and quotients of operators, with the orders at which each is tried.
COMPOSED = {
    "s_i = log(softmax_i(x_i))": (_log_softmax_terms, 1, (1, 2, 3)),
    "s = norm_i(x_i)^2 / 2": (_half_square_terms, 0, (0, 1, 2, 3)),
    "s = norm_i(x_i) norm_j(x_j) / 2": (_half_square_terms, 0, (0, 1, 2, 3)),
    "s_i = x_i / norm_j(x_j)": (_unit_terms, 1, (0, 1, 2)),
}
TERMS = {
    "s_i = softmax_i(x_i)": (_softmax_terms, 1),
    "s_i = log_softmax_i(x_i)": (_log_softmax_terms, 1),
    "s = logsumexp_i(x_i)": (_logsumexp_terms, 0),
    "s = norm_i(x_i)": (_norm_terms, 0),
}


def exact(text, point, order):
    """The components to 50 digits, rounded once."""
    terms, rank = (TERMS | COMPOSED)[text][:2]
    with mpmath.workdps(50):
        x = [mpmath.mpf(v) for v in POINTS[point]]
        component = terms(x, order)
        shape = (len(x),) * (rank + order)
        values = [float(component(*at)) for at in itertools.product(*[range(n) for n in shape])]
    return np.array(values).reshape(shape)


@each_point
@pytest.mark.parametrize("order", [0, 1, 2, 3])
@pytest.mark.parametrize("text", TERMS)
def test_error_to_scale(text, order, point):
    """No component is off by more than a few units of rounding of the largest one."""
    x = np.array(POINTS[point])
    got = ix.derive(text, wrt=" ".join(["x"] * order))(x=x) if order else ix.evaluate(text, x=x)
    want = exact(text, point, order)
    scale = np.max(np.abs(want))
    assert np.max(np.abs(got - want)) <= 40 * UNIT * scale, f"{text} {order} {point}"


@each_point
@pytest.mark.parametrize(("text", "order"), [(text, k) for text in COMPOSED for k in COMPOSED[text][2]])
def test_products_and_quotients(text, order, point):
    test_error_to_scale(text, order, point)


@each_point
@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("s_i = softmax_i(x_i)", 0),
        ("s = logsumexp_i(x_i)", 0),
        ("s = logsumexp_i(x_i)", 1),
        ("s = norm_i(x_i)", 0),
        ("s = norm_i(x_i)", 1),
    ],
)
def test_every_component_has_its_digits(text, order, point):
    """Where nothing cancels each component is right to its own last digits, however small it is."""
    x = np.array(POINTS[point])
    got = ix.derive(text, wrt=" ".join(["x"] * order))(x=x) if order else ix.evaluate(text, x=x)
    np.testing.assert_allclose(got, exact(text, point, order), rtol=1e-14)


@pytest.mark.parametrize("size", [1e-300, 1e-160, 1e160, 1e300])
def test_the_norm_of_extreme_entries(size):
    x = size * np.array([3.0, 4.0])
    np.testing.assert_allclose(ix.evaluate("s = norm_i(x_i)", x=x), 5 * size, rtol=1e-15)
    np.testing.assert_allclose(ix.derive("s = norm_i(x_i)", wrt="x")(x=x), [0.6, 0.8], rtol=1e-15)


@pytest.mark.parametrize("operator", ["det", "logdet", "inv", "solve", "chol"])
def test_matrices_against_fifty_digits(operator):
    """A Hilbert matrix of five rows: the error is that of its condition, 5e5."""
    a = 1 / (1.0 + np.add.outer(np.arange(5), np.arange(5)))
    b = np.ones(5)
    with mpmath.workdps(50):
        exact_matrix = mpmath.matrix(a.tolist())
        ways = {
            "det": lambda m: mpmath.det(m),
            "logdet": lambda m: mpmath.log(mpmath.det(m)),
            "inv": lambda m: (m**-1).tolist(),
            "solve": lambda m: [value for (value,) in (m**-1 * mpmath.matrix(b.tolist())).tolist()],
            "chol": lambda m: mpmath.cholesky(m).tolist(),
        }
        want = np.array(ways[operator](exact_matrix), dtype=float)
    text = {
        "det": "s = det_ij(A_ij)",
        "logdet": "s = logdet_ij(A_ij)",
        "inv": "s_ij = inv_ij(A_ij)",
        "solve": "s_i = solve_ij(A_ij, b_j)",
        "chol": "s_ij = chol_ij(A_ij)",
    }[operator]
    arrays = {"A": a, "b": b} if operator == "solve" else {"A": a}
    got = ix.evaluate(text, arrays)
    assert np.max(np.abs(got - want)) <= 5e5 * 10 * UNIT * np.max(np.abs(want))
