"""Which axes must have one extent: the classes of axes that share an index.

An index unifies the axes where it stands plain; a definition's axes are those of its left side and of
each application; a delta unifies its two indices, a Levi-Civita symbol all of its own. Each class becomes
a `Space`, named by its least input axis or else by a letter.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from indicial.errors import NotationError, Note, ShapeError, Span
from indicial.ir.indices import Space
from indicial.ir.nodes import Node
from indicial.ir.properties import Properties
from indicial.semantics.classes import Classes
from indicial.semantics.names import Names
from indicial.semantics.ranges import Element, Held, Ranges, read_forms, read_ranges, settle
from indicial.semantics.scopes import ScopedIndex, Scopes
from indicial.semantics.vocabulary import arity, keeps, special
from indicial.semantics.walk import literal, preorder
from indicial.semantics.wording import quote
from indicial.syntax import tree


@dataclass(frozen=True, slots=True)
class Claim:
    """An extent that the text gives to an element, and how it says so."""

    element: Element
    extent: int
    span: Span
    words: str


@dataclass(slots=True)
class Extents:
    """The space of every axis, index and named extent, and what is known of the spaces."""

    spaces: dict[Element, Space] = field(default_factory=dict)
    letters: dict[Space, tuple[str, ...]] = field(default_factory=dict)
    declared: dict[Space, int] = field(default_factory=dict)
    symbols: dict[Space, str] = field(default_factory=dict)
    ranges: Ranges = field(default_factory=lambda: Ranges({}, (), ()))

    def origin(self, index: ScopedIndex) -> Node | None:
        """The smallest value of an index, if that is not 0."""
        return self.ranges.origins.get(index)

    def axes(self, name: str, rank: int) -> tuple[Space, ...]:
        """The spaces of the axes of an input or a statement."""
        return tuple([self.spaces[Space(name, axis)] for axis in range(rank)])


def read_extents(
    source: tree.Source, scopes: Scopes, names: Names, properties: Mapping[str, Properties]
) -> Extents:
    """The space of every axis and index of a program."""
    classes = Classes[Element]()
    forms = read_forms(source, scopes)
    lowest = lowest_values(source)
    computed = {index for form in forms for index in form.slopes if index.letter not in lowest}
    claims = _Uses(source, scopes, classes, computed).read(source, names)
    for name, rank in names.inputs.items():  # one that no statement uses has axes, too
        for axis in range(rank):
            classes.find(Space(name, axis))
    _unify_alike(properties, names, classes)
    claims = _unify_declarations(source, scopes, names, classes) + claims
    declared = {line.index.name for line in source.declarations}
    settled = {index for index in scopes.indices if index.letter in declared}
    free = {index for indices in scopes.formals.values() for index in indices}
    named = {line.index.name for line in source.declarations if isinstance(line.extent, str)}
    bounded = {index for index in settled if index.letter not in named}
    ranged = settle(source.text, forms, free, settled, bounded, classes)
    _unify_compared(source, scopes, names, classes, claims)
    _check_claims(source.text, classes, claims)
    extents = _spaces(source, names, classes, claims)
    low = {index: lowest[index.letter] for index in scopes.indices if index.letter in lowest}
    extents.ranges = read_ranges(source.text, forms, ranged, low, extents.spaces)
    return extents


def lowest_values(source: tree.Source) -> dict[str, int]:
    """The smallest value of each letter whose line gives a range."""
    lines = source.declarations
    return {line.index.name: line.extent.start for line in lines if isinstance(line.extent, range)}


# --- unification -------------------------------------------------------------------------------------


class _Uses:
    """Makes one of what shares an extent; an index of computed subscripts is only held by its axes."""

    def __init__(
        self,
        source: tree.Source,
        scopes: Scopes,
        classes: Classes[Element],
        computed: Collection[ScopedIndex],
    ) -> None:
        self.text, self.scopes, self.classes, self.computed = source.text, scopes, classes, computed
        lines = source.declarations
        self.lengths = {line.index.name: line.extent for line in lines if isinstance(line.extent, int)}

    def read(self, source: tree.Source, names: Names) -> list[Claim]:
        """Go through a program; the extents that its ε have are claimed."""
        claims: list[Claim] = []
        for statement in source.statements:
            for axis, index in enumerate(self.scopes.formals[statement]):
                self.classes.union(Space(statement.target.name, axis), index)
            for node in preorder(statement.value):
                if isinstance(node, tree.Tensor) and node.subscripts:
                    claims += self.tensor(node)
                elif isinstance(node, tree.Component):
                    self.component(node)
                elif isinstance(node, tree.Tensor) and node.name in names.symbols:
                    if node not in self.scopes.meaning:
                        self.classes.find(node.name)
                elif isinstance(node, tree.Operator):
                    self.operator(node)
                elif isinstance(node, tree.Call) and node.name == "dim":
                    _check_dim(self.text, node, names)
        for index in self.scopes.indices:
            self.classes.find(index)
        return claims

    def operator(self, node: tree.Operator) -> None:
        """What an operator keeps ranges over what it took; a matrix operator takes a square matrix."""
        inner = self.scopes.reduced[node]
        for position in keeps(node):
            self.classes.union(self.scopes.meaning[node.indices[position]], inner[position])
        if arity(node.name)[0] == 2:
            self.classes.union(*inner)

    def component(self, node: tree.Component) -> None:
        """The plain letters among computed subscripts range over their axes."""
        if special(node) is not None:
            return
        for axis, subscript in enumerate(self.scopes.subscripts[node]):
            self.classes.find(Space(node.name, axis))
            if subscript.letter is not None:
                self.plain(Space(node.name, axis), self.scopes.meaning[subscript.letters()[0]])

    def plain(self, axis: Space, index: ScopedIndex) -> None:
        """An index stands on an axis."""
        self.classes.union(axis, Held(index) if index in self.computed else index)

    def tensor(self, tensor: tree.Tensor) -> list[Claim]:
        """The letters of a tensor, or of a symbol."""
        indices = [self.scopes.meaning[index] for index in tensor.subscripts]
        match special(tensor):
            case "delta":
                self.delta(*indices)
            case "eps":
                for index in indices[1:]:
                    self.classes.union(indices[0], index)
                rank = len(indices)
                shown = quote(self.text, tensor.span)
                words = f"the indices of {shown} have the extent {rank}, one value for each"
                return [Claim(indices[0], rank, tensor.span, words)]
            case "ones":
                pass
            case _:
                for axis, index in enumerate(indices):
                    self.plain(Space(tensor.name, axis), index)
        return []

    def delta(self, one: ScopedIndex, other: ScopedIndex) -> None:
        """Both indices of a delta have one range, unless each has one of its own."""
        lengths = self.lengths.get(one.letter), self.lengths.get(other.letter)
        apart = None not in lengths and lengths[0] != lengths[1]
        if not (apart or one in self.computed or other in self.computed):
            self.classes.union(one, other)


def _check_dim(text: str, call: tree.Call, names: Names) -> None:
    tensor, axis = call.arguments
    assert isinstance(tensor, tree.Tensor)
    value = literal(axis)
    assert value is not None
    _check_axis(text, names, tensor.name, int(value), tensor.span, axis.span)


def _check_axis(text: str, names: Names, name: str, axis: int, name_span: Span, axis_span: Span) -> None:
    rank = names.rank(name)
    if rank is None:
        raise NotationError(
            f"nothing says how many axes '{name}' has",
            source=text,
            span=name_span,
            hint=f"use '{name}' with its indices somewhere in the program",
        )
    if axis >= rank:
        has = {0: "no axes", 1: "one axis"}.get(rank, f"{rank} axes")
        raise NotationError(
            f"'{name}' has {has}, so there is no axis {axis}",
            source=text,
            span=axis_span,
            hint=f"axes count from 0 to {rank - 1}" if rank else "a scalar has no extent",
        )


def _unify_alike(properties: Mapping[str, Properties], names: Names, classes: Classes[Element]) -> None:
    """The axes between which a tensor is symmetric have one extent."""
    for name, declared in properties.items():
        for axes in declared.alike(names.rank(name) or 0):
            for axis in axes[1:]:
                classes.union(Space(name, axes[0]), Space(name, axis))


# --- declarations ------------------------------------------------------------------------------------


def _unify_declarations(
    source: tree.Source, scopes: Scopes, names: Names, classes: Classes[Element]
) -> list[Claim]:
    by_letter: dict[str, list[ScopedIndex]] = {}
    for index in scopes.indices:
        by_letter.setdefault(index.letter, []).append(index)
    claims: list[Claim] = []
    seen: dict[str, tree.IndexLine] = {}
    for line in source.declarations:
        letter = line.index.name
        _check_declaration(source.text, line, seen, names)
        for index in by_letter.get(letter, ()):
            match line.extent:
                case int(extent):
                    words = f"index '{letter}' is declared with the extent {extent}"
                    claims.append(Claim(index, extent, line.span, words))
                case range() as values:
                    words = f"index '{letter}' has {len(values)} values, from {values[0]} to {values[-1]}"
                    claims.append(Claim(index, len(values), line.span, words))
                case str(symbol):
                    classes.union(symbol, index)
                case (tensor, axis):
                    classes.union(Space(tensor, axis), index)
    return claims


def _check_declaration(
    text: str, line: tree.IndexLine, seen: dict[str, tree.IndexLine], names: Names
) -> None:
    letter = line.index.name
    if letter in seen:
        raise NotationError(
            f"index '{letter}' is declared twice",
            source=text,
            span=line.index.span,
            notes=(Note(seen[letter].index.span, "first declared here"),),
            hint="leave one of the two lines out",
        )
    seen[letter] = line
    if isinstance(line.extent, int) and line.extent < 0:
        raise NotationError(
            f"an extent is 0 or more, not {line.extent}", source=text, span=line.extent_span,
            hint=f"write index {letter}: 3",
        )  # fmt: skip
    if isinstance(line.extent, tuple):
        name, axis = line.extent  # of a tensor
        _check_axis(text, names, name, axis, line.extent_span, line.extent_span)


def _check_claims(text: str, classes: Classes[Element], claims: list[Claim]) -> None:
    known: dict[Element, Claim] = {}
    for claim in claims:
        first = known.setdefault(classes.find(claim.element), claim)
        if first.extent != claim.extent:
            raise ShapeError(
                f"these indices range over the same axes, but {first.words} and {claim.words}",
                source=text,
                span=claim.span,
                notes=(Note(first.span, f"extent {first.extent} here"),),
                hint="give both one extent, or do not let them stand on the same axis",
            )


def _unify_compared(
    source: tree.Source, scopes: Scopes, names: Names, classes: Classes[Element], claims: list[Claim]
) -> None:
    """A dummy whose extent nothing else gives has that of the index which it is compared with."""
    free = {index for indices in scopes.formals.values() for index in indices}
    known = {classes.find(claim.element) for claim in claims}
    known |= {classes.find(e) for e in list(classes.parent) if isinstance(e, str) or _is_axis(e, names)}
    for statement in source.statements:
        for node in preorder(statement.value):
            if not isinstance(node, tree.Comparison):
                continue
            sides = [
                scopes.meaning.get(side) for side in (node.left, node.right) if isinstance(side, tree.Tensor)
            ]
            one, other = sides if len(sides) == 2 else (None, None)
            if one is None or other is None:
                continue
            roots = [classes.find(one), classes.find(other)]
            loose = other if roots[0] in known else one
            if (roots[0] in known) != (roots[1] in known) and loose not in free:
                classes.union(*roots)
                known.add(classes.find(one))


def _is_axis(element: Element, names: Names) -> bool:
    return isinstance(element, Space) and element.tensor in names.inputs


# --- spaces ------------------------------------------------------------------------------------------


def _spaces(source: tree.Source, names: Names, classes: Classes[Element], claims: list[Claim]) -> Extents:
    extents = Extents()
    lines = {line.index.name for line in source.declarations}
    taken: set[Space] = set()
    for members in classes.members().values():
        letters = {member.letter for member in members if isinstance(member, ScopedIndex)}
        symbols = sorted([member for member in members if isinstance(member, str)])
        letters |= {names.symbols[symbol].index.name for symbol in symbols}
        axes = [member for member in members if isinstance(member, Space) and member.tensor in names.inputs]
        if axes:
            space = min(axes)
        elif letters & lines:  # a line gives its letter one extent in every scope
            space = Space(min(letters & lines), -1)
        else:
            space = _space_of_letter(min(letters), taken)
        taken.add(space)
        extents.spaces.update(dict.fromkeys(members, space))
        extents.letters[space] = tuple(sorted(letters.union(extents.letters.get(space, ()))))
        if symbols:
            extents.symbols[space] = symbols[0]
    for claim in claims:
        extents.declared[extents.spaces[claim.element]] = claim.extent
    return extents


def _space_of_letter(letter: str, taken: set[Space]) -> Space:
    space, number = Space(letter, -1), 1
    while space in taken:
        number += 1
        space = Space(f"{letter}({number})", -1)
    return space
