"""The intermediate representation: immutable, hash-consed expressions over named indices.

    definition  d  ::=  name_{f₀ f₁ …} := e           a statement, or a shared subexpression
    expression  e  ::=  q                              Number      exact rational
                     |  π                              Constant
                     |  dim(s)                         Extent      of a space, as a number
                     |  ⟨i⟩                            Position    of an index, as a number from 0
                     |  X_{i j …}                      Access      an input's component
                     |  d_{i j …}                      Apply       a definition at actual indices
                     |  δ_{ij}                         Delta       Kronecker
                     |  ε_{ij…}                        Epsilon     Levi-Civita
                     |  e + e + …                      Add         missing indices broadcast
                     |  e · e · …                      Mul         never sums
                     |  e ^ e                          Power
                     |  f(e, …)                        Call        elementwise
                     |  ∂₁ᵃ∂₂ᵇ… g(e, …)                Abstract    a declared function, or a derivative of it
                     |  [e < e]                        Compare     1 or 0; a strong zero
                     |  Σ_{i…} e                       IndexSum
                     |  Π_{i…} e                       IndexProd
                     |  (op_{i…} e …)_{j…}             Operation   along its dummies, read at j…
                     |  ∂e/∂X_{i…}∂…                   Partial     by inputs or definitions; as it is written

The body of a definition has no free index besides its formals; an expression that lacks an index of
its surroundings is constant along it. Constructors never rewrite: `Mul((x,))` stays what it is.

What all of them share and how numbers, sums, products and powers are made of them is in `ir.expressions`;
that equal nodes are one object, in `ir.interning`.
"""

from __future__ import annotations

from typing import Any

from indicial.ir.expressions import (
    HALF,
    MINUS_ONE,
    NO_INDICES,
    ONE,
    TWO,
    ZERO,
    Add,
    Expr,
    Mul,
    Node,
    Number,
    Operand,
    Power,
    number,
)
from indicial.ir.indices import Index, Space
from indicial.ir.interning import interned

__all__ = [
    "HALF", "MINUS_ONE", "ONE", "TWO", "ZERO", "Abstract", "Access", "Add", "Apply", "Call", "Compare",
    "Constant", "Definition", "Delta", "Epsilon", "Expr", "Extent", "IndexProd", "IndexSum", "Mul", "Node",
    "Number", "Operand", "Operation", "Partial", "Position", "Power", "number",
]  # fmt: skip


@interned
class Constant(Node):
    """A number known by name: `pi`."""

    name: str


@interned
class Extent(Node):
    """The extent of a space, as a number: what a closed δ_ii is."""

    space: Space


@interned
class Position(Node):
    """The value of an index, counted from 0, as a number: what stands in `[i < j]`."""

    index: Index

    @property
    def indices_here(self) -> tuple[Index, ...]:
        return (self.index,)


@interned
class Access(Node):
    """X_{ij…}: a component of an input; a repeated index reads a diagonal."""

    tensor: str
    indices: tuple[Index, ...]

    @property
    def indices_here(self) -> tuple[Index, ...]:
        return self.indices


@interned
class Apply(Node):
    """d_{ij…}: a definition at actual indices."""

    definition: Definition
    indices: tuple[Index, ...]

    @property
    def indices_here(self) -> tuple[Index, ...]:
        return self.indices


@interned
class Delta(Node):
    """δ_ij, 1 where the two indices are equal and 0 elsewhere; both range over one space."""

    left: Index
    right: Index

    @property
    def indices_here(self) -> tuple[Index, ...]:
        return (self.left, self.right)


@interned
class Epsilon(Node):
    """ε_{ij…}: the sign of the permutation (i, j, …) of 0 … n−1, and 0 where it is none."""

    indices: tuple[Index, ...]

    @property
    def indices_here(self) -> tuple[Index, ...]:
        return self.indices


@interned
class Call(Node):
    """f(e₁, …): a row of the table of elementwise functions, component by component."""

    function: str
    arguments: tuple[Node, ...]

    @property
    def children(self) -> tuple[Expr, ...]:
        return self.arguments

    def with_children(self, children: tuple[Expr, ...]) -> Expr:
        return Call(self.function, children)


