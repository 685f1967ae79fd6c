"""Terms with an equation that says where along an axis of the result they stand: w_k [m = i + k].

result[i[:, None], i[:, None] + k] = w      what goes to places of its own is written
np.add.at(result, i[:, None] + k, …)        what may meet is added up
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from indicial.ir.nodes import Delta
from indicial.ir.traversal import stackless
from indicial.render.flattening import Factor, FlatProduct
from indicial.render.pieces import Slot, Solved
from indicial.render.source.code import Bond, aligned
from indicial.render.source.emitter import Emitter
from indicial.render.source.subscripts import Axis, Place, placed
from indicial.simplify.affine import Form, equation, is_inside, solved
from indicial.simplify.facts import Facts


@dataclass(frozen=True, slots=True)
class Scattered:
    """A term that stands where forms say.

    axes    for each axis of the result the index that it is: itself, that of an equal axis, or one that
            is solved
    moving  the dummies that the forms have: they say where, and are not summed before
    """

    flat: FlatProduct
    axes: tuple[Slot, ...]
    moving: tuple[Slot, ...]

    @property
    def meets(self) -> bool:
        """Whether entries may be written to one place: not where each form finds one dummy more."""
        left, waiting = set(self.moving), [axis for axis in self.axes if axis.solved]
        found = True
        while found and waiting:
            found = False
            for axis in list(waiting):
                own = [slot for slot in axis.named if slot in left]
                if len(own) <= 1 and not (own and _entries(axis)):
                    left.difference_update(own)
                    waiting.remove(axis)
                    found = True
        return bool(left)


def _entries(axis: Slot) -> bool:
    """Whether a form has entries of tensors in it, which may be equal."""
    return axis.solved is not None and bool(axis.solved.value.offset.free)


def turned_out(flat: FlatProduct, slots: Sequence[Slot], facts: Facts) -> bool:
    """Whether some equation of a product says where along an axis of the result it stands."""
    return any(_way(factor, flat, slots, facts) is not None for factor in flat.factors)


def _way(factor: Factor, flat: FlatProduct, slots: Sequence[Slot], facts: Facts) -> tuple[Slot, Form] | None:
    """The last axis for which an equation can be solved, and what it is then, if that never runs out."""
    found = equation(factor.node)
    if found is None:
        return None
    indices = sorted(found.slopes, key=lambda index: (abs(index.serial), index))
    for slot in reversed(slots):
        for index in indices:
            if factor.scope.slots[index] is not slot or slot.solved is not None:
                continue
            value = solved(found, index)
            plain = all(
                slot not in each.slots for each in (*flat.factors, *flat.divisors) if each is not factor
            )
            if value is not None and plain and is_inside(value, index.space, facts):
                return slot, value
    return None


def scattered(flat: FlatProduct, deltas: Sequence[Factor], slots: Sequence[Slot], facts: Facts) -> Scattered:
    """The term with its equations solved for axes; axes that are equal by `deltas` are one index."""
    axes = {slot: slot for slot in slots}
    factors = [factor for factor in flat.factors if factor not in deltas]
    rest = FlatProduct(flat.coefficient, factors, list(flat.divisors), list(flat.dummies))
    for factor in list(rest.factors):
        way = _way(factor, rest, [slot for slot in slots if axes[slot] is slot], facts)
        if way is not None:
            slot, value = way
            axes[slot] = Slot(slot.space, slot.letter, slot.rank, solved=Solved(value, factor.scope))
            rest.factors.remove(factor)
    for delta in deltas:
        _join(axes, delta)
    named = dict.fromkeys([own for axis in axes.values() for own in axis.named])
    moving = tuple([slot for slot in named if slot in rest.dummies])
    rest.dummies = [slot for slot in rest.dummies if slot not in moving]
    return Scattered(rest, tuple([axes[slot] for slot in slots]), moving)


def _join(axes: dict[Slot, Slot], delta: Factor) -> None:
    """δ between two axes: both stand where one of them does, the one with a form if there is one."""
    assert isinstance(delta.node, Delta)
    one, other = [axes[slot] for slot in delta.slots]
    kept, gone = (other, one) if other.solved is not None else (one, other)
    for slot, axis in axes.items():
        if axis is gone:
            axes[slot] = kept


def written_at(emitter: Emitter, term: Scattered, slots: Sequence[Slot], target: str, fresh: bool) -> str:
    """The line that writes a term into the result, which is all zeros if it is `fresh`."""
    choose = emitter.letters.chooser([slot.letter for slot in (*slots, *term.moving) if slot.letter])
    for slot in term.moving:
        slot.letter, slot.rank = choose(slot.space), next(emitter.ranks)
    meets = term.meets
    wish = [*slots, *term.moving]
    axes: list[Axis] = []
    whole = [
        axis
        for axis in term.axes
        if axis.solved is None and sum([axis in each.named for each in term.axes]) == 1
    ]
    for place, axis in enumerate(term.axes):
        behind = not meets or all(each in whole for each in term.axes[place:])
        axes.append(axis if axis in whole and behind else stackless(emitter.affine(axis, wish)))
    there = placed(axes, wish, emitter.library)
    core = stackless(emitter.product(term.flat, there.axes))
    core = aligned(core, there.axes, emitter.library)
    if core.boolean:
        core = emitter.counted(core)
    text = f"{core.text}.0" if core.number and core.text.isdecimal() else core.text
    return _line(emitter, there, text, core.bond, target, meets, fresh)


def _line(
    emitter: Emitter, place: Place, text: str, bond: Bond, target: str, meets: bool, fresh: bool
) -> str:
    if emitter.library.updates:
        verb = "set" if fresh and not meets else "add"
        return f"{target} = {target}.at[{place.text}].{verb}({text})"
    if meets and emitter.library.name == "torch":
        value = f"torch.as_tensor({text}, dtype={target}.dtype, device={target}.device)"
        shown = [f"torch.tensor({mark})" if mark.lstrip("-").isdecimal() else mark for mark in place.shown]
        where = f"({', '.join(shown)}{',' * (len(shown) == 1)})"
        return f"{target}.index_put_({where}, {value}, accumulate=True)"
    if meets:
        where = f"({place.text})" if ", " in place.text else place.text
        return f"np.add.at({target}, {where}, {text})"
    if text.startswith("-") and bond <= Bond.PRODUCT and not fresh:
        return f"{target}[{place.text}] -= {text[1:]}"
    return f"{target}[{place.text}] {'=' if fresh else '+='} {text}"
