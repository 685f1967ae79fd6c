"""Norms, whose derivatives are written as they are where the norm is not 0."""

from __future__ import annotations

import itertools
from dataclasses import replace

from indicial.ir.nodes import ZERO, Apply, Compare, Node, Operation, Power
from indicial.ir.traversal import substitute
from indicial.render.flattening import FlatProduct
from indicial.simplify.terms import split_coefficient


def without_norm_brackets(flat: FlatProduct) -> FlatProduct:
    """[n > 0] x / n of the norm n of x as x / n, as it is written where n is not 0, and [n > 0] x as x."""
    nodes = [factor.node for factor in (*flat.factors, *flat.divisors)]

    def needed(node: Node) -> bool:
        if not (isinstance(node, Compare) and node.relation == ">" and node.right == ZERO):
            return True
        norm = node.left.definition.body if isinstance(node.left, Apply) else node.left
        if not (isinstance(norm, Operation) and norm.operator == "norm"):
            return True
        bases = [each.base if isinstance(each, Power) else each for each in nodes]
        return not any(each == node.left or _is_entry(each, norm) for each in bases)

    return replace(flat, factors=[factor for factor in flat.factors if needed(factor.node)])


def _is_entry(node: Node, norm: Operation) -> bool:
    """Whether an expression is an entry of what the norm is taken of."""
    _, argument = split_coefficient(norm.arguments[0])  # a norm knows no sign
    free = sorted(node.free)
    if len(free) != len(norm.indices) or argument.free != frozenset(norm.indices):
        return False
    return any(
        substitute(argument, dict(zip(norm.indices, order, strict=True))) == node
        for order in itertools.permutations(free)
    )
