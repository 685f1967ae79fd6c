"""Differentials as formulas: pullback, pushforward, Taylor polynomial.

    pullback      L = G_i f_i,  ∂L/∂x_m             the adjoint of x, where G is that of f
    pushforward   df_i = ∂f_i/∂x_m dx_m             the tangent of f, where dx is that of x
    taylor        Tf_i = f_i + ∂f_i/∂x_m (x_m − x0_m) + …, where f and its derivatives are those at x0

Each is a program of its own: that of f, with further inputs and one further statement.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from math import factorial
from typing import Any

from indicial.api.derivative import Derivative
from indicial.api.derivatives import Derivatives
from indicial.api.deriving import derive
from indicial.api.invented import free_name, listed, new_name
from indicial.api.named import axes_or_error
from indicial.api.operands import Variables, by_name, keys_of, variables
from indicial.api.program import Program
from indicial.api.sources import Source, program_of
from indicial.calculus.within import canonical
from indicial.errors import NotationError
from indicial.ir.indices import Index, fresh
from indicial.ir.nodes import Access, Add, Apply, Definition, IndexSum, Mul, Node, Partial, number
from indicial.ir.program import Program as Meaning
from indicial.ir.traversal import postorder, rebuilt
from indicial.render.factoring import factored
from indicial.simplify.known import facts_of
from indicial.simplify.terms import scaled, summands
from indicial.syntax.parser import parse_denominators
from indicial.syntax.refusals import HIGHEST

Names = str | Sequence[str] | None


def pullback(program: Source, wrt: Variables, *, cotangent: str = "G", notation: str = "index") -> Any:
    """Σ cotangent · ∂program/∂wrt: how a cotangent of the output is handed back to a variable.

    The cotangent is a new input with the output's axes; `pullback("Z_nc = X_nd W_dc + b_c", "b")` is
    sum_n(G_nm). The result is the derivative of the scalar L = G_nc Z_nc (or of another name that is
    free), as `derive` gives it: for a tuple of variables a mapping by name.

    Raises NotationError if a name is unknown, or that of the cotangent is in use.
    """
    source = _single(program, notation)
    meaning, output = source.written, source.outputs[0]
    names = by_name(source.meaning, variables(wrt))
    for each in [names] if isinstance(names, str) else names:
        _variables(meaning, each)
    name = new_name(cotangent, meaning.names, "cotangent")
    whole = meaning.statements[output]
    indices = tuple([fresh(space) for space in whole.spaces])
    product = Mul((Access(name, indices), whole(*indices)))
    loss = free_name("L", {*meaning.names, name})
    body = IndexSum(indices, product) if indices else product
    extended = replace(
        _with_statement(meaning, Definition(loss, (), body), ()),
        inputs={**meaning.inputs, name: whole.spaces},
    )
    result: Derivative | Derivatives = derive(Program(extended), names)
    return _as_called(result, keys_of(meaning, wrt))


def pushforward(program: Source, wrt: Variables, *, tangent: Names = None, notation: str = "index") -> Any:
    """Σ ∂program/∂wrt · tangent: the differential of the output along a tangent of a variable.

    The tangent is a new input with the variable's axes, called d and the variable's name unless another
    is given; `pushforward("s = A_ij X_ji", "X", tangent="dX")` is A_ij dX_ji. Of `wrt="x W"`, a second
    derivative, each variable has its tangent (`tangent="dx dW"`). A tuple of variables gives a mapping by
    name, each with a tangent for itself.

    Raises NotationError if a name is unknown, or that of a tangent is in use.
    """
    source = _single(program, notation)
    names = by_name(source.meaning, variables(wrt))
    if isinstance(names, str):
        if not isinstance(tangent, str | None):
            raise NotationError(
                "one variable has one tangent", hint='write tangent="dx", or wrt as a tuple, too'
            )
        return _along(source, names, _tangents(source.written, [names], [tangent]))
    given: Sequence[str | None] = [tangent] if isinstance(tangent, str) else tangent or [None] * len(names)
    if len(given) != len(names):
        raise NotationError(
            f"{len(names)} variables are named and {len(given)} tangents",
            hint='name one for each: wrt=("x", "y"), tangent=("dx", "dy")',
        )
    tangents = _tangents(source.written, names, given)  # all are inputs of each: they are planned as one
    parts = {_key(name): _along(source, name, tangents) for name in names}
    return _as_called(Derivatives(parts), keys_of(source.meaning, wrt))


def _along(source: Program, wrt: str, tangents: Mapping[str, str]) -> Derivative:
    """The differential by the variables that a string lists, with the tangents of these and of others."""
    meaning, output = source.written, source.outputs[0]
    names = _variables(meaning, wrt)
    whole = meaning.statements[output]
    order = len(names) if len(names) > 1 else ""
    name = free_name(f"d{order}{output}", {*meaning.names, *tangents.values()})
    leaves = [_leaf(meaning, each) for each in names]
    moved = [Access(tangents[each], leaf.indices_here) for each, leaf in zip(names, leaves, strict=True)]
    body = _summed(Mul((Partial(whole(*whole.formals), tuple(leaves)), *moved)), leaves)
    inputs = {**meaning.inputs, **{own: axes_or_error(meaning, each) for each, own in tangents.items()}}
    statement = Definition(name, whole.formals, body)
    extended = Program(replace(_with_statement(meaning, statement, meaning.axes[output]), inputs=inputs))
    made = extended.meaning.statements[name]  # without a name it is printed in its shortest form
    return Derivative(extended, name, (), Definition("", made.formals, made.body))


def taylor(
    program: Source, wrt: str = "x", order: int = 1, *, at: str | None = None, notation: str = "index"
) -> Program:
    """The Taylor polynomial of a program around a point, as a Program.

    wrt    the variable, or several ("x W") in all of which the program is expanded together
    order  the degree: 1 is the linear approximation, 2 the quadratic one
    at     the name of the point, a new input: x0 for x unless given, "x0 W0" for "x W"

    `taylor("f_i = exp(x_i)", "x")` has the statements f_i = exp(x0_i), the value at the point, and
    Tf_i = f_i + f_i (x_i - x0_i), its output. Intermediates have their values at the point as well.

    Raises NotationError if a variable is no input, or the name of the point is in use.
    """
    source = _single(program, notation)
    if not isinstance(order, int) or isinstance(order, bool) or not 0 <= order <= HIGHEST:
        raise NotationError(
            f"the order of a Taylor polynomial is a whole number from 0 to {HIGHEST}, not {order!r}",
            hint="write order=1 for the linear approximation",
        )
    names = list(dict.fromkeys(_variables(source.written, wrt)))
    points = _points(source.written, names, at)
    output = source.outputs[0]
    if output in names:
        raise NotationError(
            f"{output!r} is the output, which is not expanded in itself", hint="name another variable"
        )
    meaning = _at(source.written, points)
    whole = meaning.statements[output]
    terms: list[Node] = []
    for degree in range(1, order + 1):
        for several in itertools.combinations_with_replacement(names, degree):
            terms.append(_taylor_term(meaning, whole, several, points))
    name = free_name(f"T{output}", meaning.names)
    statement = Definition(name, whole.formals, _polynomial(meaning, whole, terms))
    return Program(_with_statement(meaning, statement, meaning.axes[output]))


def _polynomial(meaning: Meaning, whole: Definition, terms: Sequence[Node]) -> Node:
    """The value and the terms of each degree, worked out and in their shortest form one by one."""
    parts = [Definition("", whole.formals, term) for term in terms]
    done = canonical([*meaning.statements.values(), *parts], facts_of(meaning))
    left: list[Node] = []
    for part in parts:
        terms_of = summands(factored(done[part]).body)
        left += [scaled(coefficient, monomial) for coefficient, monomial in terms_of if coefficient]
    value = whole(*whole.formals)
    return Add((value, *left)) if left else value


def _taylor_term(
    meaning: Meaning, whole: Definition, names: Sequence[str], points: Mapping[str, str]
) -> Node:
    """∂ᵏf/∂x…∂y… (x − x0) … (y − y0), over the factorials of how often each variable occurs."""
    leaves = [_leaf(meaning, points[name]) for name in names]
    steps = [
        Access(name, leaf.indices_here) - Access(points[name], leaf.indices_here)
        for name, leaf in zip(names, leaves, strict=True)
    ]
    weight = Fraction(1)
    for name in dict.fromkeys(names):
        weight /= factorial(names.count(name))
    return _summed(Mul((number(weight), Partial(whole(*whole.formals), tuple(leaves)), *steps)), leaves)


def _at(meaning: Meaning, points: Mapping[str, str]) -> Meaning:
    """The program at a point: each variable under the point's name, and as an input beside it."""

    def change(definition: Definition) -> Definition:
        values: dict[Node, Node] = {}
        for node in postorder(definition.body):
            kids = tuple([values[child] for child in node.children])
            value = node.with_children(kids) if kids else node
            if isinstance(value, Access) and value.tensor in points:
                value = Access(points[value.tensor], value.indices)
            values[node] = value
        return Definition(definition.name, definition.formals, values[definition.body])

    done = rebuilt(meaning.statements.values(), change)
    inputs = {points.get(name, name): spaces for name, spaces in meaning.inputs.items()}
    inputs |= {name: meaning.inputs[name] for name in points}
    statements = {name: done[definition] for name, definition in meaning.statements.items()}
    return replace(meaning, inputs=inputs, statements=statements, positional=False)


