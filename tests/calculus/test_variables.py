"""Intermediates as variables, several variables at once, the output itself, and high orders."""

import numpy as np
import pytest
from oracles.numeric import assert_close, jacobian

import indicial as ix

LAYER = "z_i = W_ij x_j; L = z_i z_i + z_i b_i"
GIVEN = {"W": np.arange(6.0).reshape(2, 3), "x": np.array([1.0, -2.0, 0.5]), "b": np.array([1.0, -1.0])}


def test_a_tuple_with_an_intermediate_gives_each_its_own_gradient():
    z = GIVEN["W"] @ GIVEN["x"]
    gradients = ix.grad(LAYER, ("W", "z"))(GIVEN)
    assert np.allclose(gradients["z"], 2 * z + GIVEN["b"])
    assert np.allclose(gradients["W"], np.outer(2 * z + GIVEN["b"], GIVEN["x"]))


def test_one_string_holds_all_of_its_names():
    assert np.array_equal(ix.derive(LAYER, "W z")(GIVEN), np.zeros((2, 3, 2)))


def test_hessian_blocks_with_an_intermediate_are_symmetric():
    x = np.array([1.0, 2.0, 3.0])
    blocks = ix.hessian("z_i = x_i^2; L = z_i x_i + z_i z_i x_i + x_i^3 ones_i", ("x", "z"))(x=x)
    assert np.allclose(blocks["x"]["x"], np.diag(6 * x))
    assert np.allclose(blocks["x"]["z"], np.diag(1 + 2 * x**2))
    assert np.allclose(blocks["z"]["z"], np.diag(2 * x))
    assert np.array_equal(blocks["x"]["z"], blocks["z"]["x"].T)


def test_by_the_output_itself():
    derived = ix.derive("y_i = 2 x_i", "y")
    assert derived.equation == "∂y_i/∂y_m = δ_im"
    assert np.array_equal(derived(x=np.ones(3)), np.eye(3))
    assert str(ix.derive("y_i = 2 x_i", "y x")) == "0"


@pytest.mark.parametrize("order", [101, 100_000])
def test_an_order_beyond_the_highest(order):
    with pytest.raises(ix.NotationError, match=f"order {order}"):
        ix.derive("f = x^2", " ".join(["x"] * order))


def test_high_orders_below_it():
    assert ix.derive("f = x^5", "x x x x x")(x=2.0) == 120
    assert str(ix.derive("f = x^5", " ".join(["x"] * 6))) == "0"


def test_outputs_that_use_one_another():
    x = np.array([1.0, 2.0, 3.0])
    text = "g_i = x_i^2; f = g_i g_i"
    values = ix.parse(text, outputs=("f", "g"))(x=x)
    assert values["f"] == 98
    assert np.array_equal(values["g"], x**2)
    derivatives = ix.derive(text, "x", outputs=("f", "g"))(x=x)
    assert np.allclose(derivatives["f"], 4 * x**3)
    assert np.allclose(derivatives["g"], np.diag(2 * x))


def test_a_derivative_as_a_program_keeps_axes_that_its_formula_lacks():
    derived = ix.derive("z_ij = x_i x_j; w = z_jj; f_i = ones_i w + A_ii", "x")
    given = {"A": np.ones((3, 3)), "x": np.array([1.0, -2.0])}
    want = np.tile(2 * given["x"], (3, 1))
    assert np.array_equal(derived(given), want)
    assert np.array_equal(derived.program(given), want)
    assert np.array_equal(ix.evaluate(str(derived.program), given), want)


def test_a_gradient_by_a_matrix_against_differences():
    def value(w):
        return ix.evaluate(LAYER, {**GIVEN, "W": w})

    assert_close(ix.grad(LAYER, "W")(GIVEN), jacobian(value, GIVEN["W"]))
