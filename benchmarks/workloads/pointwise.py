"""Work entry by entry, and point by point."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from .base import Array, Rng, Workload, by, jax, jnp

NEO_HOOKE = (
    "J_p = det_ij(F_pij); I_p = sum_ij(F_pij^2); psi = sum_p(mu/2 (I_p - 3) - mu log(J_p) + lam/2 log(J_p)^2)"
)


def neo_hooke(rng: Rng) -> Iterator[Workload]:
    """Stress at many points"""

    def energy(F: Array, mu: Array, lam: Array) -> Array:
        log_j = jnp.log(jnp.linalg.det(F))
        return jnp.sum(mu / 2 * (jnp.sum(F * F, (1, 2)) - 3) - mu * log_j + lam / 2 * log_j**2)

    def by_hand(F: Array, mu: Array, lam: Array) -> Array:
        inverse = np.linalg.inv(F).transpose(0, 2, 1)
        log_j = np.log(np.linalg.det(F))
        return mu * F + (lam * log_j - mu)[:, None, None] * inverse

    for kind, n in (("small", 10), ("medium", 1000), ("large", 10000)):
        arrays = {
            "F": np.eye(3) + 0.1 * rng.standard_normal((n, 3, 3)),
            "mu": np.float64(1.5),
            "lam": np.float64(2.5),
        }
        yield Workload(
            "neo-Hooke stress", f"n={n}", kind, NEO_HOOKE, "F", arrays, by("grad", energy, "F"), by_hand
        )


def elementwise(rng: Rng) -> Iterator[Workload]:
    """Gradient of a chain of elementwise functions"""

    def loss(x: Array, a: Array) -> Array:
        t = jnp.tanh(a * x + 1)
        return jnp.sum(t * jnp.exp(-x * x) + t**2)

    def by_hand(x: Array, a: Array) -> Array:
        t = np.tanh(a * x + 1)
        e = np.exp(-x * x)
        return (e + 2 * t) * (1 - t * t) * a - 2 * x * t * e

    for kind, n in (("small", 1000), ("medium", 100_000), ("large", 2_000_000)):
        arrays = {"x": rng.standard_normal(n), "a": rng.standard_normal(n)}
        text = "t_i = tanh(a_i x_i + 1); L = sum_i(t_i exp(-x_i^2) + t_i^2)"
        yield Workload("elementwise", f"n={n}", kind, text, "x", arrays, by("grad", loss, "x"), by_hand)


def scalar_program(rng: Rng) -> Iterator[Workload]:
    """Gradient of a program of many scalar statements, x1 = sin(x0) + x0 a/2, …"""
    for kind, n in (("small", 10), ("medium", 100), ("large", 1000)):
        lines = [f"x{k + 1} = sin(x{k}) + a x{k} / 2" for k in range(n)]

        def value(x0: Array, a: Array, n: int = n) -> Array:
            for _ in range(n):
                x0 = jnp.sin(x0) + a * x0 / 2
            return x0

        def by_hand(x0: Array, a: Array, n: int = n) -> Any:
            every = []
            for _ in range(n):
                every.append(x0)
                x0 = np.sin(x0) + a * x0 / 2
            adjoint, total = 1.0, 0.0
            for x in reversed(every):
                total += adjoint * x / 2
                adjoint *= np.cos(x) + a / 2
            return {"x0": adjoint, "a": total}

        def by_jax(value: Any = value, **arrays: Array) -> Any:
            return jax.grad(lambda p: value(**p))(arrays)

        yield Workload(
            "scalar program", f"n={n}", kind, "; ".join(lines), ("x0", "a"),
            {"x0": np.float64(0.3), "a": np.float64(0.7)}, by_jax, by_hand,
        )  # fmt: skip
