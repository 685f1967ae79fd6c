r"""What matrix LaTeX writes as a letter and means as a constant or a shape: \mathbf{1}, I_n, bold vectors."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from indicial.errors import NotationError, Span
from indicial.syntax.latex.cursor import Cursor
from indicial.syntax.latex.names import Name
from indicial.syntax.latex.origin import Piece
from indicial.syntax.latex.vocabulary import BOLD, SCRIPT
from indicial.syntax.names import kind_by_letter

_SCRIPT = SCRIPT - {"mathbb", "mathds"}

CONSTANTS = frozenset({"eye", "pi"})  # of plain matrix notation, which may stand in a text with LaTeX
_IDENTITY_TAKEN = re.compile(r"(?<![A-Za-z\\])I\}*\s*&?\s*=|tensor\b[^\n:]*(?<![A-Za-z])I\b")


@dataclass(slots=True)
class Styles:
    """The names of a text by their styles.

    text      the text
    bold      whether a name stands bold, and where it does so first
    assigned  the names that a statement or a line of the text gives a meaning
    """

    text: str
    bold: dict[str, tuple[bool, Span]] = field(default_factory=dict)
    assigned: set[str] = field(default_factory=set)

    def constant(self, name: Name) -> str:
        r"""The identity and the vector of ones, in plain matrix notation; empty for a tensor."""
        if name.text == "1" and name.styles:
            return "vector(1)"
        if name.text == "I" and not set(name.styles) & _SCRIPT and not _IDENTITY_TAKEN.search(self.text):
            return "eye"
        return name.text if name.text in CONSTANTS else ""

    def note(self, cursor: Cursor, name: Name, text: str) -> None:
        r"""Refuse b beside \mathbf{b}, which without its style would be the same name."""
        bold = any(style in BOLD for style in name.styles)
        if self.bold.setdefault(text, (bold, name.place))[0] != bold:
            raise cursor.error(
                NotationError(
                    f"{text} stands here in two styles, and would be one name",
                    span=name.place,
                    hint=rf"rename one of them, as in \mathrm{{{text}2}}",
                )
            )

    def vectors(self) -> list[Piece]:
        """Lines that make vectors of the small letters that stand bold and would be scalars."""
        return [
            Piece(f"\ntensor {text}: vector", place)
            for text, (bold, place) in self.bold.items()
            if bold and text not in self.assigned and kind_by_letter(text) == "scalar"
        ]
