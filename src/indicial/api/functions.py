"""The verbs: parse, evaluate, derive, grad, jacobian, hessian, value_and_grad."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, wraps
from typing import Any, Union

from indicial.api.derivative import Denominator, Derivative
from indicial.api.derivatives import Derivatives
from indicial.api.gradients import ValueAndGrad
from indicial.api.named import axes_or_error, require_variable
from indicial.api.operands import Variables, by_name, has_ellipsis, keys_of, ranks_of, variables
from indicial.api.program import Program
from indicial.api.structures import require_structure, structured_by
from indicial.calculus.derive import jacobians
from indicial.calculus.structure import Structure, check_structure
from indicial.errors import NotationError
from indicial.render.letters import denominator_letters
from indicial.semantics.operands import check_are_ranks
from indicial.syntax.names import normal
from indicial.syntax.parser import parse_denominators
from indicial.syntax.refusals import HIGHEST
from indicial.syntax.tree import Tensor

Source = Union[str, Program, Derivative]


@lru_cache(maxsize=256)
def _parsed(
    text: str, outputs: tuple[str, ...] | None, ranks: tuple[int, ...] | None, notation: str
) -> Program:
    return Program.from_text(text, outputs, ranks, notation)


def parse(
    text: str,
    *,
    outputs: Sequence[str] | None = None,
    ranks: Sequence[int] | None = None,
    notation: str = "index",
) -> Program:
    """Read a program in index notation, an einsum string such as "ij,j->i", or with `notation="matrix"`
    a program in matrix notation.

    `outputs` names the statements asked for; without it the output is the last
    one or, where another uses that, the only one that none uses. `ranks` are those of
    an einsum string's operands, needed where it has an ellipsis. Raises ParseError for what is not in the
    language and NotationError for what breaks a rule of index notation.
    """
    if not isinstance(text, str):
        raise NotationError(
            f"a program is a text, not a {type(text).__name__}", hint='write "f_i = W_ij x_j"'
        )
    return _parsed(text, _output_names(outputs), check_are_ranks(ranks), notation)


def _output_names(outputs: Sequence[str] | None) -> tuple[str, ...] | None:
    if outputs is None:
        return None
    if isinstance(outputs, (tuple, list)) and outputs and all(isinstance(name, str) for name in outputs):
        return tuple([normal(name) for name in outputs])
    raise NotationError("outputs is a tuple of names of statements", hint='write outputs=("f", "g")')


def _program(
    source: Source, notation: str = "index", outputs: Sequence[str] | None = None
) -> Program | Derivative:
    if isinstance(source, (Derivative, Program)):
        return source
    return parse(source, outputs=outputs, notation=notation)


def _ranked(program: Source, arrays: Sequence[object], named: Mapping[str, object]) -> Source:
    """The program; an einsum string with an ellipsis is read with the ranks of its arrays."""
    if isinstance(program, str) and has_ellipsis(program):
        return parse(program, ranks=ranks_of(program, arrays, named))
    return program


def evaluate(program: Any, /, *arrays: object, notation: str = "index", **named: object) -> Any:
    """The value of a program: `evaluate("C_ik = A_ij B_jk", A=A, B=B)` has the axes of its left side.

    The operands of an einsum string may be given by position, `evaluate("ij,jk->ik", A, B)`, or with their
    indices in turn: `evaluate(A, [0, 1], B, [1, 2], [0, 2])`.

    Raises ShapeError if arrays are missing or their extents disagree, BackendError if something is no
    array of numbers.
    """
    if arrays and not isinstance(program, (str, Program, Derivative)):
        from indicial.api.interleaved import as_string

        program, operands = as_string((program, *arrays))
        return _program(_ranked(program, operands, named))(*operands, **named)
    return _program(_ranked(program, arrays, named), notation)(*arrays, **named)


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
    source, wrt = _program(program, notation, outputs), variables(wrt)
    check_structure(structure)
    if isinstance(source, Derivative):
        return require_structure(_by_variables(source.of, source, wrt, structure), structure)
    names = _output_names(outputs) or source.outputs
    for name in names:
        if name not in source.meaning.statements:
            raise NotationError(
                f"there is no statement {name!r} to differentiate",
                hint=f"the statements are {', '.join(source.statements)}",
            )
    found = {name: _by_variables(source, _order_zero(source, name), wrt, structure) for name in names}
    result = next(iter(found.values())) if len(found) == 1 and outputs is None else Derivatives(found)
    return require_structure(result, structure)


def _order_zero(program: Program, output: str) -> Derivative:
    return Derivative(program, output, (), program.meaning.statements[output])


def _by_variables(
    program: Program, base: Derivative, wrt: Variables, structure: Structure | None
) -> Derivative | Derivatives:
    names = by_name(program.meaning, wrt)
    if isinstance(names, str):
        return _mixed(program, base, names, structure=structure)
    targets = {text: _denominators(base, text) for text in names}
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
            parts[name if len(several) == 1 else text] = _mixed(program, base, text, structure=structure)
    keys = keys_of(program.meaning, wrt)
    return Derivatives({keys.get(name, name): part for name, part in parts.items()})


def _mixed(
    program: Program,
    base: Derivative,
    wrt: str,
    others: Sequence[str] = (),
    structure: Structure | None = None,
) -> Derivative:
    """One derivative by each denominator in turn, all of them held throughout, and others with them."""
    targets = _denominators(base, wrt)
    names = [*[name for name, _ in targets], *others]
    held = {name: axes_or_error(program.meaning, name) for name in names}
    result = base
    for target in targets:
        free = jacobians(result.free, [target[0]], held, program.facts)[target[0]]
        free = structured_by(program, free, target[0], structure)
        denominators = (*result.denominators, target)
        result = Derivative(program, base.output, denominators, free, result, names, structure)
    return result


def _denominators(base: Derivative, wrt: str) -> tuple[Denominator, ...]:
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


Function = Callable[..., Any]


Verb = Callable[..., Function]


def _when_ranks_are_known(verb: Verb) -> Verb:
    """The verb; of an einsum string with an ellipsis it gives a function that waits for the arrays."""

    @wraps(verb)
    def wrapped(
        program: Source, wrt: Variables, *, notation: str = "index", structure: Structure | None = None
    ) -> Function:
        check_structure(structure)
        if not has_ellipsis(program):
            return verb(program, wrt, notation=notation, structure=structure)
        known: dict[Source, Function] = {}

        def call(*arrays: object, **named: object) -> Any:
            ranked = _ranked(program, arrays, named)
            if ranked not in known:
                known[ranked] = verb(ranked, wrt, structure=structure)
            return known[ranked](*arrays, **named)

        return call

    return wrapped


@lru_cache(maxsize=256)
def _derived(program: Source, wrt: Variables, structure: Structure | None) -> Any:
    return derive(program, wrt, structure=structure)


@_when_ranks_are_known
def jacobian(
    program: Source, wrt: Variables, *, notation: str = "index", structure: Structure | None = None
) -> Function:
    """A function of arrays that gives ∂program/∂wrt densely: the derivative; for a tuple a dict by name."""
    found: Function = _derived(_program(program, notation), variables(wrt), structure)
    return found


@_when_ranks_are_known
def grad(
    program: Source, wrt: Variables, *, notation: str = "index", structure: Structure | None = None
) -> Function:
    """A function of arrays that gives the gradient of a scalar program; for a tuple a dict by name.

    Raises NotationError if the output is no scalar.
    """
    source = _program(program, notation)
    _require_scalar(source)
    return jacobian(source, wrt, structure=structure)


@_when_ranks_are_known
def hessian(
    program: Source, wrt: Variables, *, notation: str = "index", structure: Structure | None = None
) -> Function:
    """A function of arrays that gives ∂²program/∂wrt∂wrt; for a tuple a dict by name of dicts by name.

    The variables of a tuple are held as independent of each other, so that the blocks are symmetric.
    """
    return _second(_program(program, notation), variables(wrt), structure)


@lru_cache(maxsize=256)
def _second(source: Program | Derivative, wrt: Variables, structure: Structure | None) -> Function:
    base = source if isinstance(source, Derivative) else _order_zero(source, source.outputs[0])
    written = by_name(base.of.meaning, wrt)
    if isinstance(written, str):
        names = [name for name, _ in _denominators(base, written)]
        found: Function = _derived(source, " ".join([written, *names]), structure)
        return found
    names = [name for text in written for name, _ in _denominators(base, text)]
    keys: dict[str, str | int] = {name: name for name in names}
    keys |= keys_of(base.of.meaning, wrt)
    rows = {a: {keys[b]: _mixed(base.of, base, f"{a} {b}", names, structure) for b in names} for a in names}
    return Derivatives({keys[a]: Derivatives(row) for a, row in rows.items()})


@_when_ranks_are_known
def value_and_grad(
    program: Source, wrt: Variables, *, notation: str = "index", structure: Structure | None = None
) -> Function:
    """A function of arrays that gives (value, gradient) of a scalar program, planned together.

    It is a ValueAndGrad: `compile` and `plan` do for the pair what they do for a derivative.
    """
    source = _program(program, notation)
    _require_scalar(source)
    return _paired(source, variables(wrt), structure)


@lru_cache(maxsize=256)
def _paired(source: Program | Derivative, wrt: Variables, structure: Structure | None) -> ValueAndGrad:
    base = source if isinstance(source, Derivative) else _order_zero(source, source.outputs[0])
    return ValueAndGrad(base, _derived(source, wrt, structure))


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
