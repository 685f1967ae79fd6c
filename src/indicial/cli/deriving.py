"""`indicial derive`: formulas, in the form that is asked for, or the steps that lead to them."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from indicial import api
from indicial.api import Derivative, Derivatives, Program
from indicial.cli.progress import working
from indicial.cli.sources import read_program, write_text
from indicial.errors import IndicialError, NotationError
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


def program_of(options: argparse.Namespace) -> Program:
    """The program that PROGRAM names, in the notation that the options name."""
    text = read_program(options.program, paths_only=options.notation == "index")
    return api.parse(text, notation=options.notation)


def run_derive(options: argparse.Namespace) -> int:
    """Prints ∂f/∂x as an equation, one for each --wrt, in another form, or the steps that lead to it."""
    _require_matrix(options)
    with working("deriving"):
        text = _with_value(options) if options.value else _text(_derived(options), options)
    if options.output is None:
        print(text)
    else:
        write_text(options.output, text + "\n")
    return 0


def _text(result: Derivative | Derivatives, options: argparse.Namespace) -> str:
    """What is printed: the steps, or the form that is asked for."""
    return _explained(result, options) if options.steps else _written(result, options)


def _with_value(options: argparse.Namespace) -> str:
    """One function for a value and its gradient."""
    if options.code is None:
        raise IndicialError(
            "--value is of functions that are printed", hint="add --code numpy, or leave --value out"
        )
    for word, given in (("--cotangent", options.cotangent), ("--tangent", options.tangent)):
        if given is not None:
            raise IndicialError(
                f"--value is of gradients, and {word} contracts a derivative", hint=f"leave {word} out"
            )
    wanted = variables(options.wrt, options.order)
    both: Any = api.value_and_grad(program_of(options), wanted, structure=options.structure)
    text: str = both.source(options.code)
    return text.rstrip("\n")


def _derived(options: argparse.Namespace) -> Derivative | Derivatives:
    """The derivative; contracted with a cotangent the pullback, with tangents the pushforward."""
    program, wanted = program_of(options), variables(options.wrt, options.order)
    if options.cotangent is not None and options.tangent is not None:
        raise IndicialError(
            "--cotangent and --tangent contract a derivative from either end, and both are given",
            hint="give one of them; each is a new input of the formula",
        )
    result: Derivative | Derivatives
    if options.cotangent is not None:
        result = api.pullback(program, wanted, cotangent=options.cotangent)
    elif options.tangent is not None:
        names = options.tangent if isinstance(wanted, tuple) else " ".join(options.tangent)
        result = api.pushforward(program, wanted, tangent=names)
    else:
        result = api.derive(program, wrt=wanted, structure=options.structure)
    return result


def _require_matrix(options: argparse.Namespace) -> None:
    """Refuses what only matrix notation has where another form is asked for, and what it has not."""
    for word, given in (("--layout", options.layout), ("--vec", options.vec), ("--ascii", options.ascii)):
        if given and not options.matrix:
            raise IndicialError(f"{word} is of matrix notation", hint=f"add --matrix, or leave {word} out")
    others = [("--code", options.code), ("--steps", options.steps), ("--ascii", options.ascii)]
    if options.form != "latex":
        others = [*others[:2], (f"--{options.form}", options.form)]
    for word, given in others if options.matrix else ():
        if given:
            own = "--matrix --latex" if word == "--ascii" else "--matrix"
            raise IndicialError(f"{own} and {word} are two forms", hint="ask for one of them")


def _explained(result: Derivative | Derivatives, options: argparse.Namespace) -> str:
    """The steps of each derivative."""
    if options.code is not None or options.form not in (None, "latex"):
        raise IndicialError("steps are text or LaTeX", hint="leave --steps out, or the other form")
    derivatives = [result] if isinstance(result, Derivative) else list(result.values())
    steps: list[api.Derivation] = [each.steps() for each in derivatives]
    return "\n\n".join([each.latex() if options.form == "latex" else str(each) for each in steps])


def _written(result: Derivative | Derivatives, options: argparse.Namespace) -> str:
    """The form that is asked for: of several derivatives one below the other, a list, or one function."""
    if options.code is not None:
        return result.source(options.code).rstrip("\n")
    derivatives = [result] if isinstance(result, Derivative) else list(result.values())
    match options.form:
        case "latex" if options.matrix:
            arrangement = options.layout, options.vec or "F"
            texts = [each.latex("matrix", *arrangement) for each in derivatives]
        case "latex":
            texts = [each.latex() for each in derivatives]
        case "unicode":
            texts = [each.unicode() for each in derivatives]
        case "json":
            return result.json()
        case _ if options.matrix:
            texts = [_in_matrices(each, options) for each in derivatives]
        case _:
            texts = [each.equation for each in derivatives]
            if options.notation == "matrix":
                texts = [_in_both_notations(each, options) for each in derivatives]
    return "\n".join(texts)


def _in_both_notations(derivative: Derivative, options: argparse.Namespace) -> str:
    """The equation in matrix notation, if it has that form, and behind it the one in index notation."""
    try:
        return f"{_in_matrices(derivative, options)}\n{derivative.equation}"
    except NotationError:
        return derivative.equation


def _in_matrices(derivative: Derivative, options: argparse.Namespace) -> str:
    """∂f/∂W = xᵀ ⊗ I"""
    right = derivative.matrix(options.layout, options.vec or "F", ascii=options.ascii)
    count = len(derivative.denominators)
    order = str(count).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")) if count > 1 else ""
    below = "".join([f"∂{name}" for name, _ in derivative.denominators])
    return f"∂{order}{derivative.output}/{below} = {right}"
