"""Derivatives that the literature gives in closed form: as numbers, and as printed."""

import numpy as np
import pytest
from oracles.extents import extents_of
from oracles.formulas import FORMULAS, arrays_of, derived
from oracles.numeric import assert_close
from oracles.structure import structured

import indicial as ix
from indicial.ir.reference import evaluate_definition
from indicial.semantics.resolve import read
from indicial.syntax.names import normal

PRINTED = [formula for formula in FORMULAS if "printed" in formula]
each_formula = pytest.mark.parametrize("formula", FORMULAS, ids=[f["number"] for f in FORMULAS])


def closed_value(formula, arrays, shape):
    """The closed form's components, by the reference evaluator; `shape` gives the extents of its axes."""
    lines = [formula["program"], formula.get("let", ""), f"answer_{formula['axes']} = {formula['closed']}"]
    lines += index_lines(formula, formula["axes"], shape)
    program, arrays = read("\n".join(lines), outputs=("answer",)), normalised(arrays)
    return evaluate_definition(program.statements["answer"], arrays, extents_of(program, arrays))


def index_lines(formula, letters, shape):
    """The extents of axes, of those that the formula has not declared."""
    sized = zip(letters, shape, strict=True)
    return [f"index {one}: {extent}" for one, extent in sized if f"index {one}:" not in formula["program"]]


def structured_in_each(free, ranks, structure):
    """The derivative by symmetric tensors, from the free one: one denominator after another."""
    for rank in ranks:
        lead = free.ndim - sum(ranks)
        free = structured(free, rank, "symmetric", structure)
        free = np.moveaxis(free, range(free.ndim - rank, free.ndim), range(lead, lead + rank))
    return free


def normalised(arrays):
    """The arrays by the names that a resolved program has for its inputs: `mu` is μ."""
    return {normal(name): array for name, array in arrays.items()}


@each_formula
def test_the_closed_form_is_right(formula):
    jax_oracle = pytest.importorskip("oracles.jax_oracle", reason="JAX is the second oracle")
    arrays = arrays_of(formula)
    program = read(formula["program"])
    names = formula["wrt"].split()
    exact = jax_oracle.derivative(program, normalised(arrays), *names)
    if "structure" in formula:
        exact = structured_in_each(exact, [arrays[name].ndim for name in names], formula["structure"])
    assert_close(closed_value(formula, arrays, exact.shape), exact, 1e-11)


@each_formula
def test_numbers(formula):
    arrays = arrays_of(formula)
    derivative = derived(formula)
    got = derivative(**arrays)
    assert_close(got, closed_value(formula, arrays, got.shape), 1e-11, derivative.equation)


@pytest.mark.parametrize("formula", PRINTED, ids=[f["number"] for f in PRINTED])
def test_formula(formula):
    assert str(derived(formula)) == formula["printed"]


@each_formula
def test_latex_reads_back(formula):
    """What `latex` gives, pasted behind the program, is a statement with the same numbers."""
    derivative, arrays = ix.derive(formula["program"], wrt=formula["wrt"]), arrays_of(formula)
    expected = derivative(**arrays)
    lines = index_lines(formula, derivative.indices, expected.shape)
    text = "\n".join([formula["program"], derivative.latex(), *lines])
    assert_close(ix.evaluate(text, **arrays), expected, 1e-11, text)


def test_a_product_with_a_zero_factor():
    derivative = ix.derive("s = prod_i(x_i)", wrt="x")
    np.testing.assert_array_equal(derivative(x=np.array([2.0, 0.0, 3.0])), [0, 6, 0])
    np.testing.assert_array_equal(derivative(x=np.array([0.0, 0.0, 3.0])), [0, 0, 0])
