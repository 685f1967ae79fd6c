"""What is declared of a tensor: which axes may be exchanged, and what its entries are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

from indicial.errors import Span

T = TypeVar("T")
INPUT = "input"  # what a tensor is declared to be that no statement may use
FLAGS = ("diagonal", "positive", "integer", "constant")  # properties that a tensor has or has not


class Group(NamedTuple):
    """Axes of one tensor of which any two may be exchanged, in order; an exchange multiplies by `sign`."""

    axes: tuple[int, ...]
    sign: int

    def arranged(self, indices: Sequence[T], key: Callable[[T], Any]) -> tuple[int, list[T]]:
        """The indices with those on the axes of the group sorted, and the sign of that: 0 if it is zero."""
        keys = [key(indices[axis]) for axis in self.axes]
        order = sorted(range(len(keys)), key=keys.__getitem__)
        result = list(indices)
        for axis, position in zip(self.axes, order, strict=True):
            result[axis] = indices[self.axes[position]]
        if self.sign > 0:
            return 1, result
        if len(set(keys)) < len(keys):
            return 0, result
        return permutation_sign(order), result


def permutation_sign(keys: Sequence[Any]) -> int:
    """The sign of the permutation that sorts some keys."""
    inversions = sum(a > b for k, a in enumerate(keys) for b in keys[k + 1 :])
    return -1 if inversions % 2 else 1


@dataclass(frozen=True, slots=True)
class Properties:
    """What `tensor` lines declare of one tensor.

    groups    symmetric and antisymmetric axes; no axis is in two groups
    diagonal  whether an entry whose indices differ is zero
    positive  whether all entries are greater than zero
    integer   whether all entries are whole numbers
    constant  whether it is never differentiated by
    span      the place of the last symmetry declared
    """

    groups: tuple[Group, ...] = ()
    diagonal: bool = False
    positive: bool = False
    integer: bool = False
    constant: bool = False
    span: Span | None = field(default=None, compare=False)

    @property
    def structured(self) -> bool:
        """Whether the tensor's components depend on each other."""
        return bool(self.groups) or self.diagonal

    def alike(self, rank: int) -> tuple[tuple[int, ...], ...]:
        """The axes that must have one extent, class by class."""
        return (tuple(range(rank)),) if self.diagonal else tuple([group.axes for group in self.groups])

    def arranged(self, indices: Sequence[T], key: Callable[[T], Any]) -> tuple[int, tuple[T, ...]]:
        """The indices in canonical order, and the sign of that: 0 where the component is zero."""
        sign = 1
        for group in self.groups:
            own, indices = group.arranged(indices, key)
            sign *= own
        return sign, tuple(indices)
