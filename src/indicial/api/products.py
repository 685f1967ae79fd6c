"""Jacobians times vectors: jvp, vjp and hvp, which never form the Jacobian."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from indicial.api.derivative import Derivative
from indicial.api.deriving import denominators_of
from indicial.api.named import axes_or_error
from indicial.api.numbers import Numbers
from indicial.api.operands import Variables, by_name, has_ellipsis, keys_of, merged, variables
from indicial.api.program import Program
from indicial.api.sources import Source, order_zero, output_names, program_of, ranked, require_scalar
from indicial.calculus.products import Held, curvature, pullback, pushforward, tensor
from indicial.errors import NotationError, ShapeError
from indicial.ir.indices import Space
from indicial.ir.nodes import Definition
from indicial.ir.program import Program as Meaning
from indicial.simplify.facts import Facts
from indicial.syntax.names import normal

Key = str | int  # what the caller calls a variable: its name, or its position in an einsum string
Product = Callable[..., Any]  # of arrays and a vector
_VECTORS = {"jvp": "tangents", "vjp": "cotangent", "hvp": "vector"}


def jvp(
    program: Source, wrt: Variables, *, outputs: Sequence[str] | None = None, notation: str = "index"
) -> Product:
    """A function of (arrays, tangents) that gives Σ ∂program/∂wrt · tangent.

    The tangent is one array of the variable's shape; for a tuple of variables, a mapping by name. With
    several outputs the result is a dict by output.
    """
    return _function("jvp", program, wrt, outputs, notation)


def vjp(
    program: Source, wrt: Variables, *, outputs: Sequence[str] | None = None, notation: str = "index"
) -> Product:
    """A function of (arrays, cotangent) that gives Σ cotangent · ∂program/∂wrt, of the variable's shape.

    Everything may be given by name, too: vjp(p, "x")(x=x, W=W, cotangent=g).

    The cotangent is one array of the output's shape; for several outputs, a mapping by output. For a tuple
    of variables the result is a dict by name.
    """
    return _function("vjp", program, wrt, outputs, notation)


def hvp(
    program: Source, wrt: Variables, *, outputs: Sequence[str] | None = None, notation: str = "index"
) -> Product:
    """A function of (arrays, vector) that gives the Hessian of a scalar program times a vector.

    For a tuple of variables the vector is a mapping by name, and so is the result: row x of the Hessian
    is Σ_y ∂²program/∂x∂y · vector_y. Raises NotationError if the output is no scalar.
    """
    return _function("hvp", program, wrt, outputs, notation)


def _function(
    kind: str, program: Source, wrt: Variables, outputs: Sequence[str] | None, notation: str
) -> Product:
    wrt, names = variables(wrt), output_names(outputs)
    if not has_ellipsis(program):
        return _called(kind, _made(kind, program_of(program, notation, names), wrt, names))

    def when_ranks_are_known(arrays: Any, vectors: Any) -> Any:
        source = ranked(program, _operands(arrays), {})
        return _made(kind, program_of(source), wrt, names)(arrays, vectors)

    return _called(kind, when_ranks_are_known)


def _called(kind: str, product: Product) -> Product:
    """The product as it is called: product(arrays, vector), or all by name, as a gradient takes arrays."""
    own = _VECTORS[kind]

    def call(*given: Any, **named: Any) -> Any:
        if len(given) == 2 and not named:
            return product(*given)
        if len(given) > 1 or own not in named or (given and len(named) > 1):
            raise ShapeError(
                f"a {kind} takes the arrays in one mapping and the {own} behind it, or all of them by name",
                hint=f'write {kind}(p, "x")({{"x": x}}, v), or {kind}(p, "x")(x=x, {own}=v)',
            )
        vector = named.pop(own)
        if given:
            return product(*given, vector)
        return product(named["arrays"] if set(named) == {"arrays"} else named, vector)

    return call


def _operands(arrays: Any) -> tuple[Any, ...]:
    """One mapping, or the operands of an einsum string in order."""
    return tuple(arrays) if isinstance(arrays, (tuple, list)) else (arrays,)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a product is asked of: some outputs of a program, by some variables.

    `outputs` are None for a single one that needs no name, `keys` for a single variable.
    """

    meaning: Meaning
    facts: Facts
    definitions: Mapping[str, Definition]
    held: Held
    outputs: tuple[str, ...] | None
    keys: tuple[Key, ...] | None

    def with_inputs(self, spaces: Mapping[str, tuple[Space, ...]]) -> Meaning:
        """The program with further inputs."""
        return replace(self.meaning, inputs={**self.meaning.inputs, **spaces}, positional=False)

    def by_output(self, values: Sequence[Any]) -> Any:
        """Values for each output: one, or a dict."""
        return dict(zip(self.outputs, values, strict=True)) if self.outputs is not None else values[0]

    def by_variable(self, values: Sequence[Any]) -> Any:
        """Values for each variable: one, or a dict."""
        return dict(zip(self.keys, values, strict=True)) if self.keys is not None else values[0]


