"""Products take arrays and vector in two places, or all by name as gradients do."""

import numpy as np
import pytest

import indicial as ix
from indicial.errors import ShapeError

x = np.array([1.0, 2.0])
v = np.array([3.0, 4.0])


@pytest.mark.parametrize(("verb", "word"), [("jvp", "tangents"), ("vjp", "cotangent")])
def test_by_name(verb: str, word: str) -> None:
    product = getattr(ix, verb)("y_i = x_i^2", "x")
    expected = product({"x": x}, v)
    np.testing.assert_allclose(expected, 2 * x * v)
    np.testing.assert_array_equal(product(x=x, **{word: v}), expected)
    np.testing.assert_array_equal(product({"x": x}, **{word: v}), expected)
    np.testing.assert_array_equal(product(arrays={"x": x}, **{word: v}), expected)


def test_hessian_products_by_name() -> None:
    np.testing.assert_allclose(ix.hvp("s = x_i^2", "x")(x=x, vector=v), 2 * v)


def test_what_is_missing_is_named() -> None:
    for given, named in (((), {"x": x}), (({"x": x},), {}), (({"x": x}, v, v), {})):
        with pytest.raises(
            ShapeError, match="a vjp takes the arrays in one mapping and the cotangent behind it"
        ):
            ix.vjp("y_i = x_i^2", "x")(*given, **named)
