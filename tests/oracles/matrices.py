"""Matrix notation by NumPy, from its syntax tree alone: kron, vec and comm included.

`eye` and `vector(1)` are as large as fits; the sizes are found by unification, and through the extent of a
Kronecker product by division.
"""

import math

import numpy as np

from indicial.ir.functions import FUNCTIONS
from indicial.syntax.matrix import tree
from indicial.syntax.names import normal
from indicial.syntax.parser import parse_matrix

_SCALARS = {"sum", "tr", "det", "logdet", "norm2", "norm1", "logsumexp", "max", "min", "mean", "prod", "dim"}


class Size:
    """An extent, perhaps one that is not known yet."""

    def __init__(self, value=None):
        self.value, self.parent = value, None

    def root(self):
        size = self
        while size.parent is not None:
            size = size.parent
        return size

    def unify(self, other):
        one, two = self.root(), other.root()
        if one is not two:
            assert None in (one.value, two.value) or one.value == two.value, "extents differ"
            one.parent, two.value = two, one.value if two.value is None else two.value


UNIT = Size(1)


class Evaluation:
    """One expression, for arrays by name."""

    def __init__(self, text, arrays):
        (statement,) = parse_matrix(f"result = {text}").statements
        self.root = statement.value
        self.arrays = {normal(name): np.asarray(array) for name, array in arrays.items()}
        self.shapes, self.products = {}, []

    def run(self, shape):
        """The value, whose extents are known: rows and columns."""
        found = self.shape(self.root)
        if found is not None:
            for size, extent in zip(found, shape, strict=True):
                size.unify(Size(extent))
        for _ in range(len(self.products)):
            for whole, one, two in self.products:
                self._divide(whole.root(), one.root(), two.root())
        for node in self.shapes:  # I ⊗ I is an identity, whatever the extents of its factors
            if isinstance(node, tree.Call) and node.name == "kron" and self._are_identities(node.arguments):
                self.shapes[node.arguments[0]][0].root().value = 1
        for whole, one, two in self.products:
            self._divide(whole.root(), one.root(), two.root())
        return np.broadcast_to(self.value(self.root), shape)

    def _are_identities(self, nodes):
        named = all(isinstance(node, tree.Name) and node.name == "eye" for node in nodes)
        return named and all(self.shapes[node][0].root().value is None for node in nodes)

    @staticmethod
    def _divide(whole, one, two):
        if one is two and whole.value is not None and one.value is None:
            one.value = math.isqrt(whole.value)
        for known, missing in ((one, two), (two, one)):
            if whole.value is not None and known.value is not None and missing.value is None:
                missing.value, rest = divmod(whole.value, known.value)
                assert rest == 0
        if whole.value is None and None not in (one.value, two.value):
            whole.value = one.value * two.value

    # --- shapes: None for a number, else rows and columns ---------------------------------------------

    def shape(self, node):
        if node not in self.shapes:
            self.shapes[node] = self._shape(node)
        return self.shapes[node]

    def _shape(self, node):
        match node:
            case tree.Number():
                return None
            case tree.Name(name=name):
                return self._named(name)
            case tree.Negation(value=value):
                return self.shape(value)
            case tree.Transpose(value=value):
                inner = self.shape(value)
                return inner and inner[::-1]
            case tree.Sum(terms=terms):
                return self._same([self.shape(term.value) for term in terms])
            case tree.Power(base=base, exponent=exponent):
                return self._same([self.shape(base), self.shape(exponent)])
            case tree.Product(factors=factors):
                found = self.shape(factors[0].value)
                for factor in factors[1:]:
                    found = self._product(factor.operator, found, self.shape(factor.value))
                return found
        return self._call(node)

    def _named(self, name):
        if name == "eye":
            size = Size()
            return size, size
        if name == "π":
            return None
        extents = self.arrays[name].shape
        return (Size(extents[0]), Size(extents[1]) if len(extents) > 1 else UNIT) if extents else None

    def _same(self, shapes):
        present = [shape for shape in shapes if shape is not None]
        for other in present[1:]:
            present[0][0].unify(other[0])
            present[0][1].unify(other[1])
        return present[0] if present else None

    def _product(self, operator, left, right):
        if operator != "*" or None in (left, right):
            return self._same([left, right])
        left[1].unify(right[0])
        return None if left[0] is right[1] is UNIT else (left[0], right[1])

    def _call(self, node):
        inner = [self.shape(argument) for argument in node.arguments]
        if node.name in _SCALARS and (node.name not in ("max", "min") or len(inner) == 1):
            return None
        match node.name:
            case "vector":
                return Size(), UNIT
            case "matrix":
                return Size(), Size()
            case "diag":
                rows, columns = inner[0]
                return (rows, rows) if columns is UNIT else (rows, UNIT)
            case "kron" | "comm" | "vec":
                return self._stacked(node.name, inner)
            case "solve":
                return inner[1]
        return self._same(inner)

    def _stacked(self, name, inner):
        if name == "kron":
            pairs = list(zip(*inner, strict=True))
        else:
            pairs = [inner[0], inner[0] if name == "comm" else (UNIT, UNIT)]
        sizes = Size(), Size()
        self.products += [(whole, *pair) for whole, pair in zip(sizes, pairs, strict=True)]
        return (sizes[0], UNIT) if name == "vec" else sizes

    # --- values: vectors are arrays of one column -----------------------------------------------------

    def value(self, node):
        match node:
            case tree.Number(value=value):
                return float(value)
            case tree.Name(name="eye"):
                return np.eye(self.extents(node)[0])
            case tree.Name(name="π"):
                return np.pi
            case tree.Name(name=name):
                array = self.arrays[name]
                return array[:, None] if array.ndim == 1 else array
            case tree.Negation(value=value):
                return -self.value(value)
            case tree.Transpose(value=value):
                return np.transpose(self.value(value))
            case tree.Sum(terms=terms):
                return sum(term.sign * self.value(term.value) for term in terms)
            case tree.Power(base=base, exponent=exponent, elementwise=elementwise):
                one, two = self.value(base), self.value(exponent)
                whole = self.shape(base) is not None and not elementwise
                return np.linalg.matrix_power(one, int(two)) if whole else one**two
            case tree.Product(factors=factors):
                return self._multiplied(factors)
        return self._called(node)

    def _multiplied(self, factors):
        result, shape = self.value(factors[0].value), self.shape(factors[0].value)
        for factor in factors[1:]:
            other, own = self.value(factor.value), self.shape(factor.value)
            if factor.operator in ("/", "./"):
                result = result / other
            elif factor.operator == "*" and None not in (shape, own):
                result = result @ other
            else:
                result = result * other
            shape = self._product(factor.operator, shape, own)
            result = np.squeeze(result)[()] if shape is None else result
        return result

    def extents(self, node):
        sizes = [size.root().value for size in self.shape(node)]
        assert None not in sizes, "an extent is not known"
        return sizes

    def _called(self, node):
        name, arguments = node.name, node.arguments
        if name == "dim":
            return self.arrays[arguments[0].name].shape[int(arguments[1].value)]
        values = [self.value(argument) for argument in arguments]
        if name in ("vector", "matrix"):
            return np.full(self.extents(node), values[0])
        if name == "comm":
            rows, columns = values[0].shape
            places = np.arange(rows * columns).reshape(rows, columns, order="F")
            return np.eye(rows * columns)[places.ravel(order="C")]
        if name == "diag":
            return np.diagflat(values[0]) if values[0].shape[1] == 1 else np.diag(values[0])[:, None]
        if name in _TABLE and (name not in ("max", "min") or len(values) == 1):
            return _TABLE[name](*values)
        return FUNCTIONS[name].value(*values)


_TABLE = {
    "sum": np.sum,
    "prod": np.prod,
    "mean": np.mean,
    "max": np.max,
    "min": np.min,
    "tr": np.trace,
    "det": np.linalg.det,
    "logdet": lambda a: np.linalg.slogdet(a)[1],
    "norm2": np.linalg.norm,
    "norm1": lambda a: np.sum(np.abs(a)),
    "logsumexp": lambda a: np.log(np.sum(np.exp(a))),
    "inv": np.linalg.inv,
    "adj": lambda a: np.linalg.det(a) * np.linalg.inv(a),
    "chol": np.linalg.cholesky,
    "solve": np.linalg.solve,
    "softmax": lambda a: np.exp(a) / np.sum(np.exp(a)),
    "log_softmax": lambda a: a - np.log(np.sum(np.exp(a))),
    "cumsum": np.cumsum,
    "kron": np.kron,
    "vec": lambda a: a.reshape(-1, 1, order="F"),
}


def evaluate(text, arrays, shape):
    """The value of a matrix expression with `shape` rows and columns."""
    return Evaluation(text, arrays).run(shape)
