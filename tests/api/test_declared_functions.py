"""Functions that a program declares: chain rules as formulas, numbers by callables."""

import numpy as np
import pytest
from oracles.callables import NUMPY
from oracles.numeric import assert_close

import indicial as ix
from indicial.ir.check import InvariantError, check_definition
from indicial.ir.indices import Space, formals
from indicial.ir.nodes import Abstract, Access, Definition
from indicial.ir.reference import evaluate_definition, extents_of
from indicial.semantics.resolve import read

GENERATOR = np.random.default_rng(9)
W, X = GENERATOR.normal(size=(3, 4)), GENERATOR.normal(size=4)
LAYER = "function phi; a_i = phi(W_ij x_j)"
TANH = {
    "phi": np.tanh,
    "phi'": lambda x: 1 - np.tanh(x) ** 2,
    "phi''": lambda x: -2 * np.tanh(x) * (1 - np.tanh(x) ** 2),
}
G = {  # g(x, y) = x² sin(y)
    "g": lambda x, y: x**2 * np.sin(y),
    "∂₁g": lambda x, y: 2 * x * np.sin(y),
    "D2g": lambda x, y: x**2 * np.cos(y),
    "∂₁∂₁g": lambda x, y: 2 * np.sin(y),
    "∂₂∂₁g": lambda x, y: 2 * x * np.cos(y),
    "D2D2g": lambda x, y: -(x**2) * np.sin(y),
}

FORMULAS = [
    (LAYER, "W", "δ_im φ'(W_ij x_j) x_n"),
    (LAYER, "x", "W_im φ'(W_ij x_j)"),
    (LAYER, "x x", "W_im W_in φ''(W_ij x_j)"),
    ("function f, h; y = f(h(x))", "x", "f'(h(x)) h'(x)"),
    ("function f, h; y = f(h(x))", "x x", "f''(h(x)) h'(x)^2 + f'(h(x)) h''(x)"),
    ("function phi; y_i = phi(x_i)", "x x x x", "δ_im δ_in δ_ip δ_iq φ''''(x_i)"),
    ("function g(x, y); y_i = g(x_i, z_i)", "x", "δ_im ∂₁g(x_i, z_i)"),
    ("function g(x, y); y_i = g(x_i, z_i)", "z x", "δ_im δ_in ∂₁∂₂g(x_i, z_i)"),
    ("function g(x, y); y = g(x, x)", "x", "∂₁g(x, x) + ∂₂g(x, x)"),
    ("function g(x, y); y = D(g(x, z), x) - ∂₁g(x, z)", "z", "0"),
    ("function g(x, y); y = D1D2g(x, z) - ∂₂∂₁g(x, z)", "x", "0"),
]


@pytest.mark.parametrize(("program", "wrt", "formula"), FORMULAS)
def test_formulas(program, wrt, formula):
    assert str(ix.derive(program, wrt)) == formula


@pytest.mark.parametrize("wrt", ["W", "x", "x x", "W x"])
def test_numbers_are_those_of_the_function(wrt):
    known = ix.derive("a_i = tanh(W_ij x_j)", wrt)(W=W, x=X)
    derived = ix.derive(LAYER, wrt)
    assert_close(derived({"W": W, "x": X, **TANH}), known, 1e-12)
    again = ix.parse(str(derived.program))
    assert_close(again({"W": W, "x": X, **TANH}), known, 1e-12, str(again))


@pytest.mark.parametrize("wrt", ["x", "z", "x x", "x z", "z z"])
def test_numbers_of_two_arguments(wrt):
    given = {"x": X, "z": X[::-1], "A": W}
    known = ix.derive("y_i = (x_j A_ij)^2 sin(z_k A_ik)", wrt)(given)
    declared = ix.derive("function g(x, y); y_i = g(x_j A_ij, z_k A_ik)", wrt)
    assert_close(declared({**given, **G}), known, 1e-12)


def test_arguments_are_arrays_of_one_shape():
    seen = []

    def g(x, y):
        seen.append((x.shape, y.shape, x.flags.writeable))
        return x * y

    z = X[:2]
    value = ix.evaluate("function g(x, y); y_ij = g(x_i, z_j) + g(x_i, 2)", {"x": X, "z": z, "g": g})
    assert_close(value, X[:, None] * z + 2 * X[:, None], 1e-14)
    assert sorted(seen) == [((4,), (4,), False), ((4, 2), (4, 2), False)]


