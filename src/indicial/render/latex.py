r"""Formulas as LaTeX: \delta_{im} x_n."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from fractions import Fraction

from indicial.ir.functions import FUNCTIONS
from indicial.ir.indices import Space
from indicial.ir.nodes import Definition, Node
from indicial.ir.program import Program
from indicial.render import document
from indicial.render.document import Formula
from indicial.render.numerals import split
from indicial.render.pieces import Level, Piece
from indicial.render.sizes import axis_named
from indicial.render.statements import written_statements
from indicial.render.vocabulary import Written, signed

_POWER_OF_TEN = re.compile(r"(.*)e(-?\d+)")
Tensor = tuple[str, Sequence[str]]  # a name and its indices
_RELATIONS = {"<": "<", "<=": r"\le", ">": ">", ">=": r"\ge", "==": "=", "!=": r"\ne"}
_CAPITALS = frozenset("ΓΔΘΛΞΠΣΥΦΨΩ")  # the others look like Latin letters, and have no command
_COMPUTED = re.compile(r"^-?\d+$|[_\[]|\\operatorname")  # numbers, entries of tensors, extents
_GREEK = re.compile(r"[^\W\d_a-zA-Z]")
_NUMBERED = re.compile(r"([^\W\d_])(\d*)('*)")


def formula(
    definition: Definition, letters: tuple[str, ...], program: Program, origins: Sequence[Node] = ()
) -> Formula:
    """The body of a definition whose formal indices are called `letters`, with the lines it needs.

    `origins` are the smallest values that the first of the letters mean, where they are not 0.
    """
    return document.write(definition, letters, program, LatexVocabulary(program), origins)


def partial(output: Tensor, denominators: Sequence[Tensor]) -> str:
    r"""\frac{\partial f_i}{\partial W_{mn}}; without denominators f_i."""
    if not denominators:
        return subscripted(*output)
    return differential_quotient(subscripted(*output), [subscripted(*each) for each in denominators])


def differential_quotient(above: str, below: Sequence[str]) -> str:
    r"""\frac{\partial \left(W_{ij} x_j\right)}{\partial W_{mn}}"""
    order = f"^{_braced(str(len(below)))}" if len(below) > 1 else ""
    variables = r" \, ".join([rf"\partial {each}" for each in below])
    return rf"\frac{{\partial{order} {above}}}{{{variables}}}"


def equation(left: str, right: Formula) -> str:
    """left = right; with named lines all of them, aligned."""
    if not right.lines:
        return f"{left} = {right.text}"
    rows = [line.replace(" = ", " &= ", 1) for line in (*right.lines, f"{left} = {right.text}")]
    body = " \\\\\n".join(rows)
    return f"\\begin{{aligned}}\n{body}\n\\end{{aligned}}"


def program_latex(program: Program) -> str:
    """The statements of a program, aligned where there are several; declarations are left out."""
    return aligned(written_statements(program, LatexVocabulary(program)).equations)


def aligned(equations: Sequence[tuple[str, str]]) -> str:
    """Equations by their two sides, aligned where there are several."""
    if len(equations) == 1:
        return " = ".join(equations[0])
    body = " \\\\\n".join([f"{left} &= {right}" for left, right in equations])
    return f"\\begin{{aligned}}\n{body}\n\\end{{aligned}}"


def stacked(equations: Sequence[str]) -> str:
    """Equations below one another, each of which may be aligned in itself."""
    if len(equations) == 1:
        return equations[0]
    rows = " \\\\\n".join(["& " + each for each in equations])
    return f"\\begin{{aligned}}\n{rows}\n\\end{{aligned}}"


def symbol(letter: str) -> str:
    """A letter; a Greek one by its command."""
    name = unicodedata.name(letter, "")
    if not name.startswith("GREEK ") or not (letter.islower() or letter in _CAPITALS):
        return rf"\mathrm{{{unicodedata.normalize('NFKC', letter)}}}" if letter > "~" else letter
    command = name.split()[-1].lower().replace("lamda", "lambda")
    if command == "omicron":
        return "o"
    return "\\" + (command if letter.islower() else command.capitalize())


def tensor_name(name: str) -> str:
    r"""x, \alpha, \mathrm{loss}, \mathrm{\alpha 1}."""
    if len(name) == 1:
        return symbol(name)
    greek, rest = (symbol(name[0]) + " ", name[1:]) if name[0] > "~" else ("", name)
    return rf"\mathrm{{{greek}{rest}}}"


def index_name(letter: str) -> str:
    r"""i, i_1, i', \mathit{row}: italic, as an upright word below a name is a label."""
    found = _NUMBERED.fullmatch(letter)
    if found is None and not letter.isidentifier():
        return letter.replace("*", "")
    if found is None:
        return rf"\mathit{{{letter}}}"
    stem, number, primes = found.groups()
    return symbol(stem) + primes + (f"_{_braced(number)}" if number else "")


def subscripted(name: str, letters: Sequence[str]) -> str:
    """A name with its indices."""
    return tensor_name(name) + _lowered(letters)


