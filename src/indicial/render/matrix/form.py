"""Matrix expressions, and how they are put together.

    form  f  ::=  name                    Symbol      a tensor, eye, vector(1)
               |  word(f, …)              Call        tr, inv, diag, exp, …
               |  fᵀ                      Transposed
               |  q · s^a … · f f …       Product     a number, powers of scalars, a chain of matrices
               |  f^a ⊙ f^b ⊙ …           Entrywise   entry by entry, with rational exponents
               |  f .^ f                  EntryPower  with an exponent that is no number
               |  f + f + …               Sum
               |  f ⊗ f                   Kronecker

The functions in small letters build forms in normal form: no product in a product, transposes pushed to
the names, equal terms merged. Forms are shallow and small: see `indicial.render.matrix.reader`.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple, Union

ONE = Fraction(1)


class Shape(NamedTuple):
    """Whether there are rows, and columns."""

    rows: bool = False
    columns: bool = False

    @property
    def transposed(self) -> Shape:
        """Columns and rows."""
        return Shape(self.columns, self.rows)


SCALAR, COLUMN, ROW, MATRIX = Shape(), Shape(rows=True), Shape(columns=True), Shape(rows=True, columns=True)


@dataclass(frozen=True, slots=True)
class Symbol:
    """A name."""

    name: str
    shape: Shape


@dataclass(frozen=True, slots=True)
class Call:
    """word(argument, …)"""

    word: str
    arguments: tuple[Form, ...]
    shape: Shape


@dataclass(frozen=True, slots=True)
class Transposed:
    """fᵀ of something that no transpose can be pushed into."""

    of: Form

    @property
    def shape(self) -> Shape:
        """Columns and rows of what is transposed."""
        return self.of.shape.transposed


@dataclass(frozen=True, slots=True)
class Product:
    """coefficient · Π scalar^exponent · a chain of matrices and vectors."""

    coefficient: Fraction
    scalars: tuple[tuple[Form, Fraction], ...]
    chain: tuple[Form, ...]

    @property
    def shape(self) -> Shape:
        """The rows of the first in the chain, the columns of the last."""
        return Shape(self.chain[0].shape.rows, self.chain[-1].shape.columns) if self.chain else SCALAR


@dataclass(frozen=True, slots=True)
class Entrywise:
    """f^a ⊙ g^b ⊙ …"""

    powers: tuple[tuple[Form, Fraction], ...]

    @property
    def shape(self) -> Shape:
        """That of every factor."""
        return self.powers[0][0].shape


@dataclass(frozen=True, slots=True)
class EntryPower:
    """base .^ exponent; one of the two may be a scalar."""

    base: Form
    exponent: Form

    @property
    def shape(self) -> Shape:
        """That of whichever is no scalar."""
        return self.exponent.shape if self.base.shape == SCALAR else self.base.shape


@dataclass(frozen=True, slots=True)
class Sum:
    """Two terms or more."""

    terms: tuple[Product, ...]

    @property
    def shape(self) -> Shape:
        """That of every term."""
        return self.terms[0].shape


@dataclass(frozen=True, slots=True)
class Kronecker:
    """left ⊗ right"""

    left: Form
    right: Form

    @property
    def shape(self) -> Shape:
        """Rows and columns of either."""
        one, other = self.left.shape, self.right.shape
        return Shape(one.rows or other.rows, one.columns or other.columns)


Form = Union[Symbol, Call, Transposed, Product, Entrywise, EntryPower, Sum, Kronecker]

IDENTITY = Symbol("eye", MATRIX)
ONES = Symbol("vector(1)", COLUMN)
