"""Affine forms of indices as text: subscripts such as `i+k`, deltas such as δ[i+k, m], conditions.

A dummy j that an equation j = f determines is not written: x_j [j = i + k] is x[i+k]. Where f may run out
of the axis of j, brackets say where it does not.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from indicial.ir.indices import Index, Space
from indicial.ir.nodes import ONE, ZERO, Access, Apply, Compare, Extent, Node, Number, Position
from indicial.ir.traversal import postorder
from indicial.render.conditions import guards
from indicial.render.flattening import Factor, FlatProduct
from indicial.render.numerals import digits
from indicial.render.pieces import Level, Piece, Scope, Slot, Solved
from indicial.simplify.affine import Form, equation, is_inside, solved, summands_by_node
from indicial.simplify.facts import Facts
from indicial.simplify.sums import collected


def _is_bracket(factor: Factor, found: Form, facts: Facts) -> bool:
    """Whether an equation is [i = j] between axes, where one letter for both would make one axis of them.

    A letter that counts from another number than 0 is written as i-1, which is no plain subscript.
    """
    plain = found.offset == ZERO and sorted(found.slopes.values()) == [-1, 1]
    shifted = any(factor.scope.slots[index].origin != ZERO for index in found.slopes)
    return plain and not shifted and not _is_ranged([index.space for index in found.slopes], facts)


def _is_ranged(spaces: Sequence[Space], facts: Facts) -> bool:
    """Whether one of the spaces follows from computed subscripts, and is the axis of no tensor."""
    ranged = {space for (slopes, _), _ in facts.inside for space, _ in slopes if space.axis < 0}
    return not ranged.isdisjoint(spaces)


def _merges(index: Index, value: Form, scope: Scope, facts: Facts) -> bool:
    """Whether an index would be written as another letter alone, with the indices solved before put in."""
    total, constant = dict[Slot, Fraction](), Fraction(0)
    waiting = [(Fraction(1), value, scope)]
    while waiting:
        factor, form, around = waiting.pop()
        if not isinstance(form.offset, Number):
            return False
        constant += factor * form.offset.value
        for each, slope in form.slopes.items():
            slot = around.slots[each]
            if slot.solved is not None:
                waiting.append((factor * slope, slot.solved.value, slot.solved.scope))
            else:
                total[slot] = total.get(slot, Fraction(0)) + factor * slope
    present = [slot for slot, slope in total.items() if slope]
    if constant or len(present) != 1 or total[present[0]] != 1 or present[0].origin != ZERO:
        return False
    spaces = [present[0].space, index.space]
    return spaces[0] != spaces[1] and not _is_ranged(spaces, facts)


def _is_subscript(factor: Factor, slot: Slot) -> bool:
    """Whether an index stands in a factor in conditions and as a tensor's subscript only."""
    indices = [index for index in factor.node.free if factor.scope.slots[index] is slot]
    return all(
        isinstance(node, (Access, Apply, Position))
        for index in indices
        for node in postorder(factor.node)
        if index in node.indices_here
    )


def _as_numbers(flat: FlatProduct, apart: Factor, index: Index) -> int:
    """In how many other factors an index stands as a number: x[m+i] y_i reads better than x_j y[j-m]."""
    slot = apart.scope.slots[index]
    others = [each for each in flat.factors + flat.divisors if each is not apart]
    others = [
        each for each in others if equation(each.node) is not None or not isinstance(each.node, Compare)
    ]
    return sum([any(each.scope.slots[one] is slot for one in _numbers_in(each.node)) for each in others])


def _numbers_in(node: Node) -> set[Index]:
    return {each.index for each in postorder(node) if isinstance(each, Position) and each.index in node.free}


def _serial(index: Index) -> tuple[int, Index]:
    return abs(index.serial), index


def _returns(index: Index, found: Form, factor: Factor) -> bool:
    """Whether an index of an equation stands for a form with this one: an equation before says the same."""
    slot = factor.scope.slots[index]
    return any(slot in factor.scope.slots[other].named for other in found.slopes if other != index)


