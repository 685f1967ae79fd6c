"""Sums as products with ones, sums at repeated positions, and programs of single numbers."""

import numpy as np
import pytest

import indicial as ix
from indicial.backends.products import _ADDED, _ONE_THREAD

RNG = np.random.default_rng(29)
AXES = ["i", "j", "k", "ij", "jk", "ik", "ijk"]
SHAPES = [(3, 4, 5), (1, 7, 1), (40, 30, 20), (3, 2, _ADDED + 1), (_ONE_THREAD, 3, 2)]


@pytest.mark.parametrize("axes", AXES)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.complex128])
def test_sums_over_any_axes(axes, shape, dtype):
    kept = "".join(letter for letter in "ijk" if letter not in axes)
    x = RNG.standard_normal(shape).astype(dtype)
    f = ix.parse(f"y_{{{kept}}} = sum_{{{axes}}}(x_ijk)" if kept else f"y = sum_{{{axes}}}(x_ijk)")
    want = np.sum(x.astype(complex), axis=tuple("ijk".index(letter) for letter in axes))
    if dtype != np.complex128:
        want = want.real
    tolerance = 1e-3 if dtype == np.float32 else 1e-11
    turned = np.asfortranarray(x)
    for array in (x, turned, np.concatenate([x, x], axis=2)[:, :, : shape[2]]):
        got = f(x=array)
        assert got.dtype == dtype
        np.testing.assert_allclose(got, want, rtol=tolerance, atol=tolerance)


def test_what_is_not_finite_stays_where_it_is():
    x = np.ones((6, 5))
    x[1, 2], x[3, 4], x[5, 0] = np.inf, np.nan, -np.inf
    np.testing.assert_array_equal(ix.parse("y_i = sum_j(x_ij)")(x=x), x.sum(1))
    np.testing.assert_array_equal(ix.parse("y_j = sum_i(x_ij)")(x=x), x.sum(0))


def test_small_sums_are_products_with_ones():
    f = ix.parse("y_j = sum_i(x_ij)").compile({"x": (32, 16)})
    assert "dot(" in f.source
    assert "add_reduce" not in f.source


def test_long_sums_add_pairwise():
    f = ix.parse("y = sum_i(x_i)").compile({"x": (1_000_000,)})
    assert "add_reduce" in f.source
    x = RNG.random(1_000_000).astype(np.float32)
    assert abs(f(x=x.astype(float)) - np.sum(x, dtype=float)) < 1e-8


@pytest.mark.parametrize(
    ("count", "width", "extent"), [(16, 8, 50), (256, 32, 1000), (256, 32, 3), (3000, 40, 70)]
)
def test_rows_at_repeated_positions_are_added(count, width, extent):
    t = RNG.integers(0, extent, count)
    arrays = {"E": RNG.random((extent, width)), "t": t, "g": RNG.random((count, width))}
    got = ix.derive("L = sum_bd(E[t[b], d] g_bd)", wrt="E")(arrays)
    want = np.zeros((extent, width))
    np.add.at(want, t, arrays["g"])
    np.testing.assert_allclose(got, want, rtol=1e-13)


# --- single numbers ---------------------------------------------------------------------------------------


def test_what_is_read_once_is_written_into_its_reader():
    f = ix.parse("y = sin(x)^2 + a cos(x) / 2").compile({"x": (), "a": ()})
    assert len([line for line in f.source.splitlines() if " = " in line and "item" not in line]) <= 4
    assert f(x=np.float64(0.3), a=np.float64(2.0)) == pytest.approx(np.sin(0.3) ** 2 + np.cos(0.3), abs=1e-15)


def test_long_expressions_are_cut():
    """Python's parser takes about a hundred nested brackets."""
    text = "y = " + "sin(" * 300 + "x" + ")" * 300
    want = 0.5
    for _ in range(300):
        want = np.sin(want)
    assert ix.parse(text)(x=np.float64(0.5)) == pytest.approx(want, rel=1e-12)


def test_where_python_raises_numpy_answers():
    f = ix.parse("y = 1 / (x - x) + exp(x)").compile({"x": ()})
    assert f(x=np.float64(1000.0)) == np.inf
