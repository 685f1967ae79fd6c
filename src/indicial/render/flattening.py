"""Products taken apart: no products, sums over indices, numbers or negative powers among the factors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from indicial.ir.indices import Space
from indicial.ir.nodes import Add, Compare, Extent, IndexSum, Mul, Node, Number, Power
from indicial.render.differences import is_difference, is_turned, squared_the_right_way, turned
from indicial.render.numerals import length
from indicial.render.pieces import Scope, Slot
from indicial.render.roots import joined_roots
from indicial.simplify.terms import raised, scaled, split_coefficient, summands

_LARGEST_POWER = 64  # the exponent up to which a power of a number is worked out


@dataclass(frozen=True, slots=True)
class Factor:
    """A factor and what its indices stand for."""

    node: Node
    scope: Scope

    @property
    def slots(self) -> list[Slot]:
        """Its free indices: of a tensor in the order in which they stand."""
        others = sorted(self.node.free, key=lambda index: (abs(index.serial), index.space))
        indices = (*self.node.indices_here, *others)
        return list(dict.fromkeys([slot for index in indices for slot in self.scope.slots[index].named]))


@dataclass(slots=True)
class FlatProduct:
    """A product without products, sums over indices, numbers and negative powers among its factors."""

    coefficient: Fraction = Fraction(1)
    factors: list[Factor] = field(default_factory=list)
    divisors: list[Factor] = field(default_factory=list)
    dummies: list[Slot] = field(default_factory=list)


def flattened(node: Node, scope: Scope, literal: Callable[[Space], int | None]) -> FlatProduct:
    """Take a product apart. `literal` says which extents are printed as numbers."""
    flat = FlatProduct()
    waiting: list[tuple[Node, Scope, bool]] = [(node, scope, False)]
    while waiting:
        node, scope, below = waiting.pop()
        value = exact(node, literal)
        match node:
            case _ if value is not None and not (below and value == 0):
                flat.coefficient *= 1 / value if below else value
            case Compare() if node in scope.known and not below:
                pass
            case Mul(factors):
                waiting.extend([(factor, scope, below) for factor in reversed(factors)])
            case Add((term,)):
                waiting.append((term, scope, below))
            case IndexSum(indices, body) if not below:
                own = [Slot(index.space) for index in indices]
                flat.dummies.extend(own)
                waiting.append((body, scope.binding(indices, own), below))
            case Power(base, Number(exponent)) if exponent < 0:
                positive = base if exponent == -1 else Power(base, Number(-exponent))
                if below:
                    flat.factors.append(Factor(positive, scope))
                else:
                    waiting.append((positive, scope, True))
            case _:
                (flat.divisors if below else flat.factors).append(Factor(node, scope))
    _join_roots(flat, scope)
    _turn_differences(flat)
    held = present(flat)
    absent = [slot for slot in flat.dummies if slot not in held]
    _multiply_by_extents(flat, absent, scope, literal)
    _rescale(flat)
    return flat


def _rescale(flat: FlatProduct) -> None:
    """10 / (1 + 10 x) as 1 / (x + 0.1), and 2e-6 (200000 + 26829 x) as 0.4 (1 + 0.134145 x)."""
    for factors, side in ((flat.factors, 1), (flat.divisors, -1)):
        for place, factor in enumerate(factors):
            total, power = _whole_power(factor.node)
            if not isinstance(total, Add):
                continue
            weights = [coefficient for coefficient, _ in summands(total)]
            largest = max(map(abs, weights))
            coefficient = flat.coefficient * largest ** (side * power)
            scaled_weights = [weight / largest for weight in weights]
            if length([coefficient, *scaled_weights]) < length([flat.coefficient, *weights]):
                smaller = _times(1 / largest, total)
                node = smaller if power == 1 else Power(smaller, Number(Fraction(power)))
                factors[place] = replace(factor, node=node)
                flat.coefficient = coefficient


def _whole_power(node: Node) -> tuple[Node, int]:
    match node:
        case Power(base, Number(exponent)) if exponent.denominator == 1 and 0 < exponent <= _LARGEST_POWER:
            return base, int(exponent)
    return node, 1


def _turn_differences(flat: FlatProduct) -> None:
    """(a − x_i)² as (x_i − a)², (a − x_i) (x_j − a) as −(x_i − a) (x_j − a)."""
    for factors in (flat.factors, flat.divisors):
        factors[:] = [replace(factor, node=squared_the_right_way(factor.node)) for factor in factors]
    several = [factor for factor in flat.factors if is_difference(factor.node)]
    for factor in several if len(several) > 1 else ():
        if is_turned(factor.node):
            flat.factors[flat.factors.index(factor)] = replace(factor, node=turned(factor.node))
            flat.coefficient = -flat.coefficient


def _join_roots(flat: FlatProduct, scope: Scope) -> None:
    """Roots of numbers as one: they have no indices, so that any scope does for them."""
    kept = {factor.node: factor for factor in (*flat.factors, *flat.divisors) if not factor.node.free}
    joined = joined_roots(
        [factor.node for factor in flat.factors if factor.node in kept],
        [factor.node for factor in flat.divisors if factor.node in kept],
    )
    if joined is None:
        return
    for factors, nodes in zip((flat.factors, flat.divisors), joined, strict=True):
        others = [factor for factor in factors if factor.node not in kept]
        factors[:] = [*others, *[kept.get(node, Factor(node, scope)) for node in nodes]]


def distributed(flat: FlatProduct, wide: Factor, literal: Callable[[Space], int | None]) -> list[FlatProduct]:
    """A product with a sum, or a product, among its factors as products without it."""
    others = [factor for factor in flat.factors if factor is not wide]
    results = []
    for term in wide.node.terms if isinstance(wide.node, Add) else (wide.node,):
        inner = flattened(term, wide.scope, literal)
        whole = FlatProduct(
            flat.coefficient * inner.coefficient,
            [*others, *inner.factors],
            [*flat.divisors, *inner.divisors],
            [*flat.dummies, *inner.dummies],
        )
        left = present(whole)
        _multiply_by_extents(whole, [slot for slot in present(flat) if slot not in left], wide.scope, literal)
        results.append(whole)
    return results


def join_powers(flat: FlatProduct) -> None:
    """√n √n as n, and s s as s²: equal powers without indices, which stood in different brackets, as one."""
    for factors in (flat.factors, flat.divisors):
        first: dict[Node, int] = {}
        joined: list[Factor] = []
        for factor in factors:
            base, exponent = _based(factor.node)
            if factor.node.free or base not in first:
                if not factor.node.free:
                    first[base] = len(joined)
                joined.append(factor)
                continue
            place = first[base]
            total = _based(joined[place].node)[1] + exponent
            joined[place] = replace(joined[place], node=raised(base, Number(total)))
        factors[:] = joined


def _based(node: Node) -> tuple[Node, Fraction]:
    match node:
        case Power(base, Number(exponent)) if exponent > 0:
            return base, exponent
    return node, Fraction(1)


def with_own(flat: FlatProduct, shared: Sequence[Slot]) -> FlatProduct:
    """The product with dummies of its own for those that it shares with others: each may be solved apart."""
    own = {id(slot): Slot(slot.space, slot.letter, slot.rank) for slot in shared}

    def renamed(factor: Factor) -> Factor:
        slots = {index: own.get(id(slot), slot) for index, slot in factor.scope.slots.items()}
        return Factor(factor.node, replace(factor.scope, slots=slots))

    return FlatProduct(
        flat.coefficient,
        [renamed(factor) for factor in flat.factors],
        [renamed(factor) for factor in flat.divisors],
        [own.get(id(slot), slot) for slot in flat.dummies],
    )


def count_freed(
    flat: FlatProduct, before: Sequence[Slot], scope: Scope, literal: Callable[[Space], int | None]
) -> None:
    """Multiply by the extents of the dummies on which nothing depends any more, Σ_i [j = t_i] without j."""
    left = present(flat)
    _multiply_by_extents(
        flat, [slot for slot in flat.dummies if slot in before and slot not in left], scope, literal
    )


def present(flat: FlatProduct) -> list[Slot]:
    """The dummies that something depends on."""
    slots = {slot for factor in (*flat.factors, *flat.divisors) for slot in factor.slots}
    return [slot for slot in flat.dummies if slot in slots]


def _multiply_by_extents(
    flat: FlatProduct, slots: list[Slot], scope: Scope, literal: Callable[[Space], int | None]
) -> None:
    """A sum over an index on which nothing depends is a multiple: its extent is a factor."""
    for slot in slots:
        value = exact(Extent(slot.space), literal)
        if value is None:
            flat.factors.append(Factor(Extent(slot.space), scope))
        else:
            flat.coefficient *= value


def exact(node: Node, literal: Callable[[Space], int | None]) -> Fraction | None:
    """The value of what is printed as a number."""
    match node:
        case Number(value):
            return value
        case Extent(space):
            known = literal(space)
            return None if known is None else Fraction(known)
        case Power(Number() | Extent() as base, Number(exponent)):
            number = exact(base, literal)
            if number and exponent.denominator == 1 and abs(exponent) <= _LARGEST_POWER:
                return number ** int(exponent)
    return None


def multiplied_out(node: Node) -> Node:
    """A canonical q (a + b + …) the way it reads best: −(a − b) as b − a, (2 a + b)/2 as a + b/2."""
    coefficient, rest = split_coefficient(node)
    if coefficient == 1:
        return node
    if isinstance(rest, Add):
        return _times(coefficient, rest) if _weighted(rest) or (coefficient == -1 and _turns(rest)) else node
    if isinstance(rest, Mul) and coefficient.denominator != 1:
        weighted = next((f for f in rest.factors if isinstance(f, Add) and _weighted(f)), None)
        if weighted is not None:
            inner = _times(coefficient, weighted)
            return Mul(tuple([inner if factor is weighted else factor for factor in rest.factors]))
    return node


def turn(flat: FlatProduct) -> None:
    """−2 (a − b) as 2 (b − a); two differences stay as they are."""
    if sum([is_difference(factor.node) for factor in flat.factors]) > 1:
        return
    for position, factor in enumerate(flat.factors if flat.coefficient < 0 else ()):
        if isinstance(factor.node, Add) and any(c < 0 for c, _ in summands(factor.node)):
            flat.factors[position] = Factor(_times(Fraction(-1), factor.node), factor.scope)
            flat.coefficient = -flat.coefficient
            return


def _turns(node: Add) -> bool:
    """Whether a minus sign in front can be taken in: by a negative term, or by a difference in a term."""
    if any(isinstance(term, Add) for term in node.terms):
        return False
    factors = [factor for _, term in summands(node) for factor in (term, *term.children)]
    return any(c < 0 for c, _ in summands(node)) or any(isinstance(factor, Add) for factor in factors)


def _weighted(node: Add) -> bool:
    return any(abs(coefficient) != 1 for coefficient, _ in summands(node))


def _times(coefficient: Fraction, node: Add) -> Add:
    return Add(tuple([scaled(coefficient * own, monomial) for own, monomial in summands(node)]))