def asked(source: Program | Derivative, wrt: Variables, outputs: tuple[str, ...] | None) -> Asked:
    """The outputs and variables of a product; raises NotationError for names that are not there."""
    program = source if isinstance(source, Program) else source.of
    chosen = [source] if isinstance(source, Derivative) else [order_zero(source, n) for n in source.outputs]
    written = by_name(program.meaning, wrt)
    several = not isinstance(written, str)
    names = [_variable(chosen[0], text) for text in ([written] if isinstance(written, str) else written)]
    keys = keys_of(program.meaning, wrt)
    return Asked(
        program.meaning,
        program.facts,
        {each.output: each.definition for each in chosen},
        {name: axes_or_error(program.meaning, name) for name in names},
        tuple([each.output for each in chosen]) if outputs is not None or len(chosen) > 1 else None,
        tuple([keys.get(name, name) for name in names]) if several else None,
    )


def _variable(base: Derivative, written: str) -> str:
    found = denominators_of(base, written)
    if len(found) != 1:
        raise NotationError(
            f"a product is with a first derivative, but {written!r} lists {len(found)} variables",
            hint=f"for several variables write wrt=({', '.join(repr(name) for name, _ in found)})",
        )
    return found[0][0]


@lru_cache(maxsize=256)
def _made(
    kind: str, source: Program | Derivative, wrt: Variables, outputs: tuple[str, ...] | None
) -> Product:
    return _KINDS[kind](asked(source, wrt, outputs), source)


def _jvp(asked: Asked, _source: Source) -> Product:
    names = {name: f"tangent({name})" for name in asked.held}
    outputs = list(asked.definitions.values())
    seeds = {name: tensor(own) for name, own in names.items()}
    found = pushforward(outputs, seeds, asked.held, asked.facts)
    of = _values(asked, names, {names[n]: axes for n, axes in asked.held.items()}, found)

    def product(arrays: Any, tangents: Any) -> Any:
        return asked.by_output(of("tangent", asked.keys, arrays, tangents))

    return product


def _vjp(asked: Asked, _source: Source) -> Product:
    names = {name: f"cotangent({name})" for name in asked.definitions}
    outputs = list(asked.definitions.values())
    seeds = [tensor(own) for own in names.values()]
    found = pullback(outputs, seeds, list(asked.held), asked.held, asked.facts)
    axes = {names[name]: definition.spaces for name, definition in asked.definitions.items()}
    of = _values(asked, names, axes, list(found.values()))

    def product(arrays: Any, cotangent: Any) -> Any:
        return asked.by_variable(of("cotangent", asked.outputs, arrays, cotangent))

    return product


def _hvp(asked: Asked, source: Program | Derivative) -> Product:
    for name in asked.definitions:
        require_scalar(source if isinstance(source, Derivative) else order_zero(source, name))
    names = {name: f"vector({name})" for name in asked.held}
    seeds = {name: tensor(own) for name, own in names.items()}
    found: list[Definition] = []
    for output in asked.definitions.values():
        found += curvature(output, seeds, list(asked.held), asked.held, asked.facts).values()
    of = _values(asked, names, {names[n]: axes for n, axes in asked.held.items()}, found)

    def product(arrays: Any, vector: Any) -> Any:
        values: Iterator[Any] = iter(of("vector", asked.keys, arrays, vector))
        rows = [asked.by_variable([next(values) for _ in asked.held]) for _ in asked.definitions]
        return asked.by_output(rows)

    return product


_KINDS: Mapping[str, Callable[[Asked, Program | Derivative], Product]] = {
    "jvp": _jvp,
    "vjp": _vjp,
    "hvp": _hvp,
}


def _values(
    asked: Asked,
    names: Mapping[str, str],
    spaces: Mapping[str, tuple[Space, ...]],
    definitions: Sequence[Definition],
) -> Callable[..., list[Any]]:
    """A function of arrays and vectors that evaluates definitions; `names` are the vectors' tensors."""
    numbers = Numbers(asked.with_inputs(spaces), definitions)
    first = next(iter(names.values()))

    def of(what: str, keys: Sequence[Key] | None, arrays: Any, vectors: Any) -> list[Any]:
        if keys is None and type(arrays) is dict:
            found: list[Any] | None = numbers.entrances((*arrays, first), (*arrays.values(), vectors))
            if found is not None:
                return found
        given = _vectors(what, names, keys, vectors)
        return numbers({**merged(asked.meaning, _operands(arrays), {}), **given})

    return of


def _vectors(what: str, names: Mapping[str, str], keys: Sequence[Key] | None, given: Any) -> dict[str, Any]:
    """Arrays for the tensors `names`, which belong to variables or outputs that the caller calls `keys`."""
    if not isinstance(given, Mapping):
        if keys is None:
            return {next(iter(names.values())): given}
        raise ShapeError(
            f"there is a {what} for each of {', '.join(map(str, keys))}, and a {type(given).__name__} "
            "does not say which is which",
            hint=f"give them by name: {{{', '.join(f'{key!r}: …' for key in keys)}}}",
        )
    known = dict(zip(names if keys is None else keys, names.values(), strict=True))
    spelled = {normal(key) if isinstance(key, str) else key: value for key, value in given.items()}
    for key in spelled:
        if key not in known:
            raise ShapeError(
                f"there is no {what} for {key!r}", hint=f"those asked for are {', '.join(map(str, known))}"
            )
    for key in known:
        if key not in spelled:
            raise ShapeError(
                f"the {what} for {key!r} is missing", hint="give zeros for one that does not move"
            )
    return {known[key]: value for key, value in spelled.items()}
