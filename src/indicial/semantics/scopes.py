"""Which indices are summed, and over what.

    bound     the letters on the left side and those of the enclosing operators; never summed by themselves
    scope     the right side, a term, brackets, an argument, a divisor, the base of a general power: what
              repeats inside it is summed inside it
    product   its factors on one level, or a derivative and its denominators; an unbound letter that occurs
              twice in it is summed over exactly it
    open      a tensor with its own repeated index, a power read as repeated factors, and a negation of one:
              as a factor it belongs to its product, alone it is a product of one factor

Read bottom-up: each expression hands up the places of its free letters, and the letters that were summed
implicitly somewhere inside it. A letter gets its meaning, a `ScopedIndex`, where its scope ends.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from indicial.errors import Span
from indicial.ir.traversal import Stackless, stackless
from indicial.semantics import complaints
from indicial.semantics.conditions import Letters, letters_near_conditions
from indicial.semantics.positions import declared_positions
from indicial.semantics.reach import check_reach, summed_by_signs
from indicial.semantics.subscripts import Subscript, read_subscripts
from indicial.semantics.vocabulary import keeps
from indicial.semantics.walk import is_repetition, preorder
from indicial.syntax import tree

Occurrence = tree.IndexName | tree.Tensor
Apart = tree.Product | tree.Power | tree.Derivative  # what holds its members apart, by rule 4


@dataclass(frozen=True, slots=True, eq=False)
class ScopedIndex:
    """A letter within one scope: two scopes that use the same letter have two of these."""

    letter: str
    span: Span


@dataclass(slots=True)
class Scopes:
    """What the letters of a program mean.

    meaning     the index that a subscript, or a bare letter in a condition, stands for
    subscripts  those of each tensor that is read at computed places
    reduced  the indices summed over a product, or those of an operator, in order
    formals  the indices of each statement's left side, in axis order
    indices  all indices, in the order in which their scopes end
    """

    meaning: dict[Occurrence, ScopedIndex] = field(default_factory=dict)
    subscripts: dict[tree.Component, tuple[Subscript, ...]] = field(default_factory=dict)
    reduced: dict[tree.Expression, tuple[ScopedIndex, ...]] = field(default_factory=dict)
    formals: dict[tree.Statement, tuple[ScopedIndex, ...]] = field(default_factory=dict)
    indices: list[ScopedIndex] = field(default_factory=list)

    def bind(self, letter: str, occurrences: Sequence[Occurrence]) -> ScopedIndex:
        """End the scope of a letter: all these places mean one new index."""
        first = min(occurrences, key=lambda occurrence: occurrence.span.start)
        index = ScopedIndex(letter, first.span)
        self.indices.append(index)
        for occurrence in occurrences:
            self.meaning[occurrence] = index
        return index


@dataclass(slots=True)
class Found:
    """What a part of the text holds.

    free      the places of each letter that is free in it
    summed    the letters summed implicitly inside it, each with the product that sums it
    repeated  the free letters that count twice as the expression stands (open expressions only)
    """

    free: dict[str, list[Occurrence]] = field(default_factory=dict)
    summed: dict[str, Span] = field(default_factory=dict)
    repeated: tuple[str, ...] = ()

    @property
    def weight(self) -> int:
        return len(self.free) + len(self.summed)


def read_scopes(source: tree.Source) -> Scopes:
    """The meaning of every letter of a program."""
    reader = _Reader(source)
    for statement in source.statements:
        reader.read_statement(statement)
    return reader.scopes


class _Reader:
    """The state of a reading: what is bound around the present place, and what a condition sees."""

    def __init__(self, source: tree.Source) -> None:
        self.source = source
        self.scopes = Scopes()
        self.bound: Counter[str] = Counter()
        self.visible: Counter[str] = Counter()  # subscripts in the products around, for conditions
        self.extents = {line.extent for line in source.declarations if isinstance(line.extent, str)}
        self.positions = frozenset(declared_positions(source))
        self.near: dict[tree.Expression, Letters] = {}
        self.conditions = 0  # how many conditions are open

    def read_statement(self, statement: tree.Statement) -> None:
        """Bind the letters of the left side; every other letter must have been used up."""
        target = statement.target
        complaints.check_left_side(self.source, statement)
        letters = [index.name for index in target.subscripts]
        self.bound = Counter(letters)
        self.near = letters_near_conditions(statement.value)
        found = stackless(self.closed(statement.value))
        loose = {letter: places for letter, places in found.free.items() if not self.bound[letter]}
        if loose:
            raise complaints.loose_index(self.source, statement, loose)
        missing = [index for index in target.subscripts if index.name not in found.free]
        if missing:
            raise complaints.missing_on_the_right(self.source, statement, missing)
        self.scopes.formals[statement] = tuple(
            [self.scopes.bind(index.name, [index, *found.free[index.name]]) for index in target.subscripts]
        )

    # --- scopes -------------------------------------------------------------------------------------

    def closed(self, node: tree.Expression) -> Stackless[Found]:
        """Read an expression as a scope: an open one that stands alone is a product of one factor."""
        found: Found = yield self.read(node)
        if found.repeated:
            while isinstance(node, tree.Negation):
                node = node.value
            self.sum_over(node, found, found.repeated)
            found.repeated = ()
        return found

    def sum_over(self, product: tree.Expression, found: Found, letters: Iterable[str]) -> None:
        """Sum those of the letters that are not bound over a product."""
        unbound = [letter for letter in letters if not self.bound[letter]]
        if unbound:
            self.reduce(product, found, unbound)
            for letter in unbound:
                found.summed[letter] = product.span

    def reduce(self, node: tree.Expression, found: Found, letters: list[str]) -> None:
        indices = [self.scopes.bind(letter, found.free.pop(letter)) for letter in letters]
        if not isinstance(node, tree.Operator):
            indices.sort(key=lambda index: index.span.start)
        self.scopes.reduced[node] = tuple(indices)

    # --- one rule a kind of expression ----------------------------------------------------------------

    def read(self, node: tree.Expression) -> Stackless[Found]:
        """Read an expression as it stands in a product: an open one is left open."""
        rule: Callable[[_Reader, Any], Stackless[Found]] = _RULES[type(node)]
        return rule(self, node)

    def number(self, _: tree.Number) -> Stackless[Found]:
        return Found()
        yield

    def tensor(self, node: tree.Tensor) -> Stackless[Found]:
        found = Found()
        for index in node.subscripts:
            found.free.setdefault(index.name, []).append(index)
        if len(found.free) < len(node.subscripts):
            found.repeated = tuple([letter for letter, places in found.free.items() if len(places) > 1])
        seen = self.bound[node.name] or self.visible[node.name]
        if not node.subscripts and self.conditions and seen and node.name not in self.positions:
            found.free[node.name] = [node]
        return found
        yield

    def component(self, node: tree.Component) -> Stackless[Found]:
        subscripts = self.subscripts(node)
        found = Found()
        times: Counter[str] = Counter()
        for subscript in subscripts:
            places = subscript.letters()
            times.update({place.name for place in places})
            for place in places:
                found.free.setdefault(place.name, []).append(place)
        found.repeated = tuple([letter for letter in found.free if times[letter] > 1])
        for inner in preorder(node):
            if isinstance(inner, tree.Component) and inner is not node:
                self.subscripts(inner)
        return found
        yield

    def subscripts(self, node: tree.Component) -> tuple[Subscript, ...]:
        read = read_subscripts(self.source.text, node, self.extents, self.positions)
        self.scopes.subscripts[node] = read
        return read

    def negation(self, node: tree.Negation) -> Stackless[Found]:
        found: Found = yield self.read(node.value)
        return found

    def group(self, node: tree.Group) -> Stackless[Found]:
        return self.closed(node.value)

    def sum(self, node: tree.Sum) -> Stackless[Found]:
        parts: list[Found] = yield self.each([term.value for term in node.terms])
        check_reach(self.source, node, parts, self.bound)
        return self.union(parts)

    def power(self, node: tree.Power) -> Stackless[Found]:
        base: Found = yield self.closed(node.base)  # the power of a trace, where the base is one
        if is_repetition(node):
            self.check_apart(node, base, base)
            base.repeated = tuple(base.free)
            return base
        exponent: Found = yield self.closed(node.exponent)
        return self.union([base, exponent])

    def product(self, node: tree.Product) -> Stackless[Found]:
        visible = self.near.get(node, ())
        self.visible.update(visible)
        parts = []
        for factor in node.factors:
            part: Found = yield (self.closed if factor.divides else self.read)(factor.value)
            parts.append(part)
        self.visible.subtract(visible)
        repeated: dict[str, None] = {}
        found = self.union(parts, node, repeated)
        self.check_sums(node, found)
        self.sum_over(node, found, repeated)
        return found

    def check_sums(self, node: tree.Product, found: Found) -> None:
        """(∑_k a_ik b_jk) / d_k: what a sum uses up in one factor is not free, and once, in another."""
        for factor in node.factors:
            for letter, span in summed_by_signs(factor.value).items():
                if len(found.free.get(letter, ())) == 1 and not self.bound[letter]:
                    raise complaints.summed_and_free(self.source, node, letter, span, found.free[letter])

    def derivative(self, node: tree.Derivative) -> Stackless[Found]:
        """D(u_i, x_j) is a product of u_i and x_j: D(u_i, x_i) is a divergence."""
        visible = self.near.get(node, ())
        self.visible.update(visible)
        parts: list[Found] = [(yield self.closed(node.argument))]
        for tensor in node.denominators:
            parts.append((yield self.read(tensor)))
        self.visible.subtract(visible)
        repeated: dict[str, None] = {}
        found = self.union(parts, node, repeated)
        self.sum_over(node, found, repeated)
        return found

    def comparison(self, node: tree.Comparison) -> Stackless[Found]:
        self.conditions += 1
        left = yield self.closed(node.left)
        right = yield self.closed(node.right)
        self.conditions -= 1
        return self.union([left, right])

    def iverson(self, node: tree.Iverson) -> Stackless[Found]:
        visible = self.near.get(node, ())
        self.visible.update(visible)
        found: Found = yield self.closed(node.condition)
        self.visible.subtract(visible)
        return found

    def call(self, node: tree.Call) -> Stackless[Found]:
        if node.name == "dim":
            return Found()
        visible = self.near.get(node, ())
        self.visible.update(visible)
        parts: list[Found] = yield self.each(node.arguments)
        self.visible.subtract(visible)
        return self.union(parts)

    def operator(self, node: tree.Operator) -> Stackless[Found]:
        letters = [index.name for index in node.indices]
        kept = [node.indices[position] for position in keeps(node)]
        self.bound.update(letters)
        parts: list[Found] = yield self.each(node.arguments)
        if len(parts) > 1:
            complaints.check_arguments(self.source, node, [set(part.free) for part in parts])
        found = self.union(parts)
        self.bound.subtract(letters)
        going_on = {index.name for index in kept}
        around = Counter({letter: n for letter, n in self.bound.items() if letter not in going_on})
        complaints.check_operator(self.source, node, around, found.free)
        for index in node.indices:
            if index not in kept:
                found.free[index.name].append(index)
        self.reduce(node, found, letters)
        for index in kept:  # the letter goes on, as that of the result's axis
            found.free[index.name] = [index]
        return found

    def each(self, nodes: Iterable[tree.Expression]) -> Stackless[list[Found]]:
        parts = []
        for node in nodes:
            part: Found = yield self.closed(node)
            parts.append(part)
        return parts

    # --- joining ------------------------------------------------------------------------------------

    def union(
        self, parts: list[Found], product: Apart | None = None, repeated: dict[str, None] | None = None
    ) -> Found:
        """Join parts; of a product also check rule 4, and note the letters that repeat in it.

        The smaller parts go into the largest, so that a letter that is handed up through many levels is
        not copied at each of them.
        """
        if not parts:
            return Found()
        whole = max(parts, key=lambda part: part.weight)
        twice = dict.fromkeys(whole.repeated)
        whole.repeated = ()
        for part in parts:
            if part is whole:
                continue
            if product is not None:
                self.check_apart(product, whole, part)
                self.check_apart(product, part, whole)
            twice.update(dict.fromkeys(part.repeated))
            twice.update(dict.fromkeys([letter for letter in part.free if letter in whole.free]))
            _pour(part, whole)
        if repeated is not None:
            repeated.update(twice)
        return whole

    def check_apart(self, product: Apart, one: Found, other: Found) -> None:
        """Rule 4: what is summed implicitly inside one factor is not free in another."""
        smaller = one.summed if len(one.summed) <= len(other.free) else other.free
        for letter in smaller:
            if letter in one.summed and letter in other.free:
                raise complaints.summed_and_free(
                    self.source, product, letter, one.summed[letter], other.free[letter]
                )


def _pour(part: Found, whole: Found) -> None:
    for letter, places in part.free.items():
        mine = whole.free.setdefault(letter, places)
        if mine is not places:
            shorter, longer = sorted((mine, places), key=len)
            longer.extend(shorter)
            whole.free[letter] = longer
    for letter, span in part.summed.items():
        whole.summed.setdefault(letter, span)


_RULES: dict[type, Callable[[Any, Any], Stackless[Found]]] = {
    tree.Number: _Reader.number,
    tree.Tensor: _Reader.tensor,
    tree.Component: _Reader.component,
    tree.Negation: _Reader.negation,
    tree.Group: _Reader.group,
    tree.Sum: _Reader.sum,
    tree.Power: _Reader.power,
    tree.Product: _Reader.product,
    tree.Comparison: _Reader.comparison,
    tree.Iverson: _Reader.iverson,
    tree.Call: _Reader.call,
    tree.Operator: _Reader.operator,
    tree.Derivative: _Reader.derivative,
}
