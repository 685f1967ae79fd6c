"""One sum of products as pairwise contractions, in the cheapest order.

Operands are values with named axes. What can be done to an operand alone is done first (axes that
only it has and that are summed), equal sets of axes are multiplied elementwise, and what is left is
contracted two by two: as a matrix product where an axis is summed, as a broadcast product where none is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from math import prod

from indicial.ir.indices import Index
from indicial.planning.networks import WORTH, Network, each, walked
from indicial.planning.operands import Operand, union
from indicial.planning.orders import order as best
from indicial.planning.pairs import Pairs
from indicial.planning.parts import Parts
from indicial.planning.steps import Builder

__all__ = ["Contraction", "Operand", "union"]

_SYMMETRIC = 32  # the extents from which half of a symmetric product is saved

Made = tuple[tuple[tuple[int, tuple[int, ...]], ...], Hashable, tuple[int, ...]]  # factors, kept axes, axes


class Contraction(Pairs):
    """Emits the steps of products over one builder."""

    def __init__(self, builder: Builder, parts: Parts | None = None) -> None:
        super().__init__(builder)
        self.parts = parts or Parts()
        self.products: dict[Hashable, tuple[int, tuple[int, ...]]] = {}
        self.made: dict[int, Made] = {}  # values that are products, by what they are of
        self.names: list[int] = []  # the identities of values, however products were ordered

    def product(
        self,
        operands: Sequence[Operand],
        free: frozenset[Index],
        coefficient: float = 1.0,
        wanted: Sequence[Index] = (),
    ) -> Operand:
        """coefficient · Σ over all indices that are not free of the product of the operands.

        A product that was made before, up to the names of its indices and the order of its factors, is
        that one with other names. Its axes lie in the order that is wanted, where that costs nothing.
        """
        ordered = sorted(operands, key=lambda operand: operand.value)
        names: dict[Index, int] = {}
        for operand in ordered:
            for index in operand.axes:
                names.setdefault(index, len(names))
        key = (
            coefficient,
            tuple([(operand.value, *[names[i] for i in operand.axes]) for operand in ordered]),
            tuple([number for index, number in names.items() if index in free]),
        )
        known = self.products.get(key)
        if known is None:
            made = self._product(ordered, free, coefficient, wanted)
            known = self.products[key] = made.value, tuple([names[index] for index in made.axes])
            self._note(known, ordered, (coefficient, key[2]), names)
        value, axes = known
        back = list(names)
        return Operand(value, tuple([back[number] for number in axes]))

    def symmetrised(
        self, operands: Sequence[Operand], nonnegative: Sequence[bool], free: frozenset[Index]
    ) -> list[Operand]:
        """Σ_n v_n X_ni X_nj with v ≥ 0 as Σ_n S_ni S_nj, S = √v X: BLAS computes half of it."""
        pair = self._mirrored(operands, free)
        weights = [operand for k, operand in enumerate(operands) if pair is None or k not in pair]
        signs = [sign for k, sign in enumerate(nonnegative) if pair is None or k not in pair]
        if pair is None or not weights or not all(signs):
            return list(operands)
        left, right = operands[pair[0]], operands[pair[1]]
        shared = frozenset(left.axes) & frozenset(right.axes)
        if any(not shared.issuperset(operand.axes) for operand in weights):
            return list(operands)
        weight = self.product(weights, shared)
        root = Operand(
            self.builder.emit("power", (weight.value,), 0.5, self.builder.shape(weight.value)), weight.axes
        )
        scaled = self.elementwise("multiply", (left, root), axes=left.axes)
        return [scaled, Operand(scaled.value, right.axes)]

    def _mirrored(self, operands: Sequence[Operand], free: frozenset[Index]) -> tuple[int, int] | None:
        """Two large equal operands that differ in one free index each, and sum all others."""
        for a, left in enumerate(operands):
            for b in range(a + 1, len(operands)):
                right = operands[b]
                if left.value != right.value or min(self.builder.shape(left.value), default=0) < _SYMMETRIC:
                    continue
                other = [k for k, (i, j) in enumerate(zip(left.axes, right.axes, strict=True)) if i != j]
                same = frozenset(left.axes) & frozenset(right.axes)
                if len(other) == 1 and same and not same & free:
                    return a, b
        return None

    def _product(
        self, operands: list[Operand], free: frozenset[Index], coefficient: float, wanted: Sequence[Index]
    ) -> Operand:
        pending = self._prepared(operands, free)
        smallest = min(range(len(pending)), key=lambda k: prod(self.builder.shape(pending[k].value)))
        held = frozenset[Index]().union(*[operand.axes for operand in pending])
        result = prod([self._extent_among(pending, index) for index in held & free])
        behind = result <= prod(self.builder.shape(pending[smallest].value))
        if not behind:
            pending[smallest] = self.scaled(pending[smallest], coefficient)
        made = self._contracted(pending, free, wanted)
        return self.scaled(made, coefficient) if behind else made

    def _extent_among(self, operands: Sequence[Operand], index: Index) -> int:
        return next(self.extent(operand, index) for operand in operands if index in operand.axes)

    def _contracted(self, pending: list[Operand], free: frozenset[Index], wanted: Sequence[Index]) -> Operand:
        """Operands contracted two by two in the cheapest order."""
        if _are_outer(pending, free):  # from the last axes on, so that the result has them in order
            ordered = sorted(pending, key=lambda operand: operand.axes)
            made = ordered.pop()
            while ordered:
                made = self.multiplied(ordered.pop(), made, free)
            return made
        if len(pending) > 1:
            pending = [self._ordered(pending, free, wanted)]
        return self.summed(pending[0], frozenset(pending[0].axes) - free)

    def _ordered(
        self, operands: Sequence[Operand], free: frozenset[Index], wanted: Sequence[Index]
    ) -> Operand:
        """Two operands or more, each pair of them a product that others may share."""
        extents = {i: n for o in operands for i, n in zip(o.axes, self.builder.shape(o.value), strict=True)}
        large = prod(extents.values()) >= WORTH
        if len(operands) == 2 and not large:
            return self._once(operands[0], operands[1], free, free, wanted)
        names = [self.name(operand.value) if large else 0 for operand in operands]
        axes = [operand.axes for operand in operands]
        laid = [self.untransposed(operand).axes for operand in operands]
        network = Network(names, axes, extents, free, self.parts, laid, wanted)
        stack: list[tuple[Operand, int]] = []
        for place in walked(best(network)):
            if place is not None:
                stack.append((operands[place], 1 << place))
                continue
            (right, b), (left, a) = stack.pop(), stack.pop()
            kept = [network.indices[bit.bit_length() - 1] for bit in each(network.kept(a | b))]
            order = wanted if a | b == network.everything else ()
            stack.append((self._once(left, right, frozenset(kept), free, order), a | b))
        return stack[0][0]

    def _once(
        self,
        left: Operand,
        right: Operand,
        kept: frozenset[Index],
        free: frozenset[Index],
        wanted: Sequence[Index],
    ) -> Operand:
        """The product of two operands, made once, whatever the indices are called."""
        first, second = sorted((left, right), key=lambda operand: operand.value)
        names = {index: k for k, index in enumerate(dict.fromkeys(first.axes + second.axes))}
        key = (
            tuple([(each.value, *[names[index] for index in each.axes]) for each in (first, second)]),
            tuple([number for index, number in names.items() if index in kept]),
        )
        known = self.products.get(key)
        if known is None:
            made = self.pair(left, right, kept, free, wanted)
            known = self.products[key] = made.value, tuple([names[index] for index in made.axes])
            self._note(known, [first, second], key[1], names)
        back = list(names)
        return Operand(known[0], tuple([back[number] for number in known[1]]))

    def _note(
        self,
        known: tuple[int, tuple[int, ...]],
        operands: Sequence[Operand],
        kept: Hashable,
        names: Mapping[Index, int],
    ) -> None:
        """Note what a product is of: its identity, however it was ordered."""
        factors = tuple([(o.value, tuple([names[index] for index in o.axes])) for o in operands])
        self.made.setdefault(known[0], (factors, kept, known[1]))

    def name(self, value: int) -> int:
        """The identity of a value: equal in every round of planning."""
        for number in range(len(self.names), value + 1):
            step = self.builder.steps[number]
            thing: Hashable = (
                step.operation,
                tuple([self.names[operand] for operand in step.operands]),
                step.parameters,
                step.shape,
            )
            factors, *rest = self.made.get(number, ((), (), ()))
            if factors and all(value < number for value, _ in factors):
                thing = tuple([(self.names[value], axes) for value, axes in factors]), *rest
            self.names.append(self.parts.name(thing))
        return self.names[value]

    def _prepared(self, operands: list[Operand], free: frozenset[Index]) -> list[Operand]:
        """Operands whose private dummies are summed and of which none has the axes of another."""
        held = Counter(index for operand in operands for index in operand.axes)
        alone = frozenset(index for index, count in held.items() if count == 1) - free
        groups: dict[frozenset[Index], list[Operand]] = {}
        for operand in operands:
            reduced = self.summed(operand, alone) if len(operands) > 1 else operand
            groups.setdefault(frozenset(reduced.axes), []).append(reduced)
        if len(groups) == 1 and len(operands) == 2 and not free.issuperset(union(operands)):
            return operands  # an inner product
        result = []
        for members in groups.values():
            first = members[0]
            for other in members[1:]:
                first = self.elementwise("multiply", (first, other))
            result.append(first)
        if len(result) < len(operands) and len(result) > 1:
            return self._prepared(result, free)  # a merged group may have private dummies now
        return result


def _are_outer(operands: Sequence[Operand], free: frozenset[Index]) -> bool:
    """Whether operands have no axis in common, and none that is summed."""
    axes = [index for operand in operands for index in operand.axes]
    return len(operands) > 1 and len(set(axes)) == len(axes) and free.issuperset(axes)
