"""Arrays of other libraries: taken as they are, computed on with NumPy, given back as the caller's own.

Their arrays on the CPU become NumPy's without a copy, as `numpy.asarray` takes them, and results go back
through DLPack, without one where the library takes NumPy's memory as it lies. A further library is a
further row; one that computes by itself is a backend.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from indicial.errors import BackendError


@dataclass(frozen=True, slots=True)
class Library:
    """A library of arrays: its name, and how it takes an array of NumPy's."""

    name: str
    returned: Callable[[Any], Any]


def _through_dlpack(module: str) -> Callable[[Any], Any]:
    """A function that hands arrays of NumPy's to a library, which is imported as its arrays are there."""

    def returned(value: Any) -> Any:
        take = sys.modules[module].from_dlpack
        return take(np.require(value, requirements=["C", "W"]))

    return returned


NUMPY = Library("NumPy", lambda value: value)
_JAX = Library("JAX", _through_dlpack("jax.dlpack"))
_TORCH = Library("PyTorch", _through_dlpack("torch"))
_BY_PACKAGE: Mapping[str, Library] = {"numpy": NUMPY, "jax": _JAX, "jaxlib": _JAX, "torch": _TORCH}


def library_of(arrays: Mapping[str, object]) -> Library:
    """The library whose arrays these are; numbers and lists are of none, and alone of NumPy.

    Raises BackendError if they are of two.
    """
    holder: dict[str, str] = {}
    found = NUMPY
    for name, value in arrays.items():
        own = _own(value)
        if own is None:
            continue
        holder.setdefault(own.name, name)
        found = own
        if len(holder) > 1:
            (first, one), (second, other) = holder.items()
            raise BackendError(
                f"{one!r} is an array of {first}, but {other!r} of {second}",
                hint="give all arrays of one library; the result is of the same",
            )
    return found


def _own(value: object) -> Library | None:
    """The library of a value, an array of its own class or of one derived from it."""
    if isinstance(value, (int, float, complex, np.generic, list, tuple)):
        return None
    packages = [base.__module__.partition(".")[0] for base in type(value).__mro__]
    return next((_BY_PACKAGE[package] for package in packages if package in _BY_PACKAGE), None)
