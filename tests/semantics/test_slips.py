"""What people get wrong: each slip with what is said of it."""

import numpy as np
import pytest

import indicial as ix

X, A = np.ones(3), np.ones((3, 3))

MISSPELT = [
    ("y_i = sofmax_i(x_i)", "there is no operator 'sofmax'", "did you mean softmax_i(…)?"),
    ("y = sum_i(w_i sotfmax_i(x_i))", "there is no operator 'sotfmax'", "did you mean softmax_i(…)?"),
    ("y = norms_i(x_i)", "there is no operator 'norms'", "did you mean norm_i(…)?"),
    ("y = dett_ij(A_ij)", "there is no operator 'dett'", "did you mean det_ij(…)?"),
    ("y_i = Softmax_i(x_i)", "there is no operator 'Softmax'", "did you mean softmax_i(…)?"),
    ("y_i = expp_i(x_i)", "there is no operator 'expp'", "did you mean exp(…)?"),
    ("y_i = sigmod(x_i)", "there is no function 'sigmod'", "did you mean sigmoid"),
    ("y_i = Exp(x_i)", "there is no function 'Exp'", "did you mean exp"),
]
UNINDEXED = [
    ("y = det(A_kl)", "det does not say over which indices", "name them: det_kl(…)"),
    ("y_ij = inv(2 A_ij)", "inv does not say over which indices", "name them: inv_ij(…)"),
    ("y_i = solve(A_ij, b_j)", "solve does not say over which indices", "name them: solve_ij(…)"),
    ("y = norm(x_k)", "norm does not say over which index", "name it: norm_k(…)"),
    ("y_b = sum(A[b, row])", "sum does not say over which index", "name it: sum[row](…)"),
    ("y = det_ij(A_ik)", "index 'j' of det_ij does not occur in what", "leave it out"),
    ("y_j = cumsum_j(x_i)", "index 'j' of cumsum_j does not occur", "leave it out"),
    ("y = det_i(A_ij)", "'det' takes 2 indices, those of a square matrix, not 1", "write det_ij(A_ij)"),
]
SIGNS = [
    ("y_ij = A_ij^T", "index notation has no transpose sign", "the indices in the other order"),
    (r"y_{ij} = A^\top_{ij}", "index notation has no transpose sign", "the indices in the other order"),
    ("y_ij = A' B_ij", "index notation has no transpose sign", "the indices in the other order"),
    ("exp_i = x_i", "'exp' is a function and cannot name a tensor", "choose another name"),
    ("softmax_i = x_i", "softmax with indices is an operator, not a tensor", "choose another name"),
    ("delta_ij = x_i x_j", "is the Kronecker delta and cannot be assigned", "choose another name"),
    ("y = x_2", "the subscript 2 is a number", "write x[2], counted from 0"),
    ("index i: 1..; y_i = x_i", "a range needs both of its ends", "write index i: 0..3"),
    ("s_b = t_b; z_b = x[s[b]]", "'s' is computed, and only the entries of an input", "whole numbers"),
    ("T_ij = w[i-j+2]; index i: 3", "the values of index 'j' begin where", "declare its range: index j"),
]


@pytest.mark.parametrize(("program", "reason", "hint"), MISSPELT + UNINDEXED + SIGNS)
def test_slips_in_a_text(program, reason, hint):
    with pytest.raises(ix.NotationError) as caught:
        ix.parse(program)
    assert reason in caught.value.reason
    assert hint in caught.value.hint
    assert caught.value.span is not None


def test_a_name_that_is_no_slip_is_a_factor():
    assert str(ix.parse("y_i = w_i(x_i - z)")).strip() == "y_i = w_i (x_i - z)"
    assert str(ix.parse("y_i = sofmax_i (x_i)")).strip() == "y_i = sofmax_i x_i"
    assert str(ix.parse("y_i = norms_i(x_i) norms_i")).strip() == "y_i = norms_i norms_i x_i"


@pytest.mark.parametrize(
    ("program", "arrays", "reason", "hint"),
    [
        ("y = x_i z_i", {"x": X}, "the array 'z' is missing; 'y' is computed from it", "z=…"),
        ("y = x_i z_i", {"x": X, "z": X, "w": X}, "the program has no tensor 'w'", "its inputs are x, z"),
        ("y = x_i z_i", {"x": X, "z": A}, "'z' has 1 axis in the program, but its array has 2", "(n,)"),
        (
            "y = x_i Z_i",
            {"x": X, "z": X},
            "the program has no tensor 'z'",
            "did you mean 'Z'? Upper",
        ),
        ("y_i = w_ij x_j; L = Y_i y_i", {"w": A, "x": X}, "the array 'Y' is missing", "'y' is another name"),
    ],
)
def test_slips_in_what_is_given(program, arrays, reason, hint):
    with pytest.raises(ix.ShapeError) as caught:
        ix.evaluate(program, **arrays)
    assert reason in caught.value.reason
    assert hint in caught.value.hint


def test_the_wrong_case_in_a_variable():
    with pytest.raises(ix.NotationError, match="did you mean 'W'"):
        ix.derive("y_i = W_ij x_j", wrt="w")


@pytest.mark.parametrize(
    ("bounded", "plain"),
    [
        ("y = ∑_{j=1}^{n} x_j", "index j: n; y = ∑_j x_j"),
        ("y = ∑_{j=0}^{n-1} x_j^2 / 2", "index j: n; y = ∑_j x_j^2 / 2"),
        ("y_k = ∏_{j=1}^3 A_jk", "index j: 3; y_k = ∏_j A_jk"),
        ("y = ∑_{i<j} A_ij x_i", "y = ∑_ij [i < j] A_ij x_i"),
    ],
)
def test_a_sum_sign_with_bounds_is_read_as_in_latex(bounded, plain):
    assert str(ix.parse(bounded)) == str(ix.parse(plain))


@pytest.mark.parametrize("operator", ["inv_jk(A_jk)", "softmax_k(A_jk)", "cumsum_k(A_jk)"])
def test_a_letter_that_an_operator_keeps_is_an_index_in_a_condition(operator):
    text = f"y_jm = [m <= k] {operator} x_m"
    named = f"B_jk = {operator}; y_jm = [m <= k] B_jk x_m"
    arrays = {"A": A + 3 * np.eye(3), "x": X}
    np.testing.assert_allclose(ix.evaluate(text, arrays), ix.evaluate(named, arrays))


def test_an_index_with_a_prime_in_a_computed_subscript():
    np.testing.assert_allclose(ix.evaluate("y_{i'} = x[i'+1] - x_{i'}", x=X.cumsum()), [1, 1])
    assert str(ix.derive("y_i' = x[2*i'+k'] w_{k'}", wrt="w")) == "x[2*i'+m]"
    np.testing.assert_allclose(ix.evaluate("y_{i j'} = [i < j'] A_{i j'}", A=A), np.triu(A, 1))
