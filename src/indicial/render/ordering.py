"""The order in which a careful hand writes factors."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence

from indicial.ir.nodes import (
    Abstract,
    Access,
    Add,
    Apply,
    Call,
    Compare,
    Constant,
    Definition,
    Delta,
    Epsilon,
    Extent,
    Node,
    Power,
)  # fmt: skip
from indicial.ir.traversal import postorder
from indicial.render.flattening import Factor
from indicial.render.pieces import UNNAMED, Slot
from indicial.simplify.affine import difference

Names = Mapping[Node, tuple[str, ...]]

_NAMES_COMPARED = 4  # how many names of a factor's tensors its place in a product depends on
_DELTA, _EPSILON, _CONDITION, _SCALAR, _OTHER = range(5)
_KINDS: dict[type[Node], int] = {
    Constant: 0, Extent: 1, Access: 2, Apply: 2, Call: 3, Add: 5, Compare: 6,
}  # fmt: skip
_OTHER_KIND = 4  # softmax_i(…), inv_ij(…): before sums, as s (1 − s) is written


def note_names(root: Node, names: dict[Node, tuple[str, ...]], name_of: Callable[[Definition], str]) -> None:
    """The first few names in every expression: they decide the order of factors that look alike."""
    for node in postorder(root):
        match node:
            case Access(tensor):
                names[node] = (tensor,)
            case Apply(definition):
                names[node] = (name_of(definition),)
            case Extent(space):
                names[node] = (str(space),)
            case Call(function, arguments) | Abstract(function, _, arguments):
                inner = [name for argument in arguments for name in names[argument]]
                names[node] = (function, *sorted(inner))[:_NAMES_COMPARED]
            case _:
                inner = [name for child in node.children for name in names[child]]
                names[node] = tuple(sorted(set(inner))[:_NAMES_COMPARED])


def _static_key(
    factor: Factor, names: Names
) -> tuple[int, int, int, int, tuple[str, ...], tuple[int, ...], bytes]:
    """What orders factors before their dummies have letters."""
    node = factor.node
    ranks = tuple([slot.rank for slot in factor.slots])
    group = _SCALAR if not ranks else _OTHER
    if isinstance(node, (Delta, Epsilon)):
        group = _DELTA if isinstance(node, Delta) else _EPSILON
        ranks = tuple(sorted(ranks)) if group == _DELTA else ranks
    elif isinstance(node, Compare) and _is_of_indices(node):
        group = _CONDITION
    first = min(ranks, default=UNNAMED)
    ends = len(ranks) if first == UNNAMED else 0  # a chain without a letter yet starts at an end
    base = node
    while isinstance(base, Power):
        base = base.base
    kind = _KINDS.get(type(base), _OTHER_KIND)
    return group, first, ends, kind, names.get(base, ()), ranks, node.digest


def _is_of_indices(node: Compare) -> bool:
    found = difference(node.left, node.right)
    return found is not None and found.is_whole


def in_reading_order(factors: Sequence[Factor], names: Names, meet: Callable[[Slot], None]) -> list[Factor]:
    """The factors as a chain: behind each those that share its dummies; `meet` gives a dummy its letter."""
    keys = [_static_key(factor, names) for factor in factors]
    order = sorted(range(len(factors)), key=keys.__getitem__)
    holders: dict[Slot, deque[int]] = {}
    for position in order:
        for slot in factors[position].slots:
            if slot.rank == UNNAMED:
                holders.setdefault(slot, deque()).append(position)
    placed: dict[int, None] = {}
    for start in order:
        for position in _chain(start, factors, holders, placed, follow=keys[start][0] == _OTHER):
            for slot in factors[position].slots:
                if slot.rank == UNNAMED:
                    meet(slot)
    return [factors[position] for position in placed]


def _chain(
    start: int,
    factors: Sequence[Factor],
    holders: Mapping[Slot, deque[int]],
    placed: dict[int, None],
    follow: bool,
) -> Iterator[int]:
    """Place a factor, then those that its dummies lead to, and so on."""
    if start in placed:
        return
    placed[start] = None
    open_slots = deque([slot for slot in factors[start].slots if slot in holders])
    closed = len(open_slots) == len(factors[start].slots) == 2  # of matrices, A_ij B_jk C_ki
    if closed:
        open_slots.reverse()
    yield start
    while follow and open_slots:
        waiting = holders[open_slots[0]]
        while waiting and waiting[0] in placed:
            waiting.popleft()
        if not waiting:
            open_slots.popleft()
            continue
        position = waiting.popleft()
        placed[position] = None
        found = [slot for slot in factors[position].slots if slot in holders]
        if closed:
            open_slots.extendleft(found)
        else:
            open_slots.extend(found)
        yield position
