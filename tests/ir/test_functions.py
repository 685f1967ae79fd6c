"""The table of elementwise functions: each row's value and partials against mpmath, and at its kinks."""

import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest

from indicial.ir.functions import FUNCTIONS, negated
from indicial.ir.nodes import ONE, ZERO, Access, Compare, Definition, Number
from indicial.ir.reference import evaluate_definition

mpmath.mp.dps = 40


def mp_step(x):
    return mpmath.mpf(x > 0)


def mp_sigmoid(x):
    return 1 / (1 + mpmath.exp(-x))


def mp_where(c, a, b):
    return a if c else b


EVERYWHERE = (-3.0, -1.25, -0.5, -1e-3, 1e-6, 0.3, 1.0, 2.5, 4.0)
POSITIVE = (1e-6, 0.1, 0.5, 1.0, 1.7, 3.0, 20.0)
INSIDE = (-0.99, -0.5, -1e-4, 1e-6, 0.25, 0.9)
PAIRS = ((0.5, 1.5), (1.5, 0.5), (2.0, 0.25), (0.75, 3.0))

# name: the function in mpmath, and the points, away from kinks, at which to compare
EXPECTED = {
    "exp": (mpmath.exp, EVERYWHERE),
    "log": (mpmath.log, POSITIVE),
    "log1p": (mpmath.log1p, (-0.9, -1e-12, 1e-15, 0.5, 3.0)),
    "expm1": (mpmath.expm1, (*EVERYWHERE, 1e-15)),
    "sqrt": (mpmath.sqrt, POSITIVE),
    "abs": (abs, EVERYWHERE),
    "sign": (mpmath.sign, EVERYWHERE),
    "step": (mp_step, EVERYWHERE),
    "sin": (mpmath.sin, EVERYWHERE),
    "cos": (mpmath.cos, EVERYWHERE),
    "tan": (mpmath.tan, EVERYWHERE),
    "asin": (mpmath.asin, INSIDE),
    "acos": (mpmath.acos, INSIDE),
    "atan": (mpmath.atan, EVERYWHERE),
    "sinh": (mpmath.sinh, EVERYWHERE),
    "cosh": (mpmath.cosh, EVERYWHERE),
    "tanh": (mpmath.tanh, EVERYWHERE),
    "asinh": (mpmath.asinh, EVERYWHERE),
    "acosh": (mpmath.acosh, (1.01, 1.5, 3.0, 20.0)),
    "atanh": (mpmath.atanh, INSIDE),
    "erf": (mpmath.erf, EVERYWHERE),
    "erfc": (mpmath.erfc, (*EVERYWHERE, 6.0)),
    "lgamma": (lambda x: mpmath.log(abs(mpmath.gamma(x))), (-2.5, -0.5, *POSITIVE)),
    "digamma": (mpmath.digamma, (-2.5, -0.5, *POSITIVE)),
    "polygamma": (mpmath.polygamma, [(n, x) for n in (1, 2, 3) for x in (0.3, 1.0, 2.5, 10.0)]),
    "sigmoid": (mp_sigmoid, (*EVERYWHERE, -30.0, 30.0)),
    "softplus": (lambda x: mpmath.log1p(mpmath.exp(x)), (*EVERYWHERE, -30.0, 30.0)),
    "silu": (lambda x: x * mp_sigmoid(x), (*EVERYWHERE, -30.0, 30.0)),
    "gelu": (lambda x: x * (1 + mpmath.erf(x / mpmath.sqrt(2))) / 2, EVERYWHERE),
    "relu": (lambda x: max(x, mpmath.mpf(0)), EVERYWHERE),
    "max": (max, [*PAIRS, (-1.0, 0.5)]),
    "min": (min, [*PAIRS, (-1.0, 0.5)]),
    "pow": (mpmath.power, PAIRS),
    "atan2": (mpmath.atan2, [*PAIRS, (-1.0, 0.5), (0.5, -1.0), (-0.5, -1.0), (1e-9, 1.0)]),
    "where": (mp_where, [(1.0, 2.0, 3.0), (0.0, 2.0, 3.0)]),
}
CASES = [
    (name, point if isinstance(point, tuple) else (point,))
    for name, (_, points) in EXPECTED.items()
    for point in points
]


def arguments_of(name, point):
    """The row's parameters as numbers, its other arguments as inputs; `where` takes a comparison first."""
    row = FUNCTIONS[name]
    nodes = [Number(Fraction(p)) for p in point[: row.parameters]]
    nodes += [Access("xyz"[k], ()) for k in range(row.parameters, row.arity)]
    if name == "where":
        nodes[0] = Compare("!=", Access("x", ()), ZERO)
    return nodes, {"xyz"[k]: np.array(value) for k, value in enumerate(point)}


def partials_at(name, point):
    """The row's partials at a point, as the table's expressions evaluate."""
    nodes, inputs = arguments_of(name, point)
    parts = [Definition("", (), partial(*nodes)) for partial in FUNCTIONS[name].partials]
    return [float(evaluate_definition(part, inputs, {})) for part in parts]


