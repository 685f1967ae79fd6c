"""Figures of a run: time against FLOPs, search time against run time, memory, scaling, contraction trees."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from indicial.bench.families import STAGES
from indicial.bench.spread import correlation, geometric_mean, slope
from indicial.bench.trees import drawable, forest
from indicial.errors import BackendError, IndicialError

Document = Mapping[str, Any]
Row = Mapping[str, Any]

STYLE: Any = {
    "svg.fonttype": "none",  # text stays text: small files, and readable ones
    "svg.hashsalt": "indicial",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 10,
    "legend.frameon": False,
}
_KINDS = (("indicial", "#d1495b"), ("opt_einsum, NumPy", "#30638e"), ("cotengra", "#edae49"))
_WIDE, _HIGH = 150, 13  # pixels that a label takes
_LEADER = {"arrowstyle": "-", "color": "#cccccc", "linewidth": 0.6}
_STAGES = dict(zip(STAGES, ("#30638e", "#edae49", "#d1495b"), strict=True))


def require() -> None:
    """Raises BackendError where matplotlib is absent."""
    try:
        import matplotlib  # noqa: F401
    except ImportError as error:
        raise BackendError(
            "plots need matplotlib, which is not installed", hint='install it: pip install "indicial[plot]"'
        ) from error


def draw(document: Document, folder: Path) -> list[Path]:
    """Draws every figure that the document has data for, as SVG; the files."""
    require()
    from matplotlib import rc_context

    try:
        folder.mkdir(parents=True, exist_ok=True)
        with rc_context(STYLE):
            return list(_drawn(document, folder))
    except OSError as error:
        raise IndicialError(f"{folder} cannot be written to: {error.strerror}") from error


def _drawn(document: Document, folder: Path) -> Iterator[Path]:
    figures: Sequence[tuple[str, Callable[[Document], Any]]] = (
        ("time-against-flops", time_against_flops),
        ("search-against-run", search_against_run),
        ("memory", memory),
        ("scaling", scaling),
    )
    for name, make in figures:
        figure = make(document)
        if figure is not None:
            yield saved(figure, folder / f"{name}.svg")
    for case in drawable(document):
        yield saved(forest(case), folder / f"tree-{case['name']}.svg")


def saved(figure: Any, path: Path) -> Path:
    """The figure in a file that is the same for the same data."""
    figure.savefig(path, format="svg", metadata={"Date": None}, bbox_inches="tight")
    return path


def axes(columns: int = 1, rows: int = 1, width: float = 4.6, height: float = 3.6) -> tuple[Any, list[Any]]:
    """A figure and its axes."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width * columns, height * rows), layout="constrained")
    grid = figure.subplots(rows, columns, squeeze=False)
    return figure, [axis for line in grid for axis in line]


def kind(name: str) -> int:
    """Which of the kinds a contestant belongs to."""
    return 0 if name.startswith("indicial") else 2 if name.startswith("cotengra") else 1


def computed(document: Document) -> Iterator[tuple[Row, Row]]:
    """Each case with each row that has a time."""
    for case in document["cases"]:
        for row in case["rows"]:
            if row["seconds"] is not None and row["flops"]:
                yield case, row


def time_against_flops(document: Document) -> Any:
    """All computations, and beside it each against the best of its case."""
    found = [
        (case["name"], row["name"], row["flops"], row["seconds"]["median"])
        for case, row in computed(document)
    ]
    if len(found) < 2:
        return None
    figure, (left, right) = axes(2)
    flops, seconds = [each[2] for each in found], [each[3] for each in found]
    _scatter(left, [(kind(name), x, y) for _, name, x, y in found])
    left.set(xscale="log", yscale="log", xlabel="FLOPs of the order", ylabel="seconds to compute")
    left.set_title(f"all cases: exponent {_figure(slope(flops, seconds))}, rank correlation "
                   f"{_figure(correlation(flops, seconds))}")  # fmt: skip
    left.legend(loc="upper left")
    relative = _relative(found)
    _scatter(right, relative)
    xs, ys = [x for _, x, _ in relative], [y for _, _, y in relative]
    high = max([*xs, *ys])
    right.plot([1, high], [1, high], color="#999999", linewidth=0.8, label="in proportion")
    right.set(xscale="log", yscale="log", xlabel="FLOPs over the fewest of the case")
    right.set_ylabel("time over the shortest of the case")
    right.set_title(f"within a case: rank correlation {_figure(correlation(xs, ys))}")
    return figure


def _relative(found: Sequence[tuple[str, str, int, float]]) -> list[tuple[int, float, float]]:
    fewest: dict[str, float] = {}
    shortest: dict[str, float] = {}
    for case, _, flops, seconds in found:
        fewest[case] = min(flops, fewest.get(case, flops))
        shortest[case] = min(seconds, shortest.get(case, seconds))
    return [(kind(name), flops / fewest[case], s / shortest[case]) for case, name, flops, s in found]


