"""`indicial bench`: the suite is imported when it is asked for, and by no other command."""

from __future__ import annotations

import argparse

BENCH_EXAMPLES = """\
examples:
  indicial bench --list
  indicial bench --quick
  indicial bench --only cp-gradients "opt_einsum-*" --json results.json --plots plots
  indicial bench --contestants indicial auto cotengra-hyper --threads 2 --repeat 15
  indicial bench --compare old.json new.json

exit status: 0; 1 when --compare finds that something became worse, or a result is wrong; 2 for bad input
"""


def bench_options(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("--list", action="store_true", help="name the cases and contestants, and run nothing")
    parser.add_argument(
        "--only", metavar="NAME", nargs="+", default=[], help="the cases whose names hold this or match it"
    )
    parser.add_argument("--contestants", metavar="NAME", nargs="+", default=[], help="only these")
    parser.add_argument(
        "--quick", action="store_true", help="small extents: two minutes on two cores at most"
    )
    parser.add_argument("--threads", metavar="N", type=int, help="threads of the libraries that compute")
    parser.add_argument("--repeat", metavar="N", type=int, help="rounds (default: 5 quick, 9 full)")
    parser.add_argument(
        "--timeout",
        metavar="SECONDS",
        type=float,
        help="for one search and for one computation (default: 0.5 quick, 10 full)",
    )
    parser.add_argument(
        "--seed", metavar="N", type=int, default=0, help="of the arrays and of random searches"
    )
    parser.add_argument("--instances", metavar="FOLDER", help="further instances, JSON files")
    parser.add_argument("--json", metavar="FILE", help="write everything measured")
    parser.add_argument("--markdown", metavar="FILE", help="write the tables in Markdown")
    parser.add_argument("--plots", metavar="FOLDER", help="draw into this folder (needs matplotlib)")
    parser.add_argument("--compare", metavar=("OLD", "NEW"), nargs=2, help="two files that --json wrote")


def run_bench(options: argparse.Namespace) -> int:
    """Runs the suite, or lists it, or compares two runs of it."""
    from indicial.bench.command import run

    return run(options)
