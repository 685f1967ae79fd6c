"""Inverses that are only multiplied by a vector, as solutions of linear systems.

    Σ_j inv(A)_ij b_j = solve(A, b)_i          Σ_i b_i inv(A)_ij = solve(Aᵀ, b)_j

so that inv(A) inv(A) b is two solutions. An inverse that is multiplied by more than a vector stays: it
is computed once for all.
"""

from __future__ import annotations

from indicial.ir.indices import Index
from indicial.ir.nodes import IndexSum, Mul, Node, Operation
from indicial.ir.traversal import dummies_behind, last_dummy, substitute


def solved(node: IndexSum) -> Node:
    """A sum of a product with the inverses in it that meet a vector replaced."""
    factors = list(node.body.factors) if isinstance(node.body, Mul) else [node.body]
    dummies = list(node.indices)
    changed = False
    while (step := _next(factors, dummies)) is not None:
        factors, dummies, changed = *step, True
    if not changed:
        return node
    return _summed(factors, dummies)


def _next(factors: list[Node], dummies: list[Index]) -> tuple[list[Node], list[Index]] | None:
    for place, factor in enumerate(factors):
        if not isinstance(factor, Operation) or factor.operator != "inv" or factor.at[0] == factor.at[1]:
            continue
        rest = [other for k, other in enumerate(factors) if k != place]
        for axis in (1, 0):
            index = factor.at[axis]
            if index not in dummies:
                continue
            batch = factor.arguments[0].free - set(factor.indices)
            reached = _reached(index, rest, set(dummies) - batch)
            away = [k for k in range(len(rest)) if k not in reached]
            own = [rest[k] for k in reached]
            others = factor.free.union(*[rest[k].free for k in away])
            inner = [each for each in dummies if each != index and each not in others]
            solution = _solution(factor, axis, _summed(own, inner)) if own else None
            if solution is not None:
                gone = {index, *[each for each in inner if any(each in part.free for part in own)]}
                return [*[rest[k] for k in away], solution], [each for each in dummies if each not in gone]
    return None


def _reached(index: Index, factors: list[Node], dummies: set[Index]) -> list[int]:
    """The factors that are tied to an index, by itself or by way of dummies."""
    tied, found = {index}, list[int]()
    while more := [k for k, factor in enumerate(factors) if k not in found and tied & factor.free]:
        found += more
        tied |= {each for k in more for each in factors[k].free if each in dummies}
    return sorted(found)


def _summed(factors: list[Node], dummies: list[Index]) -> Node:
    body = factors[0] if len(factors) == 1 else Mul(tuple(factors))
    own = tuple([each for each in dummies if each in body.free])
    return IndexSum(own, body) if own else body


def _solution(inverse: Operation, axis: int, vector: Node) -> Node | None:
    """The inverse times a vector along one of its axes; None if the vector has further axes.

    The bound indices of the inverse have numbers above all that is bound in its matrix; here they must
    also be above what is bound in the vector.
    """
    index, kept = inverse.at[axis], inverse.at[1 - axis]
    (matrix,) = inverse.arguments
    batch = matrix.free - set(inverse.indices)
    if not vector.free - {index} <= batch or kept in vector.free:
        return None
    last = max(last_dummy((matrix, vector), (*inverse.indices, index)), -kept.serial)
    row, column = dummies_behind(last, inverse.indices)
    first, second = (row, column) if axis == 1 else (column, row)
    names = dict(zip(inverse.indices, (first, second), strict=True))
    arguments = substitute(matrix, names), substitute(vector, {index: column})
    return Operation("solve", (row, column), arguments, (kept,))
