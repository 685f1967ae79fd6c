"""Bodies with deltas between axes: zeroed memory, and one write along each diagonal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from indicial.ir.nodes import Add, Definition, Delta, IndexSum, Mul, Node, Number, Power
from indicial.ir.traversal import stackless
from indicial.render.affine import solve
from indicial.render.flattening import Factor, FlatProduct, distributed, with_own
from indicial.render.pieces import Scope, Slot
from indicial.render.source.code import Bond, Code, aligned
from indicial.render.source.emitter import Emitter
from indicial.render.source.products import leaves
from indicial.render.source.scatter import Scattered, scattered, turned_out, written_at
from indicial.simplify.affine import equation
from indicial.simplify.terms import summands

Pattern = tuple[tuple[int, ...], ...]  # the positions of the axes that are equal, class by class


@dataclass(slots=True)
class Split:
    """The terms of a body by the deltas that they have."""

    dense: dict[object, FlatProduct] = field(default_factory=dict)
    diagonal: dict[Pattern, dict[object, FlatProduct]] = field(default_factory=dict)
    scattered: list[Scattered] = field(default_factory=list)


def write_body(
    emitter: Emitter, definition: Definition, letters: Sequence[str], target: str, shape: str
) -> Code:
    """The value of a body as an expression; where it needs lines of its own, they make `target`."""
    emitter.note(definition.body)
    pairs = zip(definition.formals, letters, strict=True)
    slots = [Slot(formal.space, letter, rank) for rank, (formal, letter) in enumerate(pairs)]
    scope = Scope(dict(zip(definition.formals, slots, strict=True)), frozenset(letters))
    split = _split(emitter, definition.body, scope, slots)
    dense = (
        stackless(emitter.sum(split.dense.values(), slots))
        if split.dense or not (split.diagonal or split.scattered)
        else None
    )
    if not split.diagonal and not split.scattered:
        assert dense is not None
        return _full(emitter, dense, slots, shape)
    core: Code | None = None  # of the only diagonal; what is written once is not written anew
    if dense is None and list(split.diagonal) == [((0, 1),)] and len(slots) == 2 and not split.scattered:
        core = stackless(emitter.sum(split.diagonal[((0, 1),)].values(), slots[:1]))
        if core.axes:
            return Code(f"{emitter.library.prefix}.diag({core.text})", tuple(slots))
    return _written(emitter, split, dense, slots, target, shape, core)


def _split(emitter: Emitter, body: Node, scope: Scope, slots: Sequence[Slot]) -> Split:
    split = Split()
    waiting = [FlatProduct(factors=[Factor(body, scope)])]
    while waiting:
        flat = waiting.pop(0)
        wide = next((factor for factor in flat.factors if _opens(factor, flat, slots)), None)
        if wide is not None:
            terms = distributed(flat, wide, emitter.literal)
            waiting[:0] = [with_own(term, flat.dummies) for term in terms] if flat.dummies else terms
            continue
        deltas = [
            factor
            for factor in flat.factors
            if isinstance(factor.node, Delta) and all(slot in slots for slot in factor.slots)
        ]
        solve(flat, emitter.facts, inside_only=True)
        if turned_out(flat, slots, emitter.facts):
            split.scattered.append(scattered(flat, deltas, slots, emitter.facts))
            continue
        if not deltas:
            _gather(split.dense, flat)
            continue
        flat.factors = [factor for factor in flat.factors if factor not in deltas]
        classes = [{slot} for slot in slots]
        for delta in deltas:
            met = [each for each in classes if each & set(delta.slots)]
            classes = [each for each in classes if each not in met] + [set().union(*met)]
        flat = _on_diagonal(flat, {slot: min(each, key=slots.index) for each in classes for slot in each})
        places = [tuple(sorted(slots.index(slot) for slot in each)) for each in classes if len(each) > 1]
        _gather(split.diagonal.setdefault(tuple(sorted(places)), {}), flat)
    return split


def _on_diagonal(flat: FlatProduct, leader: Mapping[Slot, Slot]) -> FlatProduct:
    """A term where axes are equal: one of them stands for all."""

    def there(factor: Factor) -> Factor:
        own = {index: leader.get(slot, slot) for index, slot in factor.scope.slots.items()}
        return Factor(factor.node, replace(factor.scope, slots=own))

    factors, divisors = [*map(there, flat.factors)], [*map(there, flat.divisors)]
    return replace(flat, factors=factors, divisors=divisors)


def _gather(terms: dict[object, FlatProduct], flat: FlatProduct) -> None:
    """Add a term; one that is there already counts twice."""
    key = object() if flat.dummies else (_members(flat.factors), _members(flat.divisors))
    known = terms.setdefault(key, flat)
    if known is not flat:
        known.coefficient += flat.coefficient


def _members(factors: Sequence[Factor]) -> frozenset[object]:
    count = Counter((factor.node, *_places(factor)) for factor in factors)
    return frozenset(count.items())


def _places(factor: Factor) -> list[int]:
    """What the indices of a factor are: of two that are solved, each has its own form."""
    others = sorted(factor.node.free, key=lambda index: (abs(index.serial), index))
    indices = (*factor.node.indices_here, *others)
    return [id(factor.scope.slots[index]) for index in indices]


def _opens(factor: Factor, flat: FlatProduct, slots: Sequence[Slot]) -> bool:
    """Whether a factor is to be taken apart: a product, or a sum that is all there is or says where."""
    node = factor.node
    if isinstance(node, Add):
        alone = len(flat.factors) == 1 and not flat.divisors and not flat.dummies
        where = any(_is_of_axes(each, factor.scope, slots) for each in leaves(node))
        even = flat.coefficient == 1 or any(abs(each) != 1 for each, _ in summands(node))
        return where or (alone and even)
    return isinstance(node, (Mul, IndexSum)) or _divides(node)


def _divides(node: Node) -> bool:
    return isinstance(node, Power) and isinstance(node.exponent, Number) and node.exponent.value < 0


def _is_of_axes(node: Node, scope: Scope, slots: Sequence[Slot]) -> bool:
    """Whether a factor in a sum is a delta between axes of the result, or an equation between indices."""
    if isinstance(node, Delta):
        return all(scope.slots.get(index) in slots for index in (node.left, node.right))
    return equation(node) is not None


def _full(emitter: Emitter, code: Code, slots: Sequence[Slot], shape: str, fresh: bool = False) -> Code:
    """The value with all axes; where it is constant along one, or must be `fresh` memory, it is filled in."""
    code = aligned(code, slots, emitter.library)
    name = emitter.library.name
    if len(code.axes) == len(slots):
        if not fresh or (code.bond > Bond.ATOM and not emitter.library.updates):
            return replace(code, axes=tuple(slots))
        copied = f"{code.text}.clone()" if name == "torch" else f"{emitter.library.prefix}.array({code.text})"
        return Code(copied, tuple(slots))
    if code.number:
        return Code(emitter.full(shape, code.text), tuple(slots))
    if name == "torch":
        return Code(f"{code.within(Bond.ATOM)}.expand({shape}).clone()", tuple(slots))
    return Code(f"{emitter.library.prefix}.full({shape}, {code.text})", tuple(slots))


def _written(
    emitter: Emitter,
    split: Split,
    dense: Code | None,
    slots: Sequence[Slot],
    target: str,
    shape: str,
    core: Code | None,
) -> Code:
    start = Code(emitter.zeros(shape))
    if dense is not None:
        start = _full(emitter, dense, slots, shape, fresh=True)
    lines = [f"{target} = {start.text}"]
    for count, (pattern, terms) in enumerate(split.diagonal.items()):
        place, axes = _place(emitter, pattern, slots)
        made = stackless(emitter.sum(terms.values(), axes)) if core is None else core
        made = aligned(made, axes, emitter.library)
        text = f"{made.text}.0" if made.number and made.text.isdecimal() else made.text
        first = count == 0 and dense is None
        if emitter.library.updates:
            lines.append(f"{target} = {target}.at[{place}].{'set' if first else 'add'}({text})")
        elif text.startswith("-") and made.bond <= Bond.PRODUCT and not first:
            lines.append(f"{target}[{place}] -= {text[1:]}")
        else:
            lines.append(f"{target}[{place}] {'=' if first else '+='} {text}")
    emitter.lines.extend(lines)
    for count, term in enumerate(split.scattered):
        fresh = count == 0 and dense is None and not split.diagonal
        emitter.lines.append(written_at(emitter, term, slots, target, fresh))
    return Code(target, tuple(slots))


def _place(emitter: Emitter, pattern: Pattern, slots: Sequence[Slot]) -> tuple[str, list[Slot]]:
    """The subscript of a diagonal, and the axes of what stands there, as NumPy orders them."""
    marks = [":"] * len(slots)
    names: list[str] = []
    for order, places in enumerate(pattern):
        name = emitter.position_name([slots[place] for place in places], names)
        names.append(name)
        shown = name + ("" if order == len(pattern) - 1 else f"[:{', None' * (len(pattern) - 1 - order)}]")
        for place in places:
            marks[place] = shown
    advanced = [place for places in pattern for place in places]
    together = max(advanced) - min(advanced) + 1 == len(advanced)
    slices = [slot for place, slot in enumerate(slots) if place not in advanced]
    before = [slot for place, slot in enumerate(slots) if place < min(advanced)] if together else []
    axes = [*before, *[slots[places[0]] for places in pattern], *slices[len(before) :]]
    while marks[-1] == ":":
        marks.pop()
    return ", ".join(marks), axes
