"""Canonical labels of dummies: one order for all ways in which a product can be written.

Dummies are told apart by colour refinement: the colour of a dummy is ranked with the colours of all
indices of the factors in which it stands, until no class splits any further. Where several dummies
keep one colour, each in turn is singled out and refinement goes on; the caller compares what comes of
them (McKay and Piperno, Practical graph isomorphism II, 2014). Search over such ties is bounded, so
that a product of very many like factors costs no factorial time; beyond the bound the order in which
they were given decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from indicial.ir.abstract import spelled
from indicial.ir.indices import Index
from indicial.ir.interning import digest_of
from indicial.ir.nodes import (
    Abstract,
    Access,
    Add,
    Apply,
    Call,
    Compare,
    Delta,
    Epsilon,
    IndexSum,
    Mul,
    Node,
    Number,
    Operation,
    Position,
    Power,
)
from indicial.ir.traversal import fold

Colours = Mapping[Index, int]
Signature = tuple[Any, ...]
# Sorts what stands in the places of a node's indices, where their order does not matter.
Order = Callable[[Node, Sequence[Index], Callable[[Index], Any]], Sequence[Index]]
_TIES = 48  # labellings compared at most
_WORK = 100_000  # factor signatures computed at most


def as_written(_node: Node, slots: Sequence[Index], _key: Callable[[Index], Any]) -> Sequence[Index]:
    """What stands in the places of a node's indices: their order matters."""
    return slots


class Seen(NamedTuple):
    """What colours leave of an expression: a hash that two of opposite sign share, and the sign.

    `chain` is of where(c, a, where(d, a, b)), whose conditions have no order: a, the conditions and b.
    """

    hash: str
    sign: int = 1
    chain: tuple[str, tuple[str, ...], str] | None = None

    @property
    def text(self) -> str:
        """The hash with the sign."""
        return self.hash + ("-" if self.sign < 0 else "+")


def coloured(node: Node, colours: Colours, in_order: Order = as_written) -> bytes:
    """The hash of a node in which each coloured index counts by its colour, and order by nothing.

    a − b may stand as b − a with a sign in front, and which of the two depends on the names of indices:
    so a sum is hashed apart from its sign, which is left out here.
    """

    def rule(current: Node, kids: tuple[Seen, ...]) -> Seen:
        if not kids:
            if isinstance(current, Number):
                negative = current.value < 0
                own = Number(-current.value) if negative else current
                return Seen(own.digest.hex(), -1 if negative else 1)
            shape, slots = _leaf(current, colours, in_order)
            return Seen(digest_of("leaf", shape.hex(), *slots).hex())
        bound = [index.serial for index in current.bound]
        here = [colours.get(i, i) for i in in_order(current, current.indices_here, _by_colour(colours))]
        if isinstance(current, Mul):
            kids = _factors(current, kids)
            if len(kids) == 1:  # −x is x, but for the sign
                return kids[0]
        parts, sign, chain = *_parts(current, kids), None
        if isinstance(current, Call) and current.function == "where":
            chain = _chain(kids)
            parts = [chain[0], *chain[1], chain[2]]
        kind = type(current).__name__ + _label(current)
        return Seen(digest_of(kind, *bound, *here, *parts).hex(), sign, chain)

    return bytes.fromhex(fold(node, rule).hash)


def _factors(node: Mul, kids: tuple[Seen, ...]) -> tuple[Seen, ...]:
    """The factors of a product; a sign is taken in by one of the others."""
    match node.factors:
        case (Number(value), _, *_) if value == -1:
            return (Seen(kids[1].hash, -kids[1].sign), *kids[2:])
    return kids


def _parts(node: Node, kids: Sequence[Seen]) -> tuple[list[str], int]:
    """What the hash of a node is made of, apart from its sign, and the sign."""
    match node:
        case Add():
            parts = sorted([kid.text for kid in kids])
            if all(kid.sign > 0 for kid in kids):
                return parts, 1
            turned = sorted([Seen(kid.hash, -kid.sign).text for kid in kids])
            return (parts, 1) if parts <= turned else (turned, -1)
        case Mul():
            negative = sum([kid.sign < 0 for kid in kids])
            return sorted([kid.hash for kid in kids]), -1 if negative % 2 else 1
        case Power(_, Number(exponent)) if exponent.denominator == 1:
            base, above = kids
            return [base.hash, above.text], base.sign if exponent.numerator % 2 else 1
        case IndexSum():
            return [kids[0].hash], kids[0].sign
    parts = [kid.text for kid in kids]
    return (sorted(parts) if _commutes(node) else parts), 1


def _chain(kids: Sequence[Seen]) -> tuple[str, tuple[str, ...], str]:
    """where(c, a, where(d, a, b)): a, the conditions in an order of their own, and b."""
    condition, value, otherwise = kids
    if otherwise.chain is not None and otherwise.chain[0] == value.text:
        return value.text, tuple(sorted([condition.text, *otherwise.chain[1]])), otherwise.chain[2]
    return value.text, (condition.text,), otherwise.text


def _label(node: Node) -> str:
    match node:
        case Call(name, _) | Compare(name, _, _) | Operation(name, _, _, _):
            return name
        case Abstract(name, orders, _):
            return spelled(name, orders)
    return ""


