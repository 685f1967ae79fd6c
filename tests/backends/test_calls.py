"""Calls like an earlier one, which take the way that was made ready for them, and calls unlike it."""

import threading

import numpy as np
import pytest

import indicial as ix

RNG = np.random.default_rng(3)
TEXT = "z_i = W_ij x_j; L = sum_i(softplus(-z_i)) + c z_i z_i"


def arrays(n=4, m=3, dtype=np.float64):
    return {
        "W": RNG.standard_normal((n, m)).astype(dtype),
        "x": RNG.standard_normal(m).astype(dtype),
        "c": np.asarray(0.5, dtype),
    }


def wanted(**given):
    x, z = given["x"], given["W"] @ given["x"]
    return np.outer(-1 / (1 + np.exp(z)) + 2 * given["c"] * z, x)


def test_every_call_gives_its_own_numbers_in_any_order_of_names():
    d = ix.derive(TEXT, "W")
    f = d.compile({"W": (4, 3), "x": (3,), "c": ()})
    for k in range(6):
        given = arrays()
        if k % 2:
            given = dict(reversed(given.items()))
        for got in (f(**given), d(**given), d(given), f(given)):
            np.testing.assert_allclose(got, wanted(**given), rtol=1e-12)


def test_numbers_stand_for_arrays_without_axes_of_any_kind():
    d = ix.derive(TEXT, "W")
    f = d.compile({"W": (4, 3), "x": (3,), "c": ()})
    given = arrays()
    want = wanted(**given)
    for _ in range(2):
        for c in (0.5, np.float64(0.5), np.asarray(0.5), np.float32(0.5)):
            for function in (f, d):
                np.testing.assert_allclose(function(**{**given, "c": c}), want, rtol=1e-12)


def test_other_shapes_dtypes_and_layouts_are_seen_behind_a_call_that_was_plain():
    d = ix.derive(TEXT, "W")
    f = d.compile({"W": (4, 3), "x": (3,), "c": ()})
    f(**arrays()), d(**arrays())
    f(**arrays()), d(**arrays())
    wide = arrays(5, 7)
    np.testing.assert_allclose(d(**wide), wanted(**wide), rtol=1e-12)
    with pytest.raises(ix.ShapeError, match="compiled for"):
        f(**wide)
    single = arrays(dtype=np.float32)
    assert d(**single).dtype == np.float32
    assert f(**single).dtype == np.float64
    turned = arrays()
    turned["W"] = np.asfortranarray(turned["W"])
    np.testing.assert_allclose(f(**turned), wanted(**turned), rtol=1e-12)
    with pytest.raises(ix.ShapeError, match="missing"):
        f(W=turned["W"], x=turned["x"])
    with pytest.raises(ix.ShapeError, match="no tensor 'y'"):
        f(**turned, y=1.0)


def test_many_shapes_in_turn():
    d = ix.derive(TEXT, "W")
    for _ in range(2):
        for n in range(1, 80):
            given = arrays(n, 2)
            np.testing.assert_allclose(d(**given), wanted(**given), rtol=1e-12)


def test_what_is_declared_is_checked_in_every_call():
    d = ix.derive("tensor A_ij: symmetric; q = x_i A_ij x_j", "x")
    f = d.compile({"A": (2, 2), "x": (2,)})
    even, odd = np.array([[1.0, 2.0], [2.0, 3.0]]), np.array([[1.0, 2.0], [0.0, 3.0]])
    x = np.array([1.0, 2.0])
    for function in (f, d, f, d):
        np.testing.assert_allclose(function(A=even, x=x), 2 * even @ x)
        with pytest.raises(ix.ShapeError, match="declared symmetric"):
            function(A=odd, x=x)


def test_mappings_and_pairs_keep_their_form():
    given = arrays()
    f = ix.derive(TEXT, ("W", "x")).compile({"W": (4, 3), "x": (3,), "c": ()})
    g = ix.value_and_grad(TEXT, ("x", "W")).compile({"W": (4, 3), "x": (3,), "c": ()})
    for _ in range(3):
        found = f(**given)
        assert list(found) == ["W", "x"]
        value, gradients = g(**given)
        assert isinstance(value, float)
        assert list(gradients) == ["x", "W"]
        np.testing.assert_array_equal(gradients["W"], found["W"])


