"""Pullback, pushforward and Taylor polynomials."""

import numpy as np
import pytest
from oracles.numeric import assert_close, directional, second_directional

import indicial as ix

GENERATOR = np.random.default_rng(3)
DENSE = "Z_nc = X_nd W_dc + b_c"
NET = "z_i = W_ij x_j; y_i = tanh(z_i) x_j x_j"
GIVEN = {"W": GENERATOR.normal(size=(3, 4)), "x": GENERATOR.normal(size=4)}
TANGENT = {"dW": GENERATOR.normal(size=(3, 4)), "dx": GENERATOR.normal(size=4)}

PULLED = [
    (DENSE, "b", "∂L/∂b_m = sum_n(G_nm)"),
    (DENSE, "W", "∂L/∂W_mp = X_nm G_np"),
    (DENSE, "X", "∂L/∂X_mp = G_mc W_pc"),
    (DENSE, "W_kl", "∂L/∂W_kl = X_nk G_nl"),
    ("s = x_i x_i", "x", "∂L/∂x_m = 2 G x_m"),
    ("L = x_i x_i", "x", "∂L1/∂x_m = 2 G x_m"),
    ("y_i = x_i^2", "x x", "∂²L/∂x_m∂x_n = 2 δ_mn G_m"),
]
PUSHED = [
    ("s = A_ij X_ji", "X", "dX", "ds = A_ij dX_ji"),
    ("s = A_ij X_ji", "X", None, "ds = A_ij dX_ji"),
    ("s = A_ij X_ji", "X A", None, "d2s = dA_ij dX_ji"),
    ("s = x_i x_i", "x x", "u", "d2s = 2 u_i^2"),
    ("y_i = tanh(W_ij x_j)", "x", "u", "dy_i = W_ij u_j (1 - y_i^2)"),
    ("s = a^3", "a", None, "ds = 3 a^2 da"),
]


@pytest.mark.parametrize(("program", "wrt", "equation"), PULLED)
def test_pullback(program, wrt, equation):
    assert ix.pullback(program, wrt).equation == equation


@pytest.mark.parametrize(("program", "wrt", "tangent", "equation"), PUSHED)
def test_pushforward(program, wrt, tangent, equation):
    assert ix.pushforward(program, wrt, tangent=tangent).equation == equation


def test_the_text_is_the_formula():
    assert str(ix.pullback(DENSE, wrt="b", cotangent="G")) == "sum_n(G_nm)"
    assert str(ix.pushforward("s = A_ij X_ji", wrt="X", tangent="dX")) == "A_ij dX_ji"
    assert ix.pushforward("s = A_ij X_ji", wrt="X").latex() == r"\mathrm{ds} = A_{ij} \mathrm{dX}_{ji}"


@pytest.mark.parametrize("name", ["W", "x", "z"])
def test_they_are_transposes_of_each_other(name):
    """⟨G, f'(x) dx⟩ = ⟨f'(x)ᵀ G, dx⟩"""
    cotangent = np.array([0.3, -1.0, 2.0])
    tangent = {"dz": 2 * cotangent, **TANGENT}[f"d{name}"]
    forward = ix.pushforward(NET, name)({**GIVEN, f"d{name}": tangent})
    back = ix.pullback(NET, name)({**GIVEN, "G": cotangent})
    assert_close(np.sum(forward * cotangent), np.sum(back * tangent), 1e-12)


def test_a_differential_is_a_directional_derivative():
    net, x, u = ix.parse(NET), GIVEN["x"], TANGENT["dx"]

    def value(x):
        return net(W=GIVEN["W"], x=x)

    assert_close(ix.pushforward(NET, "x")({**GIVEN, "dx": u}), directional(value, x, u), 1e-8)
    twice = ix.pushforward(NET, "x x", tangent="u")({**GIVEN, "u": u})
    assert_close(twice, second_directional(value, x, u, u), 1e-5)


def test_tuples_give_mappings():
    back = ix.pullback(DENSE, ("b", "W"), cotangent="V")
    assert list(back) == ["b", "W"]
    assert back["W"].equation == "∂L/∂W_mp = X_nm V_np"
    forward = ix.pushforward(NET, ("W", "x"), tangent=("A", "u"))
    assert list(forward) == ["W", "x"]
    assert forward["W"].of.inputs == ("W", "x", "A", "u")
    values = forward({**GIVEN, "A": TANGENT["dW"], "u": TANGENT["dx"]})
    assert_close(values["W"], ix.pushforward(NET, "W")({**GIVEN, "dW": TANGENT["dW"]}), 1e-12)
    assert_close(values["x"], ix.pushforward(NET, "x")({**GIVEN, "dx": TANGENT["dx"]}), 1e-12)


