"""Derivatives of tensor expressions in index notation: as formulas and as numbers.

>>> import indicial as ix
>>> print(ix.derive("f_i = W_ij x_j", wrt="W").equation)
∂f_i/∂W_mn = δ_im x_n
"""

from indicial.api import (
    CheckReport,
    CompiledFunction,
    Derivation,
    Derivative,
    Derivatives,
    Objective,
    Program,
    StructuredTensor,
    check,
    derive,
    evaluate,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    objective,
    parse,
    pullback,
    pushforward,
    set_memory_limit,
    taylor,
    value_and_grad,
    vjp,
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

__version__ = "0.1.0"

__all__ = [
    "BackendError", "CheckReport", "CompiledFunction", "Derivation", "Derivative", "DerivativeError",
    "Derivatives", "IndicialError", "MemoryLimitError", "NotationError", "Objective", "ParseError", "Program",
    "ShapeError", "StructuredTensor", "check", "derive", "evaluate", "grad", "hessian", "hvp", "jacobian",
    "jvp", "objective", "parse", "pullback", "pushforward", "set_memory_limit", "taylor", "value_and_grad",
    "vjp",
]  # fmt: skip
