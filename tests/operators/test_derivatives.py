"""Derivatives of every operator: against differences, complex steps and JAX, and where they are special."""

import functools

import numpy as np
import pytest
from operators.cases import CASES, arrays_of, each_case
from oracles.numeric import (
    applied,
    assert_close,
    complex_directional,
    directional,
    second_directional,
)

import indicial as ix
from indicial.ir.reference import evaluate_definition, extents_of
from indicial.semantics.resolve import read

NOT_HOLOMORPHIC = ("max", "min", "logdet")
THIRD = [case for case in CASES if case.operator in ("softmax", "log_softmax", "logsumexp", "norm")]


def directions(case, name, count):
    """Random directions for an input."""
    generator = np.random.default_rng(11)
    return [generator.uniform(-1, 1, case.shapes[name]) for _ in range(count)]


def by_loops(case, name, arrays):
    """The output as a function of one input, by the loop evaluator."""
    program = read(case.text)
    extents = extents_of(program, arrays)

    def f(x):
        return np.asarray(evaluate_definition(program.statements["s"], {**arrays, name: x}, extents))

    return f


@each_case
def test_first_order(case):
    arrays = arrays_of(case)
    for name in arrays:
        (u,) = directions(case, name, 1)
        holomorphic = case.operator not in NOT_HOLOMORPHIC
        along = complex_directional if holomorphic else functools.partial(directional, step=2.0**-9)
        want = along(by_loops(case, name, arrays), arrays[name], u)
        derived = ix.derive(case.text, wrt=name)
        assert_close(applied(derived(arrays), u), want, 1e-12 if holomorphic else 1e-8, derived.equation)


@each_case
def test_second_order(case):
    arrays = arrays_of(case)
    for name in arrays:
        u, w = directions(case, name, 2)
        want = second_directional(by_loops(case, name, arrays), arrays[name], u, w, step=2.0**-6)
        derived = ix.derive(case.text, wrt=f"{name} {name}")
        assert_close(applied(derived(arrays), u, w), want, 1e-6, derived.equation)


@pytest.mark.parametrize("order", [1, 2])
@each_case
def test_against_jax(case, order):
    jax_oracle = pytest.importorskip("oracles.jax_oracle", reason="JAX is the second oracle")
    arrays = arrays_of(case)
    for name in arrays:
        names = (name,) * order
        derived = ix.derive(case.text, wrt=" ".join(names))
        want = jax_oracle.derivative(read(case.text), arrays, *names)
        assert_close(derived(arrays), want, 1e-11, derived.equation)


@pytest.mark.parametrize("case", THIRD, ids=[case.text for case in THIRD])
def test_third_order_against_jax(case):
    jax_oracle = pytest.importorskip("oracles.jax_oracle", reason="JAX is the second oracle")
    arrays = arrays_of(case)
    (name,) = arrays
    derived = ix.derive(case.text, wrt=f"{name} {name} {name}")
    want = jax_oracle.derivative(read(case.text), arrays, name, name, name)
    assert_close(derived(arrays), want, 1e-11, derived.equation)


@pytest.mark.parametrize("operator", ["det", "logdet", "adj", "inv"])
def test_third_order_of_matrices(operator):
    jax_oracle = pytest.importorskip("oracles.jax_oracle", reason="JAX is the second oracle")
    text = f"s = {operator}_ij(A_ij)" if "det" in operator else f"s_ij = {operator}_ij(A_ij)"
    a = np.random.default_rng(5).uniform(-1, 1, (2, 2)) + 2 * np.eye(2)
    derived = ix.derive(text, wrt="A A A")
    assert_close(derived(A=a), jax_oracle.derivative(read(text), {"A": a}, "A", "A", "A"), 1e-10)


@each_case
def test_the_library_checks_itself(case):
    arrays = arrays_of(case)
    for name in arrays:
        for wrt in (name, f"{name} {name}"):
            report = ix.check(case.text, wrt, arrays)
            assert report.passed, report


