"""indicial beside other libraries, workload by workload."""

from __future__ import annotations

from typing import Any

from indicial.bench.settings import Progress, Settings
from indicial.bench.worker import FailedError, Host, TimedOutError
from indicial.bench.workloads import Workload

_KINDS = {"smoke": ("small",), "quick": ("small",), "full": ("small", "medium", "large")}
_COMPILING = 100.0  # seconds that peers may take to compile


def run_peers(host: Host, workload: Workload, settings: Settings, progress: Progress) -> list[dict[str, Any]]:
    """A document for each size of a workload: the seconds of each peer, and their ratio to indicial's."""
    found: list[dict[str, Any]] = []
    for kind in _KINDS[settings.size]:
        progress(f"{workload.name}: {kind}")
        arguments = (workload.function, kind, settings.seed, settings.repeat)
        base = {"name": workload.name, "title": workload.title, "kind": kind}
        try:
            for each in host.ask("peers", *arguments, timeout=settings.timeout * 5 + _COMPILING):
                found.append({**base, **each, "name": workload.name, "status": "ok", "detail": ""})
        except (TimedOutError, FailedError) as error:
            status = "timed out" if isinstance(error, TimedOutError) else "failed"
            found.append(
                {
                    **base,
                    "size": "",
                    "first": None,
                    "flops": None,
                    "status": status,
                    "detail": str(error),
                    "rows": [],
                }
            )
    return found
