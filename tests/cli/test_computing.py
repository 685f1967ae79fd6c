"""`indicial eval` and `indicial check`: arrays that fit and that do not, what is printed and written."""

import re

import numpy as np
import pytest

from indicial.cli.main import main

LINEAR = "f_i = W_ij x_j"
LAYER = "z_i = W_ij x_j + b_i; a_i = max(0, z_i); L = (a_i - y_i)^2"
LOGDET = "tensor X_ij: symmetric; L = logdet_ij(X_ij)"


def test_eval_prints_shape_and_array(capsys):
    assert main(["eval", LINEAR, "W=[[1,2],[3,4]]", "x=[5,6]"]) == 0
    assert capsys.readouterr().out == "shape (2,)\n[17. 39.]\n"


def test_eval_prints_a_number(capsys):
    assert main(["eval", "s = x_i x_i", "x=[3,4]"]) == 0
    assert capsys.readouterr().out == "shape ()\n25.0\n"


def test_complex_results_are_written_and_read_again(data):
    np.save("z.npy", np.array([1 + 2j, -3j]))
    assert main(["eval", "y_i = z_i^2", "z=z.npy", "-o", "y.csv"]) == 0
    assert main(["eval", "y_i = y0_i", "y0=y.csv", "-o", "y.npy"]) == 0
    assert np.array_equal(np.load("y.npy"), np.array([1 + 2j, -3j]) ** 2)


RANKS = [
    ("s=3", "x=2", "s=3 was read as a shape", "write s=3.0 for the number 3, or s=scalar for a random one"),
    ("s=2x2", "x=2", "s=2x2 was read as a shape", "write s=scalar for a random one"),
    ("s=1x1", "x=2", "s=1x1 was read as a shape", "write s=scalar for a random one"),
    ("s=[1,2]", "x=2", "'s' has 1 axis", "write a number, such as s=2.5"),
    ("s=[4]", "x=2", "'s' has 1 axis", "flatten it: s=4.0"),
    ("s=2.0", "x=1x4", "x=1x4 was read as a shape, 2 axes", "flatten it: x=4"),
    ("s=2.0", "x=[[1,2,3,4]]", "(1, 4)", 'flatten it: x="[1,2,3,4]"'),
    ("s=2.0", "x=[[1],[2]]", "(2, 1)", 'flatten it: x="[1,2]"'),
    ("s=2.0", "x=row.npy", "(1, 4)", "flatten it, numpy.reshape(x, (4,)), before it is saved"),
    ("s=2.0", "x=3x4", "x=3x4 was read as a shape, 2 axes", "random data for 'x' are x=3"),
    ("s=2.0", "x=1.5", "'x' has no axes", "random data for 'x' are x=3"),
]