def test_structured_results_are_the_callers_own():
    d = ix.derive("f_i = W_ij x_j", "W")
    first, second = RNG.random(3), RNG.random(3)
    weights = RNG.random((4, 3))
    d.structured(W=weights, x=first)
    one, other = d.structured(W=weights, x=first), d.structured(W=weights, x=second)
    np.testing.assert_array_equal(one.terms[0].core, first)
    np.testing.assert_array_equal(other.todense(), np.einsum("im,n->imn", np.eye(4), second))
    assert str(one) == str(other)
    assert (one.indices, one.rank) == (("i", "m", "n"), 1)
    scalar = ix.derive("y_i = a x_i", "x")
    for a in (2.0, 3.0, 4.0):
        np.testing.assert_array_equal(scalar.structured(a=a, x=first).todense(), a * np.eye(3))


def test_products_by_mapping_and_in_turn():
    product = ix.hvp("L = sum_i(log(1 + exp(x_i a)))", "x")
    for _ in range(4):
        x, v = RNG.standard_normal(3), RNG.standard_normal(3)
        p = 1 / (1 + np.exp(-x * 2.0))
        got = product({"x": x, "a": 2.0}, v)
        np.testing.assert_allclose(got, 4 * p * (1 - p) * v, rtol=1e-12)
    with pytest.raises(ix.ShapeError):
        product({"x": x, "a": 2.0}, np.ones(4))


def test_threads_do_not_share_a_frame():
    f = ix.derive(TEXT, "W").compile({"W": (4, 3), "x": (3,), "c": ()})
    wrong = []

    def work(seed):
        generator = np.random.default_rng(seed)
        for _ in range(200):
            given = {"W": generator.random((4, 3)), "x": generator.random(3), "c": np.asarray(0.5)}
            if not np.allclose(f(**given), wanted(**given)):
                wrong.append(seed)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(3, 4, 2), (30, 2, 5), (2, 3, 40), (1, 2, 1)])
def test_sums_between_other_axes_in_any_order_of_memory(shape, dtype):
    n, d, k = shape
    x, c = RNG.standard_normal((n, d)).astype(dtype), RNG.standard_normal((k, d)).astype(dtype)
    f = ix.parse("s_nk = sum_d(exp(-(x_nd - c_kd)^2)); t_n = logsumexp_k(s_nk); y_kn = s_nk + t_n").compile(
        {"x": x.shape, "c": c.shape}, dtype=dtype
    )
    s = np.exp(-((x[:, None] - c[None]) ** 2)).sum(-1)
    want = (s + np.log(np.exp(s).sum(1))[:, None]).T
    got = f(x=x, c=c)
    assert got.dtype == dtype
    np.testing.assert_allclose(got, want, rtol=1e-5 if dtype == np.float32 else 1e-12)


@pytest.mark.parametrize("shape", [(50, 3, 2), (7, 2, 4), (2, 3, 9), (1, 1, 1)])
def test_products_of_what_lies_in_another_order(shape):
    n, i, k = shape
    x, y, v = RNG.standard_normal((n, i)), RNG.standard_normal((n, k)), RNG.standard_normal(n)
    f = ix.parse("H_ijk = x_ni v_n x_nj y_nk; G_ijk = H_ijk + exp(x_ni) x_nj tanh(y_nk)", outputs=("H", "G"))
    got = f.compile({"x": x.shape, "y": y.shape, "v": v.shape})(x=x, y=y, v=v)
    want = np.einsum("ni,n,nj,nk->ijk", x, v, x, y)
    np.testing.assert_allclose(got["H"], want, rtol=1e-11, atol=1e-12)
    other = want + np.einsum("ni,nj,nk->ijk", np.exp(x), x, np.tanh(y))
    np.testing.assert_allclose(got["G"], other, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("bad", [np.inf, -np.inf, np.nan])
@pytest.mark.parametrize("everywhere", [False, True])
def test_infinite_exponents_as_the_kernels_have_them(bad, everywhere):
    program = ix.parse("p_ni = softmax_i(x_ni); l_n = logsumexp_i(x_ni)", outputs=("p", "l"))
    x = RNG.standard_normal((3, 4))
    x[1, slice(None) if everywhere else 2] = bad
    got = program.compile({"x": (3, 4)})(x=x)
    for want, name in zip(program._numbers.interpreted({"x": x}), ("p", "l"), strict=True):
        np.testing.assert_allclose(got[name], want, rtol=1e-14)


def test_sigmoids_of_negative_arguments():
    x = np.array([-800.0, -3.0, 0.0, 2.0, 800.0])
    f = ix.parse("y_i = sigmoid(-x_i); z_i = sigmoid(-x_i) sigmoid(x_i) + x_i", outputs=("y", "z")).compile(
        {"x": (5,)}
    )
    with np.errstate(over="ignore"):
        up, down = 1 / (1 + np.exp(-x)), 1 / (1 + np.exp(x))
    found = f(x=x)
    np.testing.assert_allclose(found["y"], down, rtol=1e-15)
    np.testing.assert_allclose(found["z"], up * down + x, rtol=1e-14)
