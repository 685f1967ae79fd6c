"""SciPy's sparse matrices and operators: an extra."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from indicial.backends.structured.parts import Array, Shape
from indicial.errors import BackendError


def coo(coordinates: Sequence[Array], values: Array, shape: Shape) -> Any:
    """A scipy.sparse.coo_array without duplicates."""
    try:
        from scipy import sparse
    except ImportError as error:
        raise _missing("a sparse array") from error
    result = sparse.coo_array((values, tuple(coordinates)), shape=shape)
    result.sum_duplicates()
    return result


def operator(shape: Shape, dtype: Any, forward: Callable[[Any], Any], backward: Callable[[Any], Any]) -> Any:
    """A scipy.sparse.linalg.LinearOperator."""
    try:
        from scipy.sparse.linalg import LinearOperator
    except ImportError as error:
        raise _missing("a linear operator") from error
    return LinearOperator(shape, forward, backward, forward, dtype, backward)


def _missing(what: str) -> BackendError:
    return BackendError(f"{what} needs SciPy, which is not installed", hint='pip install "indicial[scipy]"')