def test_every_row_is_tested():
    assert set(EXPECTED) == set(FUNCTIONS)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_rows_are_whole(name):
    row = FUNCTIONS[name]
    assert row.name == name
    assert row.arity == row.parameters + len(row.partials)
    assert row.latex.startswith("\\")


@pytest.mark.parametrize(("name", "point"), CASES)
def test_value(name, point):
    exact = EXPECTED[name][0](*[mpmath.mpf(x) for x in point])
    value = FUNCTIONS[name].value(*[np.float64(x) for x in point])
    assert float(value) == pytest.approx(float(exact), rel=4e-14, abs=1e-300)


@pytest.mark.parametrize(("name", "point"), CASES)
def test_partials(name, point):
    function, row = EXPECTED[name][0], FUNCTIONS[name]
    exact = []
    for axis in range(row.parameters, row.arity):
        if name == "where" and axis == 0:  # a condition does not vary
            exact.append(0.0)
            continue
        order = tuple([int(k == axis) for k in range(row.arity)])
        arguments = [mpmath.mpf(x) if k >= row.parameters else int(x) for k, x in enumerate(point)]
        exact.append(float(mpmath.diff(function, tuple(arguments), order)))
    assert partials_at(name, point) == pytest.approx(exact, rel=1e-12, abs=1e-15)


@pytest.mark.parametrize(("name", "point"), [c for c in CASES if FUNCTIONS[c[0]].holomorphic])
def test_complex_step_where_a_row_says_so(name, point):
    row = FUNCTIONS[name]
    got = partials_at(name, point)
    for axis in range(row.parameters, row.arity):
        if name == "where" and axis == 0:
            continue
        arguments = [np.complex128(x) if name != "where" or k else np.bool_(x) for k, x in enumerate(point)]
        arguments[axis] += 1e-30j
        assert row.value(*arguments).imag / 1e-30 == pytest.approx(got[axis - row.parameters], rel=1e-12)


# The conventions of DESIGN 1.7: a tie with a constant counts as 0, ties of two variables share.
KINKS = [
    ("relu", (0.0,), [0]),
    ("step", (0.0,), [0]),
    ("sign", (0.0,), [0]),
    ("abs", (0.0,), [0]),
    ("max", (2.0, 2.0), [0.5, 0.5]),
    ("min", (2.0, 2.0), [0.5, 0.5]),
]


@pytest.mark.parametrize(("name", "point", "expected"), KINKS)
def test_partials_at_kinks(name, point, expected):
    assert partials_at(name, point) == expected


@pytest.mark.parametrize("name", ["max", "min"])
def test_a_tie_with_a_constant_is_zero_for_the_variable(name):
    first, second = FUNCTIONS[name].partials
    x = Access("x", ())
    for partial in (first(x, ZERO), second(ZERO, x)):
        assert evaluate_definition(Definition("", (), partial), {"x": np.array(0.0)}, {}) == 0


def test_values_at_kinks():
    for name in ("relu", "step", "sign", "abs", "gelu", "silu"):
        assert FUNCTIONS[name].value(np.float64(0.0)) == 0


def test_values_far_out_neither_overflow_nor_cancel():
    far = np.array([-800.0, 800.0])
    np.testing.assert_array_equal(FUNCTIONS["sigmoid"].value(far), [0, 1])
    np.testing.assert_array_equal(FUNCTIONS["softplus"].value(far), [0, 800])
    np.testing.assert_array_equal(FUNCTIONS["silu"].value(far), [0, 800])
    np.testing.assert_array_equal(FUNCTIONS["tanh"].value(far), [-1, 1])
    np.testing.assert_array_equal(FUNCTIONS["gelu"].value(far), [0, 800])
    assert FUNCTIONS["log1p"].value(1e-20) == FUNCTIONS["expm1"].value(1e-20) == 1e-20
    assert FUNCTIONS["sigmoid"].value(-700.0) == pytest.approx(math.exp(-700), rel=1e-12)


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_rows_keep_the_type_and_the_shape(name, kind):
    row = FUNCTIONS[name]
    x = np.array([[1.25, 1.5, 2.0]], kind) if name != "atanh" and name[:2] != "as" else None
    x = np.array([[0.25, 0.5, 0.75]], kind) if name in ("asin", "acos", "atanh") else x
    x = np.array([[1.25, 1.5, 2.0]], kind) if x is None else x
    arguments = [x] * row.arity
    if row.parameters:
        arguments[0] = 1
    if name == "where":
        arguments[0] = x > 1
    value = row.value(*arguments)
    assert (value.shape, value.dtype) == (x.shape, x.dtype)


def test_negated_brackets():
    for relation in ("<", "<=", ">", ">=", "==", "!="):
        for point in (-1.0, 0.0, 1.0):
            bracket = Compare(relation, Access("x", ()), ZERO)
            both = Definition("", (), bracket + negated(bracket))
            assert evaluate_definition(both, {"x": np.array(point)}, {}) == 1
    assert negated(negated(Compare("<", ONE, ZERO))) is Compare("<", ONE, ZERO)
