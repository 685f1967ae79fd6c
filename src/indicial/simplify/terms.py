"""Terms: coefficient · Σ_dummies Π base^exponent, the shape in which products are worked on.

A term's dummies are working indices, so that terms can be multiplied without a clash; `close` turns
it into a node whose dummies have their canonical numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from indicial.ir.indices import Index
from indicial.ir.nodes import ONE, ZERO, Add, Compare, Delta, IndexSum, Mul, Node, Number, Power
from indicial.ir.traversal import Stackless, opened, substitute

Simplify = Callable[[Node], Stackless[Node]]  # what brings a node into canonical form
_LARGEST_POWER = 1 << 10  # bits of an exact power; beyond, a power of numbers stays a power


@dataclass(slots=True)
class Term:
    """A product under construction; `factors` maps each base to its exponent."""

    coefficient: Fraction = Fraction(1)
    dummies: list[Index] = field(default_factory=list)
    factors: dict[Node, Node] = field(default_factory=dict)

    def copy(self) -> Term:
        """An independent copy."""
        return Term(self.coefficient, list(self.dummies), dict(self.factors))

    @property
    def nodes(self) -> list[Node]:
        """The factors as nodes, in no meaningful order."""
        return [raised(base, exponent) for base, exponent in self.factors.items()]

    @property
    def free_below(self) -> frozenset[Index]:
        """The indices that occur in the factors, dummies included."""
        return frozenset[Index]().union(
            *[base.free for base in self.factors], *[exponent.free for exponent in self.factors.values()]
        )

    def absorb(self, node: Node, exponent: Fraction = Fraction(1)) -> None:
        """Multiply by a simplified node, to an integer power if it is a product."""
        pending = [(node, exponent)]
        while pending:
            current, power = pending.pop()
            match current:
                case Number(value):
                    self._absorb_number(value, power)
                case Mul(factors) if power.denominator == 1:
                    pending.extend([(factor, power) for factor in factors])
                case IndexSum() if power == 1:
                    dummies, (body,) = opened(current)
                    self.dummies.extend(dummies)
                    pending.append((body, power))
                case Power(base, Number(inner)) if power.denominator == 1:
                    pending.append((base, inner * power))
                case Power(base, inner) if power.denominator == 1:
                    self._absorb_power(base, inner if power == 1 else Mul((Number(power), inner)))
                case _:
                    self._absorb_power(current, Number(power))

    def multiply(self, base: Node, exponent: Node) -> None:
        """Multiply by a power of a simplified base; an exponent that is no number is simplified, too."""
        if isinstance(exponent, Number):
            self.absorb(base, exponent.value)
        else:
            known = self.factors.get(base)
            self.factors[base] = exponent if known is None else added(known, exponent)

    def _absorb_number(self, value: Fraction, power: Fraction) -> None:
        exact = exact_power(value, power)
        if exact is not None:
            self.coefficient *= exact
        else:
            self._absorb_power(Number(value), Number(power))

    def _absorb_power(self, base: Node, exponent: Node) -> None:
        known = self.factors.get(base)
        total = exponent if known is None else added(known, exponent)
        if isinstance(total, Number) and isinstance(base, (Delta, Compare)) and total.value > 0:
            total = ONE  # 0 and 1 are their own powers
        if isinstance(base, Number) and isinstance(total, Number):
            exact = exact_power(base.value, total.value)
            if exact is not None:
                self.coefficient *= exact
                self.factors.pop(base, None)
                return
        self.factors.pop(base, None)
        if known is not None and isinstance(total, Number) and _opens(base, total.value):
            self.absorb(base, total.value)
        elif total != ZERO:
            self.factors[base] = total


def _opens(base: Node, power: Fraction) -> bool:
    """Whether a power is a product of powers: roots of a product whose exponents add up to an integer."""
    if isinstance(base, IndexSum):
        return power == 1
    return isinstance(base, (Mul, Power)) and power.denominator == 1


def exact_power(value: Fraction, power: Fraction) -> Fraction | None:
    """value^power when that is a rational of reasonable size, else None (also for 0 to a negative power)."""
    if value == 1 or power == 0:
        return Fraction(1)
    if power == 1:
        return value
    if value == 0:
        return Fraction(0) if power > 0 else None
    if power.denominator == 1:
        bits = max(value.numerator.bit_length(), value.denominator.bit_length())
        return value**power.numerator if bits * abs(power) <= _LARGEST_POWER else None
    if value < 0 or power.denominator > 64:
        return None
    top, bottom = (
        _exact_root(value.numerator, power.denominator),
        _exact_root(value.denominator, power.denominator),
    )
    if top is None or bottom is None:
        return None
    return exact_power(Fraction(top, bottom), Fraction(power.numerator))


def _exact_root(value: int, degree: int) -> int | None:
    guess = round(value ** (1.0 / degree)) if value.bit_length() < 900 else 0
    return guess if guess**degree == value else None


def added(left: Node, right: Node) -> Node:
    """The sum of two exponents, exact for numbers."""
    if isinstance(left, Number) and isinstance(right, Number):
        return Number(left.value + right.value)
    return Add((left, right))


def raised(base: Node, exponent: Node) -> Node:
    """base^exponent, without a power of 1."""
    return base if exponent == ONE else Power(base, exponent)


def scaled(coefficient: Fraction, monomial: Node) -> Node:
    """coefficient · monomial in canonical form: the number stands first, and not at all if it is 1."""
    if coefficient == 1:
        return monomial
    if monomial == ONE or coefficient == 0:
        return Number(coefficient)
    factors = monomial.factors if isinstance(monomial, Mul) else (monomial,)
    return Mul((Number(coefficient), *factors))


def split_coefficient(node: Node) -> tuple[Fraction, Node]:
    """The number in front of a canonical node, and the rest."""
    match node:
        case Number(value):
            return value, ONE
        case Mul((Number(value), only)):
            return value, only
        case Mul((Number(value), *rest)):
            return value, Mul(tuple(rest))
    return Fraction(1), node


def term_of(node: Node) -> Term:
    """A simplified node as a term, its dummies opened."""
    term = Term()
    term.absorb(node)
    return term


def replaced(term: Term, mapping: Mapping[Index, Index], simplify: Simplify) -> Stackless[Term]:
    """The term with indices replaced; what they make equal is simplified."""
    result = Term(term.coefficient, term.dummies)
    keys = mapping.keys()
    for base, exponent in term.factors.items():
        if base.free & keys:
            base = yield simplify(substitute(base, mapping))
        if not isinstance(exponent, Number):  # a sum of exponents, or one in which an index changes
            exponent = yield simplify(substitute(exponent, mapping))
        result.multiply(base, exponent)
    return result


def factors_in(monomial: Node) -> tuple[Node, ...]:
    """The factors of a product, else the node alone."""
    return monomial.factors if isinstance(monomial, Mul) else (monomial,)


def summands(node: Node) -> Iterable[tuple[Fraction, Node]]:
    """The terms of a simplified node with their coefficients; a number times a sum is multiplied out."""
    coefficient, rest = split_coefficient(node)
    if rest is node and isinstance(node, Add):
        yield from map(split_coefficient, node.terms)
    elif isinstance(rest, Add):
        for term in rest.terms:
            own, monomial = split_coefficient(term)
            yield coefficient * own, monomial
    else:
        yield coefficient, rest
