"""Arrays with a declared symmetry, and the directions in which such arrays can move."""

from itertools import permutations

import numpy as np


def sign_of(order):
    """The sign of a permutation."""
    return round(np.linalg.det(np.eye(len(order))[list(order)]))


def projected(array, kind):
    """The nearest array that is symmetric, antisymmetric or diagonal."""
    if kind == "diagonal":
        equal = [len(set(place)) == 1 for place in np.ndindex(array.shape)]
        return np.where(np.reshape(equal, array.shape), array, 0.0)
    orders = list(permutations(range(array.ndim)))
    signs = [sign_of(order) if kind == "antisymmetric" else 1 for order in orders]
    images = [sign * array.transpose(order) for sign, order in zip(signs, orders, strict=True)]
    return sum(images) / len(images)


def moved(unit, kind, structure):
    """What moves when an array of this kind is moved at the entry of a unit."""
    direction = projected(unit, kind)
    if structure == "entries" and direction.any():
        direction = direction / direction[unit == 1]  # the entry itself moves by 1
    return direction


def structured(free, rank, kind, structure):
    """The derivative by such an array, from the free one: its directional derivative, entry by entry."""
    result = np.zeros_like(free)
    shape = free.shape[free.ndim - rank :]
    for place in np.ndindex(shape):
        unit = np.zeros(shape)
        unit[place] = 1
        result[(..., *place)] = np.tensordot(free, moved(unit, kind, structure), rank)
    return result
