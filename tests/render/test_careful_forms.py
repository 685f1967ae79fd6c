"""Derivatives as a careful person writes them: cancelled, in the user's names, what repeats named once."""

import numpy as np
import pytest
from oracles.numeric import assert_close

import indicial as ix

BCE = "L = -sum_i(y_i log(p_i) + (1 - y_i) log(1 - p_i))"
LAYER_NORM = "m = mean_i(x_i); v = mean_i((x_i - m)^2); y_i = (x_i - m) / sqrt(v + e)"
NEO_HOOKE = "J = det_ij(F_ij); W = mu/2 (F_ij F_ij - 3) - mu log(J) + la/2 log(J)^2"
GAUSSIAN_PROCESS = "K_ij = S_ij + v δ_ij; L = y_i inv_ij(K_ij) y_j + logdet_ij(K_ij)"
RAYLEIGH = "s = x_i A_ij x_j / (x_k x_k)"

CROSS_ENTROPY = "Q_nc = log_softmax_c(S_nc); L = -mean_n({} Q[n, t[n]] + {} mean_c(Q_nc))"

FORMS = [
    # a bias: what is the same for each row stands under the sign of the sum, too
    ("L = (X_nd w_d + c - y_n)^2", "c", "2 sum_n(X_nd w_d + c - y_n)"),
    ("L = mean_n((X_nd w_d + c - y_n)^2)", "c", "2 sum_n(X_nd w_d + c - y_n) / dim(X, 0)"),
    ("L = (X_nd W_dk + c - Y_nk)^2", "c", "2 sum_kn(W_dk X_nd + c - Y_nk)"),
    ("H_nh = tanh(X_nd W_dh + b_h); L = (H_nh V_h + c - Y_n)^2", "c", "2 sum_n(H_nh V_h + c - Y_n)"),
    ("H_nh = tanh(X_nd W_dh + b_h); r_n = H_nh V_h + c - Y_n; L = r_n^2", "c", "2 sum_n(r_n)"),
    # sums of probabilities inside what would be a line of its own, and products that need none
    ("p_i = softmax_i(a_i); L = sum_i(p_i)^2 p_j a_j", "a", "p_m (1 + a_m - L)"),
    ("p_i = softmax_i(x_i); L = (p_i a_i)^2", "x", "2 p_m (a_m - a_j p_j) a_i p_i"),
    ("p_i = softmax_i(x_i); L = (p_i a_i)^3", "x", "3 (a_i p_i)^2 p_m (a_m - a_i p_i)"),
    # a closed chain of matrices
    ("f = w A_ij B_jk C_ki", "w", "A_ij B_jk C_ki"),
    ("f = w A_ij B_jk C_kl D_li", "w", "A_ij B_jk C_kl D_li"),
    # a sum that is a factor of a term, and stands beside it
    ("y = tanh(x + 0.044715 x^3)", "x", "(1 + 0.134145 x^2) (1 - y^2)"),
    ("y = tanh(x - x^3) + z x", "x", "(1 - tanh(x - x^3)^2) (1 - 3 x^2) + z"),
    ("y = (a - b) x + 3 c (b - a) x + d x", "x", "(a - b) (1 - 3 c) + d"),
    # the user's names, also for a single call and for one sum
    ("h_i = tanh(W_ij x_j); L = v_i h_i", "W", "v_m (1 - h_m^2) x_n"),
    ("z_i = W_ij x_j; h_i = tanh(z_i); L = v_i h_i", "W", "v_m (1 - h_m^2) x_n"),
    ("r = norm_i(x_i); V = 1/r", "x", "-V [r > 0] x_m / r^2"),
    ("p_i = softmax_i(x_i)", "x", "p_i (δ_im - p_m)"),
    (RAYLEIGH, "x", "((A_im + A_mi) x_i - 2 s x_m) / x_i^2"),
    # exponentials under the names of what they are
    ("y_i = 1/(1 + exp(-x_i))", "x", "δ_im y_i (1 - y_i)"),
    ("y_i = 1/(1 + exp(-x_i))", "x x", "δ_im δ_in y_i (1 - y_i) (1 - 2 y_i)"),
    ("L = sum_n(log(1 + exp(-y_n X_nj w_j)))", "w", "-sum_n(X_nm y_n sigmoid(-X_nj w_j y_n))"),
    ("L = log(sum_i(exp(x_i)))", "x", "softmax_m(x_m)"),
    ("L = log(sum_i(exp(x_i)))", "x x", "p_m = softmax_m(x_m)\np_m (δ_mn - p_n)"),
    ("p_i = exp(x_i)/sum_j(exp(x_j)); L = -y_i log(p_i)", "x", "p_m sum_i(y_i) - y_m"),
    # functions before sums in brackets, roots of numbers and π as one, differences the way they are read
    ("y_i = softplus(x_i)", "x x", "δ_im δ_in sigmoid(x_i) (1 - sigmoid(x_i))"),
    ("y_i = gelu(x_i)", "x x", "δ_im δ_in exp(-x_i^2 / 2) (2 - x_i^2) / sqrt(2 pi)"),
    ("y_i = erf(x_i / sqrt(2))", "x", "2 δ_im exp(-x_i^2 / 2) / sqrt(2 pi)"),
    ("y_i = (a - x_i)^2 w_i", "w", "δ_im (x_i - a)^2"),
    # even and odd functions of differences, pairs that are counted both ways
    ("d_ij = abs(x_i - x_j); L = sum_ij((d_ij - D_ij)^2)", "D", "2 (D_mn - d_mn)"),
    ("d_ij = norm_k(x_ik - x_jk); L = sum_ij(d_ij^2)", "x", "4 (dim(x, 0) x_mn - sum_i(x_in))"),
    ("L = sum_ij([i < j] (x_i - x_j)^2)", "x", "2 [m != i] (x_m - x_i)"),
    ("L = sum_ij([i < j] exp(-(x_i - x_j)^2))", "x", "2 sum_i([m != i] exp(-(x_i - x_m)^2) (x_i - x_m))"),
    ("L = sum_ij(sin(x_i - x_j) A_ij)", "x", "cos(x_i - x_m) (A_mi - A_im)"),
    # an inverse that a trace needs a name for has it everywhere
    (GAUSSIAN_PROCESS, "v", "s_ij = inv_ij(K_ij)\ns_ii - y_i s_ij s_jk y_k"),
    # quotients that cancel
    (f"p_i = sigmoid(X_ij w_j); {BCE}", "w", "X_im (p_i - y_i)"),
    (f"p_i = sigmoid(X_ij w_j); {BCE}", "w w", "X_im X_in p_i (1 - p_i)"),
    (LAYER_NORM, "x", "(δ_in - (1 + y_i y_n) / dim(x, 0)) / sqrt(e + v)"),
    ("y_i = W_ij x_j; L = sum_i(log(cosh(y_i - t_i)))", "W", "tanh(y_m - t_m) x_n"),
    (NEO_HOOKE, "F", "(la log(J) - μ) inv_nm(F_nm) + μ F_mn"),
    (
        NEO_HOOKE,
        "F F",
        "(μ - la log(J)) inv_qm(F_qm) inv_np(F_np) + la inv_nm(F_nm) inv_qp(F_qp) + δ_mp δ_nq μ",
    ),
    ("C_a = mean_n(X_na - mean_k(X_ka))", "X", "0"),
    # what some terms share
    (
        "e_ij = (F_ki F_kj - delta_ij)/2; W = la/2 e_kk^2 + mu e_ij e_ij",
        "F",
        "2 μ F_mi e_ni + la F_mn e_ii",
    ),
    ("s = (x_i - u_i) M_ij (x_j - u_j)", "x", "(M_im + M_mi) (x_i - u_i)"),
    ("P_ij = softmax_j(Q_ia K_ja); O_ib = P_ij V_jb", "Q", "δ_im P_ij (V_jb - O_ib) K_jn"),
    # signs
    ("y_i = tanh(W_ij x_j)", "x x", "-2 W_im W_in y_i (1 - y_i^2)"),
    ("r = norm_i(x_i); U = k / r", "x", "-k [r > 0] x_m / r^3"),
    # what repeats
    ("s = inv_ij(X_ki C_kl X_lj) A_ji", "X", None),
    ("U = k q/norm_i(x_i - y_i)", "x x", None),
    ("y_i = g_i (x_i - mean_j(x_j)) / sqrt(mean_j((x_j - mean_k(x_k))^2) + e)", "x", None),
]


