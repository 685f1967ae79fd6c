"""Long convolutions as products of matrices give what correlations give."""

import numpy as np
import pytest

import indicial as ix

RNG = np.random.default_rng(29)
SIGNAL = "L = (K_k x[i+k] - z_i)^2"
CASES = [
    ("y_i = K_k x[i+k]", None, {"K": (16,), "x": (1999 + 16,)}),
    ("y_i = K_k x[i+k]", None, {"K": (16,), "x": (2000 + 15,)}),  # whole blocks
    ("y_i = K_k x[i+k]", None, {"K": (12,), "x": (1511,)}),
    ("y_i = K_k x[i+k]", None, {"K": (130,), "x": (3000,)}),
    ("index i: 0..2999; index k: 0..15; y_i = K_k x[i-k+15]", None, {"K": (16,), "x": (3015,)}),
    ("y_i = K_k x[i+k]", "x", {"K": (16,), "x": (300,)}),
    (SIGNAL, ("K", "x"), {"K": (16,), "x": (2000,), "z": (1985,)}),
    (SIGNAL, ("K", "x"), {"K": (50,), "x": (5050,), "z": (5001,)}),
    (SIGNAL, ("K", "x"), {"K": (64,), "x": (6000,), "z": (5937,)}),
    ("L = K_k x[i+k] g_i", "K", {"K": (64,), "x": (5063,), "g": (5000,)}),
    ("index i: 0..4999; index k: 0..63; y_k = g_i x[k-i+4999]", None, {"x": (5063,), "g": (5000,)}),
]  # fmt: skip


def assert_same(text, wrt, arrays, dtype, tolerance):
    function = ix.derive(text, wrt=wrt) if wrt else ix.parse(text)
    f = function.compile({name: array.shape for name, array in arrays.items()}, dtype=dtype)
    want = function._numbers.interpreted(arrays)
    for _ in range(2):
        got = f(arrays)
        for one, other in zip(list(got.values()) if isinstance(got, dict) else [got], want, strict=True):
            assert one.dtype == dtype
            scale = np.max(np.abs(other), where=np.isfinite(other), initial=1)
            np.testing.assert_allclose(one, other, rtol=0, atol=tolerance * scale)
    return f


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-12), (np.float32, 1e-4)])
@pytest.mark.parametrize(("text", "wrt", "shapes"), CASES)
def test_products_give_the_numbers_of_correlations(text, wrt, shapes, dtype, tolerance):
    arrays = {name: RNG.standard_normal(shape).astype(dtype) for name, shape in shapes.items()}
    assert_same(text, wrt, arrays, dtype, tolerance)


def test_long_ones_are_products_and_short_ones_are_not():
    long, short = {"K": (16,), "x": (5000,)}, {"K": (5,), "x": (5000,)}
    assert "matmul" in ix.parse("y_i = K_k x[i+k]").compile(long).source
    assert "matmul" not in ix.parse("y_i = K_k x[i+k]").compile(short).source


@pytest.mark.parametrize("wrong", [np.inf, -np.inf, np.nan])
def test_what_is_not_finite_stays_where_it_is(wrong):
    arrays = {"K": RNG.standard_normal(16), "x": RNG.standard_normal(3000)}
    arrays["x"][1234] = wrong
    f = assert_same("y_i = K_k x[i+k]", None, arrays, np.float64, 1e-12)
    assert np.flatnonzero(~np.isfinite(f(arrays))).tolist() == list(range(1219, 1235))
    arrays["x"][1234] = 1.0  # nothing is left of it in memory that is used again
    assert_same("y_i = K_k x[i+k]", None, arrays, np.float64, 1e-12)
    assert np.isfinite(f(arrays)).all()


def test_an_input_need_not_be_contiguous_and_is_not_written():
    x, kernel = RNG.standard_normal(6000)[::2], RNG.standard_normal(16)
    before = x.copy()
    f = ix.parse("y_i = K_k x[i+k]").compile({"K": (16,), "x": (3000,)})
    np.testing.assert_allclose(f(K=kernel, x=x), np.correlate(x, kernel, "valid"), rtol=0, atol=1e-12)
    np.testing.assert_array_equal(x, before)
    out = np.empty(2985)
    assert f(K=kernel, x=x, out=out) is out
    np.testing.assert_allclose(out, np.correlate(x, kernel, "valid"), rtol=0, atol=1e-12)
