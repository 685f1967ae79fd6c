"""Derivatives inside programs, against derivatives from outside, differences and JAX."""

import numpy as np
import pytest
from oracles.numeric import assert_close, jacobian

import indicial as ix
from indicial.calculus.within import canonical
from indicial.ir.check import InvariantError, check_canonical, check_definition
from indicial.ir.indices import Index, Space
from indicial.ir.nodes import ONE, Access, Definition, Partial
from indicial.semantics.resolve import read
from indicial.simplify.known import facts_of

GENERATOR = np.random.default_rng(5)
ENERGY = "w = mu F_iJ F_iJ / 2 - mu log(det_iJ(F_iJ)) + la log(det_iJ(F_iJ))^2 / 2"
STRETCH = {"F": np.eye(3) + 0.1 * GENERATOR.normal(size=(3, 3)), "mu": 1.3, "la": 0.7}
NET = "z_i = W_ij x_j + b_i; a_i = tanh(z_i); L = sum_i((a_i - y_i)^2 a_i)"
GIVEN = {
    "W": GENERATOR.normal(size=(3, 4)),
    "x": GENERATOR.normal(size=4),
    "b": GENERATOR.normal(size=3),
    "y": GENERATOR.normal(size=3),
}


SAME = [  # a statement with a derivative, and the derivative that it is
    ("g_m = D(L, x_m)", "L", "x"),
    ("g_m = ∂L/∂x_m", "L", "x"),
    ("g_mn = D(L, W_mn)", "L", "W"),
    ("g_m = D(L, z_m)", "L", "z"),
    ("g_m = D(L, a_m)", "L", "a"),
    ("g_mn = D(a_m, z_n)", "a", "z"),
    ("g_imn = D(a_i, W_mn)", "a", "W"),
    ("g_mn = D(L, x_m, x_n)", "L", "x x"),
    ("g_mn = ∂²L/∂x_m∂x_n", "L", "x x"),
    ("g_mn = ∂^2 L/∂x_m ∂x_n", "L", "x x"),
    ("g_mnp = D(D(L, x_m), W_np)", "L", "x W"),
    ("g_mnp = D(L, x_m, W_np)", "L", "x W"),
    ("g_mnp = ∂(∂L/∂x_m)/∂W_np", "L", "x W"),
    ("h_m = D(L, x_m); g_mn = D(h_m, x_n)", "L", "x x"),
    ("g_m = D(L, L) D(L, x_m)", "L", "x"),
]


@pytest.mark.parametrize(("statement", "output", "wrt"), SAME)
def test_it_is_the_derivative_from_outside(statement, output, wrt):
    outside = ix.derive(ix.parse(NET, outputs=(output,)), wrt)
    program = ix.parse(f"{NET}\n{statement}")
    assert_close(program(GIVEN), outside(GIVEN), 1e-12)


def test_of_any_expression():
    value = ix.parse("g_m = D(sum_i(exp(A_ij x_j)) + x_j x_j, x_m)")
    a, x = GIVEN["W"], GIVEN["x"]
    assert_close(value(A=a, x=x), a.T @ np.exp(a @ x) + 2 * x, 1e-12)
    assert ix.derive("g_m = D(x_j x_j x_k x_k, x_m)", "x").equation == (
        "∂g_m/∂x_n = 4 δ_mn x_j^2 + 8 x_m x_n"
    )


PRODUCTS = [  # by rule 1.4.2 a derivative is a product of the expression and what it is taken by
    ("d = D(u_i, x_i)", "trace"),
    ("d = ∂u_i/∂x_i", "trace"),
    ("d = sum_i(D(u_i, x_i))", "trace"),
    ("d = D(u_i, x_j) delta_ij", "trace"),
    ("d_ij = D(u_i, x_j)", "whole"),
    ("d_i = D(u_i, x_i)", "diagonal"),
    ("d_i = D(u_i, x_j) x_j", "times x"),
    ("d_i = x_i D(u_j, x_j)", "x times trace"),
    ("d = D(u_i, x_i)^2", "squared trace"),
    ("d = 2 / D(u_i, x_i)", "inverse trace"),
]


@pytest.mark.parametrize(("statement", "what"), PRODUCTS)
def test_what_it_sums(statement, what):
    x = GIVEN["x"]
    whole = 2 * np.outer(x, x) + (x @ x) * np.eye(4)
    expected = {
        "trace": np.trace(whole),
        "whole": whole,
        "diagonal": np.diag(whole),
        "times x": whole @ x,
        "x times trace": x * np.trace(whole),
        "squared trace": np.trace(whole) ** 2,
        "inverse trace": 2 / np.trace(whole),
    }
    program = ix.parse(f"u_i = x_i x_j x_j; {statement}")
    assert_close(program(x=x), expected[what], 1e-12)
    assert_close(ix.parse(str(program))(x=x), expected[what], 1e-12, str(program))


