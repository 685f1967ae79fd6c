"""The ranges of indices that stand in computed subscripts.

An index with a declared range or extent has that; one that also stands plain has the extent of that
axis; any other has the largest interval of values from 0 up that keeps every form inside its axis. Where
a form of none but declared and plain indices could still run out, one of the plain ones shrinks: a free
one before a summed one. A form that stands beside a bracket of its own indices is guarded by it, and one
of a delta is 0 where it runs out: neither limits anything. [i > 0] guards x[i-1], not x[i+1]: a bracket of
one index alone guards the end that it bounds.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from indicial.errors import NotationError
from indicial.ir.indices import Space
from indicial.ir.nodes import Add, Extent, Node, Number
from indicial.ir.program import Inside
from indicial.ir.traversal import Stackless, stackless
from indicial.semantics.classes import Classes
from indicial.semantics.scopes import ScopedIndex, Scopes
from indicial.semantics.subscripts import Subscript
from indicial.semantics.vocabulary import special
from indicial.semantics.walk import children
from indicial.semantics.wording import listed, quote
from indicial.syntax import tree


@dataclass(frozen=True, slots=True)
class Held:
    """The axes on which an index stands plain, where its own range may be smaller."""

    index: ScopedIndex


Element = Space | ScopedIndex | str | Held  # an axis, an index in its scope, a named extent, an index's axes
Guard = tuple[
    ScopedIndex, int
]  # an index that a bracket bounds: from below (1), from above (−1), or both (0)
_BOUNDS = {">": 1, ">=": 1, "<": -1, "<=": -1}
Linear = dict[Space | None, Fraction]  # Σ coefficient · extent, with the constant under None


@dataclass(frozen=True, slots=True, eq=False)
class Form:
    """A computed subscript, on an axis of a tensor: Σ slope · index + Σ slope · extent + constant.

    Entries are the slopes of tensors whose entries are read. `guarded` where running out reads 0.
    """

    component: tree.Component
    axis: Space
    slopes: Mapping[ScopedIndex, int]
    extents: Mapping[str | Space, int]
    entries: tuple[tuple[str, int], ...]
    constant: int
    from_the_end: bool
    guarded: bool


def read_forms(source: tree.Source, scopes: Scopes) -> list[Form]:
    """The computed subscripts of a program that are more than a letter."""
    forms: list[Form] = []
    for statement in source.statements:
        stackless(_forms(statement.value, scopes, frozenset(), forms))
    return forms


def _forms(
    node: tree.Expression, scopes: Scopes, guards: frozenset[Guard], forms: list[Form]
) -> Stackless[None]:
    if isinstance(node, tree.Product):
        for factor in node.factors:
            value = factor.value
            while isinstance(value, tree.Negation):
                value = value.value
            if isinstance(value, tree.Iverson):
                guards |= _guards_of(value.condition, scopes)
    if isinstance(node, tree.Call) and node.name == "where":
        guards |= frozenset([(index, 0) for index in _indices_in(node.arguments[0], scopes)])
    if isinstance(node, tree.Component):
        forms.extend(_forms_of(node, scopes, guards))
    for child in children(node):
        yield _forms(child, scopes, guards, forms)


def _guards_of(condition: tree.Comparison, scopes: Scopes) -> frozenset[Guard]:
    """What a bracket bounds: i from below in [i > 0] and [0 < i]; both ways in all that is less plain."""
    indices = _indices_in(condition, scopes)
    below = _BOUNDS.get(condition.relation, 0)
    for side, end in ((condition.left, below), (condition.right, -below)):
        if (
            len(indices) == 1
            and isinstance(side, tree.Tensor)
            and not _indices_in(_other(condition, side), scopes)
        ):
            return frozenset([(index, end) for index in indices])
    return frozenset([(index, 0) for index in indices])


def _other(condition: tree.Comparison, side: tree.Expression) -> tree.Expression:
    return condition.right if side is condition.left else condition.left


def _indices_in(condition: tree.Expression, scopes: Scopes) -> frozenset[ScopedIndex]:
    """The indices that stand in a condition as numbers."""
    found: set[ScopedIndex] = set()
    pending = [condition]
    while pending:
        node = pending.pop()
        if isinstance(node, tree.Tensor) and node in scopes.meaning:
            found.add(scopes.meaning[node])
        elif not isinstance(node, tree.Component):
            pending.extend(children(node))
    return frozenset(found)


def _forms_of(component: tree.Component, scopes: Scopes, guards: Collection[Guard]) -> Iterable[Form]:
    for axis, subscript in enumerate(scopes.subscripts[component]):
        if subscript.letter is not None:
            continue
        by_letter = {place.name: scopes.meaning[place] for place in subscript.letters()}
        slopes = {by_letter[letter]: slope for letter, slope in subscript.slopes.items()}
        yield Form(
            component,
            Space(component.name, axis),
            slopes,
            subscript.extents,
            tuple([(entry.name, slope) for entry, slope in subscript.entries.items()]),
            subscript.constant,
            subscript.from_the_end,
            special(component) is not None or _is_guarded(subscript, slopes, guards),
        )


def _is_guarded(subscript: Subscript, slopes: Mapping[ScopedIndex, int], guards: Collection[Guard]) -> bool:
    """Whether a bracket bounds the indices of a form; that of one, as i + 1, at the end that runs out."""
    ends = {end for index, end in guards if index in slopes}
    if len(slopes) != 1 or subscript.extents or subscript.entries or not subscript.constant:
        return bool(ends)
    (slope,) = slopes.values()
    runs_out = 1 if subscript.constant > 0 else -1  # above or below
    return 0 in ends or -runs_out * (1 if slope > 0 else -1) in ends


# --- which indices have a range of their own -----------------------------------------------------------


def settle(
    text: str,
    forms: Sequence[Form],
    free: Collection[ScopedIndex],
    declared: Collection[ScopedIndex],
    bounded: Collection[ScopedIndex],
    classes: Classes[Element],
) -> list[ScopedIndex]:
    """The indices whose ranges follow from the forms, each behind those that it depends on.

    An index that keeps the range of the axes on which it stands is made one with them; one that is `bounded`
    by a declaration may have fewer values.
    """
    known = list(classes.parent)
    held = {element.index for element in known if isinstance(element, Held)}
    limiting = [form for form in forms if not (form.guarded or form.entries)]
    loose = list(
        dict.fromkeys([i for form in forms for i in form.slopes if i not in held and i not in declared])
    )
    limited = {index for form in limiting for index in form.slopes}
    loose = [index for index in loose if index in limited]
    shrinking: list[ScopedIndex] = []
    for form in limiting:
        if not any(index in loose for index in form.slopes) and not _stays(form, classes):
            able = [index for index in form.slopes if index in held and index not in declared]
            first = [index for index in able if index in free] or able
            if len(first) == 1 and first[0] not in shrinking:
                shrinking.append(first[0])
    for index in held:
        if index not in shrinking and index not in bounded:
            classes.union(Held(index), index)
    return _ordered(text, limiting, shrinking + loose)


def _stays(form: Form, classes: Classes[Element]) -> bool:
    """Whether a form is n − 1 − i for an index i of an axis of n entries."""
    if len(form.slopes) != 1 or form.constant != -1 or list(form.extents.values()) != [1]:
        return False
    ((index, slope),) = form.slopes.items()
    (name,) = form.extents
    return slope == -1 and len({classes.find(e) for e in (form.axis, Held(index), name)}) == 1


def _ordered(text: str, forms: Sequence[Form], ranged: list[ScopedIndex]) -> list[ScopedIndex]:
    """Each ranged index behind those in its forms; two that wait for each other leave a choice."""
    done: list[ScopedIndex] = []
    while len(done) < len(ranged):
        waiting = [index for index in ranged if index not in done]
        for index in waiting:
            beside = {other for form in forms if index in form.slopes for other in form.slopes}
            if not any(other in waiting for other in beside if other is not index):
                done.append(index)
                break
        else:
            form = next(form for form in forms if sum(index in waiting for index in form.slopes) > 1)
            letters = [f"'{index.letter}'" for index in form.slopes if index in waiting]
            raise NotationError(
                f"nothing says how the values of {quote(text, form.component.span)} are shared between "
                f"{listed(letters)}",
                source=text,
                span=form.component.span,
                hint=f"declare one of them: index {letters[0][1:-1]}: 3",
            )
    return done


# --- their ranges --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ranges:
    """Where indices begin, and what keeps computed subscripts inside their axes.

    origins  the smallest value of each index, if that is not 0
    inside   one condition a form, over positions that count from 0
    ranged   the spaces whose extents follow from the conditions, in order
    """

    origins: Mapping[ScopedIndex, Node]
    inside: tuple[Inside, ...]
    ranged: tuple[Space, ...]


def read_ranges(
    text: str,
    forms: Sequence[Form],
    ranged: Sequence[ScopedIndex],
    lowest: Mapping[ScopedIndex, int],
    spaces: Mapping[Element, Space],
) -> Ranges:
    """The ranges of the indices, once every index has its space; `lowest` is what declarations say."""
    origins: dict[ScopedIndex, Linear] = {index: {None: Fraction(low)} for index, low in lowest.items()}
    limiting = [form for form in forms if not (form.guarded or form.entries)]
    for index in ranged:
        origins[index] = _origin(text, index, limiting, origins, spaces)
    inside = [_inside(text, form, origins, spaces) for form in forms if not form.guarded]
    for element, axis in spaces.items():
        if isinstance(element, Held) and spaces[element.index] != axis:
            index = element.index
            offset = _node(origins.get(index, {}))
            place = index.span
            inside.append(Inside(((spaces[index], 1),), offset, axis, axis, quote(text, place), place))
    nodes = {index: _node(linear) for index, linear in origins.items() if any(linear.values())}
    return Ranges(nodes, tuple(inside), tuple(dict.fromkeys([spaces[index] for index in ranged])))


def _offset(form: Form, origins: Mapping[ScopedIndex, Linear], spaces: Mapping[Element, Space]) -> Linear:
    """What is left of a form when its indices count from 0."""
    total: Linear = {None: Fraction(form.constant)}
    for name, slope in form.extents.items():
        _add(total, {spaces[name]: Fraction(slope)})
    for index, slope in form.slopes.items():
        _add(total, origins.get(index, {}), slope)
    if form.from_the_end:
        _add(total, {spaces[form.axis]: Fraction(1)})
    return total


def _inside(
    text: str, form: Form, origins: Mapping[ScopedIndex, Linear], spaces: Mapping[Element, Space]
) -> Inside:
    slopes = tuple([(spaces[index], slope) for index, slope in form.slopes.items()])
    offset = _node(_offset(form, origins, spaces))
    place = form.component.span
    return Inside(slopes, offset, spaces[form.axis], form.axis, quote(text, place), place, form.entries)


def _origin(
    text: str,
    index: ScopedIndex,
    forms: Sequence[Form],
    origins: Mapping[ScopedIndex, Linear],
    spaces: Mapping[Element, Space],
) -> Linear:
    """The smallest value from 0 up with which no form begins outside its axis."""
    floor, several = 0, []
    for form in forms:
        if index not in form.slopes:
            continue
        slope = form.slopes[index]
        low = _offset(form, {i: o for i, o in origins.items() if i is not index}, spaces)
        for other, own in form.slopes.items():
            if other is not index and (own < 0) == (slope > 0):  # at its last value the form is extreme
                _add(low, {spaces[other]: Fraction(own), None: Fraction(-own)})
        if slope < 0:
            _add(low, {spaces[form.axis]: Fraction(-1), None: Fraction(1)})
        bound: Linear = {space: -value / slope for space, value in low.items() if value}
        if not any(space is not None for space in bound):
            floor = max(floor, ceil(bound.get(None, Fraction(0))))
        elif any(value > 0 for space, value in bound.items() if space is not None):
            several.append(bound)
    several = [dict(items) for items in dict.fromkeys([tuple(sorted(b.items(), key=str)) for b in several])]
    if not several:
        return {None: Fraction(floor)}
    simple = all(value.denominator == 1 for value in several[0].values())
    at_one = sum(several[0].values())
    falls = any(value < 0 for space, value in several[0].items() if space is not None)
    if len(several) > 1 or not simple or falls or at_one < floor:
        raise NotationError(
            f"the values of index '{index.letter}' begin where the extents of several axes decide",
            source=text,
            span=index.span,
            hint=f"declare its range: index {index.letter}: 1..9",
        )
    return several[0]


def _add(total: Linear, part: Linear, factor: int = 1) -> None:
    for space, value in part.items():
        total[space] = total.get(space, Fraction(0)) + factor * value


def _node(linear: Linear) -> Node:
    """Σ coefficient · extent + constant as an expression."""
    constant = Number(linear.get(None, Fraction(0)))
    terms = [Number(value) * Extent(space) for space, value in linear.items() if space is not None and value]
    return Add((constant, *terms)) if terms else constant
