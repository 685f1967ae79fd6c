"""A program: what a text means once its scopes and spaces are known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from indicial.errors import Span
from indicial.ir.indices import Space
from indicial.ir.nodes import Definition, Node
from indicial.ir.properties import Properties


@dataclass(frozen=True, slots=True)
class Inside:
    """0 ≤ Σ slope · position + offset < extent of an axis: what an affine subscript must keep to.

    `axis` is the space of an axis, `place` the axis itself, by tensor and number. `written` is the tensor
    with its subscript as it stands in the text, and `span` where; `entries` are the slopes of tensors whose
    entries are added.
    """

    slopes: tuple[tuple[Space, int], ...]
    offset: Node
    axis: Space
    place: Space
    written: str
    span: Span | None = None
    entries: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Program:
    """Inputs, statements and outputs.

    inputs      the spaces of each input's axes, by name, in order of appearance
    statements  the definition of each named statement, in the order written
    outputs     the names of the statements asked for (the result, unless told otherwise)
    axes        the letters of each statement's left side, by name
    letters     the letters that the user has for each space, sorted; the renderer takes them for dummies
    declared    the extents that `index` lines give
    lowest      the smallest values of letters whose lines give a range (`index k: -1..1`)
    symbols     the names that `index` lines give to extents (`index n: N`), by space
    origins     the smallest values of the letters of left sides, by statement, where they are not all 0
    inside      the affine subscripts: what keeps them inside their axes
    ranged      the spaces whose extents follow from that, each behind those it follows from
    properties  what `tensor` lines declare, by name
    source      the text it was read from
    functions   the arguments of each declared function, by name
    positional  whether the inputs have an order of their own: the operands of an einsum string
    """

    inputs: Mapping[str, tuple[Space, ...]]
    statements: Mapping[str, Definition]
    outputs: tuple[str, ...]
    axes: Mapping[str, tuple[str, ...]]
    letters: Mapping[Space, tuple[str, ...]]
    declared: Mapping[Space, int] = field(default_factory=dict)
    symbols: Mapping[Space, str] = field(default_factory=dict)
    lowest: Mapping[str, int] = field(default_factory=dict)
    origins: Mapping[str, tuple[Node, ...]] = field(default_factory=dict)
    inside: tuple[Inside, ...] = ()
    ranged: tuple[Space, ...] = ()
    properties: Mapping[str, Properties] = field(default_factory=dict)
    source: str = ""
    functions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    positional: bool = False

    @property
    def names(self) -> frozenset[str]:
        """Every name and index letter in use: what an invented one must avoid."""
        letters = frozenset(letter for several in self.letters.values() for letter in several)
        left = {letter for several in self.axes.values() for letter in several}
        return letters.union(left, self.inputs, self.statements, self.symbols.values(), self.functions)

    @property
    def positions(self) -> frozenset[str]:
        """The inputs that hold whole numbers: those whose entries are subscripts, and those declared so."""
        entries = {name for each in self.inside for name, _ in each.entries}
        return frozenset(entries.union([name for name, known in self.properties.items() if known.integer]))

    def spaces_of(self, name: str) -> tuple[Space, ...] | None:
        """The spaces of an input's or a statement's axes; None for a name that the program lacks."""
        if name in self.inputs:
            return self.inputs[name]
        return self.statements[name].spaces if name in self.statements else None
