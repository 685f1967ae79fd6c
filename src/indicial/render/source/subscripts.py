"""Computed subscripts as code: slices, sliding windows, arrays of positions.

x[i+1]      x[1:]                                a slice
x[0]        x[0]                                 a number
x[i+k]      sliding_window_view(x, K.shape[0])   windows, where i and k fill the axis: NumPy, PyTorch
x[2*i+k]    x[2 * i[:, None] + k]                positions
E[t[b], d]  E[t]                                 entries
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Union

from indicial.ir.nodes import ONE, Extent, Node
from indicial.render.pieces import Slot
from indicial.render.source.code import Code, aligned, union
from indicial.render.source.library import Library
from indicial.simplify.affine import summands_by_node
from indicial.simplify.facts import Facts

Axis = Union[Slot, Code]  # what stands at an axis: all of an index, or an array of positions
Lengths = dict[Node, Fraction]


@dataclass(frozen=True, slots=True)
class Place:
    """A subscript, and the axes of what stands there, as the libraries order them."""

    marks: tuple[str, ...]
    axes: tuple[Slot, ...]

    @property
    def shown(self) -> list[str]:
        """Without the slices that end it, which say nothing."""
        marks = list(self.marks)
        while len(marks) > 1 and marks[-1] == ":":
            marks.pop()
        return marks

    @property
    def text(self) -> str:
        """What stands in the brackets."""
        return ", ".join(self.shown)


def placed(axes: Sequence[Axis], wish: Sequence[Slot], library: Library) -> Place:
    """The subscript for positions along some axes and slices along the others.

    Arrays of positions that stand together give their axes where they stand, others give them in front. To
    NumPy a number is such an array, to PyTorch it is none.
    """
    plain = library.name == "torch"
    arrays = [k for k, axis in enumerate(axes) if isinstance(axis, Code) and not (plain and axis.number)]
    codes = [axis for axis in axes if isinstance(axis, Code)]
    shared = union([code.axes for code in codes], wish)
    together = bool(arrays) and arrays[-1] - arrays[0] + 1 == len(arrays)
    before = [axis for axis in axes[: arrays[0]] if isinstance(axis, Slot)] if together else []
    behind = [axis for axis in axes if isinstance(axis, Slot) and axis not in before]
    marks = [aligned(axis, shared, library).text if isinstance(axis, Code) else ":" for axis in axes]
    return Place(tuple(marks), (*before, *shared, *behind))


def length(slot: Slot, facts: Facts) -> Lengths:
    """The extent of an index as a sum of others and a number."""
    return dict(summands_by_node(facts.extents.get(slot.space, Extent(slot.space))))


def excess(slot: Slot, end: Lengths, facts: Facts) -> int | None:
    """By how much something reaches beyond an axis; None where that is not known."""
    total = dict(end)
    for node, value in length(slot, facts).items():
        total[node] = total.get(node, Fraction(0)) - value
    rest = {node: value for node, value in total.items() if value}
    if any(node != ONE for node in rest):
        return None
    return int(rest.get(ONE, Fraction(0)))


def sliced(axis: Slot, facts: Facts) -> tuple[str, tuple[Slot, ...]] | None:
    """A subscript of one index or none as a slice or a number, which needs no arrays; None if it is none."""
    assert axis.solved is not None
    form, scope = axis.solved.value, axis.solved.scope
    offset = summands_by_node(form.offset)
    if not form.slopes:
        return _component(axis, offset, facts)
    ((index, slope), *more) = form.slopes.items()
    inner = scope.slots[index]
    start = offset.get(ONE, Fraction(0))
    if more or inner.solved or slope < 1 or start < 0 or any(node != ONE and offset[node] for node in offset):
        return None
    end: Lengths = {node: slope * value for node, value in length(inner, facts).items()}
    end[ONE] = end.get(ONE, Fraction(0)) - slope + 1 + start
    beyond = excess(axis, end, facts)
    if beyond is None or beyond > 0:
        return None
    first, last = (str(start) if start else ""), (str(beyond) if beyond else "")
    step = f":{slope}" if slope != 1 else ""
    return f"{first}:{last}{step}", (inner,)


def _component(axis: Slot, offset: Lengths, facts: Facts) -> tuple[str, tuple[Slot, ...]] | None:
    """x[0], x[-1]: counted from the end where the length is in it."""
    if all(node == ONE for node in offset):
        return str(offset.get(ONE, Fraction(0))), ()
    beyond = excess(axis, offset, facts)
    return None if beyond is None or beyond >= 0 else (str(beyond), ())


def windows(axes: Sequence[Slot], facts: Facts) -> list[tuple[Slot, Slot] | None] | None:
    """For each axis the indices i + k that fill it, None for a plain one; None if one is another form."""
    found: list[tuple[Slot, Slot] | None] = []
    for axis in axes:
        pair = _window(axis, facts) if axis.solved else None
        if axis.solved and pair is None:
            return None
        found.append(pair)
    used = [slot for axis, pair in zip(axes, found, strict=True) for slot in (pair or (axis,))]
    return found if len(set(used)) == len(used) else None


def _window(axis: Slot, facts: Facts) -> tuple[Slot, Slot] | None:
    assert axis.solved is not None
    form, scope = axis.solved.value, axis.solved.scope
    if sorted(form.slopes.values()) != [1, 1] or any(summands_by_node(form.offset).values()):
        return None
    one, other = sorted([scope.slots[index] for index in form.slopes], key=lambda slot: slot.rank)
    if one.solved or other.solved:
        return None
    end = length(one, facts)
    for node, value in length(other, facts).items():
        end[node] = end.get(node, Fraction(0)) + value
    end[ONE] = end.get(ONE, Fraction(0)) - 1
    return (one, other) if excess(axis, end, facts) == 0 else None
