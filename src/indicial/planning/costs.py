"""What a plan costs: floating-point operations and bytes that move, step by step.

    product of two arrays     2 · rows · summed · columns · batch, and without a summed axis one a result
    moment                    the same for each pair of columns, once
    elementwise, reductions   one for each entry of the result, of the operand
    views                     nothing

A transcendental function counts as one operation: what is compared are orders of contraction.
"""

from __future__ import annotations

from math import prod

from indicial.planning.moments import operations
from indicial.planning.steps import Plan, Step

_FREE = frozenset({"number", "input", "positions", "epsilon", "output"})
_CUBIC = {"inv": 2.0, "det": 2 / 3, "logdet": 2 / 3, "solve": 2 / 3, "chol": 1 / 3, "adj": 20.0}  # times n³
_PASSES = {"softmax": 4, "log_softmax": 4, "logsumexp": 4}  # operations for each entry
_MOMENT = 8  # passes over its matrix that a step over pairs of columns makes, at least
_PER_ENTRY = 8  # operations of a matrix product that take as long as moving one entry


def flops(plan: Plan, number: int) -> int:
    """The floating-point operations of one step."""
    step = plan.steps[number]
    if step.is_view or step.operation in _FREE:
        return 0
    if step.operation == "matmul":
        batch, rows, summed, _ = step.parameters
        left = plan.steps[step.operands[0]].shape
        length: int = prod(left[batch + rows : batch + rows + summed])
        entries: int = prod(step.shape)
        return 2 * length * entries if summed else entries
    if step.operation == "moment":
        return operations(step, plan.steps[step.operands[0]].shape[0])
    if step.operation == "mirrored":
        return 0
    if step.operation == "assemble":
        return sum([prod(plan.steps[operand].shape) for operand in step.operands[1:]])
    if step.operation in ("sum", "prod", "amax"):
        return prod(plan.steps[step.operands[0]].shape)
    if step.operation == "operator":
        return _of_operator(plan, step)
    return prod(step.shape)


def _of_operator(plan: Plan, step: Step) -> int:
    name, count = step.parameters[:2]
    shape = plan.steps[step.operands[0]].shape
    entries: int = prod(shape)
    if name in _CUBIC:
        return int(_CUBIC[name] * entries * shape[-1])
    return int(_PASSES.get(name, count)) * entries


def passes(step: Step) -> int:
    """How often a step goes over its operands, about."""
    if step.is_view or step.operation in _FREE:
        return 0
    if step.operation == "operator":
        return _PASSES.get(step.parameters[0], 1)
    return _MOMENT if step.operation == "moment" else 1


def moved(plan: Plan, number: int) -> int:
    """The entries that one step reads and writes."""
    step = plan.steps[number]
    if step.is_view or step.operation in _FREE:
        return 0
    return prod(step.shape) + sum([prod(plan.steps[operand].shape) for operand in step.operands])


def weight(plan: Plan) -> float:
    """What plans are compared by: entries moved, and of matrix products a share of the operations."""
    products = [flops(plan, number) for number, step in enumerate(plan.steps) if step.operation == "matmul"]
    return sum([moved(plan, number) for number in range(len(plan.steps))]) + sum(products) / _PER_ENTRY


def total_flops(plan: Plan) -> int:
    """The floating-point operations of a plan."""
    return sum([flops(plan, number) for number in range(len(plan.steps))])
