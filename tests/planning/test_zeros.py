"""x^p log(x) where x is 0: 0 for positive exponents, of every order, as in JAX; formulas do not show it."""

import inspect

import numpy as np
import pytest
from oracles.numeric import assert_close
from oracles.sources import LIBRARIES, as_array, function_of

import indicial as ix

X = np.array([0.0, 0.5, 2.0])
P = np.array([1.5, 0.7, 2.0])
POWER = "f_i = x_i^p_i"


@pytest.mark.parametrize(
    ("wrt", "formula"),
    [
        ("p", "δ_im f_i log(x_i)"),
        ("p p", "δ_im δ_in f_i log(x_i)^2"),
        ("p p p", "δ_im δ_in δ_iq f_i log(x_i)^3"),
        ("p x", "δ_im δ_in (f_i / x_i + p_i x_i^(p_i - 1) log(x_i))"),
        ("p p x", "δ_im δ_in δ_iq log(x_i) (2 f_i / x_i + p_i x_i^(p_i - 1) log(x_i))"),
    ],
)
def test_a_power_by_its_exponent(wrt, formula):
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    derived = ix.derive(POWER, wrt)
    assert str(derived) == formula
    power = lambda x, p: x**p  # noqa: E731
    for name in wrt.split():
        power = jax.grad(power, "xp".index(name))
    order = len(wrt.split())
    got = np.einsum("i" * (order + 1) + "->i", derived(x=X, p=P))
    assert_close(got, np.array([power(x, p) for x, p in zip(X, P, strict=True)]), 1e-12)


@pytest.mark.parametrize("order", [1, 2])
def test_the_exponent_of_a_fit(order):
    text = "L = sum_i((a x_i^n - y_i)^2)"
    y, a, n = np.ones(3), 2.0, 1.5
    wrt = " ".join(["n"] * order)
    log = np.log([1.0, 0.5, 2.0])
    first = 2 * (a * X**n - y) * a * X**n * log
    second = 2 * a * X**n * log**2 * (2 * a * X**n - y)
    assert_close(ix.derive(text, wrt)(x=X, y=y, a=a, n=n), (first, second)[order - 1].sum(), 1e-12)


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("y = x log(x)", 0.0),
        ("y = x^2 log(x)^2", 0.0),
        ("y = sqrt(x) log(x)", 0.0),
        ("y = 3 x (1 + log(x))", 0.0),
        ("y = x^x (1 + log(x))", -np.inf),
        ("y = log(x)", -np.inf),
        ("y = log(x) / x", -np.inf),
    ],
)
def test_a_logarithm_beside_what_is_0(text, want):
    with np.errstate(divide="ignore"):
        assert ix.evaluate(text, x=0.0) == want


def test_a_value_that_is_handed_in_is_believed():
    derived = ix.derive("f_i = x_i^p_i; g_i = f_i / x_i", "f")
    assert_close(derived(x=X[1:], p=P[1:]), np.diag(1 / X[1:]), 1e-14)
    value = ix.evaluate("f_i = x_i^p_i; g_i = f_i log(x_i) / x_i", x=X[1:], p=P[1:], f=np.array([3.0, 5.0]))
    assert_close(value, np.array([3.0, 5.0]) * np.log(X[1:]) / X[1:], 1e-14)


def test_factors_that_repeat_stay():
    text = "y_i = x_i^p_i; z_i = y_i y_i log(x_i) log(x_i) / (x_i x_i)"
    x, p = X[1:], P[1:]
    assert_close(ix.evaluate(text, x=x, p=p), x ** (2 * p) * np.log(x) ** 2 / x**2, 1e-13)


@pytest.mark.parametrize(
    ("text", "wrt", "exponent", "want"),
    [
        ("f = x^p log(x)", "", 1.0, 0.0),
        ("f = x^p log(x)", "", 0.0, -np.inf),
        ("f = x^p log(x)", "", -1.0, -np.inf),
        ("f = x^p log(x)", "x", 1.0, -np.inf),
        ("f = x^p log(x)", "x x", 2.0, -np.inf),
        ("u = x^p; y = log(x) u / x", "", 1.0, -np.inf),
    ],
)
def test_only_where_the_power_is_0(text, wrt, exponent, want):
    program = ix.derive(text, wrt) if wrt else ix.parse(text)
    with np.errstate(all="ignore"):
        assert program(x=0.0, p=exponent) == want


SHARES = "q_i = x_i / sum_j(x_j); H = -sum_i(q_i log(q_i))"


def test_a_logarithm_of_a_statement_that_is_0():
    x = np.array([0.0, 1.0, 3.0])
    want = -(0.25 * np.log(0.25) + 0.75 * np.log(0.75))
    assert_close(ix.evaluate(SHARES, x=x), want, 1e-14)
    far = np.array([0.0, -1000.0])
    assert ix.evaluate("p_i = softmax_i(x_i); H = -sum_i(p_i log(p_i))", x=far) == 0
    gradient = ix.derive("p_i = softmax_i(x_i); H = -sum_i(p_i log(p_i))", "x")
    assert gradient(x=far).tolist() == [0, 0]


SOURCES = [
    (POWER, "p"),
    (POWER, "p p"),
    (POWER, "p x"),
    (POWER, "p p x"),
    ("y_i = x_i log(x_i)", ""),
    ("y_i = sqrt(x_i) log(x_i)^2", ""),
    ("y_i = 3 x_i (1 + log(x_i))", ""),
    ("s = sum_i(p_i x_i log(x_i))", ""),
    ("L = sum_i((x_i^a - p_i)^2)", "a a"),
    (SHARES, ""),
]


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize(("program", "wrt"), SOURCES)
def test_source_code_has_the_same(program, wrt, library):
    meant = ix.derive(program, wrt) if wrt else ix.parse(program)
    function = function_of(meant.source(library))
    arrays = {"x": X, "p": P, "a": 1.5}
    given = {name: arrays[name] for name in inspect.signature(function).parameters}
    got = np.asarray(function(**{name: as_array(library, value) for name, value in given.items()}))
    assert np.all(np.isfinite(got))
    assert_close(got, meant(given), 1e-12)


@pytest.mark.parametrize("power", ["x_i^p", "(2 x_i)^(p/2)", "x_i^p_i"])
def test_derivatives_of_a_power_that_is_a_polynomial_are_finite_at_zero(power):
    """p (p − 1) x^(p − 2) is 0 where x is 0 and p is 0 or 1, and p (p − 1) (p − 2) x^(p − 3) where p is 2."""
    program = ix.parse(f"y_i = {power}")
    for order, several in ((1, (0, 1, 2)), (2, (0, 1, 2, 3)), (3, (0, 1, 2, 3, 4))):
        derived = ix.derive(program, " ".join("x" * order))
        for p in several:
            exponent = p if "p/2" not in power else 2 * p
            given = np.full(3, float(exponent)) if "p_i" in power else float(exponent)
            got = np.einsum("i" * (order + 1) + "->i", derived(x=X, p=given))
            scale = 2.0**p if "p/2" in power else 1.0
            assert_close(got, scale * np.polyval(np.polyder(np.poly1d([1] + [0] * p), order), X), 1e-12)
