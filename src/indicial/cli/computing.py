"""`indicial eval`, `check` and `plan`: what is done with arrays, or with their shapes."""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from indicial import api
from indicial.api import Derivative, Derivatives, Program
from indicial.api.checking import reports
from indicial.cli.arrays import (
    Array,
    read_bindings,
    read_shapes,
    require_writable_format,
    write_arrays,
    written_values,
)
from indicial.cli.declared import as_declared
from indicial.cli.deriving import program_of, variables
from indicial.cli.progress import working
from indicial.cli.ranks import require_ranks
from indicial.cli.sources import write_text
from indicial.cli.values import shown
from indicial.errors import IndicialError
from indicial.planning import memory


def run_eval(options: argparse.Namespace) -> int:
    """Prints or writes the numbers of a program, or of its derivative."""
    if options.output is not None:
        require_writable_format(options.output)
    program, arrays = _program_and_arrays(options)
    with working("computing"):
        result = _function(program, options)(arrays)
    named = result if isinstance(result, Mapping) else {"result": result}
    if options.output is not None:
        write_arrays(options.output, named)
        return 0
    for name, array in named.items():
        print(shown(array, "" if len(named) == 1 else f"{name}: "))
    return 0


def _function(program: Program, options: argparse.Namespace) -> Program | Derivative | Derivatives:
    """What is computed: the derivative by --wrt, without it the program itself."""
    if options.wrt is not None:
        wrt = variables(options.wrt, options.order)
        derived: Derivative | Derivatives = api.derive(program, wrt=wrt, structure=options.structure)
        return derived
    for name, given in (("--order", options.order > 1), ("--structure", options.structure)):
        if given:
            raise IndicialError(f"{name} asks for a derivative", hint="say by which variable: --wrt x")
    return program


def _program_and_arrays(options: argparse.Namespace) -> tuple[Program, dict[str, Array]]:
    program = program_of(options)
    arrays = read_bindings(options.bindings, seed=options.seed, positive=options.positive)
    written = written_values(options.bindings)
    require_ranks(program, arrays, written)
    return program, as_declared(program, arrays, written)


def run_check(options: argparse.Namespace) -> int:
    """Says whether the derivative agrees with differences: status 0 when it does, 1 when it does not."""
    program, arrays = _program_and_arrays(options)
    wanted = variables(options.wrt, options.order)
    with working("checking"):
        found = reports(program, wanted, arrays, options.structure)
    print(*found, sep="\n")
    return 0 if all(report.passed for report in found) else 1


def run_plan(options: argparse.Namespace) -> int:
    """Prints what computing will do and cost; no array is made."""
    shapes = read_shapes(options.bindings)
    with working("planning"):
        function = _function(program_of(options), options)
        report = function.plan(shapes, options.dtype)
    if options.plot is not None:
        write_text(options.plot, report.svg(_titles(function).splitlines()[-1]))
    print(f"{_titles(function)}\n{report}")
    for number, contraction in enumerate(report.contractions, 1):
        print(f"contraction {number}: {contraction}")
    if report.peak_bytes > memory.allowed():
        print(f"more than the limit of {memory.bytes_as_text(memory.allowed())}: a call would be refused")
    return 0


def _titles(function: Program | Derivative | Derivatives) -> str:
    """What is planned, in index notation."""
    return str(function).rstrip("\n") if isinstance(function, Program) else function.equation
