"""What `tensor` lines declare: `tensor A_ij: symmetric`, by name."""

from __future__ import annotations

from dataclasses import replace
from difflib import get_close_matches
from typing import Any

from indicial.errors import NotationError, Note
from indicial.ir.properties import FLAGS, INPUT, Group, Properties
from indicial.semantics.names import Names
from indicial.semantics.vocabulary import special
from indicial.semantics.wording import listed, quote, subscripted
from indicial.syntax import tree

SYMMETRIES = {"symmetric": 1, "antisymmetric": -1}
WORDS = (*SYMMETRIES, *FLAGS, INPUT)
KINDS = ("scalar", "vector", "matrix")


def read_properties(source: tree.Source, names: Names) -> dict[str, Properties]:
    """The properties of each tensor that has any, by name."""
    declared: dict[str, Properties] = {}
    for line in source.tensors:
        for tensor in line.tensors:
            _check_tensor(source.text, tensor, names)
            for word in line.properties:
                known = declared.get(tensor.name, Properties())
                known = _with_property(source.text, known, tensor, word, names)
                if word.name != INPUT:
                    declared[tensor.name] = known
    return declared


def _check_tensor(text: str, tensor: tree.Tensor, names: Names) -> None:
    """The tensor is one of the program, of the right rank, and has a letter for each axis."""
    if special(tensor) is not None or tensor.name in names.symbols:
        raise NotationError(
            f"'{quote(text, tensor.span)}' has a meaning of its own, and nothing can be declared of it",
            source=text,
            span=tensor.span,
            hint="a strain is e_ij, or another name: ε is the Levi-Civita symbol"
            if tensor.name == "ε"
            else "leave it out",
        )
    rank, letters = names.rank(tensor.name), [index.name for index in tensor.subscripts]
    if rank is None:
        known = [*names.inputs, *names.statements]
        near = get_close_matches(tensor.name, known, n=1)
        raise NotationError(
            f"'{tensor.name}' is declared, but nothing in the program is called so",
            source=text,
            span=tensor.span,
            hint=f"did you mean '{near[0]}'?" if near else f"its tensors are {listed(known)}",
        )
    if rank != len(letters):
        count = {0: "no index", 1: "one index"}.get(rank, f"{rank} indices")
        raise NotationError(
            f"'{tensor.name}' has {count} in the program, but {len(letters)} in its declaration",
            source=text,
            span=tensor.span,
            hint=f"write tensor {subscripted(tensor.name, 'ijklmnpqrstuvw'[:rank])}: …",
        )
    for position, index in enumerate(tensor.subscripts):
        if index.name in letters[:position]:
            raise NotationError(
                f"index '{index.name}' stands twice, but each axis needs a letter of its own here",
                source=text,
                span=index.span,
                hint=f"write {subscripted(tensor.name, 'ijklmnpqrstuvw'[:rank])}",
            )


def _with_property(
    text: str, known: Properties, tensor: tree.Tensor, word: tree.Tensor, names: Names
) -> Properties:
    """What is known of a tensor and one property more."""
    _check_word(text, tensor, word)
    computed = names.statements.get(tensor.name)
    if word.name in SYMMETRIES:
        group = Group(_axes(text, tensor, word), SYMMETRIES[word.name])
        return replace(known, groups=_joined(text, known.groups, group, tensor, word), span=word.span)
    if computed is not None:
        raise NotationError(
            f"'{tensor.name}' is computed here, and is {word.name} or not by its expression",
            source=text,
            span=word.span,
            notes=(Note(computed.target.span, "assigned here"),),
            hint="declare the inputs that it is made of; of a result a symmetry alone can be declared",
        )
    if word.name == "diagonal" and len(tensor.subscripts) < 2:
        raise _too_few(text, tensor, word)
    added: dict[str, Any] = {word.name: True} if word.name != INPUT else {}
    return replace(known, **added)


def _check_word(text: str, tensor: tree.Tensor, word: tree.Tensor) -> None:
    """A property is a word of the language, with letters only where it can have some."""
    if word.name in KINDS:
        raise NotationError(
            f"'{word.name}' is declared in matrix notation; in index notation the indices say it",
            source=text,
            span=word.span,
            hint="leave the line out",
        )
    if word.name not in WORDS:
        near = get_close_matches(word.name, WORDS, n=1)
        raise NotationError(
            f"'{word.name}' is no property of a tensor",
            source=text,
            span=word.span,
            hint=f"did you mean {near[0]}?" if near else f"the properties are {listed(WORDS)}",
        )
    if word.subscripts and word.name not in SYMMETRIES:
        raise NotationError(
            f"'{word.name}' is a property of the whole tensor",
            source=text,
            span=word.span,
            hint=f"write it without indices: tensor {quote(text, tensor.span)}: {word.name}",
        )


def _axes(text: str, tensor: tree.Tensor, word: tree.Tensor) -> tuple[int, ...]:
    """The axes that a symmetry is about: those of its letters, or all."""
    letters = [index.name for index in tensor.subscripts]
    axes: list[int] = []
    for index in word.subscripts:
        if index.name not in letters or letters.index(index.name) in axes:
            here = "stands twice" if index.name in letters else f"is none of '{quote(text, tensor.span)}'"
            raise NotationError(
                f"index '{index.name}' {here}",
                source=text,
                span=index.span,
                notes=(Note(tensor.span, "the tensor"),),
                hint=f"name different ones of {listed(letters)}" if letters else "leave the line out",
            )
        axes.append(letters.index(index.name))
    if len(axes if word.subscripts else letters) < 2:
        raise _too_few(text, tensor, word)
    return tuple(sorted(axes)) if axes else tuple(range(len(letters)))


def _too_few(text: str, tensor: tree.Tensor, word: tree.Tensor) -> NotationError:
    return NotationError(
        f"'{quote(text, word.span)}' is said of two indices or more",
        source=text,
        span=word.span,
        notes=(Note(tensor.span, "the tensor"),),
        hint=f"write tensor {subscripted(tensor.name, 'ij')}: {word.name}, or leave the line out",
    )


def _joined(
    text: str, groups: tuple[Group, ...], group: Group, tensor: tree.Tensor, word: tree.Tensor
) -> tuple[Group, ...]:
    """The groups and one more: exchanges that share an axis generate all exchanges of both."""
    touching = [other for other in groups if set(other.axes) & set(group.axes)]
    for other in touching:
        if other.sign != group.sign:
            shared = min(set(other.axes) & set(group.axes))
            raise NotationError(
                f"index '{tensor.subscripts[shared].name}' of '{tensor.name}' is symmetric and "
                "antisymmetric at once, so that the tensor is zero",
                source=text,
                span=word.span,
                hint="leave one of the two out",
            )
    axes = {*group.axes, *[axis for other in touching for axis in other.axes]}
    rest = [other for other in groups if other not in touching]
    return tuple(sorted([*rest, Group(tuple(sorted(axes)), group.sign)]))
