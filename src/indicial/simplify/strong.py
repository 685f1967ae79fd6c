"""Brackets as strong zeros: what a false one hides is not taken away from beside it.

    [i < m] a / q + [m < i] b / q      is not       ([i < m] a + [m < i] b) / q        where q may be 0

A bracket hides a factor over axes that it has, too, and a computed one over some of its axes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache

from indicial.ir.indices import Index
from indicial.ir.nodes import (
    ONE,
    ZERO,
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
    Power,
)
from indicial.ir.traversal import postorder, substitute
from indicial.simplify.both_ways import both_ways
from indicial.simplify.sums import joined
from indicial.simplify.terms import Term, factors_in, raised, summands

_DEEP = 3  # sums and shared subexpressions in each other, into which brackets are looked for
_MANY = 4  # ways at most in which the brackets of a term hold
_POLES = frozenset(
    ["log", "log1p", "sqrt", "tan", "asin", "acos", "acosh", "atanh", "lgamma", "digamma", "polygamma", "pow"]
)


def hiding(factors: Iterable[Node], hidden: Node) -> list[Node]:
    """The brackets among some factors that hide another where they are false; deltas make indices equal."""
    brackets = [factor for factor in factors if isinstance(factor, (Compare, Delta))]
    leader = {each.right: each.left for each in brackets if isinstance(each, Delta)}

    def axes(node: Node) -> set[Index]:
        return {leader.get(index, index) for index in node.free}

    own = axes(hidden)
    found = [(each, axes(each)) for each in brackets if isinstance(each, Compare)]
    return [each for each, its in found if its <= own or own <= its]


def hidden_in(terms: Sequence[Iterable[Node]], factor: Node, beside: Iterable[Node] = ()) -> bool:
    """Whether each of some terms hides a factor that they have in common, and nothing beside it does.

    Then the factor stands in the terms, for in front of their sum it would be seen.
    """
    if not all(hiding(term, factor) for term in terms):
        return False
    return is_singular(factor) and not any(factor.free <= each.free for each in hiding(beside, factor))


def hides_more(taken: Iterable[Node], left: Mapping[Node, Fraction]) -> bool:
    """Whether a bracket that is taken out of a product hides something that is left in it."""
    brackets = [each for each in taken if isinstance(each, Compare)]
    powers = [raised(base, Number(exponent)) for base, exponent in left.items()] if brackets else []
    return any(hiding(brackets, power) and is_singular(power) for power in powers)


def hiding_sum(term: Term) -> Add | None:
    """A sum whose terms hide another factor of a product, each by itself; None if there is none."""
    for base, exponent in term.factors.items():
        parts = [factors_in(each) for each in base.terms] if isinstance(base, Add) and exponent == ONE else []
        if not parts or not all(any(isinstance(each, Compare) for each in part) for part in parts):
            continue
        others = [(other, e) for other, e in term.factors.items() if other is not base]
        if any(hidden_in(parts, raised(other, e), term.factors) for other, e in others):
            assert isinstance(base, Add)
            return base
    return None


def _missing_guard(product: Mul) -> list[Node]:
    """Brackets that say where a shared subexpression hides another factor; none if none are missing.

    s_im / q with s_im = [i < m] a + [m < i] b is [i ≠ m] s_im / q: brackets in s are out of sight.
    """
    for base in product.factors:
        ways = _out_of_sight(base, _DEEP)
        for other in product.factors if ways else ():
            if other is not base and hidden_in(ways, other, product.factors):
                return somewhere([hiding(way, other) for way in ways])
    return []


def _out_of_sight(factor: Node, deep: int) -> Sequence[Sequence[Node]]:
    """The brackets of each term of a shared subexpression or a sum; none if a term has none."""
    if isinstance(factor, IndexSum):
        return _ways(factor, deep)
    if isinstance(factor, Apply) and not factor.definition.name:
        names = dict(zip(factor.definition.formals, factor.indices, strict=True))
        ways = _of_definition(factor.definition, deep)
        return [[substitute(each, names) for each in way] for way in ways]
    return ()


def _ways(node: Node, deep: int) -> Sequence[Sequence[Node]]:
    """For each term of an expression its brackets, those of what is summed or applied in it among them."""
    found: list[Sequence[Node]] = []
    for _, term in summands(node):
        dummies = frozenset(term.indices) if isinstance(term, IndexSum) else frozenset[Index]()
        factors = factors_in(term.body if isinstance(term, IndexSum) else term)
        own = [each for each in factors if isinstance(each, Compare) and each.free.isdisjoint(dummies)]
        ways: Sequence[Sequence[Node]] = [own]
        for each in factors if deep else ():
            inner = _out_of_sight(each, deep - 1)
            inner = [[one for one in way if one.free.isdisjoint(dummies)] for way in inner]
            if inner and all(inner) and len(ways) * len(inner) <= _MANY:
                ways = [[*first, *second] for first in ways for second in inner]
        if not all(ways):
            return ()
        found.extend(ways)
    return found


@lru_cache(maxsize=1 << 10)
def _of_definition(definition: Definition, deep: int) -> Sequence[Sequence[Node]]:
    return _ways(definition.body, deep)


def somewhere(ways: Iterable[Sequence[Node]]) -> list[Node]:
    """Brackets that hold where all brackets of one way or another hold."""
    found = list(dict.fromkeys([joined(list(dict.fromkeys(way))) for way in ways]))
    pair = both_ways({each: Fraction(1) for each in found}) if len(found) == 2 else None
    if len(found) == 1 or pair is not None:
        return list(dict.fromkeys(factors_in(pair[2] if pair is not None else found[0])))
    return [Compare(">", Add(tuple(found)), ZERO)]


def spread(term: Term, wide: Add) -> Iterator[Term]:
    """A product over one of its factors, a sum: a term for each of its terms."""
    rest = term.copy()
    del rest.factors[wide]
    for coefficient, monomial in summands(wide):
        part = rest.copy()
        part.coefficient *= coefficient
        part.absorb(monomial)
        yield part


def is_singular(node: Node) -> bool:
    """Whether an expression may be infinite or undefined where the tensors in it are finite."""
    waiting: list[Node] = [node]
    seen: set[Definition] = set()
    while waiting:
        for each in postorder(waiting.pop()):
            if has_poles(each):
                return True
            if isinstance(each, Apply) and each.definition not in seen:
                seen.add(each.definition)
                waiting.append(each.definition.body)
    return False


def has_poles(node: Node) -> bool:
    """Whether an operation may be infinite or undefined where all that it is applied to is finite."""
    match node:
        case Power(_, exponent):
            return not isinstance(exponent, Number) or exponent.value < 0
        case Call(function, _):
            return function in _POLES
    return False


def with_guards(product: Mul) -> Mul:
    """A product with the brackets that its shared subexpressions hide from it."""
    guards = _missing_guard(product)
    return Mul((*product.factors, *guards)) if guards else product


def guarded(definition: Definition) -> Definition:
    """The definition with the brackets that its shared subexpressions hide from its products."""
    values: dict[Node, Node] = {}
    for node in postorder(definition.body):
        kids = tuple([values[child] for child in node.children])
        value = node.with_children(kids) if kids else node
        values[node] = with_guards(value) if isinstance(value, Mul) else value
    return Definition(definition.name, definition.formals, values[definition.body])
