"""What `tensor` lines declare in matrix notation beside the kinds: `tensor A: symmetric`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from indicial.errors import NotationError, Note, Span
from indicial.ir.properties import Group, Properties
from indicial.semantics.matrix.names import OF_MATRICES, Names
from indicial.semantics.matrix.shapes import Shapes
from indicial.semantics.properties import SYMMETRIES
from indicial.syntax.matrix import tree


def read_properties(text: str, names: Names, shapes: Shapes) -> dict[str, Properties]:
    """The properties of each tensor that has any, by name; a matrix with a symmetry is square."""
    declared: dict[str, Properties] = {}
    for name, line in names.declared.items():
        shape = shapes.inputs[name] if name in shapes.inputs else shapes.statements[name]
        for word in line.properties:
            known = declared.get(name, Properties())
            if word.name in OF_MATRICES:
                if len(shape.axes) != 2:
                    raise _of_a_matrix(text, line, word, shape.kind)
                shapes.unify(shape, shape.transposed)
            declared[name] = _with_property(text, known, names, word, name)
    return declared


def _with_property(text: str, known: Properties, names: Names, word: tree.Name, name: str) -> Properties:
    """What is known of a tensor and one property more."""
    if word.name in SYMMETRIES:
        group = Group((0, 1), SYMMETRIES[word.name])
        if known.groups and known.groups != (group,):
            raise _error(
                text, word.span, f"'{name}' is symmetric and antisymmetric at once, so that it is zero",
                "leave one of the two out",
            )  # fmt: skip
        return replace(known, groups=(group,), span=word.span)
    if name in names.statements:
        raise _error(
            text, word.span, f"'{name}' is computed here, and is {word.name} or not by its expression",
            "declare the inputs that it is made of; of a result a symmetry alone can be declared",
        )  # fmt: skip
    added: dict[str, Any] = {word.name: True}
    return replace(known, **added)


def _of_a_matrix(text: str, line: tree.Declaration, word: tree.Name, kind: str) -> NotationError:
    return NotationError(
        f"'{word.name}' is said of a matrix, and '{line.name.name}' is {kind}",
        source=text,
        span=word.span,
        notes=(Note(line.name.span, kind),),
        hint="leave it out, or declare a matrix",
    )


def _error(text: str, span: Span, reason: str, hint: str) -> NotationError:
    return NotationError(reason, source=text, span=span, hint=hint)
