"""At the edges: no extent, too much of it, too many axes, numbers no machine word holds."""

import numpy as np
import pytest

import indicial as ix


def of_rank(rank, name):
    return f"{name}[{', '.join(f'i{k}' for k in range(rank))}]"


@pytest.mark.parametrize(
    ("text", "wrt"),
    [(f"y = {of_rank(33, 'a')}^2", "a a"), (f"{of_rank(33, 'y')} = {of_rank(33, 'a')}", "a")],
)
def test_more_axes_than_an_array_can_have(text, wrt):
    with pytest.raises(ix.ShapeError, match="66 axes"):
        ix.derive(text, wrt)(a=np.ones((1,) * 33))


def test_as_many_axes_as_an_array_can_have():
    derived = ix.derive(f"{of_rank(32, 'y')} = {of_rank(32, 'a')}", "a")
    assert derived(a=np.ones((1,) * 32)).shape == (1,) * 64


def test_an_index_of_no_extent():
    nothing = np.ones(0)
    assert ix.evaluate("index i: 0; y_i = x_i", x=nothing).shape == (0,)
    assert ix.evaluate("index i: 0; y = ones_i ones_i") == 0
    assert ix.evaluate("index i: 0; y = prod_i(x_i)", x=nothing) == 1
    assert ix.grad("index i: 0; y = x_i^2", "x")(x=nothing).shape == (0,)
    assert ix.hessian("index i: 0; y = x_i^2", "x")(x=nothing).shape == (0, 0)
    with pytest.raises(ix.ShapeError, match="extent 0"):
        ix.evaluate("index i: 0; y_i = x_i", x=np.ones(1))


@pytest.mark.parametrize("text", ["index j: 1e30; y_j = ones_j", "index j: 1e30; y_j = s ones_j"])
def test_an_extent_beyond_all_memory(text):
    with pytest.raises(ix.MemoryLimitError, match="larger than a machine can address"):
        ix.evaluate(text, {"s": 2.0} if "s ones" in text else {})


def test_a_result_beyond_the_memory_of_this_machine():
    with pytest.raises(ix.MemoryLimitError, match="more than the limit"):
        ix.jacobian("index i: 10000000; y_i = x_i^2", "x")(x=np.broadcast_to(1.0, 10_000_000))


def test_whole_numbers_of_any_size():
    assert ix.evaluate("f = 2 x", x=10**30) == 2e30
    assert np.array_equal(ix.evaluate("f_i = 2 x_i", x=[10**30, 1]), [2e30, 2.0])


@pytest.mark.parametrize("x", [10**400, [1, -(10**400)]])
def test_whole_numbers_that_no_float_holds(x):
    with pytest.raises(ix.BackendError, match="'x'"):
        ix.evaluate("f = 2 x" if isinstance(x, int) else "f_i = 2 x_i", x=x)


@pytest.mark.parametrize(
    ("text", "dtype"),
    [("y_i = gelu(x_i)", np.longdouble), ("y_i = lgamma(x_i)", complex), ("y_i = atan2(x_i, x_i)", complex)],
)
def test_functions_that_are_not_there_for_a_dtype(text, dtype):
    if np.dtype(dtype) == np.float64:
        pytest.skip("long double is double on this machine")
    with pytest.raises(ix.BackendError, match="is not there for numbers of the kind"):
        ix.evaluate(text, x=np.array([1.0, 2.0], dtype))