@pytest.mark.parametrize("command", [["eval"], ["eval", "--wrt", "x"], ["check", "--wrt", "x"]])
@pytest.mark.parametrize(("first", "second", "reason", "hint"), RANKS)
def test_an_array_of_another_rank(data, capsys, command, first, second, reason, hint):
    np.save("row.npy", np.ones((1, 4)))
    assert main([*command, "--", "p_i = s x_i", first, second]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert reason in err
    assert f"hint: {hint}" in err


def test_ranks_of_names_in_another_spelling_and_of_intermediates(capsys):
    assert main(["eval", "p_i = σ x_i", "sigma=3", "x=2"]) == 2
    assert "sigma=3.0" in capsys.readouterr().err
    assert main(["eval", "z_i = x_i; L = z_i z_i", "z=2x2"]) == 2
    assert "'z' has 1 axis in the program, but z=2x2 was read as a shape" in capsys.readouterr().err
    assert main(["eval", "p_i = s x_i", "t=3", "x=2"]) == 2
    assert "no tensor 't'" in capsys.readouterr().err


def test_an_order_without_a_variable(capsys):
    assert main(["eval", "s = x_i x_i", "x=3", "--order", "2"]) == 2
    assert "--wrt" in capsys.readouterr().err


def test_eval_writes_the_jacobian(data):
    assert main(["eval", LINEAR, "--wrt", "W", "W=W.npy", "x=x.npy", "-o", "J.npy"]) == 0
    expected = np.einsum("im,n->imn", np.eye(2), np.load("x.npy"))
    assert np.array_equal(np.load("J.npy"), expected)


def test_eval_of_several_derivatives_writes_an_archive(data, capsys):
    assert main(["eval", LINEAR, "--wrt", "W", "--wrt", "x", "W=W.npy", "x=x.npy", "-o", "J.npz"]) == 0
    with np.load("J.npz") as archive:
        assert archive["W"].shape == (2, 2, 3)
        assert np.array_equal(archive["x"], np.load("W.npy"))
    assert main(["eval", LINEAR, "--wrt", "W", "--wrt", "x", "W=W.npy", "x=x.npy"]) == 0
    assert "W: shape (2, 2, 3)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("bindings", "words"),
    [
        (["W=2x3"], ["x"]),
        (["W=2x3", "x=4"], ["W", "x", "3", "4"]),
        (["W=2x3", "x=3", "y=3"], ["y"]),
        (["W=6", "x=3"], ["W"]),
        (["W=2x3", "x=x.npz"], ["x.npz"]),
    ],
)
def test_arrays_that_do_not_fit(data, capsys, bindings, words):
    assert main(["eval", LINEAR, *bindings]) == 2
    message = capsys.readouterr().err
    assert all(re.search(rf"\b{word}\b", message) for word in words)


def test_check_passes(capsys):
    assert main(["check", LAYER, "--wrt", "W", "W=3x4", "x=4", "b=3", "y=3"]) == 0
    assert "passed" in capsys.readouterr().out


def test_check_by_several_variables(capsys):
    assert main(["check", LAYER, "--wrt", "W", "--wrt", "b", "W=3x4", "x=4", "b=3", "y=3"]) == 0
    assert "passed" in capsys.readouterr().out


def test_check_fails_where_the_numbers_cannot_agree(capsys):
    assert main(["check", "f_i = sqrt(x_i)", "--wrt", "x", "x=[1,0]"]) == 1
    assert "failed" in capsys.readouterr().out.lower()
    assert main(["check", "f_i = log(x_i)", "--wrt", "x", "x=[1,-1,0]"]) == 2
    assert "not finite" in capsys.readouterr().err


def test_check_of_a_structure(capsys):
    words = ["check", "tensor A_ij: symmetric; s = x_i A_ij x_j", "--wrt", "A", "A=3x3", "x=3"]
    assert main([*words, "--structure", "entries"]) == 0
    assert "passed: ∂s/∂A_mn, 9 components" in capsys.readouterr().out
    assert main(["check", LINEAR, "--wrt", "x", "W=2x3", "x=3", "--structure", "projected"]) == 2
    assert "declared symmetry" in capsys.readouterr().err


def test_random_data_are_what_is_declared(capsys):
    text = "tensor S_ij: symmetric, diagonal; tensor N_ijk: antisymmetric_jk, integer; tensor p_i: positive\n"
    text += "s = S_ij N_ijk p_k sum_l(log(p_l))"
    words = ["S=3x3", "N=3x3x3", "p=3"]
    assert main(["eval", text, "--wrt", "p", *words]) == 0
    assert main(["check", text, "--wrt", "S", *words]) == 0
    assert "passed" in capsys.readouterr().out


def test_given_data_are_checked(capsys):
    assert main(["eval", LOGDET, "--wrt", "X", "X=[[1,2],[3,4]]"]) == 2
    assert "'X' is declared symmetric, but X[0, 1] = 2 and X[1, 0] = 3" in capsys.readouterr().err
    assert main(["eval", LOGDET, "--structure", "entries", "X=2x2"]) == 2
    assert "--structure asks for a derivative" in capsys.readouterr().err
