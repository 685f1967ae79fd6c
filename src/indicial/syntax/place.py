"""Where a parser stopped, and what it knew there."""

from __future__ import annotations

import re
from dataclasses import dataclass

from indicial.errors import Span

OPENING = {"(": ")", "[": "]", "{": "}"}
_COMMENT = re.compile(r"#[^\n]*")
_BRACKET_OR_COMMENT = re.compile(r"[()\[\]{}]|#[^\n]*")


def shortened(written: str, most: int = 40) -> str:
    """What was written, cut where it is too long for a sentence."""
    written = written.strip()
    return written if len(written) <= most else written[: most - 1] + "…"


@dataclass(frozen=True, slots=True)
class Place:
    """Where the parser stopped.

    found     the text there: a terminal, a character that begins none, or nothing at the end
    kind      the terminal's name in the grammar; empty for a character that begins none
    before    the terminal just before, by name, if nothing has been made of it yet, and its place
    accepts   the terminals, by name, that the grammar could go on with
    """

    text: str
    start: int
    found: str
    kind: str
    before: str
    before_span: Span
    accepts: frozenset[str]

    @property
    def span(self) -> Span:
        """The place of what was found."""
        return Span(self.start, self.start + max(1, len(self.found)))

    @property
    def at_end(self) -> bool:
        """Whether the statement ends here."""
        return self.kind in {"$END", "_SEPARATOR"}

    @property
    def wants_operand(self) -> bool:
        """Whether a number, a tensor or a bracket has to follow."""
        return "NUMBER" in self.accepts and "PLUS" not in self.accepts

    @property
    def wants_target(self) -> bool:
        """Whether no `=` has been read in this statement."""
        return "EQUALS" in self.accepts or {"NAME", "INDEX"} <= self.accepts

    def statement(self) -> tuple[Span, str]:
        """The statement that holds the place, without its comment."""
        start = max(self.text.rfind(mark, 0, self.start) for mark in "\n;") + 1
        ends = [end for mark in "\n;" if (end := self.text.find(mark, self.start)) >= 0]
        line = _COMMENT.sub("", self.text[start : min(ends, default=len(self.text))])
        lead = len(line) - len(line.lstrip())
        return Span(start + lead, max(start + lead + 1, start + len(line.rstrip()))), line.strip()

    def open_brackets(self) -> list[int]:
        """The places of the brackets that are open where the parser stopped."""
        stack: list[int] = []
        for found in _BRACKET_OR_COMMENT.finditer(self.text, 0, self.start):
            if found[0] in OPENING:
                stack.append(found.start())
            elif stack and found[0] == OPENING[self.text[stack[-1]]]:
                stack.pop()
        return stack
