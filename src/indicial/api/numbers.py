"""From definitions and arrays to arrays: one path for values and derivatives."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from threading import Lock
from typing import Any

import numpy as np

from indicial.api.callables import apart, missing_function
from indicial.api.modes import Others
from indicial.api.named import canonical_names
from indicial.api.operands import Arrays
from indicial.backends.arrays import common
from indicial.backends.executable import Executable
from indicial.backends.fitting import fitted
from indicial.backends.libraries import NUMPY, library_of
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
from indicial.planning.memory import Limit, ensure_addressable, ensure_fits, fits
from indicial.planning.ranges import check_entries
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
        self._ready: dict[object, tuple[Executable, tuple[str, ...]]] = {}
        self._lock = Lock()
        self.positions = program.positions
        self.gathers = any(each.entries for each in program.inside)
        self.checked = self.gathers or bool(program.properties)  # by every call, whatever the shapes are

    def __call__(self, arrays: Arrays, limit: Limit = None) -> list[Any]:
        """The value of each definition: an array of its own, of the library of those given."""
        key = None if limit is not None or self.checked else _signature(arrays)
        ready = self._ready.get(key) if key is not None else None
        if ready is not None:
            compiled, names = ready
            ensure_fits(compiled.plan, compiled.result_bytes)  # the workspace is there already
            return compiled([arrays[name] for name in names])
        given, functions = apart(self.program, canonical_names(self.program, arrays))
        library = library_of(given)
        converted, dtype = common(given, self.positions)
        compiled = self.executable({name: array.shape for name, array in converted.items()}, dtype, limit)
        self.require(compiled.plan, converted, functions)
        self.check(converted)
        if key is not None and all(converted[own] is given[own] for own in converted):
            spelled = dict(zip(given, arrays, strict=True))
            self._keep(self._ready, key, (compiled, tuple([spelled[name] for name in compiled.plan.inputs])))
        values = compiled(operands(compiled.plan, converted, functions))
        return values if library is NUMPY else [library.returned(value) for value in values]

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
        return run(plan, converted, dtype, functions)

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


def _signature(arrays: Arrays) -> object:
    """What decides which compiled function a call takes; None if something is no plain array."""
    parts: list[object] = []
    for name, array in arrays.items():
        if type(array) is not np.ndarray:
            return None
        parts += (name, array.dtype, array.shape)
    return tuple(parts)


def _reads(definition: Definition, name: str) -> bool:
    return any(isinstance(node, Access) and node.tensor == name for node in postorder(definition.body))
