"""`indicial repl`: statements accumulate, questions are answered, no mistake ends it."""

import argparse
import io
import os
import select
import subprocess
import sys
import time

import pytest

from indicial.cli import lines, repl
from indicial.cli.main import main
from indicial.cli.session import Quit, Session
from indicial.cli.symbols import completed, last_word
from indicial.errors import IndicialError


def talk(*words: str) -> list[str]:
    """The answers that are not empty."""
    session = Session()
    return [answer for answer in map(session.answer, words) if answer]


def test_statements_accumulate():
    said = ["z_i = W_ij x_j", "L = (z_i - y_i)^2", "derive W", "derive x of z"]
    assert talk(*said) == ["∂L/∂W_mn = 2 (z_m - y_m) x_n", "∂z_i/∂x_m = W_im"]


def test_a_statement_takes_the_place_of_its_like():
    assert talk("f_i = W_ij x_j", "f_i = x_i^2", "derive x", "show") == [
        "∂f_i/∂x_m = 2 δ_im x_i",
        "f_i = x_i^2",
    ]
    assert talk("index i: 3", "f_i = x_i", "index i: 4", "show") == ["f_i = x_i\nindex i: 4"]


def test_the_forms_of_the_last_derivative():
    answers = talk("f_i = W_ij x_j", "matrix", "derive W", "matrix", "latex", "unicode", "code jax", "steps")
    assert answers[0] == "f = W x"
    assert answers[1:3] == ["∂f_i/∂W_mn = δ_im x_n", "xᵀ ⊗ I"]
    assert answers[3].startswith(r"\frac{\partial f_i}")
    assert answers[4] == "∂fᵢ/∂Wₘₙ = δᵢₘ xₙ"
    assert "jax.numpy" in answers[5]
    assert "[contract δ_jn]" in answers[6]


def test_a_form_with_a_variable_derives_first():
    assert talk("f_i = W_ij x_j", "latex x", "matrix")[1] == "W"


def test_numbers():
    answers = talk("f_i = W_ij x_j", "eval W=[[1, 2], [3, 4]] x=[5, 6]", "derive W", "check W=2x2 x=2")
    assert answers[0] == "shape (2,)\n[17. 39.]"
    assert answers[2].startswith("passed: ∂f_i/∂W_mn, 8 components")
    assert "peak" in talk("f_i = W_ij x_j", "plan W=300x400")[0]
    assert talk("z_i = x_i^2; f_i = z_i", "derive x of z", "check x=3")[1].startswith("passed: ∂z_i/∂x_m")


def test_an_einsum_string_is_a_statement():
    assert talk("ij,j->i", "show") == ["f_i = A_ij B_j"]


def test_drop_and_clear():
    assert talk("f_i = x_i", "g_i = y_i", "drop g", "show") == ["f_i = x_i"]
    assert talk("f_i = x_i", "clear", "show") == []


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("f_i = W_ij x_k", "occurs only once"),
        ("derive q", "there is no tensor 'q'"),
        ("derive x of q", "there is no statement 'q'"),
        ("dervie x", "did you mean 'derive'"),
        ("eval x=3x3", "'x' has 1 axis"),
        ("drop q", "no statement 'q'"),
        ("check x=3", "nothing is derived yet"),
        ("latex_i = ", "the statement ends"),
        ("code cobol", "cobol"),
        ("f_i = \ufffd", "line"),
    ],
)
def test_a_mistake_changes_nothing(said, message):
    session = Session()
    session.answer("f_i = W_ij x_j")
    with pytest.raises(IndicialError) as caught:
        session.answer(said)
    assert message in str(caught.value)
    assert session.answer("derive x") == "∂f_i/∂x_m = W_im"


@pytest.mark.parametrize("said", ["derive x", "latex", "steps", "eval x=3", "check x=3", "plan x=3", "code"])
def test_questions_before_the_first_statement(said):
    with pytest.raises(IndicialError) as caught:
        Session().answer(said)
    assert caught.value.hint


def test_names_of_questions_may_be_names_of_tensors():
    assert talk("help = x_i x_i", "derive x") == ["∂help/∂x_m = 2 x_m"]
    assert talk("show_i = x_i", "derive x") == ["∂show_i/∂x_m = δ_im"]


def test_quit_ends_it():
    with pytest.raises(Quit):
        Session().answer("quit")


