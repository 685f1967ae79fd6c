"""Which shared subexpressions are worth a name, and which are better written out.

A definition without a name is written out where it is applied if its body has deltas or equations of
indices (they can be contracted only in sight), if it is a few factors that cost nothing to repeat, or
if it is applied once; it is kept once it would make the formula long. The user's own statements are
always kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from fractions import Fraction

from indicial.ir.nodes import Add, Apply, Compare, Definition, Delta, Mul, Node
from indicial.ir.traversal import definitions_under, named, postorder, relinked
from indicial.simplify.affine import equation
from indicial.simplify.canonical import Simplifier
from indicial.simplify.facts import Facts
from indicial.simplify.sums import collected, joined
from indicial.simplify.terms import factors_in, summands

_CHEAP = 14  # the size up to which a body without sums over indices is repeated
_LONG = 60  # the size beyond which a body keeps its name although it is applied once


def transparent(definition: Definition) -> bool:
    """Whether a definition is replaced by its body wherever it is applied."""
    return not definition.name and (is_cheap(definition.body) or has_patterns(definition.body))


def is_cheap(body: Node) -> bool:
    """Whether computing a body twice costs hardly more than computing it once."""
    return body.size <= _CHEAP and not any(node.bound for node in postorder(body))


def has_deltas(body: Node) -> bool:
    """Whether some term of a canonical body has a delta as a factor."""
    if len(body.free) < 2:
        return False
    return any(isinstance(factor, Delta) for _, monomial in summands(body) for factor in factors_in(monomial))


def has_patterns(body: Node) -> bool:
    """Whether some term of a canonical body has a delta or an equation of indices as a factor."""
    return any(_is_pattern(factor) for _, monomial in summands(body) for factor in factors_in(monomial))


def _is_pattern(factor: Node) -> bool:
    return isinstance(factor, Delta) or equation(factor) is not None


def patterns(body: Node) -> dict[tuple[Delta, ...], Node]:
    """A canonical body as Σ pattern · core: what multiplies each product of deltas."""
    groups = grouped(body, lambda factor: isinstance(factor, Delta))
    return {tuple([d for d in key if isinstance(d, Delta)]): core for key, core in groups.items()}


def grouped(body: Node, belongs: Callable[[Node], bool]) -> dict[tuple[Node, ...], Node]:
    """A canonical body as Σ product · core: what multiplies each product of the factors that belong."""
    groups: dict[tuple[Node, ...], dict[Node, Fraction]] = {}
    for coefficient, monomial in summands(body):
        factors = factors_in(monomial)
        chosen = tuple([factor for factor in factors if belongs(factor)])
        rest = joined([factor for factor in factors if factor not in chosen]) if chosen else monomial
        for own, part in summands(rest):  # the core of a delta may be a sum
            group = groups.setdefault(chosen, {})
            group[part] = group.get(part, Fraction(0)) + coefficient * own
    return {chosen: collected(group) for chosen, group in groups.items()}


def with_named_cores(definition: Definition, simplify: Simplifier) -> Definition:
    """A definition over names for the costly cores of its body, so that writing it out repeats no work.

    Deltas and equations stay in sight, where they can be contracted, and so do brackets that all terms
    of a core have: they are strong zeros for whatever the core is multiplied with.
    """
    body = definition.body
    if is_cheap(body):
        return definition
    terms: list[Node] = []
    groups = [(chosen, *_common_brackets(core)) for chosen, core in grouped(body, _is_pattern).items()]
    if not any(chosen or brackets for chosen, brackets, _ in groups):
        return definition
    for chosen, brackets, rest in groups:
        outside = (*chosen, *brackets)
        part = rest if is_cheap(rest) or not rest.free else named(rest)
        terms.append(Mul((*outside, part)) if outside else part)
    return Definition(definition.name, definition.formals, simplify(Add(tuple(terms))))


def _common_brackets(core: Node) -> tuple[tuple[Node, ...], Node]:
    """The brackets that are factors of every term of a core, and the core without them."""
    parts = [(coefficient, factors_in(monomial)) for coefficient, monomial in summands(core)]
    first = parts[0][1]
    common = [f for f in first if isinstance(f, Compare) and all(f in factors for _, factors in parts)]
    if not common:
        return (), core
    rest = {joined([f for f in factors if f not in common]): coefficient for coefficient, factors in parts}
    return tuple(common), collected(rest)


def uses(order: Sequence[Definition]) -> Counter[Definition]:
    """How many places apply each definition."""
    count: Counter[Definition] = Counter()
    for definition in order:
        for node in (definition, *postorder(definition.body)):
            below = (node.body,) if isinstance(node, Definition) else node.children
            count.update(child.definition for child in below if isinstance(child, Apply))
    return count


def inlined(roots: Sequence[Definition], facts: Facts, longest: int = _LONG) -> list[Definition]:
    """The roots, with what is applied once written out where it stands, up to a size."""
    order = definitions_under(*roots)
    count = uses(order)
    once: set[Definition] = set()
    simplify = Simplifier(facts, lambda definition: definition in once or transparent(definition))
    done: dict[Definition, Definition] = {}
    for definition in order:
        new = definition if definition.name else simplify.definition(relinked(definition, done))
        if not new.name and definition not in roots and count[definition] == 1 and new.body.size <= longest:
            once.add(new)
        done[definition] = new
    return [done[root] for root in roots]
