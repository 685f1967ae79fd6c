"""One summand of a structured tensor: a pattern of equal axes and a dense core, and what is done to them.

    T_{a b …}  =  [axes of one class are equal] · core_{class …}

Every function here takes the core once through; none writes out the pattern.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import opt_einsum

Shape = tuple[int, ...]
Array = Any


@dataclass(slots=True, eq=False)  # not frozen, which takes four times as long to make: nothing writes to it
class Part:
    """A core over some classes of axes.

    classes  for each axis of the tensor its class; classes are numbered in the order of their first axes
    held     the classes along which the core varies, in the order of its axes
    core     the dense numbers
    """

    classes: tuple[int, ...]
    held: tuple[int, ...]
    core: Array

    @property
    def count(self) -> int:
        """The number of classes."""
        return max(self.classes, default=-1) + 1

    @property
    def plain(self) -> bool:
        """Whether no axes are equal, so that no component is known to be zero."""
        return self.count == len(self.classes)

    def extents(self, shape: Shape) -> Shape:
        """The extent of each class."""
        return tuple([shape[self.classes.index(k)] for k in range(self.count)])

    def spread(self) -> Array:
        """The core with an axis for each class, of length 1 where it is constant."""
        order = np.argsort(self.held, kind="stable")
        slots = tuple([slice(None) if k in self.held else None for k in range(self.count)])
        return self.core.transpose(order)[slots]


def made(labels: Sequence[int], held: Sequence[int], core: Array) -> Part:
    """A part whose classes have any labels; those in `held` label the core's axes."""
    names = list(dict.fromkeys(labels))
    return Part(
        tuple([names.index(k) for k in labels]), tuple([names.index(k) for k in held]), np.asarray(core)
    )


def written(parts: Sequence[Part], shape: Shape, dtype: np.dtype[Any]) -> Array:
    """The dense tensor: plain parts whole, the others along the strides of their diagonals."""
    ordered = sorted(parts, key=lambda part: not part.plain)
    covered = bool(ordered) and ordered[0].plain
    result = np.empty(shape, dtype) if covered else np.zeros(shape, dtype)
    for position, part in enumerate(ordered):
        view = along(result, part)
        if position:
            view += part.spread()
        else:
            view[...] = part.spread()
    return result


def along(array: Array, part: Part) -> Array:
    """The entries of an array at which the axes of each class are equal: a view, an axis for each class."""
    strides, extents = [0] * part.count, [0] * part.count
    for axis, own in enumerate(part.classes):
        strides[own] += array.strides[axis]
        extents[own] = array.shape[axis]
    return np.lib.stride_tricks.as_strided(array, extents, strides)


def contracted(part: Part, axes: Sequence[int], array: Array) -> Part:
    """Σ over some axes of the part times an array whose first axes they are; its others come behind."""
    further = list(range(part.count, part.count + array.ndim - len(axes)))
    labels = [part.classes[axis] for axis in axes] + further
    left = [own for axis, own in enumerate(part.classes) if axis not in axes]
    present = {*part.held, *labels}
    held = [own for own in dict.fromkeys([*left, *further]) if own in present]
    core = opt_einsum.contract(part.core, part.held, array, labels, held)
    return made([*left, *further], held, core)


def diagonal(part: Part, pairs: Sequence[tuple[int, int]], axes: Sequence[int]) -> Part:
    """The entries at which the axes of each pair are equal, as a part over some axes, one of each pair."""
    root = list(range(part.count))
    for pair in pairs:
        one, other = sorted([root[part.classes[axis]] for axis in pair])
        root = [one if own == other else own for own in root]
    labels = [root[part.classes[axis]] for axis in axes]
    inside = [root[own] for own in part.held]
    held = list(dict.fromkeys(inside))
    core = np.einsum(part.core, inside, held) if held != inside else part.core
    return made(labels, held, core)


def transposed(part: Part, axes: Sequence[int]) -> Part:
    """The part with its axes in another order; of axes of one class, all but one may be left out."""
    return made([part.classes[axis] for axis in axes], part.held, part.core)


def entries(part: Part, shape: Shape) -> tuple[list[Array], Array]:
    """The coordinates along each axis of all components that may differ from zero, and their values."""
    extents = part.extents(shape)
    grids = [np.broadcast_to(grid, extents).ravel() for grid in np.ogrid[tuple(map(slice, extents))]]
    values = np.broadcast_to(part.spread(), extents).ravel()
    return [grids[own] for own in part.classes], values


def merged(parts: Sequence[Part]) -> list[Part]:
    """The parts, the cores of those with one pattern added."""
    groups: dict[tuple[tuple[int, ...], frozenset[int]], Part] = {}
    for part in parts:
        key = (part.classes, frozenset(part.held))
        known = groups.get(key)
        if known is None:
            groups[key] = part
        else:
            order = [part.held.index(own) for own in known.held]
            groups[key] = Part(known.classes, known.held, np.asarray(known.core + part.core.transpose(order)))
    return list(groups.values())
