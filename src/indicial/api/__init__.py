"""The face of the library: programs, derivatives and the verbs on them.

What a derivative needs is imported with the package, the rest at its first use.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from indicial.api.derivative import Derivative
from indicial.api.derivatives import Derivatives
from indicial.api.deriving import derive
from indicial.api.functions import evaluate, grad, hessian, jacobian, value_and_grad
from indicial.api.program import Program
from indicial.api.sources import parse

if TYPE_CHECKING:
    from indicial.api.checking import CheckReport, check
    from indicial.api.compiled import CompiledFunction
    from indicial.api.differentials import pullback, pushforward, taylor
    from indicial.api.objectives import Objective, objective
    from indicial.api.products import hvp, jvp, vjp
    from indicial.api.steps import Derivation
    from indicial.backends.structured.tensor import StructuredTensor
    from indicial.planning.memory import set_memory_limit

__all__ = [
    "CheckReport", "CompiledFunction", "Derivation", "Derivative", "Derivatives", "Objective", "Program",
    "StructuredTensor", "check", "derive", "evaluate", "grad", "hessian", "hvp", "jacobian", "jvp",
    "objective", "parse", "pullback", "pushforward", "set_memory_limit", "taylor", "value_and_grad", "vjp",
]  # fmt: skip

_LATER = {
    "indicial.api.checking": ("CheckReport", "check"),
    "indicial.api.compiled": ("CompiledFunction",),
    "indicial.api.differentials": ("pullback", "pushforward", "taylor"),
    "indicial.api.objectives": ("Objective", "objective"),
    "indicial.api.products": ("hvp", "jvp", "vjp"),
    "indicial.api.steps": ("Derivation",),
    "indicial.backends.structured.tensor": ("StructuredTensor",),
    "indicial.planning.memory": ("set_memory_limit",),
}
_HOME = {name: module for module, names in _LATER.items() for name in names}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = found = getattr(import_module(_HOME[name]), name)
    return found