def _scatter(axis: Any, points: Sequence[tuple[int, float, float]]) -> None:
    for number, (label, colour) in reversed(list(enumerate(_KINDS))):
        chosen = [(x, y) for each, x, y in points if each == number]
        if chosen:
            xs, ys = zip(*chosen, strict=True)
            axis.scatter(xs, ys, s=11, color=colour, alpha=0.75, linewidths=0, label=label)


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def search_against_run(document: Document) -> Any:
    """Each contestant's mean search time, and its mean run time over the shortest of each case.

    Means over the cases that all contestants computed, which leaves out the largest ones.
    """
    times: dict[str, dict[str, tuple[float, float]]] = {}
    for case, row in computed(document):
        if row["search_seconds"]:
            found = (row["search_seconds"], row["seconds"]["median"])
            times.setdefault(row["name"], {})[case["name"]] = found
    common = set.intersection(*[set(each) for each in times.values()]) if len(times) > 1 else set()
    if not common:
        return None
    shortest = {case: min([each[case][1] for each in times.values()]) for case in common}
    points = [
        (
            geometric_mean([each[case][0] for case in sorted(common)]) or 0.0,
            geometric_mean([each[case][1] / shortest[case] for case in sorted(common)]) or 0.0,
            name,
        )
        for name, each in times.items()
    ]
    figure, (axis,) = axes(1, width=7.2, height=4.4)
    for x, y, name in points:
        axis.scatter([x], [y], s=24, color=_KINDS[kind(name)][1], linewidths=0)
    front = pareto([(x, y) for x, y, _ in points])
    axis.plot(*zip(*front, strict=True), color="#999999", linewidth=0.8, zorder=0)
    axis.set(xscale="log", yscale="log", xlabel="seconds to find the orders (geometric mean)")
    axis.set_ylabel("time to compute over the shortest of the case (geometric mean)")
    axis.set_title(f"search against run, over the {len(common)} cases that all computed")
    axis.margins(x=0.18)
    _plain(axis.yaxis)
    _label(axis, points)
    return figure


def _label(
    axis: Any, points: Sequence[tuple[float, float, str]], colours: Sequence[str] | None = None
) -> None:
    """The name beside each point, from the lowest up, each clear of the one below it."""
    axis.autoscale_view()
    taken: list[tuple[float, float]] = []
    own = colours or ["black"] * len(points)
    for (x, y, name), colour in sorted(zip(points, own, strict=True), key=lambda pair: pair[0][1]):
        across, up = axis.transData.transform((x, y))
        height = up
        while any(abs(across - left) < _WIDE and abs(height - other) < _HIGH for left, other in taken):
            height += 1
        taken.append((across, height))
        axis.annotate(
            name, (x, y), xytext=(6, height - up - 3), textcoords="offset pixels", fontsize=8, color=colour,
            arrowprops=_LEADER if height > up + _HIGH else None,
        )  # fmt: skip


def _plain(axis: Any) -> None:
    """Numbers as they are, where an axis spans too little for powers of ten."""
    from matplotlib.ticker import FormatStrFormatter

    axis.set_major_formatter(FormatStrFormatter("%g"))
    axis.set_minor_formatter(FormatStrFormatter("%g"))


def pareto(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """The points than which no other is at least as good in both coordinates, from left to right."""
    front: list[tuple[float, float]] = []
    for point in sorted(set(points)):
        if not front or point[1] < front[-1][1]:
            front.append(point)
    return front


def memory(document: Document) -> Any:
    """The peak that one call allocated against the one that the order predicts."""
    points = [
        (kind(row["name"]), row["peak_predicted"], row["peak_measured"])
        for _, row in computed(document)
        if row["peak_predicted"] and row["peak_measured"]
    ]
    if len(points) < 2:
        return None
    figure, (axis,) = axes(1)
    _scatter(axis, points)
    ends = [min([x for _, x, _ in points]), max([x for _, x, _ in points])]
    axis.plot(ends, ends, color="#999999", linewidth=0.8, label="as predicted")
    axis.set(xscale="log", yscale="log", xlabel="predicted peak, bytes", ylabel="measured peak, bytes")
    axis.legend(loc="upper left")
    return figure


def scaling(document: Document) -> Any:
    """Seconds to derive, to plan and to run against what grows, for each family."""
    families = [
        family for family in document["scaling"] if any(row["status"] == "ok" for row in family["rows"])
    ]
    if not families:
        return None
    columns = min(3, len(families))
    figure, places = axes(columns, -(-len(families) // columns), width=3.4, height=2.9)
    for axis, family in zip(places, families, strict=False):
        _family(axis, family)
    for axis in places[len(families) :]:
        axis.set_visible(False)
    places[0].legend(fontsize=8)
    return figure


def _family(axis: Any, family: Row) -> None:
    rows = [row for row in family["rows"] if row["status"] == "ok"]
    sizes = [row["size"] for row in rows]
    for stage, colour in _STAGES.items():
        axis.plot(
            sizes, [row[stage]["median"] for row in rows], color=colour, marker="o", markersize=3, label=stage
        )
    axis.set(xscale="log", yscale="log", xlabel=family["along"], ylabel="seconds")
    fitted = [stage for stage in _STAGES if family["exponents"][stage] is not None]
    ends = [(sizes[-1], rows[-1][stage]["median"], f"{family['exponents'][stage]:.1f}") for stage in fitted]
    _label(axis, ends, [_STAGES[stage] for stage in fitted])
    axis.set_xticks(sizes, labels=[f"{size:,}" for size in sizes])
    axis.set_xticks([], minor=True)
    theory = "" if family["theory"] is None else f" (run: {family['theory']:g} in theory)"
    axis.set_title(f"{family['name'].removeprefix('scaling-')}{theory}", fontsize=9)
