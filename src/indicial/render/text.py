"""Formulas and programs as index notation, which reads back as the same program."""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Sequence
from fractions import Fraction

from indicial.ir.abstract import spelled
from indicial.ir.indices import Index, Space
from indicial.ir.nodes import Access, Apply, Definition, Epsilon, Node
from indicial.ir.program import Program
from indicial.ir.properties import FLAGS, Group
from indicial.ir.traversal import postorder
from indicial.render import document
from indicial.render.document import Formula
from indicial.render.letters import Letters, axis_letters, denominator_letters, invented_names
from indicial.render.pieces import Level, Piece
from indicial.render.vocabulary import Written, signed, split
from indicial.render.writer import Writer, with_plain_conditions

Tensor = tuple[str, Sequence[str]]  # a name and its indices
_LETTER = re.compile(r"[^\W\d_]\d*'*")
_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def formula(
    definition: Definition, letters: tuple[str, ...], program: Program, origins: Sequence[Node] = ()
) -> Formula:
    """The body of a definition whose formal indices are called `letters`, with the lines it needs.

    `origins` are the smallest values that the first of the letters mean, where they are not 0.
    """
    return document.write(definition, letters, program, TextVocabulary(program), origins)


def subscripted(name: str, letters: Sequence[str]) -> str:
    """`W_ij`, `A_{i1 i2}` or `W[row, col]`."""
    if not letters:
        return name
    if all(len(letter) == 1 and letter.isalpha() for letter in letters):
        return f"{name}_{''.join(letters)}"
    if all(_LETTER.fullmatch(letter) for letter in letters):
        return f"{name}_{{{' '.join(letters)}}}"
    return f"{name}[{', '.join(letters)}]"


def partial(output: Tensor, denominators: Sequence[Tensor]) -> str:
    """`∂f_i/∂W_mn`, `∂²L/∂x_m∂x_n`; without denominators `f_i`."""
    if not denominators:
        return subscripted(*output)
    return differential_quotient(subscripted(*output), [subscripted(*each) for each in denominators])


def differential_quotient(above: str, below: Sequence[str]) -> str:
    """`∂(W_ij x_j)/∂W_mn`"""
    order = str(len(below)).translate(_SUPERSCRIPTS) if len(below) > 1 else ""
    return f"∂{order}{above}/" + "".join([f"∂{each}" for each in below])


def equation(left: str, right: Formula) -> str:
    """The named lines, then `left = right`."""
    return "\n".join((*right.lines, f"{left} = {right.text}"))


def program_text(program: Program) -> str:
    """A whole program: `index` lines, then the statements, each behind those it uses, the output last."""
    statements = dict(
        zip(program.statements, with_plain_conditions(program.statements.values()), strict=True)
    )
    roots = {name: definition for name, definition in statements.items() if name not in program.outputs}
    roots |= {name: statements[name] for name in program.outputs}
    compacted = document.compact(*roots.values())
    order = document.anonymous_under(*[compacted[root] for root in roots.values()])
    unnamed = [each for each in order if not each.name]
    names = dict(zip(unnamed, invented_names(len(unnamed), program.names), strict=True))
    taken = set(program.names)
    known = {each: _left_side(each, program, taken) for each in order if each.name}
    letters = Letters(program, taken.difference(program.names).union(names.values()))
    axes = document.line_axes(known, unnamed, (), letters)
    vocabulary = TextVocabulary(program)
    writer = Writer(program, vocabulary, names)
    writer.letters = letters
    lines = []
    for each in order:
        left = vocabulary.tensor(writer.definition_name(each), axes[each])
        origins = program.origins.get(each.name, ())
        before = len(writer.slots)
        lines.append(f"{left} = {writer.body(each, axes[each], origins=origins)}")
        inferred = _inferred(program, each.name)
        writer.anchored.update([slot for slot in writer.slots[before:] if slot.space in inferred])
    tensors = _tensor_lines(program, {*writer.tensors, *[each.name for each in order]})
    return "\n".join([*_function_lines(program), *tensors, *_index_lines(program, writer), *lines]) + "\n"


def _tensor_lines(program: Program, written: Collection[str]) -> list[str]:
    """What is declared of the tensors that are written, a line for each."""
    lines = []
    for name, declared in program.properties.items():
        if name not in written:
            continue
        rank = len(program.inputs[name] if name in program.inputs else program.statements[name].formals)
        letters = axis_letters(rank)
        words = [_symmetry(group, letters) for group in declared.groups]
        words += [word for word in FLAGS if getattr(declared, word)]
        lines.append(f"tensor {subscripted(name, letters)}: {', '.join(words)}")
    return lines


def _symmetry(group: Group, letters: Sequence[str]) -> str:
    """`symmetric`, or `symmetric_mn` where it is not in all axes."""
    word = "symmetric" if group.sign > 0 else "antisymmetric"
    own = [letters[axis] for axis in group.axes]
    return word if len(own) == len(letters) else subscripted(word, own)


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


