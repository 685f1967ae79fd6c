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
    ("s = tr(A_ij B_jk)", "tr does not say over which indices", "name them: tr_ik(…)"),
    ("y_i = A^i_j x_j", "'i' stands above", "indices stand below: A_ij"),
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
_REACH = "it is not clear whether this term belongs to the {} over '{}' before it"
REACHES = [
    (r"y = \sum_i a_i + b_i", _REACH.format("sum", "i"), "∑_{i} (a_i + b_i), or write sum_i(b_i)"),
    ("y = (∑_i a_i + b_i)^2", _REACH.format("sum", "i"), "∑_i (a_i + b_i), or write sum_i(b_i)"),
    ("y_i = ∑_j A_ij x_j + b_j c_i", _REACH.format("sum", "j"), "∑_j (A_ij x_j + b_j c_i)"),
    ("L = -∑_i y_i log(p_i) + (1 - y_i) q_i", _REACH.format("sum", "i"), "sum_i((1 - y_i) q_i)"),
    ("L = c - ∑_i ∑_j y_ij + x_ij z_ij", _REACH.format("sum", "i"), "∑_i (∑_j y_ij + x_ij z_ij)"),
    ("L = 1/2 ∑_i y_i + d + x_i x_i", _REACH.format("sum", "i"), "∑_i (y_i + d + x_i x_i)"),
    ("y = ∏_i a_i + b_i b_i", _REACH.format("product", "i"), "∏_i (a_i + b_i b_i)"),
]
LOOK_ALIKES = [
    ("y_i = A^i_j x_j", "'i' stands above, where exponents stand", "indices stand below: A_ij"),
    ("y_i = δ_i^j x_j", "'j' stands above, where exponents stand", "indices stand below: δ_ij"),
    (r"a_k = \Gamma^k_{ij} v_i v_j", "'k' stands above", "indices stand below: Γ_ijk"),
    ("y_i = sigma(x_i)", "there is no function 'σ'", "did you mean sigmoid?"),
    ("y_i = log10(x_i)", "there is no function 'log10'", "write log(x) / log(10)"),
    ("y = log_2(x)", "the subscript 2 is a number", "write log(x) / log(2)"),
    ("y = argmax_i(x_i)", "there is no operator 'argmax'", "max_i(…) is the maximum"),
    ("y = std_i(x_i)", "there is no operator 'std'", "sqrt(mean_i((x_i - m)^2))"),
    ("p_i = softmax_i(where(x_i > 0, x_i, -inf))", "infinity is no number here", "where(j <= i, s_ij, -1e9)"),
    ("y = x ∞", "infinity is no number here", "-1e9"),
    ("q = x_i A_ij^-1 x_j", "a negative power of a tensor with two indices", "inv_ij(A_ij)"),
    ("q = x_i A_{ij}^{-1} x_j", "a negative power of a tensor with two indices", "A_ij^(-1)"),
    ("q_ij = A_ij⁻²", "a negative power of a tensor with two indices", "A_ij^(-2)"),
    ("q = x_i (A^-1)_ij x_j", "a bracket has no indices; what stands in it has", "inv_ij(A_ij)"),
    ("q = x_i (A B)_ij x_j", "a bracket has no indices; what stands in it has", "A_ik B_kj"),
    ("h_bd = E_{t_b d}", "the subscript t_b d is not affine", "[t_b, d]"),
    ("y_ij = x_{i+1 j}", "1 j in a subscript would be a product", "x[i+1, j]"),
    ("J = F_{1i} F_{2j} eps_ij", "1i in a subscript would be a product", "A[1, i]"),
    ("y = A_{12} x", "a component is named in square brackets", "A[12], counted from 0, or A[1, 2] for one"),
    ("y = C_01 x", "the subscript 01 is a number", "C[01], counted from 0, or C[0, 1] for one"),
    ("y = trace_ij(A_ij)", "there is no operator 'trace'", "did you mean tr_ij(…)?"),
    ("B_ij = inverse_ij(A_ij)", "there is no operator 'inverse'", "did you mean inv_ij(…)?"),
    ("B_ij = transpose_ij(A_ij)", "there is no operator 'transpose'", "A_ji for the transpose of A_ij"),
    ("s = det F", "det is an operator, and stands here without indices", "write det_ij(…)"),
    ("s = norm x", "norm is an operator, and stands here without indices", "write norm_i(…)"),
    ("J = det_ij(F_iJ)", "index 'j' of det_ij does not occur", "'J' is another letter: write det_iJ(…)"),
    ("s_ij = la eps_kk delta_ij", "ε_kk is 0: ε is the Levi-Civita symbol", "e_kk"),
    (r"y = \lVert x_i \rVert", "double bars do not say over which index", "norm_i(x_i)"),
    (r"y = \log |\Sigma_{ij}|", "log stands here without its argument", "logdet_ij(A_ij)"),
]
BOUNDS = [
    ("y = ∑_i=1^n x_i", "the bounds of a sum stand in braces", "∑_{j=1}^{n} x_j"),
    ("y = sum_{j=1}^{n} x_j", "sum takes no bounds; the sign ∑ does", "∑_{j=1}^{n} x_j"),
    ("y = Π_{j=1}^{n} x_j", "Π takes no bounds; the sign ∏ does", "∏_{j=1}^{n} x_j"),
]


