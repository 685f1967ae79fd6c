"""The formulas of the literature in tests/formulas/formulas.toml, and arrays for them."""

import tomllib
from pathlib import Path

import numpy as np

import indicial as ix
from oracles.structure import projected

FORMULAS = tomllib.loads((Path(__file__).parents[1] / "formulas/formulas.toml").read_text(encoding="utf-8"))[
    "formula"
]
BY_NUMBER = {formula["number"]: formula for formula in FORMULAS}


def arrays_of(formula, signed=True):
    """Random arrays of the formula's shapes, with entries away from 0."""
    generator = np.random.default_rng(sum(map(ord, formula["number"])))
    arrays = {}
    for name, shape in formula["shapes"].items():
        size = generator.uniform(0.5, 1.5, shape)
        positive = not signed or name in formula.get("positive", ())
        arrays[name] = size if positive else size * generator.choice([-1.0, 1.0], shape)
        if name in formula.get("positions", ()):
            arrays[name] = generator.integers(0, formula["positions"][name], shape)
        if name in formula.get("regular", ()):
            arrays[name] += 5 * np.eye(*shape)
        if name in formula.get("symmetric", ()):
            arrays[name] = projected(arrays[name], "symmetric")
        if name in formula.get("symmetric_ij", ()):
            arrays[name] = (arrays[name] + arrays[name].swapaxes(0, 1)) / 2
    return arrays


def derived(formula):
    """The derivative that a formula is about."""
    return ix.derive(formula["program"], wrt=formula["wrt"], structure=formula.get("structure"))
