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
from collections.abc import Callable, Mapping, Sequence
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
        found = _value(step, apply, [values[operand] for operand in step.operands], dtype)
        values.append(Value(settled(found.numbers, dtype), found.there))
        for value in dying:
            values[value] = _NOWHERE
    return [values[output].numbers for output in plan.outputs]


def _value(step: Step, apply: Callable[..., Array], operands: Sequence[Value], dtype: np.dtype[Any]) -> Value:
    """A step by its rule; one without a rule makes something of nothing, which is 0 for it."""
    varying = [k for k, each in enumerate(operands) if np.asarray(each.numbers).dtype.kind != "i"]
    if step.operation in _CARRIED and varying:  # and not of positions alone
        together = step.operation in _ADDED
        return _carried(apply, operands, [varying] if together else [[k] for k in varying], dtype)
    numbers = np.asarray(apply(*[each.numbers for each in operands]))
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
    return Value(np.where(there, numbers, numbers.dtype.type(0)), there)


def _carried(
    apply: Callable[..., Array],
    operands: Sequence[Value],
    groups: Sequence[Sequence[int]],
    dtype: np.dtype[Any],
) -> Value:
    """A step that is linear in each group of its operands; those in no group are positions.

    It tells by itself where something arrives, and what of it is infinite: applied to 1 there and to 0
    elsewhere.
    """
    plain = [each.numbers for each in operands]
    finite, present, endless = plain.copy(), plain.copy(), plain.copy()
    for k in [k for group in groups for k in group]:
        holds = np.isfinite(plain[k])
        finite[k] = np.where(holds, plain[k], dtype.type(0))
        present[k], endless[k] = operands[k].there.astype(dtype), (~holds).astype(dtype)
    there, numbers = apply(*present) != 0, apply(*finite)
    for group in groups:
        if any(np.any(endless[k]) for k in group):
            reached = apply(*[(endless if k in group else present)[k] for k in range(len(plain))]) != 0
            numbers = np.where(reached, apply(*plain), numbers)
    return Value(numbers, there)
