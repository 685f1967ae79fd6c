"""What `indicial bench` does with its options; `benchmarks/run.py` is the same."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from indicial.bench import compare, plots, suite, tables
from indicial.bench.contestants import CONTESTANTS
from indicial.errors import IndicialError


def run(options: argparse.Namespace) -> int:
    """The exit status: 0, or 1 where something is worse or wrong."""
    if options.compare is not None:
        old, new = [compare.load(Path(path)) for path in options.compare]
        words, worse = compare.report(old, new)
        print(words)
        return 1 if worse else 0
    _require_counts(options)
    folder = None if options.instances is None else Path(options.instances)
    wanted = suite.cases(options.only, folder)
    if options.list:
        print(_listing(wanted))
        return 0
    settings = suite.settings_for(
        quick=options.quick, repeat=options.repeat, timeout=options.timeout, seed=options.seed
    )
    settings = suite.with_contestants(settings, options.contestants)
    if options.plots is not None:
        plots.require()
    document = suite.run(wanted, settings, options.threads, _progress)
    _progress("")
    _write(options, document)
    print(tables.terminal(document), end="")
    wrong = any(row["status"] == "wrong" for case in document["cases"] for row in case["rows"])
    return 1 if wrong else 0


def _require_counts(options: argparse.Namespace) -> None:
    for name in ("threads", "repeat", "timeout"):
        value = getattr(options, name)
        if value is not None and not value > 0:
            raise IndicialError(f"--{name} is {value:g}, and there must be some", hint=f"write --{name} 2")
    if options.seed < 0:
        raise IndicialError(f"--seed is {options.seed}, less than nothing", hint="write --seed 0")


def _write(options: argparse.Namespace, document: suite.Document) -> None:
    if options.json is not None:
        _save(Path(options.json), json.dumps(document, indent=1, ensure_ascii=False) + "\n")
    if options.markdown is not None:
        _save(Path(options.markdown), tables.markdown(document))
    if options.plots is not None:
        for path in plots.draw(document, Path(options.plots)):
            print(f"wrote {path}", file=sys.stderr)


def _save(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise IndicialError(f"{path} cannot be written: {error.strerror}") from error


def _listing(wanted: suite.Cases) -> str:
    rows = wanted.named()
    wide = max([len(name) for name, _ in rows])
    cases = [f"  {name.ljust(wide)}  {title}" for name, title in rows]
    others = [
        f"  {each.name.ljust(wide)}  {each.title}"
        + ("" if each.version is not None else f" (absent: {each.package} is not installed)")
        for each in CONTESTANTS
    ]
    return "\n".join(["cases", *cases, "contestants", *others])


def _progress(words: str) -> None:
    """What is under way, on one line of a terminal; nothing where standard error is none."""
    if sys.stderr.isatty():
        print(f"\r\033[K{words}", end="", file=sys.stderr, flush=True)
