"""What a function returns: an array, a dict of several by label, or a value and its gradients as a pair."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from indicial.ir.nodes import Definition


@dataclass(frozen=True, slots=True)
class Result:
    """An array that a function computes: a definition, the letters of its axes, and the words for it."""

    definition: Definition
    letters: tuple[str, ...]
    equation: str


@dataclass(frozen=True, slots=True)
class Pair:
    """A value, by the name that it has, and its gradient, or several by label."""

    name: str
    value: Result
    gradient: Result | Mapping[object, Result]


Returned = Result | Mapping[object, Result] | Pair


def results_of(returned: Returned) -> list[Result]:
    """All arrays, in order."""
    match returned:
        case Pair(_, value, gradient):
            return [value, *results_of(gradient)]
        case Result():
            return [returned]
    return list(returned.values())


def as_code(returned: Returned, texts: Iterator[str]) -> str:
    """The expression that is returned, given those of the arrays in order."""
    match returned:
        case Pair(_, _, gradient):
            return f"{next(texts)}, {as_code(gradient, texts)}"
        case Result():
            return next(texts)
    return f"{{{', '.join([f'{_key(label)}: {next(texts)}' for label in returned])}}}"


def in_words(returned: Returned, shape: Callable[[Result], str]) -> list[str]:
    """The lines of a docstring that say what is returned, given the words for an array."""
    match returned:
        case Pair(name, value, gradient) if isinstance(gradient, Result):
            return [f"Returns a pair: {name}, {shape(value)}, and its gradient, {shape(gradient)}."]
        case Pair(name, value, several) if isinstance(several, Mapping):
            head = f"Returns a pair: {name}, {shape(value)}, and a dict of its gradients."
            return [head, *[f"{_key(label)}: {shape(each)}" for label, each in several.items()]]
        case Result():
            return [f"Returns {shape(returned)}."]
    assert isinstance(returned, Mapping)
    return [f"Returns {_key(label)}: {shape(each)}." for label, each in returned.items()]


def _key(label: object) -> str:
    """The code of a key of the dict that is returned: a name, a position, or several of these."""
    if isinstance(label, tuple):
        return f"({', '.join([_key(each) for each in label])})"
    return f'"{label}"' if isinstance(label, str) else repr(label)
