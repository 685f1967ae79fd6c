"""Pieces of Python that stand for arrays: text, how tightly it binds, and which index each axis runs over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum

from indicial.render.pieces import Slot
from indicial.render.source.library import Library

SUMMED = 1000  # the ranks of indices that are summed begin here


class Bond(IntEnum):
    """What holds an expression together, from the tightest bond to the loosest."""

    ATOM = 0
    POWER = 1
    SIGN = 2
    MATMUL = 3
    PRODUCT = 4
    SUM = 5
    COMPARISON = 6


@dataclass(frozen=True, slots=True)
class Code:
    """An expression, and the indices that its axes run over, each once.

    `number` says that it is no array in any case, `boolean` that its entries are truth values, `singular`
    that it may be infinite or undefined, if that matters where it stands. A sum along axes is `over` their
    indices, and `averaged` is what their mean would be.
    """

    text: str
    axes: tuple[Slot, ...] = ()
    bond: Bond = Bond.ATOM
    number: bool = False
    boolean: bool = False
    singular: bool = False
    over: tuple[Slot, ...] = ()
    averaged: str = ""

    def within(self, bond: Bond) -> str:
        """The text as part of another, in brackets if it binds more loosely."""
        return f"({self.text})" if self.bond > bond else self.text


def union(axes: Iterable[Sequence[Slot]], wish: Sequence[Slot]) -> tuple[Slot, ...]:
    """All indices of several arrays, as the wish has them or else as most arrays that have all of them."""
    several = [tuple(each) for each in axes]
    present = dict.fromkeys([slot for each in several for slot in each])
    wished = (*[slot for slot in present if slot not in wish], *[slot for slot in wish if slot in present])
    whole = Counter(each for each in several if len(each) == len(present))
    if not whole or whole[wished]:
        return wished
    if sum(whole.values()) == 1 and all(slot.rank < SUMMED for slot in present):
        return wished  # X.T / 2, not (X / 2).T; where something is to be summed, order means nothing
    return max(whole, key=whole.__getitem__)


def aligned(code: Code, axes: Sequence[Slot], library: Library) -> Code:
    """The array so that it can be broadcast along `axes`."""
    if not code.axes or code.axes == tuple(axes):
        return code
    order = [code.axes.index(slot) for slot in axes if slot in code.axes]
    code = permuted(code, order, library)
    marks = [":" if slot in code.axes else "None" for slot in axes]
    while marks[0] == "None":
        marks.pop(0)
    if "None" not in marks:
        return code
    return Code(f"{code.within(Bond.ATOM)}[{', '.join(marks)}]", code.axes, boolean=code.boolean)


def negated(code: Code) -> str:
    """What stands behind a minus sign: −(A @ b), which turns the sign of a vector and not of a matrix."""
    return f"({code.text})" if code.bond == Bond.MATMUL else code.within(Bond.PRODUCT)


def permuted(code: Code, order: Sequence[int], library: Library) -> Code:
    """The array with its axes in another order."""
    if list(order) == list(range(len(order))):
        return code
    axes = tuple([code.axes[k] for k in order])
    if list(order) == [1, 0] and code.text[0] == "-" and code.text[1:].isidentifier():
        return Code(f"{code.text}.T", axes, Bond.PRODUCT)
    if list(order) == [1, 0]:
        return Code(f"{code.within(Bond.ATOM)}.T", axes, boolean=code.boolean)
    verb = "torch.permute" if library.name == "torch" else f"{library.prefix}.transpose"
    listed = ", ".join(map(str, order))
    return Code(f"{verb}({code.text}, ({listed}))", axes, boolean=code.boolean)


def multiplied(codes: Sequence[Code], wish: Sequence[Slot], library: Library) -> Code:
    """Entry by entry; what runs over the same indices is multiplied before it is broadcast."""
    if len(codes) == 1:
        return codes[0]
    axes = union([code.axes for code in codes], wish)
    groups: dict[frozenset[Slot], list[Code]] = {}
    for code in codes:
        groups.setdefault(frozenset(code.axes), []).append(code)
    apart = groups.pop(frozenset(), [])
    if len(groups) > 1:
        parts = [aligned(_entrywise(group, wish, library), axes, library) for group in groups.values()]
    else:
        parts = [aligned(code, axes, library) for group in groups.values() for code in group]
    return _side_by_side([*apart, *parts], axes)


def _entrywise(codes: Sequence[Code], wish: Sequence[Slot], library: Library) -> Code:
    """The product of arrays over the same indices."""
    if len(codes) == 1:
        return codes[0]
    axes = union([code.axes for code in codes], wish)
    return _side_by_side([aligned(code, axes, library) for code in codes], axes)


def _side_by_side(parts: Sequence[Code], axes: tuple[Slot, ...]) -> Code:
    texts = [
        part.text if k == 0 and part.bond == Bond.PRODUCT else part.within(Bond.SIGN)
        for k, part in enumerate(parts)
    ]
    return Code(" * ".join(texts), axes, Bond.PRODUCT, number=all(part.number for part in parts))
