"""Orders for products that have all factors but one: all gradients of a product, from one tree.

    L = A B C D as ((A B) C) D:      ∂L/∂D of (A B) C,   ∂L/∂C of (A B) D,   ∂L/∂A of B (C D)

Seen from each of its leaves a tree is an order for the others, and what lies off the way there is the same
for many leaves: together they take about three times the products of the whole, as reverse mode does.
"""

from __future__ import annotations

from indicial.planning.networks import Kids, Network
from indicial.planning.parts import Named

_KEPT = 64  # orders that are kept, to be seen from another leaf
_NEW = 0.5  # the share of the cost of the order before that may go into what no product has made


def from_another(network: Network) -> Kids | None:
    """The order of a product before, seen from another factor, if most of what it makes is there."""
    names = frozenset(network.names)
    parts = network.parts
    for known, (order, cost) in parts.trees.items() if len(names) == len(network.names) else ():
        if len(known) == len(names) and len(known - names) == 1:
            (gone,), (new,) = known - names, names - known
            kids = _kids(network, seen_from((order, new), gone))
            if _added(network, kids) <= _NEW * cost:
                parts.made.update([network.part(members) for members in kids])
                return kids
    return None


def noted(network: Network, kids: Kids) -> Kids:
    """An order, kept for products that have all factors but one."""
    parts, names = network.parts, frozenset(network.names)
    if len(names) == len(network.names) and len(parts.trees) < _KEPT:
        parts.trees[names] = _named(network, kids), network.total(kids)
        parts.made.update([network.part(members) for members in kids])
    return kids


def seen_from(order: Named, leaf: int) -> Named:
    """The order of all other factors of a tree that has its root at a leaf."""
    above: list[tuple[Named, Named | None]] = [(order, None)]
    while above:
        current, rest = above.pop()
        if current == leaf:
            assert rest is not None
            return rest
        if not isinstance(current, int):
            left, right = current
            above.append((left, right if rest is None else (rest, right)))
            above.append((right, left if rest is None else (rest, left)))
    raise AssertionError(leaf)


def _added(network: Network, kids: Kids) -> float:
    """The cost of what no product before has made."""
    costs = [
        network.cost(a, b)
        for members, (a, b) in kids.items()
        if network.part(members) not in network.parts.made
    ]
    return sum(costs)


def _named(network: Network, kids: Kids) -> Named:
    """An order with its factors by their names."""
    made: dict[int, Named] = {1 << k: name for k, name in enumerate(network.names)}
    for members in sorted(kids, key=int.bit_count):
        first, second = kids[members]
        made[members] = made[first], made[second]
    return made[network.everything]


def _kids(network: Network, order: Named) -> Kids:
    """An order by names as one of a network."""
    places = {name: 1 << k for k, name in enumerate(network.names)}
    kids: Kids = {}
    stack: list[int] = []
    pending: list[tuple[Named, bool]] = [(order, False)]
    while pending:
        current, done = pending.pop()
        if isinstance(current, int):
            stack.append(places[current])
        elif done:
            second, first = stack.pop(), stack.pop()
            kids[first | second] = first, second
            stack.append(first | second)
        else:
            pending += [(current, True), (current[1], False), (current[0], False)]
    return kids
