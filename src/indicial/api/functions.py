"""The verbs: parse, evaluate, derive, grad, jacobian, hessian, value_and_grad."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, Union

from indicial.api.numbers import Arrays, Numbers, axes_or_error, merged
from indicial.api.program import Denominator, Derivative, Derivatives, Program
from indicial.calculus.derive import jacobians
from indicial.errors import NotationError
from indicial.ir.nodes import Definition
from indicial.render.letters import denominator_letters
from indicial.syntax.parser import parse_denominators
from indicial.syntax.tree import Tensor

Source = Union[str, Program, Derivative]
Variables = Union[str, tuple[str, ...]]


@lru_cache(maxsize=256)
def _parsed(text: str, outputs: tuple[str, ...] | None, notation: str) -> Program:
    return Program.from_text(text, outputs, notation)


def parse(text: str, *, outputs: Sequence[str] | None = None, notation: str = "index") -> Program:
    """Read a program in index notation, or in matrix notation with `notation="matrix"`.

    `outputs` names the statements asked for; without it the last one is the output. Raises ParseError
    for what is not in the language and NotationError for what breaks a rule of index notation.
    """
    if not isinstance(text, str):
        raise NotationError(
            f"a program is a text, not a {type(text).__name__}", hint='write "f_i = W_ij x_j"'
        )
    return _parsed(text, None if outputs is None else tuple(outputs), notation)


def _program(
    source: Source, notation: str = "index", outputs: Sequence[str] | None = None
) -> Program | Derivative:
    if isinstance(source, Derivative):
        return source
    if isinstance(source, Program):
        return source
    return parse(source, outputs=outputs, notation=notation)


def evaluate(
    program: Source, arrays: Arrays | None = None, /, *, notation: str = "index", **named: object
) -> Any:
    """The value of a program: `evaluate("C_ik = A_ij B_jk", A=A, B=B)` has the axes of its left side.

    Raises ShapeError if arrays are missing or their extents disagree, BackendError if something is no
    array of numbers.
    """
    return _program(program, notation)(merged(arrays, named))


def derive(
    program: Source, wrt: Variables, *, outputs: Sequence[str] | None = None, notation: str = "index"
) -> Any:
    """∂program/∂wrt, as a Derivative.

    program   a text, a Program or a Derivative (which is differentiated again)
    wrt       a string lists the denominators: "W", "W_kl" (naming its indices), "x W" for ∂²/∂x∂W,
              "x x" for a second derivative. All names in it are held as independent of each other; a
              name may be an intermediate. A tuple asks for several derivatives, each for itself: a
              mapping by name
    outputs   the statements to differentiate, if not the program's own; then a mapping by output
    notation  how a text is written: "index" or "matrix"

    Raises NotationError if a name is unknown or its indices do not fit.
    """
    source = _program(program, notation, outputs)
    if isinstance(source, Derivative):
        return _by_variables(source.source, source, wrt)
    names = source.outputs if outputs is None else tuple(outputs)
    for name in names:
        if name not in source.meaning.statements:
            raise NotationError(
                f"there is no statement {name!r} to differentiate",
                hint=f"the statements are {', '.join(source.statements)}",
            )
    found = {name: _by_variables(source, _order_zero(source, name), wrt) for name in names}
    return next(iter(found.values())) if len(found) == 1 and outputs is None else Derivatives(found)


def _order_zero(program: Program, output: str) -> Derivative:
    return Derivative(program, output, (), program.meaning.statements[output])


def _by_variables(program: Program, base: Derivative, wrt: Variables) -> Derivative | Derivatives:
    if isinstance(wrt, str):
        return _mixed(program, base, wrt)
    if not isinstance(wrt, (tuple, list)) or not all(isinstance(name, str) for name in wrt):
        raise NotationError(
            "wrt is the name of a variable, or a tuple of names", hint='write wrt="W" or wrt=("A", "B")'
        )
    if not wrt:
        raise NotationError("no variable is named to differentiate by", hint='write wrt=("A", "B")')
    targets = {text: _denominators(base, text) for text in wrt}
    inputs = {
        several[0][0]: text
        for text, several in targets.items()
        if len(several) == 1 and several[0][0] in program.meaning.inputs
    }
    axes = {name: axes_or_error(program.meaning, name) for name in inputs}
    together = jacobians(base.definition, list(inputs), axes, program.meaning.declared)
    parts: dict[str, Derivative | Derivatives] = {}
    for text, several in targets.items():
        name = several[0][0]
        if inputs.get(name) == text:  # inputs are independent of each other: one accumulation serves all
            parts[name] = Derivative(program, base.output, (*base.denominators, several[0]), together[name])
        else:
            parts[name if len(several) == 1 else text] = _mixed(program, base, text)
    return Derivatives(parts)


def _mixed(program: Program, base: Derivative, wrt: str, others: Sequence[str] = ()) -> Derivative:
    """One derivative by each denominator in turn, all of them held throughout, and others with them."""
    targets = _denominators(base, wrt)
    names = [*[name for name, _ in targets], *others]
    held = {name: axes_or_error(program.meaning, name) for name in names}
    definition: Definition = base.definition
    for name, _ in targets:
        definition = jacobians(definition, [name], held, program.meaning.declared)[name]
    return Derivative(program, base.output, (*base.denominators, *targets), definition)


def _denominators(base: Derivative, wrt: str) -> tuple[Denominator, ...]:
    """The variables that a string lists, each with letters for its axes: the user's, or fresh ones."""
    meaning = base.source.meaning
    written = parse_denominators(wrt)
    taken = set(base.indices)
    for tensor in written:
        for index in tensor.subscripts:
            _require(index.name not in taken, wrt, tensor, f"index {index.name!r} is in use already")
            taken.add(index.name)
    avoided = meaning.names | taken
    result: list[Denominator] = []
    for tensor in written:
        rank = len(axes_or_error(meaning, tensor.name, source=wrt, span=tensor.span))
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


