"""The workloads' functions as a user of torch or autograd writes them, and their derivatives by each library.

    FORWARDS["linear map"]  =  how it is differentiated, the function of the library and of the arrays

A library that is not installed, or that a workload would take too long, is named with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import prod
from types import ModuleType
from typing import Any

Array = Any
Peer = Callable[[], Any]
_MOST_ROWS = 500  # of a Jacobian, where a library makes a pass for each
_MOST_ENTRIES = 5e7  # of the tangents of forward mode, all of which exist together
_SCALAR_STEPS = 300  # statements of a program that autograd takes


class AbsentError(Exception):
    """A library does not take part: why."""


@dataclass(frozen=True, slots=True)
class Library:
    """What the functions below need of a library beside NumPy's names."""

    xp: ModuleType
    softmax: Callable[[Array], Array]
    logsumexp: Callable[[Array], Array]
    softplus: Callable[[Array], Array]
    convolve: Callable[[Array, Array], Array] | None
    channels: Callable[[Array, Array], Array] | None
    whole: Callable[[Array], Array]  # as positions


Forward = Callable[..., Array]


def _linear_map(_: Library, W: Array, x: Array) -> Array:
    return W @ x


def _two_sided(_: Library, A: Array, X: Array, B: Array) -> Array:
    return A @ X @ B


def _logistic(lib: Library, X: Array, y: Array, w: Array) -> Array:
    return lib.softplus(-y * (X @ w)).sum()


def _factorisation(_: Library, M: Array, T: Array, U: Array, V: Array) -> Array:
    return (M * (T - U @ V.T) ** 2).sum()


def _quadratic(_: Library, x: Array, A: Array) -> Array:
    return x @ (A @ x)


def _two_layers(lib: Library, X: Array, W: Array, b: Array, V: Array, c: Array, Y: Array) -> Array:
    return ((lib.xp.tanh(X @ W + b) @ V + c - Y) ** 2).sum()


def _cp(lib: Library, T: Array, A: Array, B: Array, C: Array) -> Array:
    return ((lib.xp.einsum("ir,jr,kr->ijk", A, B, C) - T) ** 2).sum()


def _tucker(lib: Library, T: Array, G: Array, A: Array, B: Array, C: Array) -> Array:
    first = lib.xp.einsum("abc,kc->abk", G, C)
    return ((lib.xp.einsum("ia,ajk->ijk", A, lib.xp.einsum("jb,abk->ajk", B, first)) - T) ** 2).sum()


def _attention(lib: Library, Q: Array, K: Array, V: Array) -> Array:
    return lib.softmax(Q @ K.T / Q.shape[1] ** 0.5) @ V


def _attention_loss(lib: Library, Q: Array, K: Array, V: Array) -> Array:
    return (_attention(lib, Q, K, V) ** 2).sum() / 2


def _neo_hooke(lib: Library, F: Array, mu: Array, lam: Array) -> Array:
    log_j = lib.xp.log(lib.xp.linalg.det(F))
    return (mu / 2 * ((F * F).sum((1, 2)) - 3) - mu * log_j + lam / 2 * log_j**2).sum()


def _chain(lib: Library, **parts: Array) -> Array:
    result = parts["A0"]
    for n in range(1, len(parts)):
        result = result @ parts[f"A{n}"]
    return lib.xp.trace(result)


def _mixture(lib: Library, x: Array, c: Array, w: Array) -> Array:
    return lib.logsumexp(w - ((x[:, None, :] - c[None]) ** 2).sum(-1) / 2).sum()


def _elementwise(lib: Library, x: Array, a: Array) -> Array:
    t = lib.xp.tanh(a * x + 1)
    return (t * lib.xp.exp(-x * x) + t**2).sum()


def _layer_norm(lib: Library, x: Array, g: Array) -> Array:
    m = lib.xp.mean(x, -1)[:, None]
    v = lib.xp.mean((x - m) ** 2, -1)[:, None]
    return (g * (x - m) / lib.xp.sqrt(v + 1e-5)).sum()


def _convolution(lib: Library, K: Array, x: Array, z: Array) -> Array:
    if lib.convolve is None:
        raise AbsentError("it has no convolution")
    return ((lib.convolve(x, K) - z) ** 2).sum()


