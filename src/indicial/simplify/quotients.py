"""Quotients in a product that are something shorter: what cancels, and what has a name of its own.

    p (y / p − s)        y − p s            a divisor inside a sum, whose base stands outside
    (n m − Σ x) / n      m − Σ x / n        an extent
    (x y + x z) / x      y + z              a divisor that all terms of a sum have as a factor
    adj(A) / det(A)      inv(A)                 (see `indicial.simplify.inverses`)
    sinh(a) / cosh(a)    tanh(a)            and sin / cos
    sign(a)² / |a|²      1 / a²             sign(a) / |a| = 1 / a, sign(a) |a| = a, sign(a)² |a|^p = |a|^p
    log(softmax(a))      log_softmax(a)
    [c] (2 x + [c] y)    [c] (2 x + y)      a bracket that stands in front as well

Only the powers that cancel go into the sum: the rest of the product stays in front of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from indicial.ir.nodes import ONE, Add, Call, Compare, Extent, Mul, Node, Number, Power
from indicial.ir.traversal import Stackless
from indicial.simplify.inverses import (
    determinant,
    exchange,
    exponent_of,
    is_operation,
    with_inverses,
    without_inverse,
)
from indicial.simplify.terms import Simplify, Term, raised, summands

_FIRST = Fraction(1)
_RATIOS = {("sinh", "cosh"): "tanh", ("sin", "cos"): "tan"}


@dataclass(slots=True)
class Exponents:
    """Which powers stand in the terms of a sum: the lowest of each divisor, and what all terms have."""

    divisors: dict[Node, Fraction] = field(default_factory=dict)
    extents: dict[Node, Fraction] = field(default_factory=dict)
    shared: dict[Node, Fraction] = field(default_factory=dict)
    brackets: set[Node] = field(default_factory=set)
    adjugates: bool = False  # in every term
    common: list[Node] = field(default_factory=list)  # the divisors that every term has


def cancelled(term: Term, known: dict[Node, Exponents], simplify: Simplify) -> Stackless[Term | None]:
    """The term with a quotient in it worked out; None if there is none. `known` remembers sums."""
    result = term.copy()
    if _signs_merged(result) or _merged(result):
        return result
    shorter: Term | None = yield without_inverse(term, simplify)
    if shorter is not None:
        return shorter
    plain = _implied(term, known)
    if plain is not None:
        power = result.factors.pop(plain[0])
        result.absorb((yield simplify(raised(plain[1], power))))
        return result
    found = movable(term, known)
    if found is None:
        return None
    wide, base, amount = found
    del result.factors[wide]
    result.absorb(base, -amount)
    result.absorb((yield simplify(_multiplied(wide, base, amount))))
    return result


def exponents_of(node: Add) -> Exponents:
    """The powers in the terms of a canonical sum."""
    found = Exponents()
    terms = [_powers(monomial) for _, monomial in summands(node)]
    for powers in terms:
        for base, exponent in powers.items():
            if isinstance(base, Compare):
                found.brackets.add(base)
            elif exponent < 0:
                found.divisors[base] = min(exponent, found.divisors.get(base, exponent))
            elif isinstance(base, Extent):
                found.extents[base] = max(exponent, found.extents.get(base, exponent))
    first, *others = terms
    for base, exponent in first.items():
        if exponent > 0 and all(base in powers for powers in others):
            least = min([exponent, *[powers[base] for powers in others]])
            if least > 0:
                found.shared[base] = least
    found.adjugates = all(any(is_operation(base, "adj") for base in powers) for powers in terms)
    found.common = [base for base in found.divisors if all(powers.get(base, _FIRST) < 0 for powers in terms)]
    return found


def _powers(monomial: Node) -> dict[Node, Fraction]:
    """The rational powers among the factors of a product."""
    powers: dict[Node, Fraction] = {}
    for factor in monomial.factors if isinstance(monomial, Mul) else (monomial,):
        match factor:
            case Power(base, Number(exponent)):
                powers[base] = exponent
            case Power():
                pass
            case _:
                powers[factor] = _FIRST
    return powers


def _implied(term: Term, known: dict[Node, Exponents]) -> tuple[Add, Node] | None:
    """A sum among the factors in which brackets that are factors too stand, and the sum without them."""
    outer = [base for base in term.factors if isinstance(base, Compare)]
    for wide in [base for base in term.factors if outer and isinstance(base, Add)]:
        if wide not in known:
            known[wide] = exponents_of(wide)
        same = known[wide].brackets.intersection(outer)
        if same:
            return wide, Add(tuple([_without(each, same) for each in wide.terms]))
    return None


def _without(monomial: Node, brackets: set[Node]) -> Node:
    factors = monomial.factors if isinstance(monomial, Mul) else (monomial,)
    return Mul(tuple([factor for factor in factors if factor not in brackets]))


def movable(term: Term, known: dict[Node, Exponents]) -> tuple[Add, Node, Fraction] | None:
    """A sum among the factors of a term, and the power that cancels in it; `known` remembers sums."""
    divided = any(isinstance(e, Number) and e.value < 0 for e in term.factors.values())
    for wide, exponent in term.factors.items():
        if not isinstance(wide, Add) or exponent != ONE or not (divided or _divides(wide)):
            continue
        if wide not in known:
            known[wide] = exponents_of(wide)
        inside = known[wide]
        for base in [each for each in inside.common if is_operation(each, "det")]:
            if any(is_operation(top, "adj") and top.children == base.children for top in term.factors):
                return wide, base, _FIRST  # adj (a / det + …) is inv (a + …)
        if not (inside.divisors or inside.extents or inside.shared or inside.adjugates):
            continue
        for base, outer in term.factors.items():
            if base not in inside.divisors and isinstance(outer, Number) and outer.value > 0:
                continue
            amount = _amount(base, outer.value, inside) if isinstance(outer, Number) else Fraction(0)
            if amount and base is not wide:
                return wide, base, amount
    return None


def _divides(wide: Add) -> bool:
    """Whether some term of a sum has a divisor."""
    for term in wide.terms:
        for factor in term.factors if isinstance(term, Mul) else (term,):
            match factor:
                case Power(_, Number(exponent)) if exponent < 0:
                    return True
    return False


def _amount(base: Node, outer: Fraction, inside: Exponents) -> Fraction:
    """How much of base^outer cancels in a sum."""
    if outer > 0:
        lowest = inside.divisors.get(base, Fraction(0))
        if (outer + lowest).denominator == 1 or outer >= -lowest:
            return min(outer, -lowest)
        return outer if base in inside.common else Fraction(0)
    if inside.adjugates and is_operation(base, "det"):
        return Fraction(max(outer, Fraction(-1)))
    return -min(-outer, max(inside.extents.get(base, Fraction(0)), inside.shared.get(base, Fraction(0))))


def _multiplied(wide: Add, base: Node, amount: Fraction) -> Node:
    """base^amount · (a + b + …), term by term."""
    factor = raised(base, Number(amount))
    return Add(tuple([Mul((factor, term)) for term in wide.terms]))


def _merged(term: Term) -> bool:
    """Put inv for adj / det and tanh for sinh / cosh among the factors; whether anything was."""
    if not any(_is_below(base) for base in term.factors):
        return False
    calls = {
        base.children[0]: base
        for base in term.factors
        if isinstance(base, Call) and base.function in ("cosh", "cos") and exponent_of(base, term.factors) < 0
    }
    for top in [base for base in term.factors if isinstance(base, Call)]:
        times = exponent_of(top, term.factors)
        below = calls.get(top.children[0]) if top.children and times > 0 else None
        name = _RATIOS.get((top.function, below.function)) if below is not None else None
        if below is not None and name is not None:
            times = min(times, -exponent_of(below, term.factors))
            exchange(term.factors, {top: -times, below: times, Call(name, top.arguments): times})
            return True
    return with_inverses(term.factors)


def _signs_merged(term: Term) -> bool:
    """Put a for sign(a) |a| among the factors, and nothing for sign(a)² beside |a|; whether anything was."""
    for sign in [base for base in term.factors if isinstance(base, Call) and base.function == "sign"]:
        size, signs = Call("abs", sign.arguments), exponent_of(sign, term.factors)
        power = term.factors.get(size)
        if power is None or signs <= 0 or signs.denominator != 1:
            continue
        whole = isinstance(power, Number) and power.value.denominator == 1
        if signs == 1 and not (whole and exponent_of(size, term.factors) % 2):
            continue
        del term.factors[sign]
        if whole and exponent_of(size, term.factors) % 2 == signs % 2:
            del term.factors[size]
            term.multiply(sign.arguments[0], power)
        elif signs % 2:
            term.factors[sign] = ONE
        return True
    return False


def _is_below(base: Node) -> bool:
    """Whether a factor may be the divisor of such a quotient."""
    return determinant(base) is not None or (isinstance(base, Call) and base.function in ("cosh", "cos"))
