"""Derivatives of random programs against differences, complex steps and JAX, and against themselves."""

from functools import cache

import numpy as np
import pytest
from oracles.extents import extents_of
from oracles.numeric import STEP, applied, assert_close, complex_directional, directional, richardson
from properties.programs import (
    canonical_statements,
    direction,
    each_program,
    function_of,
    further_programs,
    made,
    meaning,
    some_programs,
    start,
    variables,
)

import indicial as ix
from indicial.calculus.within import canonical
from indicial.ir.check import check_canonical, check_definition
from indicial.ir.reference import evaluate_definition
from indicial.simplify.known import facts_of

ORDERS = pytest.mark.parametrize("order", [1, 2])


@cache
def derived_and_value(seed, names):
    derived = ix.derive(made(seed).text, wrt=" ".join(names))
    return derived, derived(made(seed).arrays)


def derivative(seed, order):
    """A derivative of the seed's program, its value and the names; the test is skipped if each is large."""
    names = variables(seed, order)
    if not names:
        pytest.skip("every derivative of this order is large")
    return *derived_and_value(seed, names), names


def told(seed, derived):
    return f"{made(seed).text}\n{derived.equation}\n"


@each_program
def test_first_order_along_a_direction(seed):
    derived, array, (name,) = derivative(seed, 1)
    f, x = function_of(seed, (name,)), start(seed, name)
    u = direction(seed, x)
    holomorphic = made(seed).holomorphic
    want = (complex_directional if holomorphic else directional)(f, x, u)
    got = applied(array, u)
    assert_close(got, want, 1e-11 if holomorphic else 1e-7, told(seed, derived))


@each_program
def test_second_order_along_two_directions(seed):
    derived, array, names = derivative(seed, 2)
    distinct = list(dict.fromkeys(names))
    f, at = function_of(seed, distinct), [start(seed, name) for name in distinct]
    u, w = direction(seed, start(seed, names[0])), direction(seed + 1, start(seed, names[1]))

    def moved(s, t):
        steps = dict.fromkeys(distinct, 0.0)
        steps[names[0]] = steps[names[0]] + s * u
        steps[names[1]] = steps[names[1]] + t * w
        return f(*[x + step for x, step in zip(at, steps.values(), strict=True)])

    def difference(h):
        return (moved(h, h) - moved(h, -h) - moved(-h, h) + moved(-h, -h)) / (4 * h * h)

    got = applied(array, u, w)
    assert_close(got, richardson(difference, 2 * STEP), 1e-5, told(seed, derived))


@ORDERS
@some_programs
def test_against_jax(seed, order):
    jax_oracle = pytest.importorskip("oracles.jax_oracle", reason="JAX is the second oracle")
    derived, array, names = derivative(seed, order)
    want = jax_oracle.derivative(meaning(seed), made(seed).arrays, *names)
    assert_close(array, want, 1e-9, told(seed, derived))


@ORDERS
@each_program
def test_formula_and_numbers_agree(seed, order):
    derived, array, _ = derivative(seed, order)
    if array.size > 512:
        pytest.skip("too large for the loop evaluator")
    extents = extents_of(meaning(seed), made(seed).arrays)
    want = evaluate_definition(derived.definition, made(seed).arrays, extents)
    assert_close(array, want, 1e-10, told(seed, derived))


@each_program
def test_mixed_partials_commute(seed):
    derived, array, names = derivative(seed, 2)
    first, second = [start(seed, name).ndim for name in names]
    crossed = ix.derive(made(seed).text, wrt=" ".join(names[::-1]))(made(seed).arrays)
    lead = crossed.ndim - first - second
    order = [*range(lead), *range(lead + second, crossed.ndim), *range(lead, lead + second)]
    assert_close(array, crossed.transpose(order), 1e-10, told(seed, derived))


@ORDERS
@each_program
def test_canonical_form_is_checked_and_final(seed, order):
    derived, _, _ = derivative(seed, order)
    check_definition(derived.definition, dict(meaning(seed).inputs))
    check_canonical(derived.definition)
    again = canonical([derived.definition], facts_of(meaning(seed)))[derived.definition]
    assert again == derived.definition, told(seed, derived)


