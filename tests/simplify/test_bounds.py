"""Brackets that follow from other brackets of a product are left out; those that contradict give 0."""

import numpy as np
import pytest

import indicial as ix

CASES = [
    ("[i > 1] [i > 0] A_ij", "[i > 1] A_ij"),
    ("[i < j] [i <= j] A_ij", "[i < j] A_ij"),
    ("[i < j] [j < i] A_ij", "0"),
    ("[i < j] [i < j - 2] A_ij", "[i + 2 < j] A_ij"),
    ("δ_ij [i <= j] A_ij", "δ_ij A_ii"),
    ("δ_ij [i < j] A_ij", "0"),
    ("[i == j + 1] [i > 0] A_ij", "δ[i-1, j] A_ij"),
    ("[i == j + 1] [i < j] A_ij", "0"),
    ("[2 i < j] [2 i <= j] A_ij", "[2 i < j] A_ij"),
    ("[i < j] [i > 0] A_ij", "[i > 0] [i < j] A_ij"),
    ("[i + j < 3] [i + j > 3] A_ij", "0"),
    ("[i + j < 3] [i + j >= 2] A_ij", "[i + j <= 2] [i + j > 1] A_ij"),
]


@pytest.mark.parametrize(("text", "printed"), CASES)
def test_what_is_left(text, printed):
    array = np.arange(1.0, 26.0).reshape(5, 5)
    derivative = ix.derive(f"y_ij = x {text}", "x")
    assert str(derivative) == printed
    np.testing.assert_array_equal(derivative(A=array), ix.evaluate(f"y_ij = {text}", A=array))
    assert derivative(A=array).any() == (printed != "0")
