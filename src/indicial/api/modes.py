"""Derivatives accumulated from the other end: the same values, at another cost.

Forward and reverse accumulation are two parenthesisations of one chain. Products that are written out as
one are ordered by their extents whatever the mode was; where a program branches and joins again the mode
decides, and which one is cheaper only the extents tell.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

from indicial.calculus.derive import Mode
from indicial.ir.nodes import Definition
from indicial.ir.traversal import definitions_under
from indicial.planning.costs import weight
from indicial.planning.steps import Plan

_WORTH = 1 << 18  # the weight of a plan from which the other one is looked at
_FEW = 100  # definitions of a derivative up to which it is


class Others:
    """The definitions of some derivatives in the mode that was not taken."""

    def __init__(
        self, usual: Mode, taken: Sequence[Definition], make: Callable[[Mode], Sequence[Definition]]
    ) -> None:
        self.usual, self.taken, self._make = usual, tuple(taken), make
        self.mode: Mode = "reverse" if usual == "forward" else "forward"

    @cached_property
    def definitions(self) -> tuple[Definition, ...]:
        """The derivatives in the other mode."""
        return tuple(self._make(self.mode))

    @cached_property
    def are_few(self) -> bool:
        """Whether the program is small enough to be accumulated twice."""
        return len(definitions_under(*self.taken)) <= _FEW

    def may_pay(self, plan: Plan) -> bool:
        """Whether another mode may be cheaper by more than looking at it costs."""
        several = all(len(plan.steps[output].shape) > 1 for output in plan.outputs)
        return several and self.are_few and weight(plan) >= _WORTH
