"""Derivatives of tensor expressions in index notation: as formulas and as numbers.

>>> import indicial as ix
>>> print(ix.derive("f_i = W_ij x_j", wrt="W").equation)
∂f_i/∂W_mn = δ_im x_n
"""

from indicial.api import (
    CheckReport,
    Derivation,
    Derivative,
    Derivatives,
    Program,
    check,
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

__version__ = "0.1.0"

__all__ = [
    "BackendError", "CheckReport", "Derivation", "Derivative", "DerivativeError", "Derivatives",
    "IndicialError", "MemoryLimitError", "NotationError", "ParseError", "Program", "ShapeError", "check",
    "derive", "evaluate", "grad", "hessian", "jacobian", "parse", "value_and_grad",
]  # fmt: skip
