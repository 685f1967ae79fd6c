"""The face of the library: programs, derivatives and the verbs on them."""

from indicial.api.check import CheckReport, check
from indicial.api.functions import derive, evaluate, grad, hessian, jacobian, parse, value_and_grad
from indicial.api.program import Derivative, Derivatives, Program
from indicial.api.steps import Derivation

__all__ = [
    "CheckReport", "Derivation", "Derivative", "Derivatives", "Program", "check", "derive", "evaluate",
    "grad", "hessian", "jacobian", "parse", "value_and_grad",
]  # fmt: skip