def arrays_for(program):
    """Arrays of extent 3 along every axis, square matrices far from singular."""
    rng = np.random.default_rng(3)
    arrays = {}
    for name, spaces in program.meaning.inputs.items():
        value = rng.uniform(0.2, 0.8, (3,) * len(spaces))
        arrays[name] = value + 2 * np.eye(3) if len(spaces) == 2 else value
    return arrays


@pytest.mark.parametrize(("text", "wrt", "printed"), [form for form in FORMS if form[2] is not None])
def test_text(text, wrt, printed):
    assert str(ix.derive(text, wrt=wrt)) == printed


@pytest.mark.parametrize(("text", "wrt", "printed"), [form for form in FORMS if form[2] != "0"])
def test_the_text_reads_back_as_the_same_numbers(text, wrt, printed):
    derivative = ix.derive(text, wrt=wrt)
    arrays = arrays_for(ix.parse(text))
    value = derivative(**arrays)
    *lines, right = str(derivative).split("\n")
    left = f"answer_{{{','.join(derivative.indices)}}}" if derivative.indices else "answer"
    extents = [f"index {letter}: 3" for letter in derivative.indices]
    again = ix.parse("\n".join([text, *lines, f"{left} = {right}", *extents]), outputs=("answer",))
    assert_close(again(arrays), value, 1e-11)
    assert ix.check(text, wrt, **arrays).passed