def _channels(lib: Library, K: Array, x: Array, z: Array) -> Array:
    if lib.channels is None:
        raise AbsentError("it has no convolution with channels")
    return ((lib.channels(x, K) - z) ** 2).sum()


def _embedding(lib: Library, E: Array, t: Array, W: Array, y: Array) -> Array:
    return ((E[lib.whole(t)] @ W - y) ** 2).sum()


def _scalar_program(lib: Library, x0: Array, a: Array, steps: int) -> Array:
    for _ in range(steps):
        x0 = lib.xp.sin(x0) + a * x0 / 2
    return x0


GRADIENT, JACOBIAN, HESSIAN, THIRD, CURVATURE = "gradient", "jacobian", "hessian", "third", "curvature"
PRODUCT = "product"  # the Hessian times the array v

# How each is differentiated: CURVATURE is the second derivative of a vector.
FORWARDS: Mapping[str, tuple[str, Forward]] = {
    "linear map": (JACOBIAN, _linear_map),
    "A X B": (JACOBIAN, _two_sided),
    "logistic hessian": (HESSIAN, _logistic),
    "logistic product": (PRODUCT, lambda lib, X, y, w, v: _logistic(lib, X, y, w)),
    "logistic third": (THIRD, _logistic),
    "factorisation hessian": (HESSIAN, _factorisation),
    "quadratic hessian": (HESSIAN, _quadratic),
    "log-sum-exp hessian": (HESSIAN, lambda lib, x: lib.logsumexp(x)),
    "two layers": (GRADIENT, _two_layers),
    "CP gradients": (GRADIENT, _cp),
    "Tucker gradients": (GRADIENT, _tucker),
    "attention gradients": (GRADIENT, _attention_loss),
    "attention jacobian": (JACOBIAN, _attention),
    "neo-Hooke stress": (GRADIENT, _neo_hooke),
    "chain of 12": (GRADIENT, _chain),
    "mixture": (GRADIENT, _mixture),
    "elementwise": (GRADIENT, _elementwise),
    "layer norm": (GRADIENT, _layer_norm),
    "softmax hessian": (CURVATURE, lambda lib, x: lib.softmax(x)),
    "convolution gradients": (GRADIENT, _convolution),
    "channels gradients": (GRADIENT, _channels),
    "embedding gradient": (GRADIENT, _embedding),
    "scalar program": (GRADIENT, _scalar_program),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """A workload as a library sees it: the function of what is varied, and how it is differentiated."""

    kind: str
    variables: tuple[str, ...]
    several: bool  # whether there is a result for each variable
    value: bool
    function: Callable[[Any], Array]
    at: Any


def problem(work: Any, lib: Library, put: Callable[[Any], Array]) -> Problem:
    """A workload for a library, its arrays put there; raises AbsentError where it has no such function."""
    if work.form == "structured":
        raise AbsentError("its derivatives are dense")
    if work.name not in FORWARDS:
        raise AbsentError("this workload is not written for it")
    kind, forward = FORWARDS[work.name]
    several = not isinstance(work.wrt, str)
    variables = tuple(work.wrt) if several else (work.wrt.split()[0],)
    arrays = {name: put(array) for name, array in work.arrays.items()}
    more = {"steps": int(work.size.removeprefix("n="))} if work.name == "scalar program" else {}

    def function(varied: Any) -> Array:
        given = varied if several else {variables[0]: varied}
        return forward(lib, **{**arrays, **given}, **more)

    at = {name: arrays[name] for name in variables} if several else arrays[variables[0]]
    return Problem(kind, variables, several, work.value, function, at)


def by_torch(work: Any) -> Peer:
    """The workload by torch.func: reverse mode, and forward over reverse for second derivatives."""
    try:
        import torch
    except ImportError as error:
        raise AbsentError("torch is not installed") from error
    functional = torch.nn.functional
    lib = Library(
        torch,
        lambda x: torch.softmax(x, -1),
        lambda x: torch.logsumexp(x, -1),
        functional.softplus,
        lambda x, k: functional.conv1d(x[None, None], k[None, None])[0, 0],
        functional.conv1d,
        lambda t: t.long(),
    )
    if work.jax is None and work.name in FORWARDS:
        raise AbsentError("too large for it")
    own = problem(work, lib, lambda array: torch.tensor(array))
    func = torch.func
    if own.value:
        both = func.grad_and_value(own.function)
        return lambda: both(own.at)[::-1]
    transforms = {
        GRADIENT: func.grad,
        JACOBIAN: func.jacrev,
        HESSIAN: func.hessian,
        THIRD: lambda f: func.jacfwd(func.hessian(f)),
        CURVATURE: lambda f: func.jacfwd(func.jacrev(f)),
        PRODUCT: lambda f: lambda at: func.jvp(func.grad(f), (at,), (vector,))[1],
    }
    vector = torch.tensor(work.arrays["v"]) if own.kind == PRODUCT else None
    made = transforms[own.kind](own.function)
    return lambda: made(own.at)


def by_autograd(work: Any) -> Peer:
    """The workload by autograd: reverse mode throughout, one pass for each row of a Jacobian."""
    try:
        import autograd
        import autograd.numpy as anp
        from autograd.scipy.signal import convolve
        from autograd.scipy.special import logsumexp
    except ImportError as error:
        raise AbsentError(f"{error.name} is not installed") from error
    lib = Library(
        anp,
        lambda x: anp.exp(x - logsumexp(x, axis=-1, keepdims=True)),
        lambda x: logsumexp(x, axis=-1),
        lambda x: anp.logaddexp(0, x),
        lambda x, k: convolve(x, k[::-1], mode="valid"),
        None,
        lambda t: t.astype(int),
    )
    own = problem(work, lib, lambda array: array)
    _refuse_slow(work, own)
    if own.value:
        both = autograd.value_and_grad(own.function)
        return lambda: both(own.at)
    jacobian = autograd.jacobian
    transforms = {
        GRADIENT: autograd.grad,
        JACOBIAN: jacobian,
        HESSIAN: autograd.hessian,
        THIRD: lambda f: jacobian(autograd.hessian(f)),
        CURVATURE: lambda f: jacobian(jacobian(f)),
        PRODUCT: lambda f: lambda at: product(f)(at, work.arrays["v"]),
    }
    product = autograd.hessian_vector_product
    made = transforms[own.kind](own.function)
    return lambda: made(own.at)


def _refuse_slow(work: Any, own: Problem) -> None:
    """Raise AbsentError where a pass for each row would take minutes."""
    if own.kind in (GRADIENT, PRODUCT):
        if work.name == "scalar program" and int(work.size.removeprefix("n=")) > _SCALAR_STEPS:
            raise AbsentError("it recurses as deep as the program is long")
        if work.name == "convolution gradients" and work.kind == "large":
            raise AbsentError("its convolution is direct")
        return
    size = prod(own.at.shape)
    rows = size if own.kind == HESSIAN else size * size
    if own.kind == JACOBIAN:
        rows = prod(own.function(own.at).shape)
    if rows > _MOST_ROWS:
        raise AbsentError(f"it makes a pass for each of {rows} rows")


def forward_by_jax(work: Any) -> Peer:
    """The workload by JAX in forward mode, jitted, where it is a Jacobian or a Hessian."""
    try:
        import jax
        import jax.numpy as jnp
    except ImportError as error:
        raise AbsentError("jax is not installed") from error
    if work.form == "structured":
        raise AbsentError("its derivatives are dense")
    if FORWARDS.get(work.name, (GRADIENT,))[0] in (GRADIENT, PRODUCT):
        raise AbsentError("a gradient is no work for forward mode")
    if work.jax is None:
        raise AbsentError("too large for it")
    lib = Library(
        jnp, jax.nn.softmax, lambda x: jax.nn.logsumexp(x, -1), jax.nn.softplus, None, None, lambda t: t
    )
    own = problem(work, lib, jax.device_put)
    depth = {JACOBIAN: 1, HESSIAN: 2, CURVATURE: 2, THIRD: 3}[own.kind]
    size, rows = prod(own.at.shape), max([len(a) for a in work.arrays.values() if a.ndim])
    if max(size**2, size**depth * rows) > _MOST_ENTRIES:
        raise AbsentError("its tangents take too much memory")
    jax.config.update("jax_enable_x64", True)
    made = own.function
    for _ in range(depth):
        made = jax.jacfwd(made)
    jitted = jax.jit(made)
    return lambda: jax.block_until_ready(jitted(own.at))
