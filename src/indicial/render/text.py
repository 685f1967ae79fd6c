"""Formulas and programs as index notation, which reads back as the same program."""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction

from indicial.ir.abstract import spelled
from indicial.ir.indices import Space
from indicial.ir.nodes import Definition, Node
from indicial.ir.program import Program
from indicial.ir.properties import FLAGS, INPUT, Group, Properties
from indicial.render import document
from indicial.render.document import Formula
from indicial.render.letters import axis_letters
from indicial.render.numerals import split
from indicial.render.pieces import Level, Piece
from indicial.render.sizes import axis_named
from indicial.render.statements import written_statements
from indicial.render.vocabulary import Written, signed
from indicial.render.writer import Writer

Tensor = tuple[str, Sequence[str]]  # a name and its indices
_ROUNDS = 8  # in which letters that would be declared for two spaces are told apart
_NOWHERE = Space("", -1)  # what a letter is reserved for that no summed index may have
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
    reserved: dict[str, Space] = {}
    for _ in range(_ROUNDS):
        written = written_statements(program, TextVocabulary(program), reserved)
        declared = _index_lines(program, written.writer)
        unclear = _unclear(declared, program, written.writer) | _circular(declared, program)
        if unclear.keys() <= reserved.keys():
            break
        reserved |= unclear
    lines = [f"{left} = {right}" for left, right in written.equations]
    tensors = _tensor_lines(program, {*written.writer.tensors, *written.names})
    return (
        "\n".join(
            [*_function_lines(program), *tensors, *sorted([line for _, line in declared.values()]), *lines]
        )
        + "\n"
    )


def _tensor_lines(program: Program, written: Collection[str]) -> list[str]:
    """What is declared of the tensors that are written, a line for each; the inputs that are not, too."""
    lines = []
    for name in dict.fromkeys([*program.properties, *program.inputs]):
        declared = program.properties.get(name, Properties())
        unused = name in program.inputs and name not in written
        if not unused and (name not in written or name not in program.properties):
            continue
        rank = len(program.inputs[name] if name in program.inputs else program.statements[name].formals)
        letters = axis_letters(rank)
        words = [_symmetry(group, letters) for group in declared.groups]
        words += [word for word in FLAGS if getattr(declared, word)]
        words += [INPUT] if unused else []
        lines.append(f"tensor {subscripted(name, letters)}: {', '.join(words)}")
    return lines


def _symmetry(group: Group, letters: Sequence[str]) -> str:
    """`symmetric`, or `symmetric_mn` where it is not in all axes."""
    word = "symmetric" if group.sign > 0 else "antisymmetric"
    own = [letters[axis] for axis in group.axes]
    return word if len(own) == len(letters) else subscripted(word, own)


def _unclear(declared: Mapping[str, tuple[Space, str]], program: Program, writer: Writer) -> dict[str, Space]:
    """Letters whose line, which holds in every scope, is wrong where they stand for another space."""
    return {
        slot.letter: declared[slot.letter][0]
        for slot in writer.slots
        if slot.letter in declared
        and _extent_of(slot.space, program) != _extent_of(declared[slot.letter][0], program)
    }


def _circular(declared: Mapping[str, tuple[Space, str]], program: Program) -> dict[str, Space]:
    """Letters whose line would give them the extent of a statement's axis that is made by such a letter."""
    found: dict[str, Space] = {}
    for letter, (space, line) in declared.items():
        axis = _statement_over(space, program)
        if axis is not None and line.endswith(f": {_dim(axis)}") and letter in program.axes[axis[0]]:
            found[letter] = _NOWHERE
    return found


def _extent_of(space: Space, program: Program) -> int | str | Space:
    """What tells extents apart: a number, a name, or the space itself."""
    return program.declared.get(space) or program.symbols.get(space) or space


def _index_lines(program: Program, writer: Writer) -> dict[str, tuple[Space, str]]:
    """What the letters of a printed program must be declared to be: for which space, and the line.

    A declared or named extent is given to one letter of its space at least, and to all those that stand
    on no axis of a tensor; such a letter of another space is tied to an axis. Where subscripts are
    computed, all letters have theirs: ranges follow from what is declared first.
    """
    extents: dict[Space, str] = {space: str(extent) for space, extent in program.declared.items()}
    extents |= program.symbols
    told: set[Space] = set(writer.ranked)
    lines: dict[str, tuple[Space, str]] = {}
    for slot in sorted(writer.slots, key=lambda slot: slot in writer.anchored):
        known = slot in writer.anchored and slot.space in told and not program.inside
        if slot.letter in lines or (known and slot.letter not in program.lowest):
            continue
        if slot.letter in program.lowest:
            low, count = program.lowest[slot.letter], program.declared[slot.space]
            lines[slot.letter] = slot.space, f"index {slot.letter}: {low}..{low + count - 1}"
            continue
        extent = extents.get(slot.space)
        if extent is None and slot not in writer.anchored:
            extent = _axis_over(slot.space, program, writer)
        if extent is not None:
            lines[slot.letter] = slot.space, f"index {slot.letter}: {extent}"
            if slot in writer.anchored or slot.space not in program.symbols:
                told.add(slot.space)  # the name of an extent says nothing unless an axis has it
    return lines


def _function_lines(program: Program) -> list[str]:
    """`function φ, g(x, y)`"""
    declared = [
        name if len(arguments) == 1 else f"{name}({', '.join(arguments)})"
        for name, arguments in program.functions.items()
    ]
    return [f"function {', '.join(declared)}"] if declared else []


def _axis_over(space: Space, program: Program, writer: Writer) -> str | None:
    """An axis over a space, of a tensor that the text names, in a statement or in a `tensor` line."""
    for name in dict.fromkeys([*writer.tensors, *program.inputs]):
        for axis, other in enumerate(program.inputs.get(name, ())):
            if other == space:
                return _dim((name, axis))
    own = _statement_over(space, program)
    return None if own is None else _dim(own)


def _statement_over(space: Space, program: Program) -> tuple[str, int] | None:
    """A statement other than the outputs with an axis over a space, and the number of that."""
    for name, definition in program.statements.items():
        if space in definition.spaces and name not in program.outputs:
            return name, definition.spaces.index(space)
    return None


def _dim(axis: tuple[str, int]) -> str:
    return f"dim({axis[0]}, {axis[1]})"


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
        axis = axis_named(space, self.program)
        return None if axis is None else _dim(axis)

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
