"""Derivatives of tensor expressions in index notation: as formulas and as numbers.

>>> import indicial as ix
>>> print(ix.derive("f_i = W_ij x_j", wrt="W").equation)
∂f_i/∂W_mn = δ_im x_n
"""

from typing import TYPE_CHECKING

from indicial import api
from indicial.api import (
    Derivative,
    Derivatives,
    Program,
    derive,
    evaluate,
    grad,
    hessian,
    jacobian,
    parse,
    value_and_grad,
)  # fmt: skip
from indicial.errors import (
    BackendError,
    DerivativeError,
    IndicialError,
    MemoryLimitError,
    NotationError,
    ParseError,
    ShapeError,
)  # fmt: skip

if TYPE_CHECKING:
    from indicial.api import (
        CheckReport,
        CompiledFunction,
        Derivation,
        Objective,
        StructuredTensor,
        check,
        hvp,
        jvp,
        objective,
        pullback,
        pushforward,
        set_memory_limit,
        taylor,
        vjp,
    )  # fmt: skip

__version__ = "0.1.0"

__all__ = [
    "BackendError", "CheckReport", "CompiledFunction", "Derivation", "Derivative", "DerivativeError",
    "Derivatives", "IndicialError", "MemoryLimitError", "NotationError", "Objective", "ParseError", "Program",
    "ShapeError", "StructuredTensor", "check", "derive", "evaluate", "grad", "hessian", "hvp", "jacobian",
    "jvp", "objective", "parse", "pullback", "pushforward", "set_memory_limit", "taylor", "value_and_grad",
    "vjp",
]  # fmt: skip


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = found = getattr(api, name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
