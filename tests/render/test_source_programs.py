"""Source code of random programs and of their derivatives, for all three libraries, against the engine."""

import importlib.util
import inspect
import warnings

import numpy as np
import pytest
from oracles.numeric import assert_close
from oracles.sources import as_array, function_of
from properties.programs import SEEDS, made, variables

import indicial as ix
from indicial.syntax.names import normal

WAYS = [("numpy", seed) for seed in SEEDS[:40]]
WAYS += [("torch", seed) for seed in SEEDS[:24] if importlib.util.find_spec("torch")]
WAYS += [("jax", seed) for seed in SEEDS[:6] if importlib.util.find_spec("jax")]


def sources(seed):
    """The program of a seed, and its first and second derivatives."""
    yield ix.parse(made(seed).text)
    for order in (1, 2):
        names = variables(seed, order)
        if names:
            yield ix.derive(made(seed).text, wrt=" ".join(names))


@pytest.mark.parametrize(("library", "seed"), WAYS)
def test_the_numbers_are_the_engines(library, seed):
    arrays = {normal(name): value for name, value in made(seed).arrays.items()}
    if library != "numpy" and any(callable(value) for value in arrays.values()):
        pytest.skip("the declared functions of the test are NumPy's")
    for meant in sources(seed):
        text = meant.source(library)
        assert max(map(len, text.splitlines())) <= 100, text
        function = function_of(text)
        names = {name: name.rstrip("_") for name in inspect.signature(function).parameters}
        given = {name: as_array(library, arrays[plain]) for name, plain in names.items() if plain in arrays}
        if len(given) < len(names):  # φ′ is called `φ_prime`, and given as "φ'"
            continue
        with warnings.catch_warnings(action="ignore"):
            got = np.asarray(function(**given))
        assert_close(got, meant(made(seed).arrays), 1e-9, text)
