"""Common factors of a sum in front of it: p_i δ_im − p_i p_m is p_i (δ_im − p_m).

The canonical form keeps such products apart, so that deltas stand in sight; a reader wants them joined.
First what all terms share; then, again and again, what some of them share: la F_mn E_ii + μ F_mi (E_in +
E_ni). Summed indices are matched as factors are: A_im x_i + B_mj x_j is (A_im + B_mi) x_i. Terms whose
deltas differ are not joined under a sum, so that each block of a result stays in sight.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cached_property

from indicial.ir.indices import Index, fresh
from indicial.ir.nodes import ONE, Add, Definition, Delta, IndexSum, Mul, Node, Number, Power
from indicial.ir.traversal import postorder, substitute
from indicial.render.expanding import collapsed
from indicial.simplify.canonical import Simplifier
from indicial.simplify.labels import coloured
from indicial.simplify.recognise import powers
from indicial.simplify.sums import collected
from indicial.simplify.terms import raised, scaled, split_coefficient, summands

Powers = dict[Node, Fraction]
_MARGIN = 1.35  # how much shorter a sum that is multiplied out has to be
_TIES = 2  # the summed indices at most that tie what all terms share to the bracket behind it
_MANY = 24  # the number of terms from which on only what all of them share is looked for


def factored(definition: Definition) -> Definition:
    """The definition with its sums in the shortest form found."""
    simplify = Simplifier()
    return Definition(definition.name, definition.formals, _rewritten(definition.body, simplify))


def _rewritten(body: Node, simplify: Simplifier) -> Node:
    values: dict[Node, Node] = {}
    for node in postorder(body):
        kids = tuple([values[child] for child in node.children])
        value = node.with_children(kids) if kids else node
        if isinstance(value, Add):
            value = _shortest(value, simplify)
        elif isinstance(value, Mul) and any(isinstance(factor, Mul) for factor in value.factors):
            value = _flat(value)
        if isinstance(value, Mul):
            value = _signed(value)
        values[node] = value
    return values[body]


def _shortest(node: Add, simplify: Simplifier) -> Node:
    """A sum with common factors in front, or multiplied out where what cancels makes that much shorter."""
    best = _in_front(node, simplify)
    other = collapsed(node, simplify)
    if other is not None:
        other = _rewritten(other, simplify)
        if _MARGIN * other.size < best.size:
            best = other
    return best


class _Summand:
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

    def renamed(self, names: dict[Index, Index]) -> _Summand:
        """The same term with other dummies."""
        if all(old == new for old, new in names.items()):
            return self
        factors = {substitute(base, names): exponent for base, exponent in self.factors.items()}
        return _Summand(self.coefficient, [names.get(i, i) for i in self.dummies], factors)

    def node(self) -> Node:
        """The term as an expression, its dummies numbered as the canonical form does."""
        if not self.dummies:
            return scaled(self.coefficient, _product(self.factors))
        below = max([base.height for base in self.factors], default=0)
        names = {old: Index(-(below + 1 + k), old.space) for k, old in enumerate(self.dummies)}
        factors = {substitute(base, names): exponent for base, exponent in self.factors.items()}
        return scaled(self.coefficient, IndexSum(tuple(names.values()), _product(factors)))


def _in_front(node: Add, simplify: Simplifier) -> Node:
    terms = [_opened(coefficient, monomial) for coefficient, monomial in summands(node)]
    if len(terms) < 2 or len(terms) != len(node.terms):
        return node
    whole = _joined_all(terms, simplify)
    if whole is not None:
        return whole if whole.size <= node.size else node
    whole = _joined_some(terms, simplify) if 2 < len(terms) < _MANY else None
    return whole if whole is not None and whole.size <= node.size else node


def _opened(coefficient: Fraction, monomial: Node) -> _Summand:
    """A product with all of its sums opened; dummies are working indices of their own."""
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
            case IndexSum(indices, body) if power == 1:
                names = {index: fresh(index.space) for index in indices}
                dummies.extend(names.values())
                waiting.append((substitute(body, names), power))
            case Power(base, Number(exponent)) if power == 1:
                waiting.append((base, exponent))
            case _:
                factors[current] = factors.get(current, Fraction(0)) + power
    return _Summand(coefficient, dummies, {base: e for base, e in factors.items() if e})


def _joined_all(terms: Sequence[_Summand], simplify: Simplifier) -> Node | None:
    """Everything that all terms share in front of the rest."""
    first, *others = terms
    common, aligned = dict(first.factors), [first]
    for other in others:
        names, common = _shared(common, first, other)
        aligned.append(other.renamed(names))
    if not _may_join(terms, common, _TIES):
        return None
    return _with_common(aligned, common, simplify).node()


def _joined_some(terms: Sequence[_Summand], simplify: Simplifier) -> Node | None:
    """The terms that share most joined, until no two share anything."""
    left = list(terms)
    while len(left) > 1:
        best: tuple[int, list[int], Powers] | None = None
        for position, first in enumerate(left):
            for other in left[position + 1 :]:
                _, common = _shared(first.factors, first, other)
                if not _may_join((first, other), common):
                    continue
                members = [place for place, each in enumerate(left) if _has(each, first, common)]
                if not _may_join([left[place] for place in members], common):
                    members = [position, left.index(other)]
                gain = (len(members) - 1) * _weight(common)
                if best is None or gain > best[0]:
                    best = gain, [position, *[place for place in members if place != position]], common
        if best is None:
            break
        _, places, common = best
        first = left[places[0]]
        group = [first]
        for place in places[1:]:
            names, _ = _shared(common, first, left[place])
            group.append(left[place].renamed(names))
        left = [each for place, each in enumerate(left) if place not in places]
        left.append(_with_common(group, common, simplify))
    if len(left) == len(terms):
        return None
    nodes = [each.node() for each in left]
    return Add(tuple(nodes)) if len(nodes) > 1 else nodes[0]


def _weight(common: Powers) -> int:
    return sum([base.size + (exponent != 1) for base, exponent in common.items()])


def _may_join(terms: Sequence[_Summand], common: Powers, most: int = 1) -> bool:
    """Whether there is something to join that reads better joined.

    Under a sum, the bracket is to be simple: one block of the result, of single factors or tied to the
    rest by `most` indices at most, with no chains of sums in it.
    """
    if not common:
        return False
    first = terms[0]
    outer = {index for base in common for index in base.free}.intersection(first.dummies)
    if not outer:
        return True
    free = [base for base in first.factors if base not in common]
    ties = outer.intersection(*[frozenset[Index]().union(*[base.free for base in free])])
    inner = max([len(term.dummies) for term in terms]) - len(outer)
    single = max([len(term.factors) for term in terms]) - len(common) <= 1
    return (single or len(ties) <= most) and inner <= 1 and len({term.patterns for term in terms}) == 1


def _shared(common: Powers, first: _Summand, other: _Summand) -> tuple[dict[Index, Index], Powers]:
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


def _has(other: _Summand, first: _Summand, common: Powers) -> bool:
    """Whether a term has all of some powers."""
    return _shared(common, first, other)[1] == common


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


def _with_common(terms: Sequence[_Summand], common: Powers, simplify: Simplifier) -> _Summand:
    """Σ terms as common · (rest + rest + …); a dummy that only one rest has is summed there."""
    outer = {index for base in common for index in base.free}
    dummies = [index for index in terms[0].dummies if index in outer]
    rest: dict[Node, Fraction] = {}
    for term in terms:
        inner = [index for index in term.dummies if index not in outer]
        left = _Summand(Fraction(1), inner, _without(term.factors, common)).node()
        for own, monomial in summands(left):
            rest[monomial] = rest.get(monomial, Fraction(0)) + term.coefficient * own
    bracket = collected(rest)
    outside, inside = split_coefficient(bracket)
    if isinstance(inside, Add):
        own, inside = split_coefficient(_shortest(inside, simplify))
        outside *= own
    if outside < 0 and isinstance(inside, Add) and _even(inside):
        outside, inside = -outside, _negated(inside)
    factors = dict(common)
    if isinstance(inside, Mul):
        for base, exponent in powers(inside).items():
            factors[base] = factors.get(base, Fraction(0)) + exponent
    elif inside != ONE:
        factors[inside] = factors.get(inside, Fraction(0)) + 1
    return _Summand(outside, dummies, factors)


def _even(node: Add) -> bool:
    """Whether a sum of no numbers has as many negative terms as positive ones, so that its sign is free."""
    signs = [1 if coefficient > 0 else -1 for coefficient, _ in summands(node)]
    return sum(signs) == 0 and all(monomial != ONE for _, monomial in summands(node))


def _signed(node: Mul) -> Node:
    """−p (b (x − y) − a (x − z)) as p (a (x − z) − b (x − y)): the sign goes into a sum of products."""
    coefficient, rest = split_coefficient(node)
    factors = rest.factors if isinstance(rest, Mul) else ()
    for factor in factors if coefficient < 0 else ():
        if isinstance(factor, Add) and _even(factor) and any(_has_sum(term) for term in factor.terms):
            others = [each for each in factors if each is not factor]
            return scaled(-coefficient, Mul((*others, _negated(factor))))
    return node


def _has_sum(monomial: Node) -> bool:
    return isinstance(monomial, Mul) and any(isinstance(factor, Add) for factor in monomial.factors)


def _negated(node: Add) -> Add:
    return Add(tuple([scaled(-coefficient, monomial) for coefficient, monomial in summands(node)]))


def _flat(node: Mul) -> Node:
    """A product of products as one, in which equal factors are a power."""
    coefficient = Fraction(1)
    total: Powers = {}
    for factor in node.factors:
        own, rest = split_coefficient(factor)
        coefficient *= own
        for base, exponent in powers(rest).items():
            total[base] = total.get(base, Fraction(0)) + exponent
    return scaled(coefficient, _product(_without(total, {})))


def _without(factors: Powers, common: Powers) -> Powers:
    left = {base: exponent - common.get(base, 0) for base, exponent in factors.items()}
    return {base: exponent for base, exponent in left.items() if exponent}


def _listed(factors: Powers) -> list[Node]:
    return [raised(base, Number(exponent)) for base, exponent in factors.items()]


def _product(factors: Powers) -> Node:
    nodes = _listed(factors)
    return nodes[0] if len(nodes) == 1 else Mul(tuple(nodes)) if nodes else ONE
