"""Tensors with their subscripts as code, and sums of terms: what an emitter knows of arrays as they stand."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence

from indicial.ir.traversal import Stackless
from indicial.render.flattening import FlatProduct, flattened
from indicial.render.pieces import Slot
from indicial.render.source.code import Bond, Code, aligned, negated, union
from indicial.render.source.contraction import einsum
from indicial.render.source.subscripts import Axis, Place, placed, sliced, windows
from indicial.render.source.surroundings import Surroundings
from indicial.simplify.affine import is_inside
from indicial.simplify.terms import scaled, summands

Emitting = Stackless[Code]


class Reader(Surroundings, ABC):
    """Reads entries of arrays: whole ones, diagonals, slices, windows, entries at positions."""

    @abstractmethod
    def product(self, flat: FlatProduct, wish: Sequence[Slot]) -> Emitting:
        """number · factors / divisors, the dummies summed."""

    def added(
        self, parts: Iterable[tuple[bool, Code]], wish: Sequence[Slot], *, in_order: bool = False
    ) -> Code:
        """Terms with their signs; nothing is 0. What is added stands first, `in_order` as given."""
        parts = sorted(parts, key=lambda part: part[0]) if in_order else list(parts)
        if not parts:
            return Code("0", number=True)
        if len(parts) == 1 and not parts[0][0]:
            return parts[0][1]
        axes = union([code.axes for _, code in parts], wish)
        shown = [(negative, aligned(code, axes, self.library)) for negative, code in parts]
        terms: list[str] = []
        written = [(negative, code.within(Bond.PRODUCT), code) for negative, code in shown]
        for negative, text, code in written if in_order else sorted(written, key=lambda each: each[:2]):
            if negative and not terms:
                terms.append(f"-{negated(code)}")
            else:
                terms.append(("- " if negative else "+ ") * bool(terms) + text)
        number = all(code.number for _, code in parts)
        return Code(" ".join(terms), axes, Bond.SUM if len(terms) > 1 else Bond.PRODUCT, number)

    def tensor(self, name: str, slots: Sequence[Slot], wish: Sequence[Slot]) -> Emitting:
        """A name; a repeated index reads a diagonal, a computed one what stands there."""
        if not any(slot.solved for slot in slots):
            return self.diagonal(Code(name, tuple(slots)))
        basic = [(":", (slot,)) if slot.solved is None else sliced(slot, self.facts) for slot in slots]
        named = [slot for each in basic if each is not None for slot in each[1]]
        if None not in basic and len(set(named)) == len(named):
            marks = tuple([each[0] for each in basic if each is not None])
            return Code(f"{name}[{Place(marks, ()).text}]", tuple(named))
        pairs = windows(slots, self.facts)
        if pairs is not None and self.library.windows:
            return self.windowed(name, slots, pairs)
        axes: list[Axis] = []
        for slot in slots:
            apart = slot.solved is None and sum([slot in each.named for each in slots]) == 1
            axes.append(slot if apart else self.inside(slot, (yield self.affine(slot, wish))))
        found = placed(axes, wish, self.library)
        return Code(f"{name}[{found.text}]", found.axes)

    def windowed(self, name: str, slots: Sequence[Slot], pairs: Sequence[tuple[Slot, Slot] | None]) -> Code:
        """All windows of an array; the axes within a window come last."""
        whole = [(k, *pair) for k, pair in enumerate(pairs) if pair is not None]
        axes = [slot if pair is None else pair[0] for slot, pair in zip(slots, pairs, strict=True)]
        sizes = [self.extent(inner.space) for _, _, inner in whole]
        own = (*axes, *[inner for _, _, inner in whole])
        if self.library.name == "torch":
            steps = [f".unfold({k}, {size}, 1)" for (k, _, _), size in zip(whole, sizes, strict=True)]
            return Code(name + "".join(steps), own)
        shape = sizes[0] if len(sizes) == 1 else self.shape([inner.space for _, _, inner in whole])
        along = [str(k) for k, _, _ in whole]
        axis = ""
        if len(along) < len(slots):
            axis = f", axis={along[0] if len(along) == 1 else '(' + ', '.join(along) + ')'}"
        return Code(self.say(self.library.windows, name, f"{shape}{axis}"), own)

    def inside(self, slot: Slot, code: Code) -> Code:
        """Positions along an axis; those that a bracket beside them takes out wrap around."""
        if slot.solved is None or is_inside(slot.solved.value, slot.space, self.facts):
            return code
        extent = self.whole(slot)
        return Code(f"{code.within(Bond.SIGN)} % {extent}", code.axes, Bond.PRODUCT)

    def whole(self, slot: Slot) -> str:
        """The extent of an index, to be part of an expression."""
        text = self.extent(slot.space)
        return f"({text})" if " " in text else text

    def affine(self, slot: Slot, wish: Sequence[Slot]) -> Emitting:
        """The positions of an index: those of itself, or of the form that it is solved to be."""
        if slot.solved is None:
            return Code(self.position_name([slot]), (slot,))
        form, scope = slot.solved.value, slot.solved.scope
        parts: list[tuple[bool, Code]] = []
        for index, slope in sorted(form.slopes.items(), key=lambda item: scope.slots[item[0]].rank):
            code: Code = yield self.affine(scope.slots[index], wish)
            if abs(slope) != 1:
                code = Code(f"{abs(slope)} * {code.within(Bond.SIGN)}", code.axes, Bond.PRODUCT)
            parts.append((slope < 0, code))
        for factor, monomial in summands(form.offset):
            if factor:
                term = flattened(scaled(abs(factor), monomial), scope, self.literal)
                parts.append((factor < 0, (yield self.product(term, wish))))
        return self.added(parts, wish, in_order=True)

    def diagonal(self, code: Code) -> Code:
        """An array whose axes may repeat an index as one whose do not."""
        axes = tuple(dict.fromkeys(code.axes))
        if axes == code.axes:
            return code
        if len(code.axes) == 2:
            return Code(f"{self.library.prefix}.diagonal({code.text})", axes)
        return einsum([code], [], axes, self.library)
