"""The face of the library: programs, derivatives and the verbs on them."""

from indicial.api.check import CheckReport, check
from indicial.api.compiled import CompiledFunction
from indicial.api.differentials import pullback, pushforward, taylor
from indicial.api.functions import derive, evaluate, grad, hessian, jacobian, parse, value_and_grad
from indicial.api.objective import Objective, objective
from indicial.api.products import hvp, jvp, vjp
from indicial.api.program import Derivative, Derivatives, Program
from indicial.api.steps import Derivation
from indicial.backends.structured.tensor import StructuredTensor
from indicial.planning.memory import set_memory_limit

__all__ = [
    "CheckReport", "CompiledFunction", "Derivation", "Derivative", "Derivatives", "Objective", "Program",
    "StructuredTensor", "check", "derive", "evaluate", "grad", "hessian", "hvp", "jacobian", "jvp",
    "objective", "parse", "pullback", "pushforward", "set_memory_limit", "taylor", "value_and_grad", "vjp",
]  # fmt: skip
