"""Source code that was printed, run by itself with arrays of its library."""

import importlib.util
import inspect

import numpy as np
import pytest

LIBRARIES = [name for name in ("numpy", "jax", "torch") if importlib.util.find_spec(name)]


def function_of(text):
    """The function that a text defines, and nothing of this library in reach."""
    space = {}
    exec(compile(text, "source", "exec"), space)
    return [value for value in space.values() if inspect.isfunction(value)][-1]


def as_array(library, value):
    """An array of the library; a declared function as it is."""
    if callable(value) or library == "numpy":
        return value
    if library == "jax":
        jax = pytest.importorskip("jax")
        jax.config.update("jax_enable_x64", True)
        return jax.numpy.asarray(value)
    return pytest.importorskip("torch").asarray(np.asarray(value))
