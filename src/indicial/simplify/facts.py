"""What is known of a program's tensors and axes beyond its expressions; simplification may rest on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from indicial.ir.indices import Space
from indicial.ir.nodes import Node
from indicial.ir.properties import Properties
from indicial.simplify.symmetries import Symmetries

Slopes = tuple[tuple[Space, int], ...]
Form = tuple[Slopes, Node]  # Σ slope · index + offset, its indices by their spaces, in order


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known.

    extents     the extents that are known: numbers, or what follows from the extents of other axes
    inside      affine forms of indices that stay inside an axis, whatever the indices are
    properties  what is declared of tensors, by name, where use may be made of it
    symmetries  what is found of definitions, where use may be made of it
    """

    extents: Mapping[Space, Node] = field(default_factory=dict)
    inside: frozenset[tuple[Form, Space]] = frozenset()
    properties: Mapping[str, Properties] = field(default_factory=dict)
    symmetries: Symmetries | None = None


NOTHING = Facts()
