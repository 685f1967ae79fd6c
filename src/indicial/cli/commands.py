"""The commands: each takes its options, writes its result, and returns its exit status.

One runs in a process, so only that one is imported: with what it needs, and what the others need not.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from importlib import import_module

_HOME = {
    "derive": "deriving",
    "eval": "computing",
    "check": "computing",
    "plan": "computing",
    "repl": "repl",
    "completion": "completion",
    "bench": "bench",
}


def run(options: argparse.Namespace) -> int:
    """Runs the command that the options name."""
    home = import_module(f"indicial.cli.{_HOME[options.command]}")
    command: Callable[[argparse.Namespace], int] = getattr(home, f"run_{options.command}")
    return command(options)
