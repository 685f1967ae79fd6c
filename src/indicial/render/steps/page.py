"""Derivations set out on a page: equations below one another, reasons beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from indicial.ir.nodes import Definition
from indicial.render.steps.paper import Both, Written

_COLUMN = 64  # reasons stand in one column, unless a formula reaches beyond this one


@dataclass(frozen=True, slots=True)
class Sheet:
    """The chains of one differentiation, and the lines they rest on.

    shown     the statements that are differentiated, each with the variable
    left_out  how many statements are not shown, and `lines_left_out` how many of the lines
    """

    chains: tuple[Written, ...]
    where: tuple[Both, ...]
    shown: frozenset[tuple[Definition, str]]
    left_out: int
    lines_left_out: int


def printed(sheets: Sequence[Sheet]) -> str:
    """The page as text."""
    blocks: list[str] = []
    for sheet in sheets:
        for chain in sheet.chains:
            if chain.heading:
                blocks.append(chain.heading.text)
            blocks.append("\n".join(_lines(chain)))
        blocks += ["\n".join([f"where {each.text}" for each in sheet.where])] if sheet.where else []
        blocks += [f"({_left_out(sheet)})"] if _left_out(sheet) else []
    return "\n\n".join(blocks)


def _lines(chain: Written) -> list[str]:
    formulas = [f"  = {line.formula.text}" for line in chain.lines]
    column = max([len(formula) for formula in formulas if len(formula) <= _COLUMN], default=0)
    lines = [chain.left.text]
    for formula, line in zip(formulas, chain.lines, strict=True):
        lines.append(f"{formula.ljust(column)}  [{line.reason.text}]")
    if chain.left_out:
        lines.append(f"  ({chain.left_out} longer steps are left out)")
    return lines


def _left_out(sheet: Sheet) -> str:
    """What a page does not show, in words."""
    parts = []
    if sheet.left_out:
        parts.append(f"the derivatives of {sheet.left_out} more statements are left out")
    if sheet.lines_left_out:
        parts.append(f"{sheet.lines_left_out} lines that the result rests on are left out")
    return "; ".join(parts)


def aligned(sheets: Sequence[Sheet]) -> str:
    """The page as one aligned block of LaTeX."""
    rows: list[str] = []
    for sheet in sheets:
        for chain in sheet.chains:
            if chain.heading:
                rows.append(rf"& {chain.heading.latex}")
            left = chain.left.latex
            for line in chain.lines:
                rows.append(rf"{left} &= {line.formula.latex} && {line.reason.latex}")
                left = ""
            if chain.left_out:
                rows.append(rf"& \text{{({chain.left_out} longer steps are left out)}}")
        rows += [rf"& \text{{where }} {each.latex}" for each in sheet.where]
        rows += [rf"& \text{{({_left_out(sheet)})}}"] if _left_out(sheet) else []
    body = " \\\\\n".join([row.strip() for row in rows])
    return f"\\begin{{aligned}}\n{body}\n\\end{{aligned}}"
