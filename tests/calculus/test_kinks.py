"""Derivatives where none exists: 0 at a tie with a constant, shared equally by two variables."""

import numpy as np
import pytest

import indicial as ix

TWO_PI = 2 * np.pi


@pytest.mark.parametrize("function", ["max", "min"])
@pytest.mark.parametrize(
    ("other", "before", "tie"),
    [("2 pi", "", TWO_PI), ("dim(x, 0)", "", 3.0), ("c", "c = 1; ", 1.0), ("1", "", 1.0)],
)
def test_a_tie_with_a_constant(function, other, before, tie):
    x = np.array([tie, tie + 1, tie - 1])
    got = ix.derive(f"{before}y_i = {function}(x_i, {other})", "x")(x=x)
    swapped = ix.derive(f"{before}y_i = {function}({other}, x_i)", "x")(x=x)
    assert np.array_equal(got, np.diag([0.0, 1.0, 0.0] if function == "max" else [0.0, 0.0, 1.0]))
    assert np.array_equal(swapped, got)


@pytest.mark.parametrize("function", ["max", "min"])
def test_a_tie_of_two_variables(function):
    x = np.array([1.0, 2.0])
    both = ix.derive(f"y_i = {function}(x_i, b_i)", ("x", "b"))(x=x, b=x)
    assert np.array_equal(both["x"], np.eye(2) / 2)
    assert np.array_equal(both["b"], np.eye(2) / 2)


def test_a_tie_with_a_statement_that_varies():
    x = np.array([1.0, 2.0])
    assert np.array_equal(ix.derive("c = x_i x_i / 5; y_i = max(x_i, c)", "c")(x=x), [0.5, 0.0])


@pytest.mark.parametrize("name", ["relu", "step", "sign", "abs"])
def test_zero_at_zero(name):
    assert ix.grad(f"y = {name}(x)", "x")(x=0.0) == 0
