"""Compiled functions: the same numbers as the ordinary call, in memory that is used again but never taken."""

import threading

import numpy as np
import pytest

import indicial as ix

RNG = np.random.default_rng(5)
CASES = [
    ("f_i = W_ij x_j", "W", {"W": (3, 4), "x": (4,)}),
    ("C_il = A_ij X_jk B_kl", "X", {"A": (3, 4), "X": (4, 5), "B": (5, 6)}),
    ("L = logsumexp_i(A_ij x_j)", "x x", {"A": (6, 4), "x": (4,)}),
    ("L = (tanh(W_ij x_j + b_i) - y_i)^2", "W", {"W": (3, 4), "x": (4,), "b": (3,), "y": (3,)}),
    ("s = inv_ij(A_ij) b_i c_j", "A", {"A": (4, 4), "b": (4,), "c": (4,)}),
    ("y_ij = relu(x_i - z_j) [i < j]", "x", {"x": (5,), "z": (5,)}),
    ("y_bi = A_bij x_bj", "x", {"A": (3, 4, 5), "x": (3, 5)}),
    ("t = A_ii B_jj", "A", {"A": (4, 4), "B": (3, 3)}),
    ("y_ij = x_i^3 / x_j^3 + sigmoid(x_i)", "x", {"x": (4,)}),
    ("s = A_ij B_ji", None, {"A": (4, 5), "B": (5, 4)}),
    ("T_jlik = A_ijk B_kl", None, {"A": (2, 3, 4), "B": (4, 5)}),
    ("y_i = x_i (x_j x_j)", "x x", {"x": (4,)}),
]


def made(text, wrt):
    return ix.derive(text, wrt=wrt) if wrt else ix.parse(text)


def arrays_for(shapes, dtype=np.float64):
    return {name: RNG.uniform(0.5, 1.5, shape).astype(dtype) for name, shape in shapes.items()}


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.complex128])
@pytest.mark.parametrize(("text", "wrt", "shapes"), CASES)
def test_numbers_are_those_of_the_kernels(text, wrt, shapes, dtype):
    """The straight-line code against the plan run step by step, three times over."""
    if dtype == np.complex128 and ("relu" in text or "[" in text):
        pytest.skip("not for complex numbers")
    function = made(text, wrt)
    f = function.compile(shapes, dtype=dtype)
    for _ in range(3):
        arrays = arrays_for(shapes, dtype)
        (want,) = function._numbers.interpreted(arrays)
        got = f(**arrays)
        assert got.dtype == dtype
        assert got.shape == np.shape(want)
        np.testing.assert_allclose(got, want, rtol=1e-4 if dtype == np.float32 else 1e-11)


@pytest.mark.parametrize(("text", "wrt", "shapes"), CASES)
def test_operands_in_any_layout(text, wrt, shapes):
    function = made(text, wrt)
    f = function.compile(shapes)
    arrays = arrays_for(shapes)
    want = f(**arrays)
    wide = {name: np.repeat(a, 2, axis=-1)[..., ::2] for name, a in arrays.items()}
    turned = {name: np.array(a, order="F") for name, a in arrays.items()}
    np.testing.assert_allclose(f(**wide), want, rtol=1e-12)
    np.testing.assert_allclose(f(turned), want, rtol=1e-12)


@pytest.mark.parametrize(("text", "wrt", "shapes"), CASES)
def test_out_takes_the_result(text, wrt, shapes):
    f = made(text, wrt).compile(shapes)
    arrays = arrays_for(shapes)
    want = f(**arrays)
    for order in "CF":
        out = np.full(want.shape, np.nan, order=order)
        assert f(**arrays, out=out) is out
        np.testing.assert_array_equal(out, want)
        assert f(**arrays, out=out) is out
        np.testing.assert_array_equal(out, want)


def test_out_may_be_an_input():
    f = ix.parse("y_i = A_ij x_j").compile({"A": (3, 3), "x": (3,)})
    a, x = RNG.random((3, 3)), RNG.random(3)
    want = a @ x
    f(A=a, x=x, out=x)
    np.testing.assert_allclose(x, want)


