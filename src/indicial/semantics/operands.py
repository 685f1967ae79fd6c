"""Arrays held against an einsum string: how many, of which ranks, with which extents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from indicial.errors import NotationError, Note, ShapeError, Span
from indicial.ir.program import Program
from indicial.syntax.einsum import Einsum, Subscripts
from indicial.syntax.parser import parse_einsum

_MOST_AXES = 64  # what an array of NumPy's can have
_COUNTS = ("no", "one", "two", "three")


def counted(number: int, word: str, words: str = "") -> str:
    """`no axes`, `one axis`, `4 axes`."""
    several = word if number == 1 else words or f"{word}s"
    return f"{_COUNTS[number] if number < len(_COUNTS) else number} {several}"


def check_count(written: Einsum, given: int, what: str = "array") -> None:
    """As many arrays (or ranks) as operands."""
    operands = written.operands
    if given == len(operands):
        return
    first, last = operands[min(given, len(operands) - 1)].span, operands[-1].span
    raise ShapeError(
        f"the einsum string has {counted(len(operands), 'operand')}, but {counted(given, what)} "
        + ("is given" if given == 1 else "are given"),
        source=written.text,
        span=first.to(last) if given < len(operands) else operands[0].span.to(last),
        hint="give one for each operand, in order; a comma separates two operands",
    )


def check_are_ranks(ranks: Sequence[int] | None) -> tuple[int, ...] | None:
    """The ranks, or None where there are none."""
    several = ranks if isinstance(ranks, (tuple, list)) else () if ranks is None else (None,)
    if not all(isinstance(rank, int) and 0 <= rank <= _MOST_AXES for rank in several):
        raise NotationError(
            f"ranks are the numbers of the operands' axes, up to {_MOST_AXES}",
            hint="write one for each operand: ranks=(3, 2)",
        )
    return None if ranks is None else tuple(ranks)


def check_ranks(written: Einsum, ranks: Sequence[int]) -> None:
    """Each rank fits its operand."""
    check_count(written, len(ranks), "rank")
    for place, (operand, rank) in enumerate(zip(written.operands, ranks, strict=True)):
        if not _fits(operand, rank):
            raise _wrong_rank(written, operand, f"operand {place} has", rank)


def check_shapes(program: Program, shapes: Mapping[str, tuple[int, ...]]) -> None:
    """Arrays by name have the axes that the einsum string says, and one letter has one extent."""
    written = parse_einsum(program.source)
    known: dict[object, tuple[int, str, Span]] = {}
    for place, (name, spaces) in enumerate(program.inputs.items()):
        shape = shapes.get(name)
        if shape is None:
            continue
        operand = written.operands[place]
        if len(shape) != len(spaces):
            words = f"the array for operand {place} ({name}) has shape {shape},"
            raise _wrong_rank(written, operand, words, len(shape))
        for axis, (space, extent) in enumerate(zip(spaces, shape, strict=True)):
            here = (
                extent,
                f"axis {axis} of operand {place} ({name}) has {extent}",
                _place(operand, axis, len(shape)),
            )
            first = known.setdefault(space, here)
            if first[0] != extent:
                raise _clash(written, first, here)


def _axes(number: int) -> str:
    return counted(number, "axis", "axes")


def _fits(operand: Subscripts, rank: int) -> bool:
    letters = len(operand.indices)
    return rank == letters if operand.ellipsis is None else rank >= letters - 1


def _wrong_rank(written: Einsum, operand: Subscripts, words: str, rank: int) -> ShapeError:
    letters = len(operand.indices) - (operand.ellipsis is not None)
    least = "at least " if operand.ellipsis is not None else ""
    return ShapeError(
        f"{words} {_axes(rank)}, but its subscripts name {least}{_axes(letters)}",
        source=written.text,
        span=operand.span,
        hint="write one letter for each axis" + ("" if least else "; ... stands for any number of axes"),
    )


def _place(operand: Subscripts, axis: int, rank: int) -> Span:
    """Where the index of an axis stands."""
    before = next((k for k, index in enumerate(operand.indices) if index is operand.ellipsis), rank)
    behind = len(operand.indices) - before - 1
    if axis < before:
        return operand.indices[axis].span
    return operand.indices[axis - rank if rank - axis <= behind else before].span


def _clash(written: Einsum, first: tuple[int, str, Span], second: tuple[int, str, Span]) -> ShapeError:
    place = second[2]
    letter = written.text[place.start : place.end]
    stretched = 1 in (first[0], second[0])
    return ShapeError(
        f"index {letter!r} must have one extent, but {first[1]} and {second[1]}",
        source=written.text,
        span=place,
        notes=(Note(first[2], f"extent {first[0]} here"),),
        hint="an axis of extent 1 is not stretched: take it out, array and letter"
        if stretched
        else "give two axes of different extents different letters",
    )
