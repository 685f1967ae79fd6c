"""What an einsum string means: f_o = Σ over all other letters of the product of the operands.

`ij,j->i` is f_i = A_ij B_j. The operands are called A, B, C, E, … in order, the output f; a letter that the
output repeats is a delta there (`i->ii` is f_ij = δ_ij A_i). An ellipsis stands for axes without letters,
counted from the last one as broadcasting does; how many they are only the operands' ranks tell.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from itertools import chain, count, islice

from indicial.errors import NotationError, Note
from indicial.ir.indices import Index, Space, formals, fresh
from indicial.ir.nodes import Access, Definition, Delta, IndexSum, Mul, Node
from indicial.ir.program import Program
from indicial.semantics.operands import check_ranks
from indicial.semantics.wording import listed
from indicial.syntax.einsum import ELLIPSIS, Einsum, Subscripts
from indicial.syntax.parser import parse_einsum
from indicial.syntax.tree import IndexName

Labels = tuple[str, ...]  # a letter each, or `...k` for the k-th axis from the end of an ellipsis

_OPERANDS = "ABCEFGHIJKLMNOPQRSTUVWXYZ"  # without D, the derivative
_OUTPUTS = "fyzrstuvw"
_LETTERS = "ijklmnpqrstuvwabcdefghxyz"
_BATCH = "abcdeghuvw"
_OF_THE_LANGUAGE = re.compile("[A-Za-zΑ-Ωα-ω]")


def read_einsum(text: str, ranks: Sequence[int] | None = None) -> Program:
    """The program that an einsum string means; `ranks` are those of the operands, which an ellipsis needs."""
    written = parse_einsum(text)
    labels = _operands(written, ranks)
    output = _output(written, labels)
    names, result, letters, left = _words(labels, output)
    operands = dict(zip(names, labels, strict=True))
    spaces: dict[str, Space] = {}
    for name, several in operands.items():
        for axis, label in enumerate(several):
            spaces[label] = min(spaces.get(label, Space(name, axis)), Space(name, axis))
    called: dict[Space, set[str]] = {space: {letters[label]} for label, space in spaces.items()}
    for label, letter in zip(output, left, strict=True):
        called[spaces[label]].add(letter)
    return Program(
        inputs={name: tuple([spaces[label] for label in several]) for name, several in operands.items()},
        statements={result: _definition(result, operands, output, spaces)},
        outputs=(result,),
        axes={result: left},
        letters={space: tuple(sorted(several)) for space, several in called.items()},
        source=text,
        positional=True,
    )


def _definition(
    name: str, operands: dict[str, Labels], output: Labels, spaces: dict[str, Space]
) -> Definition:
    """name_o := Σ δ … A_… B_… …"""
    own = formals(tuple([spaces[label] for label in output]))
    index: dict[str, Index] = {}
    factors: list[Node] = []
    for label, formal in zip(output, own, strict=True):
        if label in index:
            factors.append(Delta(index[label], formal))
        index.setdefault(label, formal)
    summed: list[Index] = []
    for operand, labels in operands.items():
        for label in labels:
            if label not in index:
                index[label] = fresh(spaces[label])
                summed.append(index[label])
        factors.append(Access(operand, tuple([index[label] for label in labels])))
    body = factors[0] if len(factors) == 1 else Mul(tuple(factors))
    return Definition(name, own, IndexSum(tuple(summed), body) if summed else body)


# --- labels ------------------------------------------------------------------------------------------


def _operands(written: Einsum, ranks: Sequence[int] | None) -> list[Labels]:
    """The labels of each operand's axes, ellipses written out."""
    if ranks is not None:
        check_ranks(written, ranks)
    elif written.ellipses:
        example = tuple([len(each.indices) + (each.ellipsis is not None) for each in written.operands])
        raise NotationError(
            "only the arrays' ranks tell how many axes an ellipsis stands for",
            source=written.text,
            span=written.ellipses[0].span,
            hint=f"give them, as in ix.parse({written.text!r}, ranks={example})",
        )
    given = ranks if ranks is not None else [len(each.indices) for each in written.operands]
    return [_labels(each, rank) for each, rank in zip(written.operands, given, strict=True)]


