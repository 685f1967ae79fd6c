"""Programs and derivatives as JSON; docs/FORMS.md describes the fields."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from indicial.ir.program import Program
from indicial.render.document import Formula
from indicial.render.sizes import size_names

VERSION = 1  # of the schema: raised when a field changes its meaning or goes
Tensor = tuple[str, Sequence[str]]  # a name and its indices


def derivative_record(
    output: Tensor,
    denominators: Sequence[Tensor],
    formula: Formula,
    texts: Mapping[str, str],
    program: Program,
) -> str:
    """A derivative; `texts` are its equation, its LaTeX and its program as texts."""
    own = [*output[1], *[letter for _, letters in denominators for letter in letters]]
    return _dumped(
        {
            "schema": VERSION,
            "kind": "derivative",
            "output": _tensor(output),
            "denominators": [_tensor(each) for each in denominators],
            "indices": own,
            "lines": list(formula.lines),
            "formula": formula.text,
            **texts,
            "inputs": _inputs(program),
        }
    )


def program_record(text: str, program: Program) -> str:
    """A program with its inputs, outputs and statements."""
    return _dumped(
        {
            "schema": VERSION,
            "kind": "program",
            "inputs": _inputs(program),
            "outputs": list(program.outputs),
            "statements": [_tensor((name, program.axes[name])) for name in program.statements],
            "text": text,
        }
    )


def _tensor(tensor: Tensor) -> dict[str, Any]:
    return {"name": tensor[0], "indices": list(tensor[1])}


def _inputs(program: Program) -> list[dict[str, Any]]:
    """Name and shape; an extent is a number where it is declared, else a name that equal extents share."""
    sizes = size_names(program)
    return [
        {"name": name, "shape": [program.declared.get(space, sizes[space]) for space in spaces]}
        for name, spaces in program.inputs.items()
    ]


def _dumped(record: Mapping[str, Any]) -> str:
    return json.dumps(record, ensure_ascii=False, indent=2)
