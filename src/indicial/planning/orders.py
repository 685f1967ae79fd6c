"""The order in which the factors of a product are contracted two by two.

For a few factors every order is tried, whatever opt_einsum's optimisers would leave out; of many the best
of theirs is taken. What other products have in common with this one is paid by all of them together:

    ∂L/∂B_jr = Σ_ik E_ijk A_ir C_kr,  ∂L/∂C_kr = Σ_ij E_ijk A_ir B_jr       share F_jkr = Σ_i E_ijk A_ir

A part is known by what it computes, not by how: by the identities of its factors, their axes and those
that are left of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Union

import opt_einsum

from indicial.ir.indices import Index

Tree = Union[int, tuple["Tree", "Tree"]]  # a factor by its place, or two parts that are multiplied
Part = Hashable
_EXACT = 6  # factors up to which every order is tried
_CONNECTED = 14  # factors up to which every connected part is
_CHAIN = 100  # the same where each factor meets two others at most
_PER_ENTRY = 8  # operations of a matrix product that take as long as moving one entry
WORTH = 1 << 14  # the work of a product from which it is worth sharing parts of


@dataclass(slots=True)
class Parts:
    """The parts of the products that were made, each by how many products have it.

    shared  those that several have, from an earlier round of planning
    names   identities of what parts are made of, the same in all rounds
    """

    shared: Mapping[Part, int] = field(default_factory=dict)
    names: dict[Hashable, int] = field(default_factory=dict)
    found: Counter[Part] = field(default_factory=Counter)

    def name(self, thing: Hashable) -> int:
        """A number for a thing, equal for equal ones."""
        return self.names.setdefault(thing, len(self.names))

    def again(self) -> Parts | None:
        """For another round: what several products share; None if that is nothing new."""
        shared = {part: count for part, count in self.found.items() if count > 1}
        return Parts(shared, self.names) if shared and shared != self.shared else None


class Search:
    """The cheapest order for one product; factors and parts are sets of bits, and so are their axes."""

    def __init__(
        self,
        names: Sequence[int],
        axes: Sequence[Sequence[Index]],
        extents: Mapping[Index, int],
        free: frozenset[Index],
        parts: Parts,
    ) -> None:
        self.names, self.axes, self.parts, self.free = names, axes, parts, free
        self.indices = list(dict.fromkeys([index for own in axes for index in own]))
        self.extents = [extents[index] for index in self.indices]
        bits = {index: 1 << k for k, index in enumerate(self.indices)}
        self.own = [sum([bits[index] for index in own]) for own in axes]
        self.asked = sum([bit for index, bit in bits.items() if index in free])
        self.sizes: dict[int, int] = {0: 1}
        self.kept_of: dict[int, int] = {}

    def tree(self) -> Tree:
        """The order, its cost the least."""
        count = len(self.names)
        whole = (1 << count) - 1
        best: dict[int, tuple[float, Tree]] = {1 << k: (0.0, k) for k in range(count)}
        worthy = self.size(self.asked | _union(self.own)) >= WORTH
        for members in sorted(range(1, whole + 1), key=int.bit_count):
            if members in best:
                continue
            found = min([self._joined(best, a, b) for a, b in _splits(members)], key=lambda each: each[0])
            if worthy:
                part = self._part(members)
                self.parts.found[part] += 1
                found = found[0] / self.parts.shared.get(part, 1), found[1]
            best[members] = found
        return best[whole][1]

    def _joined(self, best: Mapping[int, tuple[float, Tree]], a: int, b: int) -> tuple[float, Tree]:
        (left, first), (right, second) = best[a], best[b]
        return left + right + self._cost(self.kept(a), self.kept(b), self.kept(a | b)), (first, second)

    def _cost(self, left: int, right: int, result: int) -> float:
        """What multiplying two values takes: entries moved, and the operations of a matrix product."""
        moved = self.size(left) + self.size(right) + self.size(result)
        return moved + (2 * self.size(left | right) / _PER_ENTRY if left & right & ~result else 0)

    def kept(self, members: int) -> int:
        """The axes that are left of the product of some factors: those that others have, or the result."""
        known = self.kept_of.get(members)
        if known is None:
            mine = _union([own for k, own in enumerate(self.own) if members >> k & 1])
            others = _union([own for k, own in enumerate(self.own) if not members >> k & 1])
            single = members & (members - 1) == 0
            known = self.kept_of[members] = mine if single else mine & (others | self.asked)
        return known

    def size(self, axes: int) -> int:
        """The entries of an array with some axes."""
        known = self.sizes.get(axes)
        if known is None:
            low = axes & -axes
            known = self.sizes[axes] = self.extents[low.bit_length() - 1] * self.size(axes ^ low)
        return known

    def _part(self, members: int) -> Part:
        """Some factors, whatever their axes are called."""
        chosen = sorted([k for k in range(len(self.names)) if members >> k & 1], key=lambda k: self.names[k])
        numbers: dict[Index, int] = {}
        for k in chosen:
            for index in self.axes[k]:
                numbers.setdefault(index, len(numbers))
        kept = self.kept(members)
        left = [numbers[index] for k, index in enumerate(self.indices) if kept >> k & 1]
        factors = [(self.names[k], *[numbers[index] for index in self.axes[k]]) for k in chosen]
        return tuple(factors), tuple(sorted(left))


def order(search: Search) -> Tree:
    """The order for a product of any number of factors."""
    if len(search.names) <= _EXACT:
        return search.tree()
    optimisers = ("auto", "dp") if _is_quick_by_dp(search) else ("auto",)
    found = [_by_opt_einsum(search, optimiser) for optimiser in optimisers]
    best: Tree = min(found, key=lambda each: _total(search, each))
    return best


def _is_quick_by_dp(search: Search) -> bool:
    """Whether dynamic programming over connected parts ends soon: of few factors, or of a chain or ring."""
    if len(search.names) > _CHAIN:
        return False
    met = [sum([own & other != 0 for other in search.own]) - 1 for own in search.own]
    return len(search.names) <= _CONNECTED or max(met) <= 2


def _by_opt_einsum(search: Search, optimiser: str) -> Tree:
    symbols = {index: opt_einsum.get_symbol(k) for k, index in enumerate(search.indices)}
    subscripts = ["".join([symbols[index] for index in own]) for own in search.axes]
    extents = dict(zip(search.indices, search.extents, strict=True))
    output = "".join([symbol for index, symbol in symbols.items() if index in search.free])
    shapes = [tuple([extents[index] for index in own]) for own in search.axes]
    path: Sequence[tuple[int, ...]] = opt_einsum.contract_path(
        ",".join(subscripts) + "->" + output, *shapes, shapes=True, optimize=optimiser
    )[0]
    pending: list[Tree] = list(range(len(search.names)))
    for places in path:
        chosen = [pending[k] for k in sorted(places)]
        pending = [tree for k, tree in enumerate(pending) if k not in places]
        pending.append(_one_by_one(chosen))
    return _one_by_one(pending)


def _one_by_one(trees: Sequence[Tree]) -> Tree:
    made: Tree = trees[0]
    for other in trees[1:]:
        made = (made, other)
    return made


def _total(search: Search, tree: Tree) -> float:
    """The cost of an order."""
    total, members = 0.0, list[int]()
    for each in walked(tree):
        if isinstance(each, int):
            members.append(1 << each)
        else:
            b, a = members.pop(), members.pop()
            total += search._cost(search.kept(a), search.kept(b), search.kept(a | b))
            members.append(a | b)
    return total


def walked(tree: Tree) -> Iterator[int | None]:
    """A tree from its leaves up: a factor's place, or None where the last two parts are multiplied."""
    pending: list[tuple[Tree, bool]] = [(tree, False)]
    while pending:
        current, done = pending.pop()
        if isinstance(current, int):
            yield current
        elif done:
            yield None
        else:
            pending += [(current, True), (current[1], False), (current[0], False)]


def _splits(members: int) -> Iterator[tuple[int, int]]:
    """Every way to take a set as two, each once."""
    low = members & -members
    rest = members ^ low
    other = rest
    while other:
        yield members ^ other, other
        other = (other - 1) & rest


def _union(sets: Sequence[int]) -> int:
    total = 0
    for each in sets:
        total |= each
    return total
