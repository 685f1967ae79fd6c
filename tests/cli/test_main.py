"""The commands from outside: what they print, where, and with which exit status."""

import io
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
ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


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
