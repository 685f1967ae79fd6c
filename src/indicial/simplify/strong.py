"""Brackets as strong zeros: a false one is nothing, and hides what it is multiplied with.

    u_ij = [i ≠ j] a_ij        u_ij / (x_i − x_j)        nothing, where i = j

So it is wherever the bracket stands, and no rule of the canonical form needs to look at it. What computes
in the arithmetic of IEEE, in which 0 · ∞ is undefined, wants the bracket beside the pole: a guard.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache

from indicial.ir.indices import Index
from indicial.ir.nodes import (
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
    Position,
    Power,
)
from indicial.ir.traversal import postorder, substitute
from indicial.simplify.both_ways import both_ways
from indicial.simplify.sums import joined
from indicial.simplify.terms import factors_in

Way = tuple[Node, ...]  # brackets that hold together

_DEEP = 4  # definitions in each other, into which brackets are looked for
_MANY = 8  # ways at most in which there is something
_POLES = frozenset(
    ["log", "log1p", "sqrt", "tan", "asin", "acos", "acosh", "atanh", "lgamma", "digamma", "polygamma", "pow"]
)


def with_guards(product: Mul) -> Mul:
    """A product with the brackets in its other factors that hide one that may be infinite."""
    guards: dict[Node, None] = {}
    for factor in product.factors:
        if not isinstance(factor, Compare) and is_singular(factor):
            guards |= dict.fromkeys(_guards(factor, product.factors))
    missing = [each for each in guards if each not in product.factors]
    return Mul((*product.factors, *missing)) if missing else product


def guarded(definition: Definition) -> Definition:
    """The definition with guards in its products."""
    values: dict[Node, Node] = {}
    for node in postorder(_led(definition)):
        kids = tuple([values[child] for child in node.children])
        value = node.with_children(kids) if kids else node
        values[node] = with_guards(value) if isinstance(value, Mul) else value
        body = values[node]
    return Definition(definition.name, definition.formals, body)


def _led(definition: Definition) -> Node:
    """The body with one index for equal ones beside each delta: δ_mn [i < m] / (x_i − x_m), and not x_n."""
    values: dict[Node, Node] = {}
    for node in postorder(definition.body):
        kids = tuple([values[child] for child in node.children])
        value = node.with_children(kids) if kids else node
        values[node] = _of_leaders(value, definition.formals) if isinstance(value, Mul) else value
    return values[definition.body]


def _of_leaders(product: Mul, formals: Sequence[Index]) -> Mul:
    """A product with the first of some formals that its deltas make equal in its other factors."""
    leaders: dict[Index, Index] = {}
    for left, right in [(each.left, each.right) for each in product.factors if isinstance(each, Delta)]:
        if left in formals and right in formals:
            one, other = sorted([leaders.get(each, each) for each in (left, right)], key=formals.index)
            leaders |= {each: one for each in formals if leaders.get(each, each) == other}
    factors = [each if isinstance(each, Delta) else substitute(each, leaders) for each in product.factors]
    return Mul(tuple(factors)) if leaders else product


def _guards(hidden: Node, factors: Sequence[Node]) -> Sequence[Node]:
    """The brackets within some factors that hide another one, but for those in sight."""
    ways = presence(Mul(tuple([each for each in factors if each is not hidden])))
    seen = [_in_terms_of(hidden.free, way) for way in ways]
    hiding = [_decisive([each for each in way if _hides(each, hidden)], hidden) for way in seen]
    sight = [each for each in factors if isinstance(each, Compare)]
    return _somewhere(
        _weakest([tuple([each for each in way if not _follows(each, sight)]) for way in hiding])
    )


def _in_terms_of(indices: Collection[Index], way: Way) -> Way:
    """The brackets of a way over some indices for those that its deltas say are equal to them."""
    names: dict[Index, Index] = {}
    for left, right in [(each.left, each.right) for each in _deltas(way)]:
        if (left in indices) != (right in indices):
            names |= {right: left} if left in indices else {left: right}
    return tuple([substitute(each, names) for each in _brackets(way)])


def _deltas(way: Way) -> tuple[Delta, ...]:
    return tuple([each for each in way if isinstance(each, Delta)])


def _brackets(way: Way) -> Way:
    return tuple([each for each in way if not isinstance(each, Delta)])


def _hides(bracket: Node, hidden: Node) -> bool:
    return bracket.free <= hidden.free or hidden.free <= bracket.free


def _tells_apart(bracket: Node) -> bool:
    """Whether a bracket leaves two indices no common value, at which differences have their poles."""
    match bracket:
        case Compare("<" | ">" | "!=", Position(), Position()):
            return True
    return False


def _decisive(brackets: Sequence[Node], hidden: Node | None = None) -> Sequence[Node]:
    """Those that tell indices (of what is hidden) apart, if some do; all otherwise."""
    found = [each for each in brackets if _tells_apart(each)]
    return [each for each in found if hidden is None or each.free <= hidden.free] or brackets


def _follows(bracket: Node, from_these: Iterable[Node]) -> bool:
    """Whether a bracket holds where all of some others do; i ≠ j where i < j."""
    apart = isinstance(bracket, Compare) and bracket.relation == "!=" and _tells_apart(bracket)
    return any(
        each == bracket or (apart and each.free == bracket.free and _tells_apart(each)) for each in from_these
    )


def _weakest(ways: Iterable[Way]) -> list[Way]:
    """The ways without those that another one follows from."""
    kept: list[Way] = []
    for way in dict.fromkeys(ways):
        if not any(_contains(way, other) for other in kept):
            kept = [*[other for other in kept if not _contains(other, way)], way]
    return kept


def _contains(way: Way, other: Way) -> bool:
    return all(_follows(each, way) for each in other)


def _somewhere(ways: Sequence[Sequence[Node]]) -> Sequence[Node]:
    """Brackets that hold where all brackets of one way or another hold; none if a way has none."""
    found = list(dict.fromkeys([joined(list(way)) for way in ways])) if all(ways) else []
    pair = both_ways({each: Fraction(1) for each in found}) if len(found) == 2 else None
    if pair is not None or len(found) < 2:
        return [one for each in ([pair[2]] if pair is not None else found) for one in factors_in(each)]
    return [Compare(">", Add(tuple(found)), ZERO)]


# --- where there is something -------------------------------------------------------------------------


def presence(node: Node, deep: int = _DEEP) -> Sequence[Way]:
    """Ways, in one of which at least all brackets hold wherever an expression is not nothing."""
    values: dict[Node, Sequence[Way]] = {}
    for each in postorder(node):
        values[each] = _few(_ways(each, values, deep)) or [()]
    return values[node]


def _ways(node: Node, below: Mapping[Node, Sequence[Way]], deep: int) -> Iterable[Way]:
    match node:
        case Compare("==", Position(left), Position(right)):
            return [(Delta(left, right),)]  # of indices that have each an extent of its own
        case Compare() | Delta():
            return [(node,)]
        case Mul(factors):
            return _together([below[factor] for factor in factors])
        case Add(terms):
            return [way for term in terms for way in below[term]]
        case Power(base, Number(exponent)) if exponent > 0:
            return below[base]
        case IndexSum(indices, body):
            return [_outside(indices, way) for way in below[body]]
        case Apply(definition, indices) if deep:
            names = dict(zip(definition.formals, indices, strict=True))
            inside = _of_definition(definition, deep - 1)
            return [tuple([substitute(each, names) for each in way]) for way in inside]
    return [()]


def _outside(dummies: Sequence[Index], way: Way) -> Way:
    """What a way says of other indices than some dummies."""
    others = {index for each in way for index in each.free}.difference(dummies)
    kept = (*_deltas(way), *_in_terms_of(others, way))
    return tuple([each for each in kept if each.free.isdisjoint(dummies)])


def _together(parts: Iterable[Sequence[Way]]) -> Sequence[Way]:
    """The ways in which one of each part holds; parts with which they would be many are left out."""
    ways: Sequence[Way] = [()]
    for part in parts:
        ways = _few([tuple(dict.fromkeys([*one, *other])) for one in ways for other in part]) or ways
    return ways


def _few(ways: Iterable[Way]) -> Sequence[Way]:
    """The ways as few weaker ones, if they are such then."""
    found = _weakest(ways)
    if len(found) > _MANY:
        found = _weakest([(*_decisive(_brackets(way)), *_deltas(way)) for way in found])
    if len(found) > _MANY:
        found = _weakest([_brackets(way) for way in found])
    return found if len(found) <= _MANY else []


@lru_cache(maxsize=1 << 10)
def _of_definition(definition: Definition, deep: int) -> Sequence[Way]:
    return presence(definition.body, deep)


# --- poles --------------------------------------------------------------------------------------------


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
