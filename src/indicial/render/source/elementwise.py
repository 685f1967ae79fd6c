"""Elementwise functions as calls of a library, or of Python's own where all that they take are numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from indicial.render.pieces import Slot
from indicial.render.source.code import Bond, Code
from indicial.render.source.surroundings import Surroundings

_OF_NUMBERS = frozenset({
    "sqrt", "exp", "log", "log1p", "expm1", "sin", "cos", "tan", "asin", "acos", "atan", "atan2", "sinh",
    "cosh", "tanh", "asinh", "acosh", "atanh", "erf", "erfc", "lgamma",
})  # fmt: skip


def called(function: str, parts: Sequence[Code], axes: tuple[Slot, ...], around: Surroundings) -> Code:
    """A function of arrays with these axes."""
    if function == "where":
        return _where(parts, axes, around)
    if all(part.number for part in parts):
        return _of_numbers(function, parts, around)
    if function in ("max", "min") and around.library.name == "torch" and any(part.number for part in parts):
        limit, other = sorted(parts, key=lambda code: not code.number)
        bound = "min" if function == "max" else "max"
        return Code(f"torch.clamp({other.text}, {bound}={limit.text})", axes)
    code = _filled(function, parts, axes, around)
    return around.cast(code) if function in around.library.widening else code


def _where(parts: Sequence[Code], axes: tuple[Slot, ...], around: Surroundings) -> Code:
    """One thing or another: 1 and 0 are the bracket itself, and an array of numbers has a type to be told."""
    condition, one, other = parts
    if (one.text, other.text) == ("1", "0"):
        return around.counted(condition)
    code = _filled("where", parts, axes, around)
    return around.cast(code) if one.number and other.number else code


def _of_numbers(function: str, parts: Sequence[Code], around: Surroundings) -> Code:
    """A function of numbers, which is to be no array: NumPy would make float64 of what meets it."""
    texts = ", ".join([part.text for part in parts])
    if function in ("max", "min"):
        return Code(f"{function}({texts})", number=True)
    if "math" in around.library.imports and function in _OF_NUMBERS:
        return Code(around.say(f"math.{function}({{0}})", texts), number=True)
    order = parts[:1] if function == "polygamma" else []  # which stays a whole number
    rest = [_as_argument(part, around) for part in parts[len(order) :]]
    code = _filled(function, [*order, *rest], (), around)
    return Code(f"float({code.text})", number=True) if around.library.name == "numpy" else code


def _as_argument(number: Code, around: Surroundings) -> Code:
    """A number as functions of a library take it: PyTorch's ask for tensors, some of JAX for no integers."""
    if around.library.name == "torch":
        return around.cast(number)
    return Code(f"{number.text}.0", number=True) if number.text.isdecimal() else number


def _filled(function: str, parts: Sequence[Code], axes: tuple[Slot, ...], around: Surroundings) -> Code:
    """The library's pattern with its arguments."""
    pattern = around.library.functions[function]
    if pattern.count("{0}") > 1:
        parts = [around.named(part) for part in parts]
    first = pattern.split("{0}")[0]
    bare = first.endswith("(") or pattern.startswith("{0}")
    if "-{0}" in pattern and parts[0].text.startswith("-") and parts[0].bond <= Bond.PRODUCT:
        pattern, parts = pattern.replace("-{0}", "{0}"), [replace(parts[0], text=parts[0].text[1:])]
        bare = pattern.count("{0}") == 1
    texts = [
        part.text if bare and not pattern.startswith("{0}") else part.within(Bond.ATOM) for part in parts
    ]
    bond = Bond.PRODUCT if " * " in pattern.split("(")[0] or pattern.startswith("0.5") else Bond.ATOM
    return Code(around.say(pattern, *texts), axes, bond)
