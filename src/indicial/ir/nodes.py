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

A node is known by its digest, a hash of its contents, so that equal nodes are one object, equality is
immediate, and orders that follow digests are the same in every process.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any, TypeVar, Union, dataclass_transform
from weakref import WeakValueDictionary

from indicial.ir.indices import Index, Space

T = TypeVar("T")
_TABLE: WeakValueDictionary[bytes, Any] = WeakValueDictionary()
_NONE: frozenset[Index] = frozenset()


@lru_cache(maxsize=1 << 14)
def _encode_index(index: Index) -> bytes:
    return f"i{index.serial}|{index.space.tensor}|{index.space.axis};".encode()


def _encode(value: object) -> bytes:
    if isinstance(value, Node):
        return value.digest
    if isinstance(value, Index):
        return _encode_index(value)
    if isinstance(value, tuple):
        return b"(%d:" % len(value) + b"".join([_encode(item) for item in value])
    if isinstance(value, Fraction):  # in hexadecimal, which has no limit on digits
        return f"{value.numerator:x}/{value.denominator:x};".encode()
    return f"{value};".encode()


def digest_of(tag: str, *fields: object) -> bytes:
    """The hash of a tag and of fields: nodes, indices, strings, numbers and tuples of them."""
    return hashlib.blake2b(tag.encode() + b"".join([_encode(f) for f in fields]), digest_size=16).digest()


class _Interned(type):
    """Calls `cls(*fields)` and returns the node that already has these fields, if there is one."""

    def __call__(cls, *fields: Any) -> Any:
        digest = digest_of(cls.__name__, *fields)
        node = _TABLE.get(digest)
        if node is None:
            node = super().__call__(*fields)
            set_slot = object.__setattr__
            set_slot(node, "digest", digest)
            set_slot(node, "_hash", hash(digest))
            kids = node.children
            set_slot(node, "free", node._free(kids))
            set_slot(node, "height", node._height(kids))
            set_slot(node, "size", min(1 + sum([kid.size for kid in kids]), 1 << 60))
            node = _TABLE.setdefault(digest, node)
        return node


class Node(metaclass=_Interned):
    """Base of all nodes.

    `free` holds the free indices; `height` the largest canonical number of a dummy bound inside;
    `size` counts the nodes of the expression written out as a tree.
    """

    __slots__ = ("__weakref__", "_hash", "digest", "free", "height", "size")

    digest: bytes
    free: frozenset[Index]
    height: int
    size: int
    _hash: int

    def __hash__(self) -> int:
        return self._hash

    def __repr__(self) -> str:
        free = ", ".join(str(index.serial) for index in sorted(self.free))
        return f"<{type(self).__name__} {self.digest.hex()[:8]} of size {self.size} over ({free})>"

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Node) and self.digest == other.digest)

    @property
    def children(self) -> tuple[Expr, ...]:
        """The expressions directly below, in order."""
        return ()

    def with_children(self, children: tuple[Expr, ...]) -> Expr:
        """The same node over other children."""
        return self

    @property
    def indices_here(self) -> tuple[Index, ...]:
        """The indices that stand in this node itself, in order, with repetition."""
        return ()

    @property
    def bound(self) -> tuple[Index, ...]:
        """The indices that are dummies in what is below."""
        return ()

    def _free(self, kids: tuple[Expr, ...]) -> frozenset[Index]:
        own = self.indices_here
        if own:
            return frozenset(own)
        if len(kids) == 1:
            return kids[0].free
        return _NONE.union(*[kid.free for kid in kids])

    def _height(self, kids: tuple[Expr, ...]) -> int:
        return max([kid.height for kid in kids], default=0)

    # Arithmetic builds nodes and rewrites nothing; numbers are taken as exact rationals.
    def __add__(self, other: Operand) -> Add:
        return Add((self, _node(other)))

    def __radd__(self, other: Operand) -> Add:
        return Add((_node(other), self))

    def __sub__(self, other: Operand) -> Add:
        return Add((self, Mul((MINUS_ONE, _node(other)))))

    def __rsub__(self, other: Operand) -> Add:
        return Add((_node(other), Mul((MINUS_ONE, self))))

    def __mul__(self, other: Operand) -> Mul:
        return Mul((self, _node(other)))

    def __rmul__(self, other: Operand) -> Mul:
        return Mul((_node(other), self))

    def __truediv__(self, other: Operand) -> Mul:
        return Mul((self, Power(_node(other), MINUS_ONE)))

    def __rtruediv__(self, other: Operand) -> Mul:
        return Mul((_node(other), Power(self, MINUS_ONE)))

    def __neg__(self) -> Mul:
        return Mul((MINUS_ONE, self))

    def __pow__(self, exponent: Operand) -> Power:
        return Power(self, _node(exponent))