# --- names ------------------------------------------------------------------------------------------------


def _tangents(meaning: Meaning, wrt: Sequence[str], given: Sequence[str | None]) -> dict[str, str]:
    """The name of the tangent of each variable that the strings list."""
    result: dict[str, str] = {}
    for several, tangent in zip(wrt, given, strict=True):
        names = list(dict.fromkeys(_variables(meaning, several)))
        written = [f"d{name}" for name in names] if tangent is None else listed("tangent", tangent, names)
        for name, own in zip(names, written, strict=True):
            known = result.setdefault(name, own)
            if known != own:
                raise NotationError(
                    f"{name!r} has two tangents, {known!r} and {own!r}", hint="give it one name throughout"
                )
    taken = set(meaning.names)
    for name, own in result.items():
        result[name] = new_name(own, taken, "tangent")
        taken.add(result[name])
    return result


def _points(meaning: Meaning, names: Sequence[str], at: str | None) -> dict[str, str]:
    """The name of the point for each variable, which must be an input."""
    for name in names:
        if name in meaning.statements:
            raise NotationError(
                f"{name!r} is computed by the program, and a Taylor polynomial is one in its inputs",
                hint=f"leave the statement of {name!r} out, and it is an input",
            )
    written = [f"{name}0" for name in names] if at is None else listed("at", at, names)
    points: dict[str, str] = {}
    for name, own in zip(names, written, strict=True):
        points[name] = new_name(own, {*meaning.names, *points.values()}, "point", "at")
    return points


