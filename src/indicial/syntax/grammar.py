"""The LALR tables of the grammars: read, built once, and kept between processes.

This module imports lark, which takes longer than all the rest of a short run; whoever may do without
a parser imports `indicial.syntax.parser`, which comes here with the first text.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import lark
from lark import Lark, Token, Transformer, UnexpectedCharacters, UnexpectedInput, UnexpectedToken
from lark.lark import PostLex
from lark.parsers.lalr_interactive_parser import InteractiveParser

from indicial.errors import IndicialError, Span
from indicial.syntax.builder import TreeBuilder, span
from indicial.syntax.diagnosis import explain, explain_denominators
from indicial.syntax.einsum_builder import EinsumBuilder, explain_einsum
from indicial.syntax.matrix.builder import MatrixTreeBuilder
from indicial.syntax.matrix.diagnosis import explain as explain_matrix
from indicial.syntax.place import Place

_PACKAGE = Path(__file__).resolve().parent.parent
_DIVIDING = re.compile(r"(/)[ \t]*(∂)[ \t]*(\w+?((?:_|[ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ]|\[)[^∂^⁰¹²³⁴-⁹]*)?)")
_FOLDERS = (_PACKAGE / "grammar", _PACKAGE.parent.parent / "grammar")  # of a wheel, of a checkout


class Continuation(PostLex):
    """Drops the line breaks inside brackets, where a statement goes on; a word that declares does so only
    where a statement could begin."""

    always_accept = ()
    _OPENING = frozenset({"LPAR", "CALL", "LSQB", "LBRACE", "LOCATED"})
    _CLOSING = frozenset({"RPAR", "RSQB", "RBRACE"})

    def process(self, stream: Iterator[Token]) -> Iterator[Token]:
        depth = 0
        begins = True
        for token in self._quotients(stream):
            if token.type == "DECLARES" and not begins:
                token = Token.new_borrow_pos("NAME", token.value, token)
            begins = token.type == "_SEPARATOR"
            if token.type in self._OPENING:
                depth += 1
            elif token.type in self._CLOSING:
                depth -= 1
            if depth <= 0 or token != "\n":
                yield token

    def _quotients(self, stream: Iterator[Token]) -> Iterator[Token]:
        """`/∂b` belongs to the ∂ before it, if there is one that lacks it; in ∂a/∂x / ∂b/∂y it divides."""
        waiting = [0]  # how many ∂ lack their denominators, in each of the brackets that are open
        for token in stream:
            if token.type in self._OPENING:
                waiting.append(0)
            elif token.type in self._CLOSING and len(waiting) > 1:
                waiting.pop()
            elif token.type == "PARTIAL":
                waiting[-1] += 1
            elif token.type == "OVER" and waiting[-1]:
                waiting[-1] -= 1
            elif token.type == "OVER" and (parts := _DIVIDING.fullmatch(token)):
                waiting[-1] += 1
                for kind, part in (("SLASH", 1), ("PARTIAL", 2), ("TENSOR" if parts[4] else "NAME", 3)):
                    yield _part_of(token, kind, parts.span(part))
                continue
            elif token.type == "_SEPARATOR" and len(waiting) == 1:
                waiting = [0]
            yield token


def _part_of(token: Token, kind: str, place: tuple[int, int]) -> Token:
    """A token for some of the text of another."""
    assert token.start_pos is not None
    start, end = place
    return Token(kind, token[start:end], start_pos=token.start_pos + start, end_pos=token.start_pos + end)


@dataclass(frozen=True, slots=True)
class Notation:
    """What belongs to a grammar: the builder of its tree, for each start who explains a refusal, and what
    the tokens pass through."""

    builder: Callable[[], Transformer[Token, Any]]
    starts: Mapping[str, Callable[[Place], IndicialError]]
    postlex: Callable[[], PostLex] | None = Continuation


NOTATIONS = {
    "index": Notation(TreeBuilder, {"program": explain, "denominators": explain_denominators}),
    "einsum": Notation(EinsumBuilder, {"einsum": explain_einsum}, None),
    "matrix": Notation(MatrixTreeBuilder, {"program": explain_matrix}),
}


def grammar_text(name: str = "index") -> str:
    """The text of a grammar file, from the installed package or from the checkout."""
    for folder in _FOLDERS:
        with contextlib.suppress(FileNotFoundError):
            return (folder / f"{name}.lark").read_text(encoding="utf-8")
    raise FileNotFoundError(f"{name}.lark is in neither of {', '.join(map(str, _FOLDERS))}")


def cache_path(text: str, name: str = "index") -> Path | None:
    """Where the tables of a grammar are kept, in a folder that exists; None where there can be none."""
    versions = f"{lark.__version__} {sys.version_info[:2]}"
    digest = hashlib.sha256(f"{versions}\n{text}".encode()).hexdigest()[:16]
    with contextlib.suppress(OSError, RuntimeError):
        base = os.environ.get("XDG_CACHE_HOME")
        folder = (Path(base) if base else Path.home() / ".cache") / "indicial"
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{name}-{digest}.tables"
    return None


def build(text: str, name: str = "index", *, strict: bool = False, cache: str | bool = False) -> Lark:
    """The parser of a grammar's text."""
    notation = NOTATIONS[name]
    return Lark(
        text,
        parser="lalr",
        lexer="basic",  # one scanner is compiled; a contextual lexer compiles one for each set of terminals
        strict=strict,
        start=list(notation.starts),
        postlex=notation.postlex() if notation.postlex else None,
        transformer=notation.builder(),
        maybe_placeholders=False,
        cache=cache,
    )


@cache
def parser(name: str = "index") -> Lark:
    """The parser of a notation."""
    text = grammar_text(name)
    path = cache_path(text, name)
    with contextlib.suppress(OSError):
        return build(text, name, cache=str(path) if path else False)
    return build(text, name)


def parse(text: str, start: str, name: str = "index") -> object:
    """What the tree builder of a notation makes of a text that begins with rule `start`."""
    try:
        return parser(name).parse(text, start=start)
    except UnexpectedInput as stop:
        place = _place(text, stop)
    except IndicialError as refusal:
        refusal.source = text
        raise
    complaint = NOTATIONS[name].starts[start](place)
    complaint.source = text
    raise complaint


def _place(text: str, stop: UnexpectedInput) -> Place:
    """Where the parser stopped, and what it knew there."""
    found, kind, start = "", "$END", len(text.rstrip())
    if isinstance(stop, UnexpectedToken) and stop.token.type != "$END":
        found, kind, start = str(stop.token), stop.token.type, span(stop.token).start
    elif isinstance(stop, UnexpectedCharacters):
        start = stop.pos_in_stream or 0
        found, kind = text[start], ""
    parsing: InteractiveParser = stop.interactive_parser
    values = parsing.parser_state.value_stack
    before = values[-1] if values and isinstance(values[-1], Token) else None
    return Place(
        text=text,
        start=start,
        found=found,
        kind=kind,
        before=before.type if before else "",
        before_span=span(before) if before else Span(start, start),
        accepts=frozenset(parsing.accepts()),  # type: ignore[no-untyped-call]
    )
