"""Every order of a few parts is tried: of a whole product, or of one window of an order after the other.

A window is a part of an order's tree, cut off below some of its branches: its leaves are what has been made
there, and how they are best multiplied does not depend on what lies outside. Where no window of a tree can
be made cheaper the tree is close to the best one (cotengra calls this subtree reconfiguration).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import inf
from random import Random

from indicial.planning.networks import PER_ENTRY, Kids, Network

_WIDTHS = (6, 8)  # leaves of a window: the narrow ones first
_AT_RANDOM = 7  # leaves of a window whose parts are opened at random
_FRUITLESS = 3  # times that every part is looked at in vain before the search ends
_NEGLIGIBLE = 1e-4  # the share of a tree's cost below which a window is left alone
_BETTER = 1 - 1e-9  # a smaller gain is one of rounding


def cheapest(network: Network, leaves: Sequence[int], bound: float = inf) -> tuple[float, Kids]:
    """The cheapest way to make one part of a few, if it costs less than the bound; else (inf, {})."""
    count = len(leaves)
    full = (1 << count) - 1
    members, kept = _subsets(network, leaves)
    size, copied = network.size, network.copied
    entries = [size(axes) for axes in kept]
    best, cut = [inf] * (full + 1), [0] * (full + 1)
    for k in range(count):
        best[1 << k] = 0.0
    for chosen in sorted(range(3, full + 1), key=int.bit_count):
        if not chosen & (chosen - 1):
            continue
        low, found, away_from = chosen & -chosen, inf, ~kept[chosen]
        last = bool(network.wanted) and members[chosen] == network.everything
        b = rest = chosen ^ low
        while b:
            a = chosen ^ b
            cost = best[a] + best[b] + entries[a] + entries[b]
            if cost < found:
                away = kept[a] & kept[b] & away_from
                if away:
                    cost += 2 * size(kept[a] | kept[b]) / PER_ENTRY
                    batch = kept[a] & kept[b] & kept[chosen]
                    cost += copied(members[a], away, batch) + copied(members[b], away, batch)
                    if last:
                        cost += network.turned(kept[a], kept[b], kept[chosen])
                if cost < found:
                    found, cut[chosen] = cost, b
            b = (b - 1) & rest
        found = (found + entries[chosen]) / network.share(members[chosen])
        best[chosen] = found if found < bound else inf
    if best[full] == inf:
        return inf, {}
    return best[full], dict(_parts(members, cut))


def _subsets(network: Network, leaves: Sequence[int]) -> tuple[list[int], list[int]]:
    """For each subset of some parts the factors in it, and the axes that are left of it."""
    full = (1 << len(leaves)) - 1
    members, axes = [0] * (full + 1), [0] * (full + 1)
    for chosen in range(1, full + 1):
        low = chosen & -chosen
        leaf = leaves[low.bit_length() - 1]
        members[chosen] = members[chosen ^ low] | leaf
        axes[chosen] = axes[chosen ^ low] | network.kept(leaf)
    outside = network.kept(members[full])
    kept = [own & (axes[full ^ chosen] | outside) for chosen, own in enumerate(axes)]
    for k in range(len(leaves)):
        kept[1 << k] = axes[1 << k]
    return members, kept


def _parts(members: Sequence[int], cut: Sequence[int]) -> Iterator[tuple[int, tuple[int, int]]]:
    """The sets that the chosen cuts make, each with its two parts."""
    pending = [len(members) - 1]
    while pending:
        chosen = pending.pop()
        if chosen & (chosen - 1):
            a, b = chosen ^ cut[chosen], cut[chosen]
            yield members[chosen], (members[a], members[b])
            pending += [a, b]


def improved(network: Network, kids: Kids, effort: int) -> Kids:
    """An order in which no window was found that can be made cheaper, with so many products tried.

    First the windows around the dearest parts, until none gets better, then windows at random.
    """
    sweeps = _Sweeps(network, dict(kids), effort)
    for width in _WIDTHS:
        while sweeps.gains(width):
            pass
    sweeps.rng = Random(len(network.own))
    fruitless = 0
    while sweeps.effort > 0 and fruitless < _FRUITLESS:
        fruitless = 0 if sweeps.gains(_AT_RANDOM) else fruitless + 1
    return sweeps.kids


class _Sweeps:
    """An order that is being improved, the windows that were seen, and the effort that is left."""

    def __init__(self, network: Network, kids: Kids, effort: int) -> None:
        self.network, self.kids, self.effort = network, kids, effort
        self.costs = {members: network.cost(*parts) for members, parts in kids.items()}
        self.seen: set[frozenset[int]] = set()
        self.rng: Random | None = None

    def gains(self, width: int) -> bool:
        """Look at one window of a width below each part, the dearest first; whether one got cheaper."""
        gained, total = False, sum(self.costs.values())
        for top in sorted(self.costs, key=lambda members: -self.costs[members]):
            if top not in self.kids or self.effort <= 0:
                continue
            leaves, inner = self._window(top, width)
            now = sum([self.costs[members] for members in inner])
            key = frozenset(leaves)
            if len(inner) > 1 and now > _NEGLIGIBLE * total and key not in self.seen:
                self.seen.add(key)
                self.effort -= 3 ** len(leaves) // 2
                gained |= self._remade(leaves, inner)
        return gained

    def _remade(self, leaves: Sequence[int], inner: Sequence[int]) -> bool:
        """Make a window in the cheapest way, if that is not how it is made."""
        paid = self._paid(leaves, inner)
        made = cheapest(self.network, leaves, paid * _BETTER)[1] if paid else {}
        if not made:
            return False
        for members in inner:
            del self.kids[members], self.costs[members]
        self.kids.update(made)
        self.costs.update({members: self.network.cost(*parts) for members, parts in made.items()})
        return True

    def _window(self, top: int, width: int) -> tuple[list[int], list[int]]:
        """The leaves of a window below a part, and the parts that are made within, from the top."""
        leaves, inner = [top], list[int]()
        while len(leaves) < width:
            open_ones = [part for part in leaves if part in self.kids]
            if not open_ones:
                break
            opened = (
                max(open_ones, key=self.costs.__getitem__) if self.rng is None else self.rng.choice(open_ones)
            )
            leaves.remove(opened)
            leaves += self.kids[opened]
            inner.append(opened)
        return leaves, inner

    def _paid(self, leaves: Sequence[int], inner: Sequence[int]) -> float:
        """What a window costs as it is, where what several products share is paid by all of them."""
        paid = dict.fromkeys(leaves, 0.0)
        for members in reversed(inner):
            a, b = self.kids[members]
            paid[members] = (paid[a] + paid[b] + self.costs[members]) / self.network.share(members)
        return paid[inner[0]]
