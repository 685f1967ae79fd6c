"""Programs with computed subscripts read back from their text, degenerate ones as well."""

import numpy as np
import pytest

import indicial as ix

_R = np.random.default_rng(3)
SHAPES = {
    "x": 7,
    "y": 7,
    "C": 4,
    "E": 4,
    "H": 2,
    "G": (2, 2),
    "A": (4, 2),
    "B": (2, 5),
    "K": (3, 2),
    "Q": (4, 3),
}
WHOLE = {"M": [[0, 1], [1, 0], [3, 2]], "t": [1, 0, 2, 1], "U": [2, 0], "s": 2}
ARRAYS = {name: _R.random(shape) for name, shape in SHAPES.items()}
ARRAYS |= {name: np.array(entries) for name, entries in WHOLE.items()}

# a program, and what its text says somewhere
PRINTED = [
    ("index t: 1..4; P = E[t-2] [t > 1] C_t", "E_i"),
    ("index t: -1..2; P_t = [t >= 0] C[t+0] C_t", "C[t+0]"),
    ("index t: 0..3; P_t = C[t+0] C_t", "C_t"),
    ("index i: 2; y_i = -[i > 0] x[i-1] C[i+1]", "x[i-1]"),
    ("index i: 2; y_i = [i < 1] x[i+1] B[i, t[i+1]+1]", "B[i, t[i+1]+1]"),
    ("index i: 2; y_j = H[i-1] [i > 0] B[i, M[i+1, j]]", "M["),
    ("index i: 2; y_i = delta[i+2, i] s + H_i", "H_i"),
    ("index k: 2; index a: 3; P_k = exp(delta[-a-1, k] K_ak)", "ones_"),
    ("index i: 2; y_i = x_i delta[i+2, i]", "= 0 ones_i"),
    ("index j: -1..0; y_i = (delta[-j+2, j] H_j) C_i", "0 ones_i"),
    ("index t: -1..2; P_t = log_softmax_t(x[t-t+3])", "log_softmax_t(x[3] ones_t)"),
    ("index j: 2; index l: 2; y = eps_jl x[j+2*l] G[j, l]", "index j: 2"),
    ("y_q = s C_q sum_i(δ[U_i, q])", "δ[U_"),
    ("y = (x[0] - Q[2, 1]) sum_i(softmax_i(Q[2, U_i]) + 1)", "Q[2, U_i]"),
    ("y = x_i x_i - x_i x_i + s", "s"),
    ("y_i = x_{i+1} - 2 x_i + x_{i-1}", "2 x_i"),
    ("index t: 1..4; y_t = [t < 4] C[t] C[t+0]", "C[t+0]"),
]


def _given(program, functions=()):
    return {name: ARRAYS[name] for name in program.inputs if name not in functions}


@pytest.mark.parametrize(("text", "part"), PRINTED)
def test_what_is_printed_reads_back(text, part):
    program = ix.parse(text)
    printed = str(program)
    again = ix.parse(printed)
    assert part in printed
    assert set(again.inputs) == set(program.inputs)
    np.testing.assert_allclose(again(_given(program)), program(_given(program)), err_msg=printed)


@pytest.mark.parametrize(
    ("text", "wrt"),
    [(text, name) for text, _ in PRINTED for name in ("x", "H", "C") if name in ix.parse(text).inputs],
)
def test_what_is_printed_of_a_derivative_reads_back(text, wrt):
    derived = ix.derive(text, wrt)
    printed = str(derived.program)
    given = _given(ix.parse(text))
    np.testing.assert_allclose(ix.evaluate(printed, given), derived(given), err_msg=printed)


def test_an_input_that_no_statement_uses():
    program = ix.parse("tensor A_ij, s: input; y_k = x_k")
    assert program.inputs == ("x", "A", "s")
    assert str(program) == "tensor A_ij: input\ntensor s: input\ny_k = x_k\n"
    np.testing.assert_allclose(ix.derive(program, "A")(x=ARRAYS["x"], A=ARRAYS["A"]), np.zeros((7, 4, 2)))


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        ("tensor y_i: input; y_i = x_i", "'y' is computed here, and is input or not by its expression"),
        ("tensor x_ij: input; y_i = x_i", "'x' has one index in the program, but 2 in its declaration"),
        ("tensor A_ij: inputs; y_i = x_i", "nothing in the program is called so"),
    ],
)
def test_inputs_that_are_none(program, reason):
    with pytest.raises(ix.NotationError) as caught:
        ix.parse(program)
    assert reason in caught.value.reason


def test_a_zero_formula_is_0():
    assert str(ix.derive("y_i = x_i delta[i+2, i] + z_i", "x")) == "0"
    assert str(ix.derive("y = 0 A_ij B_ij", "A")) == "0"
