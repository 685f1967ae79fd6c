"""Formulas in a docstring, in lines that are not too long."""

from __future__ import annotations

import re
import textwrap

from indicial.render.source.breaking import WIDTH

_INDENT = "    "
_WIDE, _MOST_LINES = WIDTH - 12, 12


def in_prose(equation: str) -> list[str]:
    """∂L/∂x_m = …, with the lines that it rests on behind it, none too long for a line."""
    *before, last = equation.splitlines()
    shown = [line for each in (last, *before) for line in _wrapped(each)]
    if before:
        shown[len(_wrapped(last)) - 1] += ", where"
    return shown if len(shown) <= _MOST_LINES else [f"{last.split(' = ')[0]} as computed below"]


def _wrapped(line: str) -> list[str]:
    """A formula in lines: terms stay whole where they are not too long."""
    lines, depth = [""], 0
    for part in re.split(r"(?= [+-] )", line):
        if lines[-1] and not depth and len(lines[-1]) + len(part) > _WIDE:
            lines.append("")
        lines[-1] += part
        depth += sum([part.count(sign) for sign in "(["]) - sum([part.count(sign) for sign in ")]"])
    kept = [re.sub(r"\[[^\]]*\]", lambda found: found[0].replace(" ", "\0"), each.strip()) for each in lines]
    wraps = [textwrap.wrap(each, _WIDE, break_on_hyphens=False) for each in kept]
    first, *rest = [piece.replace("\0", " ") for wrap in wraps for piece in wrap]
    return [first, *[f"{_INDENT}{piece}" for piece in rest]]
