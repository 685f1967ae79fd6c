"""Compiled functions against the kernels, for every kind of step that a plan has."""

import numpy as np
import pytest
from oracles.formulas import FORMULAS, arrays_of, derived
from properties.programs import made, some_programs, variables

import indicial as ix
from indicial.backends.numpy import _KERNELS
from indicial.ir.reference import evaluate_definition, extents_of

RNG = np.random.default_rng(17)
COMPUTED = [
    ("y_i = K_k x[i+k]", None, {"K": (3,), "x": (9,)}),
    ("y_i = K_k x[i+k]", "K", {"K": (3,), "x": (9,)}),
    ("y_i = K_k x[i+k]", "x", {"K": (3,), "x": (9,)}),
    ("L = (K_k x[i+k] - z_i)^2", ("K", "x"), {"K": (3,), "x": (9,), "z": (7,)}),
    ("L = (K_k x[i+k] - z_i)^2", "x x", {"K": (3,), "x": (9,), "z": (7,)}),
    ("y_oi = K_ock x[c, 2*i+k]", ("K", "x"), {"K": (4, 2, 3), "x": (2, 9)}),
    ("y_boi = K_ock x[b, c, i+k]", "K", {"K": (4, 2, 3), "x": (5, 2, 9)}),
    ("y_ij = K_kl x[i+k, j+l]", "x", {"K": (2, 3), "x": (6, 6)}),
    ("y_i = x[2*i] - x[2*i+1]", "x", {"x": (8,)}),
    ("s = x[0] x[-1]^2", "x", {"x": (5,)}),
    ("y_i = x[i-1] + exp(x_i)", "x", {"x": (5,)}),
    ("h_bd = E[t[b], d]; L = (h_bd W_d - y_b)^2", ("E", "W"),
     {"E": (5, 3), "t": [4, 1, 1, 0, 4, 4], "W": (3,), "y": (6,)}),
    ("y_bd = E[t[b], d]", "E", {"E": (5, 3), "t": [4, 1, 1, 0]}),
    ("y_b = E[t[b], u[b]]^2", "E", {"E": (5, 3), "t": [4, 1, 1, 0], "u": [2, 0, 0, 1]}),
    ("y_i = eps_ijk a_j b_k", "a", {"a": (3,), "b": (3,)}),
    ("y_ij = z_j cumsum_j(x_i ones_j)", None, {"x": (5,), "z": (4,)}),
    ("y_ij = [i <= j] exp(x_i) x_j", "x", {"x": (5,)}),
    ("L = sum_n(exp(X_ni w_i))", "w w w", {"X": (300, 9), "w": (9,)}),
]  # fmt: skip


def shapes_of(arrays):
    return {name: np.shape(each) for name, each in arrays.items() if not callable(each)}


def compiled_and_interpreted(function, arrays, dtype=np.float64):
    """What the straight-line code gives, twice over, and what the kernels give."""
    converted = {name: each if callable(each) else np.asarray(each) for name, each in arrays.items()}
    f = function.compile(shapes_of(converted), dtype=dtype)
    exact = function._numbers.interpreted(converted)
    for _ in range(2):
        got = f(converted)
        yield list(got.values()) if isinstance(got, dict) else [got], exact


def assert_same(function, arrays, dtype=np.float64):
    for got, exact in compiled_and_interpreted(function, arrays, dtype):
        for one, other in zip(got, exact, strict=True):
            assert one.dtype == dtype
            assert one.shape == np.shape(other)
            scale = max(float(np.max(np.abs(other), initial=0, where=np.isfinite(other))), 1.0)
            np.testing.assert_allclose(one, other, rtol=0, atol=1e-12 * scale)


def filled(shapes):
    return {
        name: np.array(shape, float) if isinstance(shape, list) else RNG.uniform(0.5, 1.5, shape)
        for name, shape in shapes.items()
    }


@pytest.mark.parametrize("formula", FORMULAS, ids=[f["number"] for f in FORMULAS])
def test_formulas(formula):
    assert_same(derived(formula), arrays_of(formula))


@some_programs
def test_random_programs(seed):
    program = made(seed)
    assert_same(ix.parse(program.text), program.arrays)
    for name in variables(seed, 1):
        assert_same(ix.derive(program.text, wrt=name), program.arrays)


