"""Text → syntax tree: `parse_source` reads a program, `parse_einsum` an einsum string, `parse_denominators`
what a derivative is taken by.

`parse_matrix` reads a program in matrix notation.

Names in the tree are in normal form (see `indicial.syntax.names`). What they mean is not decided here:
`δ` with subscripts is the Kronecker delta, `ε` the Levi-Civita symbol and `π` a number to `semantics`
only. Any text gives a tree or an `IndicialError`.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import cast

from indicial.errors import ParseError, Span
from indicial.syntax import tree
from indicial.syntax.einsum import Einsum
from indicial.syntax.matrix import tree as matrix_tree


def parse_source(text: str) -> tree.Source:
    """The tree of a program."""
    read = cast(tree.Source, _parse(text, "program"))
    declared = [*[line.span for line in read.declarations], *[line.span for line in read.functions]]
    if not read.statements:
        raise ParseError(
            "the program has declarations only" if declared else "the program is empty",
            source=text,
            span=declared[0] if declared else Span(0, 1),
            hint="a statement names a result and its indices: f_i = W_ij x_j",
        )
    return replace(read, text=text)


def parse_denominators(text: str) -> tuple[tree.Tensor, ...]:
    """The tensors of `"W"`, `"x W"` or `"W_kl, x"`, in order."""
    if not text.strip():
        raise ParseError(
            "no denominator is named", source=text, span=Span(0, 1), hint='write "W", or several: "x W"'
        )
    return cast("tuple[tree.Tensor, ...]", _parse(text, "denominators"))


@lru_cache(maxsize=256)
def parse_einsum(text: str) -> Einsum:
    """The tree of an einsum string."""
    return replace(cast(Einsum, _parse(text, "einsum", "einsum")), text=text)


def parse_matrix(text: str) -> matrix_tree.Source:
    """The tree of a program in matrix notation."""
    read = cast(matrix_tree.Source, _parse(text, "program", "matrix"))
    if not read.statements:
        raise ParseError(
            "the program has declarations only" if read.declarations else "the program is empty",
            source=text,
            span=read.declarations[0].span if read.declarations else Span(0, 1),
            hint="a statement names a result: f = W*x",
        )
    return matrix_tree.Source(read.statements, read.declarations, text)


def _parse(text: str, start: str, notation: str = "index") -> object:
    from indicial.syntax.grammar import parse  # noqa: PLC0415 - it imports lark: not before it is needed

    return parse(text, start, notation)