@pytest.mark.parametrize(("program", "reason", "hint"), BOUNDS)
def test_bounds_in_another_place(program, reason, hint):
    with pytest.raises(ix.ParseError) as caught:
        ix.parse(program)
    assert caught.value.reason == reason
    assert hint in caught.value.hint
    assert program[caught.value.span.start] in "∑sΠ"


@pytest.mark.parametrize(
    ("program", "start", "end"),
    [("y = (∑_i a_i + b_i)^2", "b_i)", ")"), ("L = -∑_i y_i p_i + x_i q_i", "x_i", ""), ("y = x ∞", "∞", "")],
)
def test_the_caret_of_a_slip(program, start, end):
    with pytest.raises(ix.NotationError) as caught:
        ix.parse(program)
    place = caught.value.span
    assert program[place.start :].startswith(start)
    assert program[place.end :].startswith(end)


@pytest.mark.parametrize(
    ("program", "meant"),
    [
        ("L = ∑_i (y_i - p_i)^2 + w_i^2", "L = sum_i((y_i - p_i)^2 + w_i^2)"),
        ("L = -∑_i y_i + ∑_i x_i x_i", "L = x_i x_i - sum_i(y_i)"),
        ("L = -(∑_i y_i) + x_i x_i", "L = x_i x_i - sum_i(y_i)"),
        ("L = x_i x_i - ∑_i y_i", "L = x_i x_i - sum_i(y_i)"),
        ("z_i = ∑_j A_ij + y_i", "z_i = y_i + sum_j(A_ij)"),
        ("q = x_i A_ij^(-1) x_j", "q = x_i x_j / A_ij"),
        ("q_i = x_i^-1", "q_i = 1 / x_i"),
        ("inf = 2; y = inf x", "inf = 2\ny = inf x"),
    ],
)
def test_what_is_clear_is_read(program, meant):
    data = {"y": X, "p": 2 * X, "w": 3 * X, "x": 4 * X, "A": 5 * A}
    data = {name: array for name, array in data.items() if name in ix.parse(program).inputs}
    data["x"] = np.float64(2) if "inf" in program else data.get("x", X)
    data = {name: array for name, array in data.items() if name in ix.parse(program).inputs}
    np.testing.assert_allclose(ix.evaluate(program, data), ix.evaluate(meant, data))


@pytest.mark.parametrize(
    "program",
    ["y = b_i c_i + sum_i(exp(x_i)) / 2", "y = b_i c_i + prod_i(x_i)", "y = (b_i c_i - 3 sum_i(x_i))^2"],
)
def test_latex_keeps_a_sign_behind_terms_with_its_letter(program):
    own = ix.parse(program)
    assert str(ix.parse(own.latex())) == str(own)


@pytest.mark.parametrize(("program", "reason", "hint"), MISSPELT + UNINDEXED + SIGNS + REACHES + LOOK_ALIKES)
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
        ("y = Σ_j x_j", {"x": X}, "the array 'Σ' is missing", "Σ is a Greek letter, and the sign is ∑"),
        ("y_i = W_ij x_j", {"W": np.ones((3, 2)), "x": X}, "index 'j' must have one extent", "other order"),
        ("y_i = x_i + z_i", {"x": X, "z": np.ones(4)}, "index 'i' must have one extent", "arrays that fit"),
        ("index i: 4; y_i = x_i", {"x": X}, "index 'i' has the extent 4", "change the text or the array"),
    ],
)
def test_slips_in_what_is_given(program, arrays, reason, hint):
    with pytest.raises(ix.ShapeError) as caught:
        ix.evaluate(program, **arrays)
    assert reason in caught.value.reason
    assert hint in caught.value.hint


@pytest.mark.parametrize("text", ["y_i = W_ij x_j", r"y_i = \mathbf{W}_{ij} x_j"])
def test_extents_that_clash_are_shown_in_the_text(text):
    with pytest.raises(ix.ShapeError) as caught:
        ix.evaluate(text, W=A, x=np.ones(2))
    error = caught.value
    assert error.source[error.span.start - 2 :] == "x_j"
    assert [(error.source[note.span.start], note.text) for note in error.notes] == [("j", "extent 3 here")]


def test_a_shape_that_is_missing():
    with pytest.raises(ix.ShapeError, match="the shape of 'b' is missing") as caught:
        ix.derive("y_i = exp(W_ij x_j + b_i)", wrt="W").compile({"W": (2, 3), "x": (3,)})
    assert caught.value.hint == 'give it by name: "b": (n,)'


def test_the_variable_of_a_check_by_its_keyword():
    assert ix.check("y = x_i x_i", wrt="x", x=X)
    assert ix.objective("y = x_i x_i", wrt="x").fun(X) == 3


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
