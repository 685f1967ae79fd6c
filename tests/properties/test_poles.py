"""Derivatives of random programs with poles behind brackets: finite, and those of differences and loops."""

from functools import cache

import numpy as np
import pytest
from oracles.numeric import assert_close, richardson
from oracles.poles import ARRAYS, pole_program

import indicial as ix
from indicial.ir.reference import evaluate_definition, extents_of

SEEDS = pytest.mark.parametrize("seed", range(40))
STEP = 2.0**-8


@cache
def program(seed):
    return ix.parse(f"index i: 4\nindex j: 4\nindex k: 4\n{pole_program(seed)}")


@cache
def derivative(seed, order):
    return ix.derive(program(seed), wrt="x " * order)


def arrays_of(seed, x=ARRAYS["x"]):
    return {name: x if name == "x" else ARRAYS[name] for name in program(seed).inputs}


def differences(f, seed):
    """∂f/∂x, a component at a time."""

    def column(unit):
        return richardson(lambda h: (f(at(h * unit)) - f(at(-h * unit))) / (2 * h), STEP)

    def at(step):
        return arrays_of(seed, ARRAYS["x"] + step)

    return np.stack([column(unit) for unit in np.eye(len(ARRAYS["x"]))], axis=-1)


@SEEDS
@pytest.mark.parametrize("order", [1, 2])
def test_differences(seed, order):
    below = program(seed) if order == 1 else derivative(seed, 1)
    want = differences(below, seed)
    assert_close(derivative(seed, order)(arrays_of(seed)), want, 1e-6, str(program(seed)))


@SEEDS
@pytest.mark.parametrize("order", [1, 2])
def test_loops(seed, order):
    """The canonical form, component by component."""
    derived = derivative(seed, order)
    given = arrays_of(seed)
    want = evaluate_definition(derived.definition, given, extents_of(program(seed).meaning, given))
    assert_close(derived(given), want, 1e-9, f"{program(seed)}\n{derived.equation}")


@SEEDS
def test_printed_derivatives_read_back(seed):
    derived = derivative(seed, 1)
    again = ix.parse(str(derived.program))
    given = arrays_of(seed)
    found = again({name: given[name] for name in again.inputs})
    assert_close(found, derived(given), 1e-9, str(derived.program))
