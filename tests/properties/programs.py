"""The random programs of a test run: INDICIAL_PROGRAMS of them, from seed INDICIAL_FIRST on."""

import os
import random
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from oracles.extents import extents_of
from oracles.generators import random_program
from oracles.trees import Text, mapped

from indicial.calculus.within import canonical
from indicial.ir.reference import evaluate_definition
from indicial.semantics.resolve import read
from indicial.simplify.known import facts_of

COUNT = int(os.environ.get("INDICIAL_PROGRAMS", "150"))
FIRST = int(os.environ.get("INDICIAL_FIRST", "0"))
SEEDS = range(FIRST, FIRST + COUNT)
each_program = pytest.mark.parametrize("seed", SEEDS)
further_programs = pytest.mark.parametrize("seed", range(FIRST + COUNT, FIRST + 2 * COUNT))
some_programs = pytest.mark.parametrize("seed", SEEDS[::3])
LARGEST = 4096  # components of a result that a test asks for


@cache
def made(seed):
    """The program of a seed."""
    return random_program(seed)


@cache
def meaning(seed):
    """What the program of a seed means, straight from its text."""
    return read(made(seed).text)


def canonical_statements(text):
    """The statements of a program in canonical form, by name."""
    program = read(text)
    found = canonical(program.statements.values(), facts_of(program))
    return {name: found[program.statements[name]] for name in sorted(program.statements)}


@cache
def value(seed):
    """The output, by the reference evaluator."""
    return function_of(seed, ())()


@cache
def start(seed, name):
    """Where a variable stands: an input's array, or an intermediate's value."""
    program, arrays = meaning(seed), made(seed).arrays
    if name in arrays:
        return arrays[name]
    return evaluate_definition(program.statements[name], arrays, extents_of(program, arrays))


@cache
def variables(seed, order):
    """Names to differentiate by, perhaps one several times, such that the result stays small."""
    program, rng = made(seed), random.Random(seed)
    names, size = [], value(seed).size
    for _ in range(order):
        fit = [name for name in program.wrt if size * start(seed, name).size <= LARGEST]
        if not fit:
            return ()
        names.append(rng.choice(fit))
        size *= start(seed, names[-1]).size
    return tuple(names)


def function_of(seed, names):
    """The output as a function of some names, by the reference evaluator; a statement among them is held."""
    program = made(seed)
    kept = [statement for statement in program.statements if statement.name not in names]
    extents = {f"dim({name}, 0)": str(len(array)) for name, array in program.arrays.items() if np.ndim(array)}

    def change(node):  # the axes of an input that only a held statement reads are unknown without it
        return Text(extents.get(node.text, node.text)) if isinstance(node, Text) else node

    closed = [replace(statement, body=mapped(statement.body, change)) for statement in kept]
    resolved = read(program.around(closed))
    output = resolved.statements[resolved.outputs[0]]

    def f(*values):
        arrays = {**program.arrays, **dict(zip(names, values, strict=True))}
        return evaluate_definition(output, arrays, extents_of(resolved, arrays))

    return f


def direction(seed, array):
    """A random direction of an array's shape, at most 1 in every component."""
    return np.random.default_rng(seed).uniform(-1, 1, size=np.shape(array))
