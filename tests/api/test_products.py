"""jvp, vjp and hvp: their arguments, their results, and what they cost."""

import numpy as np
import pytest
from oracles.numeric import assert_close
from planning.costs import flops

import indicial as ix
from indicial.backends.executable import Executable

GENERATOR = np.random.default_rng(0)
W, X = GENERATOR.standard_normal((3, 4)), GENERATOR.standard_normal(4)
ARRAYS = {"W": W, "x": X}
TEXT = "f_i = W_ij x_j"


def test_one_variable_takes_an_array_or_a_mapping():
    for tangent in (W, {"W": W}, W.tolist()):
        assert_close(ix.jvp(TEXT, "W")(ARRAYS, tangent), W @ X, 1e-14)
    assert_close(ix.vjp(TEXT, "W_mn")(ARRAYS, np.ones(3)), np.tile(X, (3, 1)), 1e-14)


def test_several_variables():
    tangents = {"W": np.ones((3, 4)), "x": 2 * X}
    assert_close(ix.jvp(TEXT, ("W", "x"))(ARRAYS, tangents), X.sum() + 2 * W @ X, 1e-13)
    pulled = ix.vjp(TEXT, ("x", "W"))(ARRAYS, np.ones(3))
    assert list(pulled) == ["x", "W"]
    assert_close(pulled["x"], W.sum(0), 1e-14)
    curved = ix.hvp("s = y_i W_ij x_j", ("y", "x"))({**ARRAYS, "y": np.ones(3)}, {"y": np.ones(3), "x": X})
    assert_close(curved["y"], W @ X, 1e-13)
    assert_close(curved["x"], W.sum(0), 1e-13)


def test_several_outputs():
    program = ix.parse("a_i = exp(x_i); b = a_i a_i", outputs=("a", "b"))
    a = np.exp(X)
    pushed = ix.jvp(program, "x")({"x": X}, X)
    assert_close(pushed["a"], a * X, 1e-14)
    assert_close(pushed["b"], 2 * a @ (a * X), 1e-13)
    pulled = ix.vjp(program, "x")({"x": X}, {"a": np.ones(4), "b": 3.0})
    assert_close(pulled, a + 6 * a * a, 1e-13)
    named = ix.jvp("a_i = exp(x_i); b = a_i a_i", "x", outputs=("b",))({"x": X}, X)
    assert list(named) == ["b"]
    scalars = ix.hvp("a = x_i x_i; b = a^2", ("x",), outputs=("a", "b"))({"x": X}, {"x": X})
    assert_close(scalars["a"]["x"], 2 * X, 1e-13)
    assert_close(scalars["b"]["x"], 12 * (X @ X) * X, 1e-13)


def test_an_output_may_be_held():
    text = "a_i = exp(x_i); b = a_i a_i"
    assert_close(ix.jvp(text, ("a", "x"))({"x": X}, {"a": X, "x": X}), 2 * np.exp(X) @ X, 1e-13)
    program = ix.parse(text, outputs=("a", "b"))
    pushed = ix.jvp(program, ("a", "x"))({"x": X}, {"a": X, "x": X})
    assert_close(pushed["a"], X, 0)
    pulled = ix.vjp(program, ("a", "x"))({"x": X}, {"a": X, "b": 1.0})
    assert_close(pulled["a"], X + 2 * np.exp(X), 1e-13)
    assert_close(pulled["x"], np.zeros(4), 0)


def test_operands_by_position():
    assert_close(ix.vjp("ij,j->i", 1)((W, X), np.ones(3)), W.sum(0), 1e-14)
    assert_close(ix.jvp("ij,j->i", (0, 1))((W, X), {0: W, 1: X}), 2 * W @ X, 1e-13)
    assert_close(ix.vjp("...j,j->...", 1)((W, X), np.ones(3)), W.sum(0), 1e-14)


def test_a_derivative_is_a_program_too():
    gradient = ix.derive("s = x_i W_ij x_j / 2", "x")
    square = W[:, :3]
    arrays = {"W": square, "x": X[:3]}
    assert_close(ix.jvp(gradient, "x")(arrays, X[:3]), (square + square.T) @ X[:3] / 2, 1e-14)
    assert_close(ix.vjp(gradient, "x")(arrays, X[:3]), (square + square.T) @ X[:3] / 2, 1e-14)


def test_float32_stays_float32():
    arrays = {name: array.astype(np.float32) for name, array in ARRAYS.items()}
    assert ix.jvp(TEXT, "W")(arrays, arrays["W"]).dtype == np.float32
    assert ix.vjp(TEXT, "W")(arrays, np.ones(3, np.float32)).dtype == np.float32