def test_of_einsum_strings_and_derivatives():
    assert ix.pullback("ij,j->i", 0).equation == "∂L/∂A_mn = G_m B_n"
    assert list(ix.pushforward("ij,j->i", (0, 1))) == [0, 1]
    slope = ix.derive("s = x_i x_i x_j x_j", "x")
    assert_close(
        ix.pushforward(slope, "x")(x=GIVEN["x"], dx=TANGENT["dx"]),
        ix.derive(slope, "x")(x=GIVEN["x"]) @ TANGENT["dx"],
        1e-12,
    )
    assert ix.derive(ix.pushforward("s = A_ij X_ji", "X"), "A").equation == "∂ds/∂A_mn = dX_nm"


@pytest.mark.parametrize("wrt", ["x", "W", "x W", "z"])
def test_they_are_programs_and_read_back(wrt):
    given = {**GIVEN, **TANGENT, "dz": np.ones(3), "G": np.arange(3.0)}
    for derived in (ix.pullback(NET, wrt), ix.pushforward(NET, wrt)):
        arrays = {name: given[name] for name in derived.program.inputs}
        assert_close(derived.program(arrays), derived(arrays), 1e-12)
        again = ix.parse(str(derived.program))
        arrays = {name: given[name] for name in again.inputs}
        assert_close(again(arrays), derived(arrays), 1e-12, str(again))


def test_axes_begin_where_the_output_does():
    """y ranges over −1, 0, 1, and so do its differential and its polynomial."""
    program, w = "index k: -1..1; y_k = w_k [k > 0] + w_k^2", np.array([1.0, 2.0, 3.0])
    moved = ix.pushforward(program, "w")
    assert_close(moved(w=w, dw=np.ones(3)), [2, 4, 7], 1e-14)
    assert_close(ix.parse(str(moved.program))(w=w, dw=np.ones(3)), [2, 4, 7], 1e-14, str(moved.program))
    polynomial = ix.taylor(program, "w", 2)
    assert_close(polynomial(w=w, w0=np.zeros(3)), [1, 4, 12], 1e-14)
    assert_close(ix.parse(str(polynomial))(w=w, w0=np.zeros(3)), [1, 4, 12], 1e-14, str(polynomial))


