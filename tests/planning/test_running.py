"""Sums over triangles of brackets are running sums where axes are long."""

import operator

import numpy as np
import pytest

import indicial as ix

_R = np.random.default_rng(7)
N = 150
RELATIONS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}

# a program, a variable, the shapes of its arrays; and how to compute what is derived with a dense mask
CASES = [
    ("y_i = cumsum_i(x_i); L = y_i y_i", "x", {"x": (N,)}),
    ("L = sum_m((sum_i([i < m] x_i))^2)", "x", {"x": (N,)}),
    ("L = sum_m((sum_i([m < i] x_i))^2)", "x", {"x": (N,)}),
    ("L = sum_m((sum_i([m <= i] x_i))^3)", "x", {"x": (N,)}),
    ("L = sum_mi([m + 2 < i] g_m x_i)", "g", {"x": (N,), "g": (N,)}),
    ("L = sum_mi([m < i + 2] g_m x_i)", "x", {"x": (N,), "g": (N,)}),
    ("L = sum_mi([m < i + 2] g_m x_i)", "g", {"x": (N,), "g": (N + 20,)}),
    ("L = sum_mi([m <= i] g_m x_i)", "x", {"x": (N + 9,), "g": (N,)}),
    ("L = sum_mi([m <= i] g_m x_i)", "g", {"x": (N + 9,), "g": (N,)}),
    ("y_bi = cumsum_i(x_bi a_b); L = y_bi y_bi a_b", "x", {"x": (3, N), "a": (3,)}),
    ("y_bid = cumsum_i(x_bid); L = y_bid^2", "x", {"x": (2, N, 3)}),
    ("L = sum_mk((sum_i([i <= m] x_ik B_ik))^2 x_mk)", "B", {"x": (N, 3), "B": (N, 3)}),
    ("L = sum_ml((sum_i([i <= m] x_ik B_kl))^2 x_ml)", "x", {"x": (N, 3), "B": (3, 3)}),
]


def _arrays(shapes):
    return {name: _R.standard_normal(shape) for name, shape in shapes.items()}


@pytest.mark.parametrize(("text", "wrt", "shapes"), CASES)
def test_a_triangle_is_added_up_along_the_axis(text, wrt, shapes):
    program, derivative = ix.parse(text), ix.derive(text, wrt)
    arrays = _arrays(shapes)
    plan = str(derivative.compile(shapes).plan)
    assert "cumsum" in plan
    assert not any(f"{n}×{m}" in plan for n in (N, N + 9, N + 20) for m in (N, N + 9, N + 20)), plan
    direction = _R.standard_normal(shapes[wrt])
    got = np.sum(derivative(**arrays) * direction)
    step = 1e-5
    ends = [program(**{**arrays, wrt: arrays[wrt] + sign * step * direction}) for sign in (1, -1)]
    np.testing.assert_allclose(got, (ends[0] - ends[1]) / (2 * step), rtol=2e-6, atol=1e-4)


@pytest.mark.parametrize("relation", list(RELATIONS))
@pytest.mark.parametrize("shift", ["", " + 1", " - 1", " + 3"])
def test_each_bracket_gives_what_its_mask_gives(relation, shift):
    apart = np.arange(N) - np.arange(N)[:, None] - int((shift or "0").replace(" ", ""))
    mask = RELATIONS[relation](apart, 0)
    x = _R.standard_normal(N)
    function = ix.parse(f"index m: dim(x, 0); y_m = sum_i([i {relation} m{shift}] x_i)")
    assert "cumsum" in str(function.compile({"x": (N,)}).plan)
    np.testing.assert_allclose(function(x=x), mask @ x, rtol=1e-12, atol=1e-12)


def test_what_a_bracket_hides_may_be_infinite():
    """The sum up to m knows nothing of what is not finite behind m."""
    x = np.ones(N)
    x[100] = np.inf
    up = ix.parse("index m: dim(x, 0); y_m = sum_i([i <= m] x_i)")(x=x)
    down = ix.parse("index m: dim(x, 0); y_m = sum_i([i >= m] x_i)")(x=x)
    np.testing.assert_allclose(up[:100], np.arange(1.0, 101))
    np.testing.assert_allclose(down[101:], np.arange(N - 101.0, 0, -1))
    assert np.isposinf(up[100:]).all()
    assert np.isposinf(down[:101]).all()


def test_short_axes_keep_their_masks():
    plan = str(ix.derive(CASES[1][0], "x").compile({"x": (10,)}).plan)
    assert "cumsum" not in plan
    assert "compare" in plan


def test_brackets_in_what_is_summed_stay():
    text = "index m: dim(x, 0); y_m = sum_i([i <= m] [i != 3] x_i)"
    x = _R.standard_normal(N)
    np.testing.assert_allclose(ix.parse(text)(x=x), np.cumsum(np.where(np.arange(N) == 3, 0, x)))


def test_a_long_gradient_takes_no_mask():
    derivative = ix.derive("y_i = cumsum_i(x_i); L = y_i y_i", "x")
    x = _R.standard_normal(20000)
    expected = 2 * np.cumsum(np.cumsum(x)[::-1])[::-1]
    np.testing.assert_allclose(derivative(x=x), expected, rtol=1e-9, atol=1e-9)
