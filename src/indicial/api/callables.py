"""What is given for declared functions: callables, by the names of the functions and of their derivatives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from indicial.errors import BackendError, ShapeError
from indicial.ir.abstract import orders_of, spelled, split
from indicial.ir.nodes import Abstract, Node
from indicial.ir.program import Program
from indicial.ir.traversal import postorder
from indicial.syntax.names import normal


def function_named(program: Program, name: str) -> str | None:
    """The declared function, or the derivative of one, that a name spells: its one name; else None."""
    stem, by, primes = split(normal(name), program.functions)
    stem = normal(stem)
    if stem not in program.functions:
        return None
    arguments = program.functions[stem]
    orders = orders_of(len(arguments), by, primes)
    if orders is None:
        raise ShapeError(
            f"the function '{stem}' has {len(arguments)} argument{'s' if len(arguments) > 1 else ''}, and "
            f"{name!r} is no derivative of it",
            hint=f"its first derivative is {spelled(stem, (1, *[0] * (len(arguments) - 1)))!r}",
        )
    return spelled(stem, orders)


def apart(
    program: Program, given: Mapping[str, object]
) -> tuple[dict[str, object], dict[str, Callable[..., Any]]]:
    """Arrays and callables of a call, both by the names that the program has for them."""
    arrays: dict[str, object] = {}
    functions: dict[str, Callable[..., Any]] = {}
    for name, value in given.items():
        if function_named(program, name) is None:
            arrays[name] = value
        elif callable(value):
            functions[name] = value
        else:
            raise BackendError(
                f"{name!r} is a declared function, and a {type(value).__name__} is given for it",
                hint=f"give something that can be called with arrays: {{{name!r}: np.tanh}}",
            )
    return arrays, functions


def missing_function(program: Program, name: str) -> ShapeError:
    """The error for a function that is needed and not given, with who needs it."""

    def calls(node: Node) -> bool:
        return isinstance(node, Abstract) and spelled(node.function, node.orders) == name

    users = [s for s, d in program.statements.items() if any(map(calls, postorder(d.body)))]
    where = f"{users[0]!r} is" if users else "the derivative is"
    return ShapeError(
        f"the function {name!r} is missing; {where} computed with it",
        hint=f"give a callable with the arrays, in a mapping: {{{name!r}: …}}",
    )
