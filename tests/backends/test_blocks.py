"""Regions run block by block give what the kernels give step by step, whatever the rows leave over."""

import numpy as np
import pytest

import indicial as ix
from indicial.backends import blocks
from indicial.backends.executable import Executable
from indicial.planning.blocking import regions, rows_behind
from indicial.planning.steps import Builder

RNG = np.random.default_rng(3)
CHAIN = {"a": (70_003,), "x": (70_003,)}
CASES = [
    ("t_i = tanh(a_i x_i + 1); L = sum_i(t_i exp(-x_i^2) + t_i^2)", "x", CHAIN, 1),
    ("t_i = tanh(a_i x_i + 1); L = sum_i(t_i exp(-x_i^2) + t_i^2)", None, CHAIN, 1),
    (
        "m_n = mean_d(x_nd); v_n = mean_d((x_nd - m_n)^2); L = sum_nd(g_nd (x_nd - m_n) (v_n + 1)^(-1/2))",
        "x", {"x": (1025, 96), "g": (1025, 96)}, 1,
    ),
    ("L = sum_n(logsumexp_k(w_k - sum_d((x_nd - c_kd)^2)/2))", "c",
     {"x": (2001, 5), "c": (9, 5), "w": (9,)}, 1),
    ("p_nk = softmax_k(s_nk + b_k)", None, {"s": (3001, 40), "b": (40,)}, 1),
    ("y_ni = max(0, x_ni - 1) [x_ni > 1] / (1 + x_ni^2)", None, {"x": (3001, 40)}, 1),
    ("y_in = exp(x_ni) (x_ni + 1)^3 z_n", None, {"x": (3001, 40), "z": (3001,)}, 1),
    ("y = sum_i(exp(x_i) (x_i + 1)^3 z)", None, {"x": (200_001,), "z": ()}, 1),
    ("y_ij = exp(x_i - z_j)^2 / (1 + x_i^2 z_j^2)", None, {"x": (301,), "z": (303,)}, 1),
]  # fmt: skip


@pytest.mark.parametrize("parts", [1, 3])
@pytest.mark.parametrize(("text", "wrt", "shapes", "count"), CASES)
def test_blocks_give_the_numbers_of_the_kernels(text, wrt, shapes, count, parts, monkeypatch):
    monkeypatch.setattr(blocks, "threads", lambda: parts)
    monkeypatch.setattr(blocks, "_PARALLEL", 0)
    made = ix.derive(text, wrt=wrt) if wrt else ix.parse(text)
    arrays = {name: RNG.uniform(0.5, 1.5, shape) for name, shape in shapes.items()}
    f = made.compile(shapes)
    (want,) = made._numbers.interpreted(arrays)
    assert len(regions(f.plan.plan)) >= count
    assert "blocks" in f.source
    for _ in range(2):
        np.testing.assert_allclose(f(**arrays), want, rtol=1e-11, atol=1e-12 * np.max(np.abs(want)))
    turned = {name: np.array(a, order="F") for name, a in arrays.items()}
    np.testing.assert_allclose(f(turned), want, rtol=1e-11, atol=1e-12 * np.max(np.abs(want)))
    out = np.empty(np.shape(want))
    f(**arrays, out=out)
    np.testing.assert_allclose(out, want, rtol=1e-11, atol=1e-12 * np.max(np.abs(want)))


def test_temporaries_stay_small():
    """A chain over a million entries takes the memory of its result and of a few blocks."""
    text = "t_i = tanh(a_i x_i + 1); y_i = t_i exp(-x_i^2) + t_i^2"
    f = ix.parse(text).compile({"a": (1_000_000,), "x": (1_000_000,)})
    assert f.plan.peak_bytes < 10e6


def test_what_is_small_is_not_blocked():
    f = ix.parse("y_i = tanh(x_i)^2 + x_i").compile({"x": (1000,)})
    assert "blocks" not in f.source


def test_an_error_in_a_block_is_raised():
    text = "y_n = sum_k(digamma(x_nk) + x_nk^2 + exp(x_nk))"
    made = ix.parse(text)
    with pytest.raises(ix.BackendError):
        made(x=np.ones((3000, 40), np.longdouble))