Expr = Node
Operand = Union[Node, int, Fraction]


def _node(value: Operand) -> Node:
    return value if isinstance(value, Node) else Number(Fraction(value))


@dataclass_transform(frozen_default=True, eq_default=False)
def node(cls: type[T]) -> type[T]:
    """A frozen, slotted dataclass that compares by digest."""
    return dataclass(frozen=True, slots=True, eq=False, repr=False)(cls)


@node
class Number(Node):
    """An exact rational."""

    value: Fraction


@node
class Constant(Node):
    """A number known by name: `pi`."""

    name: str


@node
class Extent(Node):
    """The extent of a space, as a number: what a closed δ_ii is."""

    space: Space


@node
class Position(Node):
    """The value of an index, counted from 0, as a number: what stands in `[i < j]`."""

    index: Index

    @property
    def indices_here(self) -> tuple[Index, ...]:
        return (self.index,)


@node
class Access(Node):
    """X_{ij…}: a component of an input; a repeated index reads a diagonal."""

    tensor: str
    indices: tuple[Index, ...]

    @property
    def indices_here(self) -> tuple[Index, ...]:
        return self.indices


@node
class Apply(Node):
    """d_{ij…}: a definition at actual indices."""

    definition: Definition
    indices: tuple[Index, ...]

    @property
    def indices_here(self) -> tuple[Index, ...]:
        return self.indices


@node
class Delta(Node):
    """δ_ij, 1 where the two indices are equal and 0 elsewhere; both range over one space."""

    left: Index
    right: Index

    @property
    def indices_here(self) -> tuple[Index, ...]:
        return (self.left, self.right)


@node
class Epsilon(Node):
    """ε_{ij…}: the sign of the permutation (i, j, …) of 0 … n−1, and 0 where it is none."""

    indices: tuple[Index, ...]

    @property
    def indices_here(self) -> tuple[Index, ...]:
        return self.indices


@node
class Add(Node):
    """e₁ + e₂ + …; a term that lacks an index is constant along it."""

    terms: tuple[Node, ...]

    @property
    def children(self) -> tuple[Expr, ...]:
        return self.terms

    def with_children(self, children: tuple[Expr, ...]) -> Expr:
        return Add(children)


@node
class Mul(Node):
    """e₁ · e₂ · …, component by component: a repeated index is not summed."""

    factors: tuple[Node, ...]

    @property
    def children(self) -> tuple[Expr, ...]:
        return self.factors

    def with_children(self, children: tuple[Expr, ...]) -> Expr:
        return Mul(children)


@node
class Power(Node):
    """base ^ exponent, component by component."""

    base: Node
    exponent: Node

    @property
    def children(self) -> tuple[Expr, ...]:
        return (self.base, self.exponent)

    def with_children(self, children: tuple[Expr, ...]) -> Expr:
        return Power(*children)


@node
class Call(Node):
    """f(e₁, …): a row of the table of elementwise functions, component by component."""

    function: str
    arguments: tuple[Node, ...]

    @property
    def children(self) -> tuple[Expr, ...]:
        return self.arguments

    def with_children(self, children: tuple[Expr, ...]) -> Expr:
        return Call(self.function, children)


@node
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


@node
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


@node
class IndexSum(_Binder):
    """Σ_{ij…} body. An index that the body lacks multiplies by its extent."""

    indices: tuple[Index, ...]
    body: Node


@node
class IndexProd(_Binder):
    """Π_{ij…} body. An index that the body lacks raises to its extent."""

    indices: tuple[Index, ...]
    body: Node


@node
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
        return _NONE.union(*[kid.free for kid in kids]).difference(self.indices).union(self.at)

    def _height(self, kids: tuple[Expr, ...]) -> int:
        return max([kid.height for kid in kids] + [-index.serial for index in self.indices])


@node
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


@node
class Definition(Node):
    """name_{f₀ f₁ …} := body, a function of its formal indices.

    A definition with a name is a statement of the user's; one without is a shared subexpression.
    """

    name: str
    formals: tuple[Index, ...]
    body: Node

    def _free(self, kids: tuple[Expr, ...]) -> frozenset[Index]:
        return _NONE

    @property
    def spaces(self) -> tuple[Space, ...]:
        """The spaces of the axes, in order."""
        return tuple([formal.space for formal in self.formals])

    def __call__(self, *indices: Index) -> Apply:
        return Apply(self, indices)


ZERO = Number(Fraction(0))
ONE = Number(Fraction(1))
MINUS_ONE = Number(Fraction(-1))
HALF = Number(Fraction(1, 2))
TWO = Number(Fraction(2))


def number(value: int | Fraction) -> Number:
    """The node of an exact rational."""
    return Number(Fraction(value))
