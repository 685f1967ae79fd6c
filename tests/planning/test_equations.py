"""Equations of indices as views, writes and sums at positions: the numbers, and what no plan contains."""

import random
from collections import Counter
from math import prod

import numpy as np
import pytest

import indicial as ix
from indicial.backends.lines import convolved
from indicial.backends.numpy import run
from indicial.ir.nodes import Add, Definition, IndexSum, Mul
from indicial.ir.reference import evaluate_definition
from indicial.planning.extents import bind
from indicial.planning.lower import lower

ENTRIES = {"t": 4, "s": 3}  # inputs that are positions, and the extent of the axis that they are positions on


def arrays_for(shapes, kind=np.float64):
    rng = np.random.default_rng(7)
    made = {}
    for name, shape in shapes.items():
        if name in ENTRIES:
            made[name] = rng.integers(0, ENTRIES[name], shape).astype(kind)
        else:
            made[name] = rng.uniform(0.5, 1.5, shape).astype(kind)
            if np.dtype(kind).kind == "c":
                made[name] = made[name] + 1j * rng.uniform(0.5, 1.5, shape)
    return made


def made_of(text, orders):
    """The program of a text and its derivatives by all inputs that are no positions, with definitions."""
    program = ix.parse(text)
    yield program, program.meaning.statements[program.outputs[-1]]
    names = [name for name in program.inputs if name not in ENTRIES]
    wanted = [name for name in names if orders > 0]
    wanted += [f"{one} {two}" for k, one in enumerate(names) for two in names[k:] if orders > 1]
    for wrt in wanted:
        derivative = ix.derive(text, wrt)
        yield derivative, derivative.definition


def assert_as_loops(text, shapes, orders=2, kind=np.float64):
    arrays = arrays_for(shapes, kind)
    for made, definition in made_of(text, orders):
        extents = bind(ix.parse(text).meaning, {name: array.shape for name, array in arrays.items()})
        expected = evaluate_definition(definition, arrays, extents)
        found = made(**arrays)
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9, err_msg=text)


def plan_of(made, **shapes):
    return made._numbers.plan(shapes)


def largest(plan):
    return max(prod(step.shape) for step in plan.steps)


def operations(plan):
    return Counter(step.operation for step in plan.steps)


V, M = (5,), (4, 3)
WRITTEN = {
    "convolution": ("y_i = sum_jk([j == i+k] x_j w_k); index i: 4", {"x": (6,), "w": (3,)}),
    "same": ("y_i = sum_jk([j == i+k-1] x_j w_k); index i: 6; L = y_i y_i exp(y_i)", {"x": (6,), "w": (3,)}),
    "stride": ("y_i = sum_jk([j == 2*i+k] x_j w_k); index i: 3; L = y_i y_i", {"x": (7,), "w": (3,)}),
    "dilation": ("y_i = sum_jk([j == i+2*k] x_j w_k); index i: 3; L = y_i y_i", {"x": (7,), "w": (3,)}),
    "both": ("y_i = sum_jk([j == 2*i+3*k-1] x_j w_k); index i: 3", {"x": (7,), "w": (3,)}),
    "multiples": ("y_i = sum_jk([2*j == i+k] x_j w_k); index i: 5", {"x": (4,), "w": (3,)}),
    "never": ("y_i = sum_jk([2*j == 2*i+4*k-1] x_j w_k); index i: 4", {"x": (4,), "w": (3,)}),
    "transposed": ("y_m = sum_ik([m == 2*i+k] x_i w_k); index m: 9", {"x": (4,), "w": (3,)}),
    "reversed": ("y_i = sum_j([j == dim(x, 0)-1-i] x_j^2 A_ij)", {"x": V, "A": (5, 5)}),
    "last": ("s = sum_j([j == dim(x, 0)-1] x_j^2)", {"x": V}),
    "autocorrelation": ("r_k = sum_ij([j == i+k] x_i x_j); index k: 5", {"x": V}),
    "diagonal": ("d_i = sum_j([j == i+1] A_ij^2)", {"A": (5, 5)}),
    "stencil": ("L = sum_ij([j == i+1] exp(x_i x_j))", {"x": V}),
    "variation": ("L = sum_i(sqrt((sum_j([j == i+1] x_j) - x_i)^2 + 1))", {"x": V}),
    "logarithm": ("y_i = sum_j([j == i+1] log(x_j)) + x_i", {"x": V}),
    "toeplitz": ("T_im = sum_k([m == i+k] w_k^2); index i: 4; index m: 6", {"w": (3,)}),
    "hankel": ("H_im = sum_k([k == i+m] w_k^2); index i: 3; index m: 3", {"w": (6,)}),
    "band": ("A_ij = [j == i+1] x_i^2 + delta_ij x_j; L = A_ij B_ij", {"x": V, "B": (5, 5)}),
    "three": ("y_il = sum_kjm(w_k [j == i+k] x_j [m == l+k] z_m); index i: 3; index l: 3",
              {"w": (2,), "x": (4,), "z": (4,)}),
    "embedding": ("y_bd = sum_j([j == t_b] E_jd); L = y_bd y_bd exp(y_bd)", {"t": (5,), "E": M}),
    "double": ("y_b = sum_jk([j == t_b][k == s_b] E_jk); L = sum_b(exp(y_b))", {"t": V, "s": V, "E": M}),
    "diagonal gather": ("y_b = sum_j([j == t_b] E_bj^2)", {"t": (4,), "E": (4, 4)}),
    "histogram": ("h_m = sum_b([m == t_b] x_b); L = h_m h_m h_m; index m: 4", {"t": (6,), "x": (6,)}),
    "gather and slide": ("y_bi = sum_jlk([j == t_b+k-1] [l == i+k] E_jl w_k); L = y_bi y_bi; index i: 2",
                         {"t": (4,), "E": (4, 3), "w": (2,)}),
    "literal": ("L = x[0]^2 x[-1] + x[2]", {"x": V}),
    "subscripts": ("y_i = x[2*i+k] w_k", {"x": (8,), "w": (3,)}),
    "slopes": ("L = sum_i((x[i+1] - x[i])^2)", {"x": V}),
    "table": ("y_bd = E[t[b], d]; L = sum_bd(exp(y_bd))", {"t": (5,), "E": M}),
}  # fmt: skip


