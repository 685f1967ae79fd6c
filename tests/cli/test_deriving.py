"""`indicial derive`: by what, in which form, and where to."""

import json
from pathlib import Path

import pytest

from indicial.cli.main import main

LINEAR = "f_i = W_ij x_j"
LOGDET = "tensor X_ij: symmetric; L = logdet_ij(X_ij)"


def test_derive_prints_the_equation_alone(capsys):
    assert main(["derive", LINEAR, "--wrt", "W"]) == 0
    assert capsys.readouterr() == ("∂f_i/∂W_mn = δ_im x_n\n", "")


def test_derive_by_several_variables(capsys):
    assert main(["derive", LINEAR, "--wrt", "W", "--wrt", "x"]) == 0
    assert capsys.readouterr().out == "∂f_i/∂W_mn = δ_im x_n\n∂f_i/∂x_m = W_im\n"


def test_derive_with_a_cotangent_and_with_tangents(capsys):
    assert main(["derive", "Z_nc = X_nd W_dc + b_c", "--wrt", "b", "--cotangent", "G"]) == 0
    assert capsys.readouterr().out == "∂L/∂b_m = sum_n(G_nm)\n"
    assert main(["derive", "s = A_ij X_ji", "--wrt", "X", "--tangent", "dX"]) == 0
    assert capsys.readouterr().out == "ds = A_ij dX_ji\n"
    both = ["derive", "s = A_ij X_ji", "--wrt", "X", "--wrt", "A", "--tangent", "U", "--tangent", "V"]
    assert main(both) == 0
    assert capsys.readouterr().out == "ds = A_ij U_ji\nds = V_ij X_ji\n"
    assert main(["derive", "s = x_i x_i", "--wrt", "x", "--order", "2", "--tangent", "u"]) == 0
    assert capsys.readouterr().out == "d2s = 2 u_i^2\n"


def test_derive_contracts_from_one_end_only(capsys):
    assert main(["derive", LINEAR, "--wrt", "x", "--tangent", "u", "--cotangent", "G"]) == 2
    assert "both are given" in capsys.readouterr().err
    assert main(["derive", LINEAR, "--wrt", "x", "--tangent", "W"]) == 2
    assert "the name 'W' of the tangent is in use" in capsys.readouterr().err


def test_options_may_stand_anywhere(capsys):
    assert main(["derive", "--wrt=W", LINEAR]) == 0
    assert main(["eval", "--seed", "3", LINEAR, "W=2x3", "--wrt", "W", "x=3"]) == 0
    assert "shape (2, 2, 3)" in capsys.readouterr().out


def test_a_second_derivative(capsys):
    assert main(["derive", "s = x_i A_ij x_j", "--wrt", "x", "--order", "2"]) == 0
    by_order = capsys.readouterr().out
    assert main(["derive", "s = x_i A_ij x_j", "--wrt", "x x"]) == 0
    assert capsys.readouterr().out == by_order


@pytest.mark.parametrize("several", [["--wrt", "x", "--wrt", "A"], ["--wrt", "x A"]])
def test_order_repeats_one_variable_only(capsys, several):
    assert main(["derive", "s = x_i A_ij x_j", *several, "--order", "2"]) == 2
    assert "--order repeats one variable" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("wrt", "left"), [("x_p", "∂²s/∂x_p∂x_m"), ("x[row]", "∂²s/∂x[row]∂x_m"), (" x_m ", "∂²s/∂x_m∂x_n")]
)
def test_a_second_derivative_whose_first_letters_are_named(capsys, wrt, left):
    assert main(["derive", "s = x_i A_ij x_j", "--wrt", wrt, "--order", "2"]) == 0
    assert capsys.readouterr().out.startswith(left + " = ")


def test_a_matrix_twice_by_words(capsys):
    assert main(["derive", "s = W_ij W_ij", "--wrt", "W[row, col]", "--order", "2"]) == 0
    assert capsys.readouterr().out.startswith("∂²s/∂W[row, col]∂W_mn = 2 ")


@pytest.mark.parametrize("order", ["101", "999999999"])
def test_an_order_beyond_the_highest(capsys, order):
    with pytest.raises(SystemExit) as caught:
        main(["derive", "s = x^2", "--wrt", "x", "--order", order])
    assert caught.value.code == 2
    assert "the highest order, 100" in capsys.readouterr().err


def test_latex(capsys):
    assert main(["derive", LINEAR, "--wrt", "W", "--latex"]) == 0
    assert r"\delta_{im}" in capsys.readouterr().out


def test_matrix_notation(capsys):
    assert main(["derive", LINEAR, "--wrt", "W", "--wrt", "x", "--matrix"]) == 0
    assert capsys.readouterr().out == "∂f/∂W = xᵀ ⊗ I\n∂f/∂x = W\n"
    words = ["--matrix", "--ascii", "--vec", "C", "--layout", "denominator"]
    assert main(["derive", LINEAR, "--wrt", "W", *words]) == 0
    assert capsys.readouterr().out == "∂f/∂W = kron(eye, x)\n"
    assert main(["derive", "s = x_i x_i", "--wrt", "x", "--order", "2", "--matrix"]) == 0
    assert capsys.readouterr().out == "∂²s/∂x∂x = 2 I\n"
    assert main(["derive", "y_i = A_ij B_ij", "--wrt", "A", "--matrix"]) == 2
    assert "no matrix form" in capsys.readouterr().err