def test_a_tensor_called_out():
    f = ix.parse("y_i = 2 out_i").compile({"out": (3,)})
    np.testing.assert_array_equal(f(out=np.ones(3)), [2, 2, 2])
    np.testing.assert_array_equal(f({"out": np.ones(3)}, out=np.zeros(3)), [2, 2, 2])


def test_a_kept_result_is_never_touched():
    """Also if only a view of a view is kept; and what the caller writes into a result does not stay."""
    n = 150
    f = ix.derive("f_i = W_ij x_j", "W").compile({"W": (n, n), "x": (n,)})
    first, second = RNG.random(n), RNG.random(n)
    w = np.zeros((n, n))
    kept = [f(W=w, x=first) for _ in range(5)]
    part = f(W=w, x=first)[3][3:4, :].T
    copies = [each.copy() for each in kept]
    for _ in range(10):
        result = f(W=w, x=second)
        result += 7.0
    for each, copy in zip(kept, copies, strict=True):
        np.testing.assert_array_equal(each, copy)
    np.testing.assert_array_equal(part[:, 0], first)
    np.testing.assert_array_equal(f(W=w, x=second), np.einsum("im,n->imn", np.eye(n), second))


def test_a_dropped_result_is_used_again():
    f = ix.parse("y_ij = x_i x_j").compile({"x": (400,)})
    x = RNG.random(400)
    places = {f(x=x).__array_interface__["data"][0] for _ in range(20)}
    assert len(places) == 1


def test_several_outputs_are_one_plan():
    ds = ix.derive("L = (tanh(W_ij x_j + b_i) - y_i)^2", ("W", "b"))
    shapes = {"W": (3, 4), "x": (4,), "b": (3,), "y": (3,)}
    f = ds.compile(shapes)
    arrays = arrays_for(shapes)
    got, want = f(**arrays), ds(**arrays)
    assert got.keys() == want.keys() == {"W", "b"}
    out = {"W": np.empty((3, 4)), "b": np.empty(3)}
    f(**arrays, out=out)
    for name in want:
        np.testing.assert_allclose(got[name], want[name])
        np.testing.assert_array_equal(out[name], got[name])
    assert len(f.plan.contractions) == 1


def test_threads_share_a_function():
    shapes = {"W": (40, 30), "x": (30,), "y": (40,)}
    f = ix.derive("L = (tanh(W_ij x_j) - y_i)^2", "W").compile(shapes)
    many = [arrays_for(shapes) for _ in range(8)]
    want = [f(**arrays) for arrays in many]
    wrong = []

    def work(k):
        for _ in range(200):
            if not np.array_equal(f(**many[k]), want[k]):
                wrong.append(k)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_the_plan_explains():
    f = ix.derive("C_il = A_ij B_jk D_kl", "A").compile({"A": (3, 4), "B": (4, 50), "D": (50, 2)})
    assert f.plan.flops == 2 * 4 * 50 * 2
    assert f.plan.peak_bytes >= 8 * 3 * 2 * 3 * 4
    assert len(f.plan.contractions) == 1
    assert "matmul" in str(f.plan)
    assert "FLOPs" in repr(f.plan)
    assert "dot(" in f.source


@pytest.mark.parametrize(
    ("shapes", "options", "error"),
    [
        ({"W": (3, 4)}, {}, ix.ShapeError),
        ({"W": (3, 4), "x": (5,)}, {}, ix.ShapeError),
        ({"W": (3, 4), "x": "ab"}, {}, ix.ShapeError),
        ({"W": (3, 4), "x": (-4,)}, {}, ix.ShapeError),
        ({"W": (3, 4), "x": (4,), "y": ()}, {}, ix.ShapeError),
        (7, {}, ix.ShapeError),
        ({"W": (3, 4), "x": (4,)}, {"backend": "abacus"}, ix.BackendError),
        ({"W": (3, 4), "x": (4,)}, {"dtype": "int32"}, ix.BackendError),
        ({"W": (3, 4), "x": (4,)}, {"dtype": "nothing"}, ix.BackendError),
    ],
)
def test_what_cannot_be_compiled(shapes, options, error):
    with pytest.raises(error):
        ix.derive("f_i = W_ij x_j", "W").compile(shapes, **options)


