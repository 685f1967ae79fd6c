"""A scalar that is declared a whole number stands in subscripts: z[t], E[t, d], x[i+t]."""

import numpy as np
import pytest

import indicial as ix
from indicial.errors import NotationError, ShapeError

z = np.arange(5.0) ** 2
E = np.arange(12.0).reshape(4, 3)

_VALUES = [
    ("y = z[t]", {"z": z, "t": 3}, z[3]),
    ("y = z_t", {"z": z, "t": 3}, z[3]),
    ("y_d = E[t, d]^2", {"E": E, "t": 2}, E[2] ** 2),
    ("y_i = w_i z[i+t]", {"z": z, "w": np.array([1.0, 2.0]), "t": 2}, [4.0, 18.0]),
    ("y = z[2*t] - z[t-1]", {"z": z, "t": 2}, z[4] - z[1]),
    ("y = E[s[t], d] x_d", {"E": E, "s": np.array([1, 3]), "t": 1, "x": np.ones(3)}, E[3].sum()),
    ("y = [t > 2] z[t]", {"z": z, "t": 3}, z[3]),
    ("y = [t > 2] z[t]", {"z": z, "t": 1}, 0.0),
    ("y_i = delta[i, t] z_i", {"z": z, "t": 2}, [0.0, 0.0, 4.0, 0.0, 0.0]),
    ("y = z[t] t", {"z": z, "t": 3}, 27.0),
    ("L = logsumexp_i(z_i) - z[t]", {"z": z, "t": 1}, np.log(np.exp(z).sum()) - 1),
    ("y = prod_i(where(i == 1, 1, -(z[t] + 1)) ones_i z_i^0)", {"z": z, "t": 1}, 16.0),
]


@pytest.mark.parametrize(("text", "arrays", "value"), _VALUES)
def test_values_and_derivatives(text: str, arrays: dict[str, object], value: object) -> None:
    program = ix.parse(f"tensor t: integer\n{text}")
    np.testing.assert_allclose(program(arrays), value)
    assert "tensor t: integer" in str(program)
    np.testing.assert_allclose(ix.parse(str(program))(arrays), value)
    name = next(iter(arrays))
    derivative = ix.derive(program, name)
    assert ix.check(program, name, arrays).passed
    again = ix.parse(str(derivative.program))
    np.testing.assert_allclose(again(arrays), derivative(arrays))


def test_the_declaration_may_stand_behind() -> None:
    gradient = ix.grad("L = -log(p[t]); p_i = softmax_i(z_i); tensor t: integer", "z")(z=z / 9, t=1)
    p = np.exp(z / 9) / np.exp(z / 9).sum()
    np.testing.assert_allclose(gradient, p - np.eye(5)[1])


@pytest.mark.parametrize(("t", "reason"), [(5, "t is 5, which"), (1.5, "no whole number")])
def test_a_place_that_is_not_there(t: float, reason: str) -> None:
    with pytest.raises(ShapeError, match=reason):
        ix.evaluate("tensor t: integer; y = z[t]", z=z, t=t)


def test_the_offer_of_a_declaration() -> None:
    with pytest.raises(NotationError) as caught:
        ix.parse("y = z[t]")
    assert "a position that is given as a number is declared: tensor t: integer" in (caught.value.hint or "")
    with pytest.raises(NotationError) as caught:
        ix.parse("y = z_t")
    assert "tensor t: integer" not in (caught.value.hint or "")


@pytest.mark.parametrize("text", ["y_t = z[t]", "y = sum_t(z[t])"])
def test_a_position_is_no_index(text: str) -> None:
    with pytest.raises(NotationError, match="'t' is declared as a whole number, and stands here as an index"):
        ix.parse(f"tensor t: integer\n{text}")
