"""From definitions and arrays to arrays: one path for values and derivatives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from threading import Lock
from typing import Any

from indicial.api.callables import apart, function_named, missing_function
from indicial.api.operands import Arrays
from indicial.api.spelling import meant
from indicial.backends.arrays import common
from indicial.backends.libraries import library_of
from indicial.backends.numpy import run
from indicial.backends.properties import require_properties
from indicial.errors import DerivativeError, NotationError, ShapeError
from indicial.ir.nodes import Access, Definition
from indicial.ir.program import Program
from indicial.ir.traversal import postorder
from indicial.planning.extents import axes_of, bind
from indicial.planning.lower import lower
from indicial.planning.memory import ensure_fits
from indicial.planning.ranges import check_entries
from indicial.planning.steps import Plan
from indicial.semantics.operands import check_shapes
from indicial.syntax.names import normal


class Numbers:
    """Evaluates definitions of a program; plans once for each set of extents."""

    def __init__(self, program: Program, definitions: Sequence[Definition]) -> None:
        self.program, self.definitions = program, tuple(definitions)
        self._plans: dict[object, Plan] = {}
        self._lock = Lock()

    def __call__(self, arrays: Arrays) -> list[Any]:
        """The value of each definition: an array of its own, of the library of those given."""
        given, functions = apart(self.program, canonical_names(self.program, arrays))
        library = library_of(given)
        converted, dtype = common(given)
        shapes = {name: array.shape for name, array in converted.items()}
        plan = self.plan(shapes)
        missing = [name for name in plan.inputs if name not in converted]
        if missing:
            raise self._missing(missing[0])
        unknown = [name for name in plan.functions if name not in functions]
        if unknown:
            raise missing_function(self.program, unknown[0])
        if any(each.entries for each in self.program.inside):
            check_entries(self.program, converted, bind(self.program, shapes))
        require_properties(self.program.properties, converted)
        ensure_fits(plan, dtype.itemsize)
        values = run(plan, converted, dtype, functions)
        return [library.returned(value if value.ndim else value[()]) for value in values]

    def plan(self, shapes: Mapping[str, tuple[int, ...]]) -> Plan:
        """The plan for arrays of these shapes."""
        if self.program.positional:
            check_shapes(self.program, shapes)
        extents = bind(self.program, shapes)
        given = {name: len(shape) for name, shape in shapes.items() if name in self.program.statements}
        key = (tuple(sorted(extents.items())), tuple(given))
        with self._lock:
            plan = self._plans.get(key)
        if plan is None:
            plan = lower(self.definitions, extents, given)
            with self._lock:
                self._plans[key] = plan
        return plan

    def _missing(self, name: str) -> ShapeError:
        user = next((s for s, d in self.program.statements.items() if _reads(d, name)), None)
        where = f"; {user!r} is computed from it" if user is not None else ""
        order = f", or all in the order {', '.join(self.program.inputs)}" if self.program.positional else ""
        hint = f"give it by name: {name}=…{order}"
        other = next((each for each in self.program.statements if each.casefold() == name.casefold()), None)
        if other is not None:
            hint = f"{other!r} is another name, as upper and lower case differ: write it, or {hint}"
        return ShapeError(f"the array {name!r} is missing{where}", hint=hint)


def _reads(definition: Definition, name: str) -> bool:
    return any(isinstance(node, Access) and node.tensor == name for node in postorder(definition.body))


def canonical_names(program: Program, arrays: Arrays) -> dict[str, object]:
    """Arrays and functions by the names that the program has; raises ShapeError for a name that it lacks."""
    result: dict[str, object] = {}
    for name, value in arrays.items():
        own = function_named(program, name) or normal(name)
        if axes_of(program, own) is None and function_named(program, name) is None:
            known = [*program.inputs, *program.statements, *program.functions]
            inputs = f"its inputs are {', '.join(program.inputs) or 'none'}"
            raise ShapeError(f"the program has no tensor {name!r}", hint=meant(own, known, inputs))
        if own in result:
            raise ShapeError(f"{own!r} is given twice, under two spellings of its name")
        result[own] = value
    return result


def axes_or_error(program: Program, name: str, **place: Any) -> tuple[Any, ...]:
    """The spaces of a variable's axes; raises NotationError for a name that the program lacks."""
    spaces = axes_of(program, name)
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