def _index_lines(program: Program, writer: Writer) -> list[str]:
    """What the letters of a printed program must be declared to be.

    A declared or named extent is given to one letter of its space at least, and to all those that stand
    on no axis of a tensor; such a letter of another space is tied to an axis.
    """
    extents: dict[Space, str] = {space: str(extent) for space, extent in program.declared.items()}
    extents |= program.symbols
    told: set[Space] = set(writer.ranked)
    lines: dict[str, str] = {}
    for slot in sorted(writer.slots, key=lambda slot: slot in writer.anchored):
        known = slot in writer.anchored and slot.space in told
        if slot.letter in lines or (known and slot.letter not in program.lowest):
            continue
        if slot.letter in program.lowest:
            low, count = program.lowest[slot.letter], program.declared[slot.space]
            lines[slot.letter] = f"index {slot.letter}: {low}..{low + count - 1}"
            continue
        extent = extents.get(slot.space)
        if extent is None and slot not in writer.anchored:
            extent = _axis_over(slot.space, program, writer)
        if extent is not None:
            lines[slot.letter] = f"index {slot.letter}: {extent}"
            if slot in writer.anchored or slot.space not in program.symbols:
                told.add(slot.space)  # the name of an extent says nothing unless an axis has it
    return sorted(lines.values())


def _function_lines(program: Program) -> list[str]:
    """`function φ, g(x, y)`"""
    declared = [
        name if len(arguments) == 1 else f"{name}({', '.join(arguments)})"
        for name, arguments in program.functions.items()
    ]
    return [f"function {', '.join(declared)}"] if declared else []


def _axis_over(space: Space, program: Program, writer: Writer) -> str | None:
    """An axis over a space, of a tensor that the text names."""
    for name in writer.tensors:
        for axis, other in enumerate(program.inputs.get(name, ())):
            if other == space:
                return f"dim({name}, {axis})"
    for name, definition in program.statements.items():
        if space in definition.spaces and name not in program.outputs:
            return f"dim({name}, {definition.spaces.index(space)})"
    return None


class TextVocabulary:
    """Index notation as DESIGN's language has it."""

    fraction_bars = False

    def __init__(self, program: Program) -> None:
        self.program = program

    def tensor(self, name: str, letters: Sequence[str]) -> str:
        return subscripted(name, letters)

    def delta(self, letters: Sequence[str]) -> str:
        return subscripted("δ", letters)

    def epsilon(self, letters: Sequence[str]) -> str:
        return subscripted("ε", letters)

    def ones(self, letters: Sequence[str]) -> str:
        return subscripted("ones", letters)

    def extent(self, space: Space) -> str | None:
        if space in self.program.symbols:
            return self.program.symbols[space]
        return str(space) if space.axis >= 0 else None

    def constant(self, name: str) -> str:
        return name

    def position(self, letter: str) -> str:
        return letter

    def group(self, text: str) -> str:
        return f"({text})"

    def power(self, base: str, exponent: Piece) -> str:
        simple = exponent.text.isdecimal() and not exponent.negative
        return f"{base}^{exponent.text}" if simple else f"{base}^({signed(exponent)})"

    def root(self, text: str) -> str:
        return f"sqrt({text})"

    def call(self, function: str, arguments: Sequence[str]) -> str:
        return f"{function}({', '.join(arguments)})"

    def abstract(self, function: str, orders: Sequence[int], arguments: Sequence[str]) -> str:
        return self.call(spelled(function, orders), arguments)

    def derivative(self, body: str, denominators: Sequence[str]) -> str:
        return self.call("D", [body, *denominators])

    def comparison(self, left: str, relation: str, right: str) -> str:
        return f"{left} {relation} {right}"

    def iverson(self, comparison: str) -> str:
        return f"[{comparison}]"

    def operation(self, operator: str, letters: Sequence[str], arguments: Sequence[str]) -> str:
        return f"{subscripted(operator, letters)}({', '.join(arguments)})"

    def reduction(self, operator: str, letters: Sequence[str], body: Piece) -> Written:
        return f"{subscripted(operator, letters)}({signed(body)})", Level.ATOM

    def quotient(self, coefficient: Fraction, factors: Sequence[Piece], divisors: Sequence[Piece]) -> Written:
        top, bottom = split(coefficient)
        if not factors and not divisors:
            return (top, Level.ATOM) if bottom == "1" else (f"{top}/{bottom}", Level.PRODUCT)
        above = [_as_factor(piece) for piece in factors]
        if top != "1" or not above:
            above.insert(0, top)
        return " / ".join([_juxtaposed(above), *_divisors(bottom, divisors)]), Level.PRODUCT


def _as_factor(piece: Piece) -> str:
    return f"({signed(piece)})" if piece.level > Level.POWER or piece.negative else piece.text


def _juxtaposed(texts: Sequence[str]) -> str:
    """Factors side by side; `*` where two numbers would meet, or where a bracket would seem an argument."""
    result = texts[0]
    for before, text in itertools.pairwise(texts):
        result += (" * " if text[0].isdecimal() or (before == "D" and text[0] in "([") else " ") + text
    return result


def _divisors(bottom: str, pieces: Sequence[Piece]) -> list[str]:
    """What stands behind each `/`.

    A divisor sums by itself what repeats in it, so that two that do so stay apart; the others go
    together, and so does a number with whatever there is.
    """
    together = [_as_factor(piece) for piece in pieces if not piece.summing]
    apart = [piece for piece in pieces if piece.summing]
    if bottom != "1" and not together and len(apart) == 1:
        together = [apart[0].text if apart[0].open else _as_factor(apart[0])]
        apart = []
    number = [] if bottom == "1" else [bottom]
    divisors = [[*number, *together]] if number or together else []
    divisors += [[_as_factor(piece)] for piece in apart]
    return [parts[0] if len(parts) == 1 else f"({_juxtaposed(parts)})" for parts in divisors]
