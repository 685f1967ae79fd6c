"""Inverses that are only multiplied by a vector, as solutions of linear systems.

    Σ_j inv(A)_ij b_j = solve(A, b)_i          Σ_i b_i inv(A)_ij = solve(Aᵀ, b)_j

so that inv(A) inv(A) b is two solutions. An inverse that is multiplied by more than a vector stays: it
is computed once for all.
"""

from __future__ import annotations

from indicial.ir.indices import Index
from indicial.ir.nodes import IndexSum, Mul, Node, Operation
from indicial.ir.traversal import substitute


def solved(node: IndexSum) -> Node:
    """A sum of a product with the inverses in it that meet a vector replaced."""
    factors = list(node.body.factors) if isinstance(node.body, Mul) else [node.body]
    dummies = list(node.indices)
    changed = False
    while (step := _next(factors, dummies)) is not None:
        factors, dummies, changed = *step, True
    if not changed:
        return node
    body = factors[0] if len(factors) == 1 else Mul(tuple(factors))
    return IndexSum(tuple(dummies), body) if dummies else body


def _next(factors: list[Node], dummies: list[Index]) -> tuple[list[Node], list[Index]] | None:
    for place, factor in enumerate(factors):
        if not isinstance(factor, Operation) or factor.operator != "inv" or factor.at[0] == factor.at[1]:
            continue
        for axis in (1, 0):
            index = factor.at[axis]
            others = [k for k, other in enumerate(factors) if k != place and index in other.free]
            if index not in dummies or not others:
                continue
            vector = [factors[k] for k in others]
            solution = _solution(factor, axis, vector[0] if len(vector) == 1 else Mul(tuple(vector)))
            if solution is not None:
                rest = [other for k, other in enumerate(factors) if k != place and k not in others]
                return [*rest, solution], [each for each in dummies if each != index]
    return None


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
    height = max(matrix.height, vector.height)
    row, column = [Index(-(height + 1 + k), each.space) for k, each in enumerate(inverse.indices)]
    first, second = (row, column) if axis == 1 else (column, row)
    names = dict(zip(inverse.indices, (first, second), strict=True))
    return Operation("solve", (row, column), (substitute(matrix, names), substitute(vector, {index: column})), (kept,))
