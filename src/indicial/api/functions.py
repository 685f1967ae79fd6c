"""The verbs that compute: evaluate, and jacobian, grad, hessian and value_and_grad, functions of arrays."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any

from indicial.api.derivative import Derivative
from indicial.api.derivatives import Derivatives
from indicial.api.deriving import denominators_of, derive, mixed
from indicial.api.gradients import ValueAndGrad
from indicial.api.operands import Variables, by_name, has_ellipsis, keys_of, variables
from indicial.api.program import Program
from indicial.api.sources import Source, order_zero, program_of, ranked, require_scalar
from indicial.calculus.structure import Structure, check_structure


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
        return program_of(ranked(program, operands, named))(*operands, **named)
    return program_of(ranked(program, arrays, named), notation)(*arrays, **named)


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
            source = ranked(program, arrays, named)
            if source not in known:
                known[source] = verb(source, wrt, structure=structure)
            return known[source](*arrays, **named)

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
    found: Function = _derived(program_of(program, notation), variables(wrt), structure)
    return found


@_when_ranks_are_known
def grad(
    program: Source, wrt: Variables, *, notation: str = "index", structure: Structure | None = None
) -> Function:
    """A function of arrays that gives the gradient of a scalar program; for a tuple a dict by name.

    Raises NotationError if the output is no scalar.
    """
    source = program_of(program, notation)
    require_scalar(source)
    return jacobian(source, wrt, structure=structure)


@_when_ranks_are_known
def hessian(
    program: Source, wrt: Variables, *, notation: str = "index", structure: Structure | None = None
) -> Function:
    """A function of arrays that gives ∂²program/∂wrt∂wrt; for a tuple a dict by name of dicts by name.

    The variables of a tuple are held as independent of each other, so that the blocks are symmetric.
    """
    return _second(program_of(program, notation), variables(wrt), structure)


@lru_cache(maxsize=256)
def _second(source: Program | Derivative, wrt: Variables, structure: Structure | None) -> Function:
    base = source if isinstance(source, Derivative) else order_zero(source, source.outputs[0])
    written = by_name(base.of.meaning, wrt)
    if isinstance(written, str):
        names = [name for name, _ in denominators_of(base, written)]
        found: Function = _derived(source, " ".join([written, *names]), structure)
        return found
    names = [name for text in written for name, _ in denominators_of(base, text)]
    keys: dict[str, str | int] = {name: name for name in names}
    keys |= keys_of(base.of.meaning, wrt)
    rows = {a: {keys[b]: mixed(base.of, base, f"{a} {b}", names, structure) for b in names} for a in names}
    return Derivatives({keys[a]: Derivatives(row) for a, row in rows.items()})


@_when_ranks_are_known
def value_and_grad(
    program: Source, wrt: Variables, *, notation: str = "index", structure: Structure | None = None
) -> Function:
    """A function of arrays that gives (value, gradient) of a scalar program, planned together.

    It is a ValueAndGrad: `compile` and `plan` do for the pair what they do for a derivative.
    """
    source = program_of(program, notation)
    require_scalar(source)
    return _paired(source, variables(wrt), structure)


@lru_cache(maxsize=256)
def _paired(source: Program | Derivative, wrt: Variables, structure: Structure | None) -> ValueAndGrad:
    base = source if isinstance(source, Derivative) else order_zero(source, source.outputs[0])
    return ValueAndGrad(base, _derived(source, wrt, structure))
