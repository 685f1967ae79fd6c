"""What `peers.py` measures: each derivative in index notation, in JAX, and written by hand in NumPy."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

Array = Any
Rng = np.random.Generator


@dataclass(frozen=True, slots=True)
class Workload:
    """A derivative of a program at arrays of one size; the peers take the arrays by name.

    value  whether the value is wanted beside the gradients
    form   "dense"; "structured", the cores apart from their deltas; "product", the Hessian times an array v
    """

    name: str
    size: str
    kind: str
    text: str
    wrt: Any
    arrays: Mapping[str, Array]
    jax: Callable[..., Any] | None = None
    numpy: Callable[..., Any] | None = None
    value: bool = False
    form: str = "dense"
    outputs: tuple[str, ...] | None = None


def by(transform: Callable[..., Any], function: Callable[..., Any], name: str) -> Callable[..., Any]:
    """A transformation of JAX by the argument of a name."""
    return lambda **a: transform(lambda value: function(**{**a, name: value}))(a[name])


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
            by(jax.jacrev, lambda W, x: W @ x, "W"), by_hand,
        )  # fmt: skip


def two_sided(rng: Rng) -> Iterator[Workload]:
    """∂(A X B)/∂X"""

    def by_hand(A: Array, X: Array, B: Array) -> Array:
        return np.multiply.outer(A, B).transpose(0, 3, 1, 2)

    for kind, n in (("small", 8), ("medium", 30), ("large", 60)):
        arrays = {name: rng.random((n, n)) for name in "AXB"}
        yield Workload(
            "A X B", f"n={n}", kind, "C_il = A_ij X_jk B_kl", "X", arrays,
            by(jax.jacrev, lambda A, X, B: A @ X @ B, "X"), by_hand,
        )  # fmt: skip


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
            by(jax.hessian, _logistic, "w"),
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
        third = by(lambda f: jax.jacfwd(jax.hessian(f)), _logistic, "w")
        yield Workload("logistic third", f"{n}x{m}", kind, LOGISTIC, "w w w", arrays, third, by_hand)


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
            by(jax.hessian, loss, "U") if n < 200 else None, by_hand,
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


def quadratic_hessian(rng: Rng) -> Iterator[Workload]:
    """∂²(x_i A_ij x_j)/∂x∂x"""
    for kind, n in (("small", 30), ("medium", 256), ("large", 2048)):
        arrays = {"x": rng.random(n), "A": rng.random((n, n))}
        yield Workload(
            "quadratic hessian", f"n={n}", kind, "q = x_i A_ij x_j", "x x", arrays,
            by(jax.hessian, lambda x, A: x @ A @ x, "x"), lambda x, A: A + A.T,
        )  # fmt: skip


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
            by(jax.hessian, lambda x: jax.nn.logsumexp(x), "x"), by_hand,
        )  # fmt: skip


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
            "attention jacobian", f"{n},{d}", kind, ATTENTION, "Q", arrays, by(jax.jacrev, _attention, "Q"),
        )  # fmt: skip


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
            "neo-Hooke stress", f"n={n}", kind, NEO_HOOKE, "F", arrays, by(jax.grad, energy, "F"), by_hand
        )


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
        yield Workload("mixture", f"{n},{k},{d}", kind, text, "c", arrays, by(jax.grad, loss, "c"), by_hand)


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
        yield Workload("elementwise", f"n={n}", kind, text, "x", arrays, by(jax.grad, loss, "x"), by_hand)


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
        yield Workload("layer norm", f"{n}x{d}", kind, text, "x", arrays, by(jax.grad, loss, "x"), by_hand)


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
            by(jax.grad, loss, "E"), by_hand,
        )  # fmt: skip


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


WORKLOADS: tuple[Callable[[Rng], Iterator[Workload]], ...] = (
    linear_map, linear_map_structured, two_sided, logistic_hessian, logistic_product, logistic_third,
    factorisation_hessian, factorisation_structured, quadratic_hessian,
    log_sum_exp_hessian, two_layers, cp_gradients, tucker_gradients, attention_gradients, attention_jacobian,
    neo_hooke, chain, mixture, elementwise, layer_norm, softmax_hessian, convolution_gradients,
    channels_gradients, embedding_gradient, scalar_program,
)  # fmt: skip
