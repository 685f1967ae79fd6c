"""Linear maps and quadratic forms: derivatives with deltas."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .base import Array, Rng, Workload, by


def linear_map(rng: Rng) -> Iterator[Workload]:
    """∂(W_ij x_j)/∂W_mn"""

    def by_hand(W: Array, x: Array) -> Array:
        n, m = W.shape
        result = np.zeros((n, n, m))
        result.reshape(n * n, m)[:: n + 1] = x
        return result

    for kind, n in (("small", 20), ("medium", 100), ("large", 200)):
        yield Workload(
            "linear map", f"n={n}", kind, "f_i = W_ij x_j", "W",
            {"W": rng.random((n, n)), "x": rng.random(n)},
            by("jacrev", lambda W, x: W @ x, "W"), by_hand,
        )  # fmt: skip


def linear_map_structured(rng: Rng) -> Iterator[Workload]:
    """∂(W_ij x_j)/∂W_mn = δ_im x_n, of which only x is a number"""

    def by_hand(W: Array, x: Array) -> list[Array]:
        return [x.copy()]

    for kind, n in (("small", 20), ("medium", 100), ("large", 2000)):
        yield Workload(
            "linear map, structured", f"n={n}", kind, "f_i = W_ij x_j", "W",
            {"W": rng.random((n, n)), "x": rng.random(n)}, None, by_hand, form="structured",
        )  # fmt: skip


def two_sided(rng: Rng) -> Iterator[Workload]:
    """∂(A X B)/∂X"""

    def by_hand(A: Array, X: Array, B: Array) -> Array:
        return np.multiply.outer(A, B).transpose(0, 3, 1, 2)

    for kind, n in (("small", 8), ("medium", 30), ("large", 60)):
        arrays = {name: rng.random((n, n)) for name in "AXB"}
        yield Workload(
            "A X B", f"n={n}", kind, "C_il = A_ij X_jk B_kl", "X", arrays,
            by("jacrev", lambda A, X, B: A @ X @ B, "X"), by_hand,
        )  # fmt: skip


def quadratic_hessian(rng: Rng) -> Iterator[Workload]:
    """∂²(x_i A_ij x_j)/∂x∂x"""
    for kind, n in (("small", 30), ("medium", 256), ("large", 2048)):
        arrays = {"x": rng.random(n), "A": rng.random((n, n))}
        yield Workload(
            "quadratic hessian", f"n={n}", kind, "q = x_i A_ij x_j", "x x", arrays,
            by("hessian", lambda x, A: x @ A @ x, "x"), lambda x, A: A + A.T,
        )  # fmt: skip
