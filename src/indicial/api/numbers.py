"""From definitions and arrays to arrays: one path for values and derivatives."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from threading import Lock
from typing import Any

import numpy as np

from indicial.api.callables import apart, missing_function
from indicial.api.modes import Others
from indicial.api.named import canonical_names
from indicial.api.operands import Arrays, merged
from indicial.backends import strong_zeros
from indicial.backends.arrays import common
from indicial.backends.entrances import NUMBERS, Entrances, Run, Tree, entrance, runner
from indicial.backends.executable import Executable
from indicial.backends.fitting import fitted
from indicial.backends.libraries import NUMPY, library_of
from indicial.backends.lines import are_positions
from indicial.backends.numpy import run
from indicial.backends.properties import require_properties
from indicial.calculus.derive import MODES
from indicial.errors import ShapeError
from indicial.ir.indices import Space
from indicial.ir.nodes import Access, Definition
from indicial.ir.program import Program
from indicial.ir.traversal import postorder
from indicial.planning.costs import total_flops, weight
from indicial.planning.extents import bind
from indicial.planning.lower import lower
from indicial.planning.memory import Limit, ensure_addressable, fits
from indicial.planning.ranges import bounds_of_entries, check_entries
from indicial.planning.steps import Plan
from indicial.semantics.operands import check_shapes

_KEPT = 64  # compiled functions and plans of one program; the oldest go first


class Numbers:
    """Evaluates definitions of a program; plans and compiles once for each set of shapes and dtypes."""

    def __init__(
        self, program: Program, definitions: Sequence[Definition], others: Others | None = None
    ) -> None:
        self.program, self.definitions, self.others = program, tuple(definitions), others
        self._plans: dict[object, Plan] = {}
        self._executables: dict[object, Executable] = {}
        self.entrances = Entrances()
        self._lock = Lock()
        self.positions = program.positions
        self.gathers = any(each.entries for each in program.inside)
        self.checked = self.gathers or bool(program.properties)  # by every call, whatever the shapes are

    def of(self, given: Sequence[object], named: Arrays, limit: Limit = None) -> list[Any]:
        """The value of each definition for the arrays of a call, given by name or otherwise."""
        if not given and limit is None:
            found: list[Any] | None = self.entrances(tuple(named), named.values())
            if found is not None:
                return found
        return self(merged(self.program, given, named), limit)

    def __call__(self, arrays: Arrays, limit: Limit = None) -> list[Any]:
        """The value of each definition: an array of its own, of the library of those given."""
        found: list[Any] | None = self.entrances(tuple(arrays), arrays.values()) if limit is None else None
        if found is not None:
            return found
        given, functions = apart(self.program, canonical_names(self.program, arrays))
        library = library_of(given)
        converted, dtype = common(given, self.positions)
        compiled = self.executable({name: array.shape for name, array in converted.items()}, dtype, limit)
        self.require(compiled.plan, converted, functions)
        self.check(converted)
        if limit is None and not functions and library is NUMPY and self.are_plain(given, converted, dtype):
            self.remember(self.entrances, arrays, given, dtype, compiled.plan, runner(compiled))
        values = compiled(operands(compiled.plan, converted, functions))
        return values if library is NUMPY else [library.returned(value) for value in values]

    def are_plain(self, given: Mapping[str, object], converted: Mapping[str, Any], dtype: Any) -> bool:
        """Whether arrays are taken as they are, whatever their entries: those that hold positions may ask for
        a wider dtype than float32.
        """
        taken = all(type(given[own]) in NUMBERS or given[own] is array for own, array in converted.items())
        return taken and (not self.gathers or bool(dtype == np.result_type(dtype, np.float64)))

    def remember(
        self,
        entrances: Entrances,
        arrays: Arrays,
        given: Mapping[str, Any],
        dtype: np.dtype[Any],
        plan: Plan,
        run: Run,
        results: Tree | None = None,
    ) -> None:
        """Calls like this one need no look at their arrays; `given` are these by the program's names."""
        names, values = list(given), list(given.values())
        check = self._check_of(given) if self.checked else None
        order = [names.index(name) for name in plan.inputs]
        entrances.keep(tuple(arrays), values, lambda: entrance(values, order, dtype, run, results, check))

    def _check_of(self, given: Mapping[str, Any]) -> Callable[..., None]:
        """What looks at the entries of arrays of these shapes, in this order."""
        names = list(given)
        extents = bind(self.program, {name: np.shape(each) for name, each in given.items()})
        bounds = bounds_of_entries(self.program, extents)
        known = bounds is not None and not self.program.properties
        quick = [(names.index(name), low, high) for name, low, high in bounds or () if name in names]

        def check(*values: Any) -> None:
            arrays = [*map(np.asarray, values)]
            if not (known and all(are_positions(arrays[k], low, high) for k, low, high in quick)):
                self.check(dict(zip(names, arrays, strict=True)), extents)

        return check

    def check(self, arrays: Mapping[str, Any], extents: Mapping[Space, int] | None = None) -> None:
        """Raise ShapeError if entries are not what subscripts or declarations ask of them."""
        if self.gathers:
            if extents is None:
                extents = bind(self.program, {name: array.shape for name, array in arrays.items()})
            check_entries(self.program, arrays, extents)
        require_properties(self.program.properties, arrays)

    def interpreted(self, arrays: Arrays) -> list[Any]:
        """The values by the kernels, step by step: what compiled functions are held against."""
        given, functions = apart(self.program, canonical_names(self.program, arrays))
        converted, dtype = common(given, self.positions)
        plan = self.plan({name: array.shape for name, array in converted.items()})
        values = run(plan, converted, dtype, functions)
        if strong_zeros.may_hide(plan) and not strong_zeros.are_finite(values):
            return strong_zeros.run(plan, converted, dtype, functions)
        return values

    def executable(self, shapes: Mapping[str, tuple[int, ...]], dtype: Any, limit: Limit) -> Executable:
        """The compiled plan for arrays of these shapes and one dtype, in slices if it is too large.

        Raises MemoryLimitError where slices would not fit either.
        """
        plan = self.plan(shapes)
        ensure_addressable(plan, dtype.itemsize)
        key = (id(plan), dtype)
        found = self._executables.get(key)
        if found is None:
            found = Executable(plan, dtype)
            self._keep(self._executables, key, found)
        if fits(found.nbytes, limit):
            return found
        in_slices = self._executables.get((key, "in slices"))
        if in_slices is None or not fits(in_slices.nbytes, limit):
            in_slices = fitted(found, limit)
            self._keep(self._executables, (key, "in slices"), in_slices)
        return in_slices

    def _keep(self, cache: dict[object, Any], key: object, value: object) -> None:
        with self._lock:
            while len(cache) >= _KEPT:
                del cache[next(iter(cache))]
            cache[key] = value

    def require(self, plan: Plan, given: Container[str], functions: Container[str]) -> None:
        """Raise ShapeError if the plan reads an array, or calls a function, that is not given."""
        missing = [name for name in plan.inputs if name not in given]
        if missing:
            raise self._missing(missing[0], "array", f"{missing[0]}=…")
        self.require_functions(plan, functions)

    def require_shapes(self, plan: Plan, shapes: Container[str]) -> None:
        """Raise ShapeError if the plan reads an array whose shape is not given."""
        missing = [name for name in plan.inputs if name not in shapes]
        if missing:
            axes = self.program.inputs.get(missing[0], ())
            shape = f"({', '.join('n' * len(axes))}{',' * (len(axes) == 1)})"
            raise self._missing(missing[0], "shape of", f'"{missing[0]}": {shape}')

    def require_functions(self, plan: Plan, functions: Container[str]) -> None:
        """Raise ShapeError if the plan calls a function that is not given."""
        unknown = [name for name in plan.functions if name not in functions]
        if unknown:
            raise missing_function(self.program, unknown[0])

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
            if self.others is not None and self.others.may_pay(plan):
                plan = min([plan, lower(self.others.definitions, extents, given)], key=weight)
            self._keep(self._plans, key, plan)
        return plan

    def costs(self, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, int]:
        """The floating-point operations by each mode of accumulation; nothing where there is no choice."""
        if self.others is None or not self.others.are_few:
            return {}
        extents = bind(self.program, shapes)
        given = {name: len(shape) for name, shape in shapes.items() if name in self.program.statements}
        known = {self.others.usual: self.definitions, self.others.mode: self.others.definitions}
        return {mode: total_flops(lower(known[mode], extents, given)) for mode in MODES}

    def _missing(self, name: str, what: str, written: str) -> ShapeError:
        user = next((s for s, d in self.program.statements.items() if _reads(d, name)), None)
        where = f"; {user!r} is computed from it" if user is not None else ""
        order = f", or all in the order {', '.join(self.program.inputs)}" if self.program.positional else ""
        hint = f"give it by name: {written}{order}"
        other = next((each for each in self.program.statements if each.casefold() == name.casefold()), None)
        if other is not None:
            hint = f"{other!r} is another name, as upper and lower case differ: write it, or {hint}"
        if name in _LOOK_ALIKES and what == "array":
            hint = (
                f"{name} is a Greek letter, and the sign is {_LOOK_ALIKES[name]}; if it is a tensor, {hint}"
            )
        return ShapeError(f"the {what} {name!r} is missing{where}", hint=hint)


_LOOK_ALIKES = {"Σ": "∑", "Π": "∏"}


def operands(plan: Plan, arrays: Mapping[str, Any], functions: Mapping[str, Any]) -> list[Any]:
    """What a compiled plan is called with, in order."""
    return [*[arrays[name] for name in plan.inputs], *[functions[name] for name in plan.functions]]


def _reads(definition: Definition, name: str) -> bool:
    return any(isinstance(node, Access) and node.tensor == name for node in postorder(definition.body))
