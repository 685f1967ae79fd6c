"""NumPy's part of reading along lines: views, zeros around them, entries at positions."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

Array = Any
Steps = tuple[tuple[int, ...], ...]  # for each axis of a view its step along each axis of the array
_FEW = 32  # numbers that Python's lists go through sooner than a few calls of NumPy
Window = tuple[tuple[int, ...], Steps, tuple[int, ...]]  # starts, steps and the shape of a view


# --- views --------------------------------------------------------------------------------------------


def window(array: Array, place: Window) -> Array:
    """The view whose axis k goes `steps[k]` along the axes of the array, from `starts` on."""
    starts, steps, shape = place
    found = _slices(starts, steps, shape)
    if found is not None:
        index, order = found
        view = array[index]
        return view if order is None else view.transpose(order)
    if 0 in shape:
        return np.empty(shape, array.dtype)
    strides = [sum(map(int.__mul__, own, array.strides)) for own in steps]
    corner = array[tuple([slice(start, None) for start in starts])]
    return np.lib.stride_tricks.as_strided(corner, shape, strides)


@lru_cache(maxsize=1 << 12)
def _slices(
    starts: tuple[int, ...], steps: Steps, shape: tuple[int, ...]
) -> tuple[tuple[Any, ...], tuple[int, ...] | None] | None:
    """A view as slices and an order of axes; None if it has an axis along several, or several along one."""
    along = [[axis for axis, step in enumerate(own) if step] for own in steps]
    used = [axes[0] for axes in along if len(axes) == 1]
    if len(used) < len(steps) or len(set(used)) < len(used):
        return None
    index: list[Any] = list(starts)
    for own, axis, extent in zip(steps, used, shape, strict=True):
        start, step = starts[axis], own[axis]
        stop = start + step * extent
        index[axis] = slice(start, stop if stop >= 0 else None, step) if extent else slice(0, 0)
    order = tuple([sorted(used).index(axis) for axis in used])
    if not steps:
        index.append(Ellipsis)  # a view also of a single entry
    return tuple(index), None if order == tuple(range(len(order))) else order


def padded(array: Array, pads: Sequence[tuple[int, int, int]], shape: tuple[int, ...], dtype: Any) -> Array:
    """Zeros around an array and between its entries: `before`, `after` and `step` for each axis."""
    result = np.zeros(shape, dtype)
    inner = [slice(before, n - after, step) for (before, after, step), n in zip(pads, shape, strict=True)]
    result[tuple(inner)] = array
    return result


def convolved(array: Array, weights: Array, way: tuple[int, int, int, int]) -> Array:
    """Σ_k array[start + step · i + along · k] weights[k] for i = 0 … count − 1, steps being 1 or −1.

    The way is (low, step, along, count), with the least position: before the array, and behind its end,
    it is 0.
    """
    low, step, along, count = way
    length = len(weights)
    if not count or not length or not len(array):
        return np.zeros(count, np.result_type(array, weights))
    if low >= 0 and low + count + length - 1 <= len(array):
        return np.convolve(array[low : low + count + length - 1], weights[::-along], "valid")[::step]
    first = low + length - 1
    return np.convolve(array, weights[::-along], "full")[first : first + count][::step]


# --- positions ----------------------------------------------------------------------------------------


def positions(numbers: Array, extent: int, divisor: int) -> Array:
    """numbers / divisor as positions on an axis, −1 where that is not whole or not on it."""
    real = np.asarray(numbers)
    if real.dtype.kind == "c":
        real = np.where(real.imag == 0, real.real, np.nan)
    whole = real.astype(np.intp)
    fits = (whole == real) & (whole % divisor == 0)
    whole //= divisor
    return np.where(fits & (whole >= 0) & (whole < extent), whole, -1)


def located(numbers: Array, extent: int, divisor: int) -> tuple[Array, bool]:
    """The same, and whether there is a −1 among them."""
    real = np.asarray(numbers)
    if divisor == 1 and real.size and real.dtype.kind == "f":
        whole = real.astype(np.intp)
        if whole.size <= _FEW:
            listed = whole.reshape(-1).tolist()
            fits = listed == real.reshape(-1).tolist() and min(listed) >= 0 and max(listed) < extent
        else:  # as numbers without a sign the negative ones are the largest
            top = np.maximum.reduce(whole.view(np.uintp), None)
            fits = top < extent and np.logical_and.reduce(whole == real, None)
        if fits:
            return whole, False
    found = positions(real, extent, divisor)
    return found, bool(found.size and np.minimum.reduce(found, None) < 0)


def are_positions(numbers: Array, low: int, high: int) -> bool:
    """Whether all numbers are whole, and from the lower bound up to the upper one."""
    if numbers.dtype.kind != "f":
        return False
    if numbers.size <= _FEW:
        listed = numbers.reshape(-1).tolist()
        return not listed or (
            all(map(float.is_integer, listed)) and low <= min(listed) and max(listed) <= high
        )
    ends = np.minimum.reduce(numbers, None), np.maximum.reduce(numbers, None)
    within = low <= ends[0] and ends[1] <= high
    return bool(within and np.logical_and.reduce(np.floor(numbers) == numbers, None))


def gathered(array: Array, axes: tuple[int, ...], places: Sequence[Array], shape: tuple[int, ...]) -> Array:
    """Entries of an array at positions along some axes, 0 at −1; the axes of the positions come first."""
    if 0 in array.shape:
        return np.zeros(shape, array.dtype)
    inner = shape[: len(shape) - array.ndim + len(axes)]
    rest = [k for k in range(array.ndim) if k not in axes]
    front = array.transpose(*axes, *rest)
    if len(axes) == 1:
        result = np.take(front, np.broadcast_to(places[0], inner), axis=0, mode="wrap")
    else:
        result = front[tuple([np.broadcast_to(place, inner) for place in places])]
    for place in places:
        without_negative(result, np.broadcast_to(place, inner))
    return result


def without_negative(rows: Array, places: Array) -> None:
    """Zeros for the rows that were read at −1, which is nowhere."""
    if places.size and np.minimum.reduce(places, None) < 0:
        rows[places < 0] = 0
