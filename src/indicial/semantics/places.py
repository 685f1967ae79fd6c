"""Where the axes of tensors are named in a program's text, for errors about arrays."""

from __future__ import annotations

from collections.abc import Sequence

from indicial.errors import IndicialError, Span
from indicial.semantics.walk import tensors
from indicial.syntax import tree
from indicial.syntax.parser import parse_source


def axis_places(text: str, axes: Sequence[tuple[str, int]]) -> tuple[str | None, tuple[Span, ...]]:
    """A program's text, and the subscripts that first stand on some axes; nothing where one is not found."""
    try:
        source = parse_source(text)
    except IndicialError:  # the text is in another notation
        return None, ()
    places = [_place(source, name, axis) for name, axis in axes]
    found = tuple([place for place in places if place is not None])
    return (text, found) if len(found) == len(places) else (None, ())


def _place(source: tree.Source, name: str, axis: int) -> Span | None:
    for statement in source.statements:
        for tensor in (*tensors(statement.value), statement.target):
            if tensor.name == name and axis < len(tensor.subscripts):
                span = tensor.subscripts[axis].span
                return source.origin.locate(span) if source.origin is not None else span
    return None
