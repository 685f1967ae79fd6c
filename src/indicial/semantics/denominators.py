"""What a derivative inside a program is taken by: inputs and statements of that program."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator

from indicial.errors import DerivativeError, NotationError
from indicial.semantics.scopes import Scopes
from indicial.semantics.vocabulary import special
from indicial.semantics.walk import preorder
from indicial.semantics.wording import listed, quote
from indicial.syntax import tree


def denominators(value: tree.Expression) -> Iterator[tree.Tensor | tree.Component]:
    """The denominators of every derivative under an expression, from left to right."""
    for node in preorder(value):
        if isinstance(node, tree.Derivative):
            yield from node.denominators


def check_denominators(
    source: tree.Source, scopes: Scopes, known: Collection[str], symbols: Collection[str]
) -> None:
    """Each denominator is a tensor that the program has anyway; by anything else all would be constant."""
    read = [one for several in scopes.subscripts.values() for one in several]
    entries = {entry.name for one in read for entry in one.entries}
    for statement in source.statements:
        for tensor in denominators(statement.value):
            written = quote(source.text, tensor.span)
            if special(tensor) is not None or tensor in scopes.meaning or tensor.name in symbols:
                raise NotationError(
                    f"'{written}' is no variable, and nothing can be differentiated by it",
                    source=source.text,
                    span=tensor.span,
                    hint="differentiate by an input or a statement of the program",
                )
            if tensor.name in entries:
                raise DerivativeError(
                    f"'{tensor.name}' holds subscripts, whole numbers by which there is no derivative",
                    source=source.text,
                    span=tensor.span,
                    hint="differentiate by the tensor that is read at these subscripts",
                )
            if tensor.name not in known:
                close = difflib.get_close_matches(tensor.name, list(known), n=1)
                raise NotationError(
                    f"nothing in the program depends on '{tensor.name}', by which this derivative is taken",
                    source=source.text,
                    span=tensor.span,
                    hint=f"did you mean {close[0]}?"
                    if close
                    else f"the program has {listed(list(known)) or 'no tensors'}",
                )
