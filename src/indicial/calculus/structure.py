"""Declared symmetries and derivatives: what they are by a symmetric tensor, and what follows afterwards.

A derivative is taken freely: ∂f/∂A_mn moves one component and no other, whatever is declared of A. From
the free derivative G come the two others, as linear maps of its axes m n …

    projected   ½(G_mn + G_nm)            the part in the space of such tensors
    entries     G_mn + G_nm − δ_mn G_mn   each independent entry moved together with its mirror images

(Petersen and Pedersen, The Matrix Cookbook, §2.8.2, has the second.) Of an antisymmetric tensor they are
½(G_mn − G_nm) and G_mn − G_nm, of a diagonal one both are δ_mn G_mm. Only then is the declared symmetry put
to use: before, A_ij and A_ji are different variables.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise, permutations
from math import comb, factorial
from typing import Literal

from indicial.errors import DerivativeError, NotationError
from indicial.ir.indices import Index, Space
from indicial.ir.nodes import ZERO, Add, Apply, Definition, Delta, Mul, Node, Number, Operation
from indicial.ir.program import Program
from indicial.ir.properties import Group, Properties, permutation_sign
from indicial.ir.traversal import definitions_under, postorder, rebuilt, substitute
from indicial.simplify.canonical import Simplifier
from indicial.simplify.facts import Facts
from indicial.simplify.inline import has_deltas, inlined, transparent, with_named_cores
from indicial.simplify.recognise import Recogniser
from indicial.simplify.symmetries import Symmetries
from indicial.simplify.terms import summands
from indicial.simplify.totals import has_known_totals, is_trace

Structure = Literal["projected", "entries"]
STRUCTURES: tuple[str, ...] = ("projected", "entries")
_LARGEST = 5  # axes that may be exchanged at will: 5! terms
_LONG = 60  # the size beyond which a derivative keeps a name of its own where its axes are exchanged


def check_structure(structure: object) -> None:
    """Refuse what is no structure."""
    if structure is not None and not (isinstance(structure, str) and structure in STRUCTURES):
        raise NotationError(
            f"there is no structure {structure!r} of a derivative",
            hint=f"write one of {', '.join(map(repr, STRUCTURES))}, or leave it out",
        )


def assuming(
    definition: Definition, facts: Facts, properties: Mapping[str, Properties], held: Sequence[str] = ()
) -> Definition:
    """The definition in canonical form, given what is declared of tensors and what symmetries follow.

    `held` names the variables that are independent of each other: a statement among them is not what it
    is defined to be, so that nothing is recognised as it, and no symmetry of it is found.
    """
    facts = replace(facts, properties=properties, symmetries=Symmetries(held))
    simplify = Simplifier(facts, transparent)
    if not properties and not _knows_more(definition, simplify, held):
        return definition
    statements = [
        each
        for each in rebuilt([definition], simplify.definition).values()
        if each.name and each.name not in held and each.name != definition.name
    ]
    recognise = Recogniser(statements, simplify)

    def change(one: Definition) -> Definition:
        plain = simplify.definition(one)
        return plain if one.name else with_named_cores(recognise(plain), simplify)

    done = rebuilt([definition], change)[definition]
    (written,) = inlined([done], facts)
    return written if written.name else recognise(written)


def _knows_more(definition: Definition, simplify: Simplifier, held: Sequence[str]) -> bool:
    """Whether anything follows from what the statements are that a definition rests on."""
    nodes = [node for each in definitions_under(definition) for node in postorder(each.body)]
    if any(has_known_totals(node, held) or is_trace(node, held) for node in nodes):
        return True
    return any(simplify.known_of(node).groups for node in nodes if isinstance(node, (Apply, Operation)))


def require_proved(program: Program, facts: Facts) -> None:
    """Refuse a symmetry that is declared of a statement and does not follow from its expression."""
    simplify = Simplifier(replace(facts, properties=program.properties), transparent)
    for name, declared in program.properties.items():
        statement = program.statements.get(name)
        if statement is not None and not _is_proved(statement, declared, simplify):
            kind = "symmetric" if declared.groups[-1].sign > 0 else "antisymmetric"
            raise NotationError(
                f"'{name}' is computed, and its formula does not show that it is {kind}",
                source=program.source,
                span=declared.span,
                hint="declare the inputs that it is made of, or leave the line out",
            )


def _is_proved(statement: Definition, declared: Properties, simplify: Simplifier) -> bool:
    """Whether the canonical form of a statement has the symmetries declared of it."""
    for group in declared.groups:
        for one, other in pairwise([statement.formals[axis] for axis in group.axes]):
            exchanged = substitute(statement.body, {one: other, other: one})
            difference = Add((statement.body, Mul((Number(Fraction(-group.sign)), exchanged))))
            if simplify(difference) != ZERO:
                return False
    return True


# --- the derivative by a structured tensor -----------------------------------------------------------------


def structured(
    derivative: Definition,
    axes: Sequence[Space],
    properties: Properties,
    structure: Structure,
    facts: Facts,
) -> Definition:
    """The derivative by a tensor with these properties and axes, from a free one: its last axes."""
    if not properties.structured:
        return derivative
    first = len(derivative.formals) - len(axes)
    simplify = Simplifier(facts, transparent)
    for group in properties.groups:
        own = tuple([derivative.formals[first + axis] for axis in group.axes])
        body = _over_exchanges(_writable(derivative, simplify), own, group, structure)
        derivative = Definition("", derivative.formals, simplify(body))
    if properties.diagonal:
        leader, *others = derivative.formals[first:]
        body = substitute(derivative.body, dict.fromkeys(others, leader))
        deltas = [Delta(leader, other) for other in others]
        derivative = Definition("", derivative.formals, simplify(Mul((body, *deltas))))
    (written,) = inlined([with_named_cores(derivative, simplify)], facts)
    return written


def _writable(derivative: Definition, simplify: Simplifier) -> Node:
    """The body of a derivative, or its name if writing it out several times would repeat much work."""
    if derivative.body.size <= _LONG:
        return derivative.body
    if has_deltas(derivative.body):
        return with_named_cores(derivative, simplify).body
    return Apply(Definition("", derivative.formals, derivative.body), derivative.formals)


def _over_exchanges(body: Node, axes: tuple[Index, ...], group: Group, structure: Structure) -> Node:
    """Σ ± body over all exchanges of some axes, each distinct one once, or their average."""
    if len(axes) > _LARGEST:
        raise DerivativeError(
            f"a structured derivative by a tensor that is symmetric in {len(axes)} axes is not known",
            hint=f"at most {_LARGEST} axes may be exchanged: take the free derivative, without structure",
        )
    terms: list[Node] = []
    for order in permutations(range(len(axes))):
        sign = permutation_sign(order) if group.sign < 0 else 1
        moved = {axis: axes[k] for axis, k in zip(axes, order, strict=True)}
        terms += [Mul((Number(sign * own), substitute(term, moved))) for own, term in summands(body)]
    if structure == "projected":
        return Mul((Number(Fraction(1, factorial(len(axes)))), Add(tuple(terms))))
    return Add(tuple(terms if group.sign < 0 else _each_once(terms, axes)))


def _each_once(terms: Sequence[Node], axes: tuple[Index, ...]) -> list[Node]:
    """A sum over all exchanges, divided by how many of them leave the values of the axes as they are.

    That is a sum over the partitions of the axes into blocks on which they are equal, with a weight for
    each block: S_mn − ½ δ_mn S_mm for two axes.
    """
    weights = _block_weights(len(axes))
    result: list[Node] = []
    for blocks in _partitions(axes):
        factors: list[Node] = [Number(weights[len(block) - 1]) for block in blocks]
        factors += [Delta(block[0], other) for block in blocks for other in block[1:]]
        equal = {other: block[0] for block in blocks for other in block[1:]}
        result += [Mul((*factors, substitute(term, equal))) for term in terms]
    return result


def _block_weights(count: int) -> list[Fraction]:
    """g_1, g_2, … = 1, −½, ⅔, …: the numbers whose products, summed over all partitions of n, give 1/n!

    They are to the 1/n! as cumulants are to moments: g_n = 1/n! − Σ_{k<n} C(n−1, k−1) g_k / (n−k)!
    """
    weights: list[Fraction] = []
    for n in range(1, count + 1):
        below = [comb(n - 1, k - 1) * weights[k - 1] / factorial(n - k) for k in range(1, n)]
        weights.append(Fraction(1, factorial(n)) - sum(below, Fraction(0)))
    return weights


def _partitions(axes: tuple[Index, ...]) -> list[list[list[Index]]]:
    """All ways to part some axes into blocks."""
    found: list[list[list[Index]]] = [[]]
    for axis in axes:
        joined = [
            [*blocks[:k], [*blocks[k], axis], *blocks[k + 1 :]]
            for blocks in found
            for k in range(len(blocks))
        ]
        found = [*joined, *[[*blocks, [axis]] for blocks in found]]
    return found
