"""Signs and factors cost no pass of their own, and change no number by more than a rounding."""

import numpy as np
import pytest

import indicial as ix
from indicial.backends.numpy import run
from indicial.planning.passes import with_fewer_passes
from indicial.planning.steps import OWNED, Builder

RNG = np.random.default_rng(11)
LONG = (50,)


def planned(write, shapes, outputs=1):
    """A plan that `write` makes over a builder and inputs of these shapes."""
    builder = Builder()
    inputs = [builder.emit("input", (), f"x{k}", shape) for k, shape in enumerate(shapes)]
    made = write(builder, *inputs)
    values = made if outputs > 1 else [made]
    ends = []
    for place, value in enumerate(values):
        shape = builder.shape(value)
        ends.append(builder.emit("output", (value,), (OWNED, tuple(range(len(shape))), place), shape))
    return builder.finish(ends)


def scaled(builder, value, factor):
    return builder.emit("scale", (value,), factor, builder.shape(value))


def two(builder, operation, a, b):
    return builder.emit(operation, (a, b), (), builder.shape(a))


def assert_same(plan):
    """The operations of the better plan, after a look at its numbers."""
    better = with_fewer_passes(plan)
    shapes = {s.parameters: s.shape for s in plan.steps if s.operation == "input"}
    arrays = {name: RNG.uniform(0.5, 2, shape) for name, shape in shapes.items()}
    for got, want in zip(
        run(better, arrays, np.dtype(float)), run(plan, arrays, np.dtype(float)), strict=True
    ):
        np.testing.assert_allclose(got, want, rtol=1e-14)
    return [s.operation for s in better.steps if not s.is_view and s.operation != "input"]


CASES = [
    (lambda w, a, b: two(w, "add", a, scaled(w, b, -1.0)), ["subtract"]),
    (lambda w, a, b: two(w, "add", scaled(w, a, -1.0), b), ["subtract"]),
    (lambda w, a, b: two(w, "subtract", a, scaled(w, b, -1.0)), ["add"]),
    (lambda w, a, b: scaled(w, two(w, "subtract", a, b), -1.0), ["subtract"]),
    (lambda w, a, b: scaled(w, scaled(w, two(w, "add", a, b), 2.0), 3.0), ["add", "scale"]),
    (lambda w, a, b: scaled(w, two(w, "add", scaled(w, a, -1.0), b), -1.0), ["subtract"]),
    (lambda w, a, b: scaled(w, two(w, "add", scaled(w, a, 2.0), b), 0.5), ["scale", "add"]),
    (lambda w, a, b: two(w, "multiply", a, w.emit("power", (b,), -1.0, LONG)), ["divide"]),
    (lambda w, a, b: scaled(w, two(w, "multiply", scaled(w, a, 3.0), b), 2.0), ["scale", "multiply"]),
    (  # 2 a is there: 2 (b a) = b (2 a)
        lambda w, a, b: two(
            w, "subtract", two(w, "add", scaled(w, a, 2.0), b), scaled(w, two(w, "multiply", b, a), 2.0)
        ),
        ["scale", "add", "multiply", "subtract"],
    ),
]


@pytest.mark.parametrize(("write", "want"), CASES)
def test_signs_and_factors_are_drawn_in(write, want):
    assert assert_same(planned(write, [LONG, LONG])) == want


def test_a_factor_goes_to_what_is_small():
    def write(w, a, b):
        wide = w.emit("expand", (b,), (False, True), (1, 5))
        return scaled(w, w.emit("multiply", (a, wide), (), (40, 5)), 2.0)

    plan = planned(write, [(40, 5), (5,)])
    assert assert_same(plan) == ["scale", "multiply"]
    (scale,) = [s for s in with_fewer_passes(plan).steps if s.operation == "scale"]
    assert np.prod(scale.shape) == 5


def test_what_others_read_stays_as_it_is():
    """−(a − b) is no new pass where a − b is wanted, too."""

    def write(w, a, b):
        difference = two(w, "subtract", a, b)
        return difference, two(w, "multiply", scaled(w, difference, -1.0), a)

    assert assert_same(planned(write, [LONG, LONG], outputs=2)).count("subtract") == 1


@pytest.mark.parametrize(
    "write",
    [
        lambda w, a, b: (two(w, "subtract", a, b), scaled(w, two(w, "subtract", b, a), -1.0)),
        lambda w, a, b: (scaled(w, scaled(w, a, -1.0), -1.0), two(w, "add", a, b)),
    ],
)
def test_outputs_keep_arrays_of_their_own(write):
    """Two outputs never become one array, and none an input."""
    plan = planned(write, [LONG, LONG], outputs=2)
    assert_same(plan)
    ends = [with_fewer_passes(plan).steps[k].operands[0] for k in with_fewer_passes(plan).outputs]
    assert len(set(ends)) == 2
    assert all(with_fewer_passes(plan).steps[k].operation != "input" for k in ends)


def test_numbers_are_folded_where_they_are_finite():
    def write(w, a, b):
        four, zero = w.emit("number", (), 4.0, ()), w.emit("number", (), 0.0, ())
        half = w.emit("power", (four,), -0.5, ())
        endless = w.emit("power", (zero,), -1.0, ())
        return w.emit("multiply", (half, a), (), LONG), w.emit("multiply", (endless, b), (), LONG)

    plan = planned(write, [LONG, LONG], outputs=2)
    kept = [step for step in with_fewer_passes(plan).steps if step.operation == "power"]
    assert [step.parameters for step in kept] == [-1.0]
    with np.errstate(all="ignore"):
        assert_same(plan)


def test_the_gradient_of_a_chain_has_no_sign_of_its_own():
    f = ix.derive("t_i = tanh(a_i x_i + 1); L = sum_i(t_i exp(-x_i^2) + t_i^2)", wrt="x")
    signs = [
        s for s in f.plan({"a": (9,), "x": (9,)}).plan.steps if (s.operation, s.parameters) == ("scale", -1.0)
    ]
    assert len(signs) == 1  # that of exp(−x²)
