"""The table of elementwise functions: value, derivative and names, one row each.

The derivative of a row is written in the language itself as an expression of the row's arguments;
a rule gives one partial for each argument that can vary. Sources: Abramowitz and Stegun, Handbook of
Mathematical Functions, chapters 4, 6 and 7; at kinks the derivative is that of DESIGN's convention:
sign(0) = step(0) = 0, a tie with a constant counts as 0, a tie of two variables is shared equally.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from indicial.errors import BackendError
from indicial.ir.nodes import HALF, ONE, ZERO, Access, Apply, Call, Compare, Constant, Node, Number, Power
from indicial.ir.traversal import definitions_under, postorder

Partial = Callable[..., Node]


@dataclass(frozen=True, slots=True)
class Elementwise:
    """A row of the table.

    partials    for each argument that varies, its partial derivative as a function of all arguments
    value       the NumPy implementation, of arrays
    latex       the name in LaTeX
    parameters  how many leading arguments are literal integers (`polygamma(n, x)`)
    holomorphic whether the complex-step derivative applies
    """

    name: str
    partials: tuple[Partial, ...]
    value: Callable[..., Any]
    latex: str
    parameters: int = 0
    holomorphic: bool = True

    @property
    def arity(self) -> int:
        """The number of arguments, parameters included."""
        return self.parameters + len(self.partials)


FUNCTIONS: dict[str, Elementwise] = {}


def _row(
    name: str,
    *partials: Partial,
    value: Callable[..., Any],
    latex: str = "",
    parameters: int = 0,
    holomorphic: bool = True,
) -> None:
    latex = latex or rf"\operatorname{{{name}}}"
    FUNCTIONS[name] = Elementwise(name, partials, value, latex, parameters, holomorphic)


def call(name: str, *arguments: Node) -> Node:
    """The node of an elementwise function at its arguments."""
    return Call(name, arguments)


def square(x: Node) -> Node:
    """x²"""
    return x**2


def root(x: Node) -> Node:
    """√x"""
    return Power(x, HALF)


_RELATIONS: dict[str, str] = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}


def negated(condition: Node) -> Node:
    """[not c] of a comparison [c]."""
    assert isinstance(condition, Compare)
    return Compare(_RELATIONS[condition.relation], condition.left, condition.right)


def is_constant(node: Node) -> bool:
    """Whether an expression has no input in it: a tie with such a one counts as 0."""
    applied = [each for each in postorder(node) if isinstance(each, Apply)]
    bodies = [each.body for each in definitions_under(*[apply.definition for apply in applied])]
    return not any(isinstance(each, Access) for each in postorder(node, *bodies))


def _wins(relation: str) -> tuple[Partial, Partial]:
    """Partials of max (`>`) or min (`<`): 1 for the winner, shared at a tie of two variables."""

    def partial(own: Node, other: Node) -> Node:
        clear = Compare(relation, own, other)
        return clear if is_constant(other) else clear + HALF * Compare("==", own, other)

    return (lambda a, b: partial(a, b)), (lambda a, b: partial(b, a))


# --- numeric implementations that NumPy lacks -------------------------------------------------------


@lru_cache(maxsize=1)
def _scipy_special() -> Any:
    try:
        import scipy.special
    except ImportError:
        return None
    return scipy.special


def _special(name: str, plain: Callable[[float], float] | None) -> Callable[..., Any]:
    """SciPy's function, or Python's own applied entry by entry where SciPy is absent."""

    def value(*arguments: Any) -> Any:
        special = _scipy_special()
        if special is not None:
            return getattr(special, name)(*arguments)
        if plain is None:
            raise BackendError(
                f"the function {name} needs SciPy, which is not installed",
                hint="install the extra: pip install 'indicial[scipy]'",
            )
        x = np.asarray(arguments[-1])
        if x.dtype.kind == "c":
            raise BackendError(
                f"the function {name} of complex numbers needs SciPy, which is not installed",
                hint="install the extra: pip install 'indicial[scipy]'",
            )
        return np.vectorize(plain, otypes=[x.dtype])(x)

    value.__name__ = name
    _SPECIAL[value] = name
    return value


_SPECIAL: dict[Callable[..., Any], str] = {}  # the names that SciPy has for functions of the table


def ufunc_of(row: Elementwise) -> Any:
    """The universal function of NumPy or SciPy that a row's value is, or None."""
    if isinstance(row.value, np.ufunc):
        return row.value
    special = _scipy_special() if row.value in _SPECIAL else None
    found = getattr(special, _SPECIAL[row.value]) if special is not None else None
    return found if isinstance(found, np.ufunc) else None


def _lgamma(x: float) -> float:
    return math.inf if x <= 0 and x == math.floor(x) else math.lgamma(x)


def _sigmoid(x: Any) -> Any:
    small = np.exp(-np.abs(x)) if np.asarray(x).dtype.kind != "c" else None
    if small is None:
        return 1 / (1 + np.exp(-x))
    return np.where(x >= 0, 1, small) / (1 + small)


