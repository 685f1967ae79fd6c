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
from indicial.backends.entrances import NUMBERS, Entrances, Tree, arranged
from indicial.backends.libraries import library_of
from indicial.errors import BackendError, ShapeError
from indicial.planning.extents import bind
from indicial.planning.memory import Limit

BACKENDS = ("numpy",)
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
        self._tree = self._form()
        self._entrances = Entrances()

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
        if plain:
            found = self._entrances(tuple(named), named.values())
            if found is not None:
                return found
        if out is not None and not arrays and "out" in self.shapes:
            named, out = {**named, "out": out}, None
        result = self._called(merged(self._numbers.program, arrays, named), out)
        if plain:
            self._remember(named)
        return result

    def _remember(self, named: Mapping[str, object]) -> None:
        """A call with such arrays was right: the next needs no look at them."""
        given = canonical_names(self._numbers.program, named)
        if given.keys() == self.shapes.keys() and all(map(self._is_plain, given.values())):
            run = self._run
            self._numbers.remember(
                self._entrances, named, given, self.dtype, run.plan, run.at_once, self._tree
            )

    def _is_plain(self, value: object) -> bool:
        return type(value) in NUMBERS or (type(value) is np.ndarray and value.dtype is self.dtype)

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

    def _form(self) -> Tree:
        return _tree(self._paths)

    def _arranged(self, values: list[Any]) -> Any:
        return arranged(self._tree, values)

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

    def _form(self) -> Tree:
        found = _tree(self._paths)
        assert isinstance(found, dict)
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


def _tree(paths: Sequence[Path]) -> Tree:
    """The numbers of outputs, in the mappings that a call gives."""
    if paths[0] == ():
        return 0
    result: dict[Any, Any] = {}
    for number, path in enumerate(paths):
        inner = result
        for name in path[:-1]:
            inner = inner.setdefault(name, {})
        inner[path[-1]] = number
    return result


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
