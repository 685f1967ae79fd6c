"""False brackets as strong zeros: which factors and divisors stand in a `where`, and under which brackets.

np.where(i < j, v / r**2, 0.0)     and not     v / r**2 * (i < j)     where r may be 0
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from indicial.ir.nodes import Apply, Definition, Node, Number, Power
from indicial.ir.traversal import postorder
from indicial.render.pieces import Slot
from indicial.render.source.code import Code
from indicial.simplify.strong import has_poles


class Poles:
    """What may be infinite or undefined where the parameters are finite, lines with names included."""

    def __init__(self, bodies: Mapping[Definition, Definition]) -> None:
        self.lines: set[Definition] = set()
        for definition, whole in bodies.items():
            if whole.body in self:
                self.lines.add(definition)

    def __contains__(self, node: Node) -> bool:
        return any(self._is_pole(each) for each in postorder(node))

    def _is_pole(self, node: Node) -> bool:
        match node:
            case Apply(definition, _):
                return definition in self.lines
            case Power(_, Number(exponent)) if exponent.denominator > 1:
                return True  # a root, of what may be negative
        return has_poles(node)


@dataclass(slots=True)
class Hidden:
    """Factors and divisors that are none where one of some brackets is false."""

    brackets: list[Code]
    above: list[Code] = field(default_factory=list)
    below: list[Code] = field(default_factory=list)

    def spans(self, code: Code) -> bool:
        """Whether the whole has all axes of one more."""
        held = {slot for each in (*self.brackets, *self.above, *self.below) for slot in each.axes}
        return held.issuperset(code.axes)


def hidden_ones(
    factors: Sequence[Code], divisors: Sequence[Code], dummies: Collection[Slot]
) -> tuple[list[Hidden], list[Code], list[Code]]:
    """What brackets hide within a sum, then the factors and the divisors that are left.

    A bracket hides what runs over all its axes, or over some of them and no others. One without an axis
    that is summed stands around the sum.
    """
    brackets = [code for code in factors if code.boolean and _meets(code, dummies)]
    singular = [code for code in factors if code.singular and not code.boolean and _meets(code, dummies)]
    groups: list[Hidden] = []
    taken: list[Code] = []
    for code in sorted([*singular, *divisors], key=lambda code: -len(code.axes)):
        own = [each for each in brackets if _is_hiding(each, code)]
        if not own:
            continue
        group = next((each for each in groups if each.brackets == own and each.spans(code)), None)
        if group is None:
            group = Hidden(own)
            groups.append(group)
        (group.below if any(code is each for each in divisors) else group.above).append(code)
        taken.append(code)
    taken += [each for group in groups for each in group.brackets]
    return groups, _without(factors, taken), _without(divisors, taken)


def _meets(code: Code, slots: Collection[Slot]) -> bool:
    return any(slot in slots for slot in code.axes)


def _is_hiding(bracket: Code, code: Code) -> bool:
    one, other = set(bracket.axes), set(code.axes)
    return one <= other or other <= one


def _without(codes: Sequence[Code], taken: Sequence[Code]) -> list[Code]:
    return [code for code in codes if not any(code is each for each in taken)]
