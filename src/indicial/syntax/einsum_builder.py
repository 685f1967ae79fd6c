"""From the grammar of einsum strings to their tree, and from its refusals to errors."""

from __future__ import annotations

from lark import Token, Transformer, v_args

from indicial.errors import IndicialError, ParseError, Span
from indicial.syntax.einsum import ELLIPSIS, Einsum, Subscripts
from indicial.syntax.place import Place
from indicial.syntax.tree import IndexName

_EXAMPLE = "an einsum string is like ij,jk->ik: operands between commas, then -> and the output"


@v_args(inline=True)
class EinsumBuilder(Transformer[Token, object]):
    """The tree's nodes, by rule of `grammar/einsum.lark`."""

    def subscripts(self, *tokens: Token) -> tuple[Token, ...]:
        seen = [token for token in tokens if token.type == "ELLIPSIS"]
        if len(seen) > 1:
            raise ParseError(
                "a second ellipsis in one operand", span=_span(seen[1]), hint="one ... stands for any axes"
            )
        return tokens

    def einsum(self, *parts: tuple[Token, ...] | Token) -> Einsum:
        read: list[Subscripts] = []
        end = 0  # of the separator before
        for place, part in enumerate(parts):
            if isinstance(part, Token):
                end = _span(part).end
                continue
            behind = parts[place + 1] if place + 1 < len(parts) else None
            stop = _span(behind).start if isinstance(behind, Token) else end
            here = _span(part[0]).to(_span(part[-1])) if part else Span(max(end, stop), max(end, stop))
            read.append(Subscripts(tuple([_index(token) for token in part]), here))
        arrow = any(isinstance(part, Token) and part.type == "ARROW" for part in parts)
        return Einsum(tuple(read[:-1] if arrow else read), read[-1] if arrow else None, "")


def _span(token: Token) -> Span:
    assert token.start_pos is not None
    return Span(token.start_pos, token.start_pos + len(token))


def _index(token: Token) -> IndexName:
    name = ELLIPSIS if token.type == "ELLIPSIS" else str(token).replace("\u00b5", "\u03bc")
    return IndexName(name, _span(token))


def explain_einsum(place: Place) -> IndicialError:
    """The error of an einsum string that stops at a place."""
    match place.kind:
        case "ARROW":
            return ParseError("a second -> in one einsum string", span=place.span, hint=_EXAMPLE)
        case "COMMA":
            return ParseError("an einsum string has one output", span=place.span, hint=_EXAMPLE)
    if place.found == ".":
        return ParseError("an ellipsis is three dots", span=place.span, hint="write ...")
    return ParseError("this does not belong into an einsum string", span=place.span, hint=_EXAMPLE)
