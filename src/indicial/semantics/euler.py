"""e^x, with an e that is nothing else in the program, is exp(x)."""

from __future__ import annotations

from dataclasses import replace

from indicial.semantics.walk import mapped, preorder
from indicial.syntax import tree

NAME = "e"


def with_exponentials(source: tree.Source) -> tree.Source:
    """The program with exp(x_i) for e^(x_i) where e has no other use: as a base of such powers only."""
    values = [statement.value for statement in source.statements]
    powers = [node for value in values for node in preorder(value) if _is_exponential(node)]
    if not powers or _is_known(source):
        return source
    used = [node for value in values for node in preorder(value) if _is_name(node)]
    if len(used) > len(powers):
        return source
    statements = [replace(each, value=mapped(each.value, _exponential)) for each in source.statements]
    return replace(source, statements=tuple(statements))


def _is_exponential(node: tree.Expression) -> bool:
    """Whether e is raised to a power with a tensor in it."""
    return (
        isinstance(node, tree.Power)
        and _is_name(node.base)
        and isinstance(node.base, tree.Tensor)
        and not node.base.subscripts
        and any(isinstance(part, tree.Tensor | tree.Component) for part in preorder(node.exponent))
    )


def _exponential(node: tree.Expression) -> tree.Expression:
    if not isinstance(node, tree.Power) or not _is_exponential(node):
        return node
    return tree.Call("exp", (node.exponent,), node.base.span, node.span)


def _is_name(node: tree.Expression) -> bool:
    return isinstance(node, tree.Tensor | tree.Component) and node.name == NAME


def _is_known(source: tree.Source) -> bool:
    """Whether a statement or a declaration says what e is."""
    declared = [tensor for line in source.tensors for tensor in line.tensors]
    targets = [statement.target for statement in source.statements]
    return any(tensor.name == NAME for tensor in (*declared, *targets)) or any(
        NAME in (line.index.name, line.extent) for line in source.declarations
    )