@pytest.mark.parametrize("name", WRITTEN)
def test_written_programs_are_as_loops_say(name):
    assert_as_loops(*WRITTEN[name])


def test_convolution_in_two_dimensions():
    text = "y_bopq = x[b, c, 2*p+i, q+j] w[o, c, i, j]; L = sum_bopq(y_bopq^2)"
    assert_as_loops(text, {"x": (1, 2, 5, 4), "w": (2, 2, 3, 2)}, orders=1)


@pytest.mark.parametrize("name", ["same", "stride", "embedding", "double", "histogram", "variation"])
def test_complex_numbers(name):
    text, shapes = WRITTEN[name]
    assert_as_loops(text, shapes, orders=1, kind=np.complex128)


@pytest.mark.parametrize(
    "name", ["convolution", "stride", "transposed", "embedding", "histogram", "diagonal"]
)
def test_single_precision_is_kept(name):
    text, shapes = WRITTEN[name]
    for made, _ in made_of(text, 1):
        assert made(**arrays_for(shapes, np.float32)).dtype == np.float32


def random_program(seed):
    """One to three readings of inputs along random lines, as brackets; and the inputs' shapes."""
    rng = random.Random(seed)
    extents = {letter: rng.randint(2, 4) for letter in "ikl"}
    factors, dummies, shapes = [], [], {}
    for number, letter in enumerate("jmn"[: rng.randint(1, 3)]):
        terms = [f"{rng.choice(['', '2*', '-'])}{index}" for index in rng.sample("ikl", rng.randint(1, 2))]
        scale = rng.choice(["", "", "", "2*"])
        line = "+".join(terms).replace("+-", "-") + f"+{rng.randint(0, 3)}"
        factors += [f"[{scale}{letter} == {line}]"]
        dummies += [letter]
        value = rng.choice([f"x{number}_{letter}", f"x{number}_{letter}^2", f"exp(x{number}_{letter} u_i)"])
        factors += [value]
        shapes[f"x{number}"] = (rng.randint(3, 6),)
    for name, letter in zip("uvw", "ikl", strict=True):
        factors += [f"{name}_{letter}"]
        shapes[name] = (extents[letter],)
    free = rng.choice(["i", "i", "ik", ""])
    dummies += [letter for letter in "ikl" if letter not in free]
    rng.shuffle(factors)
    left = f"y_{free}" if free else "y"
    return f"{left} = sum_{''.join(dummies)}({' '.join(factors)})", shapes


@pytest.mark.parametrize("seed", range(40))
def test_random_programs_are_as_loops_say(seed):
    assert_as_loops(*random_program(seed), orders=1)


@pytest.mark.parametrize("seed", range(40, 46))
def test_second_derivatives_of_random_programs(seed):
    assert_as_loops(*random_program(seed), orders=2)


def test_what_is_not_finite_outside_a_line_does_not_matter():
    program = ix.parse("s = sum_ij([j == i-1] x_j log(u_i))")
    assert program(x=np.ones(3), u=np.array([0.0, 1.0, 1.0])) == 0
    program = ix.parse("s = sum_ij([j == i+1] log(x_j + 0 x_i))")
    assert program(x=np.ones(4)) == 0


# --- plans -------------------------------------------------------------------------------------------------


