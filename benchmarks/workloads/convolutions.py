"""Convolutions in one dimension."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from .base import Array, Rng, Workload, jax, jnp


def convolution_gradients(rng: Rng) -> Iterator[Workload]:
    """Gradients of a convolution in one dimension by kernel and signal"""

    def loss(K: Array, x: Array, z: Array) -> Array:
        return jnp.sum((jnp.convolve(x, K[::-1], "valid") - z) ** 2)

    def by_hand(K: Array, x: Array, z: Array) -> Any:
        r = 2 * (np.convolve(x, K[::-1], "valid") - z)
        return {"K": np.convolve(x, r[::-1], "valid"), "x": np.convolve(r, K)}

    def by_jax(**a: Array) -> Any:
        return jax.grad(lambda p: loss(z=a["z"], **p))({k: a[k] for k in "Kx"})

    for kind, n, k in (("small", 64, 5), ("medium", 2000, 16), ("large", 50_000, 64)):
        arrays = {"K": rng.random(k), "x": rng.random(n), "z": rng.random(n - k + 1)}
        yield Workload(
            "convolution gradients", f"{n},{k}", kind, "L = (K_k x[i+k] - z_i)^2", ("K", "x"), arrays,
            by_jax, by_hand,
        )  # fmt: skip


def channels_gradients(rng: Rng) -> Iterator[Workload]:
    """Gradients of a convolution in one dimension over a batch, with channels"""

    def loss(K: Array, x: Array, z: Array) -> Array:
        y = jax.lax.conv_general_dilated(x, K, (1,), "VALID", dimension_numbers=("NCH", "OIH", "NCH"))
        return jnp.sum((y - z) ** 2)

    def by_hand(K: Array, x: Array, z: Array) -> Any:
        k = K.shape[2]
        view = np.lib.stride_tricks.sliding_window_view(x, k, axis=2)
        r = 2 * (np.einsum("bcik,ock->boi", view, K, optimize=True) - z)
        back = np.zeros_like(x)
        for j in range(k):
            back[:, :, j : j + r.shape[2]] += np.matmul(K[:, :, j].T, r)
        return {"K": np.einsum("bcik,boi->ock", view, r, optimize=True), "x": back}

    def by_jax(**a: Array) -> Any:
        return jax.grad(lambda p: loss(z=a["z"], **p))({k: a[k] for k in "Kx"})

    for kind, b, c, o, n, k in (
        ("small", 2, 2, 3, 16, 3),
        ("medium", 8, 8, 8, 64, 5),
        ("large", 32, 16, 32, 256, 7),
    ):
        arrays = {"K": rng.random((o, c, k)), "x": rng.random((b, c, n)), "z": rng.random((b, o, n - k + 1))}
        yield Workload(
            "channels gradients", f"{b},{c}-{o},{n}", kind, "L = (K_ock x[b, c, i+k] - z_boi)^2", ("K", "x"),
            arrays, by_jax, by_hand,
        )  # fmt: skip
