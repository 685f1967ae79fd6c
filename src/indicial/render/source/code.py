"""Pieces of Python that stand for arrays: text, how tightly it binds, and which index each axis runs over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum

from indicial.render.pieces import Slot
from indicial.render.source.library import Library

_WIDTH = 100  # characters


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

    `number` says that it is no array in any case, `boolean` that its entries are truth values; `terms` are
    those of a sum.
    """

    text: str
    axes: tuple[Slot, ...] = ()
    bond: Bond = Bond.ATOM
    number: bool = False
    boolean: bool = False
    terms: tuple[str, ...] = ()

    def line(self, head: str) -> str:
        """A line that begins with `head`, or several of them for a long sum."""
        if len(head) + len(self.text) <= _WIDTH or len(self.terms) < 2:
            return head + self.text
        return "\n".join([f"{head}(", *[f"    {term}" for term in self.terms], ")"])

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
    """Entry by entry."""
    if len(codes) == 1:
        return codes[0]
    axes = union([code.axes for code in codes], wish)
    parts = [aligned(code, axes, library) for code in codes]
    texts = [
        part.text if k == 0 and part.bond == Bond.PRODUCT else part.within(Bond.SIGN)
        for k, part in enumerate(parts)
    ]
    return Code(" * ".join(texts), axes, Bond.PRODUCT)
