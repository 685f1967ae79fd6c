"""The face of the library: programs, derivatives and the verbs on them."""

from indicial.api.check import CheckReport, check
from indicial.api.differentials import pullback, pushforward, taylor
from indicial.api.functions import derive, evaluate, grad, hessian, jacobian, parse, value_and_grad
from indicial.api.program import Derivative, Derivatives, Program

__all__ = [
    "CheckReport", "Derivative", "Derivatives", "Program", "check", "derive", "evaluate", "grad",
    "hessian", "jacobian", "parse", "pullback", "pushforward", "taylor", "value_and_grad",
]  # fmt: skip
