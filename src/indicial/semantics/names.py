"""What the names of a program are: inputs, statements, named extents; their ranks and their order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from indicial.errors import NotationError, Note, Span
from indicial.ir.properties import INPUT
from indicial.semantics.denominators import check_denominators, denominators
from indicial.semantics.misspelt import check_bare_operators, check_infinity, check_operators, check_strain
from indicial.semantics.scopes import Scopes
from indicial.semantics.vocabulary import is_function, special
from indicial.semantics.walk import tensors
from indicial.semantics.wording import listed
from indicial.syntax import tree
from indicial.syntax.refusals import transposed

_SHOWN = 6  # members of a long circle that its error names


class Occurrence(Protocol):
    """A name at its place."""

    @property
    def name(self) -> str: ...

    @property
    def span(self) -> Span: ...


Reference = tree.Tensor | tree.Component
Uses = Mapping[str, Mapping[str, Occurrence]]  # for each statement the names that it needs, each at a place


@dataclass(frozen=True, slots=True)
class Names:
    """The names of a program.

    inputs      the rank of each input, in order of appearance
    statements  the statement that assigns each name, in the order written
    order       the statements, each behind those it uses
    uses        for each statement the others that it needs, each at a place
    symbols     the named extents (`index n: N`), each with the line that first declares it
    """

    inputs: dict[str, int]
    statements: dict[str, tree.Statement]
    order: tuple[tree.Statement, ...]
    uses: Uses
    symbols: dict[str, tree.IndexLine]

    def rank(self, name: str) -> int | None:
        """The number of axes of an input or a statement; None for a name that is neither."""
        if name in self.statements:
            return len(self.statements[name].target.subscripts)
        return self.inputs.get(name)


def read_names(source: tree.Source, scopes: Scopes) -> Names:
    """The role, rank and order of every name."""
    symbols = _symbols(source)
    statements = _statements(source, symbols)
    ranks = _Ranks(source.text)
    inputs: dict[str, int] = {}
    uses: dict[str, dict[str, Reference]] = {}
    for name, statement in statements.items():
        ranks.check(statement.target)
        needed = uses[name] = {}
        below = set(denominators(statement.value))  # they are used, but make no input
        for tensor in _references(statement.value, scopes):
            if tensor.name in symbols:
                _check_symbol(source.text, tensor, symbols)
                continue
            if tensor.name.endswith("'"):
                raise _transposed(source.text, tensor)
            ranks.check(tensor)
            if tensor.name in statements:
                needed.setdefault(tensor.name, tensor)
            elif tensor not in below:
                inputs[tensor.name] = len(tensor.subscripts)
    for tensor in _declared_inputs(source):
        if tensor.name not in statements and tensor.name not in symbols:
            inputs.setdefault(tensor.name, len(tensor.subscripts))
    check_denominators(source, scopes, (*inputs, *statements), symbols)
    check_operators(source, inputs)
    check_bare_operators(source, inputs)
    check_strain(source)
    check_infinity(source, inputs)
    order = tuple([statements[name] for name in in_order(source.text, uses)])
    return Names(inputs, statements, order, uses, symbols)


def _references(value: tree.Expression, scopes: Scopes) -> Iterator[Reference]:
    for tensor in tensors(value):
        if special(tensor) is None and tensor not in scopes.meaning:
            yield tensor


def _declared_inputs(source: tree.Source) -> Iterator[tree.Tensor]:
    """The tensors that are inputs whether a statement uses them or not."""
    for line in source.tensors:
        if any(word.name == INPUT for word in line.properties):
            yield from line.tensors


def _transposed(text: str, tensor: Reference) -> NotationError:
    refusal = transposed(tensor.span)
    refusal.source = text
    return refusal


def _symbols(source: tree.Source) -> dict[str, tree.IndexLine]:
    symbols: dict[str, tree.IndexLine] = {}
    for line in source.declarations:
        if not isinstance(line.extent, str):
            continue
        if is_function(line.extent) or line.extent in ("π", "pi"):
            raise NotationError(
                f"'{line.extent}' has a meaning of its own and cannot name an extent",
                source=source.text,
                span=line.extent_span,
                hint=f"choose another name, such as N: index {line.index.name}: N",
            )
        symbols.setdefault(line.extent, line)
    return symbols


def _check_symbol(text: str, tensor: Reference, symbols: dict[str, tree.IndexLine]) -> None:
    if tensor.subscripts:
        raise NotationError(
            f"'{tensor.name}' names an extent, which is a number and has no indices",
            source=text,
            span=tensor.span,
            notes=(Note(symbols[tensor.name].extent_span, "declared here"),),
            hint="choose another name for the tensor or for the extent",
        )


def _statements(source: tree.Source, symbols: dict[str, tree.IndexLine]) -> dict[str, tree.Statement]:
    statements: dict[str, tree.Statement] = {}
    for statement in source.statements:
        target = statement.target
        if target.name in symbols:
            raise NotationError(
                f"'{target.name}' names an extent and cannot be assigned",
                source=source.text,
                span=target.span,
                notes=(Note(symbols[target.name].extent_span, "declared here"),),
                hint="choose another name for the tensor or for the extent",
            )
        if target.name in statements:
            raise NotationError(
                f"'{target.name}' is assigned twice",
                source=source.text,
                span=target.span,
                notes=(Note(statements[target.name].target.span, "first assigned here"),),
                hint="give the second result a name of its own",
            )
        statements[target.name] = statement
    return statements


class _Ranks:
    """The rank of each name, and the place that fixed it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.first: dict[str, Reference] = {}

    def check(self, tensor: Reference) -> None:
        first = self.first.setdefault(tensor.name, tensor)
        here, there = len(tensor.subscripts), len(first.subscripts)
        if here != there:
            raise NotationError(
                f"'{tensor.name}' has {_indices(here)} here and {_indices(there)} before",
                source=self.text,
                span=tensor.span,
                notes=(Note(first.span, f"{_indices(there)} here"),),
                hint=f"a name has one rank everywhere: give it {_indices(there)} here too, or another name",
            )


