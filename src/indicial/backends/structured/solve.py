"""Linear systems with a structured matrix, by the blocks that its deltas leave.

A delta between a row axis and a column axis that every part has splits the system into independent ones;
along such axes the blocks may also be constant, and then all their right-hand sides share one block.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import numpy as np

from indicial.backends.structured.parts import Array, Part, Shape, transposed, written
from indicial.errors import ShapeError

Pair = tuple[int, int]


def solved(parts: Sequence[Part], shape: Shape, rank: int, right: Array) -> Array:
    """x with Σ_columns T x = right; the first `rank` axes are the rows, and `right` may have further axes."""
    pairs = _shared_pairs(parts, rank, len(shape))
    varying = [pair for pair in pairs if any(part.classes[pair[0]] in part.held for part in parts)]
    constant = [pair for pair in pairs if pair not in varying]
    rows = [axis for axis in range(rank) if axis not in [row for row, _ in pairs]]
    columns = [axis for axis in range(rank, len(shape)) if axis not in [column for _, column in pairs]]
    size, width = prod([shape[axis] for axis in rows]), prod([shape[axis] for axis in columns])
    if size != width or not parts:
        what = f"{size} equations for {width} unknowns" if parts else "zero"
        raise ShapeError(
            f"a block of the matrix has {what}, and has no inverse",
            hint="solve needs as many rows as columns",
        )
    kept = [*[row for row, _ in varying], *rows, *columns]
    reduced = [transposed(part, kept) for part in parts]
    blocks = written(reduced, tuple([shape[axis] for axis in kept]), np.result_type(*[p.core for p in parts]))
    lead = tuple([shape[row] for row, _ in varying])
    order = [*[row for row, _ in varying], *rows, *[row for row, _ in constant], *range(rank, right.ndim)]
    arranged = right.transpose(order)
    tail = arranged.shape[len(varying) + len(rows) :]
    sides = arranged.reshape((*lead, size, prod(tail)))
    found = _by_blocks(blocks.reshape((*lead, size, size)), sides)
    unstacked = found.reshape((*lead, *[shape[axis] for axis in columns], *tail))
    present = [*[column for _, column in varying], *columns, *[column for _, column in constant]]
    back = [present.index(axis) for axis in range(rank, len(shape))]
    return unstacked.transpose(*back, *range(len(present), unstacked.ndim))


def _shared_pairs(parts: Sequence[Part], rank: int, count: int) -> list[Pair]:
    """The pairs of a row and a column axis that are equal in every part, and equal to no other axis."""
    every = [(row, column) for row in range(rank) for column in range(rank, count)]
    return [pair for pair in every if all(_is_class(part, pair) for part in parts)]


def _is_class(part: Part, pair: Pair) -> bool:
    row, column = [part.classes[axis] for axis in pair]
    return row == column and part.classes.count(row) == 2


def _by_blocks(blocks: Array, sides: Array) -> Array:
    if blocks.shape[-1] == 1:
        if not np.all(blocks):
            raise _singular(blocks.shape[-1])
        return sides / blocks
    try:
        return np.linalg.solve(blocks, sides)
    except np.linalg.LinAlgError as error:
        raise _singular(blocks.shape[-1]) from error


def _singular(size: int) -> ShapeError:
    what = "an entry of the diagonal is zero" if size == 1 else f"a block of {size} × {size} is singular"
    return ShapeError(f"the matrix has no inverse: {what}", hint="add a multiple of its identity")
