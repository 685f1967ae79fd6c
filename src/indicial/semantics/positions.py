"""Positions that are scalars: with `tensor t: integer`, z[t] and x[i+t] are read at the place that t says."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from indicial.errors import NotationError, Note, Span
from indicial.ir.traversal import Stackless, stackless
from indicial.semantics.walk import preorder
from indicial.syntax import tree


def declared_positions(source: tree.Source) -> dict[str, Span]:
    """The scalars that are declared whole numbers, each at its declaration."""
    return {
        tensor.name: tensor.span
        for line in source.tensors
        if any(word.name == "integer" for word in line.properties)
        for tensor in line.tensors
        if not tensor.subscripts
    }


def with_positions(source: tree.Source) -> tree.Source:
    """The program with subscripts as computed ones where positions stand in them: E[t, d]."""
    positions = declared_positions(source)
    if not positions:
        return source
    statements: list[tree.Statement] = []
    for statement in source.statements:
        _check_letters(source.text, statement, positions)
        statements.append(replace(statement, value=stackless(_located(statement.value, positions))))
    return replace(source, statements=tuple(statements))


def _check_letters(text: str, statement: tree.Statement, positions: dict[str, Span]) -> None:
    """A position is no index: it does not stand on the left side, nor is it an operator's letter."""
    operators = [node for node in preorder(statement.value) if isinstance(node, tree.Operator)]
    for index in (*statement.target.subscripts, *[index for node in operators for index in node.indices]):
        if index.name in positions:
            raise NotationError(
                f"'{index.name}' is declared as a whole number, and stands here as an index",
                source=text,
                span=index.span,
                notes=(Note(positions[index.name], "declared here"),),
                hint="choose another letter for the index or for the number",
            )


def _located(node: tree.Expression, positions: Collection[str]) -> Stackless[tree.Expression]:
    match node:
        case tree.Tensor(subscripts=subscripts):
            if not any(index.name in positions for index in subscripts):
                return node
            places = tuple([tree.Tensor(index.name, (), index.span) for index in subscripts])
            return tree.Component(node.name, places, node.span)
        case tree.Sum(terms=terms):
            parts = yield _each([term.value for term in terms], positions)
            return replace(
                node, terms=tuple([tree.Term(t.sign, p) for t, p in zip(terms, parts, strict=True)])
            )
        case tree.Product(factors=factors):
            parts = yield _each([factor.value for factor in factors], positions)
            pairs = zip(factors, parts, strict=True)
            return replace(node, factors=tuple([tree.Factor(part, each.divides) for each, part in pairs]))
        case tree.Negation() | tree.Group():
            (value,) = yield _each([node.value], positions)
            return replace(node, value=value)
        case tree.Power():
            base, exponent = yield _each([node.base, node.exponent], positions)
            return replace(node, base=base, exponent=exponent)
        case tree.Comparison():
            left, right = yield _each([node.left, node.right], positions)
            return replace(node, left=left, right=right)
        case tree.Iverson():
            (condition,) = yield _each([node.condition], positions)
            return replace(node, condition=condition)
        case tree.Call() | tree.Operator():
            parts = yield _each(node.arguments, positions)
            return replace(node, arguments=tuple(parts))
        case tree.Component():
            parts = yield _each(node.subscripts, positions)
            return replace(node, subscripts=tuple(parts))
        case tree.Derivative():
            parts = yield _each([node.argument, *node.denominators], positions)
            return replace(node, argument=parts[0], denominators=tuple(parts[1:]))
    return node


def _each(
    nodes: Collection[tree.Expression], positions: Collection[str]
) -> Stackless[list[tree.Expression]]:
    parts: list[tree.Expression] = []
    for node in nodes:
        part: tree.Expression = yield _located(node, positions)
        parts.append(part)
    return parts
