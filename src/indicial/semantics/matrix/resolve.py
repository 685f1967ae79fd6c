"""The straight line: text in matrix notation → tree → names → shapes → program."""

from __future__ import annotations

from collections.abc import Mapping

from indicial.ir.indices import Space
from indicial.ir.nodes import Definition
from indicial.ir.program import Program
from indicial.semantics.matrix.build import build_definitions
from indicial.semantics.matrix.names import check_targets, read_names
from indicial.semantics.matrix.properties import read_properties
from indicial.semantics.matrix.shapes import Shapes
from indicial.semantics.names import asked_for
from indicial.semantics.wording import unused_letter
from indicial.syntax.latex.matrices import in_matrix_notation, is_matrix_latex
from indicial.syntax.parser import parse_matrix


def read(text: str, outputs: tuple[str, ...] | None = None) -> Program:
    """The program that a text in matrix notation means; LaTeX in it is written anew first."""
    if not is_matrix_latex(text):
        return _read(text, outputs)
    origin = in_matrix_notation(text)
    with origin.shown():
        return _read(origin.text, outputs)


def _read(text: str, outputs: tuple[str, ...] | None) -> Program:
    source = parse_matrix(text)
    names = read_names(source)
    shapes = Shapes(source, names)
    ranks = {name: len(shapes.statements[name].axes) for name in names.statements}
    check_targets(text, names, ranks)
    properties = read_properties(text, names, shapes)
    spaces = shapes.spaces()
    statements = build_definitions(shapes, spaces)
    letters = _letters(frozenset((*names.inputs, *names.statements)))
    axes = {name: letters[:rank] for name, rank in ranks.items()}
    return Program(
        inputs={name: tuple([spaces[axis] for axis in shape.axes]) for name, shape in shapes.inputs.items()},
        statements=statements,
        outputs=asked_for(outputs, text, names.uses, names.inputs),
        axes=axes,
        letters=_letters_of_spaces(statements, axes),
        properties=properties,
        source=text,
    )


def _letters(taken: frozenset[str]) -> tuple[str, str]:
    """Two letters for rows and columns: i and j, unless they are names."""
    row = unused_letter("…", taken)
    return row, unused_letter(row, taken | {row})


def _letters_of_spaces(
    statements: Mapping[str, Definition], axes: Mapping[str, tuple[str, ...]]
) -> dict[Space, tuple[str, ...]]:
    letters: dict[Space, set[str]] = {}
    for name, definition in statements.items():
        for space, letter in zip(definition.spaces, axes[name], strict=True):
            letters.setdefault(space, set()).add(letter)
    return {space: tuple(sorted(several)) for space, several in letters.items()}
