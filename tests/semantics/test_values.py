"""The summation rule by numbers: the reference evaluator against NumPy's einsum."""

from collections.abc import Callable

import numpy as np
import pytest

import indicial as ix
from indicial.ir.reference import evaluate_definition, extents_of
from indicial.semantics.resolve import read

RNG = np.random.default_rng(7)
A, B = RNG.normal(size=(2, 3, 3))
x, y = RNG.uniform(0.5, 1.5, size=(2, 3))

CASES: dict[str, Callable[[], object]] = {
    "f_i = A_ij x_j": lambda: A @ x,
    "L = (A_ij x_j)^2": lambda: np.sum((A @ x) ** 2),
    "L = A_ii^2": lambda: np.trace(A) ** 2,
    "L = A_ij^2": lambda: np.sum(A**2),
    "L = A_ii x_i": lambda: np.diag(A) @ x,
    "L = B_ij (A_ij - x_i y_j)^2": lambda: np.sum(B * (A - np.outer(x, y)) ** 2),
    "L_j = y_j / x_i^2": lambda: y / (x @ x),
    "L = x_i / y_i": lambda: np.sum(x / y),
    "L = x_i y_i + A_ij B_ji": lambda: x @ y + np.trace(A @ B),
    "p_i = exp(x_i) / sum_j(exp(x_j))": lambda: np.exp(x) / np.exp(x).sum(),
    "m_i = mean_j(A_ij) - prod_k(x_k)": lambda: A.mean(axis=1) - x.prod(),
    "c_i = eps_ijk x_j y_k": lambda: np.cross(x, y),
    "Z_ij = A_ij + x_i": lambda: A + x[:, None],
    "Z_ij = [j <= i] A_ij": lambda: np.tril(A),
    "L = [i < j] A_ij": lambda: np.triu(A, 1).sum(),
    "L = dim(x, 0) / (ones_i x_i)": lambda: 3 / x.sum(),
    "L = delta_ij A_ij + delta_kk x_k": lambda: np.trace(A) + x.sum(),
    "z_i = A_ij x_j; L = z_i z_i": lambda: np.sum((A @ x) ** 2),
    "p_i = softmax_i(x_i)": lambda: np.exp(x) / np.exp(x).sum(),
    "L = y_i softmax_i(x_i)": lambda: y @ np.exp(x) / np.exp(x).sum(),
    "L = x_i softmax_i(x_i)": lambda: x @ np.exp(x) / np.exp(x).sum(),
    "L = softmax_i(x_i) softmax_i(y_i)": lambda: np.exp(x) @ np.exp(y) / np.exp(x).sum() / np.exp(y).sum(),
    "L = norm_i(A_ij x_j)^2": lambda: np.sum((A @ x) ** 2),
    "L_i = norm_j(A_ij x_j)": lambda: np.sqrt(np.sum((A * x) ** 2, axis=1)),
    "L = max_i(A_ij x_j)": lambda: (A @ x).max(),
    "L_i = max_j(A_ij x_j)": lambda: (A * x).max(axis=1),
    "s_ji = inv_ij(A_ij)": lambda: np.linalg.inv(A).T,
    "L = inv_ij(A_ij) delta_ij": lambda: np.trace(np.linalg.inv(A)),
    "L = inv_ij(A_ij) B_ji": lambda: np.trace(np.linalg.inv(A) @ B),
    "z_i = solve_ij(A_ij, x_j)": lambda: np.linalg.solve(A, x),
    "Z_ik = solve_ij(A_ij, B_jk)": lambda: np.linalg.solve(A, B),
    "z_i = solve_ij(A_ij, B_jk x_k + y_j)": lambda: np.linalg.solve(A, B @ x + y),
    "Z_ik = solve_ij(A_ij, delta_jk)": lambda: np.linalg.inv(A),
    "L = logsumexp_i(log_softmax_i(x_i))": lambda: 0.0,
    "L = det_ij(inv_ij(A_ij))": lambda: 1 / np.linalg.det(A),
    "L = logdet_ij(A_ik A_jk)": lambda: 2 * np.log(abs(np.linalg.det(A))),
    "Z_ij = cumsum_i(cumsum_j(A_ij))": lambda: A.cumsum(0).cumsum(1),
    "L = y_i softmax_j(A_ij) x_j": lambda: np.sum(
        y[:, None] * np.exp(A) / np.exp(A).sum(1, keepdims=True) * x
    ),
    "L = tr_ij(A_ik B_kj)": lambda: np.trace(A @ B),
}


@pytest.mark.parametrize("text", CASES)
def test_value(text: str) -> None:
    program = read(text)
    arrays = {
        name: array for name, array in {"A": A, "B": B, "x": x, "y": y}.items() if name in program.inputs
    }
    extents = extents_of(program, arrays)
    value = evaluate_definition(program.statements[program.outputs[0]], arrays, extents)
    np.testing.assert_allclose(value, CASES[text](), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("y_i = e^{-x_i}", "y_i = exp(-x_i)"),
        ("y_i = e^(-x_i) + e^-x_i / 2", "y_i = exp(-x_i) + exp(-x_i) / 2"),
        ("y_i = 1 / (1 + e^(-e^(x_i)))", "y_i = 1 / (1 + exp(-exp(x_i)))"),
        ("y = x_i z_i e^(x_j z_j)", "y = x_i z_i exp(x_j z_j)"),
    ],
)
def test_e_to_a_power_is_exp(text: str, same: str) -> None:
    assert str(ix.parse(text)) == str(ix.parse(same))


@pytest.mark.parametrize(
    "text",
    ["y_i = e x_i + e^(x_i)", "y = e^2 x", "tensor e: positive; y = e^x", "index i: e; y = e^(x_i x_i)"],
)
def test_e_is_a_name_where_something_else_uses_it(text: str) -> None:
    assert "exp" not in str(ix.parse(text))
