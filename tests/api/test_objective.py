"""Objectives: what scipy.optimize.minimize is given, and what it finds with it."""

import numpy as np
import pytest
from oracles.numeric import assert_close

import indicial as ix

optimize = pytest.importorskip("scipy.optimize", reason="SciPy minimises")

GENERATOR = np.random.default_rng(0)
X = GENERATOR.standard_normal((80, 5))
SIDES = np.sign(X @ np.arange(1.0, 6.0) + GENERATOR.standard_normal(80))
LOGISTIC = "L = sum_i(softplus(-y_i (X_ij w_j + b))) + (w_j^2 + b^2) / 2"
METHODS = ["Newton-CG", "trust-ncg", "L-BFGS-B"]


def keywords(made, method, **arrays):
    """The derivatives that a method uses."""
    second = {} if method == "L-BFGS-B" else {"hessp": made.hessp}
    return {"jac": made.jac, "method": method, **second, **arrays}


@pytest.mark.parametrize("method", METHODS)
def test_logistic_regression(method):
    made = ix.objective(LOGISTIC, ("w", "b"), X=X, y=SIDES)
    found = optimize.minimize(made.fun, made.pack(w=np.zeros(5), b=0.0), **keywords(made, method))
    assert np.abs(made.jac(found.x)).max() < 1e-3
    values = made.unpack(found.x)
    assert list(values) == ["w", "b"]
    assert values["w"].shape == (5,)
    assert np.shape(values["b"]) == ()
    gradient = ix.grad(LOGISTIC, ("w", "b"))(X=X, y=SIDES, **values)
    assert np.abs(gradient["w"]).max() < 1e-3


@pytest.mark.parametrize("method", [*METHODS, "trust-exact"])
def test_rosenbrock(method):
    made = ix.objective("f = sum_i(100 (u_i - v_i^2)^2 + (1 - v_i)^2)", ("u", "v"))
    start = np.full(6, -0.5)
    with pytest.raises(ix.ShapeError, match="no shapes"):
        made.fun(np.ones(5))
    second = {"hess": made.hess} if method == "trust-exact" else {}
    given = {**keywords(made, method), **second}
    if second:
        del given["hessp"]
    found = optimize.minimize(made.fun, start, **given)
    assert np.abs(found.x - 1).max() < 1e-3


def test_values_and_gradients_together():
    made = ix.objective(LOGISTIC, ("w", "b"), X=X, y=SIDES)
    found = optimize.minimize(made.value_and_grad, np.zeros(6), jac=True, method="BFGS")
    assert found.success
    value, gradient = made.value_and_grad(found.x)
    assert type(value) is float
    assert value == pytest.approx(made.fun(found.x), rel=1e-13)
    assert_close(gradient, made.jac(found.x), 1e-13)


def test_against_the_other_functions():
    made = ix.objective(LOGISTIC, ("w", "b"), X=X, y=SIDES)
    at, direction = GENERATOR.standard_normal(6), GENERATOR.standard_normal(6)
    arrays = {"X": X, "y": SIDES, "w": at[:5], "b": at[5]}
    blocks = ix.hessian(LOGISTIC, ("w", "b"))(arrays)
    want = np.block([[blocks["w"]["w"], blocks["w"]["b"][:, None]], [blocks["b"]["w"], blocks["b"]["b"]]])
    assert_close(made.hess(at), want, 1e-13)
    assert_close(made.hessp(at, direction), want @ direction, 1e-13)
    assert made.fun(at) == pytest.approx(ix.evaluate(LOGISTIC, arrays))


def test_arrays_at_each_call():
    made = ix.objective(LOGISTIC, ("w", "b"), {"y": SIDES})
    kept = ix.objective(LOGISTIC, ("w", "b"), X=X, y=SIDES)
    at = np.arange(6.0)
    assert made.fun(at, {"X": X}) == made.fun(at, X=X) == kept.fun(at)
    assert_close(made.hessp(at, at, {"X": X}), kept.hessp(at, at), 0)
    found = optimize.minimize(made.fun, at, args=({"X": X},), jac=made.jac, method="L-BFGS-B")
    assert found.success
    assert made.unpack(found.x, X=X)["w"].shape == (5,)


def test_values_to_start_from_say_the_shapes():
    text = "L = (T_ij - U_ik V_jk)^2"
    start = {"U": np.ones((3, 2)), "V": GENERATOR.standard_normal((4, 2))}
    made = ix.objective(text, ("U", "V"), {"T": np.ones((3, 4)), **start})
    assert_close(made.start, np.concatenate([start["U"].ravel(), start["V"].ravel()]), 0)
    parts = made.unpack(made.start)
    assert_close(parts["V"], start["V"], 0)
    parts["V"][...] = 0
    assert np.any(made.start)
    open_shape = ix.objective(text, ("U", "V"), T=np.ones((3, 4)))
    assert open_shape.fun(made.start) == made.fun(made.start)  # 14 entries leave one extent for k


def test_one_variable():
    made = ix.objective("s = x_i A_ij x_j", "x", A=np.eye(3))
    assert_close(made.unpack(made.pack(np.arange(3.0))), np.arange(3.0), 0)
    assert_close(made.hess(np.ones(3)), 2 * np.eye(3), 0)


MADE = ix.objective("L = (T_ij - U_ik V_jk)^2", ("U", "V"))
ERRORS = [
    (lambda: ix.objective("f_i = x_i", "x"), ix.NotationError, "scalar"),
    (lambda: MADE.fun(np.ones(4)), ix.ShapeError, "do not follow"),
    (lambda: MADE.pack(U=np.ones((2, 2))), ix.ShapeError, "no value for the variable 'V'"),
    (lambda: MADE.pack(U=np.ones(2), V=np.ones((2, 2))), ix.ShapeError, "2 axes"),
    (lambda: MADE.start, ix.ShapeError, "no value"),
    (lambda: ix.objective("s = x_i x_i", "x", x=np.ones(3)).fun(np.ones(4)), ix.ShapeError, "3 entries"),
    (lambda: ix.objective("s = x_i x_i", "x", x=np.ones(3) * 1j), ix.BackendError, "real"),
    (lambda: ix.objective("s = x_i x_i", "x", y=np.ones(3)), ix.ShapeError, "no tensor 'y'"),
    (lambda: ix.objective("s = x_i y_i", "x").fun(np.ones(3)), ix.ShapeError, "'y' is missing"),
]


@pytest.mark.parametrize(("call", "kind", "words"), ERRORS)
def test_errors(call, kind, words):
    with pytest.raises(kind, match=words):
        call()
