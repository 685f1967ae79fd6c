"""What occurs more than once in a formula, under a name: p_m = softmax_m(x_m) for p_m (δ_mn − p_n).

Occurrences count up to the letters of their free indices: inv_ij(X_ki X_kj) and inv_nm(X_kn X_km) are one
matrix, read at other places. A name is given where the formula becomes shorter by more than the line
costs; the largest saving first. A softmax is named whenever it occurs twice, as everybody does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from indicial.ir.indices import Index, formals
from indicial.ir.nodes import (
    Add,
    Apply,
    Call,
    Compare,
    Definition,
    Delta,
    IndexSum,
    Mul,
    Node,
    Number,
    Operation,
)
from indicial.ir.traversal import postorder, substitute
from indicial.simplify.affine import difference
from indicial.simplify.canonical import Simplifier
from indicial.simplify.recognise import blind, matched

_SHORT = 24  # the size up to which a formula names nothing but softmax
_LONG = 1000  # the size beyond which other means keep a formula short
_LINE = 8  # what a line costs: the size that it has to save
_NAMES = 4  # lines at most


def with_named_repeats(definition: Definition) -> Definition:
    """The definition with names for what occurs more than once in its body."""
    body = definition.body
    simplify = Simplifier()
    for _ in range(_NAMES if body.size <= _LONG else 0):
        found = _worthiest(body, simplify)
        if found is None:
            break
        body = _replaced(body, found)
    return definition if body is definition.body else Definition(definition.name, definition.formals, body)


def _worthiest(body: Node, simplify: Simplifier) -> dict[Node, Node] | None:
    """What the occurrences of that whose name saves most become; None if nothing is worth a line."""
    order = postorder(body, below=_named_within)
    times = dict.fromkeys(order, 0)
    times[body] = 1
    for node in reversed(order):
        for child in _named_within(node):
            times[child] += times[node]
    groups: dict[bytes, list[Node]] = {}
    for node in order:
        if node is not body and _is_candidate(node):
            groups.setdefault(blind(node), []).append(node)
    best: tuple[int, dict[Node, Node]] | None = None
    for members in groups.values():
        if sum([times[node] for node in members]) < 2:
            continue
        found = _applications(members, simplify)
        saving = _saving(members[0], sum([times[node] for node in found]), body)
        if saving > 0 and (best is None or saving > best[0]):
            best = saving, found
    return best[1] if best else None


def _named_within(node: Node) -> tuple[Node, ...]:
    """Where something may get a name: a condition between indices, a subscript then, is read as it stands."""
    is_condition = isinstance(node, Compare) and difference(node.left, node.right) is not None
    return () if is_condition else node.children


def _is_candidate(node: Node) -> bool:
    if any(isinstance(each, Delta) for each in postorder(node)):
        return False
    return _is_softmax(node) or (node.size >= 4 and isinstance(node, (Add, Call, Operation, IndexSum)))


def _is_softmax(node: Node) -> bool:
    return isinstance(node, Operation) and node.operator == "softmax"


def _saving(node: Node, times: int, body: Node) -> int:
    """By how much a formula becomes shorter by a name for that which occurs in it so often."""
    if times < 2:
        return 0
    if _is_softmax(node):
        return times * node.size
    return (times - 1) * (node.size - 1) - _LINE if body.size > _SHORT else 0


def _applications(members: Sequence[Node], simplify: Simplifier) -> dict[Node, Node]:
    """The members that are the first at other indices, as applications of one definition."""
    first = members[0]
    indices = _in_order(first)
    own = formals(tuple([index.space for index in indices]))
    names: Mapping[Index, Index] = dict(zip(indices, own, strict=True))
    definition = Definition("", own, substitute(first, names))
    found: dict[Node, Node] = {}
    for node in members:
        places = matched(definition.body, node, {}, own)
        if places is not None and len(places) == len(own):
            there = substitute(definition.body, places)
            if there is node or simplify(there) is simplify(node):
                found[node] = Apply(definition, tuple([places[formal] for formal in own]))
    return found


def _in_order(node: Node) -> tuple[Index, ...]:
    """The free indices of a node, as they stand in it: inv_ij(…) is called t_ij, softmax_c(Z_ic) p_ic."""
    places: Mapping[Index, Index] = {}
    if isinstance(node, Operation):
        places = dict(zip(node.indices, node.at, strict=False))
    for each in postorder(node):
        own = dict.fromkeys([places.get(index, index) for index in each.indices_here])
        if own.keys() == node.free:
            return tuple(own)
    return tuple(sorted(node.free))


def _replaced(body: Node, found: Mapping[Node, Node]) -> Node:
    values: dict[Node, Node] = {}
    for node in postorder(body, below=lambda node: () if node in found else _named_within(node)):
        if node in found:
            values[node] = found[node]
        elif not _named_within(node):
            values[node] = node
        else:
            kids = tuple([values[child] for child in node.children])
            values[node] = node.with_children(kids) if kids else node
    return values[body]


def stem(definition: Definition) -> str:
    """What a careful hand would call it: p a softmax, r a difference, and nothing in particular else."""
    body = definition.body
    if _is_softmax(body):
        return "p"
    if isinstance(body, Add) and any(_is_negative(term) for term in body.terms):
        return "r"
    return ""


def _is_negative(term: Node) -> bool:
    return isinstance(term, Mul) and isinstance(term.factors[0], Number) and term.factors[0].value < 0
