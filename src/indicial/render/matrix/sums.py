"""Sums with common factors in front: A x + Aᵀ x is (A + Aᵀ) x."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from itertools import combinations

from indicial.render.matrix import algebra
from indicial.render.matrix.algebra import as_product, product
from indicial.render.matrix.form import IDENTITY, ONE, SCALAR, Form, Product, Shape, Sum
from indicial.render.matrix.text import cost

_MANY = 24  # terms beyond which only equal ones are merged


def added(terms: Sequence[Form], shape: Shape) -> Form:
    """f + g + … in the shortest way that is found."""
    total = algebra.added(terms) if terms else algebra.zero(shape)
    while isinstance(total, Sum) and len(total.terms) <= _MANY:
        best = min(_shorter(total), key=cost, default=total)
        if cost(best) >= cost(total):
            break
        total = best
    return total


def _shorter(total: Sum) -> Iterator[Form]:
    """The sum with a common factor of all terms, or of two of them, in front or behind."""
    yield _scalars_out(total)
    for one, other in combinations(total.terms, 2):
        rest = [term for term in total.terms if term is not one and term is not other]
        for joined in _joined(one, other):
            yield algebra.added([*rest, joined])


def _scalars_out(total: Sum) -> Form:
    """c s^a (f + g) of c s^a f + c s^a g; signs stay inside."""
    first, *others = total.terms
    common: dict[Form, Fraction] = {}
    for base, exponent in first.scalars:
        exponents = [exponent, *[dict(term.scalars).get(base, Fraction(0)) for term in others]]
        if min(exponents) > 0:
            common[base] = min(exponents)
        elif max(exponents) < 0:
            common[base] = max(exponents)
    sizes = [abs(term.coefficient) for term in total.terms]
    bottom = max(size.denominator for size in sizes)
    number = sizes[0] if len(set(sizes)) == 1 else Fraction(1, bottom)
    if number == 1 and not common:
        return total
    front = Product(number, tuple(common.items()), ())
    inverse = Product(1 / number, tuple([(base, -exponent) for base, exponent in common.items()]), ())
    return product(front, added([product(inverse, term) for term in total.terms], total.shape))


def _joined(one: Product, other: Product) -> Iterator[Form]:
    """The sum of two terms, what their chains have in common taken out."""
    left, right = one.chain, other.chain
    if not left or not right:
        return
    first = _common(left, right)
    last = min(_common(left[::-1], right[::-1]), len(left), len(right))
    if first:
        inner = _rests(one, other, lambda chain: chain[first:])
        yield product(*left[:first], inner)
    if last:
        inner = _rests(one, other, lambda chain: chain[: len(chain) - last])
        yield product(inner, *left[len(left) - last :])


def _common(left: Sequence[Form], right: Sequence[Form]) -> int:
    count = 0
    while count < min(len(left), len(right)) and left[count] == right[count]:
        count += 1
    return count


def _rests(one: Product, other: Product, rest: Callable[[tuple[Form, ...]], tuple[Form, ...]]) -> Form:
    """What two terms have besides the common part; nothing is the identity beside a matrix."""
    chains = [rest(one.chain), rest(other.chain)]
    if any(chains):
        chains = [chain or (IDENTITY,) for chain in chains]
    left = [
        product(Product(each.coefficient, each.scalars, ()), Product(ONE, (), chain))
        for each, chain in zip((one, other), chains, strict=True)
    ]
    shapes = {as_product(each).shape for each in left}
    return added(left, shapes.pop() if len(shapes) == 1 else SCALAR)