# ---- completion of words -------------------------------------------------------------------------


def test_symbols_by_their_latex_names():
    assert completed("\\delta") == ["δ"]
    assert completed("\\del") == ["δ"]
    assert completed("W_\\alp") == ["W_α"]
    assert completed("\\eps") == ["ε"]
    assert completed("\\partial") == ["∂"]
    assert completed("\\ph") == ["φ"]
    assert completed("\\nosuch") == []
    assert set(completed("\\p")) >= {"\\phi", "\\psi", "\\pi", "\\partial"}


def test_names_of_the_program_and_the_language():
    session = Session()
    session.answer("loss = weights_ij weights_ij")
    assert completed("wei", session.names) == ["weights"]
    assert completed("log_s", session.names) == ["log_softmax"]
    assert completed("der", session.names) == ["derive"]
    assert completed("", session.names) == []


@pytest.mark.parametrize(
    ("before", "word"), [("f_i = (\\del", "\\del"), ("derive wei", "wei"), ("x + ", ""), ("a^b", "b")]
)
def test_the_word_before_the_cursor(before, word):
    assert last_word(before) == word


# ---- the conversation ----------------------------------------------------------------------------


def from_pipe(monkeypatch, text: str) -> int:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    return main(["repl"])


def test_a_pipe_goes_on_behind_mistakes_and_says_so_in_the_end(monkeypatch, capsys):
    assert from_pipe(monkeypatch, "f_i = W_ij x_k\nf_i = W_ij x_j\nderive W\n") == 2
    printed = capsys.readouterr()
    assert printed.out == "∂f_i/∂W_mn = δ_im x_n\n"
    assert "^" in printed.err
    assert from_pipe(monkeypatch, "f_i = W_ij x_j\nquit\nnonsense\n") == 0


def test_interruptions_do_not_end_a_conversation(monkeypatch, capsys):
    """Ctrl-C leaves the line, Ctrl-D the conversation."""
    said = iter(["f_i = W_ij x_j", KeyboardInterrupt, "derive W", EOFError])

    def read() -> str:
        line = next(said)
        if isinstance(line, str):
            return line
        raise line

    monkeypatch.setattr(repl, "on_a_terminal", lambda: True)
    monkeypatch.setattr(repl, "line_reader", lambda names: read)
    assert repl.run_repl(argparse.Namespace()) == 0
    printed = capsys.readouterr()
    assert "∂f_i/∂W_mn = δ_im x_n" in printed.out
    assert "Ctrl-D" in printed.err


def test_history_has_a_place(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert lines.history_file() == tmp_path / "indicial" / "history"
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    assert lines.history_file() is None


def read_until(terminal: int, awaited: str, seconds: float = 60) -> str:
    """What a program writes to its terminal, until that is among it."""
    found, deadline = b"", time.monotonic() + seconds
    while awaited.encode() not in found and time.monotonic() < deadline:
        if select.select([terminal], [], [], 0.1)[0]:
            found += os.read(terminal, 4096)
    return found.decode("utf-8", "replace")


def test_on_a_terminal(tmp_path):
    """Tab gives δ, Ctrl-D the end, and the lines are kept."""
    pty = pytest.importorskip("pty")
    terminal, end = pty.openpty()
    child = subprocess.Popen(
        [sys.executable, "-m", "indicial", "repl"],
        stdin=end, stdout=end, stderr=end, start_new_session=True,
        env={**os.environ, "XDG_STATE_HOME": str(tmp_path), "TERM": "vt100", "NO_COLOR": "1"},
    )  # fmt: skip
    os.close(end)
    try:
        assert "help" in read_until(terminal, "indicial>")
        for typed, awaited in (
            ("f_im = \\delta\t", "δ"),
            ("_im x_m\r", "indicial>"),
            ("derive q\r", "there is no tensor 'q'"),
            ("derive x\r", "∂f_im/∂x_n = δ_im δ_in"),
        ):
            os.write(terminal, typed.encode())
            assert awaited in read_until(terminal, awaited)
        read_until(terminal, "indicial>")
        os.write(terminal, b"\x04")
        assert child.wait(60) == 0
    finally:
        child.kill()
        child.wait()
        os.close(terminal)
    assert "derive x" in (tmp_path / "indicial" / "history").read_text(encoding="utf-8")
