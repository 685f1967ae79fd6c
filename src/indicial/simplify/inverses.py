"""Matrices next to their inverses and adjugates.

adj(A) det(A)^p               inv(A) det(A)^(p+1)         where p < 0: A is regular
adj(A) sign(det A) |det A|^p  inv(A) |det A|^(p+1)        the same
Σ_j inv_ij(A) A_jk            δ_ik
inv_mn(δ_ij d_i)              δ_mn / d_m              where a tensor is declared diagonal; chol: δ_mn √d_m
det_ij(δ_ij d_i)              Π_i d_i                 logdet: Σ_i log |d_i|
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from indicial.ir.indices import Index
from indicial.ir.nodes import (
    HALF,
    MINUS_ONE,
    ONE,
    Access,
    Add,
    Apply,
    Call,
    Delta,
    IndexProd,
    IndexSum,
    Mul,
    Node,
    Number,
    Operation,
    Power,
)
from indicial.ir.traversal import Stackless, postorder, substitute
from indicial.simplify.rules import ordered
from indicial.simplify.terms import Simplify, Term, factors_in, summands

Factors = dict[Node, Node]


def exponent_of(base: Node, factors: Mapping[Node, Node]) -> Fraction:
    """The rational exponent of a base among the factors of a product; 0 if it has none."""
    found = factors.get(base)
    return found.value if isinstance(found, Number) else Fraction(0)


def exchange(factors: Factors, changes: Mapping[Node, Fraction]) -> None:
    """Add to the exponents of some bases."""
    for base, change in changes.items():
        left = exponent_of(base, factors) + change
        factors.pop(base, None)
        if left:
            factors[base] = Number(left)


def is_operation(base: Node, operator: str) -> bool:
    """Whether a node is a component of an operator's result."""
    return isinstance(base, Operation) and base.operator == operator


def determinant(base: Node) -> Operation | None:
    """The determinant that a factor is, or is the size of."""
    inner = base.children[0] if isinstance(base, Call) and base.function == "abs" else base
    return inner if isinstance(inner, Operation) and inner.operator == "det" else None


def with_inverses(factors: Factors) -> bool:
    """Put inv(A) det(A) for adj(A) where the product divides by det(A) or |det(A)|; whether anything was."""
    for below in [base for base in factors if exponent_of(base, factors) < 0]:
        det = determinant(below)
        tops = [] if det is None else list(_adjugates(factors, det))
        if det is None or not tops or min(times for _, times in tops) <= 0:
            continue
        count = sum([times for _, times in tops], Fraction(0))
        changes: dict[Node, Fraction] = {top: -times for top, times in tops}
        changes |= {Operation("inv", top.indices, top.arguments, top.at): times for top, times in tops}
        changes[below] = count
        if below is not det:  # det = sign(det) |det|, and sign(det)² = 1
            sign = Call("sign", (det,))
            signs = exponent_of(sign, factors)
            if (signs + count).denominator != 1 or signs.denominator != 1:
                continue
            changes[sign] = (signs + count) % 2 - signs
        exchange(factors, changes)
        return True
    return False


def _adjugates(factors: Factors, det: Operation) -> Iterator[tuple[Operation, Fraction]]:
    for base in factors:
        if isinstance(base, Operation) and base.operator == "adj" and base.arguments == det.arguments:
            yield base, exponent_of(base, factors)


def regular_in(body: Node) -> Iterator[tuple[Node, ...]]:
    """The arguments of the inverses in an expression, and of the determinants that it divides by."""
    for node in postorder(body):
        match node:
            case Operation("inv", _, arguments, _):
                yield arguments
            case Power(base, Number(exponent)) if exponent < 0 and (det := determinant(base)) is not None:
                yield det.arguments


def without_inverse(term: Term, simplify: Simplify) -> Stackless[Term | None]:
    """The term with δ for a matrix that meets its own inverse in a dummy; None if none does."""
    for inverse in [base for base, e in term.factors.items() if e == ONE and is_operation(base, "inv")]:
        assert isinstance(inverse, Operation)
        for side, dummy in enumerate(inverse.at):
            matrix = _met(term, inverse, dummy)
            for index in matrix.indices_here if matrix is not None else ():
                pair = (index, dummy) if side == 0 else (dummy, index)
                names = dict(zip(inverse.indices, pair, strict=True))
                if (yield simplify(substitute(inverse.arguments[0], names))) is matrix:
                    return _joined(term, inverse, matrix, dummy, Delta(inverse.at[1 - side], index))
    return None


def _met(term: Term, inverse: Operation, dummy: Index) -> Node | None:
    """The component that alone shares a dummy with an inverse."""
    if dummy not in term.dummies or inverse.at.count(dummy) > 1 or dummy in inverse.arguments[0].free:
        return None
    others = [(b, e) for b, e in term.factors.items() if b is not inverse and dummy in b.free | e.free]
    match others:
        case [((Access() | Apply()) as base, e)] if e == ONE and base.indices_here.count(dummy) == 1:
            return base
    return None


def _joined(term: Term, inverse: Node, matrix: Node, dummy: Index, delta: Delta) -> Term:
    result = term.copy()
    del result.factors[inverse], result.factors[matrix]
    result.dummies.remove(dummy)
    result.absorb(ONE if delta.left == delta.right else Delta(*ordered((delta.left, delta.right))))
    return result


def of_diagonal(node: Operation) -> Node | None:
    """What an operator makes of a matrix whose terms all have its delta; None where they have not."""
    if node.operator not in ("inv", "chol", "det", "logdet"):
        return None
    row, column = node.indices
    delta = {Delta(row, column), Delta(column, row)}
    entries: list[Node] = []
    for coefficient, monomial in summands(node.arguments[0]):
        factors = factors_in(monomial)
        if delta.isdisjoint(factors):
            return None
        entries.append(Mul((Number(coefficient), *[each for each in factors if each not in delta])))
    if node.operator in ("det", "logdet"):
        entry = substitute(Add(tuple(entries)), {column: row})
        if node.operator == "det":
            return IndexProd((row,), entry)
        return IndexSum((row,), Call("log", (Call("abs", (entry,)),)))
    first, second = node.at
    entry = substitute(Add(tuple(entries)), {row: first, column: first})
    return Mul((Delta(first, second), Power(entry, MINUS_ONE if node.operator == "inv" else HALF)))
