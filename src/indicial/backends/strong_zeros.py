"""A plan run with false brackets as nothing: what meets nothing in a product is never looked at.

    u_ij = [i != j] a_ij        y = u_ij / (x_i - x_j)        0 · ∞ on the diagonal, where u is nothing

Compiled plans compute in the arithmetic of IEEE, in which 0 · ∞ is undefined. The planner keeps brackets
beside what they hide where it sees both; where a bracket stands in another value, a result that is not
finite is computed once more, here: each value knows where there is something. Nothing times anything is
nothing, a sum is nothing where all its terms are, and for a function nothing is 0. δ and ε are
brackets in this, too.
"""

from __future__ import annotations

from cmath import isfinite
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from indicial.backends.numpy import kernel, settled
from indicial.planning.steps import Plan, Step

Array = Any
_POLES = frozenset({"divide", "pow", "call", "operator", "abstract"})  # and powers below 0
_ADDED = frozenset({"assemble", "scatter"})  # sums of what they do with each operand
_CARRIED = frozenset(
    {
        "asnumber", "assemble", "broadcast", "convolve", "diagonal", "expand", "gather", "matmul", "mirrored",
        "moment", "multiply", "output", "pad", "scale", "scatter", "sum", "transpose", "unfold", "window",
    }
)  # fmt: skip


class Value(NamedTuple):
    """The numbers of a value, 0 where nothing is there, and where there is something."""

    numbers: Array
    there: Array


_NOWHERE = Value(None, None)


def may_hide(plan: Plan) -> bool:
    """Whether a plan has brackets, and values that may be infinite."""
    brackets = any(step.operation in ("compare", "select") for step in plan.steps)
    return brackets and any(
        step.operation in _POLES or (step.operation == "power" and step.parameters < 0) for step in plan.steps
    )


@np.errstate(all="ignore")
def are_finite(results: Sequence[Array]) -> bool:
    """Whether results are numbers throughout; those whose sum overflows count as if they were not."""
    return all(isfinite(np.add.reduce(each, None)) for each in results)


@np.errstate(all="ignore")
def run(
    plan: Plan,
    arrays: Mapping[str, Array],
    dtype: np.dtype[Any],
    functions: Mapping[str, Any] = {},
) -> list[Array]:
    """The outputs of a plan as `backends.numpy.run` gives them, with false brackets as nothing."""
    values: list[Value] = []
    for step, dying in zip(plan.steps, plan.dies, strict=True):
        apply = kernel(step, arrays, dtype, functions)
        found = _value(step, apply, plan, [values[operand] for operand in step.operands], dtype)
        values.append(Value(settled(found.numbers, dtype), found.there))
        for value in dying:
            values[value] = _NOWHERE
    return [values[output].numbers for output in plan.outputs]


def _value(
    step: Step, apply: Callable[..., Array], plan: Plan, operands: Sequence[Value], dtype: np.dtype[Any]
) -> Value:
    """A step by its rule; one without a rule makes something of nothing, which is 0 for it."""
    if step.operation in _CARRIED:
        fixed = [k for k, each in enumerate(step.operands) if plan.steps[each].operation == "index"]
        return _carried(apply, operands, fixed, step.operation in _ADDED, dtype)
    numbers = apply(*[each.numbers for each in operands])
    match step.operation, [each.there for each in operands]:
        case "compare" | "epsilon", _:
            there = numbers != 0
        case "select", [mask, other]:
            there = mask & other
        case "add" | "subtract", [left, right]:
            there = left | right
        case "divide", [above, _]:
            there = np.broadcast_to(above, step.shape)
        case "power", [base] if step.parameters > 0:
            there = base
        case "prod", [each]:
            there = np.all(each, axis=step.parameters)
        case "call", [_, then, otherwise] if step.parameters == "where":
            there = np.where(operands[0].numbers, then, otherwise)
        case _:
            there = np.ones(step.shape, bool)
    return Value(np.where(there, numbers, 0), there)


def _carried(
    apply: Callable[..., Array],
    operands: Sequence[Value],
    fixed: Collection[int],
    added: bool,
    dtype: np.dtype[Any],
) -> Value:
    """A step that is linear in each operand, the `fixed` ones apart, or in all of them together.

    It tells by itself where something arrives: applied to 1 for something and 0 for nothing.
    """

    def applied(to: Callable[[Value], Array], at: Collection[int], others: Callable[[Value], Array]) -> Array:
        given = [(to if k in at else others)(each) for k, each in enumerate(operands)]
        return apply(*[operands[k].numbers if k in fixed else each for k, each in enumerate(given)])

    def something(value: Value) -> Array:
        return value.there.astype(dtype)

    def endless(value: Value) -> Array:
        return (~np.isfinite(value.numbers)).astype(dtype)

    def finite(value: Value) -> Array:
        return np.where(np.isfinite(value.numbers), value.numbers, 0)

    def plain(value: Value) -> Array:
        return value.numbers

    everywhere = range(len(operands))
    there = applied(something, everywhere, something) != 0
    numbers = applied(finite, everywhere, finite)
    for own in [everywhere] if added else [[k] for k in everywhere if k not in fixed]:
        if not all(np.all(np.isfinite(operands[k].numbers)) for k in own):
            reached = applied(endless, own, something) != 0
            numbers = np.where(reached, applied(plain, everywhere, plain), numbers)
    return Value(numbers, there)
