"""Pieces of a printed formula: text, how tightly it binds, and what the summation rule sees in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum

from indicial.ir.indices import Index, Space
from indicial.ir.nodes import ZERO, Node
from indicial.simplify.affine import Form

UNNAMED = 1 << 30


class Level(IntEnum):
    """What holds a piece together, from the tightest bond to the loosest.

    REACHING is a sign such as ∑_j without brackets: it reaches to the end of the product that it stands in.
    """

    ATOM = 0
    POWER = 1
    REACHING = 2
    PRODUCT = 3
    SUM = 4


@dataclass(eq=False, slots=True)
class Slot:
    """An index of the formula, and the letter that it gets.

    `rank` orders the letters as a reader meets them: those of the left side first. `origin` is the smallest
    value that the letter means. One that is `solved` has no letter, but an affine form of others.
    """

    space: Space
    letter: str = ""
    rank: int = UNNAMED
    origin: Node = ZERO
    solved: Solved | None = None

    @property
    def named(self) -> Iterator[Slot]:
        """The indices that are written for it: itself, or those of its form."""
        if self.solved is None:
            yield self
            return
        value, scope = self.solved.value, self.solved.scope
        for index in (*value.slopes, *sorted(value.offset.free)):
            yield from scope.slots[index].named


@dataclass(frozen=True, slots=True)
class Scope:
    """What indices mean at a place, the letters that mean something around it, and the brackets around it."""

    slots: Mapping[Index, Slot]
    taken: frozenset[str]
    known: frozenset[Node] = frozenset()

    def inside(self, slots: Iterable[Slot]) -> Scope:
        """The scope with the letters of further indices taken."""
        return replace(self, taken=self.taken.union([slot.letter for slot in slots]))

    def binding(self, indices: Iterable[Index], slots: Iterable[Slot]) -> Scope:
        """The scope in which indices stand for slots."""
        return replace(self, slots={**self.slots, **dict(zip(indices, slots, strict=True))})


@dataclass(frozen=True, slots=True)
class Solved:
    """What an index is: an affine form, and what the form's indices stand for.

    `runs_out` where the form may leave the axis of the index, and brackets say where it does not.
    """

    value: Form
    scope: Scope
    runs_out: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the formula.

    text      without its sign where it is `negative`
    counts    how often each free index occurs, as the summation rule counts in a product
    caught    free indices that a scope inside would sum by itself, or not see as indices, were they not bound
    bare      free indices that stand in conditions only: `[i < j]` needs their subscripts beside it
    summing   whether the text as it stands sums an index implicitly
    numeric   whether it is a number
    open      whether it is nothing but factors side by side: a number may stand beside them
    mirror    of a sum with some −: the text with all signs turned
    even      whether as many of its terms have + as have −
    unit      whether 1 is one of its terms
    zero      of a product, whether it vanishes: what it is a sum with can do without it
    implied   of a product, the letters that it sums without a sign
    reaching  of a product, the letters of the signs without brackets that it ends in
    """

    text: str
    level: Level = Level.ATOM
    counts: Mapping[Slot, int] = field(default_factory=dict)
    caught: frozenset[Slot] = frozenset()
    bare: frozenset[Slot] = frozenset()
    negative: bool = False
    summing: bool = False
    numeric: bool = False
    open: bool = False
    mirror: str | None = None
    even: bool = False
    unit: bool = False
    zero: bool = False
    implied: frozenset[str] = frozenset()
    reaching: frozenset[str] = frozenset()

    def enclosed(self) -> Piece:
        """The piece as a scope of its own: it sums what repeats in it, and counts once for the rest."""
        twice = [slot for slot, count in self.counts.items() if count > 1]
        caught = self.caught.union(twice, self.bare)
        return replace(self, counts=dict.fromkeys(self.counts, 1), caught=caught, bare=frozenset())

    def without(self, slots: Iterable[Slot]) -> Piece:
        """The piece behind the scope of some indices."""
        gone = frozenset(slots)
        if not gone:
            return self
        counts = {slot: count for slot, count in self.counts.items() if slot not in gone}
        return replace(self, counts=counts, caught=self.caught - gone, bare=self.bare - gone)

    def times(self, exponent: int) -> Piece:
        """The piece read as repeated factors."""
        return replace(self, counts={slot: exponent * count for slot, count in self.counts.items()})


def added(pieces: Iterable[Piece]) -> dict[Slot, int]:
    """The counts of factors of one product."""
    total: dict[Slot, int] = {}
    for piece in pieces:
        for slot, count in piece.counts.items():
            total[slot] = total.get(slot, 0) + count
    return total


def joined(text: str, parts: Iterable[Piece], level: Level = Level.ATOM) -> Piece:
    """A piece that holds scopes side by side, as a call holds its arguments."""
    scopes = [part.enclosed() for part in parts]
    caught: frozenset[Slot] = frozenset().union(*[scope.caught for scope in scopes])
    return Piece(text, level, dict.fromkeys([slot for scope in scopes for slot in scope.counts], 1), caught)
