"""A workload, and JAX as far as it is there: it is imported when a peer asks for it."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

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


class Library:
    """A library by name, imported when something of it is asked for."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __getattr__(self, attribute: str) -> Any:
        return getattr(importlib.import_module(self.name), attribute)


jax, jnp = Library("jax"), Library("jax.numpy")


def by(transform: str, function: Callable[..., Any], name: str) -> Callable[..., Any]:
    """JAX's transformations of a function by the argument of a name, the innermost last: "jacfwd hessian"."""

    def made(**arrays: Array) -> Any:
        transformed: Any = lambda value: function(**{**arrays, name: value})
        for each in reversed(transform.split()):
            transformed = getattr(jax, each)(transformed)
        return transformed(arrays[name])

    return made
