"""Orders of many factors, found pair by pair: always the two whose product is smallest beside them.

    score of a pair     entries of the product - weight · (entries of the one + entries of the other)

Orders with other weights, and with the scores disturbed at random, are different ones, and the best of
some is much better than the first (Gray and Kourtis, Quantum 5, 410). The disturbance starts from a seed, so
that an order is the same from run to run.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from math import copysign, inf, log, log1p
from random import Random

from indicial.planning.networks import Kids, Network, each

_NEIGHBOURS = 32  # of those that share an index at most so many are looked at
_WEIGHTS = (0.1, 3.0)  # from which weights are drawn
_HEATS = (-3.0, 0.0)  # the same for the powers of ten of disturbances
PER_PAIR = 4  # the effort of looking at a pair, in products tried elsewhere


def orders(network: Network, effort: int, most: int) -> Iterator[Kids]:
    """Up to so many orders, the first undisturbed; fewer where that takes too much effort."""
    rng = Random(len(network.own))
    weight, heat = 1.0, 0.0
    for _ in range(most):
        search = _Greedy(network, weight, heat, rng)
        yield search.order()
        effort -= search.looked_at * PER_PAIR
        if effort <= 0:
            return
        weight, heat = rng.uniform(*_WEIGHTS), 10 ** rng.uniform(*_HEATS)


class _Greedy:
    """One order under way: the parts that are left, and who has which index."""

    def __init__(self, network: Network, weight: float, heat: float, rng: Random) -> None:
        self.network, self.weight, self.heat, self.rng = network, weight, heat, rng
        self.holders: dict[int, dict[int, None]] = {bit: {} for bit in network.holders}
        self.left: dict[int, None] = {}
        self.heap: list[tuple[float, int, int, int]] = []
        self.looked_at = 0

    def order(self) -> Kids:
        """The whole order: pairs that share an index first, then what is left from the smallest on."""
        kids: Kids = {}
        for k in range(len(self.network.own)):
            self._enter(1 << k)
        while self.heap:
            _, _, a, b = heapq.heappop(self.heap)
            if a in self.left and b in self.left:
                kids[a | b] = a, b
                self._join(a, b)
        size, kept = self.network.size, self.network.kept
        alone = [(size(kept(part)), part) for part in self.left]
        heapq.heapify(alone)
        while len(alone) > 1:
            (_, a), (_, b) = heapq.heappop(alone), heapq.heappop(alone)
            kids[a | b] = a, b
            heapq.heappush(alone, (size(kept(a | b)), a | b))
        return kids

    def _join(self, a: int, b: int) -> None:
        self.network.made(a, b)
        for part in (a, b):
            del self.left[part]
            for bit in each(self.network.kept(part)):
                del self.holders[bit][part]
        self._enter(a | b)

    def _enter(self, part: int) -> None:
        """A part that is there from now on, with a score for each pair that it makes."""
        near: dict[int, None] = {}
        for bit in each(self.network.kept(part)):
            own = self.holders[bit]
            near.update(own if len(own) <= _NEIGHBOURS else dict.fromkeys(list(own)[-_NEIGHBOURS:]))
            own[part] = None
        self.left[part] = None
        for other in near:
            self.looked_at += 1
            heapq.heappush(self.heap, (self._score(other, part), self.looked_at, other, part))

    def _score(self, a: int, b: int) -> float:
        size, kept = self.network.size, self.network.kept
        beside = self.weight * (size(kept(a)) + size(kept(b)))
        score = size(self.network.made(a, b)) - beside
        if self.heat == 0 or not -inf < score < inf:
            return score
        return copysign(log1p(abs(score)), score) + self.heat * log(-log(self.rng.random() or 0.5))
