"""Index spaces and indices.

An index ranges over a *space*: the class of all axes that must have one extent. A space is named by
one of its axes, so that equal programs have equal spaces. Whether an index is free or a dummy is not
a property of the index but of the place where it stands; it is computed, never stored.

Serials tell indices apart. Three ranges never meet:

    0, 1, 2, …      the formal indices of a definition, in axis order
    −1, −2, −3, …   dummies in canonical form, numbered by height: a dummy's number exceeds, in absolute
                    value, that of every dummy bound inside its scope
    from 2²⁰ on     working indices, in use while an expression is taken apart
"""

from __future__ import annotations

import itertools
from typing import NamedTuple


class Space(NamedTuple):
    """The range of an index, named by an axis: `Space("W", 0)` is the first axis of W.

    A space that no input's axis belongs to is named by a declared or used letter, with axis −1.
    """

    tensor: str
    axis: int

    def __str__(self) -> str:
        return f"dim({self.tensor}, {self.axis})" if self.axis >= 0 else f"dim({self.tensor})"


class Index(NamedTuple):
    """An index: a serial and the space that it ranges over."""

    serial: int
    space: Space

    def __repr__(self) -> str:
        return f"{self.serial}:{self.space}"


WORKING = 1 << 20  # the first serial of a working index
_SERIALS = itertools.count(WORKING)


def fresh(space: Space) -> Index:
    """A working index that occurs nowhere else."""
    return Index(next(_SERIALS), space)


def formals(spaces: tuple[Space, ...]) -> tuple[Index, ...]:
    """The formal indices of a definition whose axes range over `spaces`."""
    return tuple(Index(position, space) for position, space in enumerate(spaces))
