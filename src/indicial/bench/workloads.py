"""Other libraries on the same derivatives: the workloads in `benchmarks/workloads/`, as suite cases.

They lie in the repository and need the peers themselves, so that an installed indicial has none of them.
"""

from __future__ import annotations

import ast
import importlib
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[3] / "benchmarks"
_PREFIX = "peers-"


@dataclass(frozen=True, slots=True)
class Workload:
    """A function of a family that makes workloads of several sizes."""

    function: str
    title: str

    @property
    def name(self) -> str:
        """What the suite calls it."""
        return _PREFIX + self.function.replace("_", "-")


def workloads(folder: Path = FOLDER) -> list[Workload]:
    """The workloads that the repository has, read without importing them; none without a repository."""
    families = sorted((folder / "workloads").glob("*.py"))
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in families]
    return [
        Workload(node.name, (ast.get_docstring(node) or node.name).splitlines()[0])
        for tree in trees
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
        and node.returns is not None
        and "Workload" in ast.unparse(node.returns)
    ]


def measure_peers(function: str, kind: str, seed: int, rounds: int) -> list[dict[str, Any]]:
    """The workloads of one function and kind, each peer checked and timed by `benchmarks/peers.py`."""
    os.environ.setdefault("JAX_ENABLE_X64", "1")
    if str(FOLDER) not in sys.path:
        sys.path.insert(0, str(FOLDER))
    peers: Any = importlib.import_module("peers")
    made: Any = importlib.import_module("workloads")
    rng = peers.np.random.default_rng(seed)
    return [peers.measure(work, rounds) for work in getattr(made, function)(rng) if work.kind == kind]
