"""Source code of computed subscripts and of declared functions: slices, windows, positions, writes."""

import importlib.util
import inspect

import numpy as np
import pytest
from oracles.numeric import assert_close

import indicial as ix

LIBRARIES = [name for name in ("numpy", "jax", "torch") if importlib.util.find_spec(name)]
RANDOM = np.random.default_rng(3)
X, W, K2, E = (
    RANDOM.normal(size=7),
    RANDOM.normal(size=3),
    RANDOM.normal(size=(2, 3)),
    RANDOM.normal(size=(5, 2)),
)
ARRAYS = {
    "x": X, "w": W, "v": RANDOM.normal(size=2), "y": RANDOM.normal(size=5), "A": RANDOM.normal(size=(5, 6)),
    "K": K2, "E": E, "t": np.array([0, 3, 3]), "u": np.array([1, 0, 2, 2]), "s": np.array(2.0),
    "B": RANDOM.normal(size=(4, 7)), "z": RANDOM.normal(size=4), "M": RANDOM.normal(size=(3, 3)),
}  # fmt: skip

CASES = [
    ("y_i = w_k x[i+k]", (None, "w", "x", "w x")),
    ("L = (y_i - w_k x[i+k])^2", ("w", "x", "y", "x x", "w x")),
    ("r_i = x[i+1] - x[i]", (None, "x")),
    ("r_i = x[i+2] - 2 x[i+1] + x[i]", (None, "x")),
    ("L = (x[i+1] - x[i])^2", ("x", "x x")),
    ("r_ij = A[i+1, j] - A[i, j]", (None, "A")),
    ("r_ij = A[i+1, j+1] A[i, j]", (None, "A")),
    ("Y[i, j] = K[p, q] A[i+p, j+q]", (None, "K", "A")),
    ("Y[b, i] = w_k B[b, i+k]", (None, "w", "B")),
    ("Y[i, b] = w_k B[b, i+k]", (None, "w", "B")),
    ("index i: 3; y_i = x[2*i+1]", (None, "x")),
    ("index i: 3; index k: 2; y_i = v_k x[2*i+k]", (None, "x", "v")),
    ("y_i = x[0] z_i + x[-1]", (None, "x")),
    ("y_i = A[i, 0] A[i, -1] + A[0, 1]", (None, "A")),
    ("F[b, d] = E[t[b], d]", (None, "E")),
    ("L = E[t[b], d] E[t[b], d]", (None, "E", "E E")),
    ("L = sum_bd(exp(E[t[b], d]))", ("E",)),
    ("F[b, c, d] = E[t[b], d] E[u[c], d]", (None, "E")),
    ("F[b, d] = E[t[u[b]], d]", (None, "E")),
    ("p_i = exp(x[i+1] x[i])", (None, "x")),
    ("p_i = M[i, i] + M[0, i]", (None, "M")),
    ("index i: 5; D_i = A[i, i+1]", (None, "A")),
    ("index i: 4; r_i = x[6-i]", (None, "x")),
    ("index i: 1..3; r_i = x[i+1] x[i-1]", (None, "x")),
    ("L = max_i(x[i+1] - x[i])", ("x",)),
    ("index i: 3; r_k = sum_i(exp(x[i] - x[i] B[i+1, k]))", ("B",)),
    ("r_i = where(x[i+1] > x[i], x[i], 2 x[i+1])", (None, "x")),
]
WAYS = [(program, wrt) for program, several in CASES for wrt in several]


def function_of(text: str):
    space: dict[str, object] = {}
    exec(compile(text, "source", "exec"), space)
    return [value for value in space.values() if inspect.isfunction(value)][-1]


def as_array(library: str, array):
    if library == "jax":
        jax = pytest.importorskip("jax")
        jax.config.update("jax_enable_x64", True)
        return jax.numpy.asarray(array)
    return array if library == "numpy" else pytest.importorskip("torch").asarray(array)


def source_of(program: str, wrt: str | None):
    return ix.parse(program) if wrt is None else ix.derive(program, wrt=wrt)


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize(("program", "wrt"), WAYS)
def test_the_numbers_are_the_engines(library, program, wrt):
    meant = source_of(program, wrt)
    inputs = (meant if wrt is None else meant.of).inputs
    arrays = {name: ARRAYS[name] for name in inputs}
    text = meant.source(library)
    function = function_of(text)
    given = {name: as_array(library, arrays[name]) for name in inspect.signature(function).parameters}
    assert_close(np.asarray(function(**given)), meant(arrays), 1e-12, text)


