"""The walk over a body that writes it as expressions over arrays."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction

from indicial.errors import BackendError
from indicial.ir.abstract import spelled
from indicial.ir.indices import Index
from indicial.ir.nodes import (
    HALF,
    ZERO,
    Abstract,
    Access,
    Add,
    Apply,
    Call,
    Compare,
    Constant,
    Delta,
    Epsilon,
    Extent,
    IndexProd,
    IndexSum,
    Mul,
    Node,
    Number,
    Operation,
    Position,
    Power,
)  # fmt: skip
from indicial.ir.operators import OPERATORS
from indicial.render.affine import solve
from indicial.render.flattening import Factor, FlatProduct, distributed, flattened, turn, with_own
from indicial.render.ordering import in_reading_order
from indicial.render.pieces import Scope, Slot
from indicial.render.source import operators
from indicial.render.source.code import Bond, Code, aligned, multiplied, negated, union
from indicial.render.source.contraction import along, contracted, reduced
from indicial.render.source.reading import Emitting, Reader

_OF_NUMBERS = frozenset({"sqrt", "exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh"})
_MANY = 32  # terms or factors in one expression


class Emitter(Reader):
    """Writes the bodies of a program's definitions as expressions."""

    # --- sums and products ------------------------------------------------------------------------------

    def expression(self, node: Node, scope: Scope, wish: Sequence[Slot]) -> Emitting:
        """Anything; its axes come in the order of the wish where they are in it."""
        if not isinstance(node, Add):
            return self.product(flattened(node, scope, self.literal), wish)
        return self.sum([flattened(term, scope, self.literal) for term in node.terms], wish)

    def sum(self, terms: Iterable[FlatProduct], wish: Sequence[Slot]) -> Emitting:
        """a + b − c: what is added stands first."""
        parts: list[tuple[bool, Code]] = []
        for term in [each for term in terms for each in self.spread(term)]:
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
            return (yield self.sum(spread, wish))
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
            code: Code = yield self.factor(factor, inner)
            if any(slot in flat.dummies for slot in code.axes):
                inverse = Code(f"1 / {code.within(Bond.SIGN)}", code.axes, Bond.PRODUCT)
                brackets = [each for each in above if each.boolean and set(each.axes) <= set(code.axes)]
                above = [each for each in above if each not in brackets]
                above.append(self.where(brackets, inverse, inner) if brackets else inverse)
            else:
                below.append(code)
        if self.library.name == "torch" and flat.dummies:
            above = [self.counted(code) for code in above]
        groups = [(_counting(group) if own else group, own) for group, own in _groups(above, flat.dummies)]
        parts = [
            contracted(group, own, wish, self.library, self.named) if own else group[0] for group, own in groups
        ]
        while len(parts) > _MANY:
            chunks = [parts[k : k + _MANY] for k in range(0, len(parts), _MANY)]
            parts = [self.named(multiplied(chunk, wish, self.library)) for chunk in chunks]
        return self.quotient(flat.coefficient, parts, below, wish)

    def counted(self, code: Code) -> Code:
        """A bracket as numbers, which a contraction asks for."""
        kind = f"{self.parameters[0]}.dtype" if self.parameters else "torch.get_default_dtype()"
        if code.boolean and code.number:
            return Code(f"float({code.text})", number=True)
        return Code(f"({code.text}).to({kind})", code.axes) if code.boolean else code

    def quotient(
        self, coefficient: Fraction, factors: list[Code], divisors: list[Code], wish: Sequence[Slot]
    ) -> Code:
        """coefficient · a · b / (c · d); scalars first, and a false bracket is a strong zero."""
        brackets = [code for code in factors if code.boolean]
        if brackets and (divisors or len(brackets) == len(factors)):
            rest = [code for code in factors if not code.boolean]
            if not rest and not divisors:
                return self.numbers(coefficient, brackets, wish)
            return self.where(brackets, self.quotient(coefficient, rest, divisors, wish), wish)
        factors, divisors = self.averaged(factors, divisors)
        if _is_outer(factors) and not any(code.axes for code in divisors):
            return self.outer(coefficient, factors, divisors, wish)
        # scalars first; no bracket first, as it has no minus sign
        factors = sorted(factors, key=lambda code: (len(code.axes) > 0, code.boolean))
        top, bottom = abs(coefficient.numerator), coefficient.denominator
        if top != 1 or not factors:
            factors = [Code(str(top), number=True), *factors]
        code = multiplied(factors, wish, self.library)
        if bottom != 1:
            divisors = [Code(str(bottom), number=True), *divisors]
        if divisors:
            under = multiplied(divisors, wish, self.library)
            axes = union([code.axes, under.axes], wish)
            one, other = aligned(code, axes, self.library), aligned(under, axes, self.library)
            text = f"{one.within(Bond.PRODUCT)} / {other.within(Bond.SIGN)}"
            code = Code(text, axes, Bond.PRODUCT, code.number and under.number)
        if coefficient < 0:
            return Code(f"-{negated(code)}", code.axes, Bond.PRODUCT, code.number)
        return code

    def numbers(self, coefficient: Fraction, brackets: Sequence[Code], wish: Sequence[Slot]) -> Code:
        """A multiple of brackets, as numbers."""
        torch = self.library.name == "torch"
        codes = [self.counted(bracket) if torch else bracket for bracket in brackets]
        size = Code(str(float(coefficient)), bond=Bond.PRODUCT if coefficient < 0 else Bond.ATOM, number=True)
        return multiplied(codes if torch and coefficient == 1 else [size, *codes], wish, self.library)

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
        texts = [code.text if k == 0 and code.bond == Bond.PRODUCT else code.within(Bond.SIGN) for k, code in enumerate(shown)]
        return Code(" * ".join(texts), whole, Bond.PRODUCT)

    def where(self, brackets: Sequence[Code], rest: Code, wish: Sequence[Slot]) -> Code:
        """rest where all brackets hold, else 0."""
        axes = union([code.axes for code in (*brackets, rest)], wish)
        parts = [aligned(code, axes, self.library) for code in brackets]
        condition = parts[0].text if len(parts) == 1 else " & ".join([f"({part.text})" for part in parts])
        value = aligned(rest, axes, self.library).text
        value = f"{value}.0" if rest.number and value.isdecimal() else value
        text = f"{self.library.prefix}.where({condition}, {value}, 0.0)"
        return Code(text, axes)

    # --- factors ----------------------------------------------------------------------------------------

    def factor(self, factor: Factor, wish: Sequence[Slot]) -> Emitting:
        """Anything that is no product of several factors."""
        code: Code = yield self.plain(factor, wish)
        return self.short(code)

    def plain(self, factor: Factor, wish: Sequence[Slot]) -> Emitting:
        node, scope = factor.node, factor.scope
        match node:
            case Access(name, indices) | Apply(name, indices):
                return self.tensor(self.names[name], [scope.slots[index] for index in indices], wish)
            case Delta(left, right):
                return self.delta(scope.slots[left], scope.slots[right])
            case Epsilon(indices):
                return self.epsilon([scope.slots[index] for index in indices])
            case Position(index):
                return self.position(scope.slots[index])
            case Power(base, exponent):
                return self.power(base, exponent, scope, wish)
            case Call(function, arguments):
                return self.call(function, arguments, scope, wish)
            case Abstract(function, orders, arguments):
                return self.declared(self.names[spelled(function, orders)], arguments, scope, wish)
            case Compare():
                return self.comparison(node, scope, wish)
            case IndexProd(indices, body):
                return self.index_product(indices, body, scope, wish)
            case Operation():
                return self.operation(node, scope, wish)
            case Add() | Mul() | IndexSum():
                return self.expression(node, scope, wish)
        return self.constant(node)

    def constant(self, node: Node) -> Emitting:
        match node:
            case Number(value):
                return Code(
                    str(value), bond=Bond.ATOM if value.denominator == 1 else Bond.PRODUCT, number=True
                )
            case Constant(name):
                return Code(f"{self.library.prefix}.{name}", number=True)
            case Extent(space):
                text = self.extent(space)
                return Code(text, bond=Bond.SUM if " " in text else Bond.ATOM, number=True)
        raise BackendError(f"there is no source code yet for a {type(node).__name__}")
        yield

    def delta(self, left: Slot, right: Slot) -> Emitting:
        """δ in the middle of an expression: where two positions are equal."""
        one: Code = yield self.position(left)
        other: Code = yield self.position(right)
        axes = (left, right)
        texts = [aligned(code, axes, self.library).text for code in (one, other)]
        return Code(" == ".join(texts), axes, Bond.COMPARISON, boolean=True)

    def position(self, slot: Slot) -> Emitting:
        if slot.solved is not None:
            code: Code = yield self.affine(slot, [])
            return code
        return Code(self.position_name([slot]), (slot,))

    def epsilon(self, slots: Sequence[Slot]) -> Emitting:
        """The Levi-Civita symbol as an array of signs."""
        rank = len(slots)
        if rank > 4:
            raise BackendError(f"no source code is written for a Levi-Civita symbol of rank {rank}")
        if rank not in self.epsilons:
            self.epsilons[rank] = f"epsilon{'' if not self.epsilons else rank}"
        return self.diagonal(Code(self.epsilons[rank], tuple(slots)))
        yield

    def power(self, base: Node, exponent: Node, scope: Scope, wish: Sequence[Slot]) -> Emitting:
        below: Code = yield self.expression(base, scope, wish)
        if exponent == HALF:
            return self.called("sqrt", [below], below.axes)
        above: Code = yield self.expression(exponent, scope, wish)
        axes = union([below.axes, above.axes], wish)
        left, right = aligned(below, axes, self.library), aligned(above, axes, self.library)
        text = f"{left.within(Bond.ATOM)}**{right.within(Bond.ATOM)}"
        return Code(text, axes, Bond.POWER, left.number and right.number)

    def call(self, function: str, arguments: Sequence[Node], scope: Scope, wish: Sequence[Slot]) -> Emitting:
        codes: list[Code] = []
        for place, argument in enumerate(arguments):
            if function == "where" and place == 0:
                codes.append((yield self.condition(argument, scope, wish)))
            else:
                codes.append((yield self.expression(argument, scope, wish)))
        axes = union([code.axes for code in codes], wish)
        parts = [aligned(code, axes, self.library) for code in codes]
        if function in ("max", "min") and self.library.name == "torch" and any(code.number for code in codes):
            limit, other = sorted(parts, key=lambda code: not code.number)
            bound = "min" if function == "max" else "max"
            return Code(f"torch.clamp({other.text}, {bound}={limit.text})", axes)
        return self.called(function, parts, axes)

    def called(self, function: str, parts: list[Code], axes: tuple[Slot, ...]) -> Code:
        """A function of arrays with these axes; PyTorch's functions take no numbers."""
        if self.library.name == "torch" and all(part.number for part in parts):
            if function in _OF_NUMBERS:
                return Code(self.say(f"math.{function}({{0}})", parts[0].text), number=True)
            parts = [self.tensor_of(part) for part in parts]
        pattern = self.library.functions[function]
        if pattern.count("{0}") > 1:
            parts = [self.named(part) for part in parts]
        first = pattern.split("{0}")[0]
        bare = first.endswith("(") or pattern.startswith("{0}")
        if "-{0}" in pattern and parts[0].text.startswith("-") and parts[0].bond <= Bond.PRODUCT:
            pattern, parts = pattern.replace("-{0}", "{0}"), [replace(parts[0], text=parts[0].text[1:])]
            bare = pattern.count("{0}") == 1
        texts = [
            part.text if bare and not pattern.startswith("{0}") else part.within(Bond.ATOM) for part in parts
        ]
        bond = Bond.PRODUCT if " * " in pattern.split("(")[0] or pattern.startswith("0.5") else Bond.ATOM
        return Code(self.say(pattern, *texts), axes, bond)

    def tensor_of(self, code: Code) -> Code:
        """A number as a tensor of the parameters' type."""
        kind = f", dtype={self.parameters[0]}.dtype" if self.parameters else ""
        return Code(f"torch.tensor({code.text}{kind})")

    def declared(self, name: str, arguments: Sequence[Node], scope: Scope, wish: Sequence[Slot]) -> Emitting:
        """A declared function, which is a parameter."""
        codes: list[Code] = []
        for argument in arguments:
            codes.append((yield self.expression(argument, scope, wish)))
        axes = union([code.axes for code in codes], wish)
        texts = [aligned(code, axes, self.library).text for code in codes]
        return Code(f"{name}({', '.join(texts)})", axes)

    def condition(self, node: Node, scope: Scope, wish: Sequence[Slot]) -> Emitting:
        """The condition of `where`."""
        bracket = node if isinstance(node, (Compare, Delta)) else Compare("!=", node, ZERO)
        return self.plain(Factor(bracket, scope), wish)

    def comparison(self, node: Compare, scope: Scope, wish: Sequence[Slot]) -> Emitting:
        left: Code = yield self.expression(node.left, scope, wish)
        right: Code = yield self.expression(node.right, scope, wish)
        axes = union([left.axes, right.axes], wish)
        one, other = aligned(left, axes, self.library), aligned(right, axes, self.library)
        text = f"{one.within(Bond.SUM)} {node.relation} {other.within(Bond.SUM)}"
        return Code(text, axes, Bond.COMPARISON, one.number and other.number, boolean=True)

    # --- operators over indices -------------------------------------------------------------------------

    def bound(self, indices: Sequence[Index], scope: Scope) -> tuple[list[Slot], Scope]:
        """Indices for the dummies of an operator."""
        choose = self.letters.chooser([slot.letter for slot in scope.slots.values()])
        slots = [Slot(index.space, choose(index.space), next(self.ranks)) for index in indices]
        return slots, scope.binding(indices, slots)

    def index_product(
        self, indices: Sequence[Index], body: Node, scope: Scope, wish: Sequence[Slot]
    ) -> Emitting:
        slots, inside = self.bound(indices, scope)
        code: Code = yield self.expression(body, inside, [*wish, *slots])
        for slot in slots:
            if slot not in code.axes:
                extent = self.whole(slot)
                code = Code(f"{code.within(Bond.ATOM)}**{extent}", code.axes, Bond.POWER)
        return reduced("prod", code, [slot for slot in slots if slot in code.axes], self.library)

    def operation(self, node: Operation, scope: Scope, wish: Sequence[Slot]) -> Emitting:
        """An operator along axes, the others being batch axes."""
        slots, inside = self.bound(node.indices, scope)
        codes: list[Code] = []
        for argument in node.arguments:
            code: Code = yield self.expression(argument, inside, [*wish, *slots])
            held = OPERATORS[node.operator].held(len(codes), tuple(slots))
            codes.append(self.along_all(code, held, [*wish, *slots]))
        outer = [scope.slots[index] for index in node.at]
        row = OPERATORS[node.operator]
        kept = dict(zip(row.kept(tuple(slots)), outer, strict=True))
        if node.operator == "solve":
            code = operators.solution(codes, slots, wish, self)
        elif node.operator in self.library.linear:
            code = operators.of_matrix(node.operator, codes[0], slots, bool(kept), self)
        elif kept:
            code = self.kept(node.operator, codes[0], slots)
        else:
            code = operators.reduction(node.operator, codes[0], slots, self)
        self.say(code.text.replace("{", "{{").replace("}", "}}"))
        axes = tuple([kept.get(slot, slot) for slot in code.axes])
        return self.diagonal(Code(code.text, axes, code.bond))

    def along_all(self, code: Code, slots: Sequence[Slot], wish: Sequence[Slot]) -> Code:
        """An array along all of some indices, along which it may be constant."""
        missing = [slot for slot in slots if slot not in code.axes]
        ones = [Code(self.zeros(f"({self.extent(slot.space)},)").replace("zeros(", "ones("), (slot,)) for slot in missing]
        return multiplied([code, *ones], wish, self.library)

    def kept(self, operator: str, code: Code, slots: Sequence[Slot]) -> Code:
        """An operator whose axes stay: softmax, cumsum, …"""
        if operator not in self.library.reduce:
            return operators.softmax(operator, code, slots, self)
        if self.library.reduce[operator].count("{0}") > 1:
            code = self.named(code)
        return along(operator, code, slots, self.library)


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


def _counting(codes: list[Code]) -> list[Code]:
    """The factors of a contraction, several brackets among them as numbers: sums of truth values are none."""
    if sum([code.boolean for code in codes]) < 2:
        return codes
    return [Code(f"1.0 * ({c.text})", c.axes, Bond.PRODUCT) if c.boolean else c for c in codes]


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
