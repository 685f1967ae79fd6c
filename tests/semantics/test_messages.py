"""Every rule that a text can break: the exact message, with its carets, notes and fix.

The messages stand in text files as a person sees them: a program behind `>>>`, below it the error.
"""

from pathlib import Path

import pytest

from indicial import errors
from indicial.semantics.resolve import read

FILES = (
    "summation_errors.txt", "name_errors.txt", "operator_errors.txt", "declaration_errors.txt",
    "derivative_errors.txt", "function_errors.txt",
)  # fmt: skip


def examples(file: str) -> list[tuple[str, str]]:
    """The programs of a file, each with its message; `⏎` stands for a line break in a program."""
    text = (Path(__file__).parent / file).read_text(encoding="utf-8")
    blocks = [block.rstrip("\n") for block in ("\n" + text).split("\n>>> ")[1:]]
    found = []
    for block in blocks:
        program, _, message = block.partition("\n")
        message = message.split("\n\n")[0]
        found.append((program.replace("⏎", "\n"), message))
    return found


@pytest.mark.parametrize(("text", "message"), [example for file in FILES for example in examples(file)])
def test_message(text: str, message: str) -> None:
    with pytest.raises(errors.IndicialError) as caught:
        read(text)
    assert f"{type(caught.value).__name__}: {caught.value}" == message
    assert caught.value.source == text
    assert caught.value.span is not None


FIXES = [
    ("L = exp(x_i)", "sum_i(exp(x_i))", "L = sum_i(exp(x_i))"),
    ("L = exp(x_i)", "L_i = …", "L_i = exp(x_i)"),
    ("L = y_i exp(x_i z_i)", "sum_i(y_i exp(x_i z_i))", "L = sum_i(y_i exp(x_i z_i))"),
    ("L = y_i exp(x_i z_i) w_i", "x_j z_j", "L = y_i exp(x_j z_j) w_i"),
    ("p_i = exp(x_i) / sum_i(exp(x_i))", "sum_j(exp(x_j))", "p_i = exp(x_i) / sum_j(exp(x_j))"),
    ("y = sum_j(x_i x_i)", "sum_j(ones_j (x_i x_i))", "y = sum_j(ones_j (x_i x_i))"),
    ("y_i = s + 1", "y_i = ones_i (s + 1)", "y_i = ones_i (s + 1)"),
    ("A_ii = x_i", "A_ij = delta_ij x_i", "A_ij = delta_ij x_i"),
    ("s = D(A_ij x_i x_j, x_i) y_i", "A_kj x_k x_j", "s = D(A_kj x_k x_j, x_i) y_i"),
    ("u_i = x_i^3; s = D(u_i, x_i) x_i", "sum_i(D(u_i, x_i) x_i)", "u_i = x_i^3; s = sum_i(D(u_i, x_i) x_i)"),
    ("y = sgn(x)", "function sgn", "function sgn\ny = sgn(x)"),
    ("y = g(x, z)", "function g(x, y)", "function g(x, y)\ny = g(x, z)"),
]


@pytest.mark.parametrize(("text", "offer", "fixed"), FIXES)
def test_the_fix_is_right(text: str, offer: str, fixed: str) -> None:
    """What the hint offers reads without an error."""
    with pytest.raises(errors.NotationError) as caught:
        read(text)
    assert offer in (caught.value.hint or "")
    read(fixed)
