"""Random programs mean what they were made to mean, and every way to their value agrees."""

from oracles.meaning import program_value
from oracles.numeric import assert_close
from properties.programs import each_program, made, meaning, value

import indicial as ix
from indicial.ir.check import check_canonical, check_definition


@each_program
def test_the_summation_rule_reads_what_was_meant(seed):
    assert_close(value(seed), program_value(made(seed)), 1e-11, made(seed).text)


@each_program
def test_resolved_programs_pass_the_checker(seed):
    program = meaning(seed)
    for definition in program.statements.values():
        check_definition(definition, program.inputs)


@each_program
def test_evaluation(seed):
    program = made(seed)
    assert_close(ix.evaluate(program.text, program.arrays), value(seed), 1e-11, program.text)


@each_program
def test_canonical_form_keeps_the_value_and_passes_the_checker(seed):
    program = ix.parse(made(seed).text)
    for definition in program.meaning.statements.values():
        check_definition(definition, program.meaning.inputs)
        check_canonical(definition)


@each_program
def test_order_and_letters_do_not_matter(seed):
    program, own = made(seed), ix.parse(made(seed).text)
    for other in (program.rewritten(seed), program.relettered(seed)):
        assert_close(ix.evaluate(other, program.arrays), value(seed), 1e-11, other)
        if program.computed:  # the range of a declared letter is called by it
            continue
        statements = ix.parse(other).meaning.statements
        for name, definition in own.meaning.statements.items():
            assert statements[name] == definition, f"{name} differs\n{program.text}\n\n{other}"


@each_program
def test_printing_round_trips(seed):
    program = made(seed)
    own = ix.parse(program.text)
    again = ix.parse(str(own))
    known = {*again.inputs, *again.meaning.functions}
    given = {name: each for name, each in program.arrays.items() if name in known or callable(each)}
    assert_close(again(given), value(seed), 1e-11, f"{program.text}\n\n{own}")
