"""A plan as a drawing: a row for each step, bars for its operations and for the memory held behind it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from xml.sax.saxutils import escape

_ROW, _LABEL, _BAR, _GAP, _TOP = 20, 330, 220, 90, 64  # pixels
_WORK, _MEMORY = "#4c78a8", "#f58518"
_STYLE = "font: 12px ui-monospace, monospace; fill: #222"


class Row(NamedTuple):
    """A step: what it is, its operations and the bytes held behind it, as numbers and as words."""

    label: str
    work: int
    work_text: str
    held: int
    held_text: str


def plan_svg(title: str, summary: str, rows: Sequence[Row]) -> str:
    """The drawing, as a file of its own."""
    most_work, most_held = (
        max([row.work for row in rows], default=0),
        max([row.held for row in rows], default=0),
    )
    second = _LABEL + _BAR + _GAP
    width, height = second + _BAR + _GAP, _TOP + _ROW * len(rows) + 12
    size = f'width="{width}" height="{height}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} style="{_STYLE}">',
        f'<rect {size} fill="#fff"/>',
        _text(8, 18, title, bold=True),
        _text(8, 36, summary),
        _text(_LABEL, 56, "operations"),
        _text(second, 56, "memory held"),
    ]
    for number, row in enumerate(rows):
        top = _TOP + _ROW * number
        parts.append(_text(8, top + 13, _short(row.label)))
        parts += _bar(_LABEL, top, row.work, most_work, row.work_text, _WORK)
        parts += _bar(second, top, row.held, most_held, row.held_text, _MEMORY)
    return "\n".join([*parts, "</svg>", ""])


def _bar(left: int, top: int, value: int, most: int, words: str, colour: str) -> list[str]:
    length = _BAR * value / most if most else 0.0
    bar = f'<rect x="{left}" y="{top + 3}" width="{length:.1f}" height="{_ROW - 8}" fill="{colour}"/>'
    return [bar, _text(left + length + 5, top + 13, words)]


def _text(left: float, base: int, words: str, *, bold: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return f'<text x="{left:.1f}" y="{base}"{weight}>{escape(words)}</text>'


def _short(label: str) -> str:
    return label if len(label) <= 43 else label[:42] + "…"
