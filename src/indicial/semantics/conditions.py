"""Which letters a condition may take for indices.

In `[j <= i] A_ij` the bare `i` and `j` are indices, because they are subscripts in the same product (or
bracket, or `where`); bound letters are indices anyway. Any other bare name in a condition is a scalar.
"""

from __future__ import annotations

from collections.abc import Iterator

from indicial.ir.traversal import Stackless, stackless
from indicial.semantics.vocabulary import keeps
from indicial.semantics.walk import children, preorder
from indicial.syntax import tree

Letters = frozenset[str]
_NONE: Letters = frozenset()


def letters_near_conditions(root: tree.Expression) -> dict[tree.Expression, Letters]:
    """For each bracket, product, … that holds a condition: the letters that are subscripts in it."""
    if not any(isinstance(node, tree.Comparison) for node in preorder(root)):
        return {}
    near: dict[tree.Expression, Letters] = {}
    stackless(_collect(root, near))
    return near


def _collect(node: tree.Expression, near: dict[tree.Expression, Letters]) -> Stackless[tuple[Letters, bool]]:
    if isinstance(node, tree.Tensor):
        return frozenset([index.name for index in node.subscripts]), False
    if isinstance(node, tree.Component):
        return frozenset(_letters_in(node)), False
    letters = _NONE
    holds_condition = isinstance(node, tree.Comparison)
    for child in children(node):
        below, inside = yield _collect(child, near)
        if not below <= letters:
            letters = below if letters <= below else letters | below
        holds_condition = holds_condition or inside
    if isinstance(node, tree.Operator):
        kept = keeps(node)
        letters = letters.difference([index.name for k, index in enumerate(node.indices) if k not in kept])
    if holds_condition and isinstance(node, (tree.Product, tree.Call, tree.Iverson, tree.Derivative)):
        near[node] = letters
    return letters, holds_condition


def _letters_in(component: tree.Component) -> Iterator[str]:
    """The names that stand in the subscripts of a component: its indices, and extents that have a name."""
    for node in preorder(component):
        if isinstance(node, tree.Tensor):
            yield from [index.name for index in node.subscripts] or [node.name]
