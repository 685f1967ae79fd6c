"""A formula with the named lines it rests on."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from indicial.ir.indices import Index, fresh
from indicial.ir.nodes import Apply, Definition, Delta, Mul, Node, Operation
from indicial.ir.program import Program
from indicial.ir.traversal import definitions_in, definitions_under, named, postorder, rebuilt
from indicial.render.factoring import factored
from indicial.render.letters import Letters, invented_names
from indicial.render.naming import stem, with_named_repeats
from indicial.render.vocabulary import Vocabulary
from indicial.render.writer import Writer
from indicial.simplify.canonical import Simplifier
from indicial.simplify.facts import Facts
from indicial.simplify.inline import inlined

_LONG = 2000  # the size from which on what occurs twice in a body gets a line of its own
_WORTH_A_LINE = 20
_FEW_LINES = 12  # the number of lines up to which those used once are written out
_A_LINE = 240  # and the size of such a line
_SHORT = 80  # the size of a formula up to which all of its lines may be written out
_A_NAME = 4  # what a name costs


@dataclass(frozen=True, slots=True)
class Formula:
    """A right side, and the lines `s_i = …` that stand before it."""

    lines: tuple[str, ...]
    text: str

    def __str__(self) -> str:
        return "\n".join((*self.lines, self.text))


def write(
    definition: Definition,
    letters: Sequence[str],
    program: Program,
    vocabulary: Vocabulary,
    origins: Sequence[Node] = (),
) -> Formula:
    """The body of a definition whose formal indices are called `letters` and begin at `origins`."""
    whole = compact(definition)[definition]
    definition = rebuilt([whole], shortened)[whole]
    order = [each for each in anonymous_under(definition) if each is not definition]
    taken = program.names.union(letters)
    names = dict(zip(order, invented_names(len(order), taken, [stem(each) for each in order]), strict=True))
    axes = line_axes({definition: tuple(letters)}, order, letters, Letters(program, names.values()))
    writer = Writer(program, vocabulary, names)
    lines = []
    for each in order:
        left = vocabulary.tensor(names[each], axes[each])
        lines.append(f"{left} = {writer.body(each, axes[each], taken=letters)}")
    return Formula(tuple(lines), writer.body(definition, letters, complete=False, origins=origins))


def in_few_lines(definition: Definition, facts: Facts) -> Definition:
    """Lines that are used once written where they are used, if there are few: names are given anew.

    Products where that is shorter: a factor that a line has at each of its places then stands in front.
    """
    if not 1 < len(anonymous_under(definition)) <= _FEW_LINES:
        return definition
    (whole,) = inlined([definition], facts, _A_LINE)
    lines = [each for each in anonymous_under(whole) if each is not whole]
    short = sum([each.body.size for each in (whole, *lines)]) <= _SHORT
    if not (short and lines and all(isinstance(each.body, Mul) for each in lines)):
        return whole
    written = Simplifier(facts, lambda each: each in lines).definition(whole)
    return written if _length(written) < _length(whole) else whole


def _length(definition: Definition) -> int:
    """The size of what is printed of a definition, its lines included."""
    printed = rebuilt([definition], shortened)[definition]
    return sum([each.body.size + _A_NAME for each in anonymous_under(printed)])


def shortened(definition: Definition) -> Definition:
    """What is printed of an anonymous definition: its shortest form, with names for what repeats in it."""
    if definition.name:
        return definition
    return with_plain_operations(with_named_repeats(factored(definition)))


def anonymous_under(*roots: Definition) -> list[Definition]:
    """The roots and the anonymous definitions they rest on, each behind those it applies."""

    @functools.cache
    def below(definition: Node) -> list[Definition]:
        assert isinstance(definition, Definition)
        return [each for each in definitions_in(definition.body) if not each.name]

    return [each for each in postorder(*roots, below=below) if isinstance(each, Definition)]


def line_axes(
    known: Mapping[Definition, tuple[str, ...]],
    order: Sequence[Definition],
    result: Sequence[str],
    letters: Letters,
) -> dict[Definition, tuple[str, ...]]:
    """The letters of each line's left side.

    An axis is called as it is where the line is used, if it is an axis of the left side there; else by
    a letter of its space that is none of the result's.
    """
    axes = dict(known)
    asked: dict[Definition, dict[int, dict[str, None]]] = {}
    for user in (*known, *reversed(order)):
        if user not in axes:
            axes[user] = _axes(user, asked.get(user, {}), result, letters)
        called = dict(zip(user.formals, axes[user], strict=True))
        applications = [node for node in postorder(user.body) if isinstance(node, Apply)]
        for node in sorted(applications, key=lambda node: node.indices):
            for axis, index in enumerate(node.indices):
                if index in called:
                    wishes = asked.setdefault(node.definition, {}).setdefault(axis, {})
                    wishes.setdefault(called[index])
    return axes


def _axes(
    definition: Definition, asked: Mapping[int, Iterable[str]], result: Sequence[str], letters: Letters
) -> tuple[str, ...]:
    wishes = dict.fromkeys(range(len(definition.formals)), "")
    for axis in wishes:
        wishes[axis] = next((one for one in asked.get(axis, ()) if one not in wishes.values()), "")
    choose = letters.chooser((*result, *wishes.values()))
    return tuple([wish or choose(definition.formals[axis].space) for axis, wish in wishes.items()])


def compact(*roots: Definition) -> dict[Definition, Definition]:
    """Each definition under the roots as one that can be written, in a text in proportion to its graph."""
    under = definitions_under(*roots)
    if all(each.body.size < _LONG and _is_plain(each.body) for each in under):
        return {each: each for each in under}
    return rebuilt(roots, lambda definition: with_named_parts(with_plain_operations(definition)))


def with_plain_operations(definition: Definition) -> Definition:
    """A definition in which an operator is read only at letters that it can be written with.

    The trace of an inverse needs a name for the inverse: s_ij = inv_ij(A_ij), and then s_ii; it is called
    so wherever it stands.
    """
    if _is_plain(definition.body):
        return definition
    body = _with_indices_apart(definition.body)
    operations = [node for node in postorder(body) if isinstance(node, Operation)]
    unwritable = {_at_no_place(node) for node in operations if not _is_writable(node)}
    values: dict[Node, Node] = {}
    for node in postorder(body):
        kids = tuple([values[child] for child in node.children])
        value = node.with_children(kids) if kids else node
        if isinstance(node, Operation) and isinstance(value, Operation) and _at_no_place(node) in unwritable:
            at = tuple([fresh(index.space) for index in value.at])
            whole = named(Operation(value.operator, value.indices, value.arguments, at))
            actual = dict(zip(at, value.at, strict=True))
            value = Apply(whole.definition, tuple([actual.get(index, index) for index in whole.indices]))
        values[node] = value
    return Definition(definition.name, definition.formals, values[body])


def _at_no_place(node: Operation) -> tuple[object, ...]:
    return node.operator, node.indices, node.arguments


def _with_indices_apart(body: Node) -> Node:
    """δ_mn inv_mn for δ_mn inv_mm: the same number, and one that can be written."""
    values: dict[Node, Node] = {}
    for node in postorder(body):
        kids = tuple([values[child] for child in node.children])
        value = node.with_children(kids) if kids else node
        if isinstance(value, Mul):
            deltas = [factor for factor in value.factors if isinstance(factor, Delta)]
            value = Mul(tuple([_apart(factor, deltas) for factor in value.factors])) if deltas else value
        values[node] = value
    return values[body]


def _apart(factor: Node, deltas: Sequence[Delta]) -> Node:
    """An operator that is read at an index twice, read at the other index of a delta instead."""
    if not isinstance(factor, Operation):
        return factor
    at = list(factor.at)
    for delta in deltas:
        if at.count(delta.left) > 1 and delta.right not in at:
            at[-1 - at[::-1].index(delta.left)] = delta.right
    return Operation(factor.operator, factor.indices, factor.arguments, tuple(at))


def _is_plain(body: Node) -> bool:
    return all(_is_writable(node) for node in postorder(body) if isinstance(node, Operation))


def _is_writable(node: Operation) -> bool:
    inside = frozenset[Index]().union(*[argument.free for argument in node.arguments])
    return len(set(node.at)) == len(node.at) and inside.isdisjoint(node.at)


def with_named_parts(definition: Definition) -> Definition:
    """A definition in which that which occurs twice in a long body has a name."""
    if definition.body.size < _LONG:
        return definition
    order = postorder(definition.body)
    uses = Counter(child for node in order for child in node.children)
    values: dict[Node, Node] = {}
    for node in order:
        kids = tuple([values[child] for child in node.children])
        value = node.with_children(kids) if kids else node
        values[node] = named(value) if uses[node] > 1 and value.size > _WORTH_A_LINE else value
    return Definition(definition.name, definition.formals, values[definition.body])
