"""Walks over the syntax tree, and the value of literal expressions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction

from indicial.ir.traversal import Stackless, stackless
from indicial.syntax import tree

Change = Callable[[tree.Expression], tree.Expression]


def children(node: tree.Expression) -> tuple[tree.Expression, ...]:
    """The expressions directly below, from left to right."""
    match node:
        case tree.Sum(terms=terms):
            return tuple([term.value for term in terms])
        case tree.Product(factors=factors):
            return tuple([factor.value for factor in factors])
        case tree.Negation(value=value) | tree.Group(value=value):
            return (value,)
        case tree.Power(base=base, exponent=exponent):
            return (base, exponent)
        case tree.Comparison(left=left, right=right):
            return (left, right)
        case tree.Iverson(condition=condition):
            return (condition,)
        case tree.Call(arguments=arguments):
            return arguments
        case tree.Operator(arguments=arguments):
            return arguments
        case tree.Component(subscripts=subscripts):
            return subscripts
        case tree.Derivative(argument=argument, denominators=denominators):
            return (argument, *denominators)
    return ()


def preorder(root: tree.Expression) -> Iterator[tree.Expression]:
    """Every expression under the root, each before those that it contains, from left to right."""
    stack = [root]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(children(node)))


def mapped(root: tree.Expression, change: Change) -> tree.Expression:
    """The expression with each part changed, from the leaves up."""
    result: tree.Expression = stackless(_mapped(root, change))
    return result


def _mapped(node: tree.Expression, change: Change) -> Stackless[tree.Expression]:
    parts: list[tree.Expression] = []
    for child in children(node):
        part: tree.Expression = yield _mapped(child, change)
        parts.append(part)
    if any(part is not child for part, child in zip(parts, children(node), strict=True)):
        node = _with_children(node, parts)
    return change(node)


def _with_children(node: tree.Expression, parts: list[tree.Expression]) -> tree.Expression:
    """The node over other parts, in the order of `children`."""
    match node:
        case tree.Sum(terms=terms):
            signed = [tree.Term(term.sign, part) for term, part in zip(terms, parts, strict=True)]
            return replace(node, terms=tuple(signed))
        case tree.Product(factors=factors):
            pairs = zip(factors, parts, strict=True)
            return replace(node, factors=tuple([tree.Factor(part, each.divides) for each, part in pairs]))
        case tree.Negation() | tree.Group():
            return replace(node, value=parts[0])
        case tree.Power():
            return replace(node, base=parts[0], exponent=parts[1])
        case tree.Comparison():
            return replace(node, left=parts[0], right=parts[1])
        case tree.Iverson() if isinstance(parts[0], tree.Comparison):
            return replace(node, condition=parts[0])
        case tree.Call() | tree.Operator():
            return replace(node, arguments=tuple(parts))
        case tree.Component():
            return replace(node, subscripts=tuple(parts))
        case tree.Derivative():
            below = [part for part in parts[1:] if isinstance(part, (tree.Tensor, tree.Component))]
            return replace(node, argument=parts[0], denominators=tuple(below))
    return node


def tensors(root: tree.Expression) -> Iterator[tree.Tensor | tree.Component]:
    """The tensors under the root from left to right; the first argument of `dim(W, 0)` is none."""
    stack = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, tree.Tensor | tree.Component):
            yield node
            stack.extend(reversed(children(node)))
        elif not (isinstance(node, tree.Call) and node.name == "dim"):
            stack.extend(reversed(children(node)))


def index_names(source: tree.Source) -> Iterator[tree.IndexName]:
    """Every index that is written anywhere in a program."""
    for line in source.declarations:
        yield line.index
    for statement in source.statements:
        yield from indices_of(statement)


def indices_of(statement: tree.Statement) -> Iterator[tree.IndexName]:
    """Every index that is written in a statement."""
    yield from statement.target.subscripts
    for node in preorder(statement.value):
        if isinstance(node, tree.Tensor):
            yield from node.subscripts
        elif isinstance(node, tree.Operator):
            yield from node.indices


def literal(expression: tree.Expression) -> Fraction | None:
    """The value of an expression of numbers, brackets, signs, sums, products and quotients; else None."""
    return stackless(_literal(expression))


def _literal(node: tree.Expression) -> Stackless[Fraction | None]:
    value: Fraction | None
    match node:
        case tree.Number():
            return node.value
        case tree.Group():
            value = yield _literal(node.value)
            return value
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
            value = yield _literal_product(factors)
            return value
    return None


def _literal_product(factors: tuple[tree.Factor, ...]) -> Stackless[Fraction | None]:
    result = Fraction(1)
    for factor in factors:
        value: Fraction | None = yield _literal(factor.value)
        if value is None or (factor.divides and value == 0):
            return None
        result = result / value if factor.divides else result * value
    return result


def is_repetition(power: tree.Power) -> bool:
    """Whether a power is an integer one ≥ 2, which reads as repeated factors."""
    exponent = literal(power.exponent)
    return exponent is not None and exponent.denominator == 1 and exponent >= 2