@interned
class Abstract(Node):
    """∂₁ᵃ∂₂ᵇ… g(e₁, …): a declared function, or the derivative of these orders by its arguments."""

    function: str
    orders: tuple[int, ...]
    arguments: tuple[Node, ...]

    @property
    def children(self) -> tuple[Expr, ...]:
        return self.arguments

    def with_children(self, children: tuple[Expr, ...]) -> Expr:
        return Abstract(self.function, self.orders, children)


@interned
class Compare(Node):
    """[left ~ right], 1 where the relation holds and 0 elsewhere (Iverson's bracket).

    `relation` is one of `< <= > >= == !=`. A false bracket is a strong zero: it also annihilates a
    factor that is infinite or undefined there (Graham, Knuth, Patashnik, Concrete Mathematics, §2.2).
    """

    relation: str
    left: Node
    right: Node

    @property
    def children(self) -> tuple[Expr, ...]:
        return (self.left, self.right)

    def with_children(self, children: tuple[Expr, ...]) -> Expr:
        return Compare(self.relation, *children)


class _Binder(Node):
    """A node whose indices are dummies, bound in its body."""

    __slots__ = ()

    indices: tuple[Index, ...]
    body: Node

    @property
    def bound(self) -> tuple[Index, ...]:
        return self.indices

    @property
    def children(self) -> tuple[Expr, ...]:
        return (self.body,)

    def with_children(self, children: tuple[Expr, ...]) -> Expr:
        bound: type[Any] = type(self)
        rebuilt: Expr = bound(self.indices, *children)
        return rebuilt

    def _free(self, kids: tuple[Expr, ...]) -> frozenset[Index]:
        return kids[0].free.difference(self.indices)

    def _height(self, kids: tuple[Expr, ...]) -> int:
        return max([kids[0].height, *[-index.serial for index in self.indices]])


@interned
class IndexSum(_Binder):
    """Σ_{ij…} body. An index that the body lacks multiplies by its extent."""

    indices: tuple[Index, ...]
    body: Node


@interned
class IndexProd(_Binder):
    """Π_{ij…} body. An index that the body lacks raises to its extent."""

    indices: tuple[Index, ...]
    body: Node


@interned
class Operation(Node):
    """(op_{i…}(e, …))_{j…}: an operator of the table along its dummies i…, its result read at j…

    The result has the axes that the operator keeps; an operator that keeps none is read at no index.
    """

    operator: str
    indices: tuple[Index, ...]
    arguments: tuple[Node, ...]
    at: tuple[Index, ...]

    @property
    def children(self) -> tuple[Expr, ...]:
        return self.arguments

    def with_children(self, children: tuple[Expr, ...]) -> Expr:
        return Operation(self.operator, self.indices, children, self.at)

    @property
    def indices_here(self) -> tuple[Index, ...]:
        return self.at

    @property
    def bound(self) -> tuple[Index, ...]:
        return self.indices

    def _free(self, kids: tuple[Expr, ...]) -> frozenset[Index]:
        return NO_INDICES.union(*[kid.free for kid in kids]).difference(self.indices).union(self.at)

    def _height(self, kids: tuple[Expr, ...]) -> int:
        return max([kid.height for kid in kids] + [-index.serial for index in self.indices])


@interned
class Partial(Node):
    """∂body/∂X_{ij…}∂Y_{k…}…: by components of inputs or definitions, all held as independent.

    It stands for what a program says; `calculus.within` writes out what it is before anything is computed.
    """

    body: Node
    variables: tuple[Node, ...]

    @property
    def children(self) -> tuple[Expr, ...]:
        return (self.body, *self.variables)

    def with_children(self, children: tuple[Expr, ...]) -> Expr:
        return Partial(children[0], children[1:])


@interned
class Definition(Node):
    """name_{f₀ f₁ …} := body, a function of its formal indices.

    A definition with a name is a statement of the user's; one without is a shared subexpression.
    """

    name: str
    formals: tuple[Index, ...]
    body: Node

    def _free(self, kids: tuple[Expr, ...]) -> frozenset[Index]:
        return NO_INDICES

    @property
    def spaces(self) -> tuple[Space, ...]:
        """The spaces of the axes, in order."""
        return tuple([formal.space for formal in self.formals])

    def __call__(self, *indices: Index) -> Apply:
        return Apply(self, indices)