@pytest.mark.parametrize(("setting", "want"), [("1", 1), ("1,2", 1), ("", None), ("many", None)])
def test_the_users_setting_of_threads(setting, want, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", setting)
    found = blocks.threads()
    assert found == want if want is not None else 1 <= found <= 4


SHORT = [
    ("L = sum_n(logsumexp_k(w_k - sum_d((x_nd - c_kd)^2)/2))", "c",
     {"x": (2001, 5), "c": (9, 5), "w": (9,)}),
    ("p_nk = softmax_k(s_nk + b_k)", None, {"s": (7001, 6), "b": (6,)}),
    ("y_nk = exp(s_nk) / sum_l(s_nl^2 + b_l)", None, {"s": (7001, 6), "b": (6,)}),
    ("y_n = sum_d(x_nd z_nd) / (1 + sum_d(x_nd^2))", "x", {"x": (3001, 5), "z": (3001, 5)}),
    ("d_nk = sqrt(sum_d((x_nd - c_kd)^2))", None, {"x": (3001, 3), "c": (7, 3)}),
    ("J_p = det_ij(F_pij); L = sum_p(log(J_p)^2 + sum_ij(F_pij^2))", "F", {"F": (3001, 3, 3)}),
    ("v_pij = inv_ij(A_pij) c_p + A_pij", None, {"A": (9001, 2, 2), "c": (9001,)}),
]  # fmt: skip


def matrices(shape):
    return np.eye(shape[-1]) + 0.2 * RNG.random(shape)


@pytest.mark.parametrize(("text", "wrt", "shapes"), SHORT)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_short_axes_stand_before_the_rows(text, wrt, shapes, dtype):
    made = ix.derive(text, wrt=wrt) if wrt else ix.parse(text)
    arrays = {
        name: (matrices(shape) if name in ("F", "A") else RNG.uniform(0.5, 1.5, shape)).astype(dtype)
        for name, shape in shapes.items()
    }
    f = made.compile(shapes, dtype=dtype)
    (region, *_) = regions(f.plan.plan)
    assert rows_behind(f.plan.plan, region)
    (want,) = made._numbers.interpreted(arrays)
    tolerance = 1e-10 if dtype == np.float64 else 2e-4
    got = f(**arrays)
    assert got.dtype == dtype
    np.testing.assert_allclose(got, want, rtol=tolerance, atol=tolerance * np.max(np.abs(want)))
    out = np.empty(np.shape(want), dtype)
    assert f(**arrays, out=out) is out
    np.testing.assert_array_equal(out, got)


def test_long_axes_stay_behind_the_rows():
    f = ix.parse("p_nk = softmax_k(s_nk + b_k)").compile({"s": (500, 700), "b": (700,)})
    (region,) = regions(f.plan.plan)
    assert not rows_behind(f.plan.plan, region)


def test_sums_over_inputs_run_in_blocks():
    """A mean and what is done with it read their rows once."""
    text = "m_n = mean_d(x_nd); y_nd = (x_nd - m_n)^2 / (1 + x_nd^2)"
    f = ix.parse(text).compile({"x": (1025, 96)})
    (region,) = regions(f.plan.plan)
    assert "sum" in [f.plan.plan.steps[number].operation for number in region.rows]


def test_an_error_names_the_matrix_and_not_its_place_in_a_block():
    made = ix.parse("v_pij = inv_ij(A_pij) c_p + A_pij + 1")
    arrays = {"A": matrices((90001, 3, 3)), "c": RNG.random(90001)}
    f = made.compile({name: array.shape for name, array in arrays.items()})
    assert "blocks" in f.source
    f(**arrays)
    arrays["A"][80_000] = 1
    with pytest.raises(ix.ShapeError, match=r"matrix A at \[80000\]"):
        f(**arrays)


def test_steps_that_run_before_a_region_overwrite_nothing_that_it_reads():
    builder, shape = Builder(), (70_001, 3)
    c, x = builder.emit("input", (), "c", (3,)), builder.emit("input", (), "x", shape)
    a = builder.emit("call", (c,), "exp", (3,))
    row = builder.emit("expand", (a,), (False, True), (1, 3))
    product = builder.emit("multiply", (x, row), (), shape)
    b = builder.emit("call", (a,), "tanh", (3,))  # the last to read a, and run before the region
    sine = builder.emit("call", (product,), "sin", shape)
    row = builder.emit("expand", (b,), (False, True), (1, 3))
    found = builder.emit("add", (builder.emit("power", (sine,), 2.0, shape), row), (), shape)
    plan = builder.finish([builder.emit("output", (found,), ("owned", (0, 1), 0), shape)])
    arrays = {"c": RNG.random(3), "x": RNG.random(shape)}
    run = Executable(plan, np.dtype(float))
    assert "blocks" in run.source
    want = np.sin(arrays["x"] * np.exp(arrays["c"])) ** 2 + np.tanh(np.exp(arrays["c"]))
    np.testing.assert_allclose(run([arrays[name] for name in plan.inputs])[0], want, rtol=1e-13)
