"""What comes back: its kind, its dtype, its memory; and from many threads at once."""

import itertools
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import indicial as ix

X = np.array([1.0, 2.0, 3.0])


@pytest.mark.parametrize("kind", [np.float32, np.float64, np.complex64, np.complex128])
def test_results_without_axes_are_numpy_scalars(kind):
    x, s = X.astype(kind), kind(2)
    value, gradient = ix.value_and_grad("f = s^2", "s")(s=s)
    for result in (
        ix.evaluate("f = x_i x_i", x=x),
        ix.evaluate("f = s", s=s),
        ix.evaluate("f = s", s=np.array(s)),
        ix.grad("f = s x_i x_i", "s")(s=s, x=x),
        ix.derive("f = 3 s", "s")(s=s),
        value,
        gradient,
    ):
        assert type(result) is kind


def test_numbers_alone_give_a_numpy_scalar():
    assert type(ix.evaluate("f = 2")) is np.float64
    assert type(ix.evaluate("f = 2 s", s=3)) is np.float64


ALIASES = [
    ("y_i = x_i", {"x": X}),
    ("Y_ji = A_ij", {"A": np.eye(3)}),
    ("y_i = A_ii", {"A": np.eye(3)}),
    ("z_i = x_i; y_i = z_i", {"x": X}),
    ("y_ij = x_i + 0 x_j", {"x": X}),
    ("y_i = x_i / 1", {"x": X}),
]


@pytest.mark.parametrize(("text", "given"), ALIASES)
def test_a_result_is_not_an_input(text, given):
    kept = {name: array.copy() for name, array in given.items()}
    result = ix.evaluate(text, given)
    assert result.flags.writeable
    result[...] = 7
    for name, array in given.items():
        assert not np.shares_memory(result, array)
        assert np.array_equal(array, kept[name])


def assert_apart(arrays):
    for one, other in itertools.combinations(arrays, 2):
        assert not np.shares_memory(one, other)


def test_results_are_apart_from_each_other():
    assert_apart(ix.parse("a_i = x_i; b_i = a_i; c_i = x_i", outputs=("a", "b", "c"))(x=X).values())
    assert_apart([X, *ix.derive("s = x_i y_i + y_i z_i", ("x", "z"))(x=X, y=X, z=X).values()])
    rows = ix.hessian("s = x_i A_ij y_j", ("x", "y"))(x=X, y=X, A=np.eye(3))
    assert_apart([block for row in rows.values() for block in row.values()])
    derived = ix.derive("y_i = W_ij x_j", "x")
    weights = np.eye(3)
    assert_apart([weights, derived(W=weights, x=X), derived(W=weights, x=X)])


FLOAT32 = [
    "y_i = 2 x_i / 3 + pi",
    "y_i = where(x_i > 0, x_i, 0)",
    "y_i = where(x_i > 2, 0.1, x_i)",
    "y_i = erf(x_i)",
    "y_i = erfc(x_i) / 3",
    "y_i = lgamma(x_i)",
    "y_i = gelu(x_i) + [x_i > 1]",
    "y_i = pi ones_i / 3 + 0 x_i",
    "y_i = x_i^(1/3)",
    "y_i = x_i^pi",
    "y_i = eps_ijk x_j x_k",
    "y_i = delta_ij x_j dim(x, 0)",
    "y_i = mean_j(x_j) x_i",
    "y_i = max(x_i, 2)",
    "y_i = x_i + [i < j] x_j",
    "y_i = 1e-3 x_i + 1e3",
]


@pytest.mark.parametrize("text", FLOAT32)
def test_float32_stays_float32(text):
    x = X.astype(np.float32)
    assert ix.evaluate(text, x=x).dtype == np.float32
    assert ix.derive(text, "x")(x=x).dtype == np.float32
    assert ix.derive(text, "x x")(x=x).dtype == np.float32


@pytest.mark.parametrize("text", FLOAT32)
def test_float32_is_right_to_its_precision(text):
    x = X.astype(np.float32)
    for made in (ix.parse(text), ix.derive(text, "x")):
        assert np.allclose(made(x=x), made(x=X), rtol=1e-5, atol=1e-6)


def test_one_derivative_in_many_threads():
    derived = ix.derive("z_i = tanh(W_ij x_j); L_i = z_i (z_j z_j)", "W")
    generator = np.random.default_rng(0)
    cases = [
        {"W": generator.standard_normal((n, m)), "x": generator.standard_normal(m)}
        for n, m in itertools.product(range(1, 7), repeat=2)
    ]
    want = [ix.derive("z_i = tanh(W_ij x_j); L_i = z_i (z_j z_j)", "W")(case) for case in cases]
    order = [k % len(cases) for k in range(7 * len(cases))]
    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(lambda k: derived(cases[k]), order))
    for k, result in zip(order, got, strict=True):
        assert np.array_equal(result, want[k])


def test_check_says_where_nothing_can_be_compared():
    with pytest.raises(ix.DerivativeError, match="'u' is not finite at this point"):
        ix.check("u_i = log(x_i)", "x", x=[-1.0, 2.0])


@pytest.mark.parametrize("positions", ["int64", "int8", "float64"])
def test_positions_take_no_part_in_the_dtype(positions):
    table, t = np.eye(3, 2, dtype=np.float32), np.array([2, 0, 2, 1]).astype(positions)
    program = "Y_bd = E[t[b], d]"
    assert ix.evaluate(program, E=table, t=t).dtype == np.float32
    assert ix.derive(program, "E")(E=table, t=t).dtype == np.float32
    assert ix.derive(program, "E").structured(E=table, t=t).dtype == np.float32
    assert ix.evaluate("tensor k_i: integer; y_i = k_i x_i", k=t[:2], x=table[0]).dtype == np.float32


def test_positions_that_single_precision_cannot_tell_apart_are_read_in_double():
    x = np.zeros((1 << 24) + 2, dtype=np.float32)
    x[-1] = 1
    assert ix.evaluate("y_b = x[t[b]]", x=x, t=np.array([x.size - 1])) == [1]
