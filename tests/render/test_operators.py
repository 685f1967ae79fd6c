"""Operators over indices in formulas: the exact text and LaTeX, and what it reads back as."""

import numpy as np
import pytest

import indicial as ix

EQUATIONS = [
    ("p_i = softmax_i(x_i)", "x", "∂p_i/∂x_m = p_i (δ_im - p_m)"),
    ("p_i = log_softmax_i(x_i)", "x", "∂p_i/∂x_m = δ_im - softmax_m(x_m)"),
    ("s = logsumexp_i(x_i)", "x", "∂s/∂x_m = softmax_m(x_m)"),
    ("s = logsumexp_i(x_i)", "x x", "p_m = softmax_m(x_m)\n∂²s/∂x_m∂x_n = p_m (δ_mn - p_n)"),
    ("y_i = cumsum_i(x_i)", "x", "∂y_i/∂x_m = [m <= i]"),
    ("s = norm_i(x_i)", "x", "∂s/∂x_m = [s > 0] x_m / s"),
    ("s = tr_ij(A_ij)", "A", "∂s/∂A_mn = δ_mn"),
    ("s = det_ij(A_ij)", "A", "∂s/∂A_mn = adj_nm(A_nm)"),
    ("s = logdet_ij(A_ij)", "A", "∂s/∂A_mn = inv_nm(A_nm)"),
    ("s = logdet_ij(A_ij)", "A A", "∂²s/∂A_mn∂A_pq = -inv_qm(A_qm) inv_np(A_np)"),
    ("s_ij = inv_ij(A_ij)", "A", "∂s_ij/∂A_mn = -s_im s_nj"),
    ("s = y_i inv_ij(A_ij) z_j", "y", "∂s/∂y_m = inv_mi(A_mi) z_i"),
    ("x_i = solve_ij(A_ij, b_j)", "b", "∂x_i/∂b_m = inv_im(A_im)"),
    ("X_ik = solve_ij(A_ij, B_jk)", "B", "∂X_ik/∂B_mn = δ_kn inv_im(A_im)"),
]


@pytest.mark.parametrize(("text", "wrt", "equation"), EQUATIONS)
def test_text(text, wrt, equation):
    assert ix.derive(text, wrt=wrt).equation == equation


@pytest.mark.parametrize(
    ("text", "wrt", "right"),
    [
        (
            "p_i = softmax_i(x_i)",
            "x",
            r"p_i \left(\delta_{im} - p_m\right)",
        ),
        ("p_i = log_softmax_i(x_i)", "x", r"\delta_{im} - \operatorname{softmax}_m\left(x_m\right)"),
        ("s = det_ij(A_ij)", "A", r"\operatorname{adj}_{nm}\left(A_{nm}\right)"),
        (
            "s_ij = inv_ij(A_ij)",
            "A",
            r"-s_{im} s_{nj}",
        ),
        (
            "s = norm_i(x_i)",
            "x",
            r"\frac{\left[s > 0\right] x_m}{s}",
        ),
        ("y_i = cumsum_i(x_i)", "x", r"\left[m \le i\right]"),
        ("t = a logdet_ij(A_ij)", "a", r"\operatorname{logdet}_{ij}\left(A_{ij}\right)"),
        ("t = a det_ij(A_ij)", "a", r"\det_{ij}\left(A_{ij}\right)"),
        ("t = a max_i(x_i)", "a", r"\max_i\left(x_i\right)"),
        ("t = a tr_ij(A_ij)", "a", r"A_{ii}"),
    ],
)
def test_latex(text, wrt, right):
    assert ix.derive(text, wrt=wrt).latex().split(" = ", 1)[1] == right


PROGRAMS = [
    "s = norm_ij(A_ij - B_ij)",
    "s_k = logsumexp_i(A_ik + B_ik)",
    "s = det_ij(A_ij B_jk delta_ik + A_ij)",
    "s_k = max_i(A_ik) - min_i(B_ik)",
    "p_ij = softmax_ij(A_ij) B_ij",
    "p_ji = log_softmax_i(A_ij)",
    "s_ij = cumsum_i(A_ij B_ij)",
    "s_ij = inv_ij(inv_ij(A_ij) + B_ij)",
    "s_ik = solve_ij(A_ij, B_jk)",
    "s_ik = solve_ij(A_ij, inv_jk(B_jk))",
    "s_ji = chol_ij(A_ik A_jk + delta_ij)",
    "t = inv_ij(A_ij) delta_ij",
    "t_i = softmax_ij(A_ij) delta_ij",
    "t = log(adj_ij(A_ij) delta_ij) + max_i(solve_ij(A_ij, B_jk) delta_ik)",
    "t = sum_i(exp(inv_ij(A_ij) delta_ij B_ij))",
    "s = det_ij(A_ij)^2 / logdet_ij(A_ij B_kj)^2",
]
GENERATOR = np.random.default_rng(8)
ARRAYS = {name: GENERATOR.uniform(0.1, 0.9, (3, 3)) + 3 * np.eye(3) for name in "AB"}


def arrays_of(text):
    return {name: ARRAYS[name] for name in ix.parse(text).inputs}


@pytest.mark.parametrize("text", PROGRAMS)
def test_programs_read_back(text):
    program = ix.parse(text)
    again = ix.parse(str(program))
    np.testing.assert_allclose(again(arrays_of(text)), program(arrays_of(text)), rtol=1e-11)


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("text", PROGRAMS)
def test_derivatives_read_back(text, order):
    """The formula behind the program's statements, and extents for its axes."""
    derived = ix.derive(text, wrt=" ".join("A" * order))
    *named, right = str(derived).splitlines()
    letters = [letter for k, letter in enumerate(derived.indices) if k in _present(derived)]
    left = f"answer[{', '.join(letters)}]" if letters else "answer"
    written = "\n".join([text, *named, f"{left} = {right}", *[f"index {each}: 3" for each in letters]])
    value = derived(arrays_of(text))
    along = tuple([slice(None) if k in _present(derived) else 0 for k in range(value.ndim)])
    got = ix.evaluate(ix.parse(written, outputs=("answer",)), arrays_of(text))
    np.testing.assert_allclose(got, value[along], rtol=1e-9, atol=1e-12, err_msg=written)


def _present(derived):
    return {index.serial for index in derived.definition.body.free}


def test_a_diagonal_of_an_inverse_is_read_from_a_named_line():
    """An operator is written with letters of its own, so that a closed one needs a name."""
    derived = ix.derive("t = logdet_ij(A_ij) + s B_ij inv_ij(A_ij)", wrt="s")
    assert str(derived) == "B_ij inv_ij(A_ij)"
    derived = ix.derive("t = s delta_ij inv_ij(A_ij)", wrt="s")
    assert str(derived).splitlines()[-1].endswith("_ii")
    assert derived(A=ARRAYS["A"], s=1.0) == pytest.approx(np.trace(np.linalg.inv(ARRAYS["A"])))
