"""Derivatives inside programs: ∂e/∂X_{ij}∂Y_{k} written out as what it is.

Innermost first. The expression becomes a definition of its free indices, with its derivative by each
variable in turn, all of them held throughout; that is applied at the indices of the expression and of
the variables: `D(x_i y_i, x_i)` is ∂(x_i y_i)/∂x_m at m = i.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from indicial.calculus.derive import jacobians
from indicial.ir.indices import Space, formals
from indicial.ir.nodes import Access, Apply, Definition, Node, Partial
from indicial.ir.traversal import postorder, rebuilt, substitute
from indicial.simplify.canonical import Simplifier
from indicial.simplify.exponentials import stable
from indicial.simplify.facts import Facts
from indicial.simplify.inline import transparent


def canonical(roots: Iterable[Definition], facts: Facts) -> dict[Definition, Definition]:
    """Every definition under the roots in canonical form, derivatives written out.

    Quotients of exponentials are softmax and sigmoid from here on, in numbers as in formulas.
    """
    simplify = Simplifier(facts, transparent)

    def change(definition: Definition) -> Definition:
        if has_partials(definition):
            return _expanded(definition, facts, simplify)
        plain = simplify.definition(definition)
        named = stable(plain)
        return plain if named.body is plain.body else simplify.definition(named)

    return rebuilt(roots, change)


def has_partials(definition: Definition) -> bool:
    """Whether a body holds a derivative that is not written out."""
    return any(isinstance(node, Partial) for node in postorder(definition.body))


def _expanded(definition: Definition, facts: Facts, simplify: Simplifier) -> Definition:
    """A definition over canonical ones, with its derivatives written out, in canonical form.

    A derivative that is used once is written where it stands, so that its indices meet those around it:
    of a divergence only the diagonal is computed.
    """
    values: dict[Node, Node] = {}
    used: Counter[Definition] = Counter()
    for node in postorder(definition.body):
        kids = tuple([values[child] for child in node.children])
        value = node.with_children(kids) if kids else node
        if isinstance(value, Partial):
            value = _applied(value, facts, simplify)
            used[value.definition] += 1
        values[node] = value
    here = Simplifier(facts, lambda each: used[each] == 1 or transparent(each))
    return here.definition(Definition(definition.name, definition.formals, values[definition.body]))


def _applied(node: Partial, facts: Facts, simplify: Simplifier) -> Apply:
    """The derivative as a definition, at the indices of the expression and of its variables."""
    indices = tuple(sorted(node.body.free))
    own = formals(tuple([index.space for index in indices]))
    body = simplify(substitute(node.body, dict(zip(indices, own, strict=True))))
    derivative = Definition("", own, body)
    held = dict(map(_variable, node.variables))
    for variable in node.variables:
        name, _ = _variable(variable)
        derivative = jacobians(derivative, [name], held, facts)[name]
    at = [index for variable in node.variables for index in variable.indices_here]
    return Apply(derivative, (*indices, *at))


def _variable(leaf: Node) -> tuple[str, tuple[Space, ...]]:
    """The name of a variable, and the spaces of its axes."""
    assert isinstance(leaf, (Access, Apply))
    name = leaf.tensor if isinstance(leaf, Access) else leaf.definition.name
    return name, tuple([index.space for index in leaf.indices])
