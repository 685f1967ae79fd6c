"""Cost against size; deriving, planning and running are timed apart.

The exponent of each is the slope of log seconds against log size over the upper sizes; `theory` is the
exponent that the running time should have, where there is one.
"""

from __future__ import annotations

from typing import Any

from indicial.bench.families import FAMILIES, STAGES, Family
from indicial.bench.settings import Progress, Settings
from indicial.bench.spread import slope, summary
from indicial.bench.worker import FailedError, Host, TimedOutError

_FITTED = 3  # sizes, the largest ones


def run_family(host: Host, family: Family, settings: Settings, progress: Progress) -> dict[str, Any]:
    """The family's document: a row for each size, and the fitted exponents."""
    rows: list[dict[str, Any]] = []
    repeats = min(settings.repeat, 3)
    for size in family.sizes[settings.size]:
        progress(f"{family.name}: {family.along} {size}")
        arguments = (FAMILIES.index(family), size, settings.seed, repeats)
        try:
            found = host.ask("family", *arguments, timeout=settings.timeout * 4 * repeats)
        except (TimedOutError, FailedError) as error:
            rows.append({"size": size, "status": "failed", "detail": str(error)} | dict.fromkeys(STAGES))
            break
        stages = {stage: summary(found[stage]) for stage in STAGES}
        rows.append({"size": size, "status": "ok", "detail": "", **stages})
    done = [row for row in rows if row["status"] == "ok"][-_FITTED:]
    xs = [row["size"] for row in done]
    return {
        "name": family.name,
        "title": family.title,
        "along": family.along,
        "theory": family.theory,
        "rows": rows,
        "exponents": {stage: slope(xs, [row[stage]["median"] for row in done]) for stage in STAGES},
    }
