"""The commands from outside: what they print, where, and with which exit status."""

import io
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from indicial.cli import help as help_texts
from indicial.cli import main as cli_main
from indicial.cli.main import main

LINEAR = "f_i = W_ij x_j"
LAYER = "z_i = W_ij x_j + b_i; a_i = max(0, z_i); L = (a_i - y_i)^2"


def run(*words: str | bytes, text: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "indicial", *words],
        input=text.encode(),
        capture_output=True,
        env={**os.environ, **environment},
        timeout=60,
        check=False,
    )
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.fixture
def data(tmp_path, monkeypatch):
    """A folder with W.npy and x.npy, which is the current one."""
    monkeypatch.chdir(tmp_path)
    np.save("W.npy", np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]))
    np.save("x.npy", np.array([1.0, 0.5, -1.0]))
    return tmp_path


# ---- derive ------------------------------------------------------------------------------------


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


def test_check_of_a_structure(capsys):
    words = ["check", "tensor A_ij: symmetric; s = x_i A_ij x_j", "--wrt", "A", "A=3x3", "x=3"]
    assert main([*words, "--structure", "entries"]) == 0
    assert "passed: ∂s/∂A_mn, 9 components" in capsys.readouterr().out
    assert main(["check", LINEAR, "--wrt", "x", "W=2x3", "x=3", "--structure", "projected"]) == 2
    assert "declared symmetry" in capsys.readouterr().err


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


# ---- where the program comes from --------------------------------------------------------------


def test_a_program_from_a_file(data, capsys):
    Path("net.txt").write_text("# one layer\r\n" + LINEAR + "\r\n", encoding="utf-8-sig")
    assert main(["derive", "net.txt", "--wrt", "W"]) == 0
    assert capsys.readouterr().out == "∂f_i/∂W_mn = δ_im x_n\n"


def test_a_program_from_standard_input(monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(LINEAR.encode())))
    assert main(["derive", "-", "--wrt", "x"]) == 0
    assert capsys.readouterr().out == "∂f_i/∂x_m = W_im\n"


@pytest.mark.parametrize("name", ["absent.txt", "folder/absent", "net.ind"])
def test_an_absent_file(data, capsys, name):
    assert main(["derive", name, "--wrt", "W"]) == 2
    assert f"no file {name}" in capsys.readouterr().err


@pytest.mark.parametrize("program", ["", " ", "f", "x" * 5000, "a\0b", "f_i W_ij", "=", "🙂 = 1"])
def test_programs_that_are_none(capsys, program):
    assert main(["derive", "--wrt", "W", "--", program]) == 2
    assert capsys.readouterr().err.startswith("error: ")


def test_bytes_that_are_no_text(data, capsys):
    Path("net.txt").write_bytes(b"f_i = \xff")
    assert main(["derive", "net.txt", "--wrt", "W"]) == 2
    assert "not UTF-8" in capsys.readouterr().err


# ---- eval --------------------------------------------------------------------------------------


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


# ---- check -------------------------------------------------------------------------------------


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


# ---- the frame ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["plan"],
        ["derive"],
        ["derive", LINEAR],
        ["derive", LINEAR, "--wrt"],
        ["derive", LINEAR, "--wrt", "W", "--order", "0"],
        ["derive", LINEAR, "--wrt", "W", "--order", "two"],
        ["derive", LINEAR, "--wrt", "W", "surplus"],
        ["eval", LINEAR, "W=2x3", "x=3", "--seed", "-1"],
    ],
)
def test_a_wrong_command_line_ends_with_2(capsys, words):
    with pytest.raises(SystemExit) as caught:
        main(words)
    assert caught.value.code == 2
    assert "usage: indicial" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["--help"], ["derive", "--help"], ["eval", "-h"], ["check", "-h"]])
def test_help(capsys, words):
    with pytest.raises(SystemExit) as caught:
        main(words)
    assert caught.value.code == 0
    assert capsys.readouterr().out.startswith("usage: indicial")


def test_version(capsys):
    with pytest.raises(SystemExit):
        main(["--version"])
    assert re.fullmatch(r"indicial \d+\.\d+\.\d+\n", capsys.readouterr().out)


def examples() -> list[str]:
    texts = "".join([text for name, text in vars(help_texts).items() if name.endswith("_EXAMPLES")])
    return [line.strip() for line in texts.splitlines() if line.startswith("  ") and "indicial" in line]


@pytest.mark.parametrize("command", examples())
def test_every_example_of_the_help_runs(data, monkeypatch, capsys, command):
    said, _, command = command.rpartition("|")
    said = shlex.split(said)[1].replace("\\n", "\n") if said else ""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(said.encode())))
    name, *words = shlex.split(command.partition(" > ")[0])
    assert name == "indicial"
    assert main(words) == 0
    assert capsys.readouterr().err == ""


def test_as_a_module_and_through_a_pipe():
    done = run("derive", "-", "--wrt", "W", text=LINEAR)
    assert (done.returncode, done.stdout, done.stderr) == (0, "∂f_i/∂W_mn = δ_im x_n\n", "")


