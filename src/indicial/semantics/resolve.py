"""The straight line: syntax tree → words → scopes → names → extents → program."""

from __future__ import annotations

from contextlib import nullcontext

from indicial.errors import NotationError, Span
from indicial.ir.nodes import ZERO, Node
from indicial.ir.program import Program
from indicial.semantics.build import build_definitions
from indicial.semantics.divisors import check_divisors
from indicial.semantics.euler import with_exponentials
from indicial.semantics.extents import Extents, lowest_values, read_extents
from indicial.semantics.functions import read_functions
from indicial.semantics.misspelt import check_latex_strain
from indicial.semantics.names import asked_for, read_names
from indicial.semantics.positions import with_positions
from indicial.semantics.properties import read_properties
from indicial.semantics.scopes import Scopes, read_scopes
from indicial.semantics.values import check_index_values
from indicial.semantics.vocabulary import check_words
from indicial.syntax import tree
from indicial.syntax.parser import parse_source


def read(text: str, outputs: tuple[str, ...] | None = None) -> Program:
    """The program that a text in index notation means."""
    return resolve(parse_source(text), outputs)


def resolve(source: tree.Source, outputs: tuple[str, ...] | None = None) -> Program:
    """The program that a syntax tree means; `outputs` names the statements asked for, if not the result."""
    with source.origin.shown() if source.origin is not None else nullcontext():
        return _resolve(source, outputs)


def _resolve(source: tree.Source, outputs: tuple[str, ...] | None) -> Program:
    if not source.statements:
        raise NotationError(
            "there is no statement in this program",
            source=source.text,
            span=Span(0, len(source.text)),
            hint="write one: f_i = W_ij x_j",
        )
    source = with_exponentials(with_positions(source))  # before the scopes: a position is no index
    check_latex_strain(source)
    functions = read_functions(source)
    check_words(source, functions)  # before the scopes: an unknown function would leave indices loose
    check_index_values(source)
    check_divisors(source)
    scopes = read_scopes(source)  # before the names: in a condition a bare letter may be an index
    names = read_names(source, scopes)
    properties = read_properties(source, names)
    extents = read_extents(source, scopes, names, properties)
    statements = build_definitions(source.text, scopes, names, extents, functions)
    return Program(
        inputs={name: extents.axes(name, rank) for name, rank in names.inputs.items()},
        statements=statements,
        outputs=asked_for(outputs, source.text, names.uses, names.inputs),
        axes={name: _left_letters(statement) for name, statement in names.statements.items()},
        letters=extents.letters,
        declared=extents.declared,
        symbols=extents.symbols,
        lowest=lowest_values(source),
        origins=_origins(scopes, extents),
        inside=extents.ranges.inside,
        ranged=extents.ranges.ranged,
        properties=properties,
        functions=functions,
        source=source.text,
    )


def _origins(scopes: Scopes, extents: Extents) -> dict[str, tuple[Node, ...]]:
    """The smallest values of the letters of each left side, where they are not all 0."""
    found: dict[str, tuple[Node, ...]] = {}
    for statement, indices in scopes.formals.items():
        own = [extents.origin(index) for index in indices]
        if any(origin is not None for origin in own):
            found[statement.target.name] = tuple([ZERO if origin is None else origin for origin in own])
    return found


def _left_letters(statement: tree.Statement) -> tuple[str, ...]:
    return tuple([index.name for index in statement.target.subscripts])