TAYLOR = [
    ("f_i = exp(x_i)", "x", 1, "f_i = exp(x0_i)\nTf_i = f_i + f_i (x_i - x0_i)\n"),
    ("f_i = exp(x_i)", "x", 0, "tensor x_i: input\nf_i = exp(x0_i)\nTf_i = f_i\n"),
    (
        "function phi; y = phi(x)", "x", 2,
        "function φ\ny = φ(x0)\nTy = y + φ''(x0) (x - x0)^2 / 2 + φ'(x0) (x - x0)\n",
    ),
    (
        "f = logdet_ij(A_ij)", "A", 2,
        ("f = logdet_ij(A0_ij)\nTf = f + inv_ij(A0_ij) (A_ji - A0_ji)"
         " - inv_ij(A0_ij) (A_jk - A0_jk) inv_kl(A0_kl) (A_li - A0_li) / 2\n"),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("program", "wrt", "order", "text"), TAYLOR)
def test_taylor(program, wrt, order, text):
    assert str(ix.taylor(program, wrt, order)) == text


def test_the_quadratic_approximation_of_a_logarithm_of_a_determinant():
    generator = np.random.default_rng(4)
    point, change = np.eye(3) + generator.uniform(0, 0.3, (3, 3)), generator.uniform(-0.1, 0.1, (3, 3))
    step = np.linalg.solve(point, change)
    want = np.linalg.slogdet(point)[1] + np.trace(step) - np.trace(step @ step) / 2
    polynomial = ix.taylor("f = logdet_ij(A_ij)", "A", 2)
    assert_close(polynomial(A0=point, A=point + change), want, 1e-13)


@pytest.mark.parametrize(("wrt", "order"), [("x", 0), ("x", 1), ("x", 2), ("x", 3), ("x W", 1), ("x W", 2)])
def test_the_remainder_is_of_the_next_order(wrt, order):
    """Halving the step divides the error by 2^(order + 1)."""
    net, polynomial = ix.parse(NET), ix.taylor(NET, wrt, order)
    names = wrt.split()

    def error(step):
        there = {n: GIVEN[n] + step * TANGENT[f"d{n}"] * (n in names) for n in GIVEN}
        points = {f"{n}0": GIVEN[n] for n in names}
        return np.abs(polynomial({**there, **points}) - net(there)).max()

    ratio = np.log2(error(2.0**-7) / error(2.0**-8))
    assert abs(ratio - (order + 1)) < 0.25


def test_a_polynomial_is_its_own_expansion():
    program = ix.taylor("s = x_i A_ij x_j b_k x_k", "x", 3)
    a, b = GENERATOR.normal(size=(4, 4)), GENERATOR.normal(size=4)
    given = {"A": a, "b": b, "x": GIVEN["x"], "x0": TANGENT["dx"]}
    exact = (given["x"] @ a @ given["x"]) * (b @ given["x"])
    assert_close(program(given), exact, 1e-12)
    assert_close(ix.parse(str(program))(given), exact, 1e-12, str(program))
    assert program.inputs == ("x0", "A", "b", "x")
    assert ix.taylor("f_i = exp(x_i)", "x", at="p").inputs == ("p", "x")


REFUSED = [
    (lambda: ix.pullback(DENSE, "b", cotangent="X"), "the name 'X' of the cotangent is in use"),
    (lambda: ix.pullback(DENSE, "b", cotangent="n"), "the name 'n' of the cotangent is in use"),
    (lambda: ix.pullback(DENSE, "b", cotangent="2"), "cannot name a tensor"),
    (lambda: ix.pullback(DENSE, "b", cotangent="delta"), "cannot name a tensor"),
    (lambda: ix.pullback(DENSE, "b", cotangent=3), "cannot name a tensor"),
    (lambda: ix.pullback(DENSE, "q"), "no tensor 'q'"),
    (lambda: ix.pullback(DENSE, "G"), "no tensor 'G'"),
    (lambda: ix.pushforward(DENSE, "q"), "no tensor 'q'"),
    (lambda: ix.pushforward(DENSE, "b_ij"), "'b' has rank 1, not 2"),
    (lambda: ix.pushforward(DENSE, "b", tangent="u v"), "tangent has two names, for one variable"),
    (lambda: ix.pushforward(DENSE, "b", tangent=("u",)), "one variable has one tangent"),
    (lambda: ix.pushforward(DENSE, ("b", "W"), tangent="u"), "2 variables are named and 1 tangents"),
    (lambda: ix.pushforward(DENSE, ("b",), tangent=(3,)), "tangent is a name, not a int"),
    (lambda: ix.pushforward(DENSE, ("b", "b W"), tangent=("u", "v w")), "'b' has two tangents"),
    (lambda: ix.pushforward(DENSE, ("b", "W"), tangent=("u", "u")), "the name 'u' of the tangent is in use"),
    (lambda: ix.pushforward("y = x dx", "x"), "the name 'dx' of the tangent is in use"),
    (lambda: ix.pullback(ix.parse("z = x; y = z", outputs=("z", "y")), "x"), "that of one output"),
    (lambda: ix.taylor(DENSE, "X", -1), "whole number from 0 to 100, not -1"),
    (lambda: ix.taylor(DENSE, "X", 1.5), "whole number from 0 to 100, not 1.5"),
    (lambda: ix.taylor(DENSE, "X", at="W"), "the name 'W' of the point is in use"),
    (lambda: ix.taylor(DENSE, 3), "wrt is a string"),
    (lambda: ix.taylor("z = x; y = z", "z"), "'z' is computed by the program"),
]


@pytest.mark.parametrize(("call", "reason"), REFUSED)
def test_refusals(call, reason):
    with pytest.raises(ix.NotationError, match=reason) as caught:
        call()
    assert caught.value.hint


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        ("s = x_i A_ij x_j", "ds = dx_i (A_ij + A_ji) x_j"),
        ("n = sqrt((x_j - a_j)^2); u_i = (x_i - a_i) / n", "du_i = (dx_i - u_i dx_j u_j) / n"),
        ("p_i = softmax_i(x_i)", "dp_i = p_i (dx_i - dx_j p_j)"),
    ],
)
def test_differentials_have_their_factors_in_front(program, expected):
    assert ix.pushforward(program, wrt="x").equation.splitlines()[-1] == expected


def test_taylor_polynomials_keep_their_degrees_apart():
    whole = ix.taylor("s = x_i A_ij x_j", wrt="x", order=2)
    degrees = str(whole).splitlines()[-1].removeprefix("Ts = ").split(" + ")
    assert "s" in degrees
    assert "x0_i (A_ij" in " + ".join(degrees)
    assert "(A_ij + A_ji) (x_j - x0_j) / 2" in str(whole)
    linear = ix.taylor("s = x_i x_i", wrt="x")
    assert str(linear).splitlines()[-1] == "Ts = 2 x0_i (x_i - x0_i) + s"
    assert str(ix.taylor("s = 2 y + 0 x_i x_i", wrt="x", order=2)).splitlines()[-1] == "Ts = s"