# --- pieces of programs -----------------------------------------------------------------------------------


def _single(program: Source, notation: str) -> Program:
    """A program with one output; that of a derivative computes it."""
    source = program_of(program, notation)
    if isinstance(source, Derivative):
        return source.program
    if len(source.outputs) > 1:
        raise NotationError(
            f"a differential is that of one output, and there are {len(source.outputs)}",
            hint=f"name one: parse(…, outputs=({source.outputs[0]!r},))",
        )
    return source


def _variables(meaning: Meaning, wrt: str) -> list[str]:
    """The names that a string lists, each a tensor of the program."""
    if not isinstance(wrt, str):
        raise NotationError("wrt is a string that lists the variables", hint='write wrt="x" or wrt="x W"')
    written = parse_denominators(wrt)
    for tensor in written:
        rank = len(axes_or_error(meaning, tensor.name, source=wrt, span=tensor.span))
        if tensor.subscripts and len(tensor.subscripts) != rank:
            raise NotationError(
                f"{tensor.name!r} has rank {rank}, not {len(tensor.subscripts)}",
                source=wrt,
                span=tensor.span,
                hint=f"write wrt={tensor.name!r}",
            )
    return [tensor.name for tensor in written]


def _leaf(meaning: Meaning, name: str) -> Node:
    """A variable at indices of its own."""
    indices = tuple([fresh(space) for space in axes_or_error(meaning, name)])
    definition = meaning.statements.get(name)
    return Access(name, indices) if definition is None else Apply(definition, indices)


def _summed(body: Node, leaves: Sequence[Node]) -> Node:
    dummies: tuple[Index, ...] = tuple([index for leaf in leaves for index in leaf.indices_here])
    return IndexSum(dummies, body) if dummies else body


def _with_statement(meaning: Meaning, statement: Definition, axes: tuple[str, ...]) -> Meaning:
    """The program with a further statement, which is its output; its axes begin where the output's do."""
    origins = meaning.origins.get(meaning.outputs[0], ()) if axes else ()
    return replace(
        meaning,
        statements={**meaning.statements, statement.name: statement},
        outputs=(statement.name,),
        axes={**meaning.axes, statement.name: axes},
        origins={**meaning.origins, **({statement.name: origins} if origins else {})},
        positional=False,
    )


def _key(wrt: str) -> str:
    """The key of a derivative in a mapping: its variable's name, or all that is listed."""
    written = parse_denominators(wrt)
    return written[0].name if len(written) == 1 else wrt


def _as_called(result: Any, places: Mapping[str, str | int]) -> Any:
    """Derivatives by name, those asked for by their operand's position by that."""
    if isinstance(result, Derivative):
        return result
    return Derivatives({places.get(name, name): part for name, part in result.items()})
