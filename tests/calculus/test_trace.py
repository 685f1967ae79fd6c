"""Every step of a derivation has the value of the derivative that it begins with."""

import time

import numpy as np
import pytest
from oracles.formulas import FORMULAS, arrays_of
from oracles.numeric import assert_close

import indicial as ix
from indicial.ir.reference import evaluate_definition, extents_of
from indicial.syntax.names import normal

FREE = [formula for formula in FORMULAS if "structure" not in formula]


@pytest.mark.parametrize("formula", FREE, ids=[f["number"] for f in FREE])
def test_all_steps_of_the_formulas(formula):
    derivative = ix.derive(formula["program"], wrt=formula["wrt"])
    steps = derivative.steps()
    arrays = {normal(name): array for name, array in arrays_of(formula).items()}
    last = {left: step(arrays) for left, step in {step.left: step for step in steps}.items()}
    for step in steps:
        assert_close(step(arrays), last[step.left], 1e-9, f"{step} [{step.rule}]")
    assert_close(last[steps[-1].left], derivative(arrays), 1e-11)
    assert f"{steps[-1].left} = {steps[-1].text}" == derivative.equation.splitlines()[-1]


PROGRAMS = [
    ("f_i = W_ij x_j", "W", {"W": (2, 3), "x": (3,)}),
    ("y_i = tanh(W_ij x_j + b_i)", "W", {"W": (2, 3), "x": (3,), "b": (2,)}),
    ("L = x_i A_ij x_j", "x x", {"A": (3, 3), "x": (3,)}),
    ("u_i = sin(x_i); v_i = u_i x_i; f = v_i u_i x_i", "x", {"x": (3,)}),
    ("f = prod_i(x_i) + max_i(x_i)", "x", {"x": (3,)}),
    ("z_ij = A_ij + A_ji; f = z_ii; g_i = f z_ij x_j", "A", {"A": (2, 2), "x": (2,)}),
    ("C_ij = A_ik A_kj; D_ij = C_ik C_kj", "A", {"A": (2, 2)}),
    ("p_i = softmax_i(A_ij x_j); L = -log(p_i) y_i", "x", {"A": (2, 3), "x": (3,), "y": (2,)}),
    ("s_ab = softmax_a(A_ab); f_b = s_ab A_ab", "A", {"A": (2, 3)}),
    ("f_i = where(x_i > 0, x_i^2, 2 x_i) x_i", "x", {"x": (4,)}),
    ("f = (a_i b_i)^2 (a_j b_j)", "a", {"a": (3,), "b": (3,)}),
    ("index i: 3; index k: 2; y_i = K_k x[i+k]; L = y_i^2", "x K", {"K": (2,), "x": (4,)}),
    ("s = x[0] x[1]^2 x[-1]", "x", {"x": (3,)}),
    ("index i: 2; f_i = ones_i sum_j(x_j)", "x", {"x": (3,)}),
]


@pytest.mark.parametrize(("program", "wrt", "shapes"), PROGRAMS, ids=[p[0] for p in PROGRAMS])
def test_steps_by_loops(program, wrt, shapes):
    """The raw expression of every step, evaluated by loops that know no simplifier."""
    generator = np.random.default_rng(0)
    arrays = {name: generator.uniform(0.5, 1.5, shape) for name, shape in shapes.items()}
    steps = ix.derive(program, wrt=wrt).steps()
    extents = extents_of(steps.program, arrays)
    values = [evaluate_definition(step.definition, arrays, extents) for step in steps]
    last = dict(zip([step.left for step in steps], values, strict=True))
    for step, value in zip(steps, values, strict=True):
        assert_close(value, last[step.left], 1e-11, f"{step} [{step.rule}]")
    assert_close(values[-1], ix.derive(program, wrt=wrt)(arrays), 1e-11)


def test_the_order_of_rules_is_the_same_every_time():
    texts = [str(ix.derive("y_i = tanh(W_ij x_j + b_i) x_i", wrt="x").steps()) for _ in range(2)]
    assert texts[0] == texts[1]


@pytest.mark.parametrize(
    "program",
    [
        "s = " + " ".join(f"x{k}" for k in range(500)),
        "s = " + " + ".join(f"x3 y{k}" for k in range(300)),
        "s = " + "sin(" * 100 + "x3" + ")" * 100,
        "; ".join(["y0 = sin(x3)", *[f"y{k} = sin(y{k - 1} z)" for k in range(1, 200)]]),
        "; ".join(
            [*[f"y{k} = sin({k} x3)" for k in range(99)], "s = " + " + ".join(f"y{k}" for k in range(99))]
        ),
    ],
    ids=["many factors", "many terms", "deep", "many statements", "many paths"],
)
def test_large_programs_have_bounded_derivations(program):
    derivative = ix.derive(program, wrt="x3")
    start = time.perf_counter()
    text = str(derivative.steps())
    assert time.perf_counter() - start < 20
    assert len(text) < 200_000


def test_what_is_left_out_is_counted():
    program = "; ".join(["y0 = sin(x)", *[f"y{k} = sin(y{k - 1})" for k in range(1, 40)]])
    assert "(the derivatives of 16 more statements are left out)" in str(ix.derive(program, wrt="x").steps())


def test_a_structured_derivative_has_no_steps():
    derivative = ix.derive("tensor X_ij: symmetric; s = A_ij X_ji", wrt="X", structure="projected")
    with pytest.raises(ix.NotationError, match="free derivative"):
        derivative.steps()
