"""What every expression is, and arithmetic: `2 * a - b` is a node, and nothing of it is rewritten."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Union

from indicial.ir.indices import Index
from indicial.ir.interning import Interned, interned

NO_INDICES: frozenset[Index] = frozenset()


class Node(Interned):
    """Base of all nodes.

    `free` holds the free indices; `height` the largest canonical number of a dummy bound inside;
    `size` counts the nodes of the expression written out as a tree.
    """

    __slots__ = ("free", "height", "size")

    free: frozenset[Index]
    height: int
    size: int

    def __repr__(self) -> str:
        free = ", ".join(str(index.serial) for index in sorted(self.free))
        return f"<{type(self).__name__} {self.digest.hex()[:8]} of size {self.size} over ({free})>"

    def _complete(self, set_slot: Callable[[object, str, object], None]) -> None:
        kids = self.children
        set_slot(self, "free", self._free(kids))
        set_slot(self, "height", self._height(kids))
        set_slot(self, "size", min(1 + sum([kid.size for kid in kids]), 1 << 60))

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
        return NO_INDICES.union(*[kid.free for kid in kids])

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


@interned
class Number(Node):
    """An exact rational."""

    value: Fraction


@interned
class Add(Node):
    """e₁ + e₂ + …; a term that lacks an index is constant along it."""

    terms: tuple[Node, ...]

    @property
    def children(self) -> tuple[Expr, ...]:
        return self.terms

    def with_children(self, children: tuple[Expr, ...]) -> Expr:
        return Add(children)


@interned
class Mul(Node):
    """e₁ · e₂ · …, component by component: a repeated index is not summed."""

    factors: tuple[Node, ...]

    @property
    def children(self) -> tuple[Expr, ...]:
        return self.factors

    def with_children(self, children: tuple[Expr, ...]) -> Expr:
        return Mul(children)


@interned
class Power(Node):
    """base ^ exponent, component by component."""

    base: Node
    exponent: Node

    @property
    def children(self) -> tuple[Expr, ...]:
        return (self.base, self.exponent)

    def with_children(self, children: tuple[Expr, ...]) -> Expr:
        return Power(*children)


ZERO = Number(Fraction(0))
ONE = Number(Fraction(1))
MINUS_ONE = Number(Fraction(-1))
HALF = Number(Fraction(1, 2))
TWO = Number(Fraction(2))


def number(value: int | Fraction) -> Number:
    """The node of an exact rational."""
    return Number(Fraction(value))
