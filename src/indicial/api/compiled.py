"""Compiled functions as users hold them: called with arrays of fixed shapes, again and again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from indicial.api.callables import apart
from indicial.api.named import canonical_names
from indicial.api.numbers import Numbers, operands
from indicial.api.operands import merged
from indicial.api.plan import PlanReport
from indicial.api.shapes import checked_dtype, checked_shapes
from indicial.backends.arrays import as_array
from indicial.backends.libraries import library_of
from indicial.errors import BackendError, ShapeError
from indicial.planning.extents import bind
from indicial.planning.memory import Limit

BACKENDS = ("numpy",)
_SPELLINGS = 16  # ways to name and order the arrays that are remembered
Path = tuple[Any, ...]  # where an output stands in the mapping that a call gives; () if it is alone


class CompiledFunction:
    """A program or derivative, compiled for arrays of given shapes and one dtype.

    Calling it gives what the program or derivative gives. Results are the caller's own: memory is used
    again only when nothing refers to it any more. Threads may call it at the same time.

    Attributes: `plan` (what it does and what that costs), `source` (the code), `shapes`, `dtype`.
    """

    def __init__(
        self, numbers: Numbers, paths: Sequence[Path], shapes: object, dtype: object, limit: Limit
    ) -> None:
        self._numbers, self._paths = numbers, tuple(paths)
        self.dtype = checked_dtype(dtype)
        self.shapes = checked_shapes(numbers, shapes)
        self._extents = bind(numbers.program, self.shapes)
        self._run = numbers.executable(self.shapes, self.dtype, limit)
        names = self._run.plan.inputs
        numbers.require_shapes(self._run.plan, self.shapes)
        self._expected = tuple([(name, self.shapes[name]) for name in names])
        self._spellings: dict[tuple[str, ...], Mapping[str, str]] = {}

    @property
    def plan(self) -> PlanReport:
        """The steps, their cost, the peak of memory and the order of contractions."""
        return PlanReport(self._run.plan, self.dtype.itemsize, self._run.nbytes, self._modes, self._run.cuts)

    def _modes(self) -> Mapping[str, int]:
        return self._numbers.costs(self.shapes)

    @property
    def source(self) -> str:
        """The straight-line code."""
        return self._run.source

    def __call__(self, /, *arrays: object, out: Any = None, **named: Any) -> Any:
        """The outputs for arrays of the compiled shapes.

        `out` is an array for the result, or a mapping of such as the call would give. A tensor that is
        itself called `out` is given in a mapping.
        """
        plain = not arrays and out is None
        spelled = self._spellings.get(tuple(named)) if plain else None
        values = self._as_they_are(named, spelled) if spelled is not None else None
        if spelled is not None and values is not None:
            if self._numbers.checked:
                self._numbers.check({name: named[own] for name, own in spelled.items()}, self._extents)
            return self._arranged(self._run(values))
        if out is not None and not arrays and "out" in self.shapes:
            named, out = {**named, "out": out}, None
        result = self._called(merged(self._numbers.program, arrays, named), out)
        if plain:
            self._remember(named)
        return result

    def _as_they_are(self, named: Mapping[str, Any], spelled: Mapping[str, str]) -> list[Any] | None:
        """The arrays that the plan reads, if they need no conversion."""
        values = []
        for name, shape in self._expected:
            array = named[spelled[name]]
            if type(array) is np.float64 and shape == ():
                array = np.asarray(array)
            if type(array) is not np.ndarray or array.dtype is not self.dtype or array.shape != shape:
                return None
            values.append(array)
        return values

    def _remember(self, named: Mapping[str, object]) -> None:
        """A call with arrays by these names, in this order, was right: the next needs no look at them."""
        spelled = dict(zip(canonical_names(self._numbers.program, named), named, strict=True))
        if spelled.keys() == self.shapes.keys() and len(self._spellings) < _SPELLINGS:
            self._spellings[tuple(named)] = spelled

    def _called(self, values: Mapping[str, object], out: Any) -> Any:
        """The outputs for whatever the caller gave, in the library of the arrays given."""
        program, plan = self._numbers.program, self._run.plan
        given, functions = apart(program, canonical_names(program, values))
        library = library_of(given)
        arrays = self._converted(given)
        self._numbers.require_functions(plan, functions)
        everything = operands(plan, arrays, functions)
        if out is not None:
            return self._written(everything, out)
        return self._arranged([library.returned(value) for value in self._run(everything)])

    def _arranged(self, values: list[Any]) -> Any:
        if self._paths[0] == ():
            return values[0]
        result: dict[Any, Any] = {}
        for path, value in zip(self._paths, values, strict=True):
            inner = result
            for name in path[:-1]:
                inner = inner.setdefault(name, {})
            inner[path[-1]] = value
        return result

    def _converted(self, given: Mapping[str, object]) -> dict[str, Any]:
        """The arrays that the plan reads, in its dtype."""
        arrays = {name: as_array(name, value) for name, value in given.items()}
        for name, shape in self.shapes.items():
            if name not in arrays and name in self._run.plan.inputs:
                raise ShapeError(f"the array {name!r} is missing", hint=f"give it by name: {name}=…")
            if name in arrays and arrays[name].shape != shape:
                raise ShapeError(
                    f"{name!r} has the shape {arrays[name].shape}, but the function was compiled for {shape}",
                    hint="compile it for this shape, or call the derivative itself: it plans for any shapes",
                )
        self._numbers.check(arrays, self._extents)
        result = {}
        for name, _ in self._expected:
            array = arrays[name]
            if not np.can_cast(array.dtype, self.dtype, "same_kind"):
                raise BackendError(
                    f"{name!r} has the dtype {array.dtype}, but the function was compiled for {self.dtype}",
                    hint=f"compile it with dtype={array.dtype.name}",
                )
            result[name] = array.astype(self.dtype, copy=False)
        return result

    def _written(self, given: list[Any], out: Any) -> Any:
        """The outputs in the caller's memory; where that overlaps an input, by way of fresh memory."""
        targets = [self._target(number, _at(out, path)) for number, path in enumerate(self._paths)]
        direct = [
            target if self._run.fits(k, target) and not any(_shares(target, each) for each in given) else None
            for k, target in enumerate(targets)
        ]
        values = self._run(given, direct)
        for target, own, value in zip(targets, direct, values, strict=True):
            if own is None:
                target[...] = value
        return self._arranged(targets)

    def _target(self, number: int, array: Any) -> Any:
        step = self._run.plan.steps[self._run.plan.outputs[number]]
        if not isinstance(array, np.ndarray):
            raise BackendError(
                f"out is a {type(array).__name__}, no NumPy array", hint="give numpy.empty(shape, dtype)"
            )
        if array.shape != step.shape:
            raise ShapeError(f"out has the shape {array.shape}, but the result has {step.shape}")
        if not np.can_cast(self.dtype, array.dtype, "same_kind") or not array.flags.writeable:
            what = f"the dtype {array.dtype}" if array.flags.writeable else "no permission to write"
            raise BackendError(f"out has {what}: it cannot take results of {self.dtype}")
        return array

    def __repr__(self) -> str:
        shapes = ", ".join([f"{name}: {shape}" for name, shape in self.shapes.items()])
        return f"<CompiledFunction of {shapes or 'nothing'}; {self.dtype}, {self.plan.summary}>"


class CompiledPair(CompiledFunction):
    """A value and its gradients, compiled together: a call gives (value, gradient)."""

    def _arranged(self, values: list[Any]) -> Any:
        found = super()._arranged(values)
        return found["value"], found["gradient"]

    def _written(self, given: list[Any], out: Any) -> Any:
        if not isinstance(out, (tuple, list)) or len(out) != 2:
            raise BackendError(
                f"out is a {type(out).__name__}, and the result a value and its gradient",
                hint="give a pair: out=(numpy.empty(()), gradient)",
            )
        return super()._written(given, {"value": out[0], "gradient": out[1]})


def checked_backend(backend: str) -> None:
    """Raise BackendError for a backend that there is not."""
    if backend not in BACKENDS:
        raise BackendError(f"there is no backend {backend!r}", hint=f"the backends are {', '.join(BACKENDS)}")


def _shares(target: Any, given: Any) -> bool:
    return isinstance(given, np.ndarray) and np.may_share_memory(target, given)


def _at(out: Any, path: Path) -> Any:
    for name in path:
        if not isinstance(out, Mapping) or name not in out:
            raise BackendError(
                f"out has no place for {name!r}", hint="give a mapping with an array for each output"
            )
        out = out[name]
    return out
