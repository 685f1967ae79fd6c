"""The order of axes in memory of small values: what is summed away in front, and the longest axis innermost.

    s_nk = Σ_d (x_nd − c_kd)²        the squares lie as d, k, n: their sum is a product with ones, and loops
                                     are n long; s lies as k, n, and so does what is made of it
    H_ijk = Σ_n x_ni (x_nj y_nk)     what is in brackets lies as j, k, n

A call with few entries takes as long as the loops that it has.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from indicial.backends.layout import Layout
from indicial.planning.regions import ELEMENTWISE
from indicial.planning.steps import Plan

_SMALL = 1 << 12  # entries up to which a call costs more than the work in it
_LONGER = 3  # times as long as C order's loops those of another order are at least
_FAR = 16  # steps that are looked ahead


def readers(plan: Plan) -> list[list[int]]:
    """For each value the steps that read it, once for each time that they do."""
    found: list[list[int]] = [[] for _ in plan.steps]
    for number, step in enumerate(plan.steps):
        for operand in step.operands:
            found[operand].append(number)
    return found


def memory_order(
    plan: Plan, read_by: Sequence[Sequence[int]], number: int, operands: Sequence[Layout]
) -> tuple[int, ...] | None:
    """The axes of an elementwise step from the slowest to the fastest; None for C order.

    `operands` are the layouts of those operands that lie in prepared memory.
    """
    shape = plan.steps[number].shape
    if len(shape) < 2 or prod(shape) > _SMALL:
        return None
    summed = _summed_ahead(plan, read_by, number) if len(shape) > 2 else None
    if summed is not None:
        rest = [axis for axis in range(len(shape)) if axis not in summed]
        return (*summed, *sorted(rest, key=lambda axis: shape[axis]))
    whole = [layout for layout in operands if layout.shape == shape]
    if len(shape) == 2:
        return whole[0].order if whole else None
    if whole and whole[0].order is not None:
        return whole[0].order if _groups_ahead(plan, read_by, number) else None
    groups = _groups_ahead(plan, read_by, number)
    if len(groups) < 2:
        return None
    inner = max(groups, key=lambda group: shape[group[-1]])
    if shape[inner[-1]] < _LONGER * shape[-1]:
        return None
    return (*[axis for group in groups if group != inner for axis in group], *inner)


def _groups_ahead(plan: Plan, read_by: Sequence[Sequence[int]], number: int) -> list[tuple[int, ...]]:
    """The axes of a step that products without a batch, which alone read it, take as one each, in order;
    none if these do not agree.
    """
    found: list[tuple[int, ...]] = []
    ahead = [(number, tuple(range(len(plan.steps[number].shape))))]
    for value, axes in ahead:
        for reader in read_by[value]:
            step = plan.steps[reader]
            if step.operation == "transpose":
                ahead.append((reader, tuple([axes[k] for k in step.parameters])))
            elif step.operation in ELEMENTWISE and step.shape == plan.steps[value].shape:
                ahead.append((reader, axes))
            elif step.operation == "matmul" and not step.parameters[0] and len(set(step.operands)) == 2:
                _, rows, summed, _ = step.parameters
                first = rows if step.operands[0] == value else summed
                groups = sorted([axes[:first], axes[first:]])
                if found and groups != found:
                    return []
                found = groups
            else:
                return []
        if len(ahead) > _FAR:
            return []
    return [group for group in found if group]


def _summed_ahead(plan: Plan, read_by: Sequence[Sequence[int]], number: int) -> tuple[int, ...] | None:
    """The axes of a step that a sum takes away, if they lie between others."""
    shape = plan.steps[number].shape
    ahead = [number]
    for value in ahead:
        for reader in read_by[value]:
            step = plan.steps[reader]
            inside = step.operation == "sum" and step.parameters != tuple(range(len(step.parameters)))
            if inside and len(shape) - 1 not in step.parameters:
                return tuple(step.parameters)
            if step.operation in ELEMENTWISE and step.shape == shape and reader not in ahead:
                ahead.append(reader)
        if len(ahead) > _FAR:
            break
    return None
