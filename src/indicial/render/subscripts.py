"""Formulas with the subscripts that Unicode has: δᵢₘ xₙ. They are read back like any other."""

from __future__ import annotations

from collections.abc import Sequence

from indicial.ir.nodes import Definition, Node
from indicial.ir.program import Program
from indicial.render import document, text
from indicial.render.document import Formula
from indicial.render.pieces import Level, Piece
from indicial.render.text import TextVocabulary
from indicial.render.vocabulary import Written, signed

_SMALL = dict(zip("aehijklmnoprstuvxβγρφχ0123456789'", "ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ₀₁₂₃₄₅₆₇₈₉′", strict=True))
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
Tensor = tuple[str, Sequence[str]]  # a name and its indices


def formula(
    definition: Definition, letters: tuple[str, ...], program: Program, origins: Sequence[Node] = ()
) -> Formula:
    """The body of a definition whose formal indices are called `letters`, with the lines it needs."""
    return document.write(definition, letters, program, SubscriptVocabulary(program), origins)


def partial(output: Tensor, denominators: Sequence[Tensor]) -> str:
    """∂fᵢ/∂Wₘₙ; without denominators fᵢ."""
    if not denominators:
        return subscripted(*output)
    order = str(len(denominators)).translate(_RAISED) if len(denominators) > 1 else ""
    return f"∂{order}{subscripted(*output)}/" + "".join([f"∂{subscripted(*each)}" for each in denominators])


def subscripted(name: str, letters: Sequence[str]) -> str:
    """Wᵢⱼ; as W_ib where a letter has no subscript."""
    if all(len(letter) < 3 and all(sign in _SMALL for sign in letter) for letter in letters):
        return name + "".join([_SMALL[sign] for letter in letters for sign in letter])
    return text.subscripted(name, letters)


class SubscriptVocabulary(TextVocabulary):
    """Index notation with small letters and figures."""

    def tensor(self, name: str, letters: Sequence[str]) -> str:
        return subscripted(name, letters)

    def delta(self, letters: Sequence[str]) -> str:
        return subscripted("δ", letters)

    def epsilon(self, letters: Sequence[str]) -> str:
        return subscripted("ε", letters)

    def ones(self, letters: Sequence[str]) -> str:
        return subscripted("ones", letters)

    def power(self, base: str, exponent: Piece) -> str:
        if exponent.text.isdecimal() and not exponent.negative:
            return base + exponent.text.translate(_RAISED)
        return super().power(base, exponent)

    def operation(self, operator: str, letters: Sequence[str], arguments: Sequence[str]) -> str:
        return f"{subscripted(operator, letters)}({', '.join(arguments)})"

    def reduction(self, operator: str, letters: Sequence[str], body: Piece) -> Written:
        return f"{subscripted(operator, letters)}({signed(body)})", Level.ATOM
