"""Products put together, with no more summation signs than the summation rule needs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from indicial.render.pieces import Level, Piece, Slot, added
from indicial.render.vocabulary import Vocabulary


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

    def with_scopes(self, places: Iterable[int]) -> Members:
        """With the factors at some places as scopes: each sums by itself what repeats in it.

        One whose repeated indices no other factor has may stay as it is: it needs no sign for its sum.
        """
        factors = list(self.factors)
        for place in places:
            others = added([piece for piece in self.all() if piece is not self.factors[place]])
            if any(count > 1 and slot in others for slot, count in factors[place].counts.items()):
                factors[place] = factors[place].enclosed()
        return Members(tuple(factors), self.divisors)

    def counted(self) -> Piece:
        """What the summation rule sees in the product; divisors are scopes of their own."""
        scopes = [
            Piece("", counts=added(group), caught=_caught(group)).enclosed() for group in self.divided()
        ]
        parts = [*self.factors, *scopes]
        bare: frozenset[Slot] = frozenset().union(*[piece.bare for piece in self.factors])
        return Piece("", counts=added(parts), caught=_caught(parts), bare=bare)

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

    An index can go without if the rule sums it over exactly this product: it occurs twice, no scope inside
    would sum it first, and it can be seen to be an index.
    """
    whole = members.counted()
    top, bottom = added(members.factors), added(members.divisors)
    explicit = {
        slot
        for slot in dummies
        if whole.counts.get(slot, 0) < 2
        or slot in whole.caught
        or _unseen(slot, members)
        or (bars and slot in bottom and top.get(slot, 0) > 1)
    }
    while True:
        groups = _connected(members, [slot for slot in dummies if slot in explicit])
        torn = next(_torn(members, groups, [slot for slot in dummies if slot not in explicit]), None)
        if torn is None:
            return groups
        explicit.add(torn)


def _unseen(slot: Slot, members: Members) -> bool:
    """Whether an index stands in conditions only, where nothing tells it from a scalar."""
    return all(slot in piece.bare for piece in members.all() if slot in piece.counts)


def _torn(members: Members, groups: list[list[Slot]], implicit: Sequence[Slot]) -> Iterator[Slot]:
    """The indices that some sign's brackets would sum, although they also occur outside them."""
    for group in groups:
        inner, outer = members.holding(group).counted(), members.lacking(group).counted().counts
        for slot in implicit:
            if slot in outer and (inner.counts.get(slot, 0) > 1 or slot in inner.caught):
                yield slot


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
    if coefficient < 0:
        coefficient, members = _turned(coefficient, members)
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
    explicit = [slot.letter for group in groups for slot in group]
    ends = [piece.reaching for piece in rest.factors if piece.level == Level.REACHING]
    reaching = frozenset[str]().union(*ends)
    implied = frozenset([slot.letter for slot in dummies]).difference(explicit)
    whole = piece.without(dummies)
    return replace(whole, summing=piece.summing or outer, implied=implied, reaching=reaching)


def _sign(group: Sequence[Slot], members: Members, vocabulary: Vocabulary) -> Piece:
    body = _quotient(Fraction(1), members, vocabulary)
    text, level = vocabulary.reduction("sum", [slot.letter for slot in group], body)
    letters = frozenset([slot.letter for slot in group])
    whole = replace(body.enclosed(), text=text, level=level, mirror=None, open=False, summing=False)
    return replace(whole, reaching=letters | (body.reaching if body.level == Level.REACHING else frozenset()))


def _quotient(coefficient: Fraction, members: Members, vocabulary: Vocabulary) -> Piece:
    """The product written out; a single factor stays as it is."""
    if coefficient == 1 and len(members.factors) == 1 and not members.divisors:
        return members.factors[0]
    counted = members.counted()
    text, level = vocabulary.quotient(abs(coefficient), members.factors, members.divisors)
    numeric = not members.all()
    is_open = coefficient == 1 and not members.divisors
    return replace(counted, text=text, level=level, negative=coefficient < 0, numeric=numeric, open=is_open)


def _turned(coefficient: Fraction, members: Members) -> tuple[Fraction, Members]:
    """−2 (a − b) is 2 (b − a), and −(a + b − c) is c − a − b; but −2 (1 − y) stays."""
    alone = coefficient == -1 and len(members.all()) == 1
    for position, piece in enumerate(members.factors):
        free = piece.even and (coefficient == -1 or not piece.unit)
        if piece.mirror is not None and (free or alone):
            turned = replace(piece, text=piece.mirror, mirror=piece.text)
            factors = (*members.factors[:position], turned, *members.factors[position + 1 :])
            return -coefficient, Members(factors, members.divisors)
    return coefficient, members
