"""The value of literal expressions."""

from __future__ import annotations

from fractions import Fraction

from indicial.ir.traversal import Stackless, stackless
from indicial.syntax.matrix import tree


def literal(expression: tree.Expression) -> Fraction | None:
    """The value of an expression of numbers, signs, sums, products and quotients; else None."""
    return stackless(_literal(expression))


def _literal(node: tree.Expression) -> Stackless[Fraction | None]:
    value: Fraction | None
    match node:
        case tree.Number():
            return node.value
        case tree.Negation():
            value = yield _literal(node.value)
            return None if value is None else -value
        case tree.Sum(terms=terms):
            total = Fraction(0)
            for term in terms:
                value = yield _literal(term.value)
                if value is None:
                    return None
                total += term.sign * value
            return total
        case tree.Product(factors=factors):
            result = Fraction(1)
            for factor in factors:
                value = yield _literal(factor.value)
                divides = factor.operator in ("/", "./")
                if value is None or (divides and value == 0):
                    return None
                result = result / value if divides else result * value
            return result
    return None
