"""Classes of things that are one: union-find, in order of appearance."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, TypeVar

E = TypeVar("E", bound=Hashable)


class Classes(Generic[E]):
    """Union-find over elements, in order of appearance."""

    def __init__(self) -> None:
        self.parent: dict[E, E] = {}
        self.size: dict[E, int] = {}

    def find(self, element: E) -> E:
        """The element that stands for the class of an element."""
        parent = self.parent
        if element not in parent:
            parent[element] = element
            self.size[element] = 1
        while parent[element] != element:
            parent[element] = parent[parent[element]]
            element = parent[element]
        return element

    def union(self, one: E, other: E) -> None:
        """Make one class of two."""
        one, other = self.find(one), self.find(other)
        if one == other:
            return
        if self.size[one] < self.size[other]:
            one, other = other, one
        self.parent[other] = one
        self.size[one] += self.size[other]

    def members(self) -> dict[E, list[E]]:
        """The classes, each in order of appearance."""
        members: dict[E, list[E]] = {}
        for element in self.parent:
            members.setdefault(self.find(element), []).append(element)
        return members
