"""Where each part of a rewritten text stood before: pieces, the text they make, and the way back.

A `Piece` is text for the grammar with the place that it was read from. Pieces are nested in lists, which a
reader may put in another order; `joined` writes them one behind the other.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Union

from indicial.errors import IndicialError, Note, Span


@dataclass(frozen=True, slots=True)
class Piece:
    """Text with its place in the original; `apart` where it must not grow together with its neighbours."""

    text: str
    place: Span
    apart: bool = False


class Bundle:
    """Pieces of which more is known: `rope` holds them."""

    rope: Rope


Rope = Union[Piece, Bundle, Sequence["Rope"]]


def pieces(rope: Rope) -> Iterator[Piece]:
    """The pieces of nested lists, from left to right."""
    stack: list[Rope] = [rope]
    while stack:
        top = stack.pop()
        if isinstance(top, Piece):
            if top.text:
                yield top
        elif isinstance(top, Bundle):
            stack.append(top.rope)
        else:
            stack.extend(reversed(top))


def extent(rope: Rope) -> Span | None:
    """The place that the pieces come from; None where there is none."""
    places = [piece.place for piece in pieces(rope) if not piece.text.isspace()]
    if not places:
        return None
    return Span(min(place.start for place in places), max(place.end for place in places))


def written(rope: Rope) -> str:
    """The text of the pieces, without a map."""
    return joined(rope, "").text


def beginning(rope: Rope) -> str:
    """The text of the first pieces: all of it where it is a number, a sign, a label."""
    return written(list(islice(pieces(rope), 16)))


@dataclass(frozen=True, slots=True)
class Origin:
    """A rewritten text and what it was made from.

    original    the text that was given
    text        the text that the grammar reads
    starts      for each piece where it begins in `text`, in rising order
    pieces      the pieces
    """

    original: str
    text: str
    starts: tuple[int, ...]
    pieces: tuple[Piece, ...]

    def locate(self, span: Span) -> Span:
        """The place in the original of a place in the text."""
        if not self.pieces or span.start >= len(self.text):
            end = len(self.original.rstrip())
            return Span(end, end + 1)
        first = max(0, bisect_right(self.starts, span.start) - 1)
        last = max(first, bisect_right(self.starts, max(span.start, span.end - 1)) - 1)
        found = [
            self._part(at, span.start - self.starts[at], span.end - self.starts[at])
            for at in range(first, last + 1)
        ]
        start = min(part.start for part in found)
        return Span(start, max(start + 1, *[part.end for part in found]))

    def _part(self, at: int, start: int, end: int) -> Span:
        """A place within a piece: to the character where the piece is a copy."""
        piece = self.pieces[at]
        if self.original[piece.place.start : piece.place.end] != piece.text:
            return piece.place
        size = len(piece.text)
        start, end = min(max(start, 0), size), min(max(end, 0), size)
        return Span(piece.place.start + start, piece.place.start + max(start, end))

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Errors within speak of the original."""
        try:
            yield
        except IndicialError as error:
            if error.source == self.text and error.span is not None:
                error.span = self.locate(error.span)
                error.notes = tuple([Note(self.locate(note.span), note.text) for note in error.notes])
                error.source = self.original
            raise


def joined(rope: Rope, original: str) -> Origin:
    """The text that the pieces make; a space stands between words that must stay apart."""
    texts: list[str] = []
    starts: list[int] = []
    kept: list[Piece] = []
    size, before = 0, Piece("", Span(0, 0))
    for piece in pieces(rope):
        if _grow_together(before, piece):
            texts.append(" ")
            size += 1
        texts.append(piece.text)
        starts.append(size)
        kept.append(piece)
        size, before = size + len(piece.text), piece
    return Origin(original, "".join(texts), tuple(starts), tuple(kept))


def _grow_together(left: Piece, right: Piece) -> bool:
    """Whether two pieces that must stay apart would be one word, or a call, or a subscript."""
    before, behind = left.text[-1:], right.text[:1]
    if not (before.isalnum() or before in tuple("'.")):
        return False
    return (behind.isalnum() and (left.apart or right.apart)) or (behind in tuple("([") and right.apart)
