"""A derivative written inside a random program is the one taken from outside, and prints as a program."""

from dataclasses import replace

import pytest
from oracles.numeric import assert_close
from properties.programs import made, meaning, some_programs, variables

import indicial as ix
from indicial.ir.indices import formals
from indicial.ir.nodes import Access, Definition, Partial
from indicial.render.letters import denominator_letters


def with_derivative(program, names):
    """The program with a further statement, D(output, X_mn, …), as its output."""
    output = program.statements[program.outputs[0]]
    axes = [program.statements[n].spaces if n in program.statements else program.inputs[n] for n in names]
    own = formals(output.spaces + tuple([space for spaces in axes for space in spaces]))
    leaves, end = [], len(output.spaces)
    for name, spaces in zip(names, axes, strict=True):
        indices, end = own[end : end + len(spaces)], end + len(spaces)
        definition = program.statements.get(name)
        leaves.append(Access(name, indices) if definition is None else definition(*indices))
    body = Partial(output(*own[: len(output.spaces)]), tuple(leaves))
    letters = denominator_letters(len(own) - len(output.spaces), program.names)
    return replace(
        program,
        statements={**program.statements, "derivative": Definition("derivative", own, body)},
        outputs=("derivative",),
        axes={**program.axes, "derivative": program.axes[output.name] + letters},
    )


@pytest.mark.parametrize("order", [1, 2])
@some_programs
def test_inside_and_outside(seed, order):
    names = variables(seed, order)
    if not names:
        pytest.skip("every derivative is too large")
    arrays = made(seed).arrays
    outside = ix.derive(made(seed).text, " ".join(names))(arrays)
    program = ix.Program(with_derivative(meaning(seed), names))
    assert_close(program(arrays), outside, 1e-10, str(program))
    again = ix.parse(str(program))
    given = {name: array for name, array in arrays.items() if name in again.inputs or callable(array)}
    assert_close(again(given), outside, 1e-10, str(program))
