"""Terms with what they share in front: A x + B x is (A + B) x, if that reads better.

First what all terms share; then, again and again, what some of them share: la F_mn E_ii + μ F_mi (E_in +
E_ni). Summed indices are matched as factors are: A_im x_i + B_mj x_j is (A_im + B_mi) x_i. Terms whose
deltas differ are not joined under a sum, so that each block of a result stays in sight.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from fractions import Fraction

from indicial.ir.indices import Index
from indicial.ir.nodes import ONE, ZERO, Add, Mul, Node
from indicial.ir.traversal import postorder
from indicial.render.summand import Powers, Summand, shared_powers, without
from indicial.simplify.affine import equation, solved
from indicial.simplify.recognise import powers
from indicial.simplify.sums import collected
from indicial.simplify.terms import scaled, split_coefficient, summands

Shortest = Callable[[Add], Node]  # what the bracket behind common factors is brought into
_TIES = 2  # the summed indices at most that tie what all terms share to the bracket behind it
_FEW = 8  # and of factors up to which each is tried as the first


def joined_all(terms: Sequence[Summand], shortest: Shortest) -> Node | None:
    """Everything that all terms share in front of the rest, which has as few indices as may be.

    P_mj s_mj K_jn − P_mk s_mk P_mj K_jn is P_mj (s_mj − P_mk s_mk) K_jn; that it is P_mj s_mj (K_jn − P_mk
    K_kn), too, is seen where the factors are gone through in another order.
    """
    first, *others = terms
    found: list[Node] = []
    for lead in _leads(first):
        ordered = {lead: first.factors[lead], **first.factors}
        common, aligned = dict(ordered), [Summand(first.coefficient, first.dummies, ordered)]
        for other in others:
            names, common = shared_powers(common, aligned[0], other)
            aligned.append(other.renamed(names))
        if _may_join(terms, common, _TIES):
            found.append(_with_common(aligned, common, shortest).node())
    return min(found, key=lambda node: (node.size, _width(node)), default=None)


def _leads(term: Summand) -> list[Node]:
    """The factors to begin with: those with summed indices, if it may matter which these are."""
    if not 1 < len(term.factors) <= _FEW:
        return list(term.factors)[:1]
    return [base for base in term.factors if base.free.intersection(term.dummies)] or list(term.factors)[:1]


def _width(node: Node) -> int:
    """The number of indices that the sums in a product have."""
    return sum([len(each.free) for each in postorder(node) if isinstance(each, Add)])


def joined_some(terms: Sequence[Summand], shortest: Shortest) -> Node | None:
    """The terms that share most joined, until no two share anything."""
    left = list(terms)
    while len(left) > 1:
        best: tuple[int, list[int], Powers] | None = None
        for position, first in enumerate(left):
            for other in left[position + 1 :]:
                names, common = shared_powers(first.factors, first, other)
                if not _may_join((first, other.renamed(names)), common):
                    continue
                members = [place for place, each in enumerate(left) if _has(each, first, common)]
                if not _may_join(_aligned([left[place] for place in members], first, common), common):
                    members = [position, left.index(other)]
                gain = (len(members) - 1) * _weight(common)
                if best is None or gain > best[0]:
                    best = gain, [position, *[place for place in members if place != position]], common
        if best is None:
            break
        _, places, common = best
        first = left[places[0]]
        group = _aligned([left[place] for place in places], first, common)
        left = [each for place, each in enumerate(left) if place not in places]
        left.append(_with_common(group, common, shortest))
    if len(left) == len(terms):
        return None
    nodes = [node for each in left if (node := each.node()) != ZERO]
    return Add(tuple(nodes)) if len(nodes) > 1 else nodes[0] if nodes else ZERO


def _aligned(terms: Sequence[Summand], first: Summand, common: Powers) -> list[Summand]:
    """Terms that have some powers of the first's, with its names for the dummies of these."""
    return [each if each is first else each.renamed(shared_powers(common, first, each)[0]) for each in terms]


def _weight(common: Powers) -> int:
    return sum([base.size + (exponent != 1) for base, exponent in common.items()])


def _may_join(terms: Sequence[Summand], common: Powers, most: int = 1) -> bool:
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
    if any(_is_read_at(outer, term, common) for term in terms):
        return False
    free = [base for base in first.factors if base not in common]
    ties = outer.intersection(*[frozenset[Index]().union(*[base.free for base in free])])
    inner = max([len(term.dummies) for term in terms]) - len(outer)
    single = max([len(term.factors) for term in terms]) - len(common) <= 1
    return (single or len(ties) <= most) and inner <= 1 and len({term.patterns for term in terms}) == 1


def _is_read_at(outer: Collection[Index], term: Summand, common: Powers) -> bool:
    """Whether an equation of a term alone says where what it shares is read: u[i+1] − u[i] stays as it is."""
    for base in term.factors:
        found = None if base in common else equation(base)
        own = [] if found is None else [index for index in found.slopes if index in term.dummies]
        if found is not None and own and all(each in outer and solved(found, each) for each in own):
            return True
    return False


def _has(other: Summand, first: Summand, common: Powers) -> bool:
    """Whether a term has all of some powers."""
    return shared_powers(common, first, other)[1] == common


def _with_common(terms: Sequence[Summand], common: Powers, shortest: Shortest) -> Summand:
    """Σ terms as common · (rest + rest + …); a dummy that only one rest has is summed there."""
    outer = {index for base in common for index in base.free}
    dummies = [index for index in terms[0].dummies if index in outer]
    rest: dict[Node, Fraction] = {}
    for term in terms:
        inner = [index for index in term.dummies if index not in outer]
        left = Summand(Fraction(1), inner, without(term.factors, common)).node()
        for own, monomial in summands(left):
            rest[monomial] = rest.get(monomial, Fraction(0)) + term.coefficient * own
    bracket = collected(rest)
    outside, inside = split_coefficient(bracket)
    if isinstance(inside, Add):
        own, inside = split_coefficient(shortest(inside))
        outside *= own
    if outside < 0 and isinstance(inside, Add) and is_even(inside):
        outside, inside = -outside, negated(inside)
    factors = dict(common)
    if isinstance(inside, Mul):
        for base, exponent in powers(inside).items():
            factors[base] = factors.get(base, Fraction(0)) + exponent
    elif inside != ONE:
        factors[inside] = factors.get(inside, Fraction(0)) + 1
    return Summand(outside, dummies, factors)


def is_even(node: Add) -> bool:
    """Whether a sum of no numbers has as many negative terms as positive ones, so that its sign is free."""
    signs = [1 if coefficient > 0 else -1 for coefficient, _ in summands(node)]
    return sum(signs) == 0 and all(monomial != ONE for _, monomial in summands(node))


def negated(node: Add) -> Add:
    """A sum with the sign of each term changed."""
    return Add(tuple([scaled(-coefficient, monomial) for coefficient, monomial in summands(node)]))
