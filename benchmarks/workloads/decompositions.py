"""Factorisations of matrices and tensors, and chains of matrices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from .base import Array, Rng, Workload, by, jax, jnp


def factorisation_hessian(rng: Rng) -> Iterator[Workload]:
    """∂²L/∂U∂U of masked matrix factorisation"""

    def loss(M: Array, T: Array, U: Array, V: Array) -> Array:
        return jnp.sum(M * (T - U @ V.T) ** 2)

    def by_hand(M: Array, T: Array, U: Array, V: Array) -> Array:
        n, k = U.shape
        blocks = 2 * (M @ (V[:, :, None] * V[:, None, :]).reshape(-1, k * k)).reshape(n, k, k)
        result = np.zeros((n, k, n, k))
        np.einsum("ikil->ikl", result)[...] = blocks
        return result

    for kind, n, k in (("small", 10, 3), ("medium", 60, 5), ("large", 200, 8)):
        arrays = {"M": (rng.random((n, n)) < 0.5).astype(float), "T": rng.random((n, n)),
                  "U": rng.random((n, k)), "V": rng.random((n, k))}  # fmt: skip
        yield Workload(
            "factorisation hessian", f"{n},{k}", kind, "L = M_ij (T_ij - U_ik V_jk)^2", "U U", arrays,
            by("hessian", loss, "U") if n < 200 else None, by_hand,
        )  # fmt: skip


def factorisation_structured(rng: Rng) -> Iterator[Workload]:
    """∂²L/∂U∂U of masked matrix factorisation as its blocks"""

    def by_hand(M: Array, T: Array, U: Array, V: Array) -> list[Array]:
        n, k = U.shape
        return [2 * (M @ (V[:, :, None] * V[:, None, :]).reshape(-1, k * k)).reshape(n, k, k)]

    for kind, n, k in (("small", 10, 3), ("medium", 60, 5), ("large", 500, 10)):
        arrays = {"M": (rng.random((n, n)) < 0.5).astype(float), "T": rng.random((n, n)),
                  "U": rng.random((n, k)), "V": rng.random((n, k))}  # fmt: skip
        yield Workload(
            "factorisation, blocks", f"{n},{k}", kind, "L = M_ij (T_ij - U_ik V_jk)^2", "U U", arrays,
            None, by_hand, form="structured",
        )  # fmt: skip


def cp_gradients(rng: Rng) -> Iterator[Workload]:
    """Gradients of a CP decomposition's loss"""

    def loss(T: Array, A: Array, B: Array, C: Array) -> Array:
        return jnp.sum((jnp.einsum("ir,jr,kr->ijk", A, B, C) - T) ** 2)

    def by_hand(T: Array, A: Array, B: Array, C: Array) -> Any:
        n, r = A.shape
        bc = (B[:, None, :] * C[None, :, :]).reshape(-1, r)
        e = (A @ bc.T - T.reshape(n, -1)) * 2
        f = (A.T @ e.reshape(n, -1)).reshape(r, B.shape[0], C.shape[0])
        return {"A": e @ bc, "B": np.einsum("rjk,kr->jr", f, C), "C": np.einsum("rjk,jr->kr", f, B)}

    for kind, n, r in (("small", 8, 3), ("medium", 40, 10), ("large", 100, 20)):
        arrays = {"T": rng.random((n, n, n)), **{name: rng.random((n, r)) for name in "ABC"}}
        grads = lambda **a: jax.grad(lambda p: loss(a["T"], **p))({k: a[k] for k in "ABC"})
        yield Workload(
            "CP gradients", f"{n},{r}", kind, "L = (A_ir B_jr C_kr - T_ijk)^2", ("A", "B", "C"), arrays,
            grads, by_hand,
        )  # fmt: skip


def tucker_gradients(rng: Rng) -> Iterator[Workload]:
    """Gradients of a Tucker decomposition's loss"""

    def loss(T: Array, G: Array, A: Array, B: Array, C: Array) -> Array:
        return jnp.sum((jnp.einsum("abc,ia,jb,kc->ijk", G, A, B, C) - T) ** 2)

    for kind, n, r in (("small", 8, 3), ("medium", 40, 10), ("large", 100, 20)):
        arrays = {
            "T": rng.random((n, n, n)),
            "G": rng.random((r, r, r)),
            **{name: rng.random((n, r)) for name in "ABC"},
        }
        grads = lambda **a: jax.grad(lambda p: loss(a["T"], **p))({k: a[k] for k in "GABC"})
        yield Workload(
            "Tucker gradients", f"{n},{r}", kind, "L = (G_abc A_ia B_jb C_kc - T_ijk)^2",
            ("G", "A", "B", "C"), arrays, grads,
        )  # fmt: skip


def chain(rng: Rng) -> Iterator[Workload]:
    """All gradients of tr(A0 A1 … A11) with mixed extents"""
    letters = "abcdefghijkl"
    text = "L = " + " ".join(f"A{n}_{letters[n]}{letters[(n + 1) % 12]}" for n in range(12))

    def product(parts: Mapping[str, Array]) -> Array:
        result = parts["A0"]
        for n in range(1, 12):
            result = result @ parts[f"A{n}"]
        return jnp.trace(result)

    for kind, factor in (("small", 1), ("medium", 8), ("large", 30)):
        extents = [factor * e for e in (7, 2, 9, 3, 12, 4, 8, 2, 11, 5, 6, 10)]
        arrays = {
            f"A{n}": rng.standard_normal((extents[n], extents[(n + 1) % 12])) / extents[n] for n in range(12)
        }
        yield Workload(
            "chain of 12", f"x{factor}", kind, text, tuple(arrays), arrays, lambda **a: jax.grad(product)(a),
        )  # fmt: skip
