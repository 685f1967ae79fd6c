"""Syntax trees as text with every bracket written, for tests to compare."""

from __future__ import annotations

from functools import singledispatch

from indicial.syntax import tree
from indicial.syntax.parser import parse_source


@singledispatch
def shown(node: tree.Expression) -> str:
    """A tree, in full."""
    raise AssertionError(node)


@shown.register
def _(node: tree.Number) -> str:
    return str(node.value)


@shown.register
def _(node: tree.Tensor) -> str:
    return node.name + (f"[{_letters(node.subscripts)}]" if node.subscripts else "")


@shown.register
def _(node: tree.Sum) -> str:
    return "(sum " + " ".join([("+" if t.sign > 0 else "-") + shown(t.value) for t in node.terms]) + ")"


@shown.register
def _(node: tree.Product) -> str:
    return "(prod " + " ".join([("/" if f.divides else "*") + shown(f.value) for f in node.factors]) + ")"


@shown.register
def _(node: tree.Negation) -> str:
    return f"(neg {shown(node.value)})"


@shown.register
def _(node: tree.Power) -> str:
    return f"(pow {shown(node.base)} {shown(node.exponent)})"


@shown.register
def _(node: tree.Group) -> str:
    return f"<{shown(node.value)}>"


@shown.register
def _(node: tree.Comparison) -> str:
    return f"{shown(node.left)} {node.relation} {shown(node.right)}"


@shown.register
def _(node: tree.Iverson) -> str:
    return f"[{shown(node.condition)}]"


@shown.register
def _(node: tree.Call) -> str:
    return f"{node.name}({', '.join([shown(argument) for argument in node.arguments])})"


@shown.register
def _(node: tree.Operator) -> str:
    inside = " ".join([shown(argument) for argument in node.arguments])
    return f"({'sign ' if node.sign else ''}{node.name}_{_letters(node.indices)} {inside})"


@shown.register
def _(node: tree.Derivative) -> str:
    below = " ".join([shown(denominator) for denominator in node.denominators])
    return f"(D {shown(node.argument)} / {below})"


def _letters(indices: tuple[tree.IndexName, ...]) -> str:
    return " ".join([index.name for index in indices])


def read(expression: str) -> str:
    """What an expression is read as."""
    (statement,) = parse_source(f"r = {expression}").statements
    return shown(statement.value)