@ORDERS
@each_program
def test_equal_programs_print_equal_derivatives(seed, order):
    derived, array, names = derivative(seed, order)
    wrt = " ".join(names)
    shuffled = made(seed).rewritten(seed)
    assert str(ix.derive(shuffled, wrt=wrt)) == str(derived), f"{told(seed, derived)}\n{shuffled}"
    relettered = ix.derive(made(seed).relettered(seed), wrt=wrt)
    if made(seed).computed:  # the range of a declared letter is called by it: the numbers are equal
        assert_close(relettered(made(seed).arrays), array, 1e-9, told(seed, derived))
    else:
        assert relettered.definition == derived.definition, made(seed).relettered(seed)


@further_programs
def test_equal_statements_have_one_canonical_form(seed):
    want = canonical_statements(made(seed).text)
    text = made(seed).rewritten(seed)
    assert canonical_statements(text) == want, f"{made(seed).text}\n{text}"
    again = canonical(want.values(), facts_of(meaning(seed)))
    assert {name: again[body] for name, body in want.items()} == want, made(seed).text


def text_with_answer(seed, derived, shape):
    """The program with the derivative's text behind it, and which of its axes the answer has.

    An index that the formula lacks is left out, so the value is the same along it.
    """
    free = {index.serial for index in derived.definition.body.free}
    kept = [axis for axis in range(len(shape)) if axis in free]
    *named, right = str(derived).splitlines()
    letters = " ".join([derived.indices[axis] for axis in kept])
    left = f"answer_{{{letters}}}" if kept else "answer"
    extents = [
        f"index {derived.indices[axis]}: {shape[axis]}"
        for axis in kept
        if f"index {derived.indices[axis]}:" not in made(seed).text
    ]
    return "\n".join([made(seed).text, *named, f"{left} = {right}", *extents]), kept


@ORDERS
@each_program
def test_printing_round_trips(seed, order):
    derived, array, _ = derivative(seed, order)
    if made(seed).computed:  # a dummy without an axis needs an `index` line, which the program has
        text = str(derived.program)
        given = {key: each for key, each in made(seed).arrays.items() if key in text or callable(each)}
        assert_close(ix.evaluate(text, given), array, 1e-10, text)
        return
    text, kept = text_with_answer(seed, derived, array.shape)
    along = tuple([slice(None) if axis in kept else 0 for axis in range(array.ndim)])
    got = ix.evaluate(ix.parse(text, outputs=("answer",)), made(seed).arrays)
    assert_close(got, array[along], 1e-10, text)


@some_programs
def test_the_derivative_as_a_program(seed):
    derived, array, _ = derivative(seed, 1)
    arrays = made(seed).arrays
    assert_close(derived.program(arrays), array, 1e-12, told(seed, derived))
    assert_close(ix.evaluate(str(derived.program), arrays), array, 1e-10, str(derived.program))


@some_programs
def test_steps_of_a_second_derivative(seed):
    derived, array, names = derivative(seed, 2)
    if any(name not in made(seed).arrays for name in names):
        pytest.skip("an intermediate is held in one derivative only")
    nested = ix.derive(ix.derive(made(seed).text, wrt=names[0]), wrt=names[1])
    assert_close(nested(made(seed).arrays), array, 1e-10, told(seed, derived))


@some_programs
def test_several_variables_at_once(seed):
    names = tuple([n for n in made(seed).wrt if n in made(seed).arrays and start(seed, n).size <= 24][:3])
    together = ix.derive(made(seed).text, wrt=names) if names else {}
    values = together(made(seed).arrays) if names else {}
    assert list(values) == list(names)
    for name in names:
        want = ix.derive(made(seed).text, wrt=name)(made(seed).arrays)
        assert_close(values[name], want, 1e-12, f"{made(seed).text}\nby {name}")
        assert np.shape(values[name]) == np.shape(want)
