"""The commands: each takes its options, writes its result, and returns its exit status."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence

from indicial.api import (
    Derivation,
    Derivative,
    Derivatives,
    Program,
    check,
    derive,
    parse,
    pullback,
    pushforward,
)
from indicial.cli.arrays import (
    Array,
    read_bindings,
    read_shapes,
    require_writable_format,
    write_arrays,
    written_values,
)
from indicial.cli.bench import run_bench
from indicial.cli.completion import completion_script
from indicial.cli.declared import as_declared
from indicial.cli.options import Parsers
from indicial.cli.progress import working
from indicial.cli.ranks import require_ranks
from indicial.cli.repl import converse
from indicial.cli.sources import read_program, write_text
from indicial.cli.values import shown
from indicial.errors import IndicialError
from indicial.planning import memory
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
    """Prints ∂f/∂x as an equation, one for each --wrt, in another form, or the steps that lead to it."""
    _require_matrix(options)
    with working("deriving"):
        result = _derived(options)
        text = _explained(result, options) if options.steps else _written(result, options)
    if options.output is None:
        print(text)
    else:
        write_text(options.output, text + "\n")
    return 0


def _derived(options: argparse.Namespace) -> Derivative | Derivatives:
    """The derivative; contracted with a cotangent the pullback, with tangents the pushforward."""
    program, wanted = _program(options), variables(options.wrt, options.order)
    if options.cotangent is not None and options.tangent is not None:
        raise IndicialError(
            "--cotangent and --tangent contract a derivative from either end, and both are given",
            hint="give one of them; each is a new input of the formula",
        )
    result: Derivative | Derivatives
    if options.cotangent is not None:
        result = pullback(program, wanted, cotangent=options.cotangent)
    elif options.tangent is not None:
        names = options.tangent if isinstance(wanted, tuple) else " ".join(options.tangent)
        result = pushforward(program, wanted, tangent=names)
    else:
        result = derive(program, wrt=wanted, structure=options.structure)
    return result


def _require_matrix(options: argparse.Namespace) -> None:
    """Refuses what only matrix notation has where another form is asked for."""
    for word, given in (("--layout", options.layout), ("--vec", options.vec), ("--ascii", options.ascii)):
        if given and options.form != "matrix":
            raise IndicialError(f"{word} is of matrix notation", hint=f"add --matrix, or leave {word} out")


def _explained(result: Derivative | Derivatives, options: argparse.Namespace) -> str:
    """The steps of each derivative."""
    if options.code is not None or options.form not in (None, "latex"):
        raise IndicialError("steps are text or LaTeX", hint="leave --steps out, or the other form")
    derivatives = [result] if isinstance(result, Derivative) else list(result.values())
    steps: list[Derivation] = [each.steps() for each in derivatives]
    return "\n\n".join([each.latex() if options.form == "latex" else str(each) for each in steps])


def _written(result: Derivative | Derivatives, options: argparse.Namespace) -> str:
    """The form that is asked for: of several derivatives one below the other, a list, or one function."""
    if options.code is not None:
        return result.source(options.code).rstrip("\n")
    derivatives = [result] if isinstance(result, Derivative) else list(result.values())
    match options.form:
        case "latex":
            texts = [each.latex() for each in derivatives]
        case "unicode":
            texts = [each.unicode() for each in derivatives]
        case "matrix":
            texts = [_in_matrices(each, options) for each in derivatives]
        case "json":
            return result.json()
        case _:
            texts = [each.equation for each in derivatives]
    return "\n".join(texts)


def _in_matrices(derivative: Derivative, options: argparse.Namespace) -> str:
    """∂f/∂W = xᵀ ⊗ I"""
    right = derivative.matrix(options.layout, options.vec or "F", ascii=options.ascii)
    count = len(derivative.denominators)
    order = str(count).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")) if count > 1 else ""
    below = "".join([f"∂{name}" for name, _ in derivative.denominators])
    return f"∂{order}{derivative.output}/{below} = {right}"


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
        derived: Derivative | Derivatives = derive(program, wrt=wrt, structure=options.structure)
        return derived
    for name, given in (("--order", options.order > 1), ("--structure", options.structure)):
        if given:
            raise IndicialError(f"{name} asks for a derivative", hint="say by which variable: --wrt x")
    return program


def _program_and_arrays(options: argparse.Namespace) -> tuple[Program, dict[str, Array]]:
    program = _program(options)
    arrays = read_bindings(options.bindings, seed=options.seed, positive=options.positive)
    written = written_values(options.bindings)
    require_ranks(program, arrays, written)
    return program, as_declared(program, arrays, written)


def run_check(options: argparse.Namespace) -> int:
    """Says whether the derivative agrees with differences: status 0 when it does, 1 when it does not."""
    program, arrays = _program_and_arrays(options)
    wanted = variables(options.wrt, options.order)
    with working("checking"):
        reports = [check(program, each, arrays) for each in ([wanted] if isinstance(wanted, str) else wanted)]
    print(*reports, sep="\n")
    return 0 if all(report.passed for report in reports) else 1


def run_plan(options: argparse.Namespace) -> int:
    """Prints what computing will do and cost; no array is made."""
    shapes = read_shapes(options.bindings)
    with working("planning"):
        function = _function(_program(options), options)
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


def run_repl(_options: argparse.Namespace) -> int:
    """Reads statements and questions line by line."""
    return converse()


def run_completion(options: argparse.Namespace) -> int:
    """Prints the completion script of a shell."""
    print(completion_script(options.shell, Parsers("").commands), end="")
    return 0


COMMANDS: Mapping[str, Callable[[argparse.Namespace], int]] = {
    "derive": run_derive,
    "eval": run_eval,
    "check": run_check,
    "plan": run_plan,
    "repl": run_repl,
    "completion": run_completion,
    "bench": run_bench,
}
