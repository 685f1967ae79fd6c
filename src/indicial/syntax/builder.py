"""From reductions of the grammar to the syntax tree: one method a rule of `grammar/index.lark`.

The parser calls a method as soon as its rule is reduced, so that no tree of the parser's own is made
and nothing walks one. Sums and products grow as lists, which are frozen once.
"""

from __future__ import annotations

import re
from typing import Union, cast

from lark import Token, Transformer, v_args

from indicial.errors import NotationError, ParseError, Span
from indicial.syntax import names, tree
from indicial.syntax.numerals import read_number, read_power
from indicial.syntax.refusals import (
    HIGHEST,
    computed_operator,
    denominators_or_error,
    inverted,
    refuse_inverse,
    refuse_order,
    refuse_reserved,
    refuse_spaced_power,
    refuse_unindexed,
    stray_comparison,
    transposed,
)  # fmt: skip
from indicial.syntax.tree import Expression

RELATIONS = {"≤": "<=", "≥": ">=", "≠": "!="}
_RAISED = re.compile(r"([^\^⁺⁻⁰¹²³⁴-⁹]+)(\^\{?[ \t]*-?[0-9]+[ \t]*\}?|[⁺⁻⁰¹²³⁴-⁹]+)(.+)")

_UNDER = re.compile(r"∂[ \t]*([^∂⁰¹²³⁴-⁹^]*[^∂⁰¹²³⁴-⁹^ \t])([⁰¹²³⁴-⁹]+|\^[^∂]*)?")
_FARTHEST = 10**9  # from 0 for a bound of a range

Declaration = Union[tree.IndexLine, tree.FunctionLine]
Line = Union[tree.Statement, tree.TensorLine, tuple[Declaration, ...]]
Extent = tuple[Union[int, str, tuple[str, int], range], Span]


def span(token: Token) -> Span:
    """The place of a token."""
    assert token.start_pos is not None
    return Span(token.start_pos, token.start_pos + len(token))


