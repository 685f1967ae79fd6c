"""Parts of neural networks: layers, attention, normalisation, embeddings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from .base import Array, Rng, Workload, by, jax, jnp


def two_layers(rng: Rng) -> Iterator[Workload]:
    """Loss and gradients of a net with one hidden layer"""

    def loss(X: Array, W: Array, b: Array, V: Array, c: Array, Y: Array) -> Array:
        return jnp.sum((jnp.tanh(X @ W + b) @ V + c - Y) ** 2)

    def by_hand(X: Array, W: Array, b: Array, V: Array, c: Array, Y: Array) -> Any:
        h = np.tanh(X @ W + b)
        r = h @ V + c - Y
        g = 2 * r
        t = (g @ V.T) * (1 - h * h)
        return np.vdot(r, r), {"W": X.T @ t, "b": t.sum(0), "V": h.T @ g, "c": g.sum(0)}

    def ordered(**arrays: Array) -> Any:
        value, grads = jax.value_and_grad(lambda p: loss(**{**arrays, **p}))({k: arrays[k] for k in "WbVc"})
        return value, grads

    for kind, n, i, h, o in (
        ("small", 32, 20, 16, 4),
        ("medium", 64, 100, 50, 10),
        ("large", 256, 784, 128, 10),
    ):
        arrays = {"X": rng.random((n, i)), "W": rng.standard_normal((i, h)) / i, "b": rng.random(h),
                  "V": rng.standard_normal((h, o)) / h, "c": rng.random(o),
                  "Y": rng.random((n, o))}  # fmt: skip
        text = "H_nh = tanh(X_ni W_ih + b_h); L = (H_nh V_ho + c_o - Y_no)^2"
        yield Workload(
            "two layers",
            f"{n},{i}-{h}-{o}",
            kind,
            text,
            ("W", "b", "V", "c"),
            arrays,
            ordered,
            by_hand,
            value=True,
        )


ATTENTION = "S_nm = Q_nd K_md / dim(Q, 1)^(1/2); P_nm = softmax_m(S_nm); O_ne = P_nm V_me"


def _attention(Q: Array, K: Array, V: Array) -> Array:
    return jax.nn.softmax(Q @ K.T / jnp.sqrt(Q.shape[1]), axis=-1) @ V


def attention_gradients(rng: Rng) -> Iterator[Workload]:
    """Gradients of (O · O)/2 by Q, K and V"""

    def by_hand(Q: Array, K: Array, V: Array) -> Any:
        scale = 1 / np.sqrt(Q.shape[1])
        s = Q @ K.T * scale
        p = np.exp(s - s.max(-1, keepdims=True))
        p /= p.sum(-1, keepdims=True)
        g = p @ V
        dp = g @ V.T
        ds = p * (dp - np.sum(dp * p, -1, keepdims=True)) * scale
        return {"Q": ds @ K, "K": ds.T @ Q, "V": p.T @ g}

    for kind, n, d in (("small", 16, 8), ("medium", 128, 32), ("large", 512, 64)):
        arrays = {name: rng.standard_normal((n, d)) for name in "QKV"}
        grads = lambda **a: jax.grad(lambda p: jnp.sum(_attention(**p) ** 2) / 2)(a)
        yield Workload(
            "attention gradients", f"{n},{d}", kind, f"{ATTENTION}; L = O_ne O_ne / 2", ("Q", "K", "V"),
            arrays, grads, by_hand,
        )  # fmt: skip


def attention_jacobian(rng: Rng) -> Iterator[Workload]:
    """∂O/∂Q"""
    for kind, n, d in (("small", 6, 4), ("medium", 32, 8), ("large", 64, 16)):
        arrays = {name: rng.standard_normal((n, d)) for name in "QKV"}
        yield Workload(
            "attention jacobian", f"{n},{d}", kind, ATTENTION, "Q", arrays, by("jacrev", _attention, "Q"),
        )  # fmt: skip


def layer_norm(rng: Rng) -> Iterator[Workload]:
    """Gradient of Σ g·LayerNorm(x) by x"""

    def loss(x: Array, g: Array) -> Array:
        m = jnp.mean(x, -1, keepdims=True)
        v = jnp.mean((x - m) ** 2, -1, keepdims=True)
        return jnp.sum(g * (x - m) / jnp.sqrt(v + 1e-5))

    def by_hand(x: Array, g: Array) -> Array:
        d = x - x.mean(-1, keepdims=True)
        s = 1 / np.sqrt((d * d).mean(-1, keepdims=True) + 1e-5)
        h = d * s
        return s * (g - g.mean(-1, keepdims=True) - h * (g * h).mean(-1, keepdims=True))

    for kind, n, d in (("small", 16, 32), ("medium", 256, 128), ("large", 2048, 768)):
        arrays = {"x": rng.standard_normal((n, d)), "g": rng.standard_normal((n, d))}
        text = ("m_n = mean_d(x_nd); v_n = mean_d((x_nd - m_n)^2); "
                "L = sum_nd(g_nd (x_nd - m_n) (v_n + 1/100000)^(-1/2))")  # fmt: skip
        yield Workload("layer norm", f"{n}x{d}", kind, text, "x", arrays, by("grad", loss, "x"), by_hand)


def embedding_gradient(rng: Rng) -> Iterator[Workload]:
    """Gradient of a loss over rows of a table, chosen by their numbers"""

    def loss(E: Array, t: Array, W: Array, y: Array) -> Array:
        return jnp.sum((E[t.astype(int)] @ W - y) ** 2)

    def by_hand(E: Array, t: Array, W: Array, y: Array) -> Array:
        at = t.astype(int)
        g = 2 * (E[at] @ W - y) @ W.T
        result = np.zeros_like(E)
        np.add.at(result, at, g)
        return result

    for kind, v, b, d, o in (
        ("small", 50, 16, 8, 3),
        ("medium", 1000, 256, 32, 8),
        ("large", 20_000, 4096, 64, 16),
    ):
        arrays = {"E": rng.random((v, d)), "t": rng.integers(0, v, b).astype(float),
                  "W": rng.random((d, o)), "y": rng.random((b, o))}  # fmt: skip
        yield Workload(
            "embedding gradient", f"{v},{b},{d}", kind, "L = (E[t[b], d] W_do - y_bo)^2", "E", arrays,
            by("grad", loss, "E"), by_hand,
        )  # fmt: skip