def _lowered(letters: Sequence[str]) -> str:
    r"""_{ij}; components and entries in brackets, x[0] and E[t_b, d]: below a name they would be labels."""
    if not letters:
        return ""
    if any(_COMPUTED.search(letter) for letter in letters):
        return f"[{', '.join([_GREEK.sub(lambda one: symbol(one[0]), letter) for letter in letters])}]"
    names = [index_name(letter) for letter in letters]
    words = any(r"\mathit" in name or re.search("[-+*(]", name) for name in names)
    plain = all(len(name) == 1 for name in names)
    return f"_{_braced((', ' if words else '' if plain else ' ').join(names))}"


def _braced(text: str) -> str:
    return text if len(text) == 1 else f"{{{text}}}"


class LatexVocabulary:
    """Formulas as papers print them."""

    fraction_bars = True

    def __init__(self, program: Program) -> None:
        self.program = program

    def tensor(self, name: str, letters: Sequence[str]) -> str:
        return subscripted(name, letters)

    def delta(self, letters: Sequence[str]) -> str:
        return r"\delta" + _lowered(letters)

    def epsilon(self, letters: Sequence[str]) -> str:
        return r"\varepsilon" + _lowered(letters)

    def ones(self, letters: Sequence[str]) -> str:
        return r"\mathbf{1}" + _lowered(letters)

    def extent(self, space: Space) -> str | None:
        if space in self.program.symbols:
            return tensor_name(self.program.symbols[space])
        axis = axis_named(space, self.program)
        return (
            None if axis is None else rf"\operatorname{{dim}}\left({tensor_name(axis[0])}, {axis[1]}\right)"
        )

    def constant(self, name: str) -> str:
        return f"\\{name}"

    def position(self, letter: str) -> str:
        return index_name(letter)

    def group(self, text: str) -> str:
        return rf"\left({text}\right)"

    def power(self, base: str, exponent: Piece) -> str:
        return f"{base}^{_braced(signed(exponent))}"

    def root(self, text: str) -> str:
        return rf"\sqrt{{{text}}}"

    def call(self, function: str, arguments: Sequence[str]) -> str:
        if function == "abs":
            return rf"\left|{arguments[0]}\right|"
        row = FUNCTIONS[function]
        literal, rest = arguments[: row.parameters], arguments[row.parameters :]
        order = rf"^{{\left({', '.join(literal)}\right)}}" if literal else ""
        return row.latex + order + self.group(", ".join(rest))

    def abstract(self, function: str, orders: Sequence[int], arguments: Sequence[str]) -> str:
        name = tensor_name(function)
        if len(orders) == 1:
            primes = "'" * orders[0] if orders[0] < 4 else rf"^{{\left({orders[0]}\right)}}"
            return name + primes + self.group(arguments[0])
        signs = [rf"\partial_{_braced(str(k))} " * order for k, order in enumerate(orders, 1)]
        return "".join(signs) + name + self.group(", ".join(arguments))

    def derivative(self, body: str, denominators: Sequence[str]) -> str:
        order = f"^{_braced(str(len(denominators)))}" if len(denominators) > 1 else ""
        below = r" \, ".join([rf"\partial {denominator}" for denominator in denominators])
        return rf"\frac{{\partial{order} {self.group(body)}}}{{{below}}}"

    def comparison(self, left: str, relation: str, right: str) -> str:
        return f"{left} {_RELATIONS[relation]} {right}"

    def iverson(self, comparison: str) -> str:
        return rf"\left[{comparison}\right]"

    def operation(self, operator: str, letters: Sequence[str], arguments: Sequence[str]) -> str:
        own = operator in ("max", "min", "det")
        plain = operator.replace("_", r"\,")
        name = rf"\{operator}" if own else rf"\operatorname{{{plain}}}"
        return f"{name}{_lowered(letters)}{self.group(', '.join(arguments))}"

    def reduction(self, operator: str, letters: Sequence[str], body: Piece) -> Written:
        loose = body.level == Level.SUM or body.negative
        inner = self.group(signed(body)) if loose else body.text
        return rf"\{operator}{_lowered(letters)} {inner}", Level.REACHING

    def quotient(self, coefficient: Fraction, factors: Sequence[Piece], divisors: Sequence[Piece]) -> Written:
        top, bottom = [_POWER_OF_TEN.sub(r"\1 \\cdot 10^{\2}", part) for part in split(coefficient)]
        if not divisors:
            number = top if bottom == "1" else rf"\frac{{{top}}}{{{bottom}}}"
            level = Level.PRODUCT if factors or bottom != "1" else Level.ATOM
            return _product(number, factors), level
        above, below = _under_bar(top, factors), _under_bar(bottom, divisors)
        return rf"\frac{{{above}}}{{{below}}}", Level.PRODUCT


def _under_bar(number: str, pieces: Sequence[Piece]) -> str:
    """A numerator or denominator; what is alone there needs no brackets."""
    return signed(pieces[0]) if number == "1" and len(pieces) == 1 else _product(number, pieces)


def _product(number: str, pieces: Sequence[Piece]) -> str:
    """Factors side by side; a sign that reaches on needs no brackets in the last place."""
    texts = [] if number == "1" and pieces else [number]
    for position, piece in enumerate(pieces, 1):
        reaching = piece.level == Level.REACHING and position < len(pieces)
        closed = piece.level > Level.REACHING and not (piece.open and len(pieces) == 1)
        loose = reaching or closed or piece.negative
        texts.append(rf"\left({signed(piece)}\right)" if loose else piece.text)
    return " ".join([texts[0], *[(r"\cdot " if text[0].isdecimal() else "") + text for text in texts[1:]]])
