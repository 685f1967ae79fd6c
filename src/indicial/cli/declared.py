"""Random data of the command line as `tensor` lines declare them: symmetric, positive, …"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import permutations
from math import factorial

import numpy as np

from indicial.api import Program
from indicial.cli.arrays import Array, is_shape
from indicial.ir.properties import Group, Properties, permutation_sign
from indicial.syntax.names import normal


def as_declared(
    program: Program, arrays: Mapping[str, Array], written: Mapping[str, str]
) -> dict[str, Array]:
    """The arrays; those that were given as a shape, and so are random, made what is declared of them."""
    properties = program.meaning.properties
    return {
        name: _made(array, properties[normal(name)])
        if normal(name) in properties and is_shape(written[name]) and len(set(array.shape)) == 1
        else array
        for name, array in arrays.items()
    }


def _made(array: Array, declared: Properties) -> Array:
    """The nearest array with the symmetries, and one with the other properties."""
    if declared.positive:
        array = np.abs(array)
    for group in declared.groups:
        array = _average(array, group)
    if declared.diagonal:
        equal = np.eye(array.shape[0], dtype=bool)
        for axis in range(1, array.ndim):
            shape = [len(equal) if k in (0, axis) else 1 for k in range(array.ndim)]
            array = np.where(equal.reshape(shape), array, 0)
    if declared.integer:  # both keep a symmetry
        array = np.ceil(array) if declared.positive else np.rint(array)
    return array


def _average(array: Array, group: Group) -> Array:
    """The mean over all exchanges of axes, with the sign of each."""
    total = np.zeros_like(array)
    for order in permutations(range(len(group.axes))):
        axes = list(range(array.ndim))
        for axis, k in zip(group.axes, order, strict=True):
            axes[axis] = group.axes[k]
        total = total + (permutation_sign(order) if group.sign < 0 else 1) * array.transpose(axes)
    return np.asarray(total / factorial(len(group.axes)))
