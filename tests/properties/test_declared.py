"""Random programs with declared symmetries: same formulas, same numbers, derivatives by differences."""

from functools import cache

import numpy as np
import pytest
from oracles.numeric import assert_close, directional, jacobian
from oracles.structure import moved
from properties.declared import KINDS, declared_program

import indicial as ix
from indicial.ir.check import check_canonical, check_definition
from indicial.ir.reference import evaluate_definition, extents_of
from indicial.semantics.resolve import read

SEEDS = range(12)
each_seed = pytest.mark.parametrize("seed", SEEDS)
each_structure = pytest.mark.parametrize("structure", ["projected", "entries"])
made = cache(declared_program)


def function_of(seed, name):
    """The output as a function of one input, by the reference evaluator, which knows of no declaration."""
    program, arrays = read(made(seed).undeclared), made(seed).arrays(seed)

    def f(value):
        given = {**arrays, name: value}
        return evaluate_definition(program.statements["r"], given, extents_of(program, given))

    return f


@each_seed
def test_values_by_what_is_declared(seed):
    program, arrays = made(seed), made(seed).arrays(seed)
    want = function_of(seed, program.names[0])(arrays[program.names[0]])
    assert_close(ix.evaluate(program.text, arrays), want, 1e-11, program.text)
    for name in program.names:
        derived = ix.derive(program.text, wrt=name)
        free = ix.derive(program.undeclared, wrt=name)
        assert_close(derived(arrays), free(arrays), 1e-11, f"{program.text}\n{derived.equation}")
        check_definition(derived.definition, dict(derived.of.meaning.inputs))
        check_canonical(derived.definition)


@each_seed
def test_exchanged_indices_print_equally(seed):
    program = made(seed)
    for name in program.names:
        if KINDS.get(name) in ("symmetric", "antisymmetric"):
            continue  # by such a one each component is differentiated for itself
        derived = ix.derive(program.text, wrt=name)
        other = ix.derive(program.exchanged(seed).text, wrt=name)
        assert other.definition == derived.definition, f"{program.text}\n{program.exchanged(seed).text}"
        assert str(other) == str(derived)


@each_seed
@each_structure
def test_exchanged_indices_do_not_matter_to_a_structured_derivative(seed, structure):
    program = made(seed)
    for name in program.names:
        if KINDS.get(name) in ("symmetric", "antisymmetric"):
            derived = ix.derive(program.text, wrt=name, structure=structure)
            other = ix.derive(program.exchanged(seed).text, wrt=name, structure=structure)
            arrays = program.arrays(seed)
            assert_close(other(arrays), derived(arrays), 1e-11, program.text)


@each_seed
@each_structure
def test_differences_along_the_directions_of_a_structure(seed, structure):
    program = made(seed)
    names = [name for name in program.names if KINDS.get(name, "positive") != "positive"]
    arrays = program.arrays(seed)
    for name in names if "abs" not in program.text else ():  # of a smooth function
        derived = ix.derive(program.text, wrt=name, structure=structure)

        def along(f, x, unit, kind=KINDS[name]):
            return directional(f, x, moved(unit, kind, structure))

        want = jacobian(function_of(seed, name), arrays[name], along)
        assert_close(derived(arrays), want, 1e-6, f"{program.text}\n{derived.equation}")


@each_seed
def test_second_derivatives_in_steps(seed):
    """A derivative of a structured derivative is the structured one of second order."""
    program = made(seed)
    name = next(name for name in program.names if name in "STND")
    arrays = program.arrays(seed)
    if arrays[name].ndim > 2:
        pytest.skip("large")
    at_once = ix.derive(program.text, wrt=f"{name} {name}", structure="projected")
    first = ix.derive(program.text, wrt=name, structure="projected")
    nested = ix.derive(first, wrt=name, structure="projected")
    assert_close(nested(arrays), at_once(arrays), 1e-11, program.text)
    value = at_once(arrays)
    swapped = np.moveaxis(value, (-2, -1), (-4, -3))
    assert_close(swapped, value, 1e-11, program.text)


@each_seed
def test_a_printed_derivative_reads_back(seed):
    program, arrays = made(seed), made(seed).arrays(seed)
    for name in program.names:
        derived = ix.derive(program.text, wrt=name)
        assert_close(ix.evaluate(str(derived.program), arrays), derived(arrays), 1e-10, str(derived.program))
