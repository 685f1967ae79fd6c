"""Computed subscripts as affine forms: Σ slope · index + Σ slope · extent + Σ slope · entry + constant."""

from __future__ import annotations

from collections.abc import Container, Hashable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from indicial.errors import NotationError
from indicial.ir.indices import Space
from indicial.ir.traversal import Stackless, stackless
from indicial.semantics.walk import children, literal
from indicial.semantics.wording import quote
from indicial.syntax import tree
from indicial.syntax.refusals import component_hint

Entry = tree.Tensor | tree.Component
_ONE = "1"
_LARGEST = 10**9  # slopes and constants, so that positions stay far below what a machine counts


@dataclass(frozen=True, slots=True, eq=False)
class Subscript:
    """One computed subscript.

    slopes    of each index letter, by name
    extents   the slope of each named extent
    entries   the slope of each tensor whose entries are read (a gather)
    constant  what is left
    scalars   the names in it that are no letters: positions that are declared
    """

    expression: tree.Expression
    slopes: dict[str, int]
    extents: dict[str | Space, int]
    entries: dict[Entry, int]
    constant: int
    scalars: frozenset[str] = frozenset()

    @property
    def letter(self) -> str | None:
        """The index letter, if the subscript is nothing else; t+0 is a position that is worked out."""
        if (
            not isinstance(self.expression, tree.Tensor)
            or self.extents
            or self.entries
            or self.constant
            or list(self.slopes.values()) != [1]
        ):
            return None
        return next(iter(self.slopes))

    @property
    def from_the_end(self) -> bool:
        """Whether this is a negative number, which counts from the end of the axis."""
        return self.constant < 0 and not (self.slopes or self.extents or self.entries)

    def letters(self) -> list[tree.IndexName | tree.Tensor]:
        """The places of all index letters in it, those in the brackets of entries included."""
        found: list[tree.IndexName | tree.Tensor] = []
        for node in _outside_dim(self.expression):
            if isinstance(node, tree.Tensor) and not node.subscripts:
                if node.name not in self.extents and node.name not in self.scalars:
                    found.append(node)
            elif isinstance(node, tree.Tensor):
                found.extend(node.subscripts)
        return found


def _outside_dim(root: tree.Expression) -> Iterator[tree.Expression]:
    stack = [root]
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, tree.Call):
            stack.extend(reversed(children(node)))


@dataclass(frozen=True, slots=True)
class Known:
    """The names that are no letters: of extents, and of positions that are scalars."""

    extents: Container[str]
    scalars: frozenset[str]


def read_subscripts(
    text: str, component: tree.Component, extents: Container[str], scalars: frozenset[str] = frozenset()
) -> tuple[Subscript, ...]:
    """The subscripts of a tensor that is read at computed places; `extents` are the names of extents."""
    if component.braced and all(isinstance(each, tree.Number) for each in component.subscripts):
        shown = ", ".join(quote(text, each.span) for each in component.subscripts)
        hint = component_hint(component.name, shown)
        if shown.isdecimal():
            hint = f"{component.name}{shown} is a name of its own; for a component {hint}"
        raise NotationError(
            "a component is named in square brackets: in _{…} stand indices",
            source=text,
            span=component.span,
            hint=hint,
        )
    return tuple([_subscript(text, each, Known(extents, scalars)) for each in component.subscripts])


def _subscript(text: str, expression: tree.Expression, names: Known) -> Subscript:
    linear: _Linear = stackless(_linear(text, expression, names))
    slopes: dict[str, int] = {}
    known: dict[str | Space, int] = {}
    entries: dict[Entry, int] = {}
    constant = 0
    for term, slope in linear.items():
        if slope.denominator != 1 or abs(slope) > _LARGEST:
            raise _refused(text, expression, f"has the coefficient {slope}, which is not a whole number")
        if term == _ONE:
            constant = int(slope)
        elif slope and isinstance(term, str):
            slopes[term] = int(slope)
        elif slope and isinstance(term, _Extent):
            known[term.name] = int(slope)
        elif slope and isinstance(term, (tree.Tensor, tree.Component)):
            entries[term] = int(slope)
    return Subscript(expression, slopes, known, entries, constant, names.scalars)


@dataclass(frozen=True, slots=True)
class _Extent:
    """A named extent as a term."""

    name: str | Space


_Linear = dict[Hashable, Fraction]  # the coefficient of each letter, extent, entry, and of 1


def _linear(text: str, node: tree.Expression, names: Known) -> Stackless[_Linear]:
    match node:
        case tree.Number(value=value):
            return {_ONE: value}
        case tree.Tensor(name=name, subscripts=()) if name not in names.scalars:
            return {_Extent(name) if name in names.extents else name: Fraction(1)}
        case tree.Tensor() | tree.Component():
            return {node: Fraction(1)}
        case tree.Call(name="dim", arguments=(tree.Tensor(name=name), axis)):
            return {_Extent(Space(name, int(literal(axis) or 0))): Fraction(1)}
        case tree.Group(value=value):
            inner: _Linear = yield _linear(text, value, names)
            return inner
        case tree.Negation(value=value):
            inner = yield _linear(text, value, names)
            return {term: -slope for term, slope in inner.items()}
        case tree.Sum(terms=terms):
            total: _Linear = {}
            for each in terms:
                inner = yield _linear(text, each.value, names)
                for term, slope in inner.items():
                    total[term] = total.get(term, Fraction(0)) + each.sign * slope
            return total
        case tree.Product(factors=factors):
            product: _Linear = {_ONE: Fraction(1)}
            _refuse_one(text, node)
            for factor in factors:
                inner = yield _linear(text, factor.value, names)
                product = _times(text, node, product, inner, factor.divides)
            return product
    raise _refused(text, node, "is not affine in its indices")


def _refuse_one(text: str, node: tree.Product) -> None:
    """x_{i+1 j} would be x[i + j], as 1 j is j, and A_{0j} would be A[0]."""
    first, behind = node.factors[0].value, node.factors[1].value.span
    if (
        isinstance(first, tree.Number)
        and first.value in (0, 1)
        and not text[first.span.end : behind.start].strip()
    ):
        raise NotationError(
            f"{quote(text, node.span)} in a subscript would be a product",
            source=text,
            span=node.span,
            hint="commas separate the subscripts of several axes: "
            + (f"x[i+1, {quote(text, behind)}], or " if first.value else "")
            + f"A[{first.value}, {quote(text, behind)}] with components counted from 0",
        )


def _times(text: str, node: tree.Expression, one: _Linear, other: _Linear, divides: bool) -> _Linear:
    if list(other) == [_ONE] and (other[_ONE] or not divides):
        number = 1 / other[_ONE] if divides else other[_ONE]
        return {term: slope * number for term, slope in one.items()}
    if list(one) == [_ONE] and not divides:
        return {term: slope * one[_ONE] for term, slope in other.items()}
    raise _refused(text, node, "is not affine in its indices")


def _refused(text: str, node: tree.Expression, reason: str) -> NotationError:
    hint = "a subscript is a sum of indices with whole coefficients, as in x[i+k], x[2*i-1] or E[t[b], d]"
    factors = node.factors if isinstance(node, tree.Product) else ()
    if factors and all(isinstance(f.value, (tree.Tensor, tree.Component)) and not f.divides for f in factors):
        axes = ", ".join([quote(text, factor.value.span) for factor in factors])
        hint = f"commas separate the subscripts of several axes: [{axes}]"
    return NotationError(
        f"the subscript {quote(text, node.span)} {reason}", source=text, span=node.span, hint=hint
    )
