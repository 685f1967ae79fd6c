"""How the suite runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from indicial.bench.contestants import BY_NAME

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Settings:
    """How the suite runs: which extents, how many rounds, what a contestant may take.

    timeout  seconds for one search, and for one computation
    budget   seconds that the rounds of one case should take in all
    memory   bytes that a contestant may be predicted to take
    """

    size: str
    repeat: int
    timeout: float
    budget: float
    memory: int
    seed: int = 0
    contestants: tuple[str, ...] = tuple(BY_NAME)
