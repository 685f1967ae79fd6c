"""Every order of a few parts is tried: of a whole product, or of one window of an order after the other.

A window is a part of an order's tree, cut off below some of its branches: its leaves are what has been made
there, and how they are best multiplied does not depend on what lies outside. Where no window of a tree can
be made cheaper the tree is close to the best one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import inf

from indicial.planning.networks import PER_ENTRY, Kids, Network

_WIDTHS = (6, 8)  # leaves of a window: the narrow ones first
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
        b = rest = chosen ^ low
        while b:
            a = chosen ^ b
            cost = best[a] + best[b] + entries[a] + entries[b]
            if cost < found:
                away = kept[a] & kept[b] & away_from
                if away:
                    cost += 2 * size(kept[a] | kept[b]) / PER_ENTRY
                    cost += copied(members[a], away) + copied(members[b], away)
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
    """An order in which no window can be made cheaper, or what is found with so many products tried."""
    kids = dict(kids)
    for width in _WIDTHS:
        seen: set[frozenset[int]] = set()
        while effort > 0:
            before = effort
            effort = _sweep(network, kids, width, effort, seen)
            if effort == before:
                break
    return kids


def _sweep(network: Network, kids: Kids, width: int, effort: int, seen: set[frozenset[int]]) -> int:
    """Each window that was not looked at once, the dearest first; the effort that is left."""
    costs = {members: network.cost(*parts) for members, parts in kids.items()}
    total = sum(costs.values())
    for top in sorted(costs, key=lambda members: -costs[members]):
        if top not in kids or effort <= 0:
            continue
        leaves, inner = _window(kids, costs, top, width)
        now = sum([costs[members] for members in inner])
        key = frozenset(leaves)
        if len(inner) < 2 or now < _NEGLIGIBLE * total or key in seen:
            continue
        seen.add(key)
        effort -= 3 ** len(leaves) // 2
        shared = _paid(network, kids, leaves, top)
        if shared == 0:
            continue
        _, made = cheapest(network, leaves, shared * _BETTER)
        if made:
            for members in inner:
                del kids[members], costs[members]
            kids.update(made)
            for members, parts in made.items():
                network.kept(members)
                costs[members] = network.cost(*parts)
    return effort


def _window(kids: Kids, costs: dict[int, float], top: int, width: int) -> tuple[list[int], list[int]]:
    """The leaves of a window below a part, and the parts that are made within: the dearest are opened."""
    leaves, inner = [top], list[int]()
    while len(leaves) < width:
        opened = max(leaves, key=lambda part: costs.get(part, -1.0))
        if opened not in kids:
            break
        leaves.remove(opened)
        leaves += kids[opened]
        inner.append(opened)
    return leaves, inner


def _paid(network: Network, kids: Kids, leaves: Sequence[int], top: int) -> float:
    """What a window costs as it is, where what several products share is paid by all of them."""
    paid = dict.fromkeys(leaves, 0.0)
    pending = [top]
    while pending:
        members = pending[-1]
        missing = [part for part in kids[members] if part not in paid] if members not in paid else []
        if missing:
            pending += missing
            continue
        pending.pop()
        if members not in paid:
            a, b = kids[members]
            paid[members] = (paid[a] + paid[b] + network.cost(a, b)) / network.share(members)
    return paid[top]
