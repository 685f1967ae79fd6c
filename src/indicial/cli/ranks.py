"""Arrays held against the ranks of the program, in the words of the command line."""

from __future__ import annotations

import json
from collections.abc import Mapping

from indicial.api import Program
from indicial.api.named import canonical_names
from indicial.cli.arrays import Array, is_shape
from indicial.errors import ShapeError


def require_ranks(program: Program, arrays: Mapping[str, Array], written: Mapping[str, str]) -> None:
    """Refuses an array of another rank than the program's; `written` is how each was given, by name."""
    by_own_name = zip(canonical_names(program.meaning, arrays), arrays.items(), strict=True)
    for own, (name, array) in by_own_name:
        rank = len(program.meaning.spaces_of(own) or ())
        if array.ndim != rank:
            raise _refusal(name, written[name], array, rank)


def _refusal(name: str, value: str, array: Array, rank: int) -> ShapeError:
    if is_shape(value):
        reason = f"{name}={value} was read as a shape, {_axes(array.ndim)} of random data"
    else:
        reason = f"the array given for {name!r} has {_axes(array.ndim)}, its shape is {array.shape}"
    return ShapeError(
        f"{name!r} has {_axes(rank)} in the program, but {reason}", hint=_hint(name, value, array, rank)
    )


def _hint(name: str, value: str, array: Array, rank: int) -> str:
    """How the array is to be written for that rank."""
    if rank == 0 and is_shape(value):
        number = f"write {name}={value}.0 for the number {value}, or " if value.isdecimal() else "write "
        return f"{number}{name}=scalar for a random one"
    longer = [extent for extent in array.shape if extent != 1]
    if array.ndim > rank >= len(longer):
        flat = array.reshape((*longer, *[1] * (rank - len(longer))))
        if is_shape(value):
            return f"flatten it: {name}={'x'.join(map(str, flat.shape))}"
        if value.startswith("["):
            return f"flatten it: {name}={_entries(flat)}"
        return f"flatten it, numpy.reshape({name}, {flat.shape}), before it is saved"
    if rank == 0:
        return f"write a number, such as {name}=2.5"
    return f"random data for {name!r} are {name}={'x'.join('345'[k % 3] for k in range(rank))}"


def _entries(array: Array) -> str:
    if array.ndim == 0:
        return repr(float(array))  # with a point: without one it is a shape
    text = json.dumps(array.tolist(), separators=(",", ":"))
    return f'"{text}"' if len(text) <= 60 else '"' + "[" * array.ndim + "…" + "]" * array.ndim + '"'


def _axes(count: int) -> str:
    return "no axes" if count == 0 else "1 axis" if count == 1 else f"{count} axes"
