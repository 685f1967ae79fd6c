"""What the names of a program in matrix notation are: statements, and inputs with their kinds."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

from indicial.errors import NotationError, Note
from indicial.semantics.matrix.words import IDENTITY, PI, check_call, check_name
from indicial.semantics.names import Uses, in_order
from indicial.semantics.wording import listed, quote
from indicial.syntax.matrix import tree
from indicial.syntax.names import kind_by_letter

OF_MATRICES = ("symmetric", "antisymmetric", "diagonal")
RANKS = {"scalar": 0, "vector": 1, "matrix": 2}
_SPECIAL_IN_INDEX_NOTATION = ("δ", "ε", "ones")  # with indices


@dataclass(frozen=True, slots=True)
class Names:
    """The names of a program.

    inputs       the kind of each input, in order of appearance
    statements   the expression that each name stands for, in the order written
    order        the names of the statements, each behind those it uses
    uses         for each statement the others that it needs, each at a place
    declared     the line that declares a name
    """

    inputs: dict[str, str]
    statements: dict[str, tree.Expression]
    targets: dict[str, tree.Name | None]
    order: tuple[str, ...]
    uses: Uses
    declared: dict[str, tree.Declaration]

    def is_scalar_by_letter(self, name: str) -> bool:
        """Whether nothing but its letter makes an input a scalar."""
        declared = self.declared.get(name)
        return self.inputs.get(name) == "scalar" and (declared is None or not declared.kind)


def read_names(source: tree.Source) -> Names:
    """The role, kind and order of every name."""
    for statement in source.statements:
        for node in tree.preorder(statement.value):
            if isinstance(node, tree.Call):
                check_call(source.text, node)
            elif isinstance(node, tree.Name):
                check_name(source.text, node)
    statements, targets = _statements(source)
    uses = {name: _uses(value) for name, value in statements.items()}
    declared = _declarations(source, {*statements, *[name for needed in uses.values() for name in needed]})
    inputs: dict[str, str] = {}
    for needed in uses.values():
        for name, place in needed.items():
            if name not in statements and name not in inputs:
                _check_identity(source, place, declared)
                inputs[name] = _declared_kind(declared.get(name)) or kind_by_letter(name)
                _check_printable(source.text, place, RANKS[inputs[name]])
    needed_statements = {
        name: {other: place for other, place in needed.items() if other in statements}
        for name, needed in uses.items()
    }
    order = tuple(in_order(source.text, needed_statements))
    return Names(inputs, statements, targets, order, needed_statements, declared)


def _check_identity(source: tree.Source, place: tree.Name, declared: Container[str]) -> None:
    """Refuse an input I that no line declares: the identity is eye."""
    if place.name == "I" and "I" not in declared:
        raise NotationError(
            "I reads as the identity, and would be an input",
            source=source.text,
            span=place.span,
            hint="write eye for the identity; an input is declared: tensor I: matrix",
        )


def _declared_kind(line: tree.Declaration | None) -> str:
    """The kind that a line says, or implies: what is symmetric is a matrix."""
    if line is None or line.kind:
        return "" if line is None else line.kind
    return "matrix" if any(word.name in OF_MATRICES for word in line.properties) else ""


def _uses(value: tree.Expression) -> dict[str, tree.Name]:
    names: dict[str, tree.Name] = {}
    for node in tree.preorder(value):
        if isinstance(node, tree.Name) and node.name not in (IDENTITY, PI):
            names.setdefault(node.name, node)
    return names


def _statements(
    source: tree.Source,
) -> tuple[dict[str, tree.Expression], dict[str, tree.Name | None]]:
    statements: dict[str, tree.Expression] = {}
    targets: dict[str, tree.Name | None] = {}
    bare: tree.Statement | None = None
    for statement in source.statements:
        target = statement.target
        if target is None and bare is not None:
            raise NotationError(
                "a second expression without a name",
                source=source.text,
                span=statement.span,
                notes=(Note(bare.span, "the first"),),
                hint="name the results: f = …",
            )
        if target is None:
            bare, name = statement, _free_name(source)
        else:
            check_name(source.text, target, assigned=True)
            name = target.name
        first = targets.get(name)
        if target is not None and first is not None:
            raise NotationError(
                f"'{name}' is assigned twice",
                source=source.text,
                span=target.span,
                notes=(Note(first.span, "first assigned here"),),
                hint="give the second result a name of its own",
            )
        statements[name], targets[name] = statement.value, target
    return statements, targets


def _free_name(source: tree.Source) -> str:
    """`f`, or the first of f1, f2, … that is no name of the program."""
    taken = {statement.target.name for statement in source.statements if statement.target is not None}
    for statement in source.statements:
        taken |= {node.name for node in tree.preorder(statement.value) if isinstance(node, tree.Name)}
    number, name = 0, "f"
    while name in taken:
        number += 1
        name = f"f{number}"
    return name


def _declarations(source: tree.Source, used: set[str]) -> dict[str, tree.Declaration]:
    declared: dict[str, tree.Declaration] = {}
    for line in source.declarations:
        name = line.name.name
        check_name(source.text, line.name, assigned=True)
        if name in declared:
            raise NotationError(
                f"'{name}' is declared twice",
                source=source.text,
                span=line.span,
                notes=(Note(declared[name].span, "first declared here"),),
                hint="leave one of the two lines out",
            )
        if name not in used:
            raise NotationError(
                f"'{name}' is declared, but nothing in the program is called so",
                source=source.text,
                span=line.name.span,
                hint=f"its names are {listed(sorted(used))}" if used else "leave the line out",
            )
        declared[name] = line
    return declared


def _check_printable(text: str, place: tree.Name, rank: int) -> None:
    """A tensor's name must be one in index notation too, into which the program is translated."""
    if rank and place.name in _SPECIAL_IN_INDEX_NOTATION:
        raise NotationError(
            f"'{quote(text, place.span)}' with indices has a meaning of its own in index notation",
            source=text,
            span=place.span,
            hint="choose another name for the tensor",
        )


def check_targets(text: str, names: Names, ranks: dict[str, int]) -> None:
    """What is assigned has the kind that is declared for it, and a name that index notation can print."""
    for name, rank in ranks.items():
        target = names.targets[name]
        line = names.declared.get(name)
        if line is not None and line.kind and RANKS[line.kind] != rank:
            kind = next(kind for kind, other in RANKS.items() if other == rank)
            raise NotationError(
                f"'{name}' is declared a {line.kind}, but what it is assigned is a {kind}",
                source=text,
                span=line.span,
                notes=(Note(names.statements[name].span, f"a {kind}"),),
                hint="leave the declaration out: a result has the kind of its expression",
            )
        if target is not None:
            _check_printable(text, target, rank)
