"""Arrays and variables by position: what an einsum string allows, and nothing else does."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import indicial as ix

_RANDOM = np.random.default_rng(0)
W, X = _RANDOM.normal(size=(3, 4)), _RANDOM.normal(size=4)


def test_arrays_by_position_by_name_or_both() -> None:
    derivative = ix.derive("ij,j->i", wrt=0)
    expected = np.einsum("im,n->imn", np.eye(3), X)
    for found in (derivative(W, X), derivative(A=W, B=X), derivative({"A": W, "B": X}), derivative(W, B=X)):
        np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(derivative(B=X, A=W), derivative.program(W, X))


def test_variables_by_position() -> None:
    assert ix.derive("ij,j->i", 0).equation == "∂f_i/∂A_mn = δ_im B_n"
    assert ix.derive("ij,j->i", "A_kl").equation == "∂f_i/∂A_kl = δ_ik B_l"
    assert ix.derive("ij,j->i", "0 1").equation == "∂²f_i/∂A_mn∂B_p = δ_im δ_np"
    assert ix.derive(ix.derive("ij,j->i", 0), 1).equation == "∂²f_i/∂A_mn∂B_p = δ_im δ_np"
    both = ix.derive("ij,j->i", (0, 1))
    assert list(both) == [0, 1]
    assert str(both[1]) == "A_im"
    assert repr(both) == "<Derivatives by 0, 1>"
    assert both(W, X)[0].shape == (3, 3, 4)
    assert list(ix.derive("ij,j->i", ("A", 1))) == ["A", 1]


def test_the_verbs() -> None:
    text = "i,ij,j->"
    arrays = (X[:3], W, X)
    value, gradients = ix.value_and_grad(text, (0, 2))(*arrays)
    np.testing.assert_allclose(value, X[:3] @ W @ X)
    np.testing.assert_allclose(gradients[0], W @ X)
    np.testing.assert_allclose(gradients[2], X[:3] @ W)
    np.testing.assert_allclose(ix.grad(text, 1)(*arrays), np.outer(X[:3], X))
    blocks = ix.hessian(text, (0, 2))(*arrays)
    np.testing.assert_allclose(blocks[0][2], W)
    np.testing.assert_allclose(blocks[2][0], W.T)
    np.testing.assert_array_equal(ix.hessian(text, 0)(*arrays), np.zeros((3, 3)))
    assert ix.check(text, (0, 1, 2), *arrays).passed


def test_interleaved_operands() -> None:
    B = _RANDOM.normal(size=(4, 2))  # noqa: N806
    np.testing.assert_allclose(ix.evaluate(W, [0, 1], B, [1, 2], [0, 2]), W @ B)
    np.testing.assert_allclose(ix.evaluate(W, [7, 1], B, [1, 3]), np.einsum(W, [7, 1], B, [1, 3]))
    np.testing.assert_allclose(ix.evaluate(W, [..., 1], X, [1]), W @ X)
    np.testing.assert_allclose(ix.evaluate(W.tolist(), (0, 1), [0]), W.sum(1))
    np.testing.assert_allclose(ix.evaluate(W, [1000, 5], [5, 1000]), W.T)


@pytest.mark.parametrize(
    ("call", "reason", "hint"),
    [
        (lambda: ix.evaluate(W, [0, 1], X), "an operand's indices are a list of integers", "in turn"),
        (lambda: ix.evaluate("f = x", 3.0), "arrays are given by name, not as a float", "d(W=W, x=x)"),
        (
            lambda: ix.derive("f = x", "x")(3.0, 4.0),
            "arrays are given by name, not as two positional arguments",
            "d(W=W, x=x)",
        ),
        (
            lambda: ix.derive("f = x y", 0),
            "wrt=0 is a position, but only the operands of an einsum string have one",
            "the inputs are x, y",
        ),
        (lambda: ix.derive("i,j", True), "wrt is the name of a variable, or a tuple of names", "wrt="),
        (
            lambda: ix.derive("i,j", -1),
            "there is no operand -1: the einsum string has two operands",
            "from 0",
        ),
        (lambda: ix.evaluate("i,i", X, X, B=X), "'B' is given twice, by position and as a keyword", None),
        (lambda: ix.evaluate("i,i", B=X), "the array 'A' is missing; 'f' is computed from it", "order A, B"),
        (
            lambda: ix.evaluate("...,i", B=X),
            "the array 'A' is missing, and an ellipsis needs the ranks of all",
            "order A, B",
        ),
        (
            lambda: ix.parse("i,j", outputs=("g",)),
            "an einsum string has one output, which is called 'f'",
            "leave outputs out",
        ),
        (
            lambda: ix.parse("f = x", ranks=(0,)),
            "ranks are those of an einsum string's operands, and this is no einsum string",
            "leave them out",
        ),
        (
            lambda: ix.parse("i,j", ranks=5),
            "ranks are the numbers of the operands' axes, up to 64",
            "ranks=(3, 2)",
        ),
        (lambda: ix.evaluate("i,i", "a", X), "the value of 'A' is no array of numbers", None),
    ],
)
def test_refusals(call: Callable[[], object], reason: str, hint: str | None) -> None:
    with pytest.raises(ix.IndicialError) as caught:
        call()
    assert caught.value.reason.startswith(reason)
    assert hint is None or (caught.value.hint is not None and hint in caught.value.hint)


def test_greek_variables_are_called_as_they_are_written():
    program = "s = mu^2 + nu"
    assert ix.grad(program, ("mu", "nu"))(mu=1.0, nu=2.0) == {"mu": 2.0, "nu": 1.0}
    assert ix.vjp(program, ("mu", "nu"))({"mu": 1.0, "nu": 2.0}, 1.0).keys() == {"mu", "nu"}
    assert ix.hessian(program, ("mu", "ν"))(mu=1.0, nu=2.0)["mu"].keys() == {"mu", "ν"}
    derivatives = ix.derive(program, ("mu", "nu"))
    assert derivatives["mu"] is derivatives["μ"]
