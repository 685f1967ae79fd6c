"""How far a sign ∑_j reaches: over the product behind it, and not over the terms behind that.

-∑_i a_i b_i + c_i d_i      is the second term part of the sum, with its sign turned?
(∑_i a_i + b_i)^2           is i the same index in both?
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from indicial.errors import NotationError, Note, Span
from indicial.semantics.wording import quote, subscripted
from indicial.syntax import tree

_LONGEST = 60  # characters of the user's text that a hint repeats
_NOUNS = {"sum": "sum", "prod": "product"}


class Letters(Protocol):
    """The letters of a term: those free in it, and those summed inside it, each with its product."""

    @property
    def free(self) -> Mapping[str, object]: ...
    @property
    def summed(self) -> Mapping[str, Span]: ...


def check_reach(
    source: tree.Source, node: tree.Sum, letters: Sequence[Letters], bound: Mapping[str, int]
) -> None:
    """Refuse a term with a letter that a sign before it binds, where that may have been meant to reach on.

    One that the term sums by itself is fine behind a plain sum: ∑_i a_i b_i + c_i d_i is the same either way.
    """
    signs: dict[str, tuple[tree.Operator, bool]] = {}
    for term, found in zip(node.terms, letters, strict=True):
        ending = list(_signs(term.value))
        for letter, (operator, differs) in signs.items():
            if letter in found.free and not bound[letter]:
                raise _unclear(source.text, node, letter, operator, term)
            if differs and not ending and letter in found.summed:
                place, own = found.summed[letter], term.value.span
                if place.start <= own.start and own.end <= place.end:
                    raise _unclear(source.text, node, letter, operator, term)
        for operator, before in ending:
            differs = before or term.sign < 0
            signs.update(dict.fromkeys([index.name for index in operator.indices], (operator, differs)))


def summed_by_signs(factor: tree.Expression) -> dict[str, Span]:
    """The letters of the signs that a factor is or ends in: (∑_k a_k b_k)."""
    while isinstance(factor, tree.Group | tree.Negation):
        factor = factor.value
    sums = [operator for operator, _ in _signs(factor) if operator.name == "sum"]
    return {index.name: operator.span for operator in sums for index in operator.indices}


def _signs(term: tree.Expression) -> Iterator[tuple[tree.Operator, bool]]:
    """The signs that a term ends in, each with whether it is more than a sum of what follows."""
    more = False
    while True:
        match term:
            case tree.Negation(value):
                term, more = value, True
            case tree.Product(factors):
                term, more = factors[-1].value, True
            case tree.Operator(sign=True):
                more = more or term.name != "sum"
                yield term, more
                term = term.arguments[0]
            case _:
                return


def _unclear(
    text: str, node: tree.Sum, letter: str, operator: tree.Operator, term: tree.Term
) -> NotationError:
    head = " ".join(text[operator.head_span.start : operator.head_span.end].split())
    inside = " ".join(text[operator.arguments[0].span.start : node.terms[-1].value.span.end].split())
    inside = inside if len(inside) <= _LONGEST else "…"
    own = f"{subscripted('sum', letter)}({quote(text, term.value.span)})"
    return NotationError(
        f"it is not clear whether this term belongs to the {_NOUNS[operator.name]} over '{letter}' before it",
        source=text,
        span=term.value.span,
        notes=(Note(operator.head_span, "which reaches to the end of its product"),),
        hint=f"put brackets around all of it, {head} ({inside}), or write {own} or another letter here",
    )
