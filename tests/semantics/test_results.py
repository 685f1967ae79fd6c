"""Which statement of a program is the result: the last one, or the only one that nothing uses."""

import numpy as np
import pytest

import indicial as ix
from indicial.errors import NotationError
from indicial.semantics.resolve import read

RESULTS = [
    ("f = x; g = y", "g"),
    ("f = x; g = f y", "g"),
    ("L = a_i a_i; a_i = exp(z_i); z_i = W_ij x_j", "L"),
    ("psi = mu J; J = det_iJ(F_iJ)", "ψ"),
    ("P_iJ = D(psi, F_iJ); psi = F_iJ F_iJ", "P"),
    ("h = x; L = a_i a_i; a_i = z_i; y = L h", "y"),
    (r"L = a_i a_i \quad \text{where} \quad a_i = W_{ij} x_j", "L"),
]


@pytest.mark.parametrize(("text", "name"), RESULTS)
def test_the_result(text: str, name: str) -> None:
    assert read(text).outputs == (name,)


def test_a_definition_behind_its_use_is_not_what_is_differentiated() -> None:
    w, x, y = np.ones((2, 3)), np.arange(3.0), np.array([1.0, 2.0])
    behind = ix.grad("L = (a_i - y_i)^2; a_i = tanh(W_ij x_j)", "W")(W=w, x=x, y=y)
    before = ix.grad("a_i = tanh(W_ij x_j); L = (a_i - y_i)^2", "W")(W=w, x=x, y=y)
    np.testing.assert_array_equal(behind, before)


def test_matrix_notation_has_the_same_rule() -> None:
    assert ix.parse("L = a'*a; a = W*x", notation="matrix").outputs == ("L",)


def test_several_results() -> None:
    text = "f = a b; g = a c; a = x^2"
    with pytest.raises(NotationError) as caught:
        read(text)
    assert str(caught.value) == (
        "line 1: it is not clear which statement is the result: 'f' uses the last one, 'a', "
        "and no statement uses 'f' or 'g'\n"
        "  f = a b; g = a c; a = x^2\n"
        "      ^\n"
        'hint: write the result last, or ask for it: outputs=("f",)'
    )
    assert read(text, ("g",)).outputs == ("g",)
    assert read(text, ("a", "f")).outputs == ("a", "f")
