"""Which factors are never negative: what a symmetric product may take the root of."""

from __future__ import annotations

from indicial.ir.nodes import Call, Compare, Extent, Mul, Node, Number, Operation, Power

_FUNCTIONS = frozenset({"abs", "cosh", "exp", "relu", "sigmoid", "softplus", "sqrt", "step"})
_OPERATORS = frozenset({"norm", "softmax"})


def is_nonnegative(node: Node) -> bool:
    """Whether a real expression is ≥ 0 by its form."""
    match node:
        case Number(value):
            return value >= 0
        case Call(function, _):
            return function in _FUNCTIONS
        case Operation(operator, _, _, _):
            return operator in _OPERATORS
        case Power(base, Number(exponent)):
            even = exponent.denominator == 1 and exponent.numerator % 2 == 0
            return even or (isinstance(base, (Call, Operation, Compare, Extent)) and is_nonnegative(base))
        case Mul(factors):
            return all(is_nonnegative(factor) for factor in factors)
    return isinstance(node, (Compare, Extent))
