"""A definition as Σ pattern · core, taken apart: a definition for each core, and patterns as numbers.

A pattern says which axes of the result are equal (its Kronecker deltas), a core varies along some of the
classes of equal axes and is constant along the others. Whatever else may tie axes to each other, as the
deltas of computed subscripts do, stays in the core as a bracket.
"""

from __future__ import annotations

from dataclasses import dataclass

from indicial.ir.indices import Index, formals
from indicial.ir.nodes import ZERO, Add, Definition, Node
from indicial.ir.traversal import substitute
from indicial.simplify.inline import patterns
from indicial.simplify.terms import scaled, summands


@dataclass(frozen=True, slots=True)
class Pattern:
    """Which axes are equal, and along which of them a core varies.

    classes  for each axis the number of its class; classes are numbered in the order of their first axes
    held     the classes that are the axes of the core, in order; it is constant along the others
    """

    classes: tuple[int, ...]
    held: tuple[int, ...]


def taken_apart(definition: Definition) -> list[tuple[Pattern, Definition]]:
    """The patterns of a canonical definition with their cores; none if it is zero."""
    found: list[tuple[Pattern, Definition]] = []
    for deltas, whole in patterns(definition.body).items():
        leader = {delta.right: delta.left for delta in deltas}
        leaders = [leader.get(index, index) for index in definition.formals]
        order = list(dict.fromkeys(leaders))
        classes = tuple([order.index(index) for index in leaders])
        for core in _by_axes(whole):
            held = [index for index in order if index in core.free]
            own = formals(tuple([index.space for index in held]))
            body = substitute(core, dict(zip(held, own, strict=True)))
            pattern = Pattern(classes, tuple([order.index(index) for index in held]))
            found.append((pattern, Definition("", own, body)))
    return found


def _by_axes(core: Node) -> list[Node]:
    """The sums of those terms that have the same axes, or some of them; no sum if the core is zero."""
    groups: dict[frozenset[Index], list[Node]] = {}
    terms = [(monomial.free, scaled(coefficient, monomial)) for coefficient, monomial in summands(core)]
    for free, term in sorted(terms, key=lambda each: -len(each[0])):
        if term != ZERO:
            groups.setdefault(next((own for own in groups if own >= free), free), []).append(term)
    return [parts[0] if len(parts) == 1 else Add(tuple(parts)) for parts in groups.values()]
