"""Common factors of a sum in front of it: p_i δ_im − p_i p_m is p_i (δ_im − p_m).

The canonical form keeps such products apart, so that deltas stand in sight; a reader wants them joined.
First what all terms share; then, again and again, what some of them share: la F_mn E_ii + μ F_mi (E_in +
E_ni). Summed indices are matched as factors are: A_im x_i + B_mj x_j is (A_im + B_mi) x_i. Terms whose
deltas differ are not joined under a sum, so that each block of a result stays in sight.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from indicial.ir.indices import Index, Space
from indicial.ir.nodes import ONE, ZERO, Add, Definition, Extent, Mul, Node
from indicial.ir.traversal import postorder
from indicial.render.expanding import collapsed
from indicial.render.summand import Powers, Summand, opened_terms, product_of, shared_powers
from indicial.simplify.canonical import Simplifier
from indicial.simplify.recognise import powers
from indicial.simplify.sums import collect, collected
from indicial.simplify.terms import scaled, split_coefficient, summands

_MARGIN = 1.35  # how much shorter a sum that is multiplied out has to be
_TIES = 2  # the summed indices at most that tie what all terms share to the bracket behind it
_FEW = 8  # and of factors up to which each is tried as the first
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
    joined = _with_own_terms(node)
    best = _in_front(joined, simplify) if isinstance(joined, Add) else joined
    other = collapsed(node, simplify)
    if other is not None:
        other = _rewritten(other, simplify)
        if _MARGIN * other.size < best.size:
            best = other
    return best


def _with_own_terms(node: Add) -> Node:
    """(1 + a) (1 − y²) + z for 1 − y² + a (1 − y²) + z: a sum that is a factor, and stands beside it."""
    every: dict[Node, Fraction] = {}
    collect(every, node)
    total = {monomial: coefficient for monomial, coefficient in every.items() if coefficient}
    for monomial, coefficient in total.items():
        factors = monomial.factors if isinstance(monomial, Mul) else ()
        for place, wide in enumerate(factors):
            times = _multiple(wide, total)
            if times:
                rest = factors[:place] + factors[place + 1 :]
                other = {rest[0] if len(rest) == 1 else Mul(rest): coefficient, ONE: times}
                product = _flat(Mul((collected(other), wide)))
                own = frozenset([monomial, *[part for _, part in summands(wide)]])
                left = [scaled(value, part) for part, value in total.items() if part not in own]
                return Add((*left, product)) if left else product
    return node if len(total) == len(node.terms) else collected(total)


def _multiple(wide: Node, total: Mapping[Node, Fraction]) -> Fraction:
    """How many times a sum stands among some terms; 0 if it does not."""
    parts = list(summands(wide)) if isinstance(wide, Add) else []
    times = {total.get(part, Fraction(0)) / own for own, part in parts}
    return times.pop() if len(times) == 1 else Fraction(0)


def _in_front(node: Add, simplify: Simplifier) -> Node:
    terms = opened_terms(node)
    if len(terms) < 2 or len(terms) != len(node.terms):
        return node
    whole = _under_one_sign(terms, simplify)
    if whole is not None:
        return whole
    whole = _joined_all(terms, simplify)
    if whole is not None:
        return whole if whole.size <= node.size else node
    whole = _joined_some(terms, simplify) if 2 < len(terms) < _MANY else None
    return whole if whole is not None and whole.size <= node.size else node


def _under_one_sign(terms: Sequence[Summand], simplify: Simplifier) -> Node | None:
    """Terms that need a summation sign each under one, Σ_n Z_nm − Σ_n Y_nm as Σ_n (Z_nm − Y_nm).

    Then also what is the same for each n: V_h Σ_n H_nh + dim(H, 0) c − Σ_n Y_n as Σ_n (H_nh V_h + c − Y_n).
    """
    groups: dict[tuple[Space, ...], list[Summand]] = {}
    others: list[Summand] = []
    for term in terms:
        spaces = tuple([index.space for index in term.signs])
        if spaces and len(set(spaces)) == len(spaces):
            groups.setdefault(spaces, []).append(term)
        else:
            others.append(term)
    if all(len(group) < 2 for group in groups.values()):
        return None
    whole: list[Node] = []
    for spaces, (first, *rest) in groups.items():
        parts = [first.without(first.signs).node()]
        for term in rest:
            term = term.renamed(dict(zip(term.signs, first.signs, strict=True)))
            parts.append(term.without(first.signs).node())
        for term in list(others) if rest else ():
            left = _for_each(spaces, term.factors, first.factors)
            if left is not None:
                others.remove(term)
                parts.append(Summand(term.coefficient, term.dummies, left).node())
        outside, bracket = split_coefficient(_collected(parts))
        if isinstance(bracket, Add):
            own, bracket = split_coefficient(_shortest(bracket, simplify))
            outside *= own
        whole.append(Summand(outside, first.signs, {bracket: Fraction(1)}).node())
    whole += [term.node() for term in others]
    return _shortest(Add(tuple(whole)), simplify) if len(whole) > 1 else whole[0]


def _for_each(spaces: Sequence[Space], factors: Powers, beside: Powers) -> Powers | None:
    """What a product is for each value of some indices, if it has their extents once more than another."""
    left = dict(factors)
    for extent in map(Extent, spaces):
        if left.pop(extent, Fraction(0)) != beside.get(extent, Fraction(0)) + 1:
            return None
        left[extent] = factors.get(extent, Fraction(0)) - 1
    return {base: exponent for base, exponent in left.items() if exponent}


def _joined_all(terms: Sequence[Summand], simplify: Simplifier) -> Node | None:
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
            found.append(_with_common(aligned, common, simplify).node())
    return min(found, key=lambda node: (node.size, _width(node)), default=None)


def _leads(term: Summand) -> list[Node]:
    """The factors to begin with: those with summed indices, if it may matter which these are."""
    if not 1 < len(term.factors) <= _FEW:
        return list(term.factors)[:1]
    return [base for base in term.factors if base.free.intersection(term.dummies)] or list(term.factors)[:1]


def _width(node: Node) -> int:
    """The number of indices that the sums in a product have."""
    return sum([len(each.free) for each in postorder(node) if isinstance(each, Add)])


def _joined_some(terms: Sequence[Summand], simplify: Simplifier) -> Node | None:
    """The terms that share most joined, until no two share anything."""
    left = list(terms)
    while len(left) > 1:
        best: tuple[int, list[int], Powers] | None = None
        for position, first in enumerate(left):
            for other in left[position + 1 :]:
                _, common = shared_powers(first.factors, first, other)
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
            names, _ = shared_powers(common, first, left[place])
            group.append(left[place].renamed(names))
        left = [each for place, each in enumerate(left) if place not in places]
        left.append(_with_common(group, common, simplify))
    if len(left) == len(terms):
        return None
    nodes = [node for each in left if (node := each.node()) != ZERO]
    return Add(tuple(nodes)) if len(nodes) > 1 else nodes[0] if nodes else ZERO


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
    free = [base for base in first.factors if base not in common]
    ties = outer.intersection(*[frozenset[Index]().union(*[base.free for base in free])])
    inner = max([len(term.dummies) for term in terms]) - len(outer)
    single = max([len(term.factors) for term in terms]) - len(common) <= 1
    return (single or len(ties) <= most) and inner <= 1 and len({term.patterns for term in terms}) == 1


def _has(other: Summand, first: Summand, common: Powers) -> bool:
    """Whether a term has all of some powers."""
    return shared_powers(common, first, other)[1] == common


def _with_common(terms: Sequence[Summand], common: Powers, simplify: Simplifier) -> Summand:
    """Σ terms as common · (rest + rest + …); a dummy that only one rest has is summed there."""
    outer = {index for base in common for index in base.free}
    dummies = [index for index in terms[0].dummies if index in outer]
    rest: dict[Node, Fraction] = {}
    for term in terms:
        inner = [index for index in term.dummies if index not in outer]
        left = Summand(Fraction(1), inner, _without(term.factors, common)).node()
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
    return Summand(outside, dummies, factors)


def _collected(parts: Iterable[Node]) -> Node:
    total: dict[Node, Fraction] = {}
    for part in parts:
        collect(total, part)
    return collected(total)


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
    return scaled(coefficient, product_of(_without(total, {})))


def _without(factors: Powers, common: Powers) -> Powers:
    left = {base: exponent - common.get(base, 0) for base, exponent in factors.items()}
    return {base: exponent for base, exponent in left.items() if exponent}
