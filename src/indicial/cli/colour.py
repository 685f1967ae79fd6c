"""Colour, on a terminal only."""

from __future__ import annotations

import os
import sys


def error_label() -> str:
    """The word before an error."""
    return "\033[1;31merror:\033[0m" if _colour_wanted() else "error:"


def _colour_wanted() -> bool:
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return not plain and sys.stderr.isatty()
