"""Powers beside logarithms, and divisors of powers, where their base is 0.

    u^p log(u)^k = 0                 as for u → 0 and p > 0: log(1) is taken for log(u) where u^p is 0
    y / u        = u^(p − 1)         where y = u^p is a statement
    p u^(p − 1)  = 0                 as for p = 0: the power is u^0 where a factor p, p − 1, … beside it is 0

Formulas stay as they are: only the plan has this.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from fractions import Fraction

from indicial.ir.nodes import (
    ONE,
    ZERO,
    Access,
    Add,
    Apply,
    Call,
    Compare,
    Mul,
    Node,
    Number,
    Power,
)  # fmt: skip
from indicial.ir.traversal import instantiate, postorder
from indicial.planning.stability import power_of
from indicial.simplify.affine import summands_by_node
from indicial.simplify.canonical import Simplifier
from indicial.simplify.terms import factors_in

_SHORT = 14  # the size up to which a factor may be of an exponent


def finite_at_zero(node: Node, given: Container[str]) -> Node:
    """A product whose logarithms and divisors are finite where a power beside them is 0.

    Of statements that are `given` nothing is known.
    """
    if not isinstance(node, Mul):
        return node
    factors = _derived(_divided(node.factors, given))
    opened = [(each, _opened(each, given)) for each in factors]
    for place, factor in enumerate(factors):
        others = opened[:place] + opened[place + 1 :]
        if isinstance(factor, Add):
            parts = [[_safe(each, others) for each in factors_in(term)] for term in factor.terms]
            factors[place] = Add(tuple([_joined(each) for each in parts]))
        else:
            factors[place] = _safe(factor, others)
    return _joined(factors)


def _opened(node: Node, given: Container[str]) -> Node:
    """What a statement is at its indices, else the node itself."""
    if isinstance(node, Apply) and node.definition.name not in given:
        return instantiate(node.definition, node.indices)
    return node


def _joined(factors: Sequence[Node]) -> Node:
    return Mul(tuple(factors)) if len(factors) > 1 else factors[0] if factors else ONE


def _divided(factors: Sequence[Node], given: Container[str]) -> list[Node]:
    """y / u as u^(p − 1), where a factor is a statement y = u^p."""
    left = list(factors)
    for divisor in factors:
        base, times = power_of(divisor)
        for place, factor in enumerate(left if times < 0 else ()):
            power = _opened(factor, given)
            if isinstance(power, Power) and power.base == base and not isinstance(power.exponent, Number):
                left[place] = Power(base, Simplifier()(power.exponent + Number(times)))
                left.remove(divisor)
                break
    return left


def _derived(factors: Sequence[Node]) -> list[Node]:
    """p (p − 1) u^(p − 2) with a power that is finite where p or p − 1 is 0, as in a derivative of u^p."""
    result = list(factors)
    for place, factor in enumerate(factors):
        if not isinstance(factor, Power) or isinstance(factor.exponent, Number):
            continue
        for other in factors:
            if (
                other is not factor
                and other.free <= factor.exponent.free
                and _is_above(other, factor.exponent)
            ):
                power = result[place]
                assert isinstance(power, Power)
                safe = Call("where", (Compare("==", other, ZERO), ZERO, power.exponent))
                result[place] = Power(power.base, safe)
    return result


def _is_above(factor: Node, exponent: Node) -> bool:
    """Whether a factor is c (e + 1), c (e + 2), … for an exponent e: as differentiating a power has it."""
    if not isinstance(factor, (Add, Access, Apply)) or factor.size > _SHORT:
        return False
    simplify = Simplifier()
    above, below = summands_by_node(simplify(factor)), summands_by_node(simplify(exponent))
    ratios = {above.get(node, Fraction(0)) / value for node, value in below.items() if node != ONE and value}
    if len(ratios) != 1 or above.keys() - below.keys() - {ONE}:
        return False
    (ratio,) = ratios
    steps = above.get(ONE, Fraction(0)) / ratio - below.get(ONE, Fraction(0)) if ratio else Fraction(0)
    return steps >= 1 and steps.denominator == 1


def _safe(factor: Node, others: Sequence[tuple[Node, Node]]) -> Node:
    """log(u)^k as log(1)^k where another factor is 0, which may be with u; `others` have their bodies."""
    base, times = power_of(factor)
    if not (isinstance(base, Call) and base.function == "log" and times > 0):
        return factor
    (inner,) = base.arguments
    beside = next((each for each, body in others if each == inner or _vanishes(body, inner)), None)
    if beside is None:
        return factor
    safe = Call("log", (Call("where", (Compare("==", beside, ZERO), ONE, inner)),))
    return safe if times == 1 else Power(safe, Number(times))


def _vanishes(node: Node, inner: Node) -> bool:
    """Whether a factor, or each term of one that is a sum, has a power of an expression as a factor."""
    terms = node.terms if isinstance(node, Add) else (node,)
    return all(any(_is_power(each, inner) for each in factors_in(term)) for term in terms)


def _is_power(node: Node, inner: Node) -> bool:
    match node:
        case Power(base, Number(exponent)) if exponent > 0:
            return base == inner or (isinstance(base, Power) and base.base == inner)
        case Power(base, exponent) if not isinstance(exponent, Number):
            return base == inner and inner not in postorder(exponent)  # x^x is 1 for x → 0
    return node == inner
