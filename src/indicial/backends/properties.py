"""Declared properties held against arrays: `tensor A_ij: symmetric` is a promise, and it is checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

import numpy as np

from indicial.errors import ShapeError
from indicial.ir.properties import Group, Properties

_ULPS = 8  # of the largest entry, by which mirror images may differ


def require_properties(properties: Mapping[str, Properties], arrays: Mapping[str, Any]) -> None:
    """Raises ShapeError for an array that is not what is declared, with an entry that shows it."""
    for name, declared in properties.items():
        if name in arrays:
            for reason in _violations(name, np.asarray(arrays[name]), declared):
                raise ShapeError(reason, hint="check the array, or take the declaration back")


def _violations(name: str, array: Any, declared: Properties) -> Iterator[str]:
    for group in declared.groups:
        yield from _of_symmetry(name, array, group)
    if declared.diagonal:
        off = ~(np.abs(array) <= _tolerance(array)) & ~_on_diagonal(array)
        yield from _first(name, array, off, "diagonal")
    if declared.positive:
        yield from _first(name, array, ~(array.real > 0), "positive")
    if declared.integer:
        yield from _first(name, array, ~(np.isfinite(array) & (array == np.rint(array))), "integer")


def _of_symmetry(name: str, array: Any, group: Group) -> Iterator[str]:
    """An entry and its mirror image that differ by more than rounding."""
    word = "symmetric" if group.sign > 0 else "antisymmetric"
    for one, other in pairwise(group.axes):
        mirrored = group.sign * np.swapaxes(array, one, other)
        with np.errstate(invalid="ignore"):
            differs = np.abs(array - mirrored) > _tolerance(array)
        differs |= np.isinf(array) != np.isinf(mirrored)
        differs |= np.isinf(array) & (array != mirrored)
        differs |= np.isnan(array) != np.isnan(mirrored)
        place = _worst(array, mirrored, differs)
        if place is not None:
            image = list(place)
            image[one], image[other] = image[other], image[one]
            shown = f"{_entry(name, place)} = {array[place]:.6g}"
            if tuple(image) != place:
                shown += f" and {_entry(name, image)} = {array[tuple(image)]:.6g}"
            yield f"{name!r} is declared {word}, but {shown}"


def _worst(array: Any, mirrored: Any, differs: Any) -> tuple[int, ...] | None:
    """The entry that is farthest from its mirror image, of those that differ from it."""
    if not differs.any():
        return None
    with np.errstate(invalid="ignore"):
        distance = np.where(differs, np.nan_to_num(np.abs(array - mirrored), nan=np.inf), -1)
    return tuple([int(k) for k in np.unravel_index(int(distance.argmax()), array.shape)])


def _first(name: str, array: Any, wrong: Any, word: str) -> Iterator[str]:
    """The first wrong entry."""
    if wrong.any():
        place = tuple([int(k) for k in np.argwhere(wrong)[0]])
        yield f"{name!r} is declared {word}, but {_entry(name, place)} = {array[place]:.6g}"


def _tolerance(array: Any) -> float:
    """A few units in the last place of the largest entry."""
    if array.dtype.kind not in "fc" or not array.size:
        return 0.0
    size = np.abs(array)
    return float(_ULPS * np.finfo(array.dtype).eps * np.max(size, where=np.isfinite(size), initial=0))


def _on_diagonal(array: Any) -> Any:
    """Where all indices are equal."""
    places = np.indices(array.shape, sparse=True)
    on = np.ones(array.shape, dtype=bool)
    for one, other in pairwise(places):
        on &= one == other
    return on


def _entry(name: str, place: tuple[int, ...] | list[int]) -> str:
    return f"{name}[{', '.join(map(str, place))}]" if place else name