@pytest.mark.parametrize(
    ("program", "wrt", "lines"),
    [
        ("y_i = w_k x[i+k]", None, ["return np.lib.stride_tricks.sliding_window_view(x, w.shape[0]) @ w"]),
        ("y_i = w_k x[i+k]", "w", ["return np.lib.stride_tricks.sliding_window_view(x, w.shape[0])"]),
        ("y_i = w_k x[i+k]", "x", ["result[i[:, None], i[:, None] + k] = w"]),
        ("r_i = x[i+1] - x[i]", None, ["return x[1:] - x[:-1]"]),
        ("L = (x[i+1] - x[i])^2", None, ["return np.sum((x[:-1] - x[1:])**2)"]),
        ("F[b, d] = E[t[b], d]", None, ["return E[t]"]),
        ("y_i = x[0] z_i + x[-1]", None, ["return x[-1] + x[0] * z"]),
        ("index i: 3; y_i = x[2*i+1]", None, ["i = np.arange(3)", "return x[2 * i + 1]"]),
        ("s = v_b E[t[b], d] y_d", "E", ["np.add.at(result, t, np.outer(v, y))"]),
        (
            "Y[i, j] = K[p, q] A[i+p, j+q]",
            "K",
            ["return np.lib.stride_tricks.sliding_window_view(A, K.shape)"],
        ),
    ],
)
def test_as_a_person_would_write_it(program, wrt, lines):
    written = [line.strip() for line in source_of(program, wrt).source("numpy").splitlines()]
    assert [line for line in lines if line not in written] == [], "\n".join(written)


@pytest.mark.parametrize("library", ["numpy", "jax", "torch"])
def test_no_array_over_all_indices_that_an_equation_ties(library):
    for program, wrt in WAYS:
        if program.startswith("L = max") or (program, wrt) == ("L = (x[i+1] - x[i])^2", "x x"):
            continue  # values are compared, and two axes of the result, which is 0 where they are not tied
        assert " == " not in source_of(program, wrt).source(library).split('"""')[-1], (program, wrt)


def test_torch_looks_through_windows_and_adds_up():
    assert "x.unfold(0, w.shape[0], 1) @ w" in ix.parse("y_i = w_k x[i+k]").source("torch")
    gradient = ix.derive("L = sum_bd(exp(E[t[b], d]))", wrt="E").source("torch")
    assert "accumulate=True" in gradient


# ---- declared functions and tensors --------------------------------------------------------------


@pytest.mark.parametrize("library", LIBRARIES)
def test_declared_functions_are_parameters(library):
    layer = "function phi, g(x, y); a_i = phi(W_ij x_j) + g(b_i, c)"
    module = pytest.importorskip({"numpy": "numpy", "jax": "jax.numpy", "torch": "torch"}[library])
    arrays = {"W": RANDOM.normal(size=(3, 2)), "x": RANDOM.normal(size=2), "b": W, "c": np.array(0.5)}
    by_name = {"φ": module.sin, "φ'": module.cos, "∂₁g": lambda x, y: y * x**0 + x, "g": lambda x, y: x * y}
    for wrt in (None, "W", "b"):
        meant = source_of(layer, wrt)
        text = meant.source(library)
        function = function_of(text)
        spelled = {"φ": "φ", "φ_prime": "φ'", "d_1g": "∂₁g", "d1g": "∂₁g", "g": "g"}
        given = {
            name: by_name[spelled[name]] if name in spelled else as_array(library, arrays[name])
            for name in inspect.signature(function).parameters
        }
        plain = {"φ": np.sin, "φ'": np.cos, "∂₁g": by_name["∂₁g"], "g": by_name["g"]}
        assert_close(np.asarray(function(**given)), meant({**arrays, **plain}), 1e-12, text)


def test_declared_functions_are_in_the_docstring():
    text = ix.derive("function phi; a_i = phi(W_ij x_j)", wrt="W").source("numpy")
    assert "def da_dW(W, x, φ_prime):" in text
    assert "φ_prime: the function φ' of arrays, entry by entry" in text


def test_declared_tensors():
    derivative = ix.derive("tensor A_ij: symmetric; s = x_i A_ij x_j", wrt="x")
    assert "return 2 * (A @ x)" in derivative.source("numpy")
    projected = ix.derive("tensor A_ij: symmetric; s = x_i A_ij y_j", wrt="A", structure="projected")
    arrays = {"A": np.eye(3), "x": W, "y": np.arange(3.0)}
    function = function_of(projected.source("numpy"))
    given = {name: arrays[name] for name in inspect.signature(function).parameters}
    assert_close(function(**given), projected(arrays), 1e-12)


def test_an_extent_that_follows_from_several():
    text = ix.parse("D_p = A[p, p+1]").source("numpy")
    diagonal = function_of(text)
    for shape in ((3, 6), (6, 3), (4, 4)):
        array = np.arange(float(np.prod(shape))).reshape(shape)
        np.testing.assert_array_equal(diagonal(array), np.diagonal(array, 1))
