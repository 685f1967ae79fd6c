"""What was measured as text: a table for each case, in the terminal or in Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from indicial.bench.contestants import INDICIAL
from indicial.bench.spread import geometric_mean

Document = Mapping[str, Any]

COLUMNS = ("contestant", "run", "±", "ratio", "search", "FLOPs", "largest", "predicted", "measured", "moved")
_SCALING = ("derive", "plan", "run")


def terminal(document: Document) -> str:
    """The whole run as text of fixed width."""
    return "\n".join([_machine(document), *_sections(document, _aligned, "{}")]) + "\n"


def markdown(document: Document) -> str:
    """The whole run in Markdown."""
    return "\n".join([_machine(document), *_sections(document, _piped, "### {}")]) + "\n"


def _machine(document: Document) -> str:
    settings = document["settings"]
    return (
        ", ".join([f"{key} {value}" for key, value in document["machine"].items()])
        + f"\nsize {settings['size']}, {settings['repeat']} rounds, timeout {settings['timeout']:g} s, "
        f"seed {settings['seed']}; run: the median, ±: half the distance of the quartiles; memory and FLOPs "
        "by plan, measured by tracemalloc"
    )


Rows = Sequence[Sequence[str]]


def _sections(document: Document, table: Callable[[Rows], str], heading: str) -> Iterator[str]:
    for case in document["cases"]:
        shape = f"{case['outputs']} outputs, {case['terms']} terms, up to {case['operands']} operands"
        yield f"\n{heading.format(case['name'])}\n{case['title']}; {shape}\n"
        yield table([COLUMNS, *[_row(row) for row in case["rows"]]])
    means = _means(document)
    if means:
        yield f"\n{heading.format('ratios to indicial')}\ngeometric means over the cases that both computed\n"
        yield table(means)
    for family in document["scaling"]:
        yield f"\n{heading.format(family['name'])}\n{family['title']}\n"
        yield table(_scaling(family))
    if document["peers"]:
        yield f"\n{heading.format('peers')}\nthe time of each, and its ratio to indicial's\n"
        yield table(_peers(document["peers"]))


def _row(row: Mapping[str, Any]) -> list[str]:
    """A contestant's figures; what is missing is said where the time would stand."""
    seconds = row["seconds"]
    if seconds is None:
        time, spread, ratio = row["status"] if row["status"] != "ok" else "", "", ""
    else:
        time = _seconds(seconds["median"])
        spread = f"{100 * (seconds['high'] - seconds['low']) / 2 / seconds['median']:.0f} %"
        ratio = "" if row["ratio"] is None else f"{row['ratio']:.2f}"
    bytes_ = [_scaled(row[key], "B") for key in ("peak_predicted", "peak_measured", "bytes_moved")]
    counts = [_scaled(row["flops"]), _scaled(row["largest"]), *bytes_]
    return [row["name"], time, spread, ratio, _seconds(row["search_seconds"]), *counts]


def _means(document: Document) -> Rows:
    names = [each["name"] for each in document["contestants"] if each["name"] != INDICIAL]
    rows = []
    for name in names:
        found = [
            row["ratio"]
            for case in document["cases"]
            for row in case["rows"]
            if row["name"] == name and row["ratio"] is not None
        ]
        statuses = [
            row["status"] for case in document["cases"] for row in case["rows"] if row["name"] == name
        ]
        mean = geometric_mean(found)
        if mean is not None:
            faster, slower = sum([ratio < 0.95 for ratio in found]), sum([ratio > 1.05 for ratio in found])
            lost = len(statuses) - len(found)
            rows.append([name, f"{mean:.2f}", str(len(found)), str(slower), str(faster), str(lost)])
    heading = (
        "contestant",
        "run / indicial's",
        "cases",
        "indicial faster",
        "indicial slower",
        "not computed",
    )
    return [heading, *rows] if rows else []


def of_family(family: Mapping[str, Any]) -> str:
    """A family of scaling as a table of fixed width."""
    return _aligned(_scaling(family))


def _scaling(family: Mapping[str, Any]) -> Rows:
    rows = [[family["along"], *_SCALING]]
    for row in family["rows"]:
        cells = [_seconds(row[stage]["median"]) if row[stage] else row["status"] for stage in _SCALING]
        rows.append([str(row["size"]), *cells])
    exponents = [family["exponents"][stage] for stage in _SCALING]
    rows.append(["exponent", *["" if each is None else f"{each:.2f}" for each in exponents]])
    if family["theory"] is not None:
        rows.append(["theory", "", "", f"{family['theory']:g}"])
    return rows


def _peers(found: Sequence[Mapping[str, Any]]) -> Rows:
    names = list(dict.fromkeys([row["name"] for each in found for row in each["rows"]]))
    rows = [["workload", "kind", "size", *names]]
    for each in found:
        cells = {row["name"]: _peer(row) for row in each["rows"]}
        rows.append(
            [each["name"], each["kind"], each["size"] or each["status"], *[cells.get(n, "") for n in names]]
        )
    return rows


def _peer(row: Mapping[str, Any]) -> str:
    """A peer's time and ratio; what is missing is said where they would stand."""
    if row["seconds"] is None:
        return str(row["status"])
    ratio = "" if row["ratio"] is None else f" ({row['ratio']:.2f})"
    return _seconds(row["seconds"]["median"]) + ratio


def _aligned(rows: Rows) -> str:
    widths = [max([len(row[k]) for row in rows]) for k in range(len(rows[0]))]
    return "\n".join(
        [
            "  ".join(
                [row[0].ljust(widths[0]), *[c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True)]]
            )
            for row in rows
        ]
    )


def _piped(rows: Rows) -> str:
    lines = [f"| {' | '.join(row)} |" for row in rows]
    rule = f"| --- |{' ---: |' * (len(rows[0]) - 1)}"
    return "\n".join([lines[0], rule, *lines[1:]])


def _seconds(value: float | None) -> str:
    if value is None:
        return ""
    for unit, factor in (("s", 1.0), ("ms", 1e3), ("µs", 1e6)):
        if value * factor >= 1 or unit == "µs":
            return f"{value * factor:.3g} {unit}"
    raise AssertionError("the last unit takes everything")


def _scaled(value: float | None, unit: str = "") -> str:
    if value is None:
        return ""
    for prefix in ("", "k", "M", "G", "T"):
        if value < 1000:
            return f"{value:.3g} {prefix}{unit}".rstrip()
        value /= 1000
    return f"{value:.2g} P{unit}"
