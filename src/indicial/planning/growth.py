"""The steps of a plan that run over one index, found from one axis of one value.

From a value on, the index is followed to the steps that make it and to those that read it, through all axes
that steps tie. Where it is summed its trail ends: slices add to such a value. What cannot be computed slice
by slice, or needs a finished sum, is left out and computed once, before the slices or behind them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from indicial.planning.steps import Plan, Step
from indicial.planning.ties import Ties, ties

_ATTEMPTS = 24  # steps that are left out one after the other before the index is given up


@dataclass(slots=True)
class Growth:
    """Steps that can be computed slice by slice.

    rows     the axis of each value along which it is cut
    summed   the values that slices add to
    behind   the steps that need one of them
    """

    plan: Plan
    extent: int
    rows: dict[int, int] = field(default_factory=dict)
    summed: set[int] = field(default_factory=set)
    behind: set[int] = field(default_factory=set)

    def __contains__(self, number: int) -> bool:
        return number in self.rows or number in self.summed

    @property
    def inside(self) -> list[int]:
        """The steps, in order."""
        return sorted([*self.rows, *self.summed])


Groups = Mapping[int, Collection[int]]  # steps that stay together, each with all of them


def grown(plan: Plan, seed: int, axis: int, groups: Groups) -> Growth | None:
    """All steps that run over the index of an axis, without those of the groups; None if there are none."""
    users: dict[int, list[int]] = {}
    for number, step in enumerate(plan.steps):
        for operand in dict.fromkeys(step.operands):
            users.setdefault(operand, []).append(number)
    left_out = set(groups)
    for _ in range(_ATTEMPTS):
        if seed in left_out or not _computes(plan, seed):
            return None
        growth = _followed(plan, seed, axis, left_out, users)
        wrong = next(_unfit(growth, groups), None)
        if wrong is None:
            return growth
        left_out.add(wrong)
    return None


def _followed(
    plan: Plan, seed: int, axis: int, left_out: Collection[int], users: dict[int, list[int]]
) -> Growth:
    """Everything that is tied to an axis, right or not."""
    growth = Growth(plan, plan.steps[seed].shape[axis], {seed: axis})
    pending = [seed]
    while pending:
        number = pending.pop()
        for operand, place in cuts_of(growth, number).items():
            free = operand not in growth and operand not in left_out
            if place is not None and free and _computes(plan, operand):
                growth.rows[operand] = place
                pending.append(operand)
        for user in users.get(number, ()) if number in growth.rows else ():
            if user not in growth and user not in left_out and _enters(growth, user, number):
                pending.append(user)
    return growth


def _enters(growth: Growth, user: int, operand: int) -> bool:
    """Take in a step that reads a value which is cut, if it runs over the index too."""
    tied = tied_of(growth.plan, user)
    if tied is None:
        return False
    place = growth.plan.steps[user].operands.index(operand)
    index = tied.operands[place][growth.rows[operand]]
    if index is not None and index in tied.result:
        growth.rows[user] = tied.result.index(index)
    elif index is not None and index in tied.summed:
        growth.summed.add(user)
    else:
        return False
    return True


def _unfit(growth: Growth, groups: Groups) -> Iterator[int]:
    """Steps that cannot be among the others: they read a value in two ways, or what slices have not made.

    Finds `behind` on the way: the steps that need a whole value of which slices make a part.
    """
    for number, step in enumerate(growth.plan.steps):
        late = any(operand in growth.behind or operand in growth.summed for operand in step.operands)
        if number in growth:
            if late or not _reads_as_cut(growth, number):
                yield number
        elif late or any(operand in growth for operand in step.operands):
            growth.behind.update(groups.get(number, (number,)))


def _reads_as_cut(growth: Growth, number: int) -> bool:
    """Whether a step reads each value that is cut along that axis, and nothing along two."""
    tied, index = tied_of(growth.plan, number), index_of(growth, number)
    if tied is None or index is None:
        return False
    for operand, axes in zip(growth.plan.steps[number].operands, tied.operands, strict=True):
        places = [k for k, own in enumerate(axes) if own == index]
        if len(places) > 1 or (operand in growth.rows and places != [growth.rows[operand]]):
            return False
    return True


def index_of(growth: Growth, number: int) -> int | None:
    """The number of the index among those of a step."""
    tied = tied_of(growth.plan, number)
    if tied is None:
        return None
    if number in growth.rows:
        return tied.result[growth.rows[number]]
    step = growth.plan.steps[number]
    for operand, axes in zip(step.operands, tied.operands, strict=True):
        if operand in growth.rows:
            return axes[growth.rows[operand]]
    return None


def cuts_of(growth: Growth, number: int) -> dict[int, int | None]:
    """The operands of a step, and the axis along which each is cut; None for one that is read whole."""
    return dict(zip(growth.plan.steps[number].operands, axes_of(growth, number), strict=True))


def axes_of(growth: Growth, number: int) -> list[int | None]:
    """For each operand of a step the axis along which it is cut."""
    tied, index = tied_of(growth.plan, number), index_of(growth, number)
    if tied is None or index is None:
        return [None] * len(growth.plan.steps[number].operands)
    return [axes.index(index) if index in axes else None for axes in tied.operands]


def tied_of(plan: Plan, number: int) -> Ties | None:
    """The ties of one step of a plan."""
    step = plan.steps[number]
    return ties(step, [plan.steps[operand].shape for operand in step.operands])


def is_mask(step: Step) -> bool:
    """Whether a step gives truth values."""
    return step.operation == "compare" and step.parameters[1] == "mask"


def _computes(plan: Plan, number: int) -> bool:
    """Whether a value is computed: by a step that can be cut, and no view of what is handed in."""
    if tied_of(plan, number) is None:
        return False
    while plan.steps[number].is_view and plan.steps[number].operands:
        number = plan.steps[number].operands[0]
    return not plan.steps[number].is_view