@pytest.mark.parametrize(("text", "wrt", "shapes"), COMPUTED)
def test_computed_subscripts(text, wrt, shapes):
    assert_same(ix.derive(text, wrt=wrt) if wrt else ix.parse(text), filled(shapes))


@pytest.mark.parametrize(("text", "wrt", "shapes"), COMPUTED)
def test_computed_subscripts_in_single_precision(text, wrt, shapes):
    """float32 in, float32 throughout: no step gives anything wider."""
    function = ix.derive(text, wrt=wrt) if wrt else ix.parse(text)
    arrays = {name: array.astype(np.float32) for name, array in filled(shapes).items()}
    f = function.compile({name: array.shape for name, array in arrays.items()}, dtype="float32")
    got = f(arrays)
    for one in list(got.values()) if isinstance(got, dict) else [got]:
        assert one.dtype == np.float32


def test_given_functions():
    program = "function phi; y_i = phi(A_ij x_j); L = y_i y_i"
    d = ix.derive(program, wrt="x")
    f = d.compile({"A": (4, 3), "x": (3,)})
    given = {"A": RNG.random((4, 3)), "x": RNG.random(3), "phi": np.sin, "phi'": np.cos}
    exact = ix.derive(program.replace("function phi; ", "").replace("phi", "sin"), wrt="x")
    want = exact(A=given["A"], x=given["x"])
    np.testing.assert_allclose(f(given), want, rtol=1e-12)
    out = np.empty(3)
    assert f(given, out=out) is out
    np.testing.assert_allclose(out, want, rtol=1e-12)
    with pytest.raises(ix.ShapeError, match="the function 'φ' is missing"):
        f({name: value for name, value in given.items() if "phi" not in name})


def test_every_operation_is_held_against_its_kernel():
    """The cases above have each operation at least once."""
    seen = {"abstract", "input"}
    cases = [(derived(formula), arrays_of(formula)) for formula in FORMULAS]
    cases += [(ix.derive(t, wrt=w) if w else ix.parse(t), filled(s)) for t, w, s in COMPUTED]
    cases += [(ix.parse(made(seed).text), made(seed).arrays) for seed in range(0, 150, 3)]
    for function, arrays in cases:
        plan = function.compile(shapes_of(arrays)).plan.plan
        seen |= {step.operation for step in plan.steps}
    assert seen >= set(_KERNELS)


def test_functions_have_no_shape():
    with pytest.raises(ix.ShapeError, match="'φ' is a function, which has no shape"):
        ix.parse("function phi; y_i = phi(x_i)").compile({"x": (3,), "phi": (3,)})


def test_dummies_of_what_is_written_out_are_its_own():
    """The second derivative multiplies factors with sums of their own under sums of the same dummies."""
    derivative = ix.derive("s_ij = inv_ij(inv_ij(A_ij) + B_ij)", wrt="A A")
    arrays = {"A": RNG.random((3, 3)) + 4 * np.eye(3), "B": RNG.random((3, 3))}
    exact = evaluate_definition(derivative.definition, arrays, extents_of(derivative.of.meaning, arrays))
    np.testing.assert_allclose(derivative(arrays), exact, rtol=1e-10)


def test_a_sum_over_what_positions_do_not_depend_on():
    """Positions t[(k+m)-k] are the same for all k, whose terms are added."""
    program = "index i: 3; index k: 2; r = sum_ik(x[i+k] x[t[i]] x[2*i])"
    assert ix.check(program, "x x", x=RNG.random(5), t=np.array([2, 0, 2])).passed


def test_an_output_whose_operand_lay_in_its_memory_in_another_order():
    assert ix.evaluate("Q_ai = gelu(step(E_ia))", E=RNG.random((2, 3)) - 0.5).shape == (3, 2)
    table = RNG.random((2, 3, 3))
    straight = ix.evaluate("Q_ia = gelu(prod_f(E_iaf))", E=table)
    np.testing.assert_allclose(ix.evaluate("Q_ai = gelu(prod_f(E_iaf))", E=table), straight.T)


def test_a_bracket_of_a_known_index_is_a_number():
    """Where [t == b] ties t, a condition on it has no index left."""
    program = "index j: 2; index t: -1..2; P_jt = [t == b] C[b] step(A_jt) exp(B[3*b+1, -2*t+4])"
    arrays = {"C": RNG.random(3), "A": RNG.random((2, 4)), "B": RNG.random((8, 7))}
    assert ix.check(program, "C", arrays)
    assert ix.check(program, "B", arrays)
