"""The random programs of a test run; INDICIAL_PROGRAMS=N makes it N of them."""

import os
import random
from functools import cache

import numpy as np
from oracles.generators import random_program

from indicial.ir.reference import evaluate_definition, extents_of
from indicial.semantics.resolve import read

COUNT = int(os.environ.get("INDICIAL_PROGRAMS", "150"))
FIRST = int(os.environ.get("INDICIAL_FIRST", "0"))
SEEDS = range(FIRST, FIRST + COUNT)


@cache
def made(seed):
    """The program of a seed."""
    return random_program(seed)


@cache
def meaning(seed):
    """What the program of a seed means, straight from its text."""
    return read(made(seed).text)


def variables(seed, count=1):
    """A few names to differentiate by; small tensors, so that results stay small."""
    program, own = made(seed), meaning(seed)
    small = [name for name in program.wrt if np.size(start(seed, name)) <= 24]
    rng = random.Random(seed)
    return rng.sample(small, min(count, len(small))) if small and own else []


def value(seed, arrays=None):
    """The output, by the reference evaluator."""
    program = meaning(seed)
    arrays = made(seed).arrays if arrays is None else arrays
    return evaluate_definition(program.statements[program.outputs[0]], arrays, extents_of(program, arrays))


def start(seed, name):
    """Where a variable stands: an input's array, or an intermediate's value."""
    program, arrays = meaning(seed), made(seed).arrays
    if name in arrays:
        return arrays[name]
    return evaluate_definition(program.statements[name], arrays, extents_of(program, arrays))


def function_of(seed, names):
    """The output as a function of some names, by the reference evaluator; intermediates become inputs."""
    random_one = made(seed)
    held = [s for s in random_one.statements if s.name not in names]
    program = (
        read(type(random_one)(seed, tuple(held), {}, ()).text)
        if len(held) < len(random_one.statements)
        else meaning(seed)
    )
    output = program.statements[program.outputs[0]]

    def f(*variables):
        arrays = {**random_one.arrays, **dict(zip(names, variables, strict=True))}
        return evaluate_definition(output, arrays, extents_of(program, arrays))

    return f


def direction(seed, array):
    """A random direction of an array's shape."""
    return np.random.default_rng(seed + 1).normal(size=np.shape(array))
