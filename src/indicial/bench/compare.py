"""Two runs side by side: what became slower, by ratio and beyond noise, and what is planned to cost more.

A time has changed if its ratio passes the threshold and the quartiles of the two runs lie apart. Planned
FLOPs and peaks are free of noise: any increase counts. The others' changes are shown too, as the drift of
the machine; only indicial's decide.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from indicial.bench.schema import complaints, schema
from indicial.bench.spread import quartiles
from indicial.errors import IndicialError

THRESHOLD = 1.1

Document = Mapping[str, Any]
Rows = dict[tuple[str, str], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs between two runs; `worse` if it counts against the new one."""

    case: str
    contestant: str
    what: str
    worse: bool

    @property
    def ours(self) -> bool:
        """Whether it is about indicial, and not about a rival."""
        return self.contestant.startswith("indicial")

    def __str__(self) -> str:
        return f"{'worse ' if self.worse else 'better'}  {self.case}  {self.contestant}: {self.what}"


def load(path: Path) -> Document:
    """The document of a run; raises IndicialError where the file holds none."""
    try:
        document: Document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise IndicialError(f"{path} cannot be read as JSON: {error}") from error
    found = complaints(document, schema("results"))
    if found:
        raise IndicialError(
            f"{path} holds no results of the suite: {found[0]}",
            hint="write them with `indicial bench --json`",
        )
    return document


def changes(old: Document, new: Document) -> list[Change]:
    """What differs, case by case; sizes must agree for cases to be compared."""
    before, after = _rows(old), _rows(new)
    found: list[Change] = []
    for key in before:
        if key in after:
            found += _of_row(*key, before[key], after[key])
    return [*found, *_of_scaling(old, new), *_of_peers(old, new)]


def _rows(document: Document) -> Rows:
    size = document["settings"]["size"]
    return {
        (f"{case['name']} ({size})", row["name"]): row for case in document["cases"] for row in case["rows"]
    }


def _of_row(case: str, name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    if old["status"] != new["status"]:
        worse = old["status"] == "ok" or (old["status"] == "planned" and new["status"] != "ok")
        yield Change(case, name, f"{old['status']}, now {new['status']} {new['detail']}".rstrip(), worse)
    for key, words in (("flops", "FLOPs"), ("peak_predicted", "bytes at the planned peak")):
        if old[key] is not None and new[key] is not None and old[key] != new[key]:
            yield Change(case, name, f"{old[key]:,} {words}, now {new[key]:,}", new[key] > old[key])
    if old["seconds"] and new["seconds"]:
        yield from _of_times(case, name, "running", old["seconds"], new["seconds"])


def _of_times(
    case: str, name: str, what: str, old: Mapping[str, Any], new: Mapping[str, Any]
) -> Iterator[Change]:
    ratio = new["median"] / old["median"]
    (low_before, _, high_before), (low, _, high) = quartiles(old["samples"]), quartiles(new["samples"])
    words = (
        f"{what} takes {ratio:.2f} of the time, {old['median'] * 1e3:.4g} ms, now {new['median'] * 1e3:.4g}"
    )
    if ratio > THRESHOLD and low > high_before:
        yield Change(case, name, words, True)
    elif ratio < 1 / THRESHOLD and high < low_before:
        yield Change(case, name, words, False)


def _of_scaling(old: Document, new: Document) -> Iterator[Change]:
    after = {(family["name"], row["size"]): row for family in new["scaling"] for row in family["rows"]}
    for family in old["scaling"]:
        for row in family["rows"]:
            other = after.get((family["name"], row["size"]))
            if other is None or row["status"] != "ok":
                continue
            case = f"{family['name']} at {row['size']}"
            if other["status"] != "ok":
                yield Change(case, "indicial", f"now {other['status']}: {other['detail']}", True)
                continue
            for stage in ("derive", "plan", "run"):
                yield from _of_times(case, "indicial", stage, row[stage], other[stage])


def _of_peers(old: Document, new: Document) -> Iterator[Change]:
    """What changed for each library on each workload at each size."""
    before, after = _peers(old), _peers(new)
    for key, row in before.items():
        other = after.get(key)
        if other is None:
            continue
        case, name = key
        if row["status"] != other["status"]:
            words = f"{row['status']}, now {other['status']} {other['detail']}".rstrip()
            yield Change(case, name, words, row["status"] == "ok")
        if row["seconds"] and other["seconds"]:
            yield from _of_times(case, name, "running", row["seconds"], other["seconds"])


def _peers(document: Document) -> Rows:
    """The row of each library, by workload and size."""
    found: Rows = {}
    for each in document["peers"]:
        case = f"{each['name']} ({each['size'] or each['kind']})"
        for row in each["rows"]:
            found[case, row["name"]] = row
    return found


def report(old: Document, new: Document) -> tuple[str, bool]:
    """The comparison in words, and whether anything of indicial's became worse."""
    found = changes(old, new)
    ours = [each for each in found if each.ours]
    others = [each for each in found if not each.ours]
    lines = [f"the machines differ: {key} {value}, now {new['machine'].get(key)}"
             for key, value in old["machine"].items() if new["machine"].get(key) != value]  # fmt: skip
    lines += [str(each) for each in ours] or ["nothing of indicial's changed beyond noise"]
    if others:
        worse = sum([each.worse for each in others])
        lines.append(f"the other contestants: {worse} worse, {len(others) - worse} better, which is drift")
        lines += [f"  {each}" for each in others]
    return "\n".join(lines), any(each.worse for each in ours)
