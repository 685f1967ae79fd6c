"""The statements of a program as equations, each behind those it uses, the outputs last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from indicial.ir.indices import Index, Space
from indicial.ir.nodes import Access, Apply, Definition, Epsilon
from indicial.ir.program import Program
from indicial.ir.traversal import definitions_under, postorder, relinked
from indicial.render import document
from indicial.render.conditions import with_plain_conditions
from indicial.render.letters import Letters, denominator_letters, invented_names
from indicial.render.vocabulary import Vocabulary
from indicial.render.writer import Writer
from indicial.simplify.canonical import Simplifier
from indicial.simplify.known import facts_of


class Statements(NamedTuple):
    """The sides of each equation, the names of the definitions, and the writer that knows what they name."""

    equations: tuple[tuple[str, str], ...]
    names: frozenset[str]
    writer: Writer


def written_statements(
    program: Program, vocabulary: Vocabulary, reserved: Mapping[str, Space] = MappingProxyType({})
) -> Statements:
    """The equations of a program in a vocabulary; a reserved letter stands for its space only."""
    plain = with_plain_conditions(program.statements.values())
    statements = dict(zip(program.statements, _without_ranged_lines(plain, program), strict=True))
    roots = {name: definition for name, definition in statements.items() if name not in program.outputs}
    roots |= {name: statements[name] for name in program.outputs}
    compacted = document.compact(*roots.values())
    order = document.anonymous_under(*[compacted[root] for root in roots.values()])
    unnamed = [each for each in order if not each.name]
    names = dict(zip(unnamed, invented_names(len(unnamed), program.names), strict=True))
    taken = set(program.names)
    known = {each: _left_side(each, program, taken) for each in order if each.name}
    letters = Letters(program, taken.difference(program.names).union(names.values()), reserved)
    axes = document.line_axes(known, unnamed, (), letters)
    writer = Writer(program, vocabulary, names)
    writer.letters = letters
    equations = []
    for each in order:
        left = vocabulary.tensor(writer.definition_name(each), axes[each])
        origins = program.origins.get(each.name, ())
        before = len(writer.slots)
        equations.append((left, writer.body(each, axes[each], origins=origins)))
        inferred = _inferred(program, each.name)
        writer.anchored.update([slot for slot in writer.slots[before:] if slot.space in inferred])
    return Statements(tuple(equations), frozenset([each.name for each in order]), writer)


def _without_ranged_lines(roots: Sequence[Definition], program: Program) -> list[Definition]:
    """The statements with the lines written out whose axes follow from computed subscripts.

    A left side says nothing of such a range: t_ij = u_ij - u[i,j+1] would have j as far as it goes, not i.
    """
    ranged = frozenset(program.ranged)
    lines = [
        each for each in definitions_under(*roots) if not each.name and not ranged.isdisjoint(each.spaces)
    ]
    if not lines:
        return list(roots)
    write_out = Simplifier(facts_of(program), lambda each: each in lines)
    done: dict[Definition, Definition] = {}
    for each in definitions_under(*roots):
        done[each] = write_out.definition(relinked(each, done))
        lines += [done[each]] if each in lines else []
    return [done[each] for each in roots]


def _left_side(definition: Definition, program: Program, taken: set[str]) -> tuple[str, ...]:
    """The letters of a statement's left side.

    A letter that needs an `index` line has one extent in all scopes; one that other spaces have, too, is
    replaced by a letter of its own, which is taken then.
    """
    letters = program.axes[definition.name]
    inferred = _inferred(program, definition.name)
    held: set[Index] = set()
    for node in postorder(definition.body):
        if isinstance(node, (Access, Apply, Epsilon)):
            held.update(node.indices)
    shared = [
        k
        for k, (formal, letter) in enumerate(zip(definition.formals, letters, strict=True))
        if formal not in held
        and formal.space not in inferred
        and letter not in program.lowest
        and (
            formal.space in program.ranged
            or any(letter in own for space, own in program.letters.items() if space != formal.space)
        )
    ]
    own = dict(zip(shared, denominator_letters(len(shared), taken), strict=True))
    taken.update(own.values())
    return tuple([own.get(k, letter) for k, letter in enumerate(letters)])


def _inferred(program: Program, name: str) -> frozenset[Space]:
    """The spaces whose ranges follow from a statement's own subscripts: it is the first to have them."""
    seen: set[Space] = set()
    for each, definition in program.statements.items():
        if each == name:
            return frozenset(program.ranged) - seen
        seen.update(definition.spaces)
    return frozenset()