J, K = 1000, 30
I = J - K + 1  # noqa: E741
CONVOLUTIONS = ["x", "w", "g"]


@pytest.mark.parametrize("wrt", CONVOLUTIONS)
def test_a_convolution_needs_no_array_of_pairs(wrt):
    derivative = ix.derive("L = sum_ijk([j == i+k] x_j w_k g_i)", wrt)
    assert largest(plan_of(derivative, x=(J,), w=(K,), g=(I,))) <= J + 2 * K


def test_strided_and_batched_convolutions_unfold_the_kernel_at_most():
    batch, channels, out, n, k, m = 2, 3, 4, 17, 3, 8
    text = "L = sum_bcoijpqmn([m == 2*i+p][n == 2*j+q] x_bcmn w_ocpq g_boij)"
    shapes = {"x": (batch, channels, n, n), "w": (out, channels, k, k), "g": (batch, out, m, m)}
    for wrt in "xwg":
        assert largest(plan_of(ix.derive(text, wrt), **shapes)) <= batch * channels * m * m * k * k


def test_one_unfolded_window_serves_value_and_derivative():
    text = "y_bopq = x[b, c, p+i, q+j] w[o, c, i, j]; L = sum_bopq(y_bopq^2)"
    plan = plan_of(ix.derive(text, "w"), x=(2, 3, 9, 9), w=(8, 3, 3, 3))
    assert operations(plan)["unfold"] == 1


@pytest.mark.parametrize("wrt", ["E", "g"])
def test_an_embedding_has_no_one_hot(wrt):
    derivative = ix.derive("L = sum_bjd([j == t_b] E_jd g_bd)", wrt)
    assert largest(plan_of(derivative, t=(50,), E=(1000, 4), g=(50, 4))) <= 4000


def test_a_jacobian_along_positions_is_one_write():
    plan = plan_of(ix.derive("y_bd = sum_j([j == t_b] E_jd)", "E"), t=(6,), E=(5, 3))
    assert operations(plan)["scatter"] == 1
    assert plan.peak_elements <= 6 * 3 * 5 * 3 + 7


def test_a_stencil_takes_no_more_than_its_axis():
    for text in ("L = sum_ij([j == i+1] exp(x_i x_j))", "L = sum_i((x[i+1] - x[i])^2)"):
        for made in (ix.parse(text), ix.derive(text, "x")):
            assert largest(plan_of(made, x=(1000,))) <= 1001


def test_a_second_derivative_of_a_stencil_is_written_along_diagonals():
    plan = plan_of(ix.derive("L = sum_i((x[i+1] - x[i])^2)", "x x"), x=(50,))
    assert sum(prod(step.shape) >= 2500 for step in plan.steps if not step.is_view) == 1


def test_memory_is_counted():
    plan = plan_of(
        ix.parse("y_i = sum_jk([j == i+k] x_j w_k z_ik); index i: 90"), x=(99,), w=(10,), z=(90, 10)
    )
    assert plan.peak_elements >= 900
    plan = plan_of(ix.parse("y_i = sum_j([j == i+3] x_j); index i: 99"), x=(99,))
    assert 99 <= plan.peak_elements <= 99 + 102


@pytest.mark.parametrize(("count", "length"), [(5, 3), (3, 5), (1, 1), (4, 4)])
@pytest.mark.parametrize("step", [1, -1])
@pytest.mark.parametrize("along", [1, -1])
def test_a_convolution_along_either_way(count, length, step, along):
    rng = np.random.default_rng(0)
    weights = rng.normal(size=length)
    for low in (0, 2, -2):
        array = rng.normal(size=count + length + 2 + min(low, 0) * 2)
        if low < 0 and not 1 - length <= low <= len(array) - count:
            continue
        found = convolved(array, weights, (low, step, along, count))
        for i in range(count):
            first = i if step > 0 else count - 1 - i
            total = 0.0
            for k in range(length):
                at = low + first + (k if along > 0 else length - 1 - k)
                total += array[at] * weights[k] if 0 <= at < len(array) else 0.0
            assert found[i] == pytest.approx(total)


def test_a_sum_with_an_equation_stands_twice():
    """As a product of two written out: each of the two is a factor of its own."""
    program = ix.parse("index m: 5\ny_m = sum_i(([i == m+1] + 2 [i < m]) x_i)")
    definition = program.meaning.statements["y"]
    body = definition.body
    (twice,) = [factor for factor in body.body.factors if isinstance(factor, Add)]
    squared = Definition("y", definition.formals, IndexSum(body.indices, Mul((twice, *body.body.factors))))
    x = np.arange(1.0, 6.0)
    extents = bind(program.meaning, {"x": (5,)})
    (found,) = run(lower([squared], extents, {}), {"x": x}, np.dtype(float))
    np.testing.assert_allclose(found, evaluate_definition(squared, {"x": x}, extents), rtol=1e-12)
