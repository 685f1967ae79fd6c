"""Logistic regression: first to third derivatives, and a Hessian times a vector."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .base import Array, Rng, Workload, by, jax, jnp

LOGISTIC = "L = sum_n(log(1 + exp(-y_n X_ni w_i)))"


def _logistic(X: Array, y: Array, w: Array) -> Array:
    return jnp.sum(jnp.logaddexp(0, -y * (X @ w)))


def _of_regression(rng: Rng, n: int, m: int) -> dict[str, Array]:
    signs = np.sign(rng.standard_normal(n))
    return {"X": rng.standard_normal((n, m)), "y": signs, "w": rng.standard_normal(m) / m}


def _sigmoid(z: Array) -> Array:
    return 1 / (1 + np.exp(-z))


def logistic_hessian(rng: Rng) -> Iterator[Workload]:
    """∂²L/∂w∂w of logistic regression"""

    def by_hand(X: Array, y: Array, w: Array) -> Array:
        p = _sigmoid(-y * (X @ w))
        s = np.sqrt(p * (1 - p))[:, None] * X
        return s.T @ s

    for kind, n, m in (("small", 50, 8), ("medium", 500, 60), ("large", 2000, 400)):
        arrays = {
            "X": rng.standard_normal((n, m)),
            "y": np.sign(rng.standard_normal(n)),
            "w": rng.standard_normal(m) / m,
        }
        yield Workload(
            "logistic hessian",
            f"{n}x{m}",
            kind,
            LOGISTIC,
            "w w",
            arrays,
            by("hessian", _logistic, "w"),
            by_hand,
        )


def logistic_product(rng: Rng) -> Iterator[Workload]:
    """∂²L/∂w∂w of logistic regression times a vector"""

    def by_jax(X: Array, y: Array, w: Array, v: Array) -> Array:
        return jax.jvp(jax.grad(lambda w: _logistic(X, y, w)), (w,), (v,))[1]

    def by_hand(X: Array, y: Array, w: Array, v: Array) -> Array:
        p = _sigmoid(-y * (X @ w))
        return (p * (1 - p) * (X @ v)) @ X

    for kind, n, m in (("small", 50, 8), ("medium", 500, 60), ("large", 2000, 400)):
        arrays = {**_of_regression(rng, n, m), "v": rng.standard_normal(m)}
        yield Workload(
            "logistic product", f"{n}x{m}", kind, LOGISTIC, "w", arrays, by_jax, by_hand, form="product"
        )


def logistic_third(rng: Rng) -> Iterator[Workload]:
    """∂³L/∂w∂w∂w of logistic regression"""

    def by_hand(X: Array, y: Array, w: Array) -> Array:
        p = _sigmoid(-y * (X @ w))
        v = -y * p * (1 - p) * (2 * p - 1)
        n, m = X.shape
        pairs = (X[:, :, None] * X[:, None, :]).reshape(n, m * m)
        return -(pairs.T @ (v[:, None] * X)).reshape(m, m, m)

    for kind, n, m in (("small", 50, 6), ("medium", 500, 20), ("large", 2000, 60)):
        arrays = {
            "X": rng.standard_normal((n, m)),
            "y": np.sign(rng.standard_normal(n)),
            "w": rng.standard_normal(m) / m,
        }
        third = by("jacfwd hessian", _logistic, "w")
        yield Workload("logistic third", f"{n}x{m}", kind, LOGISTIC, "w w w", arrays, third, by_hand)
