"""The reference evaluator against NumPy, and its own rules: strong zeros, kinks, depth."""

from fractions import Fraction

import numpy as np
import pytest

from indicial.ir.indices import Index, Space, formals
from indicial.ir.nodes import (
    HALF,
    MINUS_ONE,
    ONE,
    ZERO,
    Access,
    Add,
    Call,
    Compare,
    Constant,
    Definition,
    Delta,
    Epsilon,
    Extent,
    IndexProd,
    IndexSum,
    Mul,
    Number,
    Position,
    Power,
    number,
)
from indicial.ir.program import Program
from indicial.ir.reference import evaluate_definition, extents_of

A0, A1, B1 = Space("A", 0), Space("A", 1), Space("B", 1)
EXTENTS = {A0: 2, A1: 3, B1: 4}
RANDOM = np.random.default_rng(0)
A, B, X = RANDOM.normal(size=(2, 3)), RANDOM.normal(size=(3, 4)), RANDOM.normal(size=3)
INPUTS = {"A": A, "B": B, "x": X}
P, Q = formals((A0, B1))
K, L = Index(-1, A1), Index(-2, A1)
M = Index(0, A1)


def evaluate(body, spaces=(), inputs=INPUTS):
    return evaluate_definition(Definition("f", formals(spaces), body), inputs, EXTENTS)


def test_matrix_product():
    body = IndexSum((K,), Mul((Access("A", (P, K)), Access("B", (K, Q)))))
    np.testing.assert_allclose(evaluate(body, (A0, B1)), A @ B, rtol=1e-14)


def test_sum_over_two_indices_with_an_index_three_times():
    body = IndexSum((K, L), Mul((Access("x", (K,)), Access("x", (L,)), Access("x", (L,)))))
    np.testing.assert_allclose(evaluate(body), np.einsum("k,l,l->", X, X, X), rtol=1e-14)


def test_diagonal_and_trace():
    square = RANDOM.normal(size=(3, 3))
    inputs = {"S": square}
    np.testing.assert_array_equal(evaluate(Access("S", (M, M)), (A1,), inputs), np.diagonal(square))
    trace = IndexSum((K,), Access("S", (K, K)))
    np.testing.assert_allclose(evaluate(trace, (), inputs), np.trace(square), rtol=1e-14)


def test_a_missing_index_broadcasts_and_multiplies_by_its_extent():
    np.testing.assert_array_equal(evaluate(ONE, (A0, A1)), np.ones((2, 3)))
    assert evaluate(IndexSum((K,), number(5))) == 15
    assert evaluate(IndexProd((K,), number(5))) == 125
    assert evaluate(Extent(B1)) == 4


def test_delta_epsilon_position():
    axes = formals((A1, A1, A1))
    np.testing.assert_array_equal(evaluate(Delta(*axes[:2]), (A1, A1)), np.eye(3))
    levi_civita = np.zeros((3, 3, 3))
    for even in ((0, 1, 2), (1, 2, 0), (2, 0, 1)):
        levi_civita[even] = 1
        levi_civita[even[::-1]] = -1
    np.testing.assert_array_equal(evaluate(Epsilon(axes), (A1,) * 3), levi_civita)
    lower = Compare("<=", Position(axes[1]), Position(axes[0]))
    np.testing.assert_array_equal(evaluate(lower, (A1, A1)), np.tri(3))


def test_products_over_an_index():
    np.testing.assert_allclose(evaluate(IndexProd((K,), Access("x", (K,)))), np.prod(X), rtol=1e-14)


def test_a_definition_at_permuted_indices():
    transposed = Definition("t", formals((B1, A0)), Mul((Access("a", (Q,)), Access("b", (P,)))))
    assert transposed.free == frozenset()
    inner = Definition("t", formals((A1, A1)), Access("S", formals((A1, A1))))
    first, second = formals((A1, A1))
    square = RANDOM.normal(size=(3, 3))
    result = evaluate(Add((inner(second, first), inner(first, first))), (A1, A1), {"S": square})
    np.testing.assert_allclose(result, square.T + np.diagonal(square)[:, None], rtol=1e-14)


