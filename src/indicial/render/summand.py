"""Terms of a sum side by side: which powers two of them share, whatever their dummies are called."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from fractions import Fraction
from functools import cached_property
from itertools import count

from indicial.ir.indices import Index
from indicial.ir.nodes import ONE, Delta, IndexSum, Mul, Node, Number, Power
from indicial.ir.traversal import dummies_behind, last_dummy, substitute
from indicial.simplify.labels import coloured
from indicial.simplify.sums import collect, collected
from indicial.simplify.terms import raised, scaled, summands

Powers = dict[Node, Fraction]
_OPENED = 1 << 40  # the first serial of what is opened here, far behind those of all working indices


class Summand:
    """A term of a sum: coefficient · Σ_dummies Π base^exponent, its dummies working indices."""

    def __init__(self, coefficient: Fraction, dummies: Sequence[Index], factors: Powers) -> None:
        self.coefficient, self.dummies, self.factors = coefficient, tuple(dummies), factors

    @cached_property
    def blind(self) -> dict[bytes, list[Node]]:
        """The factors by a hash that does not tell dummies apart."""
        colours = dict.fromkeys(self.dummies, 0)
        found: dict[bytes, list[Node]] = {}
        for base in self.factors:
            own = {index: 0 for index in base.free if index in colours}
            found.setdefault(coloured(base, own) if own else base.digest, []).append(base)
        return found

    @property
    def patterns(self) -> frozenset[Node]:
        """Its deltas, which say in which block of the result it stands."""
        return frozenset([base for base in self.factors if isinstance(base, Delta)])

    @property
    def signs(self) -> tuple[Index, ...]:
        """Its dummies that stand in one factor once, so that nothing but a sign says that they are summed."""
        found = []
        for dummy in self.dummies:
            holders = [base for base in self.factors if dummy in base.free]
            alone = len(holders) == 1 and self.factors[holders[0]] == 1
            if alone and holders[0].indices_here.count(dummy) <= 1:
                found.append(dummy)
        return tuple(sorted(found, key=lambda dummy: dummy.space))

    def without(self, dummies: Sequence[Index]) -> Summand:
        """What is summed over some of its dummies, apart from the coefficient."""
        return Summand(self.coefficient, [each for each in self.dummies if each not in dummies], self.factors)

    def renamed(self, names: dict[Index, Index]) -> Summand:
        """The same term with other dummies."""
        if all(old == new for old, new in names.items()):
            return self
        factors = {substitute(base, names): exponent for base, exponent in self.factors.items()}
        return Summand(self.coefficient, [names.get(i, i) for i in self.dummies], factors)

    def node(self) -> Node:
        """The term as an expression, its dummies numbered as the canonical form does."""
        if not self.dummies:
            return scaled(self.coefficient, product_of(self.factors))
        last = last_dummy(self.factors, self.dummies)
        names = dict(zip(self.dummies, dummies_behind(last, self.dummies), strict=True))
        factors = {substitute(base, names): exponent for base, exponent in self.factors.items()}
        return scaled(self.coefficient, IndexSum(tuple(names.values()), product_of(factors)))


def opened_terms(node: Node) -> list[Summand]:
    """The terms of a sum with all of their sums opened; dummies are indices of their own.

    They are counted from what stands free in the sum, as factors are put in order while dummies are open:
    what comes of a sum must not depend on what was opened before. A sum whose powers stand in other terms
    is one factor, not opened: a_m Σ a_i p_i − (Σ a_i p_i)² is (a_m − Σ a_i p_i) Σ a_j p_j.
    """
    serials = count(max([_OPENED, *[index.serial + 1 for index in node.free]]))
    terms = list(summands(node))
    factors = [each for _, term in terms for each in (term.factors if isinstance(term, Mul) else (term,))]
    closed = frozenset([each.base for each in factors if isinstance(each, Power)])
    return [_opened(coefficient, monomial, serials, closed) for coefficient, monomial in terms]


def _opened(
    coefficient: Fraction, monomial: Node, serials: Iterator[int], closed: Collection[Node]
) -> Summand:
    dummies: list[Index] = []
    factors: Powers = {}
    waiting: list[tuple[Node, Fraction]] = [(monomial, Fraction(1))]
    while waiting:
        current, power = waiting.pop()
        match current:
            case Number(value) if power == 1:
                coefficient *= value
            case Mul(inner) if power == 1:
                waiting.extend([(factor, power) for factor in reversed(inner)])
            case IndexSum(indices, body) if power == 1 and current not in closed:
                names = {index: Index(next(serials), index.space) for index in indices}
                dummies.extend(names.values())
                waiting.append((substitute(body, names), power))
            case Power(base, Number(exponent)) if power == 1:
                waiting.append((base, exponent))
            case _:
                factors[current] = factors.get(current, Fraction(0)) + power
    return Summand(coefficient, dummies, {base: e for base, e in factors.items() if e})


def shared_powers(common: Powers, first: Summand, other: Summand) -> tuple[dict[Index, Index], Powers]:
    """The powers of some of the first term's that another has too, and what its dummies are then called."""
    names: dict[Index, Index] = {}
    found: Powers = {}
    used: set[Node] = set()
    own = frozenset(first.dummies)
    for key, bases in first.blind.items():
        for base in bases:
            for candidate in other.blind.get(key, ()) if base in common else ():
                extended = _aligned(base, candidate, own, frozenset(other.dummies), names)
                exponent = _least(common[base], other.factors[candidate])
                if candidate not in used and extended is not None and exponent:
                    names, found[base] = extended, exponent
                    used.add(candidate)
                    break
    return names, found


def _least(one: Fraction, other: Fraction) -> Fraction:
    """What two powers have in common: the smaller, where both are positive or both negative."""
    if min(one, other) > 0:
        return min(one, other)
    return max(one, other) if max(one, other) < 0 else Fraction(0)


def _aligned(
    base: Node, other: Node, own: frozenset[Index], theirs: frozenset[Index], names: dict[Index, Index]
) -> dict[Index, Index] | None:
    """The names of another term's dummies for which a factor of it is the first's; None if there are none."""
    if base == other:
        return names
    extended = dict(names)
    pairs = [(base, other)]
    while pairs:
        left, right = pairs.pop()
        if type(left) is not type(right) or len(left.children) != len(right.children):
            return None
        for mine, its in zip(left.indices_here, right.indices_here, strict=False):
            if its in theirs and (mine not in own or extended.setdefault(its, mine) != mine):
                return None
        pairs.extend(zip(left.children, right.children, strict=True))
    if len(set(extended.values())) < len(extended):
        return None
    return extended if substitute(other, extended) == base else None


def _listed(factors: Powers) -> list[Node]:
    return [raised(base, Number(exponent)) for base, exponent in factors.items()]


def product_of(factors: Powers) -> Node:
    nodes = _listed(factors)
    return nodes[0] if len(nodes) == 1 else Mul(tuple(nodes)) if nodes else ONE


def without(factors: Powers, common: Powers) -> Powers:
    """The powers that are left when some are taken out."""
    left = {base: exponent - common.get(base, 0) for base, exponent in factors.items()}
    return {base: exponent for base, exponent in left.items() if exponent}


def sum_of(parts: Iterable[Node]) -> Node:
    """The sum of canonical nodes, like terms merged."""
    total: dict[Node, Fraction] = {}
    for part in parts:
        collect(total, part)
    return collected(total)