def solve_entry(flat: FlatProduct) -> None:
    """Take the dummies that equations determine out of an entry in a subscript: no bracket stands there."""
    for factor in list(flat.factors):
        found = equation(factor.node)
        for index in sorted(found.slopes, key=_serial) if found is not None else ():
            slot = factor.scope.slots[index]
            value = solved(found, index) if found is not None and slot in flat.dummies else None
            if value is not None:
                slot.solved = Solved(value, factor.scope)
                flat.dummies.remove(slot)
                flat.factors.remove(factor)
                break


def solve(flat: FlatProduct, facts: Facts, *, inside_only: bool = False) -> None:
    """Take the dummies that equations determine out of a product, and the equations with them.

    With `inside_only` not those whose values may run out of their axes.
    """
    for factor in list(flat.factors):
        found = equation(factor.node)
        if found is None or _is_bracket(factor, found, facts):
            continue
        ways = [
            (
                not is_inside(value, index.space, facts),
                _as_numbers(flat, factor, index),
                position,
                index,
                value,
            )
            for position, index in enumerate(sorted(found.slopes, key=_serial))
            if factor.scope.slots[index] in flat.dummies
            and not _returns(index, found, factor)
            and (value := solved(found, index)) is not None
            and not _merges(index, value, factor.scope, facts)
            and all(_is_subscript(each, factor.scope.slots[index]) for each in flat.factors + flat.divisors)
        ]
        if not ways:
            continue
        runs_out, _, _, index, value = min(ways, key=lambda way: way[:3])
        if runs_out and (inside_only or not value.is_whole):
            continue
        slot = factor.scope.slots[index]
        slot.solved = Solved(value, factor.scope, runs_out)
        flat.dummies.remove(slot)
        flat.factors.remove(factor)
        if runs_out:
            ends = guards(value, index.space, facts)
            present = factor.scope.known.union([each.node for each in flat.factors], [ONE])
            if ZERO in ends:
                flat.coefficient = Fraction(0)
            flat.factors += [Factor(guard, factor.scope) for guard in ends if guard not in present]


@dataclass(slots=True)
class Linear:
    """Σ coefficient · index + Σ coefficient · piece + constant, over indices that have letters."""

    slots: dict[Slot, Fraction] = field(default_factory=dict)
    others: list[tuple[Fraction, Piece]] = field(default_factory=list)
    constant: Fraction = Fraction(0)

    def add(self, other: Linear, factor: Fraction) -> None:
        """Add a multiple of another."""
        for slot, value in other.slots.items():
            self.slots[slot] = self.slots.get(slot, Fraction(0)) + factor * value
        self.others += [(factor * value, piece) for value, piece in other.others]
        self.constant += factor * other.constant

    def times(self, factor: Fraction) -> Linear:
        """A multiple."""
        total = Linear()
        total.add(self, factor)
        return total

    @property
    def leading(self) -> Fraction:
        """The coefficient of the index that a reader meets first."""
        present = [slot for slot, value in self.slots.items() if value]
        first = min(present, key=lambda slot: slot.rank, default=None)
        return Fraction(1) if first is None else self.slots[first]

    def terms(self) -> list[tuple[Fraction, str]]:
        """The terms with their coefficients, in reading order; the constant is not among them."""
        named = sorted([item for item in self.slots.items() if item[1]], key=lambda item: item[0].rank)
        found = [(value, slot.letter) for slot, value in named]
        merged: dict[str, Fraction] = {}
        for value, piece in self.others:
            text = f"({piece.text})" if piece.level > Level.POWER else piece.text
            merged[text] = merged.get(text, Fraction(0)) + (-value if piece.negative else value)
        return [*found, *[(value, text) for text, value in merged.items() if value]]

    def piece(self, text: str, *, bare: bool = False) -> Piece:
        """A piece with this text in which the indices stand, each once."""
        slots = [slot for slot, value in self.slots.items() if value]
        parts = [piece.enclosed() for _, piece in self.others]
        counts = dict.fromkeys([*slots, *[slot for part in parts for slot in part.counts]], 1)
        caught = frozenset[Slot]().union(*[part.caught for part in parts])
        return Piece(text, counts=counts, caught=caught, bare=frozenset(slots if bare else ()))


