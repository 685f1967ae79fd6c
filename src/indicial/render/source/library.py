"""What the array libraries call things: one table a library."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from indicial.errors import BackendError

_SAME = {
    **{name: name for name in ("exp", "log", "log1p", "expm1", "sqrt", "abs", "sign", "sin", "cos", "tan")},
    **{name: name for name in ("sinh", "cosh", "tanh")},
}
_ARC = {f"{kind}{name}": f"arc{name}{kind[1:]}" for kind in ("a",) for name in ("sin", "cos", "tan")} | {
    "asinh": "arcsinh", "acosh": "arccosh", "atanh": "arctanh", "atan2": "arctan2",
}  # fmt: skip
_NUMPY_LIKE = {
    **{name: f"{{np}}.{own}({{0}})" for name, own in (_SAME | _ARC).items() if name != "atan2"},
    "atan2": "{np}.arctan2({0}, {1})",
    "relu": "{np}.maximum({0}, 0)",
    "step": "{np}.heaviside({0}, 0.0)",
    "max": "{np}.maximum({0}, {1})",
    "min": "{np}.minimum({0}, {1})",
    "pow": "{np}.power({0}, {1})",
    "where": "{np}.where({0}, {1}, {2})",
}


@dataclass(frozen=True, slots=True)
class Library:
    """A library's name for everything that a function needs.

    functions  elementwise functions, by name: a pattern over the arguments
    imports    the line that each prefix needs
    axis       the keyword that names an axis
    reduce     reductions: a pattern over the array {0} and its axes {axis}
    linear     operators on matrices: a pattern over the arrays
    updates    whether arrays cannot be written to: `at[…].set` instead
    widening   functions whose values are float64 whatever their arguments are
    quiet      the decorator of functions that compute, and do not use, what may be infinite or undefined
    windows    all windows of an array {0}, of a shape {1}; empty where there are no such views
    """

    name: str
    prefix: str
    imports: Mapping[str, str]
    functions: Mapping[str, str]
    reduce: Mapping[str, str]
    linear: Mapping[str, str]
    axis: str = "axis"
    keep: str = "keepdims"
    updates: bool = False
    widening: frozenset[str] = frozenset()
    quiet: str = ""
    windows: str = ""
    helpers: Mapping[str, str] = field(default_factory=dict)

    def filled(self, pattern: str, arguments: Sequence[str] = (), **words: str) -> str:
        """A pattern with its words and arguments."""
        return pattern.format(*arguments, np=self.prefix, **words)


_ADJUGATE = '''
def adjugate(a):
    """The transposed cofactors of matrices, singular ones included."""
    u, s, vh = np.linalg.svd(a)
    k = np.arange(s.shape[-1])
    minors = np.prod(np.where(k[:, None] == k, 1, s[..., None, :]), axis=-1)
    sign = np.linalg.det(u) * np.linalg.det(vh)
    scale = sign[..., None] * minors
    return (np.swapaxes(vh, -1, -2) * scale[..., None, :]) @ np.swapaxes(u, -1, -2)
'''
_SIGMOID = '''
def sigmoid(z):
    """1 / (1 + exp(-z)), without overflow."""
    return np.exp(np.minimum(z, 0)) / (1 + np.exp(-np.abs(z)))
'''
_SOFTPLUS = '''
def softplus(z):
    """log(1 + exp(z)), without overflow."""
    return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))
'''
_REDUCE = {
    "sum": "{np}.sum({0}{axis}{keep})",
    "mean": "{np}.mean({0}{axis})",
    "prod": "{np}.prod({0}{axis})",
    "max": "{np}.max({0}{axis}{keep})",
    "min": "{np}.min({0}{axis})",
    "norm": "{np}.linalg.norm({0}{axis})",
    "cumsum": "{np}.cumsum({0}{axis})",
}
_LINEAR = {
    "det": "{np}.linalg.det({0})",
    "logdet": "{np}.linalg.slogdet({0})[1]",
    "inv": "{np}.linalg.inv({0})",
    "adj": "adjugate({0})",
    "chol": "{np}.linalg.cholesky({0})",
    "solve": "{np}.linalg.solve({0}, {1})",
}

NUMPY = Library(
    "numpy",
    "np",
    {"math": "import math", "np": "import numpy as np", "special": "from scipy import special"},
    {
        **_NUMPY_LIKE,
        "erf": "special.erf({0})",
        "erfc": "special.erfc({0})",
        "lgamma": "special.gammaln({0})",
        "digamma": "special.digamma({0})",
        "polygamma": "special.polygamma({0}, {1})",
        "sigmoid": "sigmoid({0})",
        "softplus": "softplus({0})",
        "silu": "{0} * sigmoid({0})",
        "gelu": "0.5 * {0} * (1 + special.erf({0} / math.sqrt(2)))",
    },
    _REDUCE | {"top": "{np}.max({0}{axis}{keep}, initial=-{np}.inf)"},  # of nothing it is −∞
    _LINEAR,
    widening=frozenset({"polygamma"}),
    quiet='@np.errstate(divide="ignore", invalid="ignore")  # where brackets are false',
    windows="np.lib.stride_tricks.sliding_window_view({0}, {1})",
    helpers={"adjugate": _ADJUGATE, "sigmoid": _SIGMOID, "softplus": _SOFTPLUS},
)
JAX = Library(
    "jax",
    "jnp",
    {"jax": "import jax", "jnp": "import jax.numpy as jnp"},
    {
        **_NUMPY_LIKE,
        "erf": "jax.scipy.special.erf({0})",
        "erfc": "jax.scipy.special.erfc({0})",
        "lgamma": "jax.scipy.special.gammaln({0})",
        "digamma": "jax.scipy.special.digamma({0})",
        "polygamma": "jax.scipy.special.polygamma({0}, {1})",
        "sigmoid": "jax.nn.sigmoid({0})",
        "softplus": "jax.nn.softplus({0})",
        "silu": "jax.nn.silu({0})",
        "gelu": "jax.nn.gelu({0}, approximate=False)",
    },
    {
        **_REDUCE,
        "logsumexp": "jax.nn.logsumexp({0}{axis})",
        "softmax": "jax.nn.softmax({0}{axis})",
        "log_softmax": "jax.nn.log_softmax({0}{axis})",
    },
    _LINEAR,
    updates=True,
    helpers={"adjugate": _ADJUGATE.replace("np.", "jnp.")},
)
TORCH = Library(
    "torch",
    "torch",
    {"math": "import math", "torch": "import torch"},
    {
        **{name: f"torch.{name}({{0}})" for name in _SAME},
        **{name: f"torch.{name}({{0}})" for name in _ARC if name != "atan2"},
        "atan2": "torch.atan2({0}, {1})",
        "relu": "torch.relu({0})",
        "step": "({0} > 0).to({0}.dtype)",
        "max": "torch.maximum({0}, {1})",
        "min": "torch.minimum({0}, {1})",
        "pow": "torch.pow({0}, {1})",
        "where": "torch.where({0}, {1}, {2})",
        "erf": "torch.special.erf({0})",
        "erfc": "torch.special.erfc({0})",
        "lgamma": "torch.special.gammaln({0})",
        "digamma": "torch.special.digamma({0})",
        "polygamma": "torch.special.polygamma({0}, {1})",
        "sigmoid": "torch.sigmoid({0})",
        "softplus": "torch.logaddexp({0}, torch.zeros_like({0}))",
        "silu": "torch.nn.functional.silu({0})",
        "gelu": "torch.nn.functional.gelu({0})",
    },
    {
        "sum": "torch.sum({0}{axis}{keep})",
        "mean": "torch.mean({0}{axis})",
        "prod": "torch.prod({0}{axis})",
        "max": "torch.amax({0}{axis}{keep})",
        "min": "torch.amin({0}{axis})",
        "norm": "torch.linalg.vector_norm({0}{axis})",
        "cumsum": "torch.cumsum({0}{axis})",
        "logsumexp": "torch.logsumexp({0}{axis})",
        "softmax": "torch.exp({0} - torch.logsumexp({0}{axis}{keep}))",
        "log_softmax": "{0} - torch.logsumexp({0}{axis}{keep})",
    },
    _LINEAR,
    axis="dim",
    keep="keepdim",
    windows="{0}.unfold({1})",
    helpers={
        "adjugate": _ADJUGATE.replace("np.arange(s.shape[-1])", "torch.arange(s.shape[-1], device=s.device)")
        .replace("axis=-1", "dim=-1")
        .replace("np.", "torch.")
    },
)
LIBRARIES = {library.name: library for library in (NUMPY, JAX, TORCH)}


def library_of(name: str) -> Library:
    """The library of this name."""
    if name not in LIBRARIES:
        known = ", ".join(LIBRARIES)
        raise BackendError(f"no source code is written for {name!r}", hint=f"the libraries are {known}")
    return LIBRARIES[name]
