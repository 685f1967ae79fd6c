"""Deltas contracted one after another in sight of the reader, every other factor left where it stands.

Which delta goes, and which index takes the place of which, is the canonical form's rule; here it is
applied once to each product, and not until nothing is left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from indicial.calculus.pending import Reason, Rule
from indicial.ir.indices import Index
from indicial.ir.nodes import ONE, Add, Delta, IndexSum, Mul, Node, Number
from indicial.ir.traversal import Stackless, mapped, opened, stackless, substitute
from indicial.simplify.closing import closed_sum
from indicial.simplify.deltas import contractible, contraction
from indicial.simplify.labels import as_written
from indicial.simplify.terms import split_coefficient

_ROUNDS = 8  # of contractions that are shown one by one
_LARGE = 4000  # the size beyond which nothing is shown one by one


def spread(root: Node) -> Node:
    """The same expression with products flat and every dummy of theirs an index of its own."""
    return stackless(_spread(root))


def contractions(root: Node) -> Iterator[tuple[Node, Reason]]:
    """A spread expression after each round of contractions, with the deltas that went."""
    for _ in range(_ROUNDS):
        if root.size > _LARGE:
            return
        deltas: list[Node] = []
        contracted = stackless(_round(root, deltas))
        if deltas:
            root = contracted
            yield root, Reason(Rule.CONTRACTION, tuple(dict.fromkeys(deltas)))
            continue
        distributed = stackless(_distributed(root))
        if distributed is root:
            return
        root = distributed
        yield root, Reason(Rule.DISTRIBUTION)


def _spread(node: Node) -> Stackless[Node]:
    if not isinstance(node, (Add, Mul, IndexSum)):
        return node
    dummies, factors = ([], node.terms) if isinstance(node, Add) else _flat(node, unbound)
    values: list[Node] = []
    for factor in factors:
        values.append((yield _spread(factor)))
    return Add(tuple(values)) if isinstance(node, Add) else _joined(dummies, values)


def unbound(node: IndexSum) -> tuple[tuple[Index, ...], Node]:
    """The dummies of a sum over indices as new ones, and what is summed."""
    dummies, (body,) = opened(node)
    return dummies, body


def as_it_is(node: IndexSum) -> tuple[tuple[Index, ...], Node]:
    """The dummies of a sum over indices, and what is summed."""
    return node.indices, node.body


def _flat(
    node: Node, taken_apart: Callable[[IndexSum], tuple[tuple[Index, ...], Node]] = as_it_is
) -> tuple[list[Index], list[Node]]:
    """A product as its dummies and factors, in the order in which they stand."""
    dummies: list[Index] = []
    factors: list[Node] = []
    waiting = [node]
    while waiting:
        current = waiting.pop()
        if isinstance(current, Mul):
            waiting.extend(reversed(current.factors))
        elif isinstance(current, IndexSum):
            own, body = taken_apart(current)
            dummies.extend(own)
            waiting.append(body)
        else:
            factors.append(current)
    return dummies, factors


def _joined(dummies: Sequence[Index], factors: Sequence[Node]) -> Node:
    body = factors[0] if len(factors) == 1 else Mul(tuple(factors)) if factors else ONE
    return IndexSum(tuple(dummies), body) if dummies else body


def _round(node: Node, deltas: list[Node]) -> Stackless[Node]:
    """Contract the deltas of each product that do not touch one another; brackets before what holds them.

    The deltas are recorded with the indices that they have in the expression that is returned to the
    reader as the one before.
    """
    if isinstance(node, Add):
        return Add((yield _each(node.terms, deltas)))
    if not isinstance(node, (Mul, IndexSum)):
        return node
    dummies, factors = _flat(node)
    before = len(deltas)
    inner: tuple[Node, ...] = yield _each(factors, deltas)
    if len(deltas) > before:
        return _joined(dummies, inner)
    touched: set[Index] = set()
    names: dict[Index, Index] = {}
    chosen: list[int] = []
    for position, factor in enumerate(factors):
        if contractible(factor, dummies) and isinstance(factor, Delta) and not touched & factor.free:
            old, new = contraction(factor, dummies)
            if old == new:
                continue
            names[old] = new
            touched |= factor.free
            chosen.append(position)
            deltas.append(factor)
    if not chosen:
        return node
    rest = [substitute(factor, names) for k, factor in enumerate(factors) if k not in chosen]
    return _joined([index for index in dummies if index not in names], rest)


def _each(nodes: Sequence[Node], deltas: list[Node]) -> Stackless[tuple[Node, ...]]:
    values: list[Node] = []
    for node in nodes:
        values.append((yield _round(node, deltas)))
    return tuple(values)


def _distributed(node: Node) -> Stackless[Node]:
    """Products multiplied out over those sums among their factors that have a delta to contract."""
    if isinstance(node, Add):
        terms: list[Node] = []
        for term in node.terms:
            terms.append((yield _distributed(term)))
        return node if tuple(terms) == node.terms else Add(tuple(terms))
    if not isinstance(node, (Mul, IndexSum)):
        return node
    dummies, factors = _flat(node)
    for position, factor in enumerate(factors):
        if isinstance(factor, Add):
            with_delta = [term for term in factor.terms if _has_delta(term, dummies)]
            if with_delta:
                others = tuple([term for term in factor.terms if term not in with_delta])
                groups = [*with_delta, *([others[0] if len(others) == 1 else Add(others)] if others else [])]
                before, behind = factors[:position], factors[position + 1 :]
                return _collected([_joined(dummies, [*before, group, *behind]) for group in groups])
    return node


def _collected(terms: Sequence[Node]) -> Node:
    """A sum in which terms that differ in nothing but their dummies are one: A/2 + A/2 is A."""
    counts: dict[Node, int] = {}
    first: dict[Node, Node] = {}
    for term in terms:
        key = _in_any_order(term)
        counts[key] = counts.get(key, 0) + 1
        first.setdefault(key, term)
    kept = [_times(counts[key], term) for key, term in first.items()]
    return kept[0] if len(kept) == 1 else Add(tuple(kept))


def _in_any_order(term: Node) -> Node:
    """The same node for all ways of writing a product: what it is called and where it stands aside."""
    dummies, factors = _flat(term)
    if not dummies:
        return _sorted(term)
    return stackless(closed_sum(factors, dummies, _sorting, as_written))[1]


def _sorting(node: Node) -> Stackless[Node]:
    return _sorted(node)
    yield


def _sorted(node: Node) -> Node:
    """Terms and factors by their digests."""

    def in_order(each: Node) -> Node:
        if not isinstance(each, (Add, Mul)):
            return each
        return each.with_children(tuple(sorted(each.children, key=lambda child: child.digest)))

    return mapped(node, in_order)


def _times(count: int, term: Node) -> Node:
    if count == 1:
        return term
    dummies, factors = _flat(term)
    coefficient, rest = split_coefficient(Mul(tuple(factors)))
    number = count * coefficient
    own = list(rest.factors) if isinstance(rest, Mul) else [rest]
    return _joined(dummies, own if number == 1 else [Number(number), *own])


def _has_delta(term: Node, dummies: Sequence[Index]) -> bool:
    return any(contractible(factor, dummies) for factor in _flat(term)[1])
