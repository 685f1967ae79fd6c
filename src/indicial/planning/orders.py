"""The order in which the factors of a product are contracted two by two.

For a few factors every order is tried, whatever opt_einsum's optimisers would leave out. Of many, several
orders are found quickly, pair by pair and by opt_einsum's dynamic programming, and the best of them is
improved window by window. The search is bounded by what it looks at, never by a clock: what is found is the
same on every machine. The dearer the product, the longer it may take.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import opt_einsum

from indicial.planning import greedy
from indicial.planning.networks import Kids, Network, Tree, tree
from indicial.planning.rerooting import from_another, noted
from indicial.planning.windows import cheapest, improved

_EXACT = 6  # factors up to which every order is tried
_CONNECTED = 14  # factors up to which opt_einsum tries every connected part
_TRIALS = 32  # orders found pair by pair
_LEAST, _MOST = 1 << 11, 1 << 19  # products that a search may look at, each about a microsecond
_EACH = 1 << 8  # the same for each factor
_SHARED = 1 << 15  # products looked at for one plan, from which on searches for cheap products get short
_WORK = 32  # the cost of a product for each that is looked at to make it cheaper


def order(network: Network) -> Tree:
    """The order for a product of any number of factors, two at least."""
    places = [1 << k for k in range(len(network.own))]
    if len(places) <= _EXACT:
        _, kids = cheapest(network, places)
        found = [members for members in range(3, network.everything + 1) if members & (members - 1)]
    else:
        known = network.parts.orders.get(network.key)
        if known is not None:
            kids = improved(network, known, _effort(network, known))
        else:
            kids = from_another(network) or noted(network, _of_many(network))
        network.parts.orders[network.key] = kids
        found = list(kids)
    if network.worthy:
        network.parts.found.update([network.part(members) for members in found])
    return tree(kids)


def _of_many(network: Network) -> Kids:
    """The best of some orders, each as good as changing a few of its parts at a time makes it."""
    first = next(greedy.orders(network, 0, 1))
    effort = _effort(network, first)
    if len(network.own) <= _CONNECTED:
        starts = [first, *_by_opt_einsum(network)]
    else:
        starts = list(greedy.orders(network, effort // 2, _TRIALS))
    return improved(network, min(starts, key=network.total), effort)


def _effort(network: Network, kids: Kids) -> int:
    """How many products a search may look at: the fewer, the more were looked at for other products."""
    count = (_LEAST + _EACH * len(network.own)) // (1 + network.parts.spent // _SHARED)
    count = int(min(max(network.total(kids) / _WORK, count), max(_MOST, count)))
    network.parts.spent += count
    return count


def _by_opt_einsum(network: Network) -> Iterator[Kids]:
    """The order with the fewest operations among those without outer products."""
    symbols = {index: opt_einsum.get_symbol(k) for k, index in enumerate(network.indices)}
    subscripts = ["".join([symbols[index] for index in own]) for own in network.axes]
    extents = dict(zip(network.indices, map(int, network.extents), strict=True))
    output = "".join([symbol for index, symbol in symbols.items() if index in network.free])
    shapes = [tuple([extents[index] for index in own]) for own in network.axes]
    path: Sequence[tuple[int, ...]] = opt_einsum.contract_path(
        ",".join(subscripts) + "->" + output, *shapes, shapes=True, optimize="dp"
    )[0]
    kids: Kids = {}
    pending = [1 << k for k in range(len(network.own))]
    for places in path:
        chosen = [pending[k] for k in sorted(places)]
        pending = [part for k, part in enumerate(pending) if k not in places]
        made = chosen[0]
        for other in chosen[1:]:
            kids[made | other] = made, other
            made |= other
        pending.append(made)
    if len(pending) == 1:
        yield kids
