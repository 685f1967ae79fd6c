"""What is done to bodies before they are written: matrices with deltas, inverses, powers beside logarithms.

s_ij = A_ik A_jk + σ δ_ij            a line of its own, in which the delta is a write along the diagonal
Σ_j inv(A)_ij b_j = solve(A, b)_i    where no inverse is left that would be computed anyway
x log(x)                     x log(1) where x is 0, as in the engine
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from indicial.ir.indices import formals
from indicial.ir.nodes import Add, Apply, Definition, Delta, IndexSum, Node, Operation
from indicial.ir.traversal import postorder, rebuilt, substitute
from indicial.planning.solves import solved
from indicial.planning.zeros import finite_at_zero


def with_matrices_apart(definitions: Sequence[Definition]) -> Mapping[Definition, Definition]:
    """The definitions, and those under them, with a definition for each argument that has deltas in it."""
    return rebuilt(definitions, _apart)


def _apart(definition: Definition) -> Definition:
    values: dict[Node, Node] = {}
    for node in postorder(definition.body):
        kids = tuple([values[child] for child in node.children])
        if isinstance(node, Operation):
            kids = tuple([_named(child, node) for child in kids])
        values[node] = node.with_children(kids) if kids else node
    return Definition(definition.name, definition.formals, values[definition.body])


def _named(argument: Node, node: Operation) -> Node:
    """A sum with a delta under a name, if it has no indices but the operator's."""
    if not isinstance(argument, Add) or not argument.free <= set(node.indices):
        return argument
    deltas = [each for each in postorder(argument) if isinstance(each, Delta)]
    inside = [each for each in deltas if {each.left, each.right} <= argument.free]
    if not inside or len(inside) < len(deltas):
        return argument
    indices = tuple([index for index in node.indices if index in argument.free])
    own = formals(tuple([index.space for index in indices]))
    names = dict(zip(indices, own, strict=True))
    return Apply(Definition("", own, substitute(argument, names)), indices)


def with_solutions(bodies: Mapping[Definition, Definition]) -> Mapping[Definition, Definition]:
    """Each body with solutions for inverses that meet a vector; all as they were if an inverse is left."""
    changed = {key: _solved(body) for key, body in bodies.items()}
    nodes = postorder(*[each.body for each in changed.values()])
    left = any(isinstance(node, Operation) and node.operator == "inv" for node in nodes)
    return bodies if left else changed


def _solved(definition: Definition) -> Definition:
    return _rewritten(definition, lambda node: solved(node) if isinstance(node, IndexSum) else node)


def with_zeros(definition: Definition) -> Definition:
    """Logarithms, and divisors, beside powers that are 0 with them: the product is 0 there."""
    return _rewritten(definition, lambda node: finite_at_zero(node, ()))


def _rewritten(definition: Definition, rule: Callable[[Node], Node]) -> Definition:
    """The body with a rule applied to each node, from the leaves up."""
    values: dict[Node, Node] = {}
    for node in postorder(definition.body):
        kids = tuple([values[child] for child in node.children])
        values[node] = rule(node.with_children(kids) if kids else node)
    body = values[definition.body]
    return definition if body is definition.body else Definition(definition.name, definition.formals, body)