def _indices(rank: int) -> str:
    return {0: "no index", 1: "one index"}.get(rank, f"{rank} indices")


def in_order(text: str, uses: Uses) -> list[str]:
    """The names of the statements, each behind those it uses; a circle is an error."""
    done: dict[str, None] = {}
    path: dict[str, Iterator[str]] = {}
    for root in uses:
        if root in done:
            continue
        path[root] = iter(uses[root])
        while path:
            name, rest = next(reversed(path.items()))
            needed = next(rest, None)
            if needed is None:
                del path[name]
                done[name] = None
            elif needed in path:
                members = list(path)
                raise _circle(text, members[members.index(needed) :], uses)
            elif needed not in done:
                path[needed] = iter(uses[needed])
    return list(done)


def _circle(text: str, members: list[str], uses: Uses) -> NotationError:
    if len(members) == 1:
        name = members[0]
        return NotationError(
            f"'{name}' is defined by itself",
            source=text,
            span=uses[name][name].span,
            hint="a name stands for one value: give the new value another name",
        )
    start = min(
        range(len(members)), key=lambda position: uses[members[position]][_next(members, position)].span.start
    )
    members = members[start:] + members[:start]
    places = [uses[name][_next(members, position)] for position, name in enumerate(members)][:_SHOWN]
    shown = [f"'{name}'" for name in members[:_SHOWN]]
    if len(members) > _SHOWN:
        shown.append(f"{len(members) - _SHOWN} more")
    return NotationError(
        f"{listed(shown)} are defined by one another in a circle",
        source=text,
        span=places[0].span,
        notes=tuple(
            [
                Note(place.span, f"'{name}' needs '{place.name}'")
                for name, place in zip(members[1:_SHOWN], places[1:], strict=False)
            ]
        ),
        hint="one of them must not use the others",
    )


def asked_for(asked: tuple[str, ...] | None, text: str, uses: Uses, inputs: Iterable[str]) -> tuple[str, ...]:
    """The outputs that are asked for, each a statement; without any the result of the program."""
    written = list(uses)
    for name in asked or ():
        if name not in written:
            role = "an input" if name in inputs else "no statement"
            raise NotationError(
                f"'{name}' is {role} of this program and cannot be an output",
                source=text,
                hint=f"the statements are {listed(written)}",
            )
    return (_result(text, uses),) if asked is None else tuple(dict.fromkeys(asked))


def _result(text: str, uses: Uses) -> str:
    """The last statement; where another one uses it, the only one that none uses."""
    last = list(uses)[-1]
    user = next((name for name, needed in uses.items() if last in needed), None)
    if user is None:
        return last
    used = {other for needed in uses.values() for other in needed}
    ends = [name for name in uses if name not in used]
    if len(ends) == 1:
        return ends[0]
    shown = [f"'{name}'" for name in ends[:_SHOWN]]
    shown += [f"{len(ends) - _SHOWN} more"] if len(ends) > _SHOWN else []
    raise NotationError(
        f"it is not clear which statement is the result: '{user}' uses the last one, '{last}', "
        f"and no statement uses {listed(shown, 'or')}",
        source=text,
        span=uses[user][last].span,
        hint=f'write the result last, or ask for it: outputs=("{ends[0]}",)',
    )


def _next(members: list[str], position: int) -> str:
    return members[(position + 1) % len(members)]
