"""The names of a call, held against those of the program."""

from __future__ import annotations

from typing import Any

from indicial.api.callables import function_named
from indicial.api.operands import Arrays
from indicial.api.spelling import meant
from indicial.errors import DerivativeError, NotationError, ShapeError
from indicial.ir.program import Program
from indicial.syntax.names import normal


def canonical_names(program: Program, arrays: Arrays) -> dict[str, object]:
    """Arrays and functions by the names that the program has; raises ShapeError for a name that it lacks."""
    result: dict[str, object] = {}
    for name, value in arrays.items():
        own = function_named(program, name) or normal(name)
        if program.spaces_of(own) is None and function_named(program, name) is None:
            known = [*program.inputs, *program.statements, *program.functions]
            inputs = f"its inputs are {', '.join(program.inputs) or 'none'}"
            raise ShapeError(f"the program has no tensor {name!r}", hint=meant(own, known, inputs))
        if own in result:
            raise ShapeError(f"{own!r} is given twice, under two spellings of its name")
        result[own] = value
    return result


def axes_or_error(program: Program, name: str, **place: Any) -> tuple[Any, ...]:
    """The spaces of a variable's axes; raises NotationError for a name that the program lacks."""
    spaces = program.spaces_of(name)
    if spaces is None:
        known = [*program.inputs, *program.statements]
        raise NotationError(
            f"there is no tensor {name!r} to differentiate by",
            hint=meant(name, known, f"the program has {', '.join(known)}"),
            **place,
        )
    if any(name == entry for each in program.inside for entry, _ in each.entries):
        raise DerivativeError(
            f"{name!r} holds subscripts, which are whole numbers: there is no derivative by it", **place
        )
    return spaces


def require_variable(program: Program, name: str, **place: Any) -> None:
    """Raises DerivativeError for a tensor that is declared not to vary."""
    declared = program.properties.get(name)
    for word in ("integer", "constant"):
        if declared is not None and getattr(declared, word):
            why = "whole numbers do not vary" if word == "integer" else "it does not vary"
            raise DerivativeError(
                f"{name!r} is declared {word}: {why}, so nothing is differentiated by it",
                hint="name another variable, or leave the declaration out",
                **place,
            )
