"""The face of the library: programs, derivatives and the verbs on them."""

from indicial.api.check import CheckReport, check
from indicial.api.compiled import CompiledFunction
from indicial.api.functions import derive, evaluate, grad, hessian, jacobian, parse, value_and_grad
from indicial.api.program import Derivative, Derivatives, Program
from indicial.planning.memory import set_memory_limit

__all__ = [
    "CheckReport", "CompiledFunction", "Derivative", "Derivatives", "Program", "check", "derive",
    "evaluate", "grad", "hessian", "jacobian", "parse", "set_memory_limit", "value_and_grad",
]  # fmt: skip
