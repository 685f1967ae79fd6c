"""The suite: which cases there are, how they are run, and the document of what was measured."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from indicial.bench.case import run_case
from indicial.bench.contestants import BY_NAME
from indicial.bench.families import FAMILIES, Family
from indicial.bench.generated import generated
from indicial.bench.instances import Instance, library
from indicial.bench.machine import description, memory_limit
from indicial.bench.peers import run_peers
from indicial.bench.scaling import run_family
from indicial.bench.settings import Progress, Settings
from indicial.bench.worker import Worker
from indicial.bench.workloads import Workload, workloads
from indicial.errors import IndicialError

SCHEMA = "indicial-bench/2"

Document = dict[str, Any]


def settings_for(
    *, quick: bool, repeat: int | None = None, timeout: float | None = None, seed: int = 0
) -> Settings:
    """The settings of a quick run, which ends within two minutes on two cores, or of a full one: 25."""
    return Settings(
        size="quick" if quick else "full",
        repeat=repeat or (5 if quick else 9),
        timeout=timeout or (0.5 if quick else 5.0),
        budget=0.4 if quick else 5.0,
        memory=memory_limit(),
        seed=seed,
    )


@dataclass(frozen=True, slots=True)
class Cases:
    """What is to be measured: orders, scaling, peers."""

    instances: list[Instance]
    families: list[Family]
    workloads: list[Workload]

    def named(self) -> list[tuple[str, str]]:
        """The name and the title of each."""
        return [
            *[(each.name, each.title) for each in self.instances],
            *[(each.name, each.title) for each in self.families],
            *[(each.name, each.title) for each in self.workloads],
        ]


def cases(only: Sequence[str] = (), folder: Path | None = None) -> Cases:
    """The cases whose names match one of the patterns; all for none.

    Raises IndicialError for a pattern that nothing matches.
    """
    every = Cases([*library(folder), *generated()], list(FAMILIES), workloads())
    for pattern in only:
        if not any(_matches(name, [pattern]) for name, _ in every.named()):
            raise IndicialError(
                f"no case is called {pattern!r}",
                hint="`indicial bench --list` shows the names; * stands for any",
            )
    return Cases(
        [each for each in every.instances if not only or _matches(each.name, only)],
        [each for each in every.families if not only or _matches(each.name, only)],
        [each for each in every.workloads if not only or _matches(each.name, only)],
    )


def _matches(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(name, pattern) or pattern in name for pattern in patterns)


def contestants(names: Sequence[str]) -> tuple[str, ...]:
    """The contestants of these names, in the suite's order; all for none."""
    for name in names:
        if name not in BY_NAME:
            raise IndicialError(f"there is no contestant {name!r}", hint=f"there are {', '.join(BY_NAME)}")
    return tuple([name for name in BY_NAME if not names or name in names])


def run(wanted: Cases, settings: Settings, threads: int | None, progress: Progress) -> Document:
    """Everything measured, each case in a process whose timeouts hold."""
    host, searcher = Worker(threads), Worker(threads, forked=True)
    try:
        found = [run_case(host, searcher, instance, settings, progress) for instance in wanted.instances]
        scaling = [run_family(host, family, settings, progress) for family in wanted.families]
        peers = [each for work in wanted.workloads for each in run_peers(host, work, settings, progress)]
    finally:
        host.close()
        searcher.close()
    return document(found, scaling, peers, settings, threads)


def document(
    found: Sequence[Mapping[str, Any]],
    scaling: Sequence[Mapping[str, Any]],
    peers: Sequence[Mapping[str, Any]],
    settings: Settings,
    threads: int | None,
) -> Document:
    """The document of a run, as benchmarks/schemas/results.schema.json describes it."""
    return {
        "schema": SCHEMA,
        "machine": {**description(), "threads": str(threads or os.environ.get("OMP_NUM_THREADS", "all"))},
        "settings": {
            "size": settings.size, "repeat": settings.repeat, "timeout": settings.timeout,
            "memory": settings.memory, "seed": settings.seed,
        },
        "contestants": [
            {"name": each.name, "title": each.title, "package": each.package, "version": each.version}
            for each in BY_NAME.values() if each.name in settings.contestants
        ],
        "cases": list(found),
        "scaling": list(scaling),
        "peers": list(peers),
    }  # fmt: skip


def with_contestants(settings: Settings, names: Sequence[str]) -> Settings:
    """The settings with those contestants only."""
    return replace(settings, contestants=contestants(names))