def test_matrix_notation_in_latex(capsys):
    words = ["derive", "s = x_i A_ij x_j", "--wrt", "x", "--matrix", "--latex"]
    assert main([*words, "--layout", "numerator"]) == 0
    right = r"x^{\top} \left(A + A^{\top}\right)"
    assert capsys.readouterr().out == rf"\frac{{\partial s}}{{\partial x}} = {right}" + "\n"


@pytest.mark.parametrize("other", ["--json", "--unicode", "--steps", "--code=numpy", "--latex --ascii"])
def test_matrix_notation_is_a_form_of_its_own(other, capsys):
    assert main(["derive", LINEAR, "--wrt", "x", "--matrix", *other.split()]) == 2
    assert "are two forms" in capsys.readouterr().err


def test_code_of_a_value_and_its_gradient(capsys):
    words = ["derive", "L = (X_nd w_d - y_n)^2", "--wrt", "w", "--value"]
    assert main([*words, "--code", "torch"]) == 0
    text = capsys.readouterr().out
    assert "def L_and_dL_dw(X, w, y):" in text
    assert text.splitlines()[-1] == "    return torch.sum((y - s)**2), 2 * (X.T @ (s - y))"
    assert main(words) == 2
    assert "add --code numpy" in capsys.readouterr().err
    assert main([*words, "--code", "jax", "--cotangent", "G"]) == 2
    assert "leave --cotangent out" in capsys.readouterr().err
    assert main(["derive", LINEAR, "--wrt", "x", "--value", "--code", "jax"]) == 2
    assert "scalar" in capsys.readouterr().err


def test_what_is_of_matrix_notation_only(capsys):
    for words in (["--layout", "numerator"], ["--vec", "F"], ["--ascii"]):
        assert main(["derive", LINEAR, "--wrt", "W", *words]) == 2
        assert f"add --matrix, or leave {words[0]} out" in capsys.readouterr().err


def test_code(capsys):
    assert main(["derive", LINEAR, "--wrt", "W", "--code", "jax"]) == 0
    assert "result = result.at[i, i].set(x)\n    return result\n" in capsys.readouterr().out
    assert main(["derive", LINEAR, "--wrt", "W", "--wrt", "x", "--code", "numpy"]) == 0
    assert capsys.readouterr().out.endswith('    return {"W": result, "x": W}\n')
    with pytest.raises(SystemExit):
        main(["derive", LINEAR, "--wrt", "W", "--code", "fortran"])


def test_json_and_subscripts(capsys):
    assert main(["derive", LINEAR, "--wrt", "W", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["formula"] == "δ_im x_n"
    assert main(["derive", LINEAR, "--wrt", "W", "--wrt", "x", "--json"]) == 0
    assert [each["formula"] for each in json.loads(capsys.readouterr().out)] == ["δ_im x_n", "W_im"]
    assert main(["derive", LINEAR, "--wrt", "W", "--unicode"]) == 0
    assert capsys.readouterr().out == "∂fᵢ/∂Wₘₙ = δᵢₘ xₙ\n"


def test_derive_writes_to_a_file(data, capsys):
    assert main(["derive", LINEAR, "--wrt", "W", "-o", "J.txt"]) == 0
    assert capsys.readouterr().out == ""
    assert Path("J.txt").read_text(encoding="utf-8") == "∂f_i/∂W_mn = δ_im x_n\n"
    assert main(["derive", LINEAR, "--wrt", "W", "-o", "absent/J.txt"]) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_steps(capsys):
    assert main(["derive", LINEAR, "--wrt", "x", "--wrt", "W", "--steps"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("∂f_i/∂x_m\n  = ∂(W_ij x_j)/∂x_m  [definition of f]\n")
    assert "\n\n∂f_i/∂W_mn\n" in printed
    assert main(["derive", LINEAR, "--wrt", "x", "--steps", "--latex"]) == 0
    assert capsys.readouterr().out.startswith("\\begin{aligned}\n\\frac{\\partial f_i}{\\partial x_m} &=")


def test_the_structure_of_a_derivative(capsys):
    assert main(["derive", LOGDET, "--wrt", "X", "--structure", "entries"]) == 0
    assert main(["derive", LOGDET, "--wrt", "X", "--structure", "projected"]) == 0
    out = capsys.readouterr().out
    assert out == "∂L/∂X_mn = inv_mn(X_mn) (2 - δ_mn)\n∂L/∂X_mn = inv_mn(X_mn)\n"


def test_matrix_notation_is_answered_in_both_notations(capsys):
    assert main(["derive", "L = x'*A*x", "--wrt", "x", "--wrt", "A", "--notation", "matrix"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "∂L/∂x = (A + Aᵀ) x",
        "∂L/∂x_m = (A_im + A_mi) x_i",
        "∂L/∂A = x xᵀ",
        "∂L/∂A_mn = x_m x_n",
    ]


def test_a_result_without_a_matrix_form_is_answered_in_index_notation_alone(capsys):
    assert main(["derive", "y = X.*X.*X", "--wrt", "X", "--order", "2", "--notation", "matrix"]) == 0
    assert capsys.readouterr().out == "∂²y_ij/∂X_mn∂X_pq = 6 δ_im δ_ip δ_jn δ_jq X_ij\n"
