"""Derivations as they are printed."""

import re

import numpy as np
import pytest
from oracles.formulas import FORMULAS

import indicial as ix


def chains(program, wrt):
    """The text of each chain, without reasons: left = right = right = …, and the reasons."""
    found = {}
    for step in ix.derive(program, wrt=wrt).steps():
        found.setdefault(step.left, []).append(step)
    return {left: ([s.text for s in steps], [s.rule for s in steps]) for left, steps in found.items()}


def test_the_known_chain():
    steps = ix.derive("f_i = W_ij x_j", wrt="W").steps()
    assert str(steps) == (
        "∂f_i/∂W_mn\n"
        "  = ∂(W_ij x_j)/∂W_mn  [definition of f]\n"
        "  = (∂W_ij/∂W_mn) x_j  [product rule: x_j does not depend on W]\n"
        "  = δ_im δ_jn x_j      [∂W_ij/∂W_mn = δ_im δ_jn]\n"
        "  = δ_im x_n           [contract δ_jn]"
    )


def test_the_known_chain_in_latex():
    assert ix.derive("f_i = W_ij x_j", wrt="W").steps().latex() == (
        "\\begin{aligned}\n"
        r"\frac{\partial f_i}{\partial W_{mn}} &= \frac{\partial \left(W_{ij} x_j\right)}{\partial W_{mn}}"
        r" && \text{definition of }f \\" + "\n"
        r"&= \frac{\partial W_{ij}}{\partial W_{mn}} x_j"
        r" && \text{product rule: }x_j\text{ does not depend on }W \\" + "\n"
        r"&= \delta_{im} \delta_{jn} x_j"
        r" && \frac{\partial W_{ij}}{\partial W_{mn}} = \delta_{im} \delta_{jn} \\" + "\n"
        r"&= \delta_{im} x_n && \text{contract }\delta_{jn}" + "\n"
        "\\end{aligned}"
    )


def test_a_function_of_a_sum():
    assert chains("y_i = tanh(W_ij x_j + b_i)", "W") == {
        "∂y_i/∂W_mn": (
            [
                "∂tanh(W_ij x_j + b_i)/∂W_mn",
                "(1 - tanh(W_ij x_j + b_i)^2) (∂(W_ij x_j + b_i)/∂W_mn)",
                "(1 - tanh(W_ij x_j + b_i)^2) (∂(W_ij x_j)/∂W_mn)",
                "(1 - tanh(W_ik x_k + b_i)^2) (∂W_ij/∂W_mn) x_j",
                "(1 - tanh(W_ik x_k + b_i)^2) δ_im δ_jn x_j",
                "δ_im (1 - tanh(W_ij x_j + b_i)^2) x_n",
                "δ_im (1 - y_i^2) x_n",
            ],
            [
                "definition of y",
                "chain rule, ∂tanh(u)/∂u = 1 - tanh(u)^2",
                "sum rule: b_i does not depend on W",
                "product rule: x_j does not depend on W",
                "∂W_ij/∂W_mn = δ_im δ_jn",
                "contract δ_jn",
                "y_i = tanh(W_ij x_j + b_i)",
            ],
        )
    }


def test_a_quadratic_form():
    assert chains("L = x_i A_ij x_j", "x")["∂L/∂x_m"] == (
        [
            "∂(x_i A_ij x_j)/∂x_m",
            "(∂x_i/∂x_m) A_ij x_j + x_i A_ij (∂x_j/∂x_m)",
            "δ_im A_ij x_j + x_i A_ij δ_jm",
            "A_mi x_i + x_i A_im",
            "(A_im + A_mi) x_i",
        ],
        [
            "definition of L",
            "product rule: A_ij does not depend on x",
            "∂x_i/∂x_m = δ_im; ∂x_j/∂x_m = δ_jm",
            "contract δ_im and δ_jm",
            "simplify",
        ],
    )


def test_softmax():
    texts, reasons = chains("p_i = softmax_i(x_i)", "x")["∂p_i/∂x_m"]
    assert texts[1:3] == [
        "softmax_i(x_i) (δ_ij - softmax_j(x_j)) (∂x_j/∂x_m)",
        "softmax_i(x_i) (δ_ij - softmax_j(x_j)) δ_jm",
    ]
    assert reasons[1] == ("rule of softmax, ∂softmax_j(u_j)/∂u_k = softmax_j(u_j) (δ_jk - softmax_k(u_k))")


def test_the_single_variable_chain_rule():
    found = chains("u = x^2; f = sin(u)", "x")
    assert list(found) == ["∂u/∂x", "∂f/∂u", "∂f/∂x"]
    assert found["∂f/∂x"] == (
        ["(∂f/∂u) (∂u/∂x)", "2 x cos(u)"],
        ["single-variable chain rule through u", "insert ∂f/∂u and ∂u/∂x"],
    )