Function = Callable[..., Any]


@lru_cache(maxsize=256)
def _derived(program: Source, wrt: Variables, notation: str = "index") -> Any:
    return derive(program, wrt, notation=notation)


def jacobian(program: Source, wrt: Variables, *, notation: str = "index") -> Function:
    """A function of arrays that gives ∂program/∂wrt densely; for a tuple a dict by name."""
    return _calling(_derived(program, _hashable(wrt), notation))


def grad(program: Source, wrt: Variables, *, notation: str = "index") -> Function:
    """A function of arrays that gives the gradient of a scalar program; for a tuple a dict by name.

    Raises NotationError if the output is no scalar.
    """
    source = _program(program, notation)
    _require_scalar(source)
    return jacobian(source, wrt)


def hessian(program: Source, wrt: Variables, *, notation: str = "index") -> Function:
    """A function of arrays that gives ∂²program/∂wrt∂wrt; for a tuple a dict by name of dicts by name.

    The variables of a tuple are held as independent of each other, so that the blocks are symmetric.
    """
    if isinstance(wrt, str):
        return jacobian(program, f"{wrt} {wrt}", notation=notation)
    source = _program(program, notation)
    base = source if isinstance(source, Derivative) else _order_zero(source, source.outputs[0])
    names = [name for text in wrt for name, _ in _denominators(base, text)]
    rows = {a: {b: _mixed(base.source, base, f"{a} {b}", names) for b in names} for a in names}
    return _calling(Derivatives({a: Derivatives(row) for a, row in rows.items()}))


def value_and_grad(program: Source, wrt: Variables, *, notation: str = "index") -> Function:
    """A function of arrays that gives (value, gradient) of a scalar program, planned together."""
    source = _program(program, notation)
    _require_scalar(source)
    found = _derived(source, _hashable(wrt))
    leaves = [found] if isinstance(found, Derivative) else found._leaves()
    base = source if isinstance(source, Derivative) else _order_zero(source, source.outputs[0])
    meaning = leaves[0].source.meaning
    numbers = Numbers(meaning, [base.definition, *[leaf.definition for leaf in leaves]])

    def both(arrays: Arrays | None = None, /, **named: object) -> tuple[Any, Any]:
        values = numbers(merged(arrays, named))
        gradient = values[1] if isinstance(found, Derivative) else found._arranged(iter(values[1:]))
        return values[0], gradient

    return both


def _hashable(wrt: Variables) -> Variables:
    return tuple(wrt) if isinstance(wrt, list) else wrt


def _calling(derivative: Derivative | Derivatives) -> Function:
    def call(arrays: Arrays | None = None, /, **named: object) -> Any:
        return derivative(merged(arrays, named))

    return call


def _require_scalar(source: Program | Derivative) -> None:
    several = isinstance(source, Program) and len(source.outputs) > 1
    letters = source.indices if isinstance(source, Derivative) else source.meaning.axes[source.outputs[0]]
    if several or letters:
        name = source.output if isinstance(source, Derivative) else source.outputs[0]
        raise NotationError(
            f"a gradient needs a scalar output, but {name!r} has "
            + ("company: there are several outputs" if several else f"the indices {', '.join(letters)}"),
            hint="use jacobian, or sum the output to a scalar",
        )