def test_a_number_stands_for_a_constant():
    derived = ix.derive("function phi; y_i = phi(x_i)", "x")
    assert np.array_equal(derived({"x": X, "phi'": lambda x: 2}), 2 * np.eye(4))


def test_float32_stays():
    value = ix.evaluate("function phi; y_i = phi(x_i)", {"x": X.astype(np.float32), "phi": np.float64})
    assert value.dtype == np.float32


def test_the_loops_agree():
    program = read("function g(x, y); y_i = g(x_j A_ij, 2) + ∂₁g(x_i, x_i)")
    square = GENERATOR.normal(size=(4, 4))
    given = {"x": X, "A": square, "g": G["g"], "∂₁g": G["∂₁g"]}
    loops = evaluate_definition(program.statements["y"], given, extents_of(program, given))
    assert_close(ix.Program(program)(given), loops, 1e-12)


def test_check_takes_differences():
    report = ix.check(LAYER, "W", {"W": W, "x": X, **TANH})
    assert report.passed
    assert report.method == "central differences"


def test_value_and_gradient_together():
    both = ix.value_and_grad("function phi; L = sum_i(phi(x_i))", "x")({"x": X, **TANH})
    assert_close(both[0], np.tanh(X).sum(), 1e-14)
    assert_close(both[1], 1 - np.tanh(X) ** 2, 1e-14)


def test_jax_agrees():
    jax_oracle = pytest.importorskip("oracles.jax_oracle", reason="JAX is the second oracle")
    program = read("function phi; a_i = phi(W_ij x_j) x_i")
    given = {"W": GENERATOR.normal(size=(4, 4)), "x": X, "φ": NUMPY["φ"], "φ'": NUMPY["φ'"]}
    exact = jax_oracle.derivative(program, given, "x")
    assert_close(ix.derive(ix.Program(program), "x")(given), exact, 1e-12)


REFUSED = [
    ({}, ix.ShapeError, 'the function "φ\'" is missing'),
    ({"phi": np.tanh}, ix.ShapeError, 'the function "φ\'" is missing'),
    ({"phi'": 3.0}, ix.BackendError, "declared function, and a float is given"),
    ({"phi'": lambda x: x[:2]}, ix.ShapeError, r"shape \(2,\) for one of shape \(3,\)"),
    ({"phi'": lambda x: "no"}, ix.BackendError, "gave no array of numbers"),
    ({"phi'": lambda x: 1j * x}, ix.BackendError, "complex numbers for real ones"),
    ({"phi'": lambda x: x.frobnicate()}, ix.BackendError, "that was given failed: .*frobnicate"),
    ({"phi'": np.add}, ix.BackendError, "that was given failed"),
    ({"∂₂phi": np.tanh}, ix.ShapeError, "has 1 argument"),
    ({"psi": np.tanh}, ix.ShapeError, "no tensor 'psi'"),
    ({"phi'": TANH["phi'"], "φ'": TANH["phi'"]}, ix.ShapeError, "given twice"),
]


@pytest.mark.parametrize(("functions", "kind", "reason"), REFUSED)
def test_refusals(functions, kind, reason):
    with pytest.raises(kind, match=reason):
        ix.derive(LAYER, "W")({"W": W, "x": X, **functions})


def test_who_needs_it():
    with pytest.raises(ix.ShapeError, match="'z' is computed with it"):
        ix.evaluate("function phi; z_i = phi(x_i); y = z_i z_i", x=X)


def test_a_tensor_is_no_callable():
    with pytest.raises(ix.BackendError, match="no array of numbers"):
        ix.evaluate("y_i = 2 x_i", {"x": np.tanh})


def test_it_is_printed():
    program = ix.parse("function phi, g(a, b); y = g(phi(x), 2)")
    assert str(program) == "function φ, g(a, b)\ny = g(φ(x), 2)\n"
    assert ix.derive(program, "x").latex() == (
        r"\frac{\partial y}{\partial x} = \partial_1 g\left(\phi\left(x\right), 2\right) \phi'\left(x\right)"
    )
    fourth = ix.derive("function phi; y = phi(x)", "x x x x").latex()
    assert fourth.endswith(r"\phi^{\left(4\right)}\left(x\right)")


def test_the_checker_knows_the_node():
    (index,) = formals((Space("x", 0),))
    entry = Access("x", (index,))
    with pytest.raises(InvariantError, match="orders for other arguments"):
        check_definition(Definition("y", (index,), Abstract("g", (1,), (entry, entry))))
    with pytest.raises(InvariantError, match="negative order"):
        check_definition(Definition("y", (index,), Abstract("g", (-1,), (entry,))))
