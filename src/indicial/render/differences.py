"""Which way round a difference stands where its sign is free: (x_i − a)², not (a − x_i)²."""

from __future__ import annotations

from fractions import Fraction

from indicial.ir.nodes import Access, Add, Apply, Node, Number, Power
from indicial.simplify.terms import scaled, summands


def is_difference(node: Node) -> bool:
    """Whether something is a tensor less another."""
    return isinstance(node, Add) and _names(node) is not None


def is_turned(node: Node) -> bool:
    """Whether a difference is better read from behind: the larger tensor first, or else the shorter name."""
    names = _names(node) if isinstance(node, Add) else None
    if names is None:
        return False
    (rank, name), (other_rank, other) = names
    return (-rank, len(name)) > (-other_rank, len(other))


def turned(node: Node) -> Node:
    """b − a of a − b."""
    assert isinstance(node, Add)
    return Add(tuple([scaled(-coefficient, monomial) for coefficient, monomial in summands(node)]))


def squared_the_right_way(node: Node) -> Node:
    """An even power with its difference the way it is better read."""
    match node:
        case Power(base, Number(exponent)) if exponent.denominator == 1 and exponent % 2 == 0:
            return Power(turned(base), node.exponent) if is_turned(base) else node
    return node


def _names(node: Add) -> tuple[tuple[int, str], tuple[int, str]] | None:
    """What is added and what is taken away, each by its number of indices and its name."""
    found: dict[Fraction, tuple[int, str]] = {}
    for coefficient, monomial in summands(node):
        match monomial:
            case Access(name, indices):
                found[coefficient] = len(indices), name
            case Apply(definition, indices):
                found[coefficient] = len(indices), definition.name
            case _:
                return None
    if len(node.terms) != 2 or set(found) != {Fraction(1), Fraction(-1)}:
        return None
    return found[Fraction(1)], found[Fraction(-1)]
