"""Declared functions: `function phi, g(x, y)`, and the derivatives of theirs that a program calls."""

from __future__ import annotations

from collections.abc import Mapping

from indicial.errors import IndicialError, NotationError, Note, Span
from indicial.ir.abstract import orders_of, spelled, split
from indicial.ir.functions import FUNCTIONS
from indicial.syntax import tree
from indicial.syntax.names import OPERATORS, normal

Functions = Mapping[str, tuple[str, ...]]  # the arguments of each declared function, by name
_RESERVED = frozenset((*FUNCTIONS, *OPERATORS, "ln", "dim", "D", "pi", "π"))


def read_functions(source: tree.Source) -> Functions:
    """The functions that a program declares."""
    seen: dict[str, tree.FunctionLine] = {}
    for line in source.functions:
        if line.name in _RESERVED:
            raise _error(
                source.text, line.span, f"'{line.name}' has a meaning of its own and cannot be declared",
                "choose another name for the function",
            )  # fmt: skip
        if line.name in seen:
            raise NotationError(
                f"function '{line.name}' is declared twice",
                source=source.text,
                span=line.span,
                notes=(Note(seen[line.name].span, "first declared here"),),
                hint="leave one of the two out",
            )
        seen[line.name] = line
    return {line.name: line.arguments for line in source.functions}


def _error(text: str, span: Span, reason: str, hint: str) -> IndicialError:
    return NotationError(reason, source=text, span=span, hint=hint)


def derivative_of(name: str, functions: Functions) -> tuple[str, tuple[int, ...]] | None:
    """The function and the orders that a name such as φ'' or ∂₁g stands for; None if it is no such name."""
    stem, by, primes = split(name, functions)
    stem = normal(stem)
    if stem not in functions:
        return None
    orders = orders_of(len(functions[stem]), by, primes)
    return None if orders is None else (stem, orders)


def check_declared_call(text: str, call: tree.Call, functions: Functions) -> bool:
    """Whether a call is one of a declared function; raises where it does not fit its declaration."""
    stem, by, primes = split(call.name, functions)
    stem = normal(stem)
    arguments = functions.get(stem)
    if arguments is None:
        return False
    arity = len(arguments)
    if primes and arity > 1:
        raise _error(
            text, call.name_span, f"'{stem}' has {arity} arguments, and a prime names none of them",
            f"name the argument: {spelled(stem, (1, *[0] * (arity - 1)))}(…)",
        )  # fmt: skip
    wrong = next((position for position in by if not 1 <= position <= arity), None)
    if wrong is not None:
        plural = "argument" if arity == 1 else "arguments"
        raise _error(
            text, call.name_span, f"'{stem}' has {arity} {plural}, and no number {wrong} to derive by",
            f"arguments count from 1 to {arity}",
        )  # fmt: skip
    if len(call.arguments) != arity:
        plural = "argument" if arity == 1 else "arguments"
        raise _error(
            text, call.span, f"'{stem}' is declared with {arity} {plural}, not {len(call.arguments)}",
            f"write {stem}({', '.join(arguments)}), or declare it so",
        )  # fmt: skip
    for argument in call.arguments:
        if isinstance(argument, tree.Comparison):
            raise _error(
                text, argument.span, "a comparison stands only in where(…, a, b) and in square brackets",
                "put it into square brackets, which are 1 or 0: [x > 0]",
            )  # fmt: skip
    return True


def check_no_tensor(text: str, tensor: tree.Tensor, functions: Functions) -> None:
    """A declared function is no tensor."""
    if tensor.name in functions:
        raise _error(
            text, tensor.span, f"'{tensor.name}' is declared as a function and cannot name a tensor",
            f"write {tensor.name}({', '.join(functions[tensor.name])}) to apply it, the bracket directly "
            "behind the name, or choose another name for the tensor",
        )  # fmt: skip
