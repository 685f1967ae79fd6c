"""A product as a graph: indices are its vertices, matrices its edges, vectors stand at the vertices.

Summing over an index removes its vertex. One that two edges meet at is a matrix product, one at the end
of an edge a matrix times a vector, one without edges a scalar product; edges side by side are multiplied
entry by entry. What remains are the free indices.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from indicial.render.matrix.algebra import (
    as_product,
    diagonal,
    entrywise,
    power,
    product,
    total,
    trace,
    transposed,
)
from indicial.render.matrix.form import COLUMN, IDENTITY, ONE, ONES, Call, Entrywise, Form, Product
from indicial.render.matrix.refusals import NoMatrixFormError
from indicial.render.matrix.text import cost
from indicial.render.pieces import Slot

TWO = Fraction(2)


@dataclass(slots=True)
class Edge:
    """A matrix: its rows run over one index, its columns over the other."""

    rows: Slot
    columns: Slot
    form: Form

    def from_to(self, rows: Slot, columns: Slot) -> Form:
        """The matrix with these rows and columns."""
        return self.form if (self.rows, self.columns) == (rows, columns) else transposed(self.form)

    def other(self, slot: Slot) -> Slot:
        """The index at the other end."""
        return self.columns if slot is self.rows else self.rows


@dataclass(slots=True)
class Network:
    """Scalars, the vectors at each index, and matrices."""

    scalars: list[Form] = field(default_factory=list)
    vectors: dict[Slot, list[Form]] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)

    def at(self, slot: Slot) -> list[Edge]:
        """The matrices at an index."""
        return [edge for edge in self.edges if slot in (edge.rows, edge.columns)]

    def vector(self, slot: Slot) -> Form:
        """What stands at an index, entry by entry; ones if nothing does."""
        return entrywise(*self.vectors.get(slot) or [ONES])

    def sum_over(self, dummies: list[Slot]) -> None:
        """Remove the vertices of the dummies."""
        left = list(dummies)
        while left:
            found = min(left, key=lambda slot: len(self.at(slot)))
            if len(self.at(found)) <= 2:
                left.remove(found)
                self._remove(found, left)
            elif not self.join_parallel():
                raise NoMatrixFormError("an index is shared by more than two matrices")

    def _remove(self, slot: Slot, summed: list[Slot]) -> None:
        edges = self.at(slot)
        self.edges = [edge for edge in self.edges if edge not in edges]
        weight = self.vector(slot)
        if not edges:
            self.scalars.append(least(_dot(self.vectors.get(slot) or [ONES])))
        elif len(edges) == 1:
            (edge,) = edges
            self._attach(edge.other(slot), product(edge.from_to(edge.other(slot), slot), weight))
        else:
            self._join(edges[0], edges[1], slot, weight, summed)
        self.vectors.pop(slot, None)

    def _attach(self, slot: Slot, form: Form) -> None:
        self.vectors.setdefault(slot, []).append(form)

    def _join(self, one: Edge, other: Edge, slot: Slot, weight: Form, summed: list[Slot]) -> None:
        start, end = one.other(slot), other.other(slot)
        left, right = one.from_to(start, slot), other.from_to(slot, end)
        between = () if weight == ONES else (diagonal(weight),)
        if start is not end:
            self.edges.append(Edge(start, end, product(left, *between, right)))
        elif start in summed and not self.at(start) and not self.vectors.get(start):
            self._attach(start, Call("diag", (product(left, *between, right),), COLUMN))
        else:
            self._attach(start, product(entrywise(left, transposed(right)), weight))

    def join_parallel(self) -> bool:
        """Multiply two matrices over the same indices entry by entry, if there are such."""
        for position, edge in enumerate(self.edges):
            for other in self.edges[position + 1 :]:
                if {edge.rows, edge.columns} == {other.rows, other.columns}:
                    edge.form = entrywise(edge.form, other.from_to(edge.rows, edge.columns))
                    self.edges = [each for each in self.edges if each is not other]
                    return True
        return False

    def between(self, row: Slot | None, column: Slot | None) -> Form:
        """What stands at two free indices: a matrix, or at one of them a vector, or a scalar."""
        if row is None or column is None:
            only = row or column
            form = product() if only is None else self.vector(only)
            return form if column is None else transposed(form)
        ends = self.vectors.get(row), self.vectors.get(column)
        link = next((edge for edge in self.edges if {edge.rows, edge.columns} == {row, column}), None)
        if link is None:
            return product(self.vector(row), transposed(self.vector(column)))
        form = link.from_to(row, column)
        if form == IDENTITY:
            return diagonal(entrywise(*[each for end in ends for each in end or [ONES]]))
        sides = [diagonal(entrywise(*end)) if end else IDENTITY for end in ends]
        return product(sides[0], form, sides[1])


def _dot(forms: list[Form]) -> Form:
    """f · g · … summed over their index; a square is f·f."""
    whole = as_product(entrywise(*forms))
    front, bare = Product(whole.coefficient, whole.scalars, ()), product(Product(ONE, (), whole.chain))
    powers = bare.powers if isinstance(bare, Entrywise) else ()
    if len(powers) == 1 and powers[0][1] == TWO:
        return product(front, transposed(powers[0][0]), powers[0][0])
    first = next((base for base, exponent in powers if exponent == 1), None)
    if first is None or len(powers) < 2:
        return product(front, total(bare))
    rest = entrywise(*[power(base, exponent) for base, exponent in powers if base != first])
    return product(front, transposed(first), rest)


def least(form: Form) -> Form:
    """A number the shortest way: it is its own transpose, and a trace that of every rotation."""
    whole = as_product(form)
    scalars = tuple([(_least(base), exponent) for base, exponent in whole.scalars])
    chain = as_product(_least(Product(ONE, (), whole.chain))).chain
    return product(Product(whole.coefficient, scalars, chain))


def _least(form: Form) -> Form:
    whole = as_product(form)
    back = tuple([transposed(each) for each in reversed(whole.chain)])
    candidates: list[Form] = [form, Product(whole.coefficient, whole.scalars, back)] if back else [form]
    if isinstance(form, Call) and form.word == "tr":
        chain = as_product(form.arguments[0]).chain
        turns = [product(*chain[k:], *chain[:k]) for k in range(len(chain))]
        candidates = [trace(each) for turn in turns for each in (turn, transposed(turn))]
    return min(candidates, key=cost)
