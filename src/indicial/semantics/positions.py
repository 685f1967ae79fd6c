"""Positions that are scalars: with `tensor t: integer`, z[t] and x[i+t] are read at the place that t says."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from indicial.errors import NotationError, Note, Span
from indicial.semantics.walk import mapped, preorder
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
        statements.append(
            replace(statement, value=mapped(statement.value, lambda node: _located(node, positions)))
        )
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


def _located(node: tree.Expression, positions: Collection[str]) -> tree.Expression:
    """A tensor with a position among its subscripts as one that is read at computed places."""
    if not isinstance(node, tree.Tensor) or not any(index.name in positions for index in node.subscripts):
        return node
    places = tuple([tree.Tensor(index.name, (), index.span) for index in node.subscripts])
    return tree.Component(node.name, places, node.span)
