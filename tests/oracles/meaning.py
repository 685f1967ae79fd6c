"""What a tree means, from what it was made to mean: no parser and no summation rule has seen it.

An array has an axis for each of the letters, of length 1 where it lacks the letter. What is given are the
arrays by name, and under None the smallest values of the letters that do not count from 0, by extent.
"""

import re
from fractions import Fraction

import numpy as np
import scipy.special

from indicial.ir.functions import FUNCTIONS
from oracles.callables import DECLARED
from oracles.trees import (
    EXTENT,
    Affine,
    Bracket,
    Comparison,
    Computed,
    Function,
    Leaf,
    Operator,
    Place,
    Power,
    Product,
    Sum,
    Text,
    Trace,
)

AXIS = {letter: axis for axis, letter in enumerate(EXTENT)}
COMPARE = {
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "==": np.equal,
    "!=": np.not_equal,
}
REDUCE = {
    "sum": np.sum,
    "prod": np.prod,
    "mean": np.mean,
    "max": np.max,
    "min": np.min,
    "logsumexp": scipy.special.logsumexp,
    "norm": lambda x, axis, keepdims: np.sqrt(np.sum(x**2, axis=axis, keepdims=keepdims)),
}
KEEP = {
    "softmax": scipy.special.softmax,
    "log_softmax": scipy.special.log_softmax,
    "cumsum": lambda x, axis: np.cumsum(x, *axis),
}
MATRIX = {
    "det": lambda x: np.linalg.det(x)[..., None, None],
    "logdet": lambda x: np.linalg.slogdet(x)[1][..., None, None],
    "tr": lambda x: np.trace(x, axis1=-2, axis2=-1)[..., None, None],
    "inv": np.linalg.inv,
    "adj": lambda x: np.linalg.det(x)[..., None, None] * np.linalg.inv(x),
    "chol": lambda x: np.linalg.cholesky((x + np.swapaxes(x, -1, -2)) / 2),
}


def position(letter):
    """0, 1, 2, … along the letter's axis."""
    shape = [1] * len(AXIS)
    shape[AXIS[letter]] = -1
    return np.arange(EXTENT[letter]).reshape(shape)


def place(letter, arrays):
    """The values of a letter along its axis."""
    return position(letter) + arrays[None].get(EXTENT[letter], 0)


def affine(form, arrays):
    """The values of a form."""
    total = np.full([1] * len(AXIS), form.constant)
    for letter, slope in form.slopes:
        total = total + slope * place(letter, arrays)
    if form.entry is not None:
        total = total + value(form.entry, arrays).astype(int)
    return total


def computed(name, forms, arrays):
    """A tensor at forms, 0 outside it; a letter alone is a position, whatever it counts from."""
    if name == "delta":
        return (affine(forms[0], arrays) == affine(forms[1], arrays)).astype(float)
    at, inside = [], True
    for extent, form in zip(arrays[name].shape, forms, strict=True):
        values = position(form.plain) if form.plain else affine(form, arrays)
        if not (form.slopes or form.entry) and form.constant < 0:
            values = values + extent
        inside = inside & (values >= 0) & (values < extent)
        at.append(np.clip(values, 0, extent - 1))
    return np.where(inside, arrays[name][tuple(np.broadcast_arrays(*at))], 0)


def number(text, arrays):
    """The value of a closed factor."""
    if text == "pi":
        return np.pi
    dim = re.fullmatch(r"dim\((\w+), 0\)", text)
    return len(arrays[dim[1]]) if dim else float(Fraction(text))


def epsilon(letters):
    """The sign of the permutation, as the product over pairs of sign(second − first)."""
    sign = np.ones([1] * len(AXIS))
    for k, first in enumerate(letters):
        for second in letters[k + 1 :]:
            sign = sign * np.sign(position(second) - position(first))
    return sign


def leaf(name, letters, arrays):
    if name == "delta":
        return (position(letters[0]) == position(letters[1])).astype(float)
    if name == "eps":
        return epsilon(letters)
    if not letters:
        return np.reshape(arrays[name], [1] * len(AXIS))
    return arrays[name][tuple([position(letter) for letter in letters])]


def summed(array, letters):
    """The sum over letters; the array has them all."""
    for letter in letters:
        assert array.shape[AXIS[letter]] == EXTENT[letter]
        array = array.sum(axis=AXIS[letter], keepdims=True)
    return array


def over_letters(name, letters, array, other):
    """An operator along the axes of its letters, each of which the array has."""
    axes = tuple([AXIS[letter] for letter in letters])
    if name in REDUCE:
        return REDUCE[name](array, axis=axes, keepdims=True)
    if name in KEEP:
        return KEEP[name](array, axis=axes)
    matrices = np.moveaxis(array, axes, (-2, -1))
    if name != "solve":
        return np.moveaxis(MATRIX[name](matrices), (-2, -1), axes)
    right = np.moveaxis(other, axes, (-1, -2))  # a column for the one value of the first letter
    return np.moveaxis(np.linalg.inv(matrices) @ right, (-2, -1), axes)


def small(tree, arrays):
    """The array of a tree that holds no other."""
    match tree:
        case Text(text):
            return np.full([1] * len(AXIS), number(text, arrays))
        case Place(letter):
            return place(letter, arrays)
        case Affine(form):
            return affine(form, arrays)
        case Computed(name, forms):
            return computed(name, forms, arrays)
        case Leaf(name, letters):
            return leaf(name, letters, arrays)
    raise TypeError(tree)


def value(tree, arrays):
    """The array of a tree."""
    match tree:
        case Trace(inner):
            return summed(value(inner, arrays), set(inner.letters))
        case Product(factors, letters):
            product = 1.0
            for factor, divides in factors:
                product = product / value(factor, arrays) if divides else product * value(factor, arrays)
            return summed(product, letters)
        case Sum(terms):
            return sum(sign * value(term, arrays) for sign, term in terms)
        case Function(name, arguments):
            known = DECLARED.get(name) or FUNCTIONS["log" if name == "ln" else name].value
            return known(*[value(argument, arrays) for argument in arguments])
        case Power(base, exponent):
            return value(base, arrays) ** number(exponent.strip("()"), arrays)
        case Operator(name, letters, body, other):
            right = None if other is None else value(other, arrays)
            return over_letters(name, letters, value(body, arrays), right)
        case Comparison(relation, left, right):
            return COMPARE[relation](value(left, arrays), value(right, arrays))
        case Bracket(comparison):
            return value(comparison, arrays).astype(float)
    return small(tree, arrays)


def program_value(program):
    """The array of a random program's last statement, its axes in the order of its left side."""
    arrays = {**program.arrays, None: program.lowest}
    for statement in program.statements:
        full = value(statement.body, arrays)
        shape = [EXTENT[letter] if letter in statement.letters else 1 for letter in EXTENT]
        kept = sorted(statement.letters, key=AXIS.__getitem__)
        compact = np.broadcast_to(full, shape).reshape([EXTENT[letter] for letter in kept])
        arrays[statement.name] = compact.transpose([kept.index(letter) for letter in statement.letters])
    return arrays[program.statements[-1].name]
