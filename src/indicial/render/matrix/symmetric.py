"""Matrix expressions in which some matrices are their own transposes."""

from __future__ import annotations

from collections.abc import Callable, Collection

from indicial.render.matrix import algebra
from indicial.render.matrix.algebra import kronecker, product, same, transposed
from indicial.render.matrix.form import (
    MATRIX,
    Call,
    EntryPower,
    Entrywise,
    Form,
    Kronecker,
    Product,
    Sum,
    Symbol,
    Transposed,
)


def without_turns(form: Form, symmetric: Collection[str]) -> Form:
    """The form without the transposes of matrices that are symmetric, and of their inverses."""
    if not symmetric:
        return form

    def kept(part: Form) -> Form:
        return without_turns(part, symmetric)

    match form:
        case Transposed(of):
            inner = kept(of)
            return inner if _is_symmetric(inner, symmetric, kept) else transposed(inner)
        case Call(word, arguments, shape):
            return Call(word, tuple(map(kept, arguments)), shape)
        case Product(coefficient, scalars, chain):
            front = Product(coefficient, tuple([(kept(base), power) for base, power in scalars]), ())
            return product(front, *map(kept, chain))
        case Entrywise(powers):
            return Entrywise(tuple([(kept(base), exponent) for base, exponent in powers]))
        case EntryPower(base, exponent):
            return EntryPower(kept(base), kept(exponent))
        case Sum(terms):
            return algebra.added(map(kept, terms))
        case Kronecker(left, right):
            return kronecker(kept(left), kept(right))
    return form


def _is_symmetric(form: Form, symmetric: Collection[str], kept: Callable[[Form], Form]) -> bool:
    """Whether a form that no transpose can be pushed into is its own transpose."""
    match form:
        case Symbol(name):
            return name in symmetric and form.shape == MATRIX
        case Call("inv" | "adj", (argument,)):
            return same(kept(transposed(argument)), argument)
    return False
