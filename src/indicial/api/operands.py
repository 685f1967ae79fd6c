"""What is given by position: arrays, and variables to differentiate by, of einsum strings."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Union

from indicial.backends.arrays import as_array
from indicial.errors import NotationError, ShapeError
from indicial.ir.program import Program
from indicial.semantics.operands import check_count, counted
from indicial.syntax.einsum import is_einsum
from indicial.syntax.names import normal
from indicial.syntax.parser import parse_einsum

Arrays = Mapping[str, object]
Variable = Union[str, int]
_WORD = re.compile(r"\s*([^\W_]+'*)")
Variables = Union[Variable, tuple[Variable, ...]]


def merged(program: Program, given: Sequence[object], named: Arrays) -> dict[str, object]:
    """The arrays of a call by name: one mapping, keywords, or both; of an einsum string also by position."""
    first = given[0] if given else None
    if len(given) <= 1 and first is None:
        return dict(named)
    if isinstance(first, Mapping) and len(given) == 1:
        for name in first:
            if not isinstance(name, str):
                raise ShapeError(f"{name!r} is no name of a tensor", hint="the keys of the mapping are names")
        _refuse_twice(first, named, "in the mapping and as a keyword")
        return {**first, **named}
    if not program.positional:
        what = f"a {type(first).__name__}" if len(given) == 1 else counted(len(given), "positional argument")
        raise ShapeError(
            f"arrays are given by name, not as {what}", hint='write d(W=W, x=x) or d({"W": W, "x": x})'
        )
    operands = list(program.inputs)
    by_position = dict(zip(operands, given, strict=False))
    if len(given) > len(operands) or not {*by_position, *named}.issuperset(operands):
        check_count(parse_einsum(program.source), len(given))
    _refuse_twice(by_position, named, "by position and as a keyword")
    return {**by_position, **named}


def has_ellipsis(program: object) -> bool:
    """Whether a program is an einsum string that means nothing before the ranks of its operands are known."""
    return isinstance(program, str) and is_einsum(program) and bool(parse_einsum(program).ellipses)


def ranks_of(text: str, given: Sequence[object], named: Arrays) -> tuple[int, ...]:
    """The ranks of the arrays given to an einsum string, in the order of its operands."""
    from indicial.semantics.einsum import operand_names

    written = parse_einsum(text)
    names = operand_names(written)
    first = given[0] if given else None
    if len(given) == 1 and isinstance(first, Mapping):
        given, named = (), {**first, **named}
    arrays = {**named, **dict(zip(names, given, strict=False))}
    if len(given) > len(names) or (given and not arrays.keys() >= set(names)):
        check_count(written, len(given))
    for name in names:
        if name not in arrays:
            raise ShapeError(
                f"the array {name!r} is missing, and an ellipsis needs the ranks of all",
                hint=f"give it by name, {name}=…, or all in the order {', '.join(names)}",
            )
    return tuple([as_array(name, arrays[name]).ndim for name in names])


def _refuse_twice(one: Arrays, other: Arrays, words: str) -> None:
    twice = [name for name in other if name in one]
    if twice:
        raise ShapeError(f"{twice[0]!r} is given twice, {words}")


def variables(wrt: Variables) -> Variables:
    """`wrt` as it is meant: a name or a position, or a tuple of some."""
    several = wrt if isinstance(wrt, (tuple, list)) else (wrt,)
    if not all(isinstance(each, (str, int)) and not isinstance(each, bool) for each in several):
        raise NotationError(
            "wrt is the name of a variable, or a tuple of names", hint='write wrt="W" or wrt=("A", "B")'
        )
    if not several:
        raise NotationError("no variable is named to differentiate by", hint='write wrt=("A", "B")')
    return tuple(wrt) if isinstance(wrt, (tuple, list)) else wrt


def by_name(program: Program, wrt: Variables) -> str | tuple[str, ...]:
    """What a derivative is taken by, as names: an operand's position (0, or "0 1") is its name."""
    asked = variables(wrt)
    if isinstance(asked, tuple):
        return tuple([_name(program, each) for each in asked])
    return _name(program, asked)


def _name(program: Program, variable: Variable) -> str:
    if isinstance(variable, str):
        words = variable.replace(",", " ").split()
        if not (program.positional and words and all(word.isdecimal() for word in words)):
            return variable
        return " ".join([_operand(program, int(word)) for word in words])
    if not program.positional:
        raise NotationError(
            f"wrt={variable} is a position, but only the operands of an einsum string have one",
            hint=f"name the variable; the inputs are {', '.join(program.inputs) or 'none'}",
        )
    return _operand(program, variable)


def keys_of(program: Program, wrt: object) -> dict[str, str | int]:
    """What the caller calls variables that have other names: by their positions, or `mu` for μ."""
    found: dict[str, str | int] = {}
    for each in wrt if isinstance(wrt, (tuple, list)) else ():
        if isinstance(each, int):
            found[_operand(program, each)] = each
        elif spelled := _WORD.match(each):
            found[normal(spelled[1])] = spelled[1]
    return found


def _operand(program: Program, position: int) -> str:
    operands = list(program.inputs)
    if not 0 <= position < len(operands):
        last = len(operands) - 1
        raise NotationError(
            f"there is no operand {position}: the einsum string has {counted(len(operands), 'operand')}",
            source=program.source,
            span=parse_einsum(program.source).operands[-1].span,
            hint="operands count from 0" + (f" to {last}" if last else ""),
        )
    return operands[position]