def test_a_laplacian():
    program = ix.parse("u = sin(x_i a_i) + x_i x_i; d = D(u, x_j, x_j)")
    x, a = GIVEN["x"], GIVEN["W"][0]
    assert_close(program(x=x, a=a), -np.sin(x @ a) * (a @ a) + 8, 1e-12)
    assert_close(ix.parse("u = x_i x_i; d = ∂²u/∂x_j²")(x=x), 8.0, 1e-12)


def test_what_is_held():
    """D(L, z) holds z, so that W and x do not matter; D(L, z, W) holds both."""
    program = ix.parse("z_i = W_ij x_j; L = z_i z_i x_k x_k; g_imn = D(L, z_i, W_mn)")
    assert not program(W=GIVEN["W"], x=GIVEN["x"]).any()
    gradient = ix.parse("z_i = W_ij x_j; L = z_i z_i x_k x_k; g_m = D(L, z_m)")
    x = GIVEN["x"]
    assert_close(gradient(x=x, z=GIVEN["b"]), 2 * GIVEN["b"] * (x @ x), 1e-12)


def test_stress_and_tangent_of_an_energy():
    program = ix.parse(f"{ENERGY}; P_iJ = D(w, F_iJ); A_iJkL = D(P_iJ, F_kL)", outputs=("w", "P", "A"))
    values = program(STRETCH)

    def energy(f):
        return np.asarray(program({**STRETCH, "F": f})["w"])

    def stress(f):
        return np.asarray(program({**STRETCH, "F": f})["P"])

    assert_close(values["P"], jacobian(energy, STRETCH["F"]), 1e-8)
    assert_close(values["A"], jacobian(stress, STRETCH["F"]), 1e-8)
    assert_close(values["A"], values["A"].transpose(2, 3, 0, 1), 1e-12)


def test_it_can_be_differentiated_on():
    program = f"{ENERGY}; P_iJ = D(w, F_iJ); s = P_iJ P_iJ"
    for wrt in ("F", "mu", "F F"):
        assert ix.check(program, wrt, STRETCH)
    assert ix.check(f"{NET}; g_m = D(L, z_m) z_m", "W", GIVEN)


@pytest.mark.parametrize("statement", [SAME[3][0], SAME[12][0], SAME[13][0]])
def test_jax_agrees(statement):
    jax_oracle = pytest.importorskip("oracles.jax_oracle", reason="JAX is the second oracle")
    text = f"{NET}\n{statement}"
    exact = jax_oracle.derivative(read(text), GIVEN, "W")
    assert_close(ix.derive(text, "W")(GIVEN), exact, 1e-10)


def test_conditions_and_computed_subscripts():
    x = GIVEN["x"]
    causal = ix.parse("s = [j <= i] A_ij A_ji; g_ij = D(s, A_ij)")
    a = GENERATOR.normal(size=(3, 3))
    assert_close(causal(A=a), np.tril(a.T) + np.tril(a).T, 1e-12)
    first = ix.parse("s = x_i x_i x_j x_j; g = D(s, x[0])")
    assert_close(first(x=x), 4 * x[0] * (x @ x), 1e-12)
    next_one = ix.parse("s = x_i x_i x_j x_j; g_i = D(s, x[i+1])")
    assert_close(next_one(x=x), 4 * x[1:] * (x @ x), 1e-12)


def test_every_meaning_is_well_formed():
    """The checker knows the node, and no canonical form holds it."""
    for statement, _, _ in SAME:
        meaning = read(f"{NET}\n{statement}")
        for definition in meaning.statements.values():
            check_definition(definition, meaning.inputs)
        whole = list(meaning.statements.values())
        for definition in canonical(whole, facts_of(meaning)).values():
            check_definition(definition, meaning.inputs)
            check_canonical(definition)
    index = Index(0, Space("x", 0))
    raw = Definition("g", (index,), Partial(Access("x", (index,)), (Access("x", (index,)),)))
    with pytest.raises(InvariantError, match="not written out"):
        check_canonical(raw)
    with pytest.raises(InvariantError, match="something else than tensors"):
        check_definition(Definition("g", (index,), Partial(Access("x", (index,)), (ONE,))))


def test_a_divergence_computes_its_diagonal_only():
    """n = 400: the Jacobian of u would have 160 000 entries, its trace is one product."""
    program = ix.parse("u_i = A_ij B_jk x_k; d = D(u_i, x_i)")
    (a, b), x = GENERATOR.normal(size=(2, 400, 400)), GENERATOR.normal(size=400)
    assert_close(program(A=a, B=b, x=x), np.sum(a * b.T), 1e-9)
    assert program._numbers.plan({"A": a.shape, "B": b.shape, "x": x.shape}).peak_elements < 400


def test_printing_keeps_it():
    assert str(ix.parse("s = x_i x_i; g_i = ∂s/∂x_i")) == "s = x_i x_i\ng_i = D(s, x_i)\n"
    derived = ix.derive("s = x_i x_i x_j x_j; g_i = D(s, x_i)", "x").program
    assert_close(ix.parse(str(derived))(x=GIVEN["x"]), derived(x=GIVEN["x"]), 1e-12, str(derived))