def test_bad_input_ends_with_2_and_no_traceback():
    done = run("derive", "f_i = W_ij x_k", "--wrt", "W")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: ")
    assert "^" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_argument_that_is_no_text():
    done = run(b"derive", b"f = \xff", b"--wrt", b"x")
    assert (done.returncode, done.stdout) == (2, "")
    assert "not part of the language" in done.stderr


ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


def test_words_of_the_command_line_where_the_locale_is_ascii():
    done = run("derive", "f = ∑_j σ_j α²", "--wrt", "σ", **ASCII)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "\\u2202f/\\u2202\\u03c3_m = \\u03b1^2\n"
    done = run("eval", "y_i = σ_i", "σ=[1,2]", **ASCII)
    assert (done.returncode, done.stdout) == (0, "shape (2,)\n[1. 2.]\n")


def test_files_whose_names_the_locale_cannot_spell(data):
    Path("netz_π.txt").write_text("y_i = σ_i^2", encoding="utf-8")
    np.save("σ.npy", np.array([1.0, 2.0]))
    for result in ("ŷ.npy", "ŷ.npz", "ŷ.csv"):
        done = run("eval", "netz_π.txt", "σ=σ.npy", "-o", result, **ASCII)
        assert (done.returncode, done.stderr) == (0, "")
        assert Path(result).is_file()
    done = run("derive", "netz_π.txt", "--wrt", "σ", "-o", "ŷ.txt", **ASCII)
    assert (done.returncode, done.stderr) == (0, "")
    assert "∂" in Path("ŷ.txt").read_text(encoding="utf-8")
    done = run("eval", "y_i = σ_i", "σ=absent_σ.npy", **ASCII)
    assert done.returncode == 2
    assert "cannot be read: no such file" in done.stderr


def test_a_reader_that_stops_reading():
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "indicial", "derive", LINEAR, "--wrt", "W"],
        stdout=writer,
        stderr=subprocess.PIPE,
        timeout=60,
        check=False,
    )
    os.close(writer)
    assert done.returncode == 141
    assert done.stderr == b""


def test_an_encoding_without_the_signs_of_mathematics():
    done = run("derive", LINEAR, "--wrt", "x", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stdout) == (0, "\\u2202f_i/\\u2202x_m = W_im\n")


def test_steps(capsys):
    assert main(["derive", LINEAR, "--wrt", "x", "--wrt", "W", "--steps"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("∂f_i/∂x_m\n  = ∂(W_ij x_j)/∂x_m  [definition of f]\n")
    assert "\n\n∂f_i/∂W_mn\n" in printed
    assert main(["derive", LINEAR, "--wrt", "x", "--steps", "--latex"]) == 0
    assert capsys.readouterr().out.startswith("\\begin{aligned}\n\\frac{\\partial f_i}{\\partial x_m} &=")


def test_colour_only_on_a_terminal_that_wants_it(monkeypatch, capsys):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    bad = ["derive", "f", "--wrt", "W"]
    assert main(bad) == 2
    assert "\033" not in capsys.readouterr().err
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert main(bad) == 2
    assert capsys.readouterr().err.startswith("\033[1;31merror:\033[0m ")
    monkeypatch.setenv("NO_COLOR", "1")
    assert main(bad) == 2
    assert "\033" not in capsys.readouterr().err


@pytest.mark.parametrize(("raised", "status"), [(KeyboardInterrupt, 130), (MemoryError, 2)])
def test_what_stops_a_command_is_no_traceback(monkeypatch, capsys, raised, status):
    def stop(options):
        raise raised

    monkeypatch.setattr(cli_main.commands, "run", stop)
    assert main(["derive", LINEAR, "--wrt", "W"]) == status
    assert capsys.readouterr().out == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full")
def test_a_full_disk():
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "indicial", "derive", LINEAR, "--wrt", "W"],
            stdout=full,
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr == b"error: writing failed: No space left on device\n"


# ---- declarations ------------------------------------------------------------------------------

LOGDET = "tensor X_ij: symmetric; L = logdet_ij(X_ij)"


def test_the_structure_of_a_derivative(capsys):
    assert main(["derive", LOGDET, "--wrt", "X", "--structure", "entries"]) == 0
    assert main(["derive", LOGDET, "--wrt", "X", "--structure", "projected"]) == 0
    out = capsys.readouterr().out
    assert out == "∂L/∂X_mn = inv_mn(X_mn) (2 - δ_mn)\n∂L/∂X_mn = inv_mn(X_mn)\n"


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


def test_matrix_notation_is_answered_in_both_notations():
    done = run("derive", "L = x'*A*x", "--wrt", "x", "--wrt", "A", "--notation", "matrix")
    assert done.stdout.splitlines() == [
        "∂L/∂x = (A + Aᵀ) x",
        "∂L/∂x_m = (A_im + A_mi) x_i",
        "∂L/∂A = x xᵀ",
        "∂L/∂A_mn = x_m x_n",
    ]


def test_a_result_without_a_matrix_form_is_answered_in_index_notation_alone():
    done = run("derive", "y = X.*X.*X", "--wrt", "X", "--order", "2", "--notation", "matrix")
    assert done.stdout == "∂²y_ij/∂X_mn∂X_pq = 6 δ_im δ_ip δ_jn δ_jq X_ij\n"
