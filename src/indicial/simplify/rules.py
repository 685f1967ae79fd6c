"""Small rules of the canonical form: order of indices, known values, comparisons."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from indicial.ir.indices import WORKING, Index
from indicial.ir.nodes import HALF, ONE, ZERO, Call, Compare, Constant, Node, Number, Operation, Power
from indicial.ir.properties import permutation_sign
from indicial.simplify.affine import related
from indicial.simplify.terms import scaled, split_coefficient


def index_order(index: Index) -> tuple[bool, int]:
    """Formal indices in axis order, then the others."""
    return (not 0 <= index.serial < WORKING, abs(index.serial))


def ordered(indices: tuple[Index, ...]) -> tuple[Index, ...]:
    """The indices of a symmetric or antisymmetric symbol in their canonical order."""
    return tuple(sorted(indices, key=index_order))


def permutation(indices: tuple[Index, ...]) -> int:
    """The sign of the permutation that orders the indices; 0 if one repeats."""
    return 0 if len(set(indices)) < len(indices) else permutation_sign([index_order(i) for i in indices])


_ZERO_AT_ZERO = [
    "sin",
    "tan",
    "asin",
    "atan",
    "sinh",
    "tanh",
    "asinh",
    "atanh",
    "expm1",
    "log1p",
    "erf",
    "gelu",
    "silu",
]
_ONE_AT_ZERO = ["exp", "cos", "cosh", "erfc"]
_AT_NUMBERS: dict[tuple[str, Fraction], Fraction] = {
    **{(name, Fraction(0)): Fraction(0) for name in _ZERO_AT_ZERO},
    **{(name, Fraction(0)): Fraction(1) for name in _ONE_AT_ZERO},
    ("log", Fraction(1)): Fraction(0),
    ("acos", Fraction(1)): Fraction(0),
    ("acosh", Fraction(1)): Fraction(0),
    ("sigmoid", Fraction(0)): Fraction(1, 2),
}
_PARITY = {  # f(−x) = f(x), or −f(x)
    **dict.fromkeys(("abs", "cos", "cosh"), 1),
    **dict.fromkeys(("sin", "tan", "asin", "atan", "sinh", "tanh", "asinh", "atanh", "erf", "sign"), -1),
}
_PIECEWISE: dict[str, Callable[..., Fraction]] = {
    "abs": abs,
    "sign": lambda x: Fraction((x > 0) - (x < 0)),
    "step": lambda x: Fraction(x > 0),
    "relu": lambda x: max(x, Fraction(0)),
    "max": max,
    "min": min,
}


def evaluated(function: str, arguments: tuple[Node, ...]) -> Node:
    """f(e, …) with canonical arguments: its value where that is known exactly, else the call."""
    if function == "sqrt":
        return Power(arguments[0], HALF)
    if function in _PARITY:
        coefficient, rest = split_coefficient(arguments[0])
        if coefficient < 0:
            amount, value = split_coefficient(evaluated(function, (scaled(-coefficient, rest),)))
            return scaled(_PARITY[function] * amount, value)
    if function == "where" and isinstance(arguments[0], Number):
        return arguments[1] if arguments[0].value else arguments[2]
    if function == "where":
        return _where(*arguments)
    if function == "log" and isinstance(arguments[0], Operation) and arguments[0].operator == "softmax":
        softmax = arguments[0]
        return Operation("log_softmax", softmax.indices, softmax.arguments, softmax.at)
    if function in ("max", "min"):
        if arguments[0] == arguments[1]:
            return arguments[0]
        arguments = tuple(sorted(arguments, key=lambda a: (not isinstance(a, (Number, Constant)), a.digest)))
    if arguments and all(isinstance(argument, Number) for argument in arguments):
        values = [argument.value for argument in arguments if isinstance(argument, Number)]
        if function in _PIECEWISE:
            return Number(Fraction(_PIECEWISE[function](*values)))
        known = _AT_NUMBERS.get((function, values[0])) if len(values) == 1 else None
        if known is not None:
            return Number(known)
    return Call(function, arguments)


def _where(condition: Node, value: Node, otherwise: Node) -> Node:
    """where(c, a, where(d, a, b)) whose conditions stand in canonical order: each gives the same a."""
    conditions = [condition]
    while isinstance(otherwise, Call) and otherwise.function == "where" and otherwise.arguments[1] == value:
        conditions.append(otherwise.arguments[0])
        otherwise = otherwise.arguments[2]
    for each in sorted(set(conditions), key=lambda node: node.digest, reverse=True):
        otherwise = Call("where", (each, value, otherwise))
    return otherwise


_MIRROR = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
_HOLDS: dict[str, Callable[[Fraction, Fraction], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
}


def compared(relation: str, left: Node, right: Node) -> Node:
    """[left ~ right] of canonical sides: a number stands on the right, else the order is < or ≤."""
    affine = related(relation, left, right)
    if affine is not None:
        return affine
    if isinstance(left, Number) and isinstance(right, Number):
        return ONE if _HOLDS[relation](left.value, right.value) else ZERO
    if left == right:
        return ONE if relation in ("<=", ">=", "==") else ZERO
    symmetric = relation in ("==", "!=")
    if isinstance(right, Number):
        turn = False
    elif isinstance(left, Number):
        turn = True
    else:
        turn = right.digest < left.digest if symmetric else relation in (">", ">=")
    return Compare(_MIRROR[relation], right, left) if turn else Compare(relation, left, right)
