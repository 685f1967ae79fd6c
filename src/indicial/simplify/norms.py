"""Brackets that keep a norm from being divided by where it is 0, and where they are needless.

[|x| > 0] x_m f is x_m f, as all x_m are 0 where their norm is: so |x|² has the derivative 2 x_m, and that
has one at 0, too. Where f divides by the norm the bracket stays.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice, product

from indicial.ir.indices import Index
from indicial.ir.nodes import ZERO, Apply, Compare, IndexSum, Mul, Node, Number, Operation
from indicial.ir.traversal import Stackless, instantiate, opened, substitute
from indicial.simplify.terms import Simplify, Term, split_coefficient

_PLACES = 64  # at which an argument is looked for


def unguarded(term: Term, simplify: Simplify) -> Stackless[Term | None]:
    """The term without a bracket [|x| > 0] that is needless; None if there is none."""
    for bracket in term.factors:
        norm = _norm(bracket)
        if norm is None:
            continue
        outside, operation = norm
        exponents = [term.factors[base] for base in (outside, operation) if base in term.factors]
        if any(not isinstance(e, Number) or e.value < 0 for e in exponents):
            continue
        if (yield _has_argument(term, operation, simplify)):
            result = term.copy()
            del result.factors[bracket]
            return result
    return None


def _norm(bracket: Node) -> tuple[Node, Operation] | None:
    """The norm of [|x| > 0], as it stands there and as an operation."""
    if not (isinstance(bracket, Compare) and bracket.relation == ">" and bracket.right == ZERO):
        return None
    left = bracket.left
    body = instantiate(left.definition, left.indices) if isinstance(left, Apply) else left
    return (left, body) if isinstance(body, Operation) and body.operator == "norm" else None


def _has_argument(term: Term, norm: Operation, simplify: Simplify) -> Stackless[bool]:
    """Whether an entry of what the norm is taken of is among the factors."""
    _, argument = split_coefficient(norm.arguments[0])
    dummies, (body,) = opened(argument) if isinstance(argument, IndexSum) else ((), (argument,))
    wanted = (*norm.indices, *dummies)
    for place in islice(_places(term, wanted), _PLACES):
        entry = substitute(body, dict(zip(wanted, place, strict=True)))
        for factor in entry.factors if isinstance(entry, Mul) else (entry,):
            if not _is_there(term, (yield simplify(factor))):
                break
        else:
            return True
    return False


def _places(term: Term, wanted: Sequence[Index]) -> Iterator[tuple[Index, ...]]:
    known = sorted(term.free_below.union(term.dummies))
    return product(*[[index for index in known if index.space == each.space] for each in wanted])


def _is_there(term: Term, factor: Node) -> bool:
    exponent = term.factors.get(factor)
    return isinstance(exponent, Number) and exponent.value > 0