def _commutes(node: Node) -> bool:
    match node:
        case Call("max" | "min", _) | Compare("==" | "!=", _, _):
            return True
    return False


def _by_colour(colours: Colours) -> Callable[[Index], tuple[int, Index | None]]:
    """The order of indices that tells coloured ones apart by their colour alone; they come last."""
    return lambda index: (colours[index], None) if index in colours else (-2, index)


def _leaf(node: Node, colours: Colours, in_order: Order) -> tuple[bytes, tuple[int, ...]]:
    """What a leaf is apart from its coloured indices, and their colours in order."""
    here = in_order(node, node.indices_here, _by_colour(colours))
    slots = tuple([colours[i] for i in here if i in colours])
    fixed = [(k, i) for k, i in enumerate(here) if i not in colours]
    match node:
        case Access(tensor, _):
            return digest_of("access", tensor, *fixed), slots
        case Apply(definition, _):
            return digest_of("apply", definition, *fixed), slots
        case Delta() | Epsilon():  # the order of their indices is no property of the product
            return digest_of(type(node).__name__, *sorted(i for _, i in fixed)), tuple(sorted(slots))
        case Position():
            return digest_of("position", *fixed), slots
    return node.digest, ()


def _signature(factor: Node, colours: Colours, in_order: Order) -> Signature:
    return (coloured(factor, colours, in_order), ()) if factor.children else _leaf(factor, colours, in_order)


class _Labelling:
    """The search for orders of `dummies`, with the work that is left to it."""

    def __init__(self, factors: Sequence[Node], dummies: Sequence[Index], in_order: Order) -> None:
        self.ties, self.work, self.in_order = _TIES, _WORK, in_order
        self.holders: dict[Index, list[Node]] = {index: [] for index in dummies}
        for factor in factors:
            for index in factor.free & self.holders.keys():
                self.holders[index].append(factor)

    def refine(self, colours: Colours) -> Colours:
        """Split colour classes until they are stable."""
        classes = len(set(colours.values()))
        while classes < len(colours) and self.work > 0:
            colours = _ranked({index: self._seen(index, colours) for index in colours})
            now = len(set(colours.values()))
            if now == classes:
                break
            classes = now
        return colours

    def _seen(self, index: Index, colours: Colours) -> Signature:
        self.work -= len(self.holders[index])
        marked = {**colours, index: -1} if len(colours) < 8 else _Marked(colours, index)
        signatures = [_signature(factor, marked, self.in_order) for factor in self.holders[index]]
        return (colours[index], sorted(signatures))

    def discrete(self, colours: Colours) -> Iterator[Colours]:
        """Colourings in which no two dummies share a colour, by singling out within ties."""
        colours = self.refine(colours)
        counts: dict[int, list[Index]] = {}
        for index, colour in colours.items():
            counts.setdefault(colour, []).append(index)
        tied = min((c for c, members in counts.items() if len(members) > 1), default=None)
        if tied is None or self.work <= 0:
            self.ties -= 1
            yield colours
            return
        for member in counts[tied]:
            yield from self.discrete({i: 2 * c + (i == member) for i, c in colours.items()})
            if self.ties <= 0 or self.work <= 0:
                return


class _Marked(Mapping[Index, int]):
    """Colours with one index marked as the one that looks around."""

    def __init__(self, colours: Colours, marked: Index) -> None:
        self.colours, self.marked = colours, marked

    def __getitem__(self, index: Index) -> int:
        return -1 if index == self.marked else self.colours[index]

    def __iter__(self) -> Iterator[Index]:
        return iter(self.colours)

    def __len__(self) -> int:
        return len(self.colours)

    def __contains__(self, index: object) -> bool:
        return index in self.colours


def _ranked(values: Mapping[Index, Any]) -> Colours:
    """Colours 0, 1, … in the order of the values; equal values have one colour."""
    ranked: dict[Index, int] = {}
    colour, previous = -1, object()
    for index in sorted(values, key=values.__getitem__):
        if values[index] != previous:
            colour, previous = colour + 1, values[index]
        ranked[index] = colour
    return {index: ranked[index] for index in values}


def labellings(
    factors: Sequence[Node], dummies: Sequence[Index], in_order: Order = as_written
) -> Iterator[list[Index]]:
    """Orders of the dummies to choose from: no matter how the factors were written, the same choices.

    `in_order` sorts what stands in the places of a node's indices where their order does not matter.
    """
    if len(dummies) < 2:
        yield list(dummies)
        return
    start = _ranked({index: (index.space.tensor, index.space.axis) for index in dummies})
    for colours in _Labelling(factors, dummies, in_order).discrete(start):
        yield sorted(dummies, key=lambda index: colours[index])


def told_apart(
    factors: Sequence[Node], dummies: Sequence[Index], around: Sequence[Index], in_order: Order = as_written
) -> Colours:
    """Colours of the dummies, and of those of the sums around, as far as refinement tells them apart.

    They do not depend on the order of the factors, nor on how the indices are called.
    """
    spaces = {index: (index in around, index.space.tensor, index.space.axis) for index in (*dummies, *around)}
    return _Labelling(factors, list(spaces), in_order).refine(_ranked(spaces))
