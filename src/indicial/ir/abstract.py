"""Names of the derivatives of declared functions: phi'' of one argument, ∂₁∂₂g of several.

Partial derivatives commute: what counts is how often a function is differentiated by each argument.
`D1D2g` is ASCII for ∂₁∂₂g, and `∂₁phi` another spelling of phi'.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

_BY = re.compile(r"[∂D]([0-9]+)")
_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def spelled(function: str, orders: Sequence[int]) -> str:
    """The name of a derivative: φ', ∂₁∂₂g."""
    if len(orders) == 1:
        return function + "'" * orders[0]
    signs = [f"∂{position}".translate(_SUBSCRIPTS) * order for position, order in enumerate(orders, 1)]
    return "".join(signs) + function


def split(name: str, functions: Collection[str]) -> tuple[str, tuple[int, ...], int]:
    """The function that a name in normal form is a derivative of, by which arguments, and its primes.

    Arguments count from 1. The name of a declared function is that function, whatever it looks like.
    """
    stem, by = name.rstrip("'"), []
    primes = len(name) - len(stem)
    while stem not in functions:
        found = _BY.match(stem)
        if found is None:
            break
        by.append(int(found[1]))
        stem = stem[found.end() :]
    return stem, tuple(by), primes


def orders_of(arity: int, by: Sequence[int], primes: int) -> tuple[int, ...] | None:
    """How often by each of the arguments; None if there is no such derivative."""
    if (primes and arity != 1) or any(not 1 <= position <= arity for position in by):
        return None
    return tuple([primes * (arity == 1) + list(by).count(position) for position in range(1, arity + 1)])
