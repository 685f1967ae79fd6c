"""Ways in for calls like one that was right: one expression says that the next has no need of a look.

def entered(a0, a1):
    if a0.__class__ is ndarray and a0.dtype is d0 and a0.shape == s0 and a1.__class__ is float:
        return run(array(a1, dtype), a0)[0]
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import CodeType
from typing import Any, Union

import numpy as np

from indicial.backends.executable import Executable
from indicial.planning.memory import ensure_fits

Array = Any
Entrance = Callable[..., Any]  # of the values of a call in their order; None if they are not as those were
Run = Callable[..., Sequence[Any]]
Tree = Union[int, list[Any], tuple[Any, ...], Mapping[Any, Any], "Fixed", "Built"]  # see `arranged`
NUMBERS = (float, np.float64)
_SMALL = 1 << 12  # bytes of results that fit again where they fitted once: a page
_ORDERS = 16  # ways to name and order the arrays that are remembered, …
_KEPT = 64  # … and ways that they were


@dataclass(frozen=True, slots=True)
class Fixed:
    """Something that is the same in every call."""

    value: object


@dataclass(frozen=True, slots=True)
class Built:
    """What a function makes of parts of a result."""

    function: Callable[..., Any]
    arguments: Sequence[Tree]


class Entrances:
    """The ways in of one function: by the names of its arrays in order, and then by what these were."""

    def __init__(self) -> None:
        self._recent: dict[tuple[object, ...], Entrance] = {}
        self._known: dict[object, Entrance] = {}

    def __call__(self, names: tuple[object, ...], values: Collection[object]) -> Any:
        """What the function gives for values by these names; None if nothing is known of such."""
        entrance = self._recent.get(names)
        if entrance is None:
            return None
        found = entrance(*values)
        if found is None and len(self._known) > 1:
            entrance = self._known.get((names, _kinds(values)))
            if entrance is not None:
                self._recent[names] = entrance
                found = entrance(*values)
        return found

    def keep(self, names: tuple[object, ...], values: Sequence[object], make: Callable[[], Entrance]) -> None:
        """From now on calls with such values go in by this way."""
        kinds = _kinds(values)
        if kinds is None or (names, kinds) in self._known:
            return
        if len(self._known) >= _KEPT or (names not in self._recent and len(self._recent) >= _ORDERS):
            self._known.clear()
            self._recent.clear()
        self._recent[names] = self._known[names, kinds] = make()


def _kinds(values: Collection[object]) -> object:
    """What of values decides how they are taken; None if one is no plain array or number."""
    found: list[object] = []
    for value in values:
        if type(value) is np.ndarray:
            found += (value.dtype, value.shape)
        elif type(value) in NUMBERS:
            found.append(type(value))
        else:
            return None
    return tuple(found)


def entrance(
    values: Sequence[Any],
    order: Sequence[int],
    dtype: np.dtype[Any],
    run: Run,
    results: Tree | None = None,
    check: Callable[..., None] | None = None,
) -> Entrance:
    """The way in for values like these, which `run` takes in an order; numbers as arrays of a dtype.

    results  how those of `run` are given back; as they are if that is not said
    check    what looks at all of the values in every call
    """
    space: dict[str, Any] = {"ndarray": np.ndarray, "float64": np.float64, "array": np.asarray}
    space |= {"dtype": dtype, "run": run, "check": check}
    tests = []
    for k, value in enumerate(values):
        if type(value) is np.ndarray:
            space[f"d{k}"], space[f"s{k}"] = value.dtype, value.shape
            tests.append(f"a{k}.__class__ is ndarray and a{k}.dtype is d{k} and a{k}.shape == s{k}")
        else:
            tests.append(f"a{k}.__class__ is {type(value).__name__}")
    own = [f"a{k}" if type(values[k]) is np.ndarray else f"array(a{k}, dtype)" for k in order]
    every = ", ".join([f"a{k}" for k in range(len(values))])
    lines = [f"def entered({every}):", f"    if {' and '.join(tests) or 'True'}:"]
    lines += [f"        check({every})"] * (check is not None)
    given = "v" if results is None else _display(results, space)
    lines += [f"        v = run({', '.join(own)})", f"        return {given}"]
    exec(_code("\n".join(lines)), space)
    made: Entrance = space["entered"]
    return made


def _display(results: Tree, space: dict[str, Any]) -> str:
    """The text of results in mappings and the like; it is as deep as these are, which is two or three."""
    if isinstance(results, int):
        return f"v[{results}]"
    if isinstance(results, Fixed):
        return _bound(results.value, space)
    if isinstance(results, Mapping):
        pairs = [f"{_bound(key, space)}: {_display(each, space)}" for key, each in results.items()]
        return f"{{{', '.join(pairs)}}}"
    inside = results.arguments if isinstance(results, Built) else results
    texts = "".join([f"{_display(each, space)}, " for each in inside])
    if isinstance(results, Built):
        return f"{_bound(results.function, space)}({texts})"
    return f"[{texts}]" if isinstance(results, list) else f"({texts})"


def _bound(thing: object, space: dict[str, Any]) -> str:
    """A name for a thing."""
    name = f"k{len(space)}"
    space[name] = thing
    return name


def arranged(results: Tree, values: Sequence[Any]) -> Any:
    """Values where their numbers stand, in mappings, tuples and lists, and in what is built of them."""
    space: dict[str, Any] = {"v": values}
    text = _display(results, space)
    return eval(_code(text, "eval"), space)


@lru_cache(maxsize=1 << 8)
def _code(text: str, kind: str = "exec") -> CodeType:
    return compile(text, "<indicial>", kind)


def runner(compiled: Executable) -> Run:
    """The executable as a function of its arrays, behind a look at the memory where results take much."""
    if compiled.result_bytes <= _SMALL:
        return compiled.at_once

    def run(*arrays: Array) -> list[Array]:
        ensure_fits(compiled.plan, compiled.result_bytes)  # the workspace is there already
        return compiled.at_once(*arrays)

    return run
