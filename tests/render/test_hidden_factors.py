"""Source code of what brackets hide: a false one is 0 whatever stands beside it, as it is in the engine."""

import functools
import inspect

import numpy as np
import pytest
from oracles.numeric import assert_close
from oracles.sources import LIBRARIES, as_array, function_of

import indicial as ix

PROGRAMS = [
    "E = sum_ij(where(i < j, 1 / (x_i - x_j)^2, 0))",
    "q_ij = (x_i - x_j)^2; E = sum_ij(where(i < j, 1 / q_ij, 0))",
    "q_ij = (x_i - x_j)^2; E = sum_ij([i < j] (q_ij^(-6) - q_ij^(-3)))",
    "q_ij = sum_k((X_ik - X_jk)^2); E = sum_ij([i < j] (q_ij^(-6) - q_ij^(-3)))",
    "r_ij = norm_k(X_ik - X_jk); E = sum_ij([i < j] 4 e ((s/r_ij)^12 - (s/r_ij)^6))",
    "r_ij = sqrt(sum_k((X_ik - X_jk)^2)); E = sum_ij([i < j] A_ij / r_ij)",
    "E = sum_ij([i < j] A_ij log(norm_k(X_ik - X_jk)))",
    "E = 1/2 sum_ij([i != j] A_ij / norm_k(X_ik - X_jk))",
    "f_ik = sum_j([i != j] (X_ik - X_jk) / norm_p(X_ip - X_jp)^3)",
    "E = sum_ij([i < j] exp(-(x_i - x_j)^2) / (x_i - x_j))",
    "v_ij = 1 / (x_i - x_j); E = sum_ij([i < j] v_ij^2 + [j < i] v_ij)",
    "E = sum_ij(([i < j] A_ij + [j < i] A_ji) / (x_i - x_j))",
    "u_i = sum_j([j < i] x_j / (x_i - x_j)); E = u_i^2",
    "E = sum_ij([j <= i - 1] sqrt(abs(x_i - x_j)))",
    "E = prod_i(sum_j([i != j] 1 / (x_i - x_j)))",
    "y_i = sum_j([i != j] A_ij / (x_i - x_j)); L = sum_i(log(1 + y_i^2))",
    "L = sum_i([x_i > 0] log(x_i) x_i)",
    "L = sum_i(where(x_i > 0, log(x_i), x_i^2))",
    "y_i = [x_i > 0] log(x_i); L = y_i y_i",
    "E = sum_ijk([i < j] [j < k] A_ij A_jk / ((x_i - x_j) (x_j - x_k)))",
    "L = sum_i([x_i > 0] x_i^(5/2))",
    "L = sum_i([x_i > 0] x_i^p)",
    "E = sum_ij([i < j] A_ij / ((x_i - x_j) log(1 + (x_i - x_j)^2)))",
]
VALUES = {
    "x": np.array([1.0, 2.0, 4.0, -0.7]),
    "X": np.random.default_rng(0).normal(size=(4, 3)),
    "A": np.random.default_rng(1).normal(size=(4, 4)),
    "e": 0.7,
    "s": 1.3,
    "p": 2.5,
}


@functools.cache
def meanings(program):
    """A program, its first and its second derivative, with what the engine gives."""
    names = ix.parse(program).inputs
    name = "X" if "X" in names else "x"
    found = [ix.parse(program), ix.derive(program, wrt=name), ix.derive(program, wrt=f"{name} {name}")]
    return [(each, each(**{name: VALUES[name] for name in names})) for each in found]


def call(text, library):
    """A function, and the arrays that it is to be called with."""
    function = function_of(text)
    return function, {
        name: as_array(library, VALUES[name]) for name in inspect.signature(function).parameters
    }


@pytest.mark.parametrize("library", [each for each in LIBRARIES if each != "jax"])
@pytest.mark.parametrize("program", PROGRAMS)
def test_the_engines_numbers(program, library):
    """… and no warnings of what is computed and not used, which would be errors here."""
    for meaning, expected in meanings(program):
        text = meaning.source(library)
        function, arrays = call(text, library)
        assert np.isfinite(expected).all()
        assert_close(np.asarray(function(**arrays)), expected, 1e-9, text)


def test_the_engines_numbers_in_jax():
    """All functions in one, as JAX takes long to compile each by itself."""
    jax = pytest.importorskip("jax")
    pairs = [pair for program in PROGRAMS for pair in meanings(program)[:2]]
    texts = [meaning.source("jax") for meaning, _ in pairs]
    calls = [call(text, "jax") for text in texts]

    def everything(arguments):
        return [function(**arrays) for (function, _), arrays in zip(calls, arguments, strict=True)]

    arguments = [arrays for _, arrays in calls]
    traced = jax.jit(everything).lower(arguments)
    results = traced.compile(compiler_options={"xla_backend_optimization_level": 0})(arguments)
    for text, got, (_, expected) in zip(texts, results, pairs, strict=True):
        assert_close(np.asarray(got), expected, 1e-9, text)


LINES = {
    "q_ij = (x_i - x_j)^2; E = sum_ij([i < j] (q_ij^(-6) - q_ij^(-3)))": (
        "s = np.where(m[:, None] < i, 3 * (1 / q**4 - 2 / q**7), 0.0)"
    ),
    "v_ij = 1 / (x_i - x_j); E = sum_ij([i < j] v_ij^2 + [j < i] v_ij)": ("m[:, None] != i,"),
    "L = sum_i([x_i > 0] log(x_i) x_i)": "return np.where(x > 0, 1 + np.log(x), 0.0)",
}


@pytest.mark.parametrize("program", LINES)
def test_one_where_for_all_that_is_hidden(program):
    text = meanings(program)[1][0].source("numpy")
    assert LINES[program] in [line.strip() for line in text.splitlines()], text
    assert '@np.errstate(divide="ignore", invalid="ignore")' in text


@pytest.mark.parametrize(
    ("program", "line"),
    [
        ("L = sum_i(relu(W_ij x_j)^2)", "return 2 * (W.T @ (np.maximum(s, 0) * (s > 0)))"),
        ("L = sum_i([x_i > 0] x_i^2)", "return 2 * x * (x > 0)"),
        ("y_i = sum_j([j <= i] A_ij x_j)", "return A * (m <= i[:, None])"),
    ],
)
def test_what_is_finite_is_multiplied(program, line):
    text = ix.derive(program, wrt="x").source("numpy")
    assert "np.where" not in text
    assert "errstate" not in text
    assert text.splitlines()[-1].strip() == line
