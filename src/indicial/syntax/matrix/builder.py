"""From reductions of the grammar to the syntax tree: one method a rule of `grammar/matrix.lark`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Union

from lark import Token, Transformer, v_args

from indicial.errors import IndicialError, NotationError, ParseError, Span
from indicial.syntax import names
from indicial.syntax.builder import span
from indicial.syntax.matrix import tree
from indicial.syntax.matrix.tree import Expression
from indicial.syntax.numerals import read_number, read_power

KINDS = ("scalar", "vector", "matrix")
PROPERTIES = ("symmetric", "antisymmetric", "diagonal", "positive", "integer", "constant")
_WORDS = frozenset({*KINDS, *PROPERTIES})
_OPERATORS: dict[str, tree.Operator] = {"TIMES": "*", "SLASH": "/", "DOTTIMES": ".*", "DOTSLASH": "./"}

Declared = tuple[Token, Union[Token, None]]  # a name, and the word behind its colon
Line = Union[tree.Statement, tuple[tree.Declaration, ...]]


def _unsaid(lines: Sequence[tree.Declaration], name: tree.Declaration) -> IndicialError:
    """The error of a word behind which nothing is said."""
    if lines:
        return _unknown(name.name)
    return ParseError(
        "this declaration says nothing of its tensor",
        span=name.span,
        hint="it gives a name and what it is: tensor s: scalar; tensor A: symmetric",
    )


def _unknown(word: tree.Name) -> NotationError:
    return NotationError(
        f"'{word.name}' is no kind of tensor in matrix notation, and no property",
        span=word.span,
        hint=f"a tensor is a {', a '.join(KINDS[:-1])} or a {KINDS[-1]}; it may be "
        f"{', '.join(PROPERTIES[:-1])} or {PROPERTIES[-1]}",
    )


def _is_said(line: tree.Declaration) -> bool:
    """Whether anything is said of a name yet."""
    return bool(line.kind or line.properties)


def _declared(line: tree.Declaration, word: tree.Name) -> tree.Declaration:
    """A declaration with one word more: a kind or a property."""
    whole = line.span.to(word.span)
    if word.name in PROPERTIES:
        return replace(line, properties=(*line.properties, word), span=whole)
    if word.name not in KINDS:
        raise _unknown(word)
    if line.kind:
        raise NotationError(
            f"'{line.name.name}' is a {line.kind} and a {word.name} at once",
            span=word.span,
            hint="leave one of the two out",
        )
    return replace(line, kind=word.name, span=whole)


@v_args(inline=True)
class MatrixTreeBuilder(Transformer[Token, object]):
    """The syntax tree's nodes, by rule of the grammar."""

    # --- programs ---------------------------------------------------------------------------------

    def program(self, *lines: Line) -> tree.Source:
        statements = [line for line in lines if isinstance(line, tree.Statement)]
        declarations = [each for line in lines if isinstance(line, tuple) for each in line]
        return tree.Source(tuple(statements), tuple(declarations), "")

    def statement(self, target: Token, _equals: Token, value: Expression) -> tree.Statement:
        return tree.Statement(self.name(target), value, span(target).to(value.span))

    def bare(self, value: Expression) -> tree.Statement:
        return tree.Statement(None, value, value.span)

    def declaration(self, *parts: Token | Declared) -> tuple[tree.Declaration, ...]:
        lines: list[tree.Declaration] = []
        alike: list[tree.Declaration] = []  # the tensors of which the next word is said
        for name, word in [part for part in parts if isinstance(part, tuple)]:
            if word is None and any(map(_is_said, alike)) and name in _WORDS:
                alike = [_declared(line, tree.Name(str(name), span(name))) for line in alike]
                continue
            if any(map(_is_said, alike)):
                lines, alike = [*lines, *alike], []
            alike.append(tree.Declaration(self.name(name), "", (), span(name)))
            if word is not None:
                alike = [_declared(line, tree.Name(str(word), span(word))) for line in alike]
        if not any(map(_is_said, alike)):
            raise _unsaid(lines, alike[0])
        return (*lines, *alike)

    def declared(self, name: Token, _colon: Token | None = None, word: Token | None = None) -> Declared:
        return name, word

    # --- sums and products ------------------------------------------------------------------------

    def first_term(self, value: Expression) -> list[tree.Term]:
        return [tree.Term(1, value)]

    def further_term(self, terms: list[tree.Term], sign: Token, value: Expression) -> list[tree.Term]:
        terms.append(tree.Term(1 if sign.type == "PLUS" else -1, value))
        return terms

    def sum(self, terms: list[tree.Term]) -> Expression:
        if len(terms) == 1:
            return terms[0].value
        return tree.Sum(tuple(terms), terms[0].value.span.to(terms[-1].value.span))

    def first_factor(self, value: Expression) -> list[tree.Factor]:
        return [tree.Factor("*", value)]

    def further_factor(self, factors: list[tree.Factor], sign: Token, value: Expression) -> list[tree.Factor]:
        factors.append(tree.Factor(_OPERATORS[sign.type], value))
        return factors

    def product(self, factors: list[tree.Factor]) -> Expression:
        if len(factors) == 1:
            return factors[0].value
        return tree.Product(tuple(factors), factors[0].value.span.to(factors[-1].value.span))

    def negation(self, minus: Token, value: Expression) -> tree.Negation:
        return tree.Negation(value, span(minus).to(value.span))

    # --- powers and atoms -------------------------------------------------------------------------

    def power(self, base: Expression, sign: Token, exponent: Expression) -> tree.Power:
        return tree.Power(base, exponent, sign.type == "DOTCARET", base.span.to(exponent.span))

    def superscript(self, base: Expression, written: Token) -> tree.Power:
        exponent = tree.Number(read_power(written, span(written)), span(written))
        return tree.Power(base, exponent, elementwise=False, span=base.span.to(exponent.span))

    def transpose(self, value: Expression, sign: Token) -> tree.Transpose:
        return tree.Transpose(value, value.span.to(span(sign)))

    def number(self, token: Token) -> tree.Number:
        return tree.Number(read_number(token, span(token)), span(token))

    def name(self, token: Token) -> tree.Name:
        return tree.Name(names.normal(token), span(token))

    def group(self, opening: Token, value: Expression, closing: Token) -> Expression:
        return replace(value, span=span(opening).to(span(closing)))

    def call(self, head: Token, *rest: Expression | Token) -> tree.Call:
        name = {"ln": "log"}.get(head, names.normal(head))
        arguments = tuple([part for part in rest if not isinstance(part, Token)])
        closing = rest[-1]
        assert isinstance(closing, Token)
        place = span(head)
        return tree.Call(name, arguments, place, Span(place.start, span(closing).end))
