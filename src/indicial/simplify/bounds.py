"""Brackets that follow from other brackets of the same product.

[f ≤ 0] [f + 1 ≤ 0]  =  [f + 1 ≤ 0]       [f ≤ 0] [f > 0]  =  0
[n = m + 2] [n > 1]  =  [n = m + 2]        for m ≥ 0; likewise what contradicts an equation
[n = m + k] [m + k > 3]  =  [n = m + k] [n > 3]     the shorter of two, given an equation
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from indicial.ir.indices import Index
from indicial.ir.nodes import (
    ONE,
    ZERO,
    Abstract,
    Call,
    Delta,
    Node,
    Number,
    Operation,
    Power,
)
from indicial.ir.traversal import postorder
from indicial.simplify.affine import (
    Form,
    bound,
    equation,
    known_bound,
    less_or_equal,
    plus,
    settled,
    solved,
    vanishing,
)
from indicial.simplify.facts import Facts
from indicial.simplify.terms import Term

# The functions that are finite at every number.
_FINITE = {
    "abs", "sign", "step", "sin", "cos", "tanh", "atan", "asinh", "erf", "erfc", "sigmoid", "softplus",
    "relu", "gelu", "silu", "max", "min",
}  # fmt: skip
Key = tuple[tuple[tuple[Index, Fraction], ...], Node]


def without_implied(term: Term, facts: Facts) -> Term | None:
    """The term without the inequalities that extents and its other brackets imply; 0 where they contradict.

    None if there are none such.
    """
    bounds = {base: form for base in term.factors if (form := bound(base)) is not None}
    shorter = _shorter(term, bounds, facts)
    if shorter is not None:
        return shorter
    idle: set[Node] = set()
    for base, value in _decided(term, bounds, facts):
        if value == ZERO:
            return Term(Fraction(0))
        idle.add(base)
    if not idle:
        return None
    result = term.copy()
    result.factors = {base: power for base, power in term.factors.items() if base not in idle}
    return result


def _shorter(term: Term, bounds: dict[Node, Form], facts: Facts) -> Term | None:
    """The term with a bracket that an equation of the same term makes shorter; None if none does."""
    equations = {base: form for base in term.factors if (form := equation(base)) is not None}
    for base, form in {**bounds, **equations}.items() if equations else ():
        length = _length if base in bounds else _rank
        for other in _ways(form, [own for each, own in equations.items() if each is not base]):
            if length(other, term) < length(form, term):
                result = term.copy()
                del result.factors[base]
                result.absorb(settled(less_or_equal(other) if base in bounds else vanishing(other), facts))
                return result
    return None


def _ways(form: Form, equations: Sequence[Form]) -> Iterator[Form]:
    """A form with one of its indices as one of some equations has it."""
    for own in equations:
        for index in form.slopes:
            value = solved(own, index)
            if value is not None and value.is_whole:
                rest = Form({i: c for i, c in form.slopes.items() if i != index}, form.offset)
                yield plus(rest, value, form.slopes[index])


def _rank(form: Form, term: Term) -> tuple[Any, ...]:
    """How long a condition is, whatever its indices are called: dummies count most, then all indices."""
    dummies = sum([index in term.dummies for index in form.slopes])
    return dummies, len(form.slopes), form.offset.size, abs(form.constant)


def _length(form: Form, term: Term) -> tuple[Any, ...]:
    """The rank of an inequality, and of two with one rank which axes its indices belong to."""
    return *_rank(form, term), sorted([(index.space, abs(slope)) for index, slope in form.slopes.items()])


def _decided(term: Term, bounds: dict[Node, Form], facts: Facts) -> Iterator[tuple[Node, Node]]:
    """Inequalities that extents and the other brackets decide, and what they are: 1 or 0."""
    equations = [form for base in term.factors if (form := _equation(base)) is not None]
    tightest: dict[Key, tuple[Fraction, Node]] = {}
    for base, form in bounds.items():
        value = known_bound(form, facts)
        if value is None:
            value = next((v for own in equations if (v := _given(form, own, facts)) is not None), None)
            if value == ONE and not _is_finite_beside(term, form):
                value = None  # a false bracket wins over what is infinite beside it, an empty sum does not
        if value is not None:
            yield base, value
            continue
        key, constant = _apart(form)
        weaker = tightest.get(key)
        if weaker is None or weaker[0] < constant:
            tightest[key] = constant, base
        if weaker is not None:
            yield (weaker[1] if weaker[0] < constant else base), ONE
    for base, form in bounds.items():
        key, constant = _apart(form.over(Fraction(-1)))
        other = tightest.get(key)
        if other is not None and other[0] > constant:  # f ≤ −other and f ≥ −constant
            yield base, ZERO


def _is_finite_beside(term: Term, form: Form) -> bool:
    """Whether the factors that share an index with a form are finite, whatever numbers their tensors have."""
    own = {base: e for base, e in term.factors.items() if not form.slopes.keys().isdisjoint(base.free)}
    nodes = postorder(*own, *[Power(base, exponent) for base, exponent in own.items()])
    return all(map(_is_finite, nodes))


def _is_finite(node: Node) -> bool:
    """Whether a node is finite wherever its children are."""
    match node:
        case Power(_, exponent):
            return isinstance(exponent, Number) and exponent.value > 0
        case Call(function, _):
            return function in _FINITE
    return not isinstance(node, (Abstract, Operation))


def _equation(base: Node) -> Form | None:
    if isinstance(base, Delta):
        return Form({base.left: Fraction(1), base.right: Fraction(-1)}, ZERO)
    return equation(base)


def _given(form: Form, other: Form, facts: Facts) -> Node | None:
    """Whether f ≤ 0 where another form vanishes: 1, 0, or None if that does not decide it."""
    for index in form.slopes:
        value = solved(other, index)
        if value is not None:
            rest = Form({i: c for i, c in form.slopes.items() if i != index}, form.offset)
            known = known_bound(plus(rest, value, form.slopes[index]), facts)
            if known is not None:
                return known
    return None


def _apart(form: Form) -> tuple[Key, Fraction]:
    """A form without its constant, and the constant."""
    constant = form.constant
    rest = plus(form, Form({}, Number(constant)), Fraction(-1))
    return (tuple(sorted(rest.slopes.items())), rest.offset), constant