def _softplus(x: Any) -> Any:
    return np.logaddexp(x, 0) if np.asarray(x).dtype.kind != "c" else np.log1p(np.exp(x))


def _relu(x: Any) -> Any:
    return np.maximum(x, 0)


def _step(x: Any) -> Any:
    return np.asarray(x > 0).astype(np.asarray(x).dtype)


def _polygamma(n: Any, x: Any) -> Any:
    value = _special("polygamma", None)(n, x)
    return value.astype(np.asarray(x).dtype, copy=False)


_erf = _special("erf", math.erf)


def _gelu(x: Any) -> Any:
    return 0.5 * x * (1 + _erf(x * math.sqrt(0.5)))


# --- rows ------------------------------------------------------------------------------------------

_TWO_OVER_ROOT_PI = 2 * Power(Constant("pi"), -HALF)
_NORMAL = root(HALF) * Power(Constant("pi"), -HALF)  # the density of the normal distribution at 0


def _zero(*_: Node) -> Node:
    return ZERO


def _integer_step(n: Node) -> Node:
    assert isinstance(n, Number)
    return Number(n.value + 1)


_row("exp", lambda x: call("exp", x), value=np.exp, latex=r"\exp")
_row("log", lambda x: 1 / x, value=np.log, latex=r"\log")
_row("log1p", lambda x: 1 / (1 + x), value=np.log1p)
_row("expm1", lambda x: call("exp", x), value=np.expm1)
_row("sqrt", lambda x: HALF / root(x), value=np.sqrt, latex=r"\sqrt")
_row("abs", lambda x: call("sign", x), value=np.abs, holomorphic=False)
_row("sign", _zero, value=np.sign, holomorphic=False)
_row("step", _zero, value=_step, holomorphic=False)
_row("sin", lambda x: call("cos", x), value=np.sin, latex=r"\sin")
_row("cos", lambda x: -call("sin", x), value=np.cos, latex=r"\cos")
_row("tan", lambda x: 1 + square(call("tan", x)), value=np.tan, latex=r"\tan")
_row("asin", lambda x: 1 / root(1 - square(x)), value=np.arcsin, latex=r"\arcsin")
_row("acos", lambda x: -1 / root(1 - square(x)), value=np.arccos, latex=r"\arccos")
_row("atan", lambda x: 1 / (1 + square(x)), value=np.arctan, latex=r"\arctan")
_row("sinh", lambda x: call("cosh", x), value=np.sinh, latex=r"\sinh")
_row("cosh", lambda x: call("sinh", x), value=np.cosh, latex=r"\cosh")
_row("tanh", lambda x: 1 - square(call("tanh", x)), value=np.tanh, latex=r"\tanh")
_row("asinh", lambda x: 1 / root(1 + square(x)), value=np.arcsinh)
_row("acosh", lambda x: 1 / (root(x - 1) * root(x + 1)), value=np.arccosh)
_row("atanh", lambda x: 1 / (1 - square(x)), value=np.arctanh)
_row("erf", lambda x: _TWO_OVER_ROOT_PI * call("exp", -square(x)), value=_erf)
_row("erfc", lambda x: -_TWO_OVER_ROOT_PI * call("exp", -square(x)), value=_special("erfc", math.erfc))
_row(
    "lgamma",
    lambda x: call("digamma", x),
    value=_special("gammaln", _lgamma),
    latex=r"\log\Gamma",
    holomorphic=False,
)
_row("digamma", lambda x: call("polygamma", ONE, x), value=_special("digamma", None), latex=r"\psi")
_row(
    "polygamma",
    lambda n, x: call("polygamma", _integer_step(n), x),
    value=_polygamma,
    latex=r"\psi",
    parameters=1,
    holomorphic=False,
)
_row("sigmoid", lambda x: call("sigmoid", x) * (1 - call("sigmoid", x)), value=_sigmoid, latex=r"\sigma")
_row("softplus", lambda x: call("sigmoid", x), value=_softplus)
_row(
    "silu", lambda x: call("sigmoid", x) * (1 + x * (1 - call("sigmoid", x))), value=lambda x: x * _sigmoid(x)
)
_row(
    "gelu",
    lambda x: HALF * (1 + call("erf", x * root(HALF))) + x * _NORMAL * call("exp", -HALF * square(x)),
    value=_gelu,
)
_row("relu", lambda x: Compare(">", x, ZERO), value=_relu, holomorphic=False)
_row("max", *_wins(">"), value=np.maximum, latex=r"\max", holomorphic=False)
_row("min", *_wins("<"), value=np.minimum, latex=r"\min", holomorphic=False)
_row(
    "pow",
    lambda a, b: b * Power(a, b - 1),
    lambda a, b: Power(a, b) * call("log", a),
    value=np.power,
)
_row(
    "atan2",
    lambda y, x: x / (square(x) + square(y)),
    lambda y, x: -y / (square(x) + square(y)),
    value=np.arctan2,
    holomorphic=False,
)
_row(
    "where",
    _zero,
    lambda c, a, b: c,
    lambda c, a, b: negated(c),
    value=np.where,
    holomorphic=True,
)
