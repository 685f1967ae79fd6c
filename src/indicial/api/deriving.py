"""The verb derive: one derivative by several denominators in turn, or several, each for itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from indicial.api.derivative import Denominator, Derivative
from indicial.api.derivatives import Derivatives
from indicial.api.named import axes_or_error, require_variable
from indicial.api.operands import Variables, by_name, keys_of, variables
from indicial.api.program import Program
from indicial.api.sources import Source, order_zero, output_names, program_of
from indicial.api.structures import require_structure, structured_by
from indicial.calculus.derive import jacobians
from indicial.calculus.structure import Structure, check_structure
from indicial.errors import NotationError
from indicial.render.letters import denominator_letters
from indicial.syntax.parser import parse_denominators
from indicial.syntax.refusals import HIGHEST
from indicial.syntax.tree import Tensor


def derive(
    program: Source,
    wrt: Variables,
    *,
    outputs: Sequence[str] | None = None,
    notation: str = "index",
    structure: Structure | None = None,
) -> Any:
    """∂program/∂wrt, as a Derivative.

    program   a text, a Program or a Derivative (which is differentiated again)
    wrt       a string lists the denominators: "W", "W_kl" (naming its indices), "x W" for ∂²/∂x∂W,
              "x x" for a second derivative. All names in it are held as independent of each other; a
              name may be an intermediate. A tuple asks for several derivatives, each for itself: a
              mapping by name
    outputs   the statements to differentiate, if not the program's own; then a mapping by output
    notation  how a text is written: "index" or "matrix"
    structure what to make of a variable with a declared symmetry: "projected", the derivative in the
              space of such tensors; "entries", by each independent entry moved together with its mirror
              images; without it each component is a variable of its own

    Raises NotationError if a name is unknown or its indices do not fit, DerivativeError by a tensor that is
    declared integer or constant.
    """
    source, wrt = program_of(program, notation, outputs), variables(wrt)
    check_structure(structure)
    if isinstance(source, Derivative):
        return require_structure(_by_variables(source.of, source, wrt, structure), structure)
    names = output_names(outputs) or source.outputs
    for name in names:
        if name not in source.meaning.statements:
            raise NotationError(
                f"there is no statement {name!r} to differentiate",
                hint=f"the statements are {', '.join(source.statements)}",
            )
    found = {name: _by_variables(source, order_zero(source, name), wrt, structure) for name in names}
    result = next(iter(found.values())) if len(found) == 1 and outputs is None else Derivatives(found)
    return require_structure(result, structure)


def _by_variables(
    program: Program, base: Derivative, wrt: Variables, structure: Structure | None
) -> Derivative | Derivatives:
    names = by_name(program.meaning, wrt)
    if isinstance(names, str):
        return mixed(program, base, names, structure=structure)
    targets = {text: denominators_of(base, text) for text in names}
    inputs = {
        several[0][0]: text
        for text, several in targets.items()
        if len(several) == 1 and several[0][0] in program.meaning.inputs
    }
    axes = {name: axes_or_error(program.meaning, name) for name in inputs}
    together = jacobians(base.free, list(inputs), axes, program.facts)
    parts: dict[str, Derivative | Derivatives] = {}
    for text, several in targets.items():
        name = several[0][0]
        if inputs.get(name) == text:  # inputs are independent of each other: one accumulation serves all
            own = structured_by(program, together[name], name, structure)
            denominators = (*base.denominators, several[0])
            parts[name] = Derivative(program, base.output, denominators, own, base, list(inputs), structure)
        else:
            parts[name if len(several) == 1 else text] = mixed(program, base, text, structure=structure)
    keys = keys_of(program.meaning, wrt)
    return Derivatives({keys.get(name, name): part for name, part in parts.items()})


def mixed(
    program: Program,
    base: Derivative,
    wrt: str,
    others: Sequence[str] = (),
    structure: Structure | None = None,
) -> Derivative:
    """One derivative by each denominator in turn, all of them held throughout, and others with them."""
    targets = denominators_of(base, wrt)
    names = [*[name for name, _ in targets], *others]
    held = {name: axes_or_error(program.meaning, name) for name in names}
    result = base
    for target in targets:
        free = jacobians(result.free, [target[0]], held, program.facts)[target[0]]
        free = structured_by(program, free, target[0], structure)
        denominators = (*result.denominators, target)
        result = Derivative(program, base.output, denominators, free, result, names, structure)
    return result


def denominators_of(base: Derivative, wrt: str) -> tuple[Denominator, ...]:
    """The variables that a string lists, each with letters for its axes: the user's, or fresh ones."""
    meaning = base.of.meaning
    written = parse_denominators(wrt)
    if len(written) > HIGHEST:
        raise NotationError(
            f"a derivative of order {len(written)} is asked for, and {HIGHEST} is the highest",
            hint="name fewer denominators",
        )
    taken = set(base.indices)
    for tensor in written:
        for index in tensor.subscripts:
            _require(index.name not in taken, wrt, tensor, f"index {index.name!r} is in use already")
            taken.add(index.name)
    avoided = meaning.names | taken
    result: list[Denominator] = []
    for tensor in written:
        rank = len(axes_or_error(meaning, tensor.name, source=wrt, span=tensor.span))
        require_variable(meaning, tensor.name, source=wrt, span=tensor.span)
        letters = tuple([index.name for index in tensor.subscripts])
        if not letters:
            letters = denominator_letters(rank, avoided)
            avoided = avoided | set(letters)
        _require(len(letters) == rank, wrt, tensor, f"{tensor.name!r} has rank {rank}, not {len(letters)}")
        result.append((tensor.name, letters))
    return tuple(result)


def _require(holds: bool, wrt: str, tensor: Tensor, reason: str) -> None:
    if not holds:
        raise NotationError(
            reason, source=wrt, span=tensor.span,
            hint=f"write wrt={tensor.name!r}, or give one letter that is not in use for each of its axes",
        )  # fmt: skip
