"""Arrays of JAX and PyTorch: taken, computed on in their precision, and given back as such."""

import numpy as np
import pytest
from oracles.numeric import assert_close

import indicial as ix

W = np.arange(12.0).reshape(3, 4)
X = np.linspace(-1, 1, 4)
TEXT = "z_i = tanh(W_ij x_j); L = z_i z_i"


def _jax():
    jax = pytest.importorskip("jax", reason="arrays of JAX")
    jax.config.update("jax_enable_x64", True)
    return jax.numpy.asarray, jax.Array


def _torch():
    torch = pytest.importorskip("torch", reason="arrays of PyTorch")
    return torch.from_numpy, torch.Tensor


each_library = pytest.mark.parametrize("library", [_jax, _torch], ids=["jax", "torch"])


def own(array, library):
    make, kind = library()
    return make(np.array(array)), kind


@each_library
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_results_are_of_the_callers_library(library, dtype):
    make, kind = library()
    arrays = {"W": make(W.astype(dtype)), "x": make(X.astype(dtype))}
    plain = {"W": W.astype(dtype), "x": X.astype(dtype)}
    value, gradients = ix.value_and_grad(TEXT, ("W", "x"))(arrays)
    found = [
        (value, ix.evaluate(TEXT, plain)),
        (gradients["W"], ix.grad(TEXT, "W")(plain)),
        (ix.derive(TEXT, "W x")(arrays), ix.derive(TEXT, "W x")(plain)),
        (ix.derive("f_i = W_ij x_j", "W")(arrays), ix.derive("f_i = W_ij x_j", "W")(plain)),
        (ix.jvp(TEXT, "x")(arrays, arrays["x"]), ix.jvp(TEXT, "x")(plain, plain["x"])),
        (ix.hvp(TEXT, "x")(arrays, arrays["x"]), ix.hvp(TEXT, "x")(plain, plain["x"])),
        (ix.evaluate("Y_ji = W_ij + 2", {"W": arrays["W"]}), plain["W"].T + 2),
    ]
    for got, want in found:
        assert isinstance(got, kind)
        assert np.asarray(got).dtype == dtype
        assert_close(np.asarray(got), want, 1e-6 if dtype == np.float32 else 1e-13)


@each_library
def test_numbers_and_lists_go_with_any(library):
    array, kind = own(X, library)
    for got in (
        ix.evaluate("y_i = a x_i", a=2, x=array),
        ix.evaluate("y_i = a x_i", a=np.float64(2), x=array),
        ix.evaluate("y_i = z_i x_i", z=[2.0] * 4, x=array),
    ):
        assert isinstance(got, kind)
        assert_close(np.asarray(got), 2 * X, 0)


@each_library
def test_integers_become_floats(library):
    array, kind = own(np.arange(4), library)
    got = ix.evaluate("y_i = x_i / 2", x=array)
    assert isinstance(got, kind)
    assert np.asarray(got).dtype == np.float64


@each_library
def test_nothing_is_copied_on_the_way_in(library, monkeypatch):
    from indicial.api import numbers

    array, _ = own(np.ones(1 << 16), library)
    seen = []
    original = numbers.common

    def watched(arrays, positions):
        converted, dtype = original(arrays, positions)
        seen.append(converted["x"])
        return converted, dtype

    monkeypatch.setattr(numbers, "common", watched)
    ix.evaluate("s = x_i x_i", x=array)
    assert np.shares_memory(seen[0], np.asarray(array))


def test_torch_takes_the_result_without_a_copy(monkeypatch):
    torch = pytest.importorskip("torch", reason="arrays of PyTorch")
    given = []
    take = torch.from_dlpack
    monkeypatch.setattr(torch, "from_dlpack", lambda array: given.append(array) or take(array))
    got = ix.evaluate("y_i = 2 x_i", x=torch.ones(5))
    assert got.data_ptr() == given[0].ctypes.data
    got[0] = 7  # its own


@each_library
def test_arrays_of_two_libraries_are_an_error(library):
    array, _ = own(X, library)
    with pytest.raises(ix.BackendError, match="'W' is an array of NumPy, but 'x' of"):
        ix.evaluate("f_i = W_ij x_j", W=W, x=array)


def test_jax_and_torch_together_are_an_error():
    (jax_array, _), (torch_array, _) = own(W, _jax), own(X, _torch)
    with pytest.raises(ix.BackendError, match="'W' is an array of JAX, but 'x' of PyTorch"):
        ix.evaluate("f_i = W_ij x_j", W=jax_array, x=torch_array)


def test_a_tensor_that_needs_a_gradient():
    torch = pytest.importorskip("torch", reason="arrays of PyTorch")
    with pytest.raises(ix.BackendError, match=r"requires grad(.|\n)*x\.detach"):
        ix.evaluate("s = x_i x_i", x=torch.ones(3, requires_grad=True))


def test_inside_jit():
    jax = pytest.importorskip("jax", reason="arrays of JAX")
    with pytest.raises(ix.BackendError, match="'x' is no array of numbers"):
        jax.jit(lambda x: ix.evaluate("s = x_i x_i", x=x))(X)


def test_jax_without_64_bits():
    jax = pytest.importorskip("jax", reason="arrays of JAX")
    jax.config.update("jax_enable_x64", False)
    try:
        got = ix.evaluate("y_i = x_i / 2", x=jax.numpy.arange(4))
        assert got.dtype == np.float32
        assert_close(np.asarray(got), np.arange(4) / 2, 0)
    finally:
        jax.config.update("jax_enable_x64", True)


@each_library
def test_structured_tensors_and_checks_take_them(library):
    matrix, vector = own(W, library)[0], own(X, library)[0]
    tensor = ix.derive("f_i = W_ij x_j", "W").structured(W=matrix, x=vector)
    assert_close(tensor, ix.derive("f_i = W_ij x_j", "W")(W=W, x=X), 0)
    assert ix.check(TEXT, "W", W=matrix, x=vector).passed
    assert_close(ix.objective(TEXT, "x", W=matrix).jac(X), ix.grad(TEXT, "x")(W=W, x=X), 1e-13)
