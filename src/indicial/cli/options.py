"""What may stand on the command line, and the help that says so."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from indicial.cli.bench import BENCH_EXAMPLES, bench_options
from indicial.cli.help import (
    BINDINGS_HELP,
    CHECK_EXAMPLES,
    COMPLETION_EXAMPLES,
    DERIVE_EXAMPLES,
    EVAL_EXAMPLES,
    PLAN_EXAMPLES,
    PROGRAM_HELP,
    REPL_EXAMPLES,
)
from indicial.render.matrix import LAYOUTS, ORDERS
from indicial.render.source.library import LIBRARIES

NOTATIONS = ("index", "matrix")
SHELLS = ("bash", "zsh", "fish")
STRUCTURES = ("projected", "entries")
DTYPES = ("float32", "float64", "complex64", "complex128")

_HIGHEST_ORDER = 100  # of a derivative, as in the library

_FORMS = (
    ("latex", "print LaTeX"),
    ("unicode", "print with subscripts, δᵢₘ xₙ"),
    ("json", "print JSON"),
)


class _Help(argparse.RawDescriptionHelpFormatter):
    """Help whose examples keep their lines."""


def _positive(text: str) -> int:
    """A whole number from 1 up."""
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) > 0):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 up")
    return int(text)


def _order(text: str) -> int:
    """The order of a derivative."""
    order = _positive(text)
    if order > _HIGHEST_ORDER:
        raise argparse.ArgumentTypeError(f"{text} is more than the highest order, {_HIGHEST_ORDER}")
    return order


def _seed(text: str) -> int:
    """A whole number from 0 up."""
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 0 up")
    return int(text)


def _add_program(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("program", metavar="PROGRAM", help=PROGRAM_HELP)
    parser.add_argument(
        "--notation",
        choices=NOTATIONS,
        default="index",
        help="how the program is written (default: index)",
    )


def _add_variables(parser: argparse.ArgumentParser, *, required: bool) -> None:
    parser.add_argument(
        "--wrt",
        metavar="VARIABLE",
        action="append",
        required=required,
        help='differentiate by this variable: W, W_kl to name the indices, "x W" for a mixed second '
        "derivative; given several times, by each of the variables",
    )
    parser.add_argument(
        "--order", metavar="N", type=_order, default=1, help="the order of the derivative (default: 1)"
    )


def _add_structure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--structure",
        choices=STRUCTURES,
        help="by a tensor that is declared symmetric, antisymmetric or diagonal: the derivative in the space "
        "of such tensors (projected), or by each independent entry moved together with its mirror images "
        "(entries); without it every component is a variable of its own",
    )


def _add_bindings(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("bindings", metavar="NAME=VALUE", nargs="*", help="an input's array; see below")
    parser.add_argument("--seed", metavar="N", type=_seed, default=0, help="seed of random data (default: 0)")
    parser.add_argument(
        "--positive", action="store_true", help="draw random data from 0.5 to 1.5, for logarithms and roots"
    )


def _add_directions(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--cotangent",
        metavar="G",
        help="contract with a cotangent of the result, a new input of this name: the pullback",
    )
    parser.add_argument(
        "--tangent",
        metavar="dX",
        action="append",
        help="contract with a tangent of the variable, a new input of this name: the differential; one for "
        "each --wrt",
    )


def _add_forms(parser: argparse.ArgumentParser) -> None:
    form = parser.add_mutually_exclusive_group()
    for name, words in _FORMS:
        form.add_argument(f"--{name}", dest="form", action="store_const", const=name, help=words)
    form.add_argument(
        "--code", metavar="LIBRARY", choices=LIBRARIES, help=f"print a function: {', '.join(LIBRARIES)}"
    )
    parser.add_argument(
        "--matrix",
        action="store_true",
        help="print matrix notation, xᵀ ⊗ I, where there is such a form; with --latex as LaTeX",
    )
    parser.add_argument(
        "--value", action="store_true", help="with --code: of a scalar, one function for value and gradient"
    )


def _add_matrix_layout(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--layout",
        choices=LAYOUTS,
        help="with --matrix: numerator or denominator layout (default: gradients like their variable, "
        "Jacobians with a row for each entry of the output)",
    )
    parser.add_argument(
        "--vec", choices=ORDERS, help="with --matrix: stack columns (F, the default) or rows (C)"
    )
    parser.add_argument(
        "--ascii", action="store_true", help="with --matrix: as --notation matrix reads it, 2*A*x"
    )


def _derive_options(parser: argparse.ArgumentParser) -> None:
    _add_program(parser)
    _add_variables(parser, required=True)
    _add_structure(parser)
    _add_directions(parser)
    _add_forms(parser)
    _add_matrix_layout(parser)
    parser.add_argument(
        "--steps", action="store_true", help="show how the derivative comes about, rule by rule"
    )
    parser.add_argument("-o", "--output", metavar="FILE", help="write to FILE instead of standard output")


def _eval_options(parser: argparse.ArgumentParser) -> None:
    _add_program(parser)
    _add_variables(parser, required=False)
    _add_structure(parser)
    _add_bindings(parser)
    parser.add_argument(
        "-o", "--output", metavar="FILE", help="write the array to FILE: .npy, .npz or .csv (up to two axes)"
    )


def _check_options(parser: argparse.ArgumentParser) -> None:
    _add_program(parser)
    _add_variables(parser, required=True)
    _add_structure(parser)
    _add_bindings(parser)


def _plan_options(parser: argparse.ArgumentParser) -> None:
    _add_program(parser)
    _add_variables(parser, required=False)
    _add_structure(parser)
    parser.add_argument(
        "bindings", metavar="NAME=SHAPE", nargs="*", help="an input's shape, 3x4, or its array; see below"
    )
    parser.add_argument(
        "--dtype", choices=DTYPES, default="float64", help="of what is computed (default: float64)"
    )
    parser.add_argument("--plot", metavar="FILE", help="draw the steps and the memory they hold, as SVG")


def _completion_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", metavar="SHELL", choices=SHELLS, help=", ".join(SHELLS))


def _no_options(_parser: argparse.ArgumentParser) -> None:
    """A command that has none."""


_COMMANDS = (
    ("derive", _derive_options, "print the derivative of a program as a formula", DERIVE_EXAMPLES),
    (
        "eval",
        _eval_options,
        "compute a program, or its derivative, with numbers",
        f"{BINDINGS_HELP}\n{EVAL_EXAMPLES}",
    ),
    (
        "check",
        _check_options,
        "compare a derivative with finite differences or the complex step",
        f"{BINDINGS_HELP}\n{CHECK_EXAMPLES}",
    ),
    (
        "plan",
        _plan_options,
        "say what a computation will do: contraction order, steps, FLOPs, memory",
        f"{BINDINGS_HELP}\n{PLAN_EXAMPLES}",
    ),
    ("repl", _no_options, "read statements and questions line by line", REPL_EXAMPLES),
    (
        "completion",
        _completion_options,
        "print the script that lets a shell complete these words",
        COMPLETION_EXAMPLES,
    ),
    ("bench", bench_options, "measure contraction orders, and compare them", BENCH_EXAMPLES),
)


class Parsers:
    """The parser of the whole command line and those of its commands."""

    def __init__(self, version: str) -> None:
        self.top = argparse.ArgumentParser(
            prog="indicial",
            description="Derivatives of tensor expressions in index notation: as formulas and as numbers.",
            epilog="`indicial COMMAND --help` shows the options of a command, with examples.",
        )
        self.top.add_argument("--version", action="version", version=f"indicial {version}")
        commands = self.top.add_subparsers(dest="command", metavar="COMMAND", required=True)
        self.commands: dict[str, argparse.ArgumentParser] = {}
        for name, add_options, summary, epilog in _COMMANDS:
            parser = commands.add_parser(
                name,
                help=summary,
                description=summary[0].upper() + summary[1:] + ".",
                epilog=epilog,
                formatter_class=_Help,
                allow_abbrev=False,
            )
            add_options(parser)
            self.commands[name] = parser

    def parse(self, arguments: Sequence[str]) -> argparse.Namespace:
        """The options given; NAME=VALUE words may stand before, between and after the others."""
        if arguments and arguments[0] in self.commands:
            options = self.commands[arguments[0]].parse_intermixed_args(arguments[1:])
            options.command = arguments[0]
            return options
        return self.top.parse_args(arguments)