@pytest.mark.parametrize("rank", [0, 1, 2, 3])
def test_the_determinant_of_a_singular_matrix(rank):
    """∂det/∂A is the cofactor matrix whatever the rank."""
    generator = np.random.default_rng(rank)
    a = generator.normal(size=(4, rank)) @ generator.normal(size=(rank, 4))
    cofactors = [
        [
            (-1) ** (i + j) * np.linalg.det(np.delete(np.delete(a, i, 0), j, 1)) if rank > 2 else 0.0
            for j in range(4)
        ]
        for i in range(4)
    ]
    got = ix.derive("s = det_ij(A_ij)", wrt="A")(A=a)
    np.testing.assert_allclose(got, cofactors, atol=1e-13)


def test_the_norm_has_no_slope_at_zero():
    x = np.zeros(3)
    for order in (1, 2, 3):
        got = ix.derive("s = norm_i(x_i)", wrt=" ".join("x" * order))(x=x)
        np.testing.assert_array_equal(got, np.zeros((3,) * order))
    mixed = np.array([[0.0, 0.0], [3.0, 4.0]])
    got = ix.derive("s_i = norm_j(A_ij)", wrt="A")(A=mixed)
    np.testing.assert_allclose(got[1, 1], [0.6, 0.8], rtol=1e-15)
    assert np.count_nonzero(got) == 2


@pytest.mark.parametrize("operator", ["max", "min"])
def test_ties_share_equally(operator):
    sign = 1 if operator == "max" else -1
    derived = ix.derive(f"s = {operator}_i(x_i)", wrt="x")
    np.testing.assert_allclose(derived(x=sign * np.array([1.0, 3, 3, 2, 3])), np.array([0, 1, 1, 0, 1]) / 3)
    derived = ix.derive(f"s_j = {operator}_i(A_ij)", wrt="A")
    got = derived(A=sign * np.array([[2.0, 1.0], [2.0, 5.0]]))
    np.testing.assert_array_equal(got[0], [[0.5, 0], [0.5, 0]])
    np.testing.assert_array_equal(got[1], [[0, 0], [0, 1]])


def test_the_largest_of_computed_entries_is_found_again():
    """Rounding does not come between an entry and the largest one, however each is computed."""
    generator = np.random.default_rng(0)
    for _ in range(20):
        arrays = {"A": generator.normal(size=(7, 5)), "B": generator.normal(size=(5, 6))}
        got = ix.derive("s_k = max_i(A_ij B_jk / 3 + exp(A_ij) B_jk)", wrt="B")(arrays)
        best = (arrays["A"] @ arrays["B"] / 3 + np.exp(arrays["A"]) @ arrays["B"]).argmax(0)
        for k, i in enumerate(best):
            want = arrays["A"][i] / 3 + np.exp(arrays["A"][i])
            np.testing.assert_allclose(got[k][:, k], want, rtol=1e-13)


def test_the_factor_of_a_symmetric_matrix_moves_with_its_symmetric_part():
    """Along a symmetric direction the derivative is that of LAPACK's factor of the lower triangle."""
    generator = np.random.default_rng(2)
    a = generator.uniform(-1, 1, (4, 4))
    a = a @ a.T + np.eye(4)
    u = generator.uniform(-1, 1, (4, 4))
    u = u + u.T
    derived = ix.derive("L_ij = chol_ij(A_ij)", wrt="A")
    assert_close(applied(derived(A=a), u), directional(np.linalg.cholesky, a, u, step=2.0**-8), 1e-9)
    np.testing.assert_allclose(derived(A=a), np.swapaxes(derived(A=a), -1, -2), atol=1e-14)


def test_a_derivative_of_a_derivative():
    generator = np.random.default_rng(4)
    a = generator.uniform(-1, 1, (3, 3)) + 3 * np.eye(3)
    twice = ix.derive(ix.derive("s = logdet_ij(A_ij)", wrt="A"), wrt="A")
    inverse = np.linalg.inv(a)
    assert_close(twice(A=a), -np.einsum("np,qm->mnpq", inverse, inverse), 1e-13)
