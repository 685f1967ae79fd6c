"""Programs with one operator each, and what they are worth by NumPy and SciPy."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
import scipy.special


@dataclass(frozen=True)
class Case:
    """An operator over a few letters, in a program whose output is s; `value` takes the arrays by name."""

    operator: str
    text: str
    shapes: dict
    value: Callable
    letters: str = ""  # those of the operator that the result keeps

    @property
    def names(self):
        """The names of the inputs."""
        return "".join(self.shapes)


def _reducing(operator, function):
    """Over one letter, over two, over the first of two and over the ends of three."""
    return [
        Case(operator, f"s = {operator}_i(x_i)", {"x": (4,)}, lambda x: function(x, (0,))),
        Case(operator, f"s = {operator}_ij(A_ij)", {"A": (2, 3)}, lambda a: function(a, (0, 1))),
        Case(operator, f"s_j = {operator}_i(A_ij)", {"A": (3, 2)}, lambda a: function(a, (0,))),
        Case(operator, f"s_b = {operator}_ac(T_abc)", {"T": (2, 2, 3)}, lambda t: function(t, (0, 2))),
    ]


def _keeping(operator, function):
    return [
        Case(operator, f"s_i = {operator}_i(x_i)", {"x": (4,)}, lambda x: function(x, (0,)), "i"),
        Case(operator, f"s_ji = {operator}_i(A_ij)", {"A": (3, 2)}, lambda a: function(a, (0,)).T, "i"),
    ]


def _two(operator, function):
    return [
        Case(operator, f"s_ij = {operator}_ij(A_ij)", {"A": (2, 3)}, lambda a: function(a, (0, 1)), "ij"),
        Case(
            operator, f"s_abc = {operator}_ac(T_abc)", {"T": (2, 2, 2)}, lambda t: function(t, (0, 2)), "ac"
        ),
    ]


def _number(operator, function):
    """Of a matrix, of its transpose's place in a batch, of a product."""
    return [
        Case(operator, f"s = {operator}_ij(A_ij)", {"A": (3, 3)}, function),
        Case(
            operator,
            f"s_a = {operator}_ij(T_iaj)",
            {"T": (3, 2, 3)},
            lambda t: np.array([function(t[:, k]) for k in range(t.shape[1])]),
        ),
    ]


def _matrix(operator, function):
    return [
        Case(operator, f"s_ij = {operator}_ij(A_ij)", {"A": (3, 3)}, function, "ij"),
        Case(
            operator,
            f"s_jai = {operator}_ij(T_iaj)",
            {"T": (3, 2, 3)},
            lambda t: np.stack([function(t[:, k]).T for k in range(t.shape[1])], 1),
            "ij",
        ),
    ]


def _adjugate(a):
    """Cofactors, transposed."""
    size = len(a)
    minors = [[np.linalg.det(np.delete(np.delete(a, j, 0), i, 1)) for j in range(size)] for i in range(size)]
    signs = (-1.0) ** np.add.outer(np.arange(size), np.arange(size))
    return signs * np.array(minors)


SOLVE = [
    Case("solve", "s_i = solve_ij(A_ij, b_j)", {"A": (3, 3), "b": (3,)}, np.linalg.solve, "i"),
    Case("solve", "s_ik = solve_ij(A_ij, B_jk)", {"A": (3, 3), "B": (3, 2)}, np.linalg.solve, "i"),
    Case(
        "solve",
        "s_ai = solve_ij(T_iaj, b_ja)",
        {"T": (3, 2, 3), "b": (3, 2)},
        lambda t, b: np.stack([np.linalg.solve(t[:, k], b[:, k]) for k in range(t.shape[1])]),
        "i",
    ),
    Case(
        "solve",
        "s_ai = solve_ij(T_iaj, c_j)",
        {"T": (3, 2, 3), "c": (3,)},
        lambda t, c: np.stack([np.linalg.solve(t[:, k], c) for k in range(t.shape[1])]),
        "i",
    ),
]
MATRIX_CASES = [
    *_number("det", np.linalg.det),
    *_number("logdet", lambda a: np.linalg.slogdet(a)[1]),
    *_number("tr", np.trace),
    *_matrix("inv", np.linalg.inv),
    *_matrix("adj", _adjugate),
    *_matrix("chol", lambda a: np.linalg.cholesky((a + a.T) / 2)),
    *SOLVE,
]
CASES = [
    *_reducing("max", lambda x, axis: np.max(x, axis)),
    *_reducing("min", lambda x, axis: np.min(x, axis)),
    *_reducing("logsumexp", lambda x, axis: scipy.special.logsumexp(x, axis)),
    *_reducing("norm", lambda x, axis: np.sqrt(np.sum(x**2, axis))),
    *_keeping("softmax", scipy.special.softmax),
    *_two("softmax", scipy.special.softmax),
    *_keeping("log_softmax", scipy.special.log_softmax),
    *_two("log_softmax", scipy.special.log_softmax),
    *_keeping("cumsum", lambda x, axis: np.cumsum(x, *axis)),
    *MATRIX_CASES,
]
each_case = pytest.mark.parametrize("case", CASES, ids=[case.text for case in CASES])


def arrays_of(case):
    """Random arrays; a square array is well-conditioned, and its symmetric part positive definite."""
    generator = np.random.default_rng(sum(map(ord, case.text)))
    arrays = {}
    for name, shape in case.shapes.items():
        arrays[name] = generator.uniform(-1, 1, shape)
        if case in MATRIX_CASES and name in "AT":
            size = shape[0]
            arrays[name] += 3 * np.eye(size).reshape(size, *[1] * (len(shape) - 2), size)
    return arrays