ERRORS = [
    (lambda: ix.jvp(TEXT, "W")(ARRAYS, X), ix.ShapeError, "2 axes"),
    (lambda: ix.jvp(TEXT, "x")(ARRAYS, np.ones(5)), ix.ShapeError, "'tangent.x.' has 5"),
    (lambda: ix.vjp(TEXT, "x")(ARRAYS, np.ones(5)), ix.ShapeError, "'cotangent.f.' has 5"),
    (lambda: ix.jvp(TEXT, ("W", "x"))(ARRAYS, W), ix.ShapeError, "which is which"),
    (lambda: ix.jvp(TEXT, ("W", "x"))(ARRAYS, {"W": W}), ix.ShapeError, "tangent for 'x' is missing"),
    (lambda: ix.jvp(TEXT, "W")(ARRAYS, {"V": W}), ix.ShapeError, "no tangent for 'V'"),
    (lambda: ix.jvp(TEXT, "W x"), ix.NotationError, "2 variables"),
    (lambda: ix.jvp(TEXT, "V"), ix.NotationError, "no tensor 'V'"),
    (lambda: ix.jvp(TEXT, ()), ix.NotationError, "no variable"),
    (lambda: ix.jvp(TEXT, "W", outputs=("g",)), ix.NotationError, "'g'"),
    (lambda: ix.hvp(TEXT, "W"), ix.NotationError, "scalar"),
    (lambda: ix.jvp(TEXT, "W")({"W": W}, W), ix.ShapeError, "'x' is missing"),
    (lambda: ix.jvp(TEXT, "W")(ARRAYS, "W"), ix.BackendError, "no array of numbers"),
    (lambda: ix.jvp(TEXT, "W")(3, W), ix.ShapeError, "given by name"),
]


@pytest.mark.parametrize(("call", "kind", "words"), ERRORS)
def test_errors(call, kind, words):
    with pytest.raises(kind, match=words):
        call()


# --- cost ---


@pytest.fixture
def cost(monkeypatch):
    """What a call costs, in operations and in elements alive at one time."""
    plans = []
    original = Executable.taken

    def watched(self):
        plans.append(self.plan)
        return original(self)

    monkeypatch.setattr(Executable, "taken", watched)

    def measured(function, *arguments):
        plans.clear()
        function(*arguments)
        return flops(plans[0]), plans[0].peak_elements

    return measured


def random(*shape):
    return GENERATOR.standard_normal(shape) / 10


LOGISTIC = "z_i = X_ij w_j; L = sum_i(softplus(-y_i z_i)) + w_j^2"


def test_cost_of_logistic_regression(cost):
    arrays = {"X": random(300, 80), "y": np.sign(random(300)), "w": random(80)}
    value, _ = cost(ix.parse(LOGISTIC), arrays)
    assert cost(ix.jvp(LOGISTIC, "w"), arrays, arrays["w"])[0] < 2.5 * value
    assert cost(ix.vjp(LOGISTIC, "w"), arrays, 1.0)[0] < 2.5 * value
    assert cost(ix.hvp(LOGISTIC, "w"), arrays, arrays["w"])[0] < 5 * value


def test_a_sum_of_products_is_not_multiplied_out_first(cost):
    n = 100
    arrays = {**{name: random(n, n) for name in "ABCD"}, "x": random(n)}
    text = "u_i = A_ij B_jk x_k + C_ij D_jk x_k"
    for product, vector, program in [
        (ix.jvp, arrays["x"], text),
        (ix.vjp, arrays["x"], text),
        (ix.hvp, arrays["x"], f"{text}; L = sum_i(tanh(u_i))"),
        (ix.hvp, arrays["x"], "L = sum_i(tanh(A_ij B_jk x_k + C_ij D_jk x_k))"),
    ]:
        value, _ = cost(ix.parse(program), arrays)
        work, alive = cost(product(program, "x"), arrays, vector)
        assert work < 5 * value  # a product of two matrices would be 25 times the value
        assert alive < n * n


def test_the_jacobian_is_never_there(cost):
    n = 2000
    arrays = {"A": random(n, 3), "x": random(n), "y": random(n)}
    text = "u_i = x_i (x_j y_j) + A_ik A_jk x_j"
    for product in (ix.jvp, ix.vjp):
        assert cost(product(text, "x"), arrays, arrays["y"])[1] < 20 * n


def chain(count):
    lines = ["z0_i = W_ij x_j"]
    lines += [f"z{k}_i = tanh(W_ij z{k - 1}_j) + x_i" for k in range(1, count)]
    return "; ".join([*lines, f"L = z{count - 1}_i z{count - 1}_i"])


@pytest.mark.parametrize(("product", "count", "most"), [("jvp", 200, 3), ("vjp", 1000, 4), ("hvp", 100, 12)])
def test_cost_of_many_statements(cost, product, count, most):
    arrays = {"W": random(8, 8), "x": random(8)}
    value, _ = cost(ix.parse(chain(count)), arrays)
    vector = 1.0 if product == "vjp" else arrays["x"]
    assert cost(getattr(ix, product)(chain(count), "x"), arrays, vector)[0] < most * value
