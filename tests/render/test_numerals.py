"""Numbers in formulas: fractions, decimals, powers of ten, and what is set in front of a sum."""

from fractions import Fraction

import pytest

import indicial as ix
from indicial.render.numerals import digits, split


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("3", "3"),
        ("1000000", "1000000"),
        ("1.204e24", "1.204e24"),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
        ("1/2", "1/2"),
        ("3/5", "3/5"),
        ("0.1", "0.1"),
        ("0.07", "0.07"),
        ("1.62", "1.62"),
        ("12.34567", "12.34567"),
        ("0.044715", "0.044715"),
        ("0.0001", "0.0001"),
        ("0.00001", "1e-5"),
        ("0.0000025", "2.5e-6"),
        ("1/3", "1/3"),
        ("1/120", "1/120"),
        ("10000/81", "10000/81"),
    ],
)
def test_a_rational_as_people_write_it(value, text):
    exact = Fraction(value)
    top, bottom = split(exact)
    assert (top if bottom == "1" else f"{top}/{bottom}") == text
    assert Fraction(top) / Fraction(bottom) == exact


def test_integers_of_any_length():
    assert digits(10**5000 + 7) == "1" + "0" * 4999 + "7"


@pytest.mark.parametrize(
    ("program", "text"),
    [
        ("y = log(x^2 + 0.01)", "2 x / (0.01 + x^2)"),
        ("v = x^2; y = log(v + 1e-5)", "2 x / (1e-5 + v)"),
        ("y = log(1 + 20 x)", "20 / (1 + 20 x)"),
        ("y = (0.9 x + 0.1)^2", "0.18 + 1.62 x"),
        ("y = exp(-x / 0.07)", "-100 y / 7"),
        ("y = x + 0.044715 x^3", "1 + 0.134145 x^2"),
        ("y = x / (2 x - 7)", "(2 y - 1) / (7 - 2 x)"),
    ],
)
def test_sums_with_decimals(program, text):
    derivative = ix.derive(program, "x")
    assert str(derivative) == text
    again = ix.parse(str(derivative.program))
    assert str(again).splitlines()[-1] == str(derivative.program).splitlines()[-1]
    assert "e-5" not in derivative.latex()
