"""One case of the suite: every contestant searched, refused or prepared, checked, and timed in rounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from indicial.bench.contestants import BY_NAME, INDICIAL, REFERENCE, Contestant
from indicial.bench.executors import cost_of
from indicial.bench.instances import Instance
from indicial.bench.measure import First
from indicial.bench.orders import Cost, Path, steps
from indicial.bench.settings import Progress, Settings
from indicial.bench.spread import summary
from indicial.bench.worker import FailedError, Host, TimedOutError

_PREPARING = 5.0  # times the timeout: compiling and planning are no search
_FASTEST = 2e11  # FLOPs a second that no machine of a few cores passes
_LARGEST_TREE = 80  # steps of an order that are written down
_LONGEST = 2000  # letters of expressions that are written down
FEWEST = 3  # rounds, however long they take

Row = dict[str, Any]


@dataclass(slots=True)
class _Running:
    """A case under way: who searches, who computes, the rows, and those that the host should hold."""

    host: Host
    searcher: Host
    instance: Instance
    settings: Settings
    rows: dict[str, Row] = field(default_factory=dict)
    paths: dict[str, Sequence[Path]] = field(default_factory=dict)
    firsts: dict[str, First] = field(default_factory=dict)
    generation: int = -1

    def ask(self, method: str, *arguments: Any, times: float = 1.0) -> Any:
        """A request to the bench, after what a lost process held is made again."""
        if self.host.generation != self.generation:
            self._restore()
        return self.host.ask(method, *arguments, timeout=times * self.settings.timeout)

    def _restore(self) -> None:
        long = _PREPARING * self.settings.timeout
        self.host.ask("load", self.instance, self.settings.size, self.settings.seed, timeout=long)
        self.generation = self.host.generation
        for name in self.firsts:
            self.host.ask("prepare", name, self.paths[name], timeout=long)
        if self.firsts:
            self.host.ask("first", next(iter(self.firsts)), timeout=long)


def run_case(
    host: Host, searcher: Host, instance: Instance, settings: Settings, progress: Progress
) -> dict[str, Any]:
    """The case's document: what it is, and a row for each contestant.

    Orders are searched in a process beside the one that computes: it loses nothing when a search is killed.
    """
    case = _Running(host, searcher, instance, settings)
    wanted = [BY_NAME[name] for name in settings.contestants]
    for contestant in sorted(wanted, key=lambda each: each.name != REFERENCE):  # which makes the reference
        progress(f"{instance.name}: {contestant.name}")
        case.rows[contestant.name] = row = _empty(contestant)
        if contestant.version is None:
            row["status"], row["detail"] = "absent", f"the package {contestant.package} is not installed"
            continue
        try:
            _enter(case, contestant, row)
        except TimedOutError as error:
            row["status"], row["detail"] = "timed out", f"{row['detail']} {error}".strip()
        except FailedError as error:
            row["status"], row["detail"] = "wrong" if error.wrong else "failed", str(error)
    progress(f"{instance.name}: rounds")
    _time(case)
    return {
        "name": instance.name,
        "title": instance.title,
        "source": instance.source,
        "size": settings.size,
        "outputs": len(instance.outputs),
        "terms": len(list(instance.terms)),
        "operands": max([len(term.inputs) for term in instance.terms]),
        "expressions": _expressions(instance),
        "rows": [case.rows[contestant.name] for contestant in wanted],
    }


def _expressions(instance: Instance) -> list[str]:
    """Each term as an einsum string, where they are few and short enough to be written down."""
    found = [f"{','.join(term.inputs)}->{term.core}" for term in instance.terms]
    return found if sum(map(len, found)) < _LONGEST else []


def _empty(contestant: Contestant) -> Row:
    return {
        "name": contestant.name, "status": "ok", "detail": "", "search_seconds": None, "derive_seconds": None,
        "flops": None, "largest": None, "peak_predicted": None, "peak_measured": None, "bytes_moved": None,
        "seconds": None, "ratio": None, "error": None, "trees": None,
    }  # fmt: skip


def _enter(case: _Running, contestant: Contestant, row: Row) -> None:
    """Search, refuse what is too large, prepare, compute for the first time."""
    name, settings = contestant.name, case.settings
    paths: Sequence[Path] = ()
    row["detail"] = "searching"
    if contestant.search is not None:
        problem = (name, case.instance, settings.size, settings.seed)
        paths, seconds = case.searcher.ask("search", *problem, timeout=settings.timeout)
        row["search_seconds"] = seconds
        _fill(row, cost_of(case.instance, settings.size, paths))
        row["trees"] = _trees(case.instance, settings.size, paths)
        if _refused(row, settings):
            return
    cost, planning, deriving = case.ask("prepare", name, paths, times=_PREPARING)
    if contestant.search is None:
        row["search_seconds"], row["derive_seconds"] = planning, deriving
        _fill(row, cost)
        if _refused(row, settings):
            return
    row["detail"] = "computing"
    found: First = case.ask("first", name, times=2.5)  # it computes twice
    row["peak_measured"], row["error"], row["detail"] = found.peak, found.error, ""
    case.paths[name], case.firsts[name] = paths, found


def _fill(row: Row, cost: Cost) -> None:
    row["flops"], row["largest"] = cost.flops, cost.largest
    row["peak_predicted"], row["bytes_moved"] = cost.peak, cost.moved


def _refused(row: Row, settings: Settings) -> bool:
    """Whether an order is too large to run: it is shown with what is known of it."""
    if row["peak_predicted"] > settings.memory:
        row["detail"] = "its predicted peak of memory is over the limit"
    elif row["flops"] > _FASTEST * settings.timeout:
        row["detail"] = "no machine computes this within the timeout"
    else:
        return False
    row["status"] = "planned"
    return True


def _trees(instance: Instance, size: str, paths: Sequence[Path]) -> list[list[dict[str, Any]]] | None:
    """The orders as lists of steps, where they are small enough to be drawn."""
    if sum(map(len, paths)) > _LARGEST_TREE:
        return None
    shapes = instance.shapes(size)
    return [
        [
            {
                "operands": list(step.operands),
                "result": step.result,
                "flops": step.flops,
                "entries": step.entries,
            }
            for step in steps(term.inputs, term.core, term.extents(shapes), path)
        ]
        for term, path in zip(instance.terms, paths, strict=True)
    ]


def _time(case: _Running) -> None:
    """Interleaved rounds of all whose results are right; fewer where they would take too long."""
    settings, names = case.settings, list(case.firsts)
    if not names:
        return
    once = sum([found.seconds for found in case.firsts.values()])
    count = max(min(settings.repeat, FEWEST), min(settings.repeat, int(settings.budget / max(once, 1e-9))))
    limit = 10 + 5 * (count + 2) * (once + len(names) * 0.01) / settings.timeout
    try:
        samples: Mapping[str, list[float]] = case.ask("rounds", names, count, times=limit)
    except (TimedOutError, FailedError) as error:
        for name in names:
            case.rows[name]["status"], case.rows[name]["detail"] = "failed", f"in the rounds: {error}"
        return
    for name in names:
        case.rows[name]["seconds"] = summary(samples[name])
    if INDICIAL in names:
        base = case.rows[INDICIAL]["seconds"]["median"]
        for name in names:
            case.rows[name]["ratio"] = case.rows[name]["seconds"]["median"] / base
