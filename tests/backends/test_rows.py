"""Rows added at positions that an array says, whatever their number and width; and entries that are none."""

import numpy as np
import pytest

import indicial as ix

SIZES = [(5, 3, 1), (5, 40, 1), (7, 9, 4), (30, 100, 5), (300, 40, 9), (2000, 700, 100), (60, 700, 100)]


def case(rows, count, width, dtype):
    generator = np.random.default_rng(0)
    arrays = {
        "E": generator.standard_normal((rows, width)),
        "t": generator.integers(0, rows, count),
        "W": generator.standard_normal((width, 2)),
    }
    return {name: array.astype(dtype) for name, array in arrays.items()}


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(("rows", "count", "width"), SIZES)
def test_gradient_of_chosen_rows(rows, count, width, dtype):
    arrays = case(rows, count, width, dtype)
    d = ix.derive("L = (E[t[b], d] W_do)^2", "E")
    f = d.compile({name: array.shape for name, array in arrays.items()}, dtype=dtype)
    table, weights, at = arrays["E"].astype(float), arrays["W"].astype(float), arrays["t"].astype(int)
    want = np.zeros((rows, width))
    np.add.at(want, at, 2 * (table[at] @ weights @ weights.T))
    for got in (f(**arrays), f(**arrays), d(**arrays), d(**arrays)):
        assert got.dtype == dtype
        np.testing.assert_allclose(got, want, rtol=0, atol=(1e-4 if dtype == np.float32 else 1e-11) * width)


@pytest.mark.parametrize("count", [3, 100])
def test_positions_of_two_axes(count):
    generator = np.random.default_rng(1)
    arrays = {
        "E": generator.random((6, 2)),
        "t": np.asfortranarray(generator.integers(0, 6, (count, 4)) * 1.0),
    }
    f = ix.derive("L = E[t_bc, d]^3", "E").compile({"E": (6, 2), "t": (count, 4)})
    at = arrays["t"].astype(int)
    want = np.zeros((6, 2))
    np.add.at(want, at, 3 * arrays["E"][at] ** 2)
    for _ in range(2):
        np.testing.assert_allclose(f(**arrays), want, rtol=1e-12)


@pytest.mark.parametrize("count", [4, 200])
@pytest.mark.parametrize("bad", [-1.0, 9.0, 0.5, np.nan, np.inf, -np.inf])
def test_entries_that_are_no_positions_are_named_in_every_call(count, bad):
    arrays = case(9, count, 3, np.float64)
    d = ix.derive("L = (E[t[b], d] W_do)^2", "E")
    f = d.compile({name: array.shape for name, array in arrays.items()})
    wrong = {**arrays, "t": np.where(np.arange(count) == 1, bad, arrays["t"])}
    for function in (f, d, f, d):
        function(**arrays)
        with pytest.raises(ix.ShapeError, match=r"t\[1\] is .* which as a subscript"):
            function(**wrong)


def test_reading_where_nothing_is_called_by_a_number():
    """Of [i == t_b] x_i the equation is solved, and where t_b is on no axis the term is 0."""
    p = ix.parse("y_b = sum_i([i == t_b] x_i)")
    d = ix.derive(p, "x")
    x = np.array([5.0, 6.0, 7.0])
    for t in (np.array([2.0, 0.0, 2.0]), np.array([2.0, -1.0, 2.0]), np.array([0.5, 1.0, 3.0])):
        want = (np.arange(3) == t[:, None]).astype(float)
        for _ in range(2):
            np.testing.assert_array_equal(p(x=x, t=t), want @ x)
            np.testing.assert_array_equal(d(x=x, t=t), want)
