"""Large bodies as small definitions, so that derivatives stay linear in size.

The differential of a product of n factors has n terms of n factors; that of a tree of products of a
few factors each is as large as the tree. In the same way a deep nest of calls is cut into shallow ones.
Small bodies are left as they are.
"""

from __future__ import annotations

from collections.abc import Sequence

from indicial.ir.indices import Index
from indicial.ir.nodes import Definition, IndexSum, Mul, Node
from indicial.ir.traversal import named, postorder

_LARGE = 48  # the size from which on a body is cut
_CHUNK = 20  # the size of the pieces
_FACTORS = 4  # the number of factors of one product in a tree of products


def split(definition: Definition) -> Definition:
    """The definition with anonymous ones for the parts of its body, if that is large."""
    if definition.body.size <= _LARGE:
        return definition
    order = postorder(definition.body)
    summed = {node.body for node in order if isinstance(node, IndexSum)}
    values: dict[Node, Node] = {}
    weights: dict[Node, int] = {}
    for node in order:
        for child in node.children:
            if weights[child] > _CHUNK and child not in summed:
                values[child], weights[child] = named(values[child]), 1
        kids = tuple([values[child] for child in node.children])
        weights[node] = 1 + sum([weights[child] for child in node.children])
        values[node] = node.with_children(kids) if kids else node
        if isinstance(node, IndexSum) or node not in summed:
            small = _product_tree(values[node])
            if small is not values[node]:
                values[node], weights[node] = small, 2 + _FACTORS
    return Definition(definition.name, definition.formals, values[definition.body])


def _product_tree(node: Node) -> Node:
    """A product of many factors as a tree of named ones, each of which sums what is private to it."""
    dummies: tuple[Index, ...] = ()
    body = node
    if isinstance(node, IndexSum):
        dummies, body = node.indices, node.body
    if not isinstance(body, Mul) or len(body.factors) <= _FACTORS:
        return node
    factors = _in_line(body.factors, dummies)
    while len(factors) > _FACTORS:
        groups = [factors[k : k + _FACTORS] for k in range(0, len(factors), _FACTORS)]
        holders: dict[Index, set[int]] = {}
        for position, group in enumerate(groups):
            for factor in group:
                for index in factor.free:
                    holders.setdefault(index, set()).add(position)
        private = {index for index in dummies if len(holders[index]) == 1}
        factors = [_group(group, private) for group in groups]
        dummies = tuple([index for index in dummies if index not in private])
    product = Mul(tuple(factors))
    return IndexSum(dummies, product) if dummies else product


def _group(factors: Sequence[Node], private: set[Index]) -> Node:
    if len(factors) == 1 and not (factors[0].free & private):
        return factors[0]
    product = Mul(tuple(factors))
    summed = tuple(sorted(product.free & private))
    return named(IndexSum(summed, product) if summed else product)


def _in_line(factors: Sequence[Node], dummies: Sequence[Index]) -> list[Node]:
    """The factors in an order in which those that share a dummy stand close: a chain as a chain."""
    holders: dict[Index, list[int]] = {index: [] for index in dummies}
    for position, factor in enumerate(factors):
        for index in sorted(factor.free):
            if index in holders:
                holders[index].append(position)
    ends = sorted(range(len(factors)), key=lambda k: sum(index in holders for index in factors[k].free))
    seen: set[int] = set()
    line: list[Node] = []
    for start in ends:
        pending = [start]
        while pending:
            position = pending.pop()
            if position in seen:
                continue
            seen.add(position)
            line.append(factors[position])
            for index in sorted(factors[position].free):
                pending.extend(holders.get(index, ()))
    return line
