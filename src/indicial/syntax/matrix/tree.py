"""The syntax tree of matrix notation: what was written, where, and nothing about shapes.

    program     ::=  (statement | declaration)*
    statement   ::=  name = expression  |  expression
    expression  ::=  Number | Name | Sum | Product | Negation | Power | Transpose | Call

Names are in normal form (see `indicial.syntax.names`). Brackets leave no node: the span of what they
hold includes them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, TypeVar, Union, dataclass_transform

from indicial.errors import Span

T = TypeVar("T")
Operator = Literal["*", "/", ".*", "./"]


@dataclass_transform(frozen_default=True, eq_default=False)
def _tree(cls: type[T]) -> type[T]:
    return dataclass(frozen=True, slots=True, eq=False)(cls)


@_tree
class Number:
    """A number as an exact rational: `0.1` is 1/10."""

    value: Fraction
    span: Span


@_tree
class Name:
    """A tensor, or a constant such as `eye`."""

    name: str
    span: Span


@_tree
class Term:
    """A signed term of a sum."""

    sign: int
    value: Expression


@_tree
class Sum:
    """Two terms or more joined by + and −."""

    terms: tuple[Term, ...]
    span: Span


@_tree
class Factor:
    """A factor of a product and the operator before it; that of the first factor is `*`."""

    operator: Operator
    value: Expression


@_tree
class Product:
    """Two factors or more on one level, read from left to right."""

    factors: tuple[Factor, ...]
    span: Span


@_tree
class Negation:
    """−e"""

    value: Expression
    span: Span


@_tree
class Transpose:
    """e'"""

    value: Expression
    span: Span


@_tree
class Power:
    """base ^ exponent, or base .^ exponent entry by entry."""

    base: Expression
    exponent: Expression
    elementwise: bool
    span: Span


@_tree
class Call:
    """name(argument, …)"""

    name: str
    arguments: tuple[Expression, ...]
    name_span: Span
    span: Span


Expression = Union[Number, Name, Sum, Product, Negation, Transpose, Power, Call]


@_tree
class Statement:
    """target = value; an expression that stands alone has no target."""

    target: Name | None
    value: Expression
    span: Span


@_tree
class Declaration:
    """`tensor A: matrix, symmetric`: what one name is; `kind` is empty where it is not said."""

    name: Name
    kind: str
    properties: tuple[Name, ...]
    span: Span


@_tree
class Source:
    """A parsed program."""

    statements: tuple[Statement, ...]
    declarations: tuple[Declaration, ...]
    text: str


def children(node: Expression) -> tuple[Expression, ...]:
    """The expressions directly below, from left to right."""
    match node:
        case Sum(terms=terms):
            return tuple([term.value for term in terms])
        case Product(factors=factors):
            return tuple([factor.value for factor in factors])
        case Negation(value=value) | Transpose(value=value):
            return (value,)
        case Power(base=base, exponent=exponent):
            return (base, exponent)
        case Call(arguments=arguments):
            return arguments
    return ()


def preorder(root: Expression) -> Iterator[Expression]:
    """Every expression under the root, each before those that it contains, from left to right."""
    stack = [root]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(children(node)))
