"""Conditions between indices in the form in which they are printed."""

from __future__ import annotations

from collections.abc import Iterable

from indicial.ir.indices import Space
from indicial.ir.nodes import ONE, ZERO, Compare, Definition, Extent, Node, Position
from indicial.ir.traversal import postorder, rebuilt
from indicial.simplify.affine import Form, settled
from indicial.simplify.canonical import Simplifier
from indicial.simplify.facts import Facts
from indicial.simplify.rules import compared


def with_plain_conditions(definitions: Iterable[Definition]) -> list[Definition]:
    """The definitions with the conditions between indices in canonical form, and all else as it is."""
    roots = list(definitions)
    simplify = Simplifier()

    def change(definition: Definition) -> Definition:
        values: dict[Node, Node] = {}
        for node in postorder(definition.body):
            kids = tuple([values[child] for child in node.children])
            value = node.with_children(kids) if kids else node
            of_indices = isinstance(node, Compare) and any(isinstance(n, Position) for n in postorder(node))
            values[node] = simplify(value) if of_indices else value
        return Definition(definition.name, definition.formals, values[definition.body])

    done = rebuilt(roots, change)
    return [done[root] for root in roots]


def guards(value: Form, space: Space, facts: Facts) -> tuple[Node, Node]:
    """The brackets that say where a form is a position on an axis; 1 or 0 where extents decide."""
    above, below = compared("<=", ZERO, value.node), compared("<", value.node, Extent(space))
    known = settled(compared("<", value.node, facts.extents.get(space, Extent(space))), facts)
    return settled(above, facts), known if known in (ONE, ZERO) else below