def test_the_total_derivative():
    found = chains("u_i = sin(x_i); f = x_i u_i", "x")
    assert list(found) == ["∂u_i/∂x_m", "∂f/∂x_m|u", "∂f/∂u_n", "∂f/∂x_m"]
    assert found["∂f/∂x_m|u"][1][1] == "product rule: u_i is held constant"
    assert found["∂f/∂x_m"] == (
        ["∂f/∂x_m|u + (∂f/∂u_i) (∂u_i/∂x_m)", "u_m + δ_im x_i cos(x_i)", "u_m + x_m cos(x_m)"],
        [
            "total-derivative chain rule: through u_i, and directly",
            "insert ∂f/∂x_m|u, ∂f/∂u_i and ∂u_i/∂x_m",
            "contract δ_im",
        ],
    )


def test_a_path_holds_the_others_that_depend_on_it():
    found = chains("u = x^2; v = exp(u); f = u v", "x")
    assert found["∂f/∂x"][0][0] == "(∂f/∂u|v) (∂u/∂x) + (∂f/∂v) (∂v/∂x)"


def test_two_layers():
    net = "H_nh = tanh(X_nd W_dh + b_h); Y_nc = H_nh V_hc + c_c; L = (Y_nc - T_nc)^2"
    found = chains(net, "b")
    assert list(found) == ["∂H_nh/∂b_m", "∂Y_nc/∂H_pq", "∂Y_nc/∂b_m", "∂L/∂Y_pq", "∂L/∂b_m"]
    assert found["∂H_nh/∂b_m"][0][2:] == [
        "(1 - tanh(X_nd W_dh + b_h)^2) (∂b_h/∂b_m)",
        "δ_hm (1 - tanh(X_nd W_dh + b_h)^2)",
        "δ_hm (1 - H_nh^2)",
    ]
    assert found["∂L/∂b_m"][1][0] == "vector chain rule through Y_nc"
    assert found["∂L/∂b_m"][0][0] == "(∂L/∂Y_nc) (∂Y_nc/∂b_m)"
    text = str(ix.derive(net, wrt="b").steps())
    assert text.startswith("H_nh = tanh(X_nd W_dh + b_h)\n\n∂H_nh/∂b_m\n")
    assert text.index("\n\nY_nc = H_nh V_hc + c_c\n\n") < text.index("\n\nL = (Y_nc - T_nc)^2\n\n")


def test_second_order():
    assert chains("L = x_i A_ij x_j", "x x")["∂²L/∂x_m∂x_n"] == (
        ["∂((A_im + A_mi) x_i)/∂x_n", "(A_im + A_mi) (∂x_i/∂x_n)", "δ_in (A_im + A_mi)", "A_mn + A_nm"],
        [
            "∂L/∂x_m from above",
            "product rule: A_im + A_mi does not depend on x",
            "∂x_i/∂x_n = δ_in",
            "contract δ_in",
        ],
    )


def test_second_order_does_not_show_a_statement_again():
    text = str(ix.derive("r_n = X_nd w_d - y_n; L = r_n^2 / 2", wrt="w w").steps())
    assert text.count("r_n = X_nd w_d - y_n\n") == 1


def test_a_derivative_of_a_derivative():
    first = ix.derive("L = x_i A_ij x_j", wrt="x")
    assert ix.derive(first, wrt="A").steps()[-1].left == "∂²L/∂x_m∂A_np"


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        ("f_i = max(0, x_i)", "chain rule, ∂max(0, u)/∂u = [u > 0], 0 at the kink"),
        ("f_i = abs(x_i)", "chain rule, ∂abs(u)/∂u = sign(u), 0 at the kink"),
        (
            "f_i = max(x_i, y_i)",
            "chain rule, ∂max(u, v)/∂u = [u > v] + [u == v] / 2, shared equally at a tie",
        ),
        ("f = prod_i(x_i)", "product rule, each factor in turn"),
        ("f_i = x_i^3", "power rule"),
        ("f_i = 2^x_i", "exponential rule"),
        ("f_i = 2 x_i", "constant factor"),
        ("f = sum_i(x_i)", "the derivative of a sum is the sum of the derivatives"),
        ("u_i = y_i; f_i = 3 x_i / 4", "constant factor"),
    ],
)
def test_rules_by_name(program, reason):
    assert reason in [step.rule for step in ix.derive(program, wrt="x").steps()]


def test_the_users_letters_are_avoided_by_intermediates():
    steps = ix.derive("z_k = W_kl x_l; L = z_k z_k", wrt="W_kl").steps()
    assert steps[0].left == "∂z_i/∂W_kl"
    assert steps[-1].text == str(ix.derive("z_k = W_kl x_l; L = z_k z_k", wrt="W_kl"))


@pytest.mark.parametrize(
    ("program", "wrt", "text"),
    [
        ("f_i = W_ij x_j; g_i = b_i", "W", "∂g_i/∂W_mn\n  = 0  [g_i does not depend on W]"),
        ("f_i = W_ij x_j", "f", "∂f_i/∂f_m\n  = δ_im  [f_i by itself]"),
    ],
)
def test_what_needs_no_rule(program, wrt, text):
    assert str(ix.derive(program, wrt=wrt).steps()) == text


