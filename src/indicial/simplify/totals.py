"""Sums that are known: those of probabilities are 1, and traces of statements may be numbers.

Σ_i p_i            1
Σ_i p_i (a + b_i)  a + Σ_i p_i b_i
Σ_i s_ii           0, for s_ij = S_ij − δ_ij S_kk / 3 with three of i

p_i is softmax_i(…), or a statement that is. That a statement is what it is defined to be holds only where
no derivative is taken by it (see `indicial.calculus.structure`).
"""

from __future__ import annotations

from collections.abc import Collection

from indicial.ir.indices import Index
from indicial.ir.nodes import ONE, Add, Apply, Definition, IndexSum, Mul, Node, Number, Operation
from indicial.ir.traversal import Stackless, instantiate
from indicial.simplify.terms import Simplify, Term

_A_LINE = 30  # the size up to which a sum is written out, if something in it then is known

Held = Collection[str] | None  # the statements that are variables; None where all may be


def with_known_totals(term: Term, held: Held) -> list[Term] | None:
    """The terms without a sum that is known; None if there is none."""
    for base, exponent in term.factors.items():
        dummy = _summed(base, held)
        if dummy is None or exponent != ONE or dummy not in term.dummies:
            continue
        users = [b for b, e in term.factors.items() if b is not base and dummy in b.free | e.free]
        if not users:
            return [_without(term, [base], dummy)]
        if len(users) == 1 and term.factors[users[0]] == ONE:
            terms = _terms(users[0])
            constant = [each for each in terms if dummy not in each.free]
            if constant:
                varying = [each for each in terms if dummy in each.free]
                return [*_split(term, base, users[0], dummy, constant), *_kept(term, users[0], varying)]
    return None


def _terms(node: Node) -> tuple[Node, ...]:
    """The terms of a sum, also of one that is as short as a line of its own and has no name."""
    if isinstance(node, Apply) and not node.definition.name and node.definition.body.size <= _A_LINE:
        node = instantiate(node.definition, node.indices)
    return node.terms if isinstance(node, Add) else ()


def with_known_trace(term: Term, held: Collection[str], simplify: Simplify) -> Stackless[list[Term] | None]:
    """The term with a number for the trace of a statement; None if there is none that is one."""
    for base, exponent in term.factors.items():
        if exponent != ONE or not is_trace(base, held):
            continue
        assert isinstance(base, Apply)
        dummy = next(index for index in base.indices if base.indices.count(index) > 1)
        users = [b for b, e in term.factors.items() if dummy in b.free | e.free]
        if dummy in term.dummies and users == [base]:
            whole = yield simplify(IndexSum((dummy,), instantiate(base.definition, base.indices)))
            if isinstance(whole, Number):
                result = _without(term, [base], dummy)
                result.absorb(whole)
                return [result]
    return None


def _split(term: Term, base: Node, bracket: Node, dummy: Index, constant: list[Node]) -> list[Term]:
    """The terms with what does not depend on the dummy."""
    found = []
    for each in constant:
        found.append(_without(term, [base, bracket], dummy))
        found[-1].absorb(each)
    return found


def _kept(term: Term, bracket: Node, varying: list[Node]) -> list[Term]:
    """The term with what does."""
    if not varying:
        return []
    result = term.copy()
    del result.factors[bracket]
    result.absorb(varying[0] if len(varying) == 1 else Add(tuple(varying)))
    return [result]


def _without(term: Term, factors: list[Node], dummy: Index) -> Term:
    result = term.copy()
    for factor in factors:
        del result.factors[factor]
    result.dummies.remove(dummy)
    return result


def _summed(base: Node, held: Held) -> Index | None:
    """The index over which a factor sums to 1."""
    match base:
        case Operation("softmax", (_,), _, (at,)) if at not in base.arguments[0].free:
            return at
        case Apply(definition, indices) if held is not None and definition.name not in held:
            axis = _axis(definition)
            if axis is not None and indices.count(indices[axis]) == 1:
                return indices[axis]
    return None


def _axis(definition: Definition) -> int | None:
    """The axis over which a definition sums to 1."""
    match definition.body:
        case Operation("softmax", (_,), (argument,), (at,)) if at not in argument.free:
            return definition.formals.index(at)
    return None


def has_known_totals(node: Node, held: Collection[str]) -> bool:
    """Whether something in a sum that is there may sum to 1."""
    if not isinstance(node, IndexSum):
        return False
    factors = node.body.factors if isinstance(node.body, Mul) else (node.body,)
    return any(_summed(factor, held) in node.indices for factor in factors)


def is_trace(node: Node, held: Collection[str]) -> bool:
    """Whether a statement is read with one index twice: what it is there may be known."""
    repeated = isinstance(node, Apply) and len(set(node.indices)) < len(node.indices)
    return repeated and isinstance(node, Apply) and node.definition.name not in held
