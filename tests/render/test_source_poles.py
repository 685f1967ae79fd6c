"""Source code for derivatives of random programs with poles behind brackets: the engine's numbers."""

import functools
import inspect

import numpy as np
import pytest
from oracles.numeric import assert_close
from oracles.poles import ARRAYS, pole_program
from oracles.sources import function_of

import indicial as ix

POSITIONS = np.random.default_rng(0).normal(size=(3, 2))
PAIRS = "d_ijk = x_ik - x_jk; r_ij = norm_k(d_ijk); f_ij = [i != j] [r_ij < rc] (1/r_ij^12 - 2/r_ij^6)"
WRITTEN = [
    "E = sum_ij([i < j] q_i q_j erf(norm_d(x_id - x_jd)) / norm_d(x_id - x_jd))",
    f"{PAIRS}; E = sum_ij(f_ij)/2; F_id = -D(E, x_id)",
]


def agrees(derivative, arrays):
    """The numbers of the code, and no warnings, which would be errors here."""
    text = derivative.source("numpy")
    function = function_of(text)
    got = function(**{name: arrays[name] for name in inspect.signature(function).parameters})
    assert_close(np.asarray(got), derivative(arrays), 1e-8, text)


@functools.cache
def program(seed):
    return ix.parse(pole_program(seed))


@pytest.mark.parametrize(
    ("order", "seed"), [(1, seed) for seed in range(30)] + [(2, seed) for seed in range(0, 30, 2)]
)
def test_random_programs(order, seed):
    agrees(ix.derive(program(seed), wrt="x " * order), {name: ARRAYS[name] for name in program(seed).inputs})


@pytest.mark.parametrize("text", WRITTEN)
def test_pairs_of_particles(text):
    given = {"x": POSITIONS, "q": np.array([1.0, -0.5, 0.7]), "rc": 1.9}
    arrays = {name: given[name] for name in ix.parse(text).inputs}
    agrees(ix.derive(text, wrt="x x"), arrays)


def test_third_derivatives():
    text = "E = sum_ij([i < j] q_i q_j / norm_d(x_id - x_jd))"
    agrees(ix.derive(text, wrt="x x x"), {"x": POSITIONS, "q": np.array([1.0, -0.5, 0.7])})
