"""Where an entry stands, a row and a column, and the small pieces that are built there."""

from __future__ import annotations

from collections.abc import Iterator

from indicial.ir.indices import Index, fresh
from indicial.ir.nodes import ONE, Apply, Definition, Delta, IndexSum, Mul, Node
from indicial.semantics.matrix.shapes import Shape

At = tuple[Index | None, Index | None]
NOWHERE: At = (None, None)


def summed(indices: tuple[Index, ...], body: Node) -> Node:
    """Σ over indices; a sum of a sum is one sum."""
    if isinstance(body, IndexSum):
        return IndexSum((*indices, *body.indices), body.body)
    return IndexSum(indices, body) if indices else body


def present(at: At) -> tuple[Index, ...]:
    """The indices that are there."""
    return tuple([index for index in at if index is not None])


def placed(shape: Shape, indices: Iterator[Index]) -> At:
    """Indices for the axes that a shape has."""
    row = next(indices) if shape.rows is not None else None
    return row, next(indices) if shape.columns is not None else None


def identity(at: At) -> Node:
    row, column = at
    assert row is not None
    assert column is not None
    return ONE if row == column else Delta(row, column)


def raised(base: Definition, count: int) -> Definition:
    """The power of a matrix by squaring."""
    row, column = base.formals
    result: Definition | None = None

    def product(one: Definition, other: Definition) -> Definition:
        inner = fresh(row.space)
        body = Mul((Apply(one, (row, inner)), Apply(other, (inner, column))))
        return Definition("", base.formals, IndexSum((inner,), body))

    while count:
        if count & 1:
            result = base if result is None else product(result, base)
        count >>= 1
        base = product(base, base) if count else base
    assert result is not None
    return result