@pytest.mark.parametrize(
    ("arrays", "error"),
    [
        ({"x": np.ones(5)}, ix.ShapeError),
        ({"x": np.ones(4), "z": np.ones(4)}, ix.ShapeError),
        ({}, ix.ShapeError),
        ({"x": np.ones(4) * 1j}, ix.BackendError),
        ({"x": "abcd"}, ix.BackendError),
        ({"x": np.ones(4), "out": np.ones(3)}, ix.ShapeError),
        ({"x": np.ones(4), "out": [1.0]}, ix.BackendError),
        ({"x": np.ones(4), "out": np.ones((3, 3, 4), int)}, ix.BackendError),
    ],
)
def test_what_a_compiled_function_refuses(arrays, error):
    f = ix.derive("f_i = W_ij x_j", "W").compile({"W": (3, 4), "x": (4,)})
    with pytest.raises(error):
        f(**arrays)


@pytest.mark.parametrize("limit", [1000, "0.5 kB"])
def test_the_limit_of_memory(limit, monkeypatch):
    d = ix.derive("f_i = W_ij x_j", "W")
    arrays = {"W": np.ones((10, 10)), "x": np.ones(10)}
    with pytest.raises(ix.MemoryLimitError, match=r"7\.81 KiB"):
        d(**arrays, memory_limit=limit)
    with pytest.raises(ix.MemoryLimitError):
        d.compile({"W": (10, 10), "x": (10,)}, memory_limit=limit)
    assert d(**arrays, memory_limit="1 MiB").shape == (10, 10, 10)
    monkeypatch.setenv("INDICIAL_MEMORY_LIMIT", str(limit))
    with pytest.raises(ix.MemoryLimitError):
        d(**arrays)
    ix.set_memory_limit("1 MB")
    try:
        assert d(**arrays).shape == (10, 10, 10)
    finally:
        ix.set_memory_limit(None)
    with pytest.raises(ix.MemoryLimitError):
        d(**arrays)


@pytest.mark.parametrize("limit", [-1, "much", "4 XB", 2.5, True])
def test_what_is_no_amount_of_memory(limit):
    with pytest.raises(ix.NotationError, match="no amount of memory"):
        ix.set_memory_limit(limit)


@pytest.mark.parametrize("wrt", ["Q", "a"])
def test_a_number_is_added_at_positions(wrt):
    program = "L = a mean_n(Q[n, t[n]] - logsumexp_c(Q_nc))"
    arrays = {"Q": np.arange(6.0).reshape(3, 2), "t": np.array([0, 1, 0]), "a": 2.0}
    assert ix.check(program, wrt, arrays).passed
    f = ix.derive(program, wrt).compile({"Q": (3, 2), "t": (3,), "a": 2.0})
    np.testing.assert_allclose(f(arrays), ix.grad(program, wrt)(arrays))
    np.testing.assert_array_equal(
        ix.vjp("L = sum_n(0.5 Q[n, t[n]])", "Q")({"Q": arrays["Q"], "t": arrays["t"]}, 2.0),
        [[1, 0], [0, 1], [1, 0]],
    )


def test_names_are_looked_at_once():
    """Calls by other spellings and in other orders, with numbers, and with what does not fit."""
    f = ix.parse("y_i = mu x_i + lam").compile({"mu": (), "x": (3,), "lam": ()})
    x, want = np.arange(3.0), np.arange(3.0) * 2 + 1
    for _ in range(3):
        np.testing.assert_array_equal(f(x=x, mu=np.float64(2), lam=np.float64(1)), want)
        np.testing.assert_array_equal(f(lam=np.array(1.0), x=x, μ=np.array(2.0)), want)
        np.testing.assert_array_equal(f(x=[0, 1, 2], mu=2, lam=1), want)
        with pytest.raises(ix.ShapeError, match="has the shape"):
            f(x=np.ones(4), mu=np.float64(2), lam=np.float64(1))
        with pytest.raises(ix.ShapeError, match="given twice"):
            f(x=x, mu=np.float64(2), μ=np.float64(2), lam=np.float64(1))
        with pytest.raises(ix.ShapeError, match="missing"):
            f(x=x, mu=np.float64(2))
