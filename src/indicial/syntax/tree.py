"""The syntax tree of index notation: what was written, where, and nothing about what it means.

    program     ::=  statement*  index line*  tensor line*
    statement   ::=  target = expression
    expression  ::=  Number | Tensor | Component | Sum | Product | Negation | Power | Group | Call | Operator
                     | Derivative
                     | Comparison (only as an argument of `where` or in an Iverson bracket) | Iverson

Names and indices are in normal form: a Greek letter stands for its ASCII name (`alpha` is `α`, `delta` `δ`,
`pi` `π`, `eps`, `epsilon` and `varepsilon` `ε`, `alpha1` `α1`), compatibility variants are one (`µ` is `μ`,
`W₁` is `W1`), and `ln` is `log`. So a tensor called `δ` with subscripts is the Kronecker delta, and `ε` the
Levi-Civita symbol; telling them from other tensors is left to the semantics. Relations and signs have their
ASCII spelling: `<=`, and `sum` for `∑`.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TypeVar, Union, dataclass_transform

from indicial.errors import Span
from indicial.syntax.latex.origin import Origin

T = TypeVar("T")


@dataclass_transform(frozen_default=True, eq_default=False)
def _tree(cls: type[T]) -> type[T]:
    return dataclass(frozen=True, slots=True, eq=False)(cls)


@_tree
class IndexName:
    """One subscript: an index by its name."""

    name: str
    span: Span


@_tree
class Number:
    """A number as an exact rational: `0.1` is 1/10."""

    value: Fraction
    span: Span


@_tree
class Tensor:
    """A name with its subscripts; a scalar has none. `dim`, `pi` and functions are not told apart here."""

    name: str
    subscripts: tuple[IndexName, ...]
    span: Span


@_tree
class Component:
    """name[e, …]: a tensor read at places that are computed or given: `x[i+k]`, `E[t[b], d]`, `x[0]`.

    In a subscript a bare letter is a tensor without subscripts, here as in a condition. `braced` where the
    subscripts stand in `_{…}`.
    """

    name: str
    subscripts: tuple[Expression, ...]
    span: Span
    braced: bool = False


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
    """A factor of a product; `divides` where it stands behind `/`."""

    value: Expression
    divides: bool


@_tree
class Product:
    """Two factors or more on one level, joined by juxtaposition, `*` or `/`."""

    factors: tuple[Factor, ...]
    span: Span


@_tree
class Negation:
    """−e"""

    value: Expression
    span: Span


@_tree
class Power:
    """base ^ exponent"""

    base: Expression
    exponent: Expression
    span: Span


@_tree
class Group:
    """An expression in round brackets, which make a product of their own."""

    value: Expression
    span: Span


@_tree
class Comparison:
    """left ~ right with one of `< <= > >= == !=`."""

    relation: str
    left: Expression
    right: Expression
    span: Span


@_tree
class Iverson:
    """[left ~ right], 1 or 0."""

    condition: Comparison
    span: Span


@_tree
class Call:
    """name(argument, …) of a bare name."""

    name: str
    arguments: tuple[Expression, ...]
    name_span: Span
    span: Span


@_tree
class Operator:
    """op_ij(argument, …), or a sign ∑_j, ∏_j (`sign` is True) that reaches over the product that follows.

    `spaced` where white space stands between the operator and its bracket.
    """

    name: str
    indices: tuple[IndexName, ...]
    arguments: tuple[Expression, ...]
    sign: bool
    head_span: Span
    span: Span
    spaced: bool = False


@_tree
class Derivative:
    """D(argument, X_mn, …) or ∂argument/∂X_mn…: a derivative inside a program."""

    argument: Expression
    denominators: tuple[Union[Tensor, Component], ...]
    span: Span


Expression = Union[
    Number,
    Tensor,
    Component,
    Sum,
    Product,
    Negation,
    Power,
    Group,
    Comparison,
    Iverson,
    Call,
    Operator,
    Derivative,
]


@_tree
class Statement:
    """target = value"""

    target: Tensor
    value: Expression
    span: Span


@_tree
class IndexLine:
    """`index i: 3`, `index n: N`, `index i: dim(W, 0)` or `index k: -1..1`: one declared index letter."""

    index: IndexName
    extent: Union[int, str, tuple[str, int], range]
    extent_span: Span
    span: Span


@_tree
class TensorLine:
    """`tensor A_ij, B_ij: symmetric, positive`: tensors, and what is declared of each of them.

    A property is read as a tensor is: a word, with the letters of some axes or without.
    """

    tensors: tuple[Tensor, ...]
    properties: tuple[Tensor, ...]
    span: Span


@_tree
class FunctionLine:
    """`function phi` or `function g(x, y)`: one declared elementwise function, its arguments by name."""

    name: str
    arguments: tuple[str, ...]
    span: Span


@_tree
class Source:
    """A parsed program: `text` is what the grammar read, `origin` the LaTeX that it was made from."""

    statements: tuple[Statement, ...]
    declarations: tuple[IndexLine, ...]
    text: str
    tensors: tuple[TensorLine, ...] = ()
    origin: Origin | None = None
    functions: tuple[FunctionLine, ...] = ()
