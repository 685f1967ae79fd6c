"""What may be done with a Kronecker delta, and what may not: it is contracted as a factor only."""

import numpy as np
import pytest

import indicial as ix
from indicial.ir.nodes import Delta
from indicial.ir.traversal import postorder

X = np.array([1.0, 2.0, 4.0])
EYE = np.eye(3)


def test_deltas_on_the_full_diagonal():
    value = ix.evaluate("y_ijk = delta_jk (delta_ij x_k + delta_ik x_j)", x=X)
    want = np.zeros((3, 3, 3))
    want[[0, 1, 2], [0, 1, 2], [0, 1, 2]] = 2 * X
    assert np.array_equal(value, want)


def test_a_divisor_is_not_contracted():
    value = ix.evaluate("y_ij = x_j / delta_ij", x=X)
    assert np.array_equal(value, np.where(EYE == 1, X, np.inf))


@pytest.mark.parametrize("s", [0.0, 0.5, 2.0])
def test_a_symbolic_power_is_not_contracted(s):
    assert np.array_equal(ix.evaluate("y_ij = delta_ij^s x_j", s=s, x=X), EYE**s * X)
    assert np.allclose(ix.evaluate("y_i = sum_j(delta_ij^s x_j)", s=s, x=X), EYE**s @ X)


def test_a_reciprocal_beside_another_term():
    value = ix.evaluate("y_im = 1/delta_im + x_m", x=X)
    assert np.array_equal(value, np.where(EYE == 1, 1 + X, np.inf))


def test_a_delta_inside_a_divisor():
    value = ix.evaluate("y_i = sum_j(x_j / (delta_ij + 1))", x=X)
    assert np.allclose(value, (X / (EYE + 1)).sum(axis=1))


@pytest.mark.parametrize(
    ("written", "want"),
    [
        ("y_i = delta_ij x_j", X),
        ("y_i = delta_ij delta_jk x_k", X),
        ("y = delta_ij x_i x_j", X @ X),
        ("y_i = delta_ij^2 x_j", X),
    ],
)
def test_a_factor_is_contracted(written, want):
    body = ix.parse(written).meaning.statements["y"].body
    assert not any(isinstance(node, Delta) for node in postorder(body))
    assert np.allclose(ix.evaluate(written, x=X), want)


def test_the_trace_of_a_delta_needs_an_extent():
    with pytest.raises(ix.ShapeError, match="extent of index 'j' is not known"):
        ix.evaluate("y_i = delta_jj x_i", x=X)
    assert np.array_equal(ix.evaluate("index j: 5; y_i = delta_jj x_i", x=X), 5 * X)
