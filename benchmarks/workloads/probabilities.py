"""Softmax, log-sum-exp and what is made of them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .base import Array, Rng, Workload, by, jax, jnp


def log_sum_exp_hessian(rng: Rng) -> Iterator[Workload]:
    """∂² log Σ exp x /∂x∂x"""

    def by_hand(x: Array) -> Array:
        e = np.exp(x - x.max())
        p = e / e.sum()
        result = np.outer(-p, p)
        result.reshape(-1)[:: len(x) + 1] += p
        return result

    for kind, n in (("small", 16), ("medium", 200), ("large", 1024)):
        yield Workload(
            "log-sum-exp hessian", f"n={n}", kind, "s = logsumexp_i(x_i)", "x x",
            {"x": rng.standard_normal(n)},
            by("hessian", lambda x: jax.nn.logsumexp(x), "x"), by_hand,
        )  # fmt: skip


def softmax_hessian(rng: Rng) -> Iterator[Workload]:
    """∂² softmax(x)_i /∂x∂x, of rank 3"""

    def by_hand(x: Array) -> Array:
        e = np.exp(x - x.max())
        p = e / e.sum()
        n = len(p)
        j = -np.outer(p, p)
        j.reshape(-1)[:: n + 1] += p  # ∂p_m/∂x_n
        result = -p[:, None, None] * j
        view = np.einsum("iin->in", result)
        view += j
        result -= j[:, None, :] * p[:, None]
        return result

    def by_jax(x: Array) -> Array:
        return jax.jacfwd(jax.jacrev(jax.nn.softmax))(x)

    for kind, n in (("small", 8), ("medium", 50), ("large", 150)):
        yield Workload(
            "softmax hessian", f"n={n}", kind, "p_i = softmax_i(x_i)", "x x",
            {"x": rng.standard_normal(n)}, by_jax, by_hand,
        )  # fmt: skip


def mixture(rng: Rng) -> Iterator[Workload]:
    """Gradient of Σ_n log Σ_k exp(w_k − |x_n − c_k|²/2) by the centres: pair distances"""

    def loss(x: Array, c: Array, w: Array) -> Array:
        d = jnp.sum((x[:, None, :] - c[None]) ** 2, -1)
        return jnp.sum(jax.nn.logsumexp(w - d / 2, axis=-1))

    def by_hand(x: Array, c: Array, w: Array) -> Array:
        s = w - ((x * x).sum(1)[:, None] + (c * c).sum(1) - 2 * x @ c.T) / 2
        p = np.exp(s - s.max(1, keepdims=True))
        p /= p.sum(1, keepdims=True)
        return p.T @ x - p.sum(0)[:, None] * c

    for kind, n, k, d in (("small", 30, 4, 3), ("medium", 1000, 20, 8), ("large", 10000, 50, 16)):
        arrays = {
            "x": rng.standard_normal((n, d)),
            "c": rng.standard_normal((k, d)),
            "w": rng.standard_normal(k),
        }
        text = "L = sum_n(logsumexp_k(w_k - sum_d((x_nd - c_kd)^2)/2))"
        yield Workload("mixture", f"{n},{k},{d}", kind, text, "c", arrays, by("grad", loss, "c"), by_hand)
