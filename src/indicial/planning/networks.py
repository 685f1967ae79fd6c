"""The factors of a product as a network: sets of factors, and sets of axes, as the bits of whole numbers.

    Σ_jk A_ij B_jk C_kl        factors 1, 2, 4; axes i = 1, j = 2, k = 4, l = 8
    made of A and B            factors 3; j is summed, i and k (which C has) are left: axes 5

An order is a binary tree over the factors, written down as the two parts of each set that is made.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Union

from indicial.ir.indices import Index
from indicial.planning.parts import Part, Parts

Kids = dict[int, tuple[int, int]]  # the two parts of each set of factors that an order makes
Tree = Union[int, tuple["Tree", "Tree"]]  # a factor by its place, or two parts that are multiplied
PER_ENTRY = 8  # operations of a matrix product that take as long as moving one entry
WORTH = 1 << 14  # the work of a product from which it is worth sharing parts of


class Network:
    """The factors of one product, their axes and extents; what parts of it are and cost.

    `names` are the identities of the factors, `laid` has the axes of each as they lie in memory; `wanted`
    are the axes of the result in the order that whoever reads it has them in, if that is known.
    """

    def __init__(
        self,
        names: Sequence[int],
        axes: Sequence[Sequence[Index]],
        extents: Mapping[Index, int],
        free: frozenset[Index],
        parts: Parts,
        laid: Sequence[Sequence[Index]],
        wanted: Sequence[Index] = (),
    ) -> None:
        self.names, self.axes, self.parts, self.free = names, axes, parts, free
        self.indices = list(dict.fromkeys([index for own in axes for index in own]))
        self.extents = [float(extents[index]) for index in self.indices]
        bits = {index: 1 << k for k, index in enumerate(self.indices)}
        self.laid = [[bits[index] for index in own] for own in laid]
        self.wanted = [bits[index] for index in wanted if index in bits]
        self.own = [sum([bits[index] for index in own]) for own in axes]
        self.asked = sum([bit for index, bit in bits.items() if index in free])
        self.key = (tuple(names), tuple(self.own), self.asked)
        self.everything = (1 << len(names)) - 1
        self.holders = dict.fromkeys(bits.values(), 0)  # the factors that have an axis
        for k, own in enumerate(self.own):
            for bit in each(own):
                self.holders[bit] |= 1 << k
        self.sizes: dict[int, float] = {0: 1.0}
        self.kept_of = {1 << k: own for k, own in enumerate(self.own)}
        self.shares: dict[int, int] = {}
        self.worthy = self.size(self.asked | union(self.own)) >= WORTH

    def size(self, axes: int) -> float:
        """The entries of an array with some axes."""
        known = self.sizes.get(axes)
        if known is None:
            known, rest = 1.0, axes
            while rest:  # the bits of a set, as `each` has them: this is where searches spend their time
                low = rest & -rest
                known *= self.extents[low.bit_length() - 1]
                rest ^= low
            self.sizes[axes] = known
        return known

    def kept(self, members: int) -> int:
        """The axes that are left of the product of some factors: those that others have, or the result."""
        known = self.kept_of.get(members)
        if known is None:
            mine = union([self.own[bit.bit_length() - 1] for bit in each(members)])
            outside = self.everything ^ members
            away = [bit for bit in each(mine & ~self.asked) if not self.holders[bit] & outside]
            known = self.kept_of[members] = mine & ~union(away)
        return known

    def made(self, first: int, second: int) -> int:
        """The axes that are left of the product of two parts, from what is left of each."""
        members = first | second
        known = self.kept_of.get(members)
        if known is None:
            a, b = self.kept_of[first], self.kept_of[second]
            outside = self.everything ^ members
            away = [bit for bit in each(a & b & ~self.asked) if not self.holders[bit] & outside]
            known = self.kept_of[members] = (a | b) & ~union(away)
        return known

    def cost(self, first: int, second: int) -> float:
        """What multiplying two parts takes: entries moved, and the operations of a matrix product."""
        a, b, result = self.kept(first), self.kept(second), self.kept(first | second)
        moved = self.size(a) + self.size(b) + self.size(result)
        away = a & b & ~result
        if away:
            batch = a & b & result
            moved += 2 * self.size(a | b) / PER_ENTRY
            moved += self.copied(first, away, batch) + self.copied(second, away, batch)
        return moved + (self.turned(a, b, result) if first | second == self.everything else 0)

    def turned(self, a: int, b: int, result: int) -> float:
        """What it takes to read the result if its axes do not lie in the order that is wanted.

        A matrix product has the axes of one factor in front, those of the other behind.
        """
        if not self.wanted or not a & b & ~result or a & b & result:
            return 0
        sides = [bool(bit & a) for bit in self.wanted]
        changes = sum([one != other for one, other in pairwise(sides)])
        return 0 if changes < 2 else 2 * self.size(result)

    def copied(self, members: int, away: int, batch: int) -> float:
        """What a factor takes to be turned if the axes that are summed stand in its middle.

        Axes of a batch lie anywhere: each matrix is multiplied for itself.
        """
        if members & (members - 1):
            return 0
        whole = self.laid[members.bit_length() - 1]
        axes = [bit for bit in whole if not bit & batch]
        places = [k for k, bit in enumerate(axes) if bit & away]
        together = places[-1] - places[0] == len(places) - 1
        at_an_end = places[0] == 0 or places[-1] == len(axes) - 1
        return 0 if together and at_an_end else 2 * self.size(sum(whole))

    def share(self, members: int) -> int:
        """How many products make this part, and pay for it together."""
        if not self.worthy or not self.parts.shared:
            return 1
        known = self.shares.get(members)
        if known is None:
            names = sorted([self.names[bit.bit_length() - 1] for bit in each(members)])
            known = self.shares[members] = self.parts.count(names, lambda: self.part(members))
        return known

    def part(self, members: int) -> Part:
        """Some factors, whatever their axes are called."""
        chosen = sorted([bit.bit_length() - 1 for bit in each(members)], key=lambda k: self.names[k])
        numbers: dict[Index, int] = {}
        for k in chosen:
            for index in self.axes[k]:
                numbers.setdefault(index, len(numbers))
        left = [numbers[self.indices[bit.bit_length() - 1]] for bit in each(self.kept(members))]
        factors = tuple([(self.names[k], *[numbers[index] for index in self.axes[k]]) for k in chosen])
        return factors, tuple(sorted(left))

    def total(self, kids: Kids) -> float:
        """The cost of an order."""
        return sum([self.cost(a, b) for a, b in kids.values()])


def each(members: int) -> Iterator[int]:
    """The bits of a set, from the lowest."""
    while members:
        low = members & -members
        yield low
        members ^= low


def union(sets: Sequence[int]) -> int:
    """What is in any of some sets."""
    total = 0
    for one in sets:
        total |= one
    return total


def tree(kids: Kids) -> Tree:
    """An order as a tree of places."""
    made: dict[int, Tree] = {}
    for members in sorted(kids, key=int.bit_count):
        left, right = [made[part] if part in made else part.bit_length() - 1 for part in kids[members]]
        made[members] = (left, right)
    return made[members]


def walked(order: Tree) -> Iterator[int | None]:
    """A tree from its leaves up: a factor's place, or None where the last two parts are multiplied."""
    pending: list[tuple[Tree, bool]] = [(order, False)]
    while pending:
        current, done = pending.pop()
        if isinstance(current, int):
            yield current
        elif done:
            yield None
        else:
            pending += [(current, True), (current[1], False), (current[0], False)]
