"""Quotients of exponentials by the names of what they are: exp(a)/(1 + exp(a)) is a sigmoid.

A person writes softmax_i(x_i), not exp(x_i)/Σ exp(x_j), and so does one who wants no overflow.
"""

from __future__ import annotations

import itertools
from collections import Counter
from fractions import Fraction

from indicial.ir.indices import Index
from indicial.ir.nodes import (
    MINUS_ONE,
    ONE,
    Add,
    Call,
    Definition,
    IndexSum,
    Mul,
    Node,
    Number,
    Operation,
    Power,
)
from indicial.ir.traversal import postorder, substitute
from indicial.simplify.terms import raised, scaled, split_coefficient

Factors = Counter[Node]


def stable(definition: Definition) -> Definition:
    """The definition with sigmoid, softplus, softmax and logsumexp where they stand."""
    values: dict[Node, Node] = {}
    for node in postorder(definition.body):
        kids = tuple([values[child] for child in node.children])
        if not isinstance(node, Mul):  # a product reads its powers itself
            kids = tuple([_alone(kid) for kid in kids])
        value = node.with_children(kids) if kids else node
        match value:
            case Call("log", (inner,)):
                value = _logarithm(value, inner)
            case Mul(factors):
                value = _product(value, factors)
        values[node] = value
    body = _alone(values[definition.body])
    return definition if body is definition.body else Definition(definition.name, definition.formals, body)


def _alone(node: Node) -> Node:
    """A power that is no factor of a product."""
    return _product(node, (node,)) if isinstance(node, Power) else node


def _logarithm(node: Node, inner: Node) -> Node:
    """log(1 + exp(a)) is softplus(a), log Σ exp(a) is logsumexp(a)."""
    argument = _logistic(inner)
    if argument is not None:
        return Call("softplus", (argument,))
    match inner:
        case IndexSum(indices, Call("exp", (body,))) if body.free.issuperset(indices):
            return Operation("logsumexp", indices, (body,), ())
    return node


def _logistic(node: Node) -> Node | None:
    """a of 1 + exp(a)."""
    match node:
        case Add((one, Call("exp", (argument,)))) | Add((Call("exp", (argument,)), one)) if one == ONE:
            return argument
    return None


def _product(node: Node, factors: tuple[Node, ...]) -> Node:
    left: Factors = Counter()
    divisors: Factors = Counter()
    for factor in factors:
        base, exponent = (factor.base, factor.exponent) if isinstance(factor, Power) else (factor, ONE)
        count = exponent.value if isinstance(exponent, Number) else Fraction(0)
        if isinstance(base, Call) and base.function == "exp" and count > 0 and count.denominator == 1:
            left[base] += int(count)
        elif count < 0 and count.denominator == 1 and _replaceable(base):
            divisors[base] -= int(count)
        else:
            left[factor] += 1
    if not divisors and not any(_exponent(base) is not None for base in left):
        return node
    for divisor in list(divisors.elements()):
        _divide(left, divisor)
    for base in list(left):
        _turn_sigmoid(left, base)
    parts = [raised(base, Number(Fraction(count))) for base, count in left.items() if count]
    return Mul(tuple(parts)) if len(parts) != 1 else parts[0]


def _replaceable(base: Node) -> bool:
    match base:
        case IndexSum(indices, Call("exp", (body,))):
            return body.free.issuperset(indices)
    return _logistic(base) is not None


def _divide(left: Factors, divisor: Node) -> None:
    """Divide a product by 1 + exp(a) or by Σ exp(a)."""
    argument = _logistic(divisor)
    if argument is not None:
        above: Node = Call("exp", (argument,))
        if left[above] > 0:
            left[above] -= 1
            left[Call("sigmoid", (argument,))] += 1
        else:
            left[Call("sigmoid", (_negative(argument),))] += 1
        return
    assert isinstance(divisor, IndexSum)
    for above in [each for each, count in left.items() if count > 0]:
        at = _numerator(divisor, above)
        if at is not None:
            left[above] -= 1
            left[Operation("softmax", divisor.indices, divisor.body.children, at)] += 1
            return
    left[Power(divisor, MINUS_ONE)] += 1


def _exponent(node: Node) -> Node | None:
    """a of exp(a)"""
    match node:
        case Call("exp", (argument,)):
            return argument
    return None


def _turn_sigmoid(left: Factors, above: Node) -> None:
    """exp(a) sigmoid(−a) is sigmoid(a), also where the sigmoid is a factor of all terms of a sum."""
    argument = _exponent(above)
    if argument is None or left[above] != 1:
        return
    old, new = Call("sigmoid", (_negative(argument),)), Call("sigmoid", (argument,))
    if left[old] > 0:
        left[old] -= 1
        left[new] += 1
        left[above] -= 1
        return
    for base in [each for each, count in left.items() if isinstance(each, Add) and count == 1]:
        factors = [list(term.factors) if isinstance(term, Mul) else [term] for term in base.children]
        if all(old in each for each in factors):
            for each in factors:
                each[each.index(old)] = new
            left[base] -= 1
            left[above] -= 1
            left[Add(tuple([Mul(tuple(each)) for each in factors]))] += 1
            return


def _negative(argument: Node) -> Node:
    coefficient, rest = split_coefficient(argument)
    return scaled(-coefficient, rest)


def _numerator(divisor: IndexSum, above: Node) -> tuple[Index, ...] | None:
    """The indices at which exp(a) of Σ exp(a) is the numerator, if it is one."""
    free = sorted(above.free - divisor.free)
    if not (isinstance(above, Call) and above.function == "exp") or len(free) < len(divisor.indices):
        return None
    for at in itertools.permutations(free, len(divisor.indices)):
        fits = all(here.space == there.space for here, there in zip(at, divisor.indices, strict=True))
        if fits and substitute(divisor.body, dict(zip(divisor.indices, at, strict=True))) == above:
            return at
    return None
