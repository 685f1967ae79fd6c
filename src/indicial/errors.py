"""One family of errors: what is wrong, where (a caret under the place), and the likely fix.

Every error that input can cause is an `IndicialError`. It carries the text it complains about, so
that its message can show the line, and any number of further places ("`i` is summed here").
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range `[start, end)` of character offsets in a source text."""

    start: int
    end: int

    def to(self, other: Span) -> Span:
        """The smallest span that holds both."""
        return Span(min(self.start, other.start), max(self.end, other.end))


@dataclass(frozen=True, slots=True)
class Note:
    """A further place that an error speaks of, with the words to print beside its caret."""

    span: Span
    text: str


def locate(source: str, offset: int) -> tuple[int, int, str]:
    """The line number (from 1), column (from 0) and text of the line that holds `offset`."""
    offset = min(offset, len(source))
    line = source.count("\n", 0, offset) + 1
    start = source.rfind("\n", 0, offset) + 1
    end = source.find("\n", offset)
    return line, offset - start, source[start : end if end >= 0 else len(source)]


_WINDOW = 100  # characters of a long line that are shown around the caret


def _excerpt(source: str, span: Span, text: str = "") -> str:
    _, column, line = locate(source, span.start)
    width = max(1, min(span.end, len(source)) - span.start)
    width = max(1, min(width, len(line) - column))
    if len(line) > _WINDOW:
        start = max(0, min(column - _WINDOW // 3, len(line) - _WINDOW))
        end = start + _WINDOW
        lead, tail = ("…" if start else ""), ("…" if end < len(line) else "")
        line, column = lead + line[start:end] + tail, column - start + len(lead)
        width = max(1, min(width, len(line) - column))
    pad = "".join("\t" if c == "\t" else " " for c in line[:column])
    caret = f"  {pad}{'^' * width}"
    return f"  {line}\n{caret} {text}".rstrip()


class IndicialError(Exception):
    """Root of every error that indicial raises for what it was given.

    `reason` is the sentence alone; `str(error)` adds the line, the caret, the notes and the hint.
    """

    def __init__(
        self,
        reason: str,
        *,
        source: str | None = None,
        span: Span | None = None,
        notes: tuple[Note, ...] = (),
        hint: str | None = None,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.source = source
        self.span = span
        self.notes = notes
        self.hint = hint

    @property
    def line(self) -> int | None:
        """The line of the main place, counted from 1; None when the error has no place."""
        if self.source is None or self.span is None:
            return None
        return locate(self.source, self.span.start)[0]

    def __str__(self) -> str:
        head = f"line {self.line}: {self.reason}" if self.line is not None else self.reason
        parts = [head]
        if self.source is not None:
            if self.span is not None:
                parts.append(_excerpt(self.source, self.span))
            parts.extend(_excerpt(self.source, note.span, note.text) for note in self.notes)
        if self.hint:
            parts.append(f"hint: {self.hint}")
        return "\n".join(parts)


class ParseError(IndicialError):
    """The text is not in the language."""


class NotationError(IndicialError):
    """The text is in the language but breaks a rule of index notation."""


class ShapeError(IndicialError):
    """Arrays, extents or entries do not fit the program."""


class DerivativeError(IndicialError):
    """No derivative exists, or none is known."""


class MemoryLimitError(IndicialError):
    """The computation would need more memory than it is allowed."""


class BackendError(IndicialError):
    """A library that is needed is absent, or something is no array of numbers."""