def test_other_notations():
    assert ix.derive("ij,j->i", wrt=0).steps()[1].text == "(∂A_ij/∂A_mn) B_j"
    steps = ix.derive("f = W*x", wrt="W", notation="matrix").steps()
    assert steps[-1].text == "δ_im x_n"


def test_computed_subscripts():
    assert chains("y_i = K_k x[i+k]", "K")["∂y_i/∂K_m"][0] == [
        "∂(K_k x[i+k])/∂K_m",
        "(∂K_k/∂K_m) x[i+k]",
        "δ_km x[i+k]",
        "x[i+m]",
    ]
    assert chains("A_bd = E[t[b], d]", "E")["∂A_bd/∂E_mn"] == (
        ["∂E[t_b, d]/∂E_mn", "δ[t_b, i] δ_im δ_dn", "δ_dn δ[t_b, m]"],
        ["definition of A", "∂E_id/∂E_mn = δ_im δ_dn", "contract δ_im"],
    )


def test_ranges_that_do_not_begin_at_zero():
    assert chains("index k: -1..1; y_i = w_k x[i+k+1]", "w")["∂y_i/∂w_m"] == (
        ["∂(w_k x[i+k+1])/∂w_m", "(∂w_k/∂w_m) x[i+k+1]", "δ[m-1, k] x[i+k+1]", "x[i+m]"],
        [
            "definition of y",
            "product rule: x[i+k+1] does not depend on w",
            "∂w_k/∂w_m = δ[m-1, k]",
            "contract δ[m-1, k]",
        ],
    )


def test_a_derivation_is_a_sequence():
    steps = ix.derive("f_i = W_ij x_j", wrt="W").steps()
    assert len(steps) == 4
    assert [step.text for step in steps][-1] == steps[-1].text
    assert repr(steps) == "<Derivation in 4 steps>"
    assert str(steps[-1]) == "∂f_i/∂W_mn = δ_im x_n"
    assert steps._repr_latex_() == f"$\\displaystyle {steps.latex()}$"
    arrays = {"W": np.arange(6.0).reshape(2, 3), "x": np.ones(3)}
    np.testing.assert_array_equal(steps[0](**arrays), steps[-1](arrays))


@pytest.mark.parametrize(
    ("program", "wrt"),
    [
        ("y_i = tanh(W_ij x_j + b_i); L = y_i y_i / 2", "W W"),
        ("p_i = exp(x_i) / sum_k(exp(x_k)); L = log(p_i) y_i", "x"),
        ("s = tr_ij(inv_ij(A_ij)) + prod_i(b_i) + max_i(b_i)", "A b"),
    ],
)
def test_latex_is_balanced(program, wrt):
    latex = ix.derive(program, wrt=wrt).steps().latex()
    assert latex.count("{") == latex.count("}")
    assert latex.count(r"\left") == latex.count(r"\right")
    for row in latex.splitlines()[1:-1]:
        assert len(re.findall(r"(?<!\\)&", row)) in (1, 3), row


def texts(program, wrt):
    return [line.strip() for line in str(ix.derive(program, wrt=wrt).steps()).splitlines()]


def test_no_name_is_invented_for_what_the_user_has_named():
    lines = texts("p_i = softmax_i(x_i)", "x")
    assert lines[-2].startswith("= softmax_i(x_i) (δ_im - softmax_m(x_m))")
    assert lines[-1] == "= p_i (δ_im - p_m)                                    [p_i = softmax_i(x_i)]"
    assert not any("where" in line or "simplify" in line for line in lines)


def test_one_thing_has_one_name_in_all_chains():
    lines = texts("Z_ic = X_ij W_jc; L = -Y_ic log_softmax_c(Z_ic)", "W W")
    where = [line.partition(" = ")[2] for line in lines if line.startswith("where")]
    assert len(where) == len(set(where))


def test_a_derivative_is_inserted_in_the_users_names():
    lines = texts("Z_ic = X_ij W_jc; P_ic = exp(Z_ic) / sum_k(exp(Z_ik))", "W")
    assert lines[-2].startswith("= δ_il δ_kn P_ic (δ_ck - P_ik) X_lm ")
    assert lines[-1].startswith("= P_ic X_im (δ_cn - P_in) ")


def test_terms_that_are_one_are_written_once_where_brackets_are_multiplied_out():
    program = "E_IJ = (F_kI F_kJ - delta_IJ) / 2; P_iJ = E_JI F_iI mu + E_II la F_iJ + E_IJ F_iI mu"
    found = [
        line for line in texts(program, "F") if line.endswith("[multiply out]") and "δ_JI μ F_ij" in line
    ]
    (line,) = found
    assert line.count("μ F_ij (δ_In F_mj + δ_jn F_mI)") == 1


@pytest.mark.parametrize(
    "formula", [each for each in FORMULAS if "structure" not in each], ids=lambda each: each["number"]
)
def test_no_chain_says_the_same_twice(formula):
    for shown, _ in chains(formula["program"], formula["wrt"]).values():
        assert len(shown) == len(set(shown))