def text_of(terms: Sequence[tuple[Fraction, str]], constant: Fraction, tight: bool = False) -> str:
    """a + 2 b − c + 1: what is added first, the constant last; `tight` as in a subscript, a+2*b-c+1."""
    plus, minus, times = ("+", "-", "*") if tight else (" + ", " - ", " ")
    parts = [(value, text) for value, text in terms if value > 0]
    parts += [(value, text) for value, text in terms if value < 0]
    result = ""
    for value, text in parts:
        sign = (minus if value < 0 else plus) if result else ("-" if value < 0 else "")
        size = abs(value)
        number = "" if size == 1 else f"{_number(size)}{times}"
        result += sign + number + text
    if constant or not result:
        sign = (minus if constant < 0 else plus) if result else ("-" if constant < 0 else "")
        result += sign + _number(abs(constant))
    return result


def _number(value: Fraction) -> str:
    return digits(value.numerator) + (f"/{digits(value.denominator)}" if value.denominator != 1 else "")


def subscript(linear: Linear, runs_out: bool, lowest: Container[str]) -> str:
    """The text of a position: `i`, `i+k`, `2*i+1`, `0`.

    A letter alone would have the extent of the axis, and mean the place of its value there. It is t+0 where
    it runs out of the axis, or is one of those whose declared range gives them a `lowest` value.
    """
    text = text_of(linear.terms(), linear.constant, tight=True)
    present = [slot for slot, value in linear.slots.items() if value]
    bare = len(present) == 1 and text == present[0].letter
    shifted = bare and present[0].origin != ZERO and text in lowest
    return f"{text}+0" if shifted or (bare and runs_out) else text


def delta_sides(linear: Linear, declared: Collection[Slot]) -> tuple[str, str] | None:
    """The two sides of δ[i+k, m] where a form vanishes; None where it is better a bracket.

    δ_im would make i and m range over one axis, unless both are declared.
    """
    able = [slot for slot, value in linear.slots.items() if abs(value) == 1]
    if not able:
        return None
    last = max(able, key=lambda slot: slot.rank)
    rest = Linear({slot: value for slot, value in linear.slots.items() if slot is not last}, linear.others)
    rest.constant = linear.constant
    turned = rest.times(-1 / linear.slots[last])
    plain = not turned.constant and turned.slots and [value for value, _ in turned.terms()] == [1]
    if plain and not all(slot in declared for slot in linear.slots):
        return None
    text = text_of(turned.terms(), turned.constant, tight=True)
    apart = plain and any(slot.origin != last.origin for slot, value in turned.slots.items() if value)
    return f"{text}+0" if apart else text, last.letter


_HOLDS: dict[str, Callable[[Fraction], bool]] = {
    "<": lambda value: value < 0,
    "<=": lambda value: value <= 0,
    ">": lambda value: value > 0,
    ">=": lambda value: value >= 0,
    "==": lambda value: value == 0,
    "!=": lambda value: value != 0,
}


def closed_difference(left: Node, right: Node) -> Form | None:
    """left − right as a form without indices; None unless both are numbers and extents."""
    total = summands_by_node(left)
    for node, value in summands_by_node(right).items():
        total[node] = total.get(node, Fraction(0)) - value
    known = all(node == ONE or isinstance(node, Extent) for node in total)
    return Form({}, collected(total)) if known else None


def decided(relation: str, linear: Linear) -> bool | None:
    """Whether [f ~ 0] holds, where f is a number; None elsewhere."""
    if linear.terms():
        return None
    return _HOLDS[relation](linear.constant)


_MIRROR = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


def sides(relation: str, linear: Linear, whole: bool) -> tuple[str, str, str]:
    """[f ~ 0] with positive terms on the left: `i <= m`, `j < i + 2`."""
    if relation in (">", ">="):
        linear, relation = linear.times(Fraction(-1)), _MIRROR[relation]
    if relation in ("==", "!=") and linear.leading < 0:
        linear = linear.times(Fraction(-1))
    constant = linear.constant
    if whole and relation in ("<", "<="):
        constant += relation == "<"
        relation = "<" if constant >= 1 else "<="
        constant -= relation == "<"
    left = [(value, text) for value, text in linear.terms() if value > 0]
    right = [(-value, text) for value, text in linear.terms() if value < 0]
    if not left:  # a number stands on the right
        return text_of(right, Fraction(0)), _MIRROR[relation], text_of([], constant)
    above = constant if constant > 0 else Fraction(0)
    return text_of(left, above), relation, text_of(right, above - constant)
