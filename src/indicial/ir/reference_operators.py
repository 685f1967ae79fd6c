"""The operators over indices as a textbook defines them, one component at a time: the oracle's part.

Nothing here is stable or fast, and nothing is shared with the table of operators: determinants by
permutations, inverses by minors, sums of exponentials as they are written.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

Scalar = Any
Entries = Mapping[tuple[int, ...], Scalar]  # the components of an argument, by the values of its indices
Rule = Callable[..., Scalar]


def component(operator: str, arguments: Sequence[Entries], at: tuple[int, ...]) -> Scalar:
    """One component of an operator's result."""
    return _RULES[operator](*arguments, at)


def _sum(values: Sequence[Scalar]) -> Scalar:
    total = np.float64(0)
    for value in values:
        total = total + value
    return total


def _extremum(best: Callable[[Scalar, Scalar], bool]) -> Rule:
    def rule(x: Entries, _: tuple[int, ...]) -> Scalar:
        found, *others = x.values()
        for value in others:
            found = value if best(value, found) else found
        return found

    return rule


def _soft_max(x: Entries, at: tuple[int, ...]) -> Scalar:
    return np.exp(x[at]) / _sum([np.exp(value) for value in x.values()])


def _log_sum_exp(x: Entries, _: tuple[int, ...]) -> Scalar:
    return np.log(_sum([np.exp(value) for value in x.values()]))


def _size(x: Entries) -> int:
    return max([position[0] for position in x], default=-1) + 1


def _minor(x: Entries, rows: Sequence[int], columns: Sequence[int]) -> Scalar:
    """Σ over permutations of sign · Π: the determinant of some rows and columns."""
    total = np.float64(0)
    for order in itertools.permutations(range(len(rows))):
        inversions = sum(a > b for a, b in itertools.combinations(order, 2))
        term = np.float64(-1 if inversions % 2 else 1)
        for row, position in zip(rows, order, strict=True):
            term = term * x[row, columns[position]]
        total = total + term
    return total


def _det(x: Entries, _: tuple[int, ...] = ()) -> Scalar:
    return _minor(x, range(_size(x)), range(_size(x)))


def _adj(x: Entries, at: tuple[int, ...]) -> Scalar:
    i, j = at
    rows = [k for k in range(_size(x)) if k != j]
    columns = [k for k in range(_size(x)) if k != i]
    return _minor(x, rows, columns) * (-1 if (i + j) % 2 else 1)


def _inv(x: Entries, at: tuple[int, ...]) -> Scalar:
    return _adj(x, at) / _det(x)


def _chol(x: Entries, at: tuple[int, ...]) -> Scalar:
    """L_ij = (S_ij − Σ_k L_ik L_jk) / L_jj of the symmetric part S, and a root on the diagonal."""
    factor: dict[tuple[int, int], Scalar] = {}
    for i, j in itertools.product(range(_size(x)), repeat=2):
        if i < j:
            continue
        rest = (x[i, j] + x[j, i]) / 2 - _sum([factor[i, k] * factor[j, k] for k in range(j)])
        if i == j:
            factor[i, j] = np.sqrt(rest)
        else:
            factor[i, j] = rest / factor[j, j]
    return factor.get((at[0], at[1]), np.float64(0))


def _solve(a: Entries, b: Entries, at: tuple[int, ...]) -> Scalar:
    return _sum([_inv(a, (at[0], k)) * b[k,] for k in range(_size(a))])


_RULES: dict[str, Rule] = {
    "max": _extremum(lambda a, b: a > b),
    "min": _extremum(lambda a, b: a < b),
    "logsumexp": _log_sum_exp,
    "norm": lambda x, _: np.sqrt(_sum([value * value for value in x.values()])),
    "softmax": _soft_max,
    "log_softmax": lambda x, at: x[at] - _log_sum_exp(x, at),
    "cumsum": lambda x, at: _sum([x[k,] for k in range(at[0] + 1)]),
    "det": _det,
    "logdet": lambda x, _: np.log(abs(_det(x))),
    "inv": _inv,
    "adj": _adj,
    "chol": _chol,
    "solve": _solve,
}
