"""What several products have in common: parts that are made once, and paid by all of them together.

    ∂L/∂B_jr = Σ_ik E_ijk A_ir C_kr,  ∂L/∂C_kr = Σ_ij E_ijk A_ir B_jr       share F_jkr = Σ_i E_ijk A_ir

A part is known by what it computes, not by how: by the identities of its factors, their axes and those
that are left of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Union

Named = Union[int, tuple["Named", "Named"]]  # an order, its factors by their names
Part = tuple[tuple[tuple[int, ...], ...], tuple[int, ...]]  # each factor with its axes; the axes left


@dataclass(slots=True)
class Parts:
    """The parts of the products that were made, each by how many products have it.

    shared  those that several have, from an earlier round of planning
    names   identities of what parts are made of, the same in all rounds
    orders  the orders of products of many factors, from which the next round goes on
    trees   the same by the names of their factors, with what they cost: for those with one factor exchanged
    made    the parts that they make
    spent   the effort of all searches so far
    """

    shared: Mapping[Part, int] = field(default_factory=dict)
    names: dict[Hashable, int] = field(default_factory=dict)
    orders: dict[Hashable, dict[int, tuple[int, int]]] = field(default_factory=dict)
    trees: dict[frozenset[int], tuple[Named, float]] = field(default_factory=dict)
    made: set[Part] = field(default_factory=set)
    found: Counter[Part] = field(default_factory=Counter)
    spent: int = 0
    _told: set[tuple[int, ...]] = field(init=False)  # the identities of the factors of what is shared

    def __post_init__(self) -> None:
        self._told = {tuple([name for name, *_ in factors]) for factors, _ in self.shared}

    def name(self, thing: Hashable) -> int:
        """A number for a thing, equal for equal ones."""
        return self.names.setdefault(thing, len(self.names))

    def count(self, names: Sequence[int], part: Callable[[], Part]) -> int:
        """How many products share a part of factors with these identities."""
        return self.shared.get(part(), 1) if tuple(names) in self._told else 1

    def again(self) -> Parts | None:
        """For another round: what several products share; None if that is nothing new."""
        shared = {part: count for part, count in self.found.items() if count > 1}
        return (
            Parts(shared, self.names, self.orders, spent=self.spent)
            if shared and shared != self.shared
            else None
        )
