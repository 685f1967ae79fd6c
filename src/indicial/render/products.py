"""Products as they are read: flat, in the order of a careful hand, with few summation signs."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from indicial.ir.indices import Space
from indicial.ir.nodes import (
    Access,
    Add,
    Apply,
    Call,
    Compare,
    Constant,
    Delta,
    Epsilon,
    Extent,
    IndexSum,
    Mul,
    Node,
    Number,
    Position,
    Power,
)  # fmt: skip
from indicial.render.pieces import UNNAMED, Piece, Scope, Slot, added
from indicial.render.vocabulary import Vocabulary

Names = Mapping[Node, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Factor:
    """A factor and what its indices stand for."""

    node: Node
    scope: Scope

    @property
    def slots(self) -> list[Slot]:
        """Its free indices: of a tensor in the order in which they stand."""
        indices = self.node.indices_here or sorted(self.node.free, key=lambda i: (abs(i.serial), i.space))
        return list(dict.fromkeys([self.scope.slots[index] for index in indices]))


@dataclass(slots=True)
class FlatProduct:
    """A product without products, sums over indices, numbers and negative powers among its factors."""

    coefficient: Fraction = Fraction(1)
    factors: list[Factor] = field(default_factory=list)
    divisors: list[Factor] = field(default_factory=list)
    dummies: list[Slot] = field(default_factory=list)


def flattened(node: Node, scope: Scope, literal: Callable[[Space], int | None]) -> FlatProduct:
    """Take a product apart. `literal` says which extents are printed as numbers."""
    flat = FlatProduct()
    waiting: list[tuple[Node, Scope, bool]] = [(node, scope, False)]
    while waiting:
        node, scope, below = waiting.pop()
        value = _exact(node, literal)
        match node:
            case _ if value is not None and not (below and value == 0):
                flat.coefficient *= 1 / value if below else value
            case Mul(factors):
                waiting.extend([(factor, scope, below) for factor in reversed(factors)])
            case IndexSum(indices, body) if not below:
                own = [Slot(index.space) for index in indices]
                flat.dummies.extend(own)
                waiting.append((body, scope.binding(indices, own), below))
            case Power(base, Number(exponent)) if exponent < 0:
                positive = base if exponent == -1 else Power(base, Number(-exponent))
                if below:
                    flat.factors.append(Factor(positive, scope))
                else:
                    waiting.append((positive, scope, True))
            case _:
                (flat.divisors if below else flat.factors).append(Factor(node, scope))
    _count_absent(flat, scope, literal)
    return flat


def _count_absent(flat: FlatProduct, scope: Scope, literal: Callable[[Space], int | None]) -> None:
    """A sum over an index on which nothing depends is a multiple: its extent is a factor."""
    present = {slot for factor in (*flat.factors, *flat.divisors) for slot in factor.slots}
    for slot in flat.dummies:
        if slot not in present:
            value = _exact(Extent(slot.space), literal)
            if value is None:
                flat.factors.append(Factor(Extent(slot.space), scope))
            else:
                flat.coefficient *= value


def _exact(node: Node, literal: Callable[[Space], int | None]) -> Fraction | None:
    """The value of what is printed as a number."""
    match node:
        case Number(value):
            return value
        case Extent(space):
            known = literal(space)
            return None if known is None else Fraction(known)
    return None


# --- the order of factors ----------------------------------------------------------------------------

_DELTA, _EPSILON, _CONDITION, _SCALAR, _OTHER = range(5)
_KINDS: dict[type[Node], int] = {
    Constant: 0, Extent: 1, Access: 2, Apply: 2, Add: 3, Call: 4, Compare: 5,
}  # fmt: skip


def _static_key(
    factor: Factor, names: Names
) -> tuple[int, int, int, tuple[str, ...], tuple[int, ...], bytes]:
    """What orders factors before their dummies have letters."""
    node = factor.node
    ranks = tuple([slot.rank for slot in factor.slots])
    group = _SCALAR if not ranks else _OTHER
    if isinstance(node, (Delta, Epsilon)):
        group = _DELTA if isinstance(node, Delta) else _EPSILON
        ranks = tuple(sorted(ranks)) if group == _DELTA else ranks
    elif isinstance(node, Compare) and isinstance(node.left, Position) and isinstance(node.right, Position):
        group = _CONDITION
    base = node
    while isinstance(base, Power):
        base = base.base
    kind = _KINDS.get(type(base), 6)
    return group, min(ranks, default=UNNAMED), kind, names.get(base, ()), ranks, node.digest


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
        open_slots.extend([slot for slot in factors[position].slots if slot in holders])
        yield position


# --- summation signs ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Members:
    """The printed factors and divisors of a product."""

    factors: tuple[Piece, ...]
    divisors: tuple[Piece, ...]

    def all(self) -> tuple[Piece, ...]:
        """Factors and divisors alike."""
        return self.factors + self.divisors

    def divided(self) -> list[tuple[Piece, ...]]:
        """The divisors as they are written: those that sum nothing together, each other one by itself."""
        plain = tuple([piece for piece in self.divisors if not piece.summing])
        return [*([plain] if plain else []), *[(piece,) for piece in self.divisors if piece.summing]]

    def counted(self) -> Piece:
        """What the summation rule sees in the product; divisors are scopes of their own."""
        scopes = [
            Piece("", counts=added(group), caught=_caught(group)).enclosed() for group in self.divided()
        ]
        parts = [*self.factors, *scopes]
        return Piece("", counts=added(parts), caught=_caught(parts))

    def holding(self, slots: Iterable[Slot]) -> Members:
        """The members in which one of the indices is free."""
        wanted = frozenset(slots)
        return self._where(lambda piece: not wanted.isdisjoint(piece.counts))

    def lacking(self, slots: Iterable[Slot]) -> Members:
        """The members in which none of the indices is free."""
        wanted = frozenset(slots)
        return self._where(lambda piece: wanted.isdisjoint(piece.counts))

    def _where(self, holds: Callable[[Piece], bool]) -> Members:
        return Members(tuple(filter(holds, self.factors)), tuple(filter(holds, self.divisors)))


def _caught(pieces: Iterable[Piece]) -> frozenset[Slot]:
    return frozenset().union(*[piece.caught for piece in pieces])


def explicit_groups(members: Members, dummies: Sequence[Slot], bars: bool) -> list[list[Slot]]:
    """The indices that need a summation sign, those that share factors together.

    An index can go without if the rule sums it over exactly this product: it occurs twice, and no scope
    inside would sum it first.
    """
    whole = members.counted()
    explicit = [s for s in dummies if whole.counts.get(s, 0) < 2 or s in whole.caught]
    if bars:
        top, bottom = added(members.factors), added(members.divisors)
        explicit = [s for s in dummies if s in explicit or (s in bottom and top.get(s, 0) > 1)]
    while True:
        groups = _connected(members, explicit)
        torn = next((s for s in dummies if s not in explicit and _torn(s, members, groups)), None)
        if torn is None:
            return groups
        explicit = [s for s in dummies if s in explicit or s is torn]


def _torn(slot: Slot, members: Members, groups: list[list[Slot]]) -> bool:
    """Whether some sign's brackets would sum an index that also occurs outside them."""
    for group in groups:
        inner, outer = members.holding(group).counted(), members.lacking(group).counted()
        if slot in outer.counts and (inner.counts.get(slot, 0) > 1 or slot in inner.caught):
            return True
    return False


