"""False brackets are nothing: what meets nothing in a product does not matter, whatever it is."""

import numpy as np
import pytest
from oracles.formulas import FORMULAS, arrays_of, derived
from oracles.numeric import assert_close
from oracles.poles import ARRAYS, pole_program
from properties.programs import made, some_programs, variables

import indicial as ix
from indicial.backends import strong_zeros
from indicial.ir.reference import evaluate_definition, extents_of

RNG = np.random.default_rng(4)
GIVEN = {
    "x": np.array([1.0, 2.0, 4.0]),
    "A": RNG.normal(size=(3, 3)),
    "w": np.array([0.5, -1.0]),
    "W": RNG.normal(size=(3, 2)),
    "t": np.array([0, 2, 2, 1]),
}
HIDDEN = "u_ij = [i != j] A_ij; r_ij = 1 / (x_i - x_j); "
EACH_OPERATION = [
    "y_ij = u_ij r_ij",
    "y_ji = 2 u_ij r_ij",
    "y_i = u_ij r_ij",
    "y_ik = u_ij r_ij A_jk",
    "y_ijk = u_ij r_ij u_jk r_jk",
    "y_ij = (u_ij + u_ji) r_ij",
    "y_ij = (u_ij - 3 u_ji) / (x_i - x_j)^2",
    "y_ij = u_ij^2 r_ij^2",
    "y_ij = (u_ij^2)^(3/2) r_ij",
    "y_ij = where(x_i > 2, u_ij, u_ji) r_ij",
    "y_i = prod_k(u_ik r_ik + [i == k])",
    "y_k = sum_ij(u_ij r_ij eps_ijk)",
    "y_i = u_ii r_ii + x_i",
    "v_k = [k > 0] sum_j(A_kj x_j); y_k = v_k log(x_k - 1)",
    "y_bjd = u[t[b],j] r[t[b],j] W[j,d]",
    "y_ik = [i < 2] u[i+1,k] r[i+1,k] A_ik",
    "v_i = [i > 0] x_i; y_ik = w_k v_i / (x_i - 1)",
    "y_ij = softmax_j(u_ij) u_ij r_ij",
    "y_ij = [i < j] (u_ij + [j < i] r_ij) r_ij",
]


def given(program):
    return {name: GIVEN[name] for name in program.inputs}


@pytest.mark.parametrize("last", EACH_OPERATION)
def test_values_are_those_of_the_loops(last):
    program = ix.parse(HIDDEN + last)
    arrays = given(program)
    want = evaluate_definition(
        program.meaning.statements[program.outputs[-1]], arrays, extents_of(program.meaning, arrays)
    )
    assert_close(program(arrays), want, 1e-12)
    (kernels,) = program._numbers.interpreted(arrays)
    assert_close(kernels, want, 1e-12)


@pytest.fixture
def throughout(monkeypatch):
    """Nothing counts as finite."""
    monkeypatch.setattr(strong_zeros, "may_hide", lambda plan: True)
    monkeypatch.setattr(strong_zeros, "are_finite", lambda results: False)


def assert_same(function, arrays):
    """By the rules of this arithmetic what plain arithmetic gives, where all is finite."""
    converted = {name: each if callable(each) else np.asarray(each) for name, each in arrays.items()}
    found = function.compile({n: np.shape(each) for n, each in converted.items() if not callable(each)})
    want = found(converted)
    got = function._numbers.interpreted(converted)
    for one, other in zip(got, list(want.values()) if isinstance(want, dict) else [want], strict=True):
        assert_close(one, other, 1e-12)


@pytest.mark.parametrize("formula", FORMULAS, ids=[f["number"] for f in FORMULAS])
def test_formulas(formula, throughout):
    assert_same(derived(formula), arrays_of(formula))


@some_programs
def test_random_programs(seed, throughout):
    program = made(seed)
    assert_same(ix.parse(program.text), program.arrays)
    for name in variables(seed, 1):
        assert_same(ix.derive(program.text, wrt=name), program.arrays)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex128])
def test_results_have_the_dtype_of_the_arrays(dtype):
    program = ix.parse(HIDDEN + "y_i = u_ij r_ij")
    found = program({name: array.astype(dtype) for name, array in given(program).items()})
    assert found.dtype == dtype
    assert_close(found, program(given(program)), 1e-5 if dtype == np.float32 else 1e-12)


def test_every_way_to_a_number():
    """Calls, compiled functions, memory of the caller's, pairs, structured results, scalars."""
    seed = next(seed for seed in range(40) if "E = sum_i(u_i sum_k" in pole_program(seed))
    text = pole_program(seed)
    arrays = {name: ARRAYS[name] for name in ix.parse(text).inputs}
    derived = ix.derive(text, wrt="x")
    want = derived(arrays)
    assert np.all(np.isfinite(want))
    compiled = derived.compile(arrays)
    out = np.empty(4)
    assert compiled(arrays, out=out) is out
    value, gradient = ix.value_and_grad(text, wrt="x")(arrays)
    assert type(value) is np.float64
    assert value == ix.parse(text)(arrays)
    for found in (compiled(arrays), out, gradient, derived.structured(arrays).todense()):
        np.testing.assert_allclose(found, want, rtol=1e-12)


def test_what_is_infinite_stays_so():
    hidden = "u_ij = [i <= j] x_i; "
    x = GIVEN["x"]
    y = ix.evaluate(hidden + "y_ij = u_ij / (x_i - x_j)", x=x)
    np.testing.assert_array_equal(np.isinf(y), np.eye(3, dtype=bool))
    assert np.all(np.isfinite(ix.evaluate(hidden + "z_ij = [i < j] u_ij / (x_i - x_j)", x=x)))
    assert np.isnan(ix.evaluate(hidden + "y_ij = (u_ij - u_ij x_j / x_i) / (x_i - x_j)", x=x)[0, 0])


def test_nothing_but_false_brackets():
    """A statement that is 0 throughout makes no ∞ · 0 of what it is multiplied with."""
    text = "w_ij = [j < i] delta_ij; q_ij = w_ij w_ji + w_ij; E = sum_ij(q_ij log(abs(x_i - x_j)) x_j)"
    assert ix.evaluate(text, x=GIVEN["x"]) == 0


def test_a_delta_beside_itself():
    """δ a in a sum that is put on the diagonal of another is a there."""
    text = (
        "index i: 4; index j: 4; E = sum_ij(exp(-([i < 2] x[i+2] A_ij delta_ij - (x_i - x_j) [i <= j] "
        "- [i < 3] x[i+1] A_ij A_ji [j >= i + 1])^2 / 50) exp(x_i x_j))"
    )
    assert ix.check(text, "x x", **ARRAYS).passed