def _labels(written: Subscripts, rank: int) -> Labels:
    """The labels of subscripts that name `rank` axes."""
    omitted = rank - len(written.indices) + 1
    labels: list[str] = []
    for index in written.indices:
        if index.name == ELLIPSIS:
            labels += [f"{ELLIPSIS}{place}" for place in range(omitted, 0, -1)]
        else:
            labels.append(index.name)
    return tuple(labels)


def _output(written: Einsum, operands: list[Labels]) -> Labels:
    """The labels of the output: as written, or else the ellipsis and the letters that occur once, sorted."""
    uses = Counter(label for labels in operands for label in labels)
    places = [int(label.removeprefix(ELLIPSIS)) for label in uses if label.startswith(ELLIPSIS)]
    batch = max(places, default=0)
    if written.output is None:
        once = sorted(label for label, times in uses.items() if times == 1 and not label.startswith(ELLIPSIS))
        return (*[f"{ELLIPSIS}{place}" for place in range(batch, 0, -1)], *once)
    for index in written.output.indices:
        if index.name == ELLIPSIS and not written.ellipses:
            raise _without_source(written, index, "the output has an ellipsis, but no operand has")
        if index.name != ELLIPSIS and index.name not in uses:
            raise _without_source(written, index, f"the output's index {index.name!r} is in no operand")
    if batch and written.output.ellipsis is None:
        raise NotationError(
            "the axes of an ellipsis are kept, but the output has no place for them",
            source=written.text,
            span=written.output.span,
            notes=(Note(written.ellipses[0].span, "this ellipsis"),),
            hint=f"write ...{written.output} for the output; only axes with letters are summed",
        )
    return _labels(written.output, len(written.output.indices) - 1 + batch)


def _without_source(written: Einsum, index: IndexName, reason: str) -> NotationError:
    known = list(dict.fromkeys(i.name for each in written.operands for i in each.indices))
    return NotationError(
        reason,
        source=written.text,
        span=index.span,
        hint=f"the operands have {listed(known)}" if known else "the operands are scalars",
    )


# --- words -------------------------------------------------------------------------------------------


def _words(
    operands: list[Labels], output: Labels
) -> tuple[tuple[str, ...], str, dict[str, str], tuple[str, ...]]:
    """The operands' names, the output's name, each label's letter, and the letters of the output's axes.

    No word means two things: a label that is a letter of index notation keeps it, all else avoids those.
    """
    labels = dict.fromkeys(label for labels in operands for label in labels)
    letters = {label: label for label in labels if _OF_THE_LANGUAGE.fullmatch(label)}
    names = _names(letters, len(operands))
    taken = {*letters, *names}
    result = next(_spare(_OUTPUTS, taken))
    batch, others = _spare(_BATCH, taken), _spare(_LETTERS, taken)
    for label in labels:
        if label not in letters:
            letters[label] = next(batch if label.startswith(ELLIPSIS) else others)
    seen: set[str] = set()
    left: list[str] = []
    for label in output:
        left.append(next(others) if label in seen else letters[label])
        seen.add(label)
    return names, result, letters, tuple(left)


def _names(letters: Collection[str], number: int) -> tuple[str, ...]:
    return tuple(islice(_spare(_OPERANDS, set(letters)), number))


def operand_names(written: Einsum) -> tuple[str, ...]:
    """The names of the operands, which do not depend on their ranks."""
    letters = {index.name for operand in written.operands for index in operand.indices}
    return _names(letters, len(written.operands))


def _spare(stems: str, taken: set[str]) -> Iterator[str]:
    """The stems, then the stems with a number, without what is taken; what is given is taken."""
    for word in chain(stems, (f"{stem}{number}" for number in count(1) for stem in stems)):
        if word not in taken:
            taken.add(word)
            yield word