def _connected(members: Members, explicit: Sequence[Slot]) -> list[list[Slot]]:
    """The indices in groups; no factor holds indices of two groups."""
    groups: list[list[Slot]] = [[slot] for slot in explicit]
    for piece in members.all() if len(explicit) > 1 else ():
        touched = [group for group in groups if any(slot in piece.counts for slot in group)]
        if len(touched) > 1:
            union = [slot for group in touched for slot in group]
            groups = [group for group in groups if group not in touched]
            groups.append([slot for slot in explicit if slot in union])
    return sorted(groups, key=lambda group: explicit.index(group[0]))


def composed(
    coefficient: Fraction, members: Members, dummies: Sequence[Slot], vocabulary: Vocabulary
) -> Piece:
    """Σ over the dummies of coefficient · factors / divisors."""
    groups = explicit_groups(members, dummies, vocabulary.fraction_bars)
    rest = members
    signs = []
    for group in groups:
        others = members.lacking(group).counted().counts
        private = [*group, *[slot for slot in dummies if slot not in others]]
        signs.append(_sign(group, rest.holding(group), vocabulary).without(private))
        rest = rest.lacking(group)
    rest = Members((*rest.factors, *signs), rest.divisors)
    piece = _quotient(coefficient, rest, vocabulary)
    outer = any(slot in piece.counts for slot in dummies)
    return replace(piece.without(dummies), summing=piece.summing or outer)


def _sign(group: Sequence[Slot], members: Members, vocabulary: Vocabulary) -> Piece:
    body = _quotient(Fraction(1), members, vocabulary)
    text, level = vocabulary.reduction("sum", [slot.letter for slot in group], body)
    return replace(body.enclosed(), text=text, level=level, mirror=None, summing=False)


def _quotient(coefficient: Fraction, members: Members, vocabulary: Vocabulary) -> Piece:
    """The product written out; a single factor stays as it is."""
    if coefficient < 0:
        coefficient, members = _turned(coefficient, members)
    if coefficient == 1 and len(members.factors) == 1 and not members.divisors:
        return members.factors[0]
    counted = members.counted()
    text, level = vocabulary.quotient(abs(coefficient), members.factors, members.divisors)
    numeric = not members.all()
    return replace(counted, text=text, level=level, negative=coefficient < 0, numeric=numeric)


def _turned(coefficient: Fraction, members: Members) -> tuple[Fraction, Members]:
    """−(a − b) is b − a."""
    for position, piece in enumerate(members.factors):
        if piece.mirror is not None:
            turned = replace(piece, text=piece.mirror, mirror=piece.text)
            factors = (*members.factors[:position], turned, *members.factors[position + 1 :])
            return -coefficient, Members(factors, members.divisors)
    return coefficient, members
