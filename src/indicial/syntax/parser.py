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
from typing import TYPE_CHECKING, cast

from indicial.errors import ParseError, Span
from indicial.syntax import tree
from indicial.syntax.einsum import Einsum
from indicial.syntax.latex.tokens import is_latex

if TYPE_CHECKING:
    from indicial.syntax.latex.origin import Origin
    from indicial.syntax.matrix import tree as matrix_tree


def parse_source(text: str, *, part: bool = False) -> tree.Source:
    """The tree of a program; LaTeX in it is written anew in index notation first.

    A part of one may consist of declarations only.
    """
    if not is_latex(text):
        return _source(text, part)
    from indicial.syntax.latex.rows import rewritten

    origin = rewritten(text)
    with origin.shown():
        return replace(_source(origin.text, part), origin=origin)


def _source(text: str, part: bool) -> tree.Source:
    read = cast(tree.Source, _parse(text, "program"))
    if not read.statements and not part:
        declared = (read.declarations, read.tensors, read.functions)
        lines = [line.span for several in declared for line in several]
        raise ParseError(
            "the program has declarations only" if lines else "the program is empty",
            source=text,
            span=min(lines, key=lambda span: span.start, default=Span(0, 1)),
            hint="a statement names a result and its indices: f_i = W_ij x_j",
        )
    return replace(read, text=text)


def parse_denominators(text: str) -> tuple[tree.Tensor, ...]:
    """The tensors of `"W"`, `"x W"` or `"W_kl, x"`, in order."""
    if not text.strip():
        raise ParseError(
            "no denominator is named", source=text, span=Span(0, 1), hint='write "W", or several: "x W"'
        )
    if not is_latex(text):
        return cast("tuple[tree.Tensor, ...]", _parse(text, "denominators"))
    from indicial.syntax.latex.rows import rewritten_denominators

    origin = rewritten_denominators(text)
    with origin.shown():
        read = cast("tuple[tree.Tensor, ...]", _parse(origin.text, "denominators"))
    return tuple([_located(tensor, origin) for tensor in read])


def _located(tensor: tree.Tensor, origin: Origin) -> tree.Tensor:
    """A denominator with its places in the original."""
    subscripts = [replace(index, span=origin.locate(index.span)) for index in tensor.subscripts]
    return replace(tensor, subscripts=tuple(subscripts), span=origin.locate(tensor.span))


@lru_cache(maxsize=256)
def parse_einsum(text: str) -> Einsum:
    """The tree of an einsum string."""
    return replace(cast(Einsum, _parse(text, "einsum", "einsum")), text=text)


def parse_matrix(text: str) -> matrix_tree.Source:
    """The tree of a program in matrix notation."""
    from indicial.syntax.matrix import tree as matrix_tree

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
    from indicial.syntax.grammar import parse

    return parse(text, start, notation)
