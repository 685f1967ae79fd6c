"""Powers that may be joined and powers that may not; numbers that no float holds."""

import numpy as np
import pytest

import indicial as ix

B = np.array([2.0, -0.5, 1.5])


def test_numbers_are_exact_until_the_numeric_stage():
    assert ix.evaluate("f = 1e400 x 1e-400 y", x=1.0, y=2.0) == 2
    assert ix.grad("f = 1e400 x 1e-400 y", "x")(x=1.0, y=2.0) == 2


def test_powers_of_powers_of_complex_numbers_stay_as_written():
    z = np.array([-1 + 0.1j, -2 - 3j, 1j])
    value = ix.evaluate("y_i = (z_i^(3/2))^(2/3)", z=z)
    assert np.allclose(value, (z**1.5) ** (2 / 3))
    assert not np.allclose(value, z)


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("y = sqrt(sum_i(b_i))^2", 3.0),
        ("y = (sum_i(b_i)^(1/2))^2", 3.0),
        ("y = ((s sum_i(b_i))^(1/2))^2", 6.0),
        ("t = s sum_i(b_i); y = t^(1/2) t^(1/2)", 6.0),
        ("y = sum_i(b_i)^2", 9.0),
        ("y_j = sqrt(sum_i(b_i))^2 b_j", 3.0 * B),
    ],
)
def test_the_square_of_a_root_of_a_sum(text, want):
    given = {"b": B} if "s " not in text.replace("sum", "") else {"b": B, "s": 2.0}
    assert np.allclose(ix.evaluate(text, given), want)


def test_twenty_thousand_signs():
    assert ix.evaluate("y = " + "-" * 20_000 + "x", x=2.0) == 2
    assert ix.grad("y = " + "-" * 20_001 + "x", "x")(x=2.0) == -1
    assert str(ix.derive("y = " + "-" * 20_001 + "x", "x")) == "-1"
