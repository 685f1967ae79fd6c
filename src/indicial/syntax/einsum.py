"""Einsum strings: how one is known, and its tree.

    einsum      ::=  subscripts , subscripts , …  [-> subscripts]
    subscripts  ::=  letters [... letters]

`µ` is `μ`, as everywhere; other letters are what they are, however much they look alike.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from indicial.errors import Span
from indicial.syntax.tree import IndexName

ELLIPSIS = "..."
_TEXT = re.compile(r"(?:[A-Za-z\u00b5\u00c0-\u167f\u1681-\u1fff,.\s]|->)*")


@dataclass(frozen=True, slots=True)
class Subscripts:
    """The indices of an operand or of the output, in order; an ellipsis is the index named `...`."""

    indices: tuple[IndexName, ...]
    span: Span

    @property
    def ellipsis(self) -> IndexName | None:
        """The ellipsis, if there is one."""
        return next((index for index in self.indices if index.name == ELLIPSIS), None)

    def __str__(self) -> str:
        return "".join([index.name for index in self.indices])


@dataclass(frozen=True, slots=True)
class Einsum:
    """Operands, and the output where an arrow says it."""

    operands: tuple[Subscripts, ...]
    output: Subscripts | None
    text: str

    @property
    def ellipses(self) -> tuple[IndexName, ...]:
        """The ellipses of the operands."""
        return tuple([each.ellipsis for each in self.operands if each.ellipsis is not None])


def is_einsum(text: str) -> bool:
    """Whether a text is letters, commas, dots, spaces and `->` only, and not a bare word."""
    return ("," in text or "->" in text) and _TEXT.fullmatch(text) is not None