def test_the_bracket_with_the_fewest_indices():
    attention = "P_ij = softmax_j(Q_ia K_ja / r); O_ib = P_ij V_jb"
    pulled = ix.pullback(attention, wrt="Q", cotangent="G")
    assert str(pulled) == "s_mj = G_mb V_jb\nP_mj (s_mj - P_mk s_mk) K_jn / r"


@pytest.mark.parametrize(
    ("weights", "printed"),
    [
        ((0.9, 0.1), "(softmax_p(S_mp) - 0.1 / dim(S, 1) - 0.9 δ[t_m, p]) / dim(S, 0)"),
        (("(1 - e)", "e"), "-((1 - e) δ[t_m, p] + e / dim(S, 1) - softmax_p(S_mp)) / dim(S, 0)"),
    ],
)
def test_the_positions_that_a_gather_takes_are_counted(weights, printed):
    text = CROSS_ENTROPY.format(*weights)
    assert str(ix.derive(text, wrt="S")) == printed
    arrays = {"S": np.random.default_rng(0).normal(size=(4, 3)), "t": np.array([0, 2, 1, 2]), "e": 0.2}
    arrays = {name: arrays[name] for name in ix.parse(text).inputs}
    assert ix.check(text, "S", **arrays).passed


def test_a_check_moves_what_is_held_by_itself():
    text = "S_ij = X_ki X_kj; V_ij = inv_ij(S_ij); L = V_ij S_jk b_i b_k"
    arrays = {"X": np.random.default_rng(0).normal(size=(3, 3)) + 2 * np.eye(3), "b": [0.3, -1.2, 0.7]}
    for name in ("X", "S", "V"):
        assert ix.check(text, name, **arrays).passed, name
