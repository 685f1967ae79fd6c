"""Values with their gradients: one call, one plan, one compiled function."""

import threading

import numpy as np
import pytest
from oracles.numeric import assert_close

import indicial as ix
from indicial.errors import BackendError, NotationError, ShapeError

LOSS = "h_i = tanh(W_ij x_j + b_i); L = (h_i - y_i)^2"
RANDOM = np.random.default_rng(4)
ARRAYS = {
    "W": RANDOM.normal(size=(3, 4)),
    "x": RANDOM.normal(size=4),
    "b": RANDOM.normal(size=3),
    "y": RANDOM.normal(size=3),
}
SHAPES = {name: array.shape for name, array in ARRAYS.items()}


def test_compiled_is_what_a_call_gives():
    both = ix.value_and_grad(LOSS, ("W", "b"))
    compiled = both.compile(SHAPES)
    for value, gradients in (both(ARRAYS), compiled(ARRAYS), compiled(**ARRAYS)):
        assert_close(value, ix.evaluate(LOSS, ARRAYS), 1e-12)
        assert list(gradients) == ["W", "b"]
        for name in gradients:
            assert_close(gradients[name], ix.grad(LOSS, name)(ARRAYS), 1e-12)


def test_one_variable_gives_an_array():
    value, gradient = ix.value_and_grad("L = x_i^2", "x").compile({"x": 3})(x=np.arange(3.0))
    assert float(value) == 5
    assert gradient.tolist() == [0, 2, 4]


def test_one_plan_shares_the_layer():
    both = ix.value_and_grad(LOSS, ("W", "b"))
    compiled = both.compile(SHAPES)
    assert compiled.plan.flops == both.plan(SHAPES).flops
    apart = ix.parse(LOSS).plan(SHAPES).flops + ix.derive(LOSS, wrt=("W", "b")).plan(SHAPES).flops
    assert compiled.plan.flops < apart
    assert compiled.source.count("tanh(") == 1


def test_into_memory_of_the_caller():
    compiled = ix.value_and_grad(LOSS, ("W", "b")).compile(SHAPES)
    out = np.empty(()), {"W": np.empty((3, 4)), "b": np.empty(3)}
    value, gradients = compiled(**ARRAYS, out=out)
    assert value is out[0]
    assert gradients["W"] is out[1]["W"]
    assert_close(out[1]["W"], ix.grad(LOSS, "W")(ARRAYS), 1e-12)
    with pytest.raises(BackendError, match="a value and its gradient"):
        compiled(**ARRAYS, out=np.empty(3))


def test_types_and_shapes_are_held_to():
    both = ix.value_and_grad(LOSS, "W")
    single = both.compile(SHAPES, dtype="float32")
    value, gradient = single({name: array.astype(np.float32) for name, array in ARRAYS.items()})
    assert gradient.dtype == value.dtype == np.float32
    with pytest.raises(ShapeError):
        both.compile(SHAPES)(**{**ARRAYS, "x": np.ones(5)})
    with pytest.raises(BackendError, match="'cupy'"):
        both.compile(SHAPES, backend="cupy")
    with pytest.raises(NotationError, match="scalar"):
        ix.value_and_grad("y_i = x_i", "x")


def test_threads_may_share_it():
    compiled = ix.value_and_grad(LOSS, "W").compile(SHAPES)
    found: list[bool] = []

    def work(seed):
        arrays = {name: array * seed for name, array in ARRAYS.items()}
        expected = ix.grad(LOSS, "W")(arrays)
        found.append(all(np.allclose(compiled(arrays)[1], expected) for _ in range(50)))

    threads = [threading.Thread(target=work, args=(seed,)) for seed in (1, 2, 3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 3


def test_it_says_what_it_is():
    both = ix.value_and_grad(LOSS, ("W", "b"))
    assert repr(both) == "<ValueAndGrad of L by W, b>"
    assert both.equation == ix.derive(LOSS, wrt=("W", "b")).equation


def test_gradients_and_jacobians_compile_too():
    compiled = ix.grad(LOSS, "b").compile(SHAPES)
    assert_close(compiled(ARRAYS), ix.grad(LOSS, "b")(ARRAYS), 1e-12)
    blocks = ix.hessian("L = x_i^2 y", ("x", "y")).compile({"x": 2, "y": ()})(x=np.ones(2), y=np.array(3.0))
    assert blocks["x"]["y"].tolist() == [2, 2]
