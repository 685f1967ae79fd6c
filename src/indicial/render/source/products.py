"""Sums and products as expressions: what is multiplied with what, and in which order."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction

from indicial.ir.nodes import Add, IndexSum, Mul, Node
from indicial.render.affine import solve
from indicial.render.flattening import Factor, FlatProduct, distributed, flattened, turn, with_own
from indicial.render.numerals import split
from indicial.render.ordering import in_reading_order
from indicial.render.pieces import Scope, Slot
from indicial.render.source.code import Bond, Code, aligned, multiplied, negated, union
from indicial.render.source.contraction import contracted
from indicial.render.source.hiding import hidden_ones
from indicial.render.source.reading import Emitting, Reader

_MANY = 32  # terms or factors in one expression


class Products(Reader):
    """Writes sums and products, given how their factors are written."""

    @abstractmethod
    def factor(self, factor: Factor, wish: Sequence[Slot]) -> Emitting:
        """Anything that is no product of several factors."""

    def expression(self, node: Node, scope: Scope, wish: Sequence[Slot]) -> Emitting:
        """Anything; its axes come in the order of the wish where they are in it."""
        if not isinstance(node, Add):
            return self.product(flattened(node, scope, self.literal), wish)
        return self.sum([flattened(term, scope, self.literal) for term in node.terms], wish)

    def sum(self, terms: Iterable[FlatProduct], wish: Sequence[Slot]) -> Emitting:
        """a + b − c: what is added stands first."""
        parts: list[tuple[bool, Code]] = []
        for term in [part for each in terms for part in self.spread(each)]:
            turn(term)
            negative = term.coefficient < 0
            term.coefficient = abs(term.coefficient)
            parts.append((negative, (yield self.product(term, wish))))
        while len(parts) > _MANY:  # Python does not read sums of any length
            chunks = [parts[k : k + _MANY] for k in range(0, len(parts), _MANY)]
            parts = [(False, self.named(self.added(chunk, wish))) for chunk in chunks]
        return self.added(parts, wish)

    def spread(self, flat: FlatProduct) -> list[FlatProduct]:
        """A product as several, where a sum in it would be larger than all that it is made of."""
        done: list[FlatProduct] = []
        waiting = [flat]
        while waiting:
            current = waiting.pop()
            wide = next((factor for factor in current.factors if _is_larger(factor.node, current)), None)
            if wide is None:
                done.append(current)
            else:
                terms = distributed(current, wide, self.literal)
                waiting += [with_own(term, current.dummies) for term in reversed(terms)]
        return done

    def product(self, flat: FlatProduct, wish: Sequence[Slot]) -> Emitting:
        """number · factors / divisors, the dummies summed."""
        spread = self.spread(flat)
        if len(spread) > 1:
            result: Code = yield self.sum(spread, wish)
            return result
        solve(flat, self.facts)
        choose = self.letters.chooser([slot.letter for slot in _slots(flat) if slot.letter])

        def meet(slot: Slot) -> None:
            slot.letter, slot.rank = choose(slot.space), next(self.ranks)

        turn(flat)
        factors = in_reading_order(flat.factors, self.leaves, meet)
        divisors = in_reading_order(flat.divisors, self.leaves, meet)
        inner = [*wish, *[slot for slot in flat.dummies if slot not in wish]]
        above: list[Code] = []
        below: list[Code] = []
        for factor in factors:
            above.append((yield self.factor(factor, inner)))
        for factor in divisors:
            below.append(self.counted((yield self.factor(factor, inner))))
        if any(code.boolean for code in above):
            above = [self.marked(code, factor) for code, factor in zip(above, factors, strict=True)]
        within = [code for code in below if any(slot in flat.dummies for slot in code.axes)]
        below = [code for code in below if not any(code is each for each in within)]
        parts = [
            self.summed(group, own, wish) if own else group[0]
            for group, own in _groups(self.divided(above, within, flat.dummies, inner), flat.dummies)
        ]
        while len(parts) > _MANY:
            chunks = [parts[k : k + _MANY] for k in range(0, len(parts), _MANY)]
            parts = [self.named(multiplied(chunk, wish, self.library)) for chunk in chunks]
        return self.quotient(flat.coefficient, parts, below, wish)

    def marked(self, code: Code, factor: Factor) -> Code:
        """A factor beside brackets: may it be infinite or undefined where they are false?"""
        return replace(code, singular=not code.boolean and not code.number and factor.node in self.poles)

    def summed(self, codes: list[Code], dummies: Sequence[Slot], wish: Sequence[Slot]) -> Code:
        """Factors that share dummies, summed over these."""
        code = contracted(self.counting(codes), dummies, wish, self.library, self.named)
        return replace(code, singular=any(each.singular for each in codes))

    def divided(
        self, factors: Sequence[Code], divisors: Sequence[Code], dummies: Sequence[Slot], wish: Sequence[Slot]
    ) -> list[Code]:
        """The factors of a sum, divisors among them; what brackets in it hide is 0 where they are false."""
        groups, factors, divisors = hidden_ones(factors, divisors, dummies)
        inverses = [Code(f"1 / {each.within(Bond.SIGN)}", each.axes, Bond.PRODUCT) for each in divisors]
        hidden = [
            self.where(each.brackets, self.quotient(Fraction(1), each.above, each.below, wish), wish)
            for each in groups
        ]
        return [*factors, *[replace(each, singular=True) for each in (*inverses, *hidden)]]

    def counting(self, codes: list[Code]) -> list[Code]:
        """The factors of a contraction, brackets as numbers where the library does not make them such.

        NumPy and JAX multiply one bracket by numbers; but sums, and products, of truth values are none.
        """
        shared = [slot for code in codes if not code.boolean for slot in code.axes]
        one = sum([code.boolean for code in codes]) == 1 and self.library.name != "torch"
        return [
            code if one and all(slot in shared for slot in code.axes) else self.counted(code)
            for code in codes
        ]

    def quotient(
        self, coefficient: Fraction, factors: list[Code], divisors: list[Code], wish: Sequence[Slot]
    ) -> Code:
        """coefficient · a · b / (c · d); scalars first, and a false bracket is a strong zero."""
        brackets = [code for code in factors if code.boolean]
        rest = [code for code in factors if not code.boolean]
        if brackets and not divisors and all(code.number for code in rest):
            axes = union([code.axes for code in brackets], wish)
            return self.quotient(coefficient, [*rest, self.counted(self.both(brackets, axes))], [], wish)
        if brackets and (divisors or any(code.singular for code in rest)):
            return self.where(brackets, self.quotient(coefficient, rest, divisors, wish), wish)
        factors, divisors = self.averaged(factors, divisors)
        if _is_outer(factors) and not any(code.axes for code in divisors):
            return self.outer(coefficient, factors, divisors, wish)
        # scalars first; no bracket first, as it has no minus sign
        factors = sorted(factors, key=lambda code: (len(code.axes) > 0, code.boolean))
        top, bottom = split(abs(coefficient)) if coefficient else ("0", "1")
        if top != "1" or not factors:
            factors = [Code(top, number=True), *factors]
        code = multiplied(factors, wish, self.library)
        if bottom != "1":
            divisors = [Code(bottom, number=True), *divisors]
        if divisors:
            under = multiplied(divisors, wish, self.library)
            axes = union([code.axes, under.axes], wish)
            one, other = aligned(code, axes, self.library), aligned(under, axes, self.library)
            text = f"{one.within(Bond.PRODUCT)} / {other.within(Bond.SIGN)}"
            code = Code(text, axes, Bond.PRODUCT, code.number and under.number)
        if coefficient < 0:
            return Code(f"-{negated(code)}", code.axes, Bond.PRODUCT, code.number)
        return code

    def averaged(self, factors: list[Code], divisors: list[Code]) -> tuple[list[Code], list[Code]]:
        """np.sum(x) / x.shape[0] as np.mean(x)."""
        for place, code in enumerate(factors):
            counts = [self.extent(slot.space) for slot in code.over]
            found = [next((each for each in divisors if each.text == count), None) for count in counts]
            if code.averaged and None not in found and len(set(map(id, found))) == len(found):
                divisors = [each for each in divisors if not any(each is own for own in found)]
                mean = Code(code.averaged, code.axes)
                factors = [*factors[:place], mean, *factors[place + 1 :]]
        return factors, divisors

    def outer(
        self, coefficient: Fraction, factors: list[Code], divisors: list[Code], wish: Sequence[Slot]
    ) -> Code:
        """A product that is larger than its factors; what is a number goes into the first of them."""
        whole = union([code.axes for code in factors], wish)
        known: dict[frozenset[Slot], list[Code]] = {}
        for code in sorted(factors, key=lambda code: code.boolean):
            known.setdefault(frozenset(code.axes), []).append(code)
        numbers = known.pop(frozenset(), [])
        groups = list(known.values())
        flat = len(groups) == 2 and len(whole) == 2
        if flat:
            groups.sort(key=lambda group: whole.index(group[0].axes[0]))
        first = self.quotient(coefficient, [*numbers, *groups[0]], divisors, wish)
        others = [multiplied(group, wish, self.library) for group in groups[1:]]
        if flat:
            return Code(f"{self.library.prefix}.outer({first.text}, {others[0].text})", whole)
        shown = [aligned(code, whole, self.library) for code in (first, *others)]
        texts = [
            code.text if k == 0 and code.bond == Bond.PRODUCT else code.within(Bond.SIGN)
            for k, code in enumerate(shown)
        ]
        return Code(" * ".join(texts), whole, Bond.PRODUCT)

    def where(self, brackets: Sequence[Code], rest: Code, wish: Sequence[Slot]) -> Code:
        """rest where all brackets hold, else 0."""
        axes = union([code.axes for code in (*brackets, rest)], wish)
        condition = self.both(brackets, axes).text
        value = aligned(rest, axes, self.library).text
        value = f"{value}.0" if rest.number and value.isdecimal() else value
        self.hides = self.hides or not rest.number
        chosen = Code(f"{self.library.prefix}.where({condition}, {value}, 0.0)", axes)
        return self.cast(chosen) if rest.number else chosen


def _slots(flat: FlatProduct) -> list[Slot]:
    return [slot for factor in (*flat.factors, *flat.divisors) for slot in factor.slots]


def _is_larger(node: Node, flat: FlatProduct) -> bool:
    """Whether a sum under a contraction has more axes than what its terms are made of.

    Σ_i (b_m c_i + c_m b_i) x_i never becomes a matrix. A difference of vectors does, as it may cancel.
    """
    axes = len(node.free)
    if not isinstance(node, Add) or not flat.dummies or axes < 2:
        return False
    products = [term for term in node.terms if isinstance(term, Mul) and len(term.free) == axes]
    return (axes > 2 or bool(products)) and all(len(each.free) < axes for each in leaves(node))


def _is_outer(codes: Sequence[Code]) -> bool:
    """Whether a product has more axes than any of its factors."""
    axes = {slot for code in codes for slot in code.axes}
    return len(axes) > 1 and all(len(code.axes) < len(axes) for code in codes)


def _groups(codes: Sequence[Code], dummies: Sequence[Slot]) -> list[tuple[list[Code], list[Slot]]]:
    """Factors that share dummies together, with these."""
    groups: list[tuple[list[Code], list[Slot]]] = []
    for code in codes:
        own = [slot for slot in dummies if slot in code.axes]
        met = [group for group in groups if any(slot in group[1] for slot in own)]
        members = [each for group in met for each in group[0]]
        shared = dict.fromkeys([slot for group in met for slot in group[1]] + own)
        groups = [group for group in groups if group not in met]
        groups.append(([*members, code], list(shared)))
    return groups


def leaves(node: Node) -> list[Node]:
    """The factors of the terms of a sum."""
    found: list[Node] = []
    waiting = [node]
    while waiting:
        current = waiting.pop()
        if isinstance(current, (Add, Mul, IndexSum)):
            waiting.extend(current.children)
        else:
            found.append(current)
    return found
