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


SAME = [
    # one range, read off either of two subscripts that an equation ties
    (
        "index i: 2; index l: 2; index b: 3; index s: -1..2",
        "f = sum_i((2 + B) (F[s, E_i+1, 0, b-2*l+2] eps_li C[i, b, l]) abs(A_s) / G)",
        "f = sum_i((2 + B) (C[i, b, l] F[s, E_i+1, 0, b-2*l+2] eps_li) abs(A_s) / G)",
    ),
    # two equations of one index
    (
        "index k: 2; index t: 4",
        "f = sum_t(delta[k+2, t] / H E_tk tan(F) G_k)",
        "f = sum_t(G_k (tan(F) E_tk) delta[k+2, t] / H)",
    ),
    # a dummy as a number inside another factor
    (
        "index i: 2; index j: 2; index l: 2; index t: -1..2",
        "f_it = sqrt(A[j, -1, t, i-l+1]) 1/2 B_lj delta[l-t+2, j]",
        "f_it = sqrt(A[j, -1, t, i-l+1]) delta[l-t+2, j] 1/2 B_lj",
    ),
    (
        "index j: 2; index f: 3",
        "f = sum_j(1 / (1 + M_j^2) B_fj [f < 2] delta[j+1, f] H_fj^(-1) K[f+1] K[-1])",
        "f = sum_j(K[-1] H_fj^(-1) delta[j+1, f] K[f+1] [f < 2] B_fj / (1 + M_j^2))",
    ),
]


@pytest.mark.parametrize(("ranges", "one", "other"), SAME)
def test_brackets_and_equations_have_one_form(ranges, one, other):
    first, second = [ix.parse(f"{ranges}\n{text}").meaning.statements["f"] for text in (one, other)]
    assert first == second


DECIDED = [
    # what the extents say, with an equation or without
    ("index i: 3; y_i = w [i < 5] x_i", "x_i"),
    ("index i: 3; y_i = w [i < 3 - 1] x_i", "[i <= 1] x_i"),
    ("index i: 2; index j: 3; y_j = w sum_i([i < j + 5] A_ij)", "sum_i(A_ij)"),
    # an equation that no index solves
    ("y_i = w (x_i + sum_j([i + j + 1 == 0] A_ij))", "x_i"),
    ("index i: 2; index j: 2; y = w (x_i z_i + [i + j == 3] A_ij)", "x_i z_i"),
]


@pytest.mark.parametrize(("text", "printed"), DECIDED)
def test_what_extents_decide(text, printed):
    assert str(ix.derive(text, "w")) == printed
