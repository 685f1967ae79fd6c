"""The commands: each takes its options, writes its result, and returns its exit status."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from indicial.api import Derivation, Derivative, Program, check, derive, evaluate, parse
from indicial.cli.arrays import Array, read_bindings, require_writable_format, write_arrays, written_values
from indicial.cli.ranks import require_ranks
from indicial.cli.sources import path_of, read_program, reason_of
from indicial.errors import IndicialError
from indicial.syntax.parser import parse_denominators

Variables = str | tuple[str, ...]


def variables(names: Sequence[str], order: int) -> Variables:
    """`wrt` as the library takes it: a string for one --wrt, a tuple for several."""
    if order > 1:
        written = parse_denominators(names[0])
        if len(names) != 1 or len(written) != 1:
            raise IndicialError(
                "--order repeats one variable, and several are given",
                hint='name the variables of a mixed derivative one by one, as in --wrt "x W"',
            )
        return " ".join([names[0], *[written[0].name] * (order - 1)])  # letters name the first one's axes
    return names[0] if len(names) == 1 else tuple(names)


def _program(options: argparse.Namespace) -> Program:
    """The program that PROGRAM names, in the notation that the options name."""
    text = read_program(options.program, paths_only=options.notation == "index")
    return parse(text, notation=options.notation)


def run_derive(options: argparse.Namespace) -> int:
    """Prints ∂f/∂x as an equation, one for each --wrt, or the steps that lead to it."""
    result = derive(_program(options), wrt=variables(options.wrt, options.order))
    derivatives = result.values() if isinstance(result, Mapping) else (result,)
    forms = [each.steps() if options.steps else each for each in derivatives]
    text = ("\n\n" if options.steps else "\n").join(_written(each, latex=options.latex) for each in forms)
    if options.output is None:
        print(text)
    else:
        try:
            path_of(options.output).write_text(text + "\n", encoding="utf-8")
        except OSError as error:
            raise IndicialError(f"{options.output} cannot be written: {reason_of(error)}") from error
    return 0


def _written(form: Derivative | Derivation, *, latex: bool) -> str:
    if latex:
        return form.latex()
    return form.equation if isinstance(form, Derivative) else str(form)


def run_eval(options: argparse.Namespace) -> int:
    """Prints or writes the numbers of a program, or of its derivative."""
    if options.output is not None:
        require_writable_format(options.output)
    program, arrays = _program_and_arrays(options)
    if options.wrt is None:
        if options.order > 1:
            raise IndicialError("--order asks for a derivative", hint="say by which variable: --wrt x")
        result = evaluate(program, arrays)
    else:
        result = derive(program, wrt=variables(options.wrt, options.order))(arrays)
    named = result if isinstance(result, Mapping) else {"result": result}
    if options.output is not None:
        write_arrays(options.output, named)
        return 0
    for name, array in named.items():
        print(_shown(array, "" if len(named) == 1 else f"{name}: "))
    return 0


def _program_and_arrays(options: argparse.Namespace) -> tuple[Program, dict[str, Array]]:
    program = _program(options)
    arrays = read_bindings(options.bindings, seed=options.seed, positive=options.positive)
    require_ranks(program, arrays, written_values(options.bindings))
    return program, arrays


def _shown(array: Array, label: str) -> str:
    array = np.asarray(array)
    body = repr(array.item()) if array.ndim == 0 else np.array2string(array, max_line_width=100)
    return f"{label}shape {array.shape}\n{body}"


def run_check(options: argparse.Namespace) -> int:
    """Says whether the derivative agrees with differences: status 0 when it does, 1 when it does not."""
    program, arrays = _program_and_arrays(options)
    wanted = variables(options.wrt, options.order)
    reports = [check(program, each, arrays) for each in ([wanted] if isinstance(wanted, str) else wanted)]
    print(*reports, sep="\n")
    return 0 if all(report.passed for report in reports) else 1


COMMANDS: Mapping[str, Callable[[argparse.Namespace], int]] = {
    "derive": run_derive,
    "eval": run_eval,
    "check": run_check,
}