def test_numbers_constants_powers():
    assert evaluate(Number(Fraction(1, 3))) == 1 / 3
    assert evaluate(Constant("pi")) == np.pi
    np.testing.assert_allclose(
        evaluate(Power(Mul((Access("x", (M,)), Access("x", (M,)))), HALF), (A1,)), abs(X), rtol=1e-14
    )
    assert evaluate(Power(ZERO, ZERO)) == 1
    assert evaluate(Power(ZERO, MINUS_ONE)) == np.inf
    assert np.isnan(evaluate(Power(MINUS_ONE, HALF)))


def test_a_false_bracket_is_a_strong_zero():
    x = Access("x", (M,))
    bracket = Compare(">", x, ZERO)
    inputs = {"x": np.array([-1.0, 0.0, 4.0])}
    body = Mul((Call("log", (x,)), bracket))
    np.testing.assert_allclose(evaluate(body, (A1,), inputs), [0, 0, np.log(4)])
    body = Mul((Power(x, MINUS_ONE), Delta(M, M), bracket))
    np.testing.assert_allclose(evaluate(body, (A1,), inputs), [0, 0, 0.25])


def test_where_looks_at_the_chosen_branch_only():
    x = Access("x", (M,))
    body = Call("where", (Compare(">", x, ZERO), Call("log", (x,)), number(7)))
    np.testing.assert_allclose(evaluate(body, (A1,), {"x": np.array([-1.0, 0.0, 1.0])}), [7, 7, 0])


@pytest.mark.parametrize(
    ("relation", "expected"),
    [
        ("<", [1, 0, 0]),
        ("<=", [1, 1, 0]),
        (">", [0, 0, 1]),
        (">=", [0, 1, 1]),
        ("==", [0, 1, 0]),
        ("!=", [1, 0, 1]),
    ],
)
def test_relations(relation, expected):
    body = Compare(relation, Access("x", (M,)), ZERO)
    np.testing.assert_array_equal(evaluate(body, (A1,), {"x": np.array([-1.0, 0.0, 1.0])}), expected)


def test_complex_inputs_give_a_complex_result():
    z = X + 1j * X[::-1]
    result = evaluate(Call("exp", (Access("x", (M,)),)), (A1,), {"x": z})
    assert result.dtype == np.complex128
    np.testing.assert_allclose(result, np.exp(z), rtol=1e-14)


def test_integers_are_promoted():
    assert evaluate(Power(Access("n", ()), MINUS_ONE), (), {"n": np.array(2)}) == 0.5


def test_empty_axes():
    empty = {A1: 0}
    definition = Definition("f", (), IndexSum((K,), Access("x", (K,))))
    assert evaluate_definition(definition, {"x": np.empty(0)}, empty) == 0
    definition = Definition("f", (), IndexProd((K,), Access("x", (K,))))
    assert evaluate_definition(definition, {"x": np.empty(0)}, empty) == 1


def test_depth_and_sharing():
    deep = shared = Access("s", ())
    for _ in range(20_000):
        deep = Add((deep, ONE))
    for _ in range(60):
        shared = Add((shared, shared))
    assert evaluate(deep, (), {"s": np.array(1.0)}) == 20_001
    assert evaluate(shared, (), {"s": np.array(1.0)}) == 2.0**60


def test_a_chain_of_definitions_is_linear():
    link = Definition("d", (M,), Access("x", (M,)))
    for _ in range(500):
        link = Definition("d", (M,), Add((link(M), Mul((HALF, link(M))))))
    np.testing.assert_allclose(evaluate_definition(link, INPUTS, EXTENTS), X * 1.5**500, rtol=1e-12)


def program(inputs, declared=None):
    return Program(inputs, {}, (), {}, {}, declared or {})


def test_extents_come_from_arrays_and_index_lines():
    one = program({"A": (A0, A1), "x": (A1,)}, {B1: 4})
    assert extents_of(one, {"A": A, "x": X}) == EXTENTS
    assert extents_of(one, {"x": X}) == {A1: 3, B1: 4}


@pytest.mark.parametrize("arrays", [{"A": A, "x": X[:2]}, {"A": A[0]}, {"A": A.T, "x": X}])
def test_extents_that_do_not_fit(arrays):
    with pytest.raises(ValueError, match=r"axis|axes"):
        extents_of(program({"A": (A0, A1), "x": (A1,)}), arrays)
