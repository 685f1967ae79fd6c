"""The planned FLOPs and peak of memory of indicial's joint plan, by case: deterministic, so tests hold them.

`benchmarks/pins.json` is the record. It may only be lowered: `benchmarks/pins.py` writes what is planned
now, and refuses where that is more than what is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from indicial.bench.executors import joint
from indicial.bench.instances import Instance

Pins = dict[str, dict[str, int]]

SIZE = "quick"


def pins(instances: Iterable[Instance]) -> Pins:
    """What the plans cost at the quick size."""
    found: Pins = {}
    for instance in instances:
        cost = joint(instance, SIZE).cost
        found[instance.name] = {"flops": cost.flops, "peak_bytes": cost.peak}
    return found


def raised(old: Mapping[str, Mapping[str, int]], new: Mapping[str, Mapping[str, int]]) -> list[str]:
    """What is planned to cost more than the record says."""
    return [
        f"{name}: {key} {old[name][key]:,}, now {value:,}"
        for name, figures in new.items()
        for key, value in figures.items()
        if name in old and value > old[name][key]
    ]