@v_args(inline=True)
class TreeBuilder(Transformer[Token, object]):
    """The syntax tree's nodes, by rule of the grammar."""

    # --- programs ---------------------------------------------------------------------------------

    def program(self, *lines: Line) -> tree.Source:
        statements = [line for line in lines if isinstance(line, tree.Statement)]
        declared = [one for line in lines if isinstance(line, tuple) for one in line]
        return tree.Source(
            statements=tuple(statements),
            declarations=tuple([one for one in declared if isinstance(one, tree.IndexLine)]),
            text="",
            tensors=tuple([line for line in lines if isinstance(line, tree.TensorLine)]),
            functions=tuple([one for one in declared if isinstance(one, tree.FunctionLine)]),
        )

    def statement(self, target: tree.Tensor, _equals: Token, value: Expression) -> tree.Statement:
        return tree.Statement(target, value, target.span.to(value.span))

    def declaration(self, *lines: tree.IndexLine | tree.TensorLine) -> Line:
        if isinstance(lines[0], tree.TensorLine):
            return lines[0]
        return tuple([line for line in lines if isinstance(line, tree.IndexLine)])

    def tensor_line(self, head: Token, *parts: tree.Tensor | Token) -> tree.TensorLine:
        colon = next(k for k, part in enumerate(parts) if isinstance(part, Token) and part.type == "COLON")
        tensors = [part for part in parts[:colon] if isinstance(part, tree.Tensor)]
        properties = [part for part in parts[colon:] if isinstance(part, tree.Tensor)]
        return tree.TensorLine(tuple(tensors), tuple(properties), span(head).to(properties[-1].span))

    def index_line(self, *parts: Token | Extent) -> tree.IndexLine:
        (head, _colon, (extent, extent_span)) = cast(tuple[Token, Token, Extent], parts[-3:])
        place = span(head)
        word = head.removeprefix("index").lstrip() if head.type == "INDEX" else str(head)
        index = tree.IndexName(names.normal(word), Span(place.end - len(word), place.end))
        return tree.IndexLine(index, extent, extent_span, place.to(extent_span))

    def function_line(self, _word: Token, *parts: Token | tree.FunctionLine) -> tuple[tree.FunctionLine, ...]:
        return tuple([part for part in parts if isinstance(part, tree.FunctionLine)])

    def declared(self, head: Token, *rest: Token) -> tree.FunctionLine:
        arguments = tuple([names.normal(part) for part in rest if part.type == "NAME"])
        written = head.rstrip("( \t")
        place = Span(span(head).start, span(head).start + len(written))
        return tree.FunctionLine(names.normal(written), arguments or ("x",), place)

    def number_extent(self, token: Token) -> Extent:
        value = read_number(token, span(token))
        if value.denominator != 1:
            raise NotationError(
                f"the extent {token} is not a whole number", span=span(token), hint="write index i: 3"
            )
        return value.numerator, span(token)

    def range_extent(self, token: Token) -> Extent:
        place = span(token)
        low, high = [int(bound) for bound in re.findall("-?[0-9]+", re.sub("[−–]", "-", token))]
        if max(abs(low), abs(high)) > _FARTHEST:
            raise NotationError(
                "the bounds of a range are whole numbers of reasonable size",
                span=place,
                hint="write index k: -1..1",
            )
        if high < low:
            raise NotationError(
                f"the range {low}..{high} is empty",
                span=place,
                hint=f"both ends are included, the smaller one first: {high}..{low}",
            )
        return range(low, high + 1), place

    def named_extent(self, name: Token) -> Extent:
        return names.normal(name), span(name)

    def axis_extent(self, head: Token, name: Token, _comma: Token, axis: Token, close: Token) -> Extent:
        place = span(head).to(span(close))
        if head.rstrip("( \t") != "dim" or not axis.isdecimal() or len(axis) > 9:
            raise NotationError(
                "an extent is a number, a name, or the extent of a tensor's axis",
                span=place,
                hint="write index i: 3, index i: N, or index i: dim(W, 0), with axes counted from 0",
            )
        return (names.normal(name), int(axis)), place

    def denominators(self, *parts: tree.Tensor | Token) -> tuple[tree.Tensor, ...]:
        return tuple([part for part in parts if isinstance(part, tree.Tensor)])

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
        return [tree.Factor(value, divides=False)]

    def further_factor(self, factors: list[tree.Factor], sign: Token, value: Expression) -> list[tree.Factor]:
        factors.append(tree.Factor(value, divides=sign.type == "SLASH"))
        return factors

    def juxtaposed(self, factors: list[tree.Factor], value: Expression) -> list[tree.Factor]:
        before = factors[-1].value
        if isinstance(before, tree.Number) and isinstance(value, tree.Number):
            raise ParseError(
                "two numbers stand side by side",
                span=before.span.to(value.span),
                hint="write * between them, or take the space out",
            )
        factors.append(tree.Factor(value, divides=False))
        return factors

    def product(self, factors: list[tree.Factor]) -> Expression:
        if len(factors) == 1:
            return factors[0].value
        return tree.Product(tuple(factors), factors[0].value.span.to(factors[-1].value.span))

    def product_ending_in_sign(self, factors: list[tree.Factor], *rest: Token | Expression) -> Expression:
        divides = isinstance(rest[0], Token) and rest[0].type == "SLASH"
        last = rest[-1]
        assert not isinstance(last, Token)
        factors.append(tree.Factor(last, divides))
        return self.product(factors)

    def alone(self, value: Expression) -> Expression:
        return value

    def sign(self, head: Token, argument: Expression) -> tree.Operator:
        name, written = names.split(head)
        place = span(head)
        indices = names.subscripts(written, place.end - len(written))
        return tree.Operator(names.SIGNS[name], indices, (argument,), True, place, place.to(argument.span))

    # --- powers -----------------------------------------------------------------------------------

    def negation(self, minus: Token, value: Expression) -> tree.Negation:
        return tree.Negation(value, span(minus).to(value.span))

    def superscript(self, base: Expression, written: Token) -> tree.Power:
        exponent = tree.Number(read_power(written, span(written)), span(written))
        refuse_spaced_power(base, span(written))
        refuse_inverse(base, exponent, base.span.to(exponent.span))
        return tree.Power(base, exponent, base.span.to(exponent.span))

    def raised(self, token: Token) -> tree.Power:
        parts = _RAISED.fullmatch(token)
        assert parts is not None, "RAISED is a name, a power and subscripts"
        start = span(token).start
        place = Span(start + parts.start(2), start + parts.end(2))
        value = read_power(parts[2], place)
        indices = names.subscripts(parts[3], start + parts.start(3))
        if value < 0:
            letters = tuple([index.name for index in indices])
            raise inverted(parts[1], letters, str(value), span(token))
        refuse_reserved(names.normal(parts[1]), indices, span(token))
        base = tree.Tensor(names.normal(parts[1]), indices, span(token))
        return tree.Power(base, tree.Number(value, place), span(token))

    def power(self, base: Expression, caret: Token, exponent: Expression) -> tree.Power:
        inner = exponent.base if isinstance(exponent, tree.Power) else exponent
        if isinstance(inner, tree.Tensor) and inner.name == "T":
            raise transposed(span(caret).to(inner.span))
        refuse_spaced_power(base, span(caret).to(exponent.span))
        refuse_inverse(base, exponent, base.span.to(exponent.span))
        return tree.Power(base, exponent, base.span.to(exponent.span))

    def braced(self, opening: Token, value: Expression, closing: Token) -> Expression:
        if isinstance(value, tree.Tensor | tree.Negation | tree.Number):
            return value
        return self.group(opening, value, closing)

    # --- atoms ------------------------------------------------------------------------------------

    def number(self, token: Token) -> tree.Number:
        return tree.Number(read_number(token, span(token)), span(token))

    def tensor(self, token: Token) -> tree.Tensor:
        place = span(token)
        written, below = names.split(token) if token.type == "TENSOR" else (str(token), "")
        name, indices = names.normal(written), names.subscripts(below, place.end - len(below))
        refuse_reserved(name, indices, place)
        return tree.Tensor(name, indices, place)

    def primed(self, token: Token) -> tree.Tensor:
        """i' as an index in a computed subscript; anywhere else it will be refused as a transpose."""
        return tree.Tensor(names.normal(token), (), span(token))

    def component(self, head: Token, *rest: Expression | Token) -> tree.Component:
        braced = head.endswith("{")
        written = head[: -2 if braced else -1]
        name = names.normal(written)
        closing = rest[-1]
        assert isinstance(closing, Token)
        place = span(head).to(span(closing))
        if (closing.type == "RBRACE") != braced:
            raise ParseError(
                "this bracket is closed by one of another kind",
                span=place,
                hint=f"write {'}' if braced else ']'} at its end",
            )
        if name in names.OPERATORS:
            raise computed_operator(name, place)
        subscripts = tuple([part for part in rest if not isinstance(part, Token)])
        return tree.Component(name, subscripts, place, braced)

    def group(self, opening: Token, value: Expression, closing: Token) -> tree.Group:
        return tree.Group(value, span(opening).to(span(closing)))

    def comparison(self, left: Expression, relation: Token, right: Expression) -> tree.Comparison:
        return tree.Comparison(RELATIONS.get(relation, str(relation)), left, right, left.span.to(right.span))

    def iverson(self, opening: Token, condition: tree.Comparison, closing: Token) -> tree.Iverson:
        return tree.Iverson(condition, span(opening).to(span(closing)))

    def call(self, head: Token, *rest: Expression | Token) -> tree.Call | tree.Derivative:
        written = head.rstrip("( \t")
        name = {"ln": "log"}.get(written, names.normal(written))
        name_span = Span(span(head).start, span(head).start + len(written))
        arguments = [part for part in rest if not isinstance(part, Token)]
        refuse_unindexed(name, name_span, arguments)
        if name == "where" and isinstance(arguments[0], tree.Iverson):
            arguments[0] = arguments[0].condition
        for position, argument in enumerate(arguments):
            if isinstance(argument, tree.Comparison) and (name, position) != ("where", 0):
                raise stray_comparison(argument.span)
        closing = rest[-1]
        assert isinstance(closing, Token)
        place = span(head).to(span(closing))
        if name == "D":
            return tree.Derivative(arguments[0], denominators_or_error(arguments[1:], place), place)
        return tree.Call(name, tuple(arguments), name_span, place)

    def quotient_of_partials(self, sign: Token, argument: Expression, below: Token) -> tree.Derivative:
        place = span(sign).to(span(below))
        order = read_power(sign[1:], span(sign)) if sign[1:] else 1
        start = span(below).start
        denominators: list[tree.Tensor] = []
        for found in _UNDER.finditer(below):
            where = Span(start + found.start(1), start + found.end(1))
            name, subscripts = names.split(found[1])
            indices = names.subscripts(subscripts, where.end - len(subscripts))
            times = read_power(found[2], where) if found[2] else 1
            denominators += [tree.Tensor(names.normal(name), indices, where)] * min(int(times), HIGHEST + 1)
        refuse_order(int(order), len(denominators), place)
        return tree.Derivative(argument, tuple(denominators), place)

    def operator(self, head: Token, opening: Token, *rest: Expression | Token) -> tree.Operator:
        name, below = names.split(head)
        place = span(head)
        indices = names.subscripts(below, place.end - len(below))
        arguments = tuple([part for part in rest if not isinstance(part, Token)])
        closing = rest[-1]
        assert isinstance(closing, Token)
        spaced = span(opening).start > place.end
        return tree.Operator(name, indices, arguments, False, place, place.to(span(closing)), spaced)
