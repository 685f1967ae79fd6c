"""Jacobians times vectors, as formulas in which the vectors stand: no Jacobian is ever formed.

    pullback     x̄_p  = Σ_y Σ_i ȳ_i ∂y_i/∂x_p        cotangents, from the outputs to a variable
    pushforward  dy_i = Σ_x Σ_p ∂y_i/∂x_p dx_p        tangents, from the variables to an output
    curvature    h_p  = Σ_x Σ_q ∂²s/∂x'_p∂x_q dx_q    the pushforward of a scalar's gradient

A tangent or cotangent is any tensor of the right axes, as a rule a new input; accumulation starts from it,
and the planner contracts it with whatever is cheapest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from indicial.calculus.accumulate import Accumulation, Tensor, Variable
from indicial.calculus.derive import jacobians, written_out
from indicial.ir.indices import Index, Space, fresh
from indicial.ir.nodes import Access, Add, Apply, Definition, IndexSum, Mul, Node
from indicial.simplify.canonical import Simplifier
from indicial.simplify.facts import Facts
from indicial.simplify.inline import transparent

Held = Mapping[Variable, tuple[Space, ...]]


def tensor(name: str) -> Tensor:
    """An input, as a function of its indices."""

    def component(indices: tuple[Index, ...]) -> Node:
        return Access(name, indices)

    return component


def pullback(
    outputs: Sequence[Definition],
    cotangents: Sequence[Tensor],
    wanted: Sequence[Variable],
    held: Held,
    facts: Facts,
) -> dict[Variable, Definition]:
    """The cotangent of each wanted variable, given that of each output.

    `held` are the axes of all variables that are independent of each other, as for `jacobians`: the
    pullback is the gradient of Σ ȳ · y.
    """
    pairing = Add(tuple([_paired(*each) for each in zip(outputs, cotangents, strict=True)]))
    root = Simplifier(facts, transparent).definition(Definition("", (), pairing))
    return jacobians(root, wanted, held, facts)


def _paired(output: Definition, cotangent: Tensor) -> Node:
    indices = tuple([fresh(space) for space in output.spaces])
    product = Mul((cotangent(indices), Apply(output, indices)))
    return IndexSum(indices, product) if indices else product


def pushforward(
    outputs: Sequence[Definition],
    tangents: Mapping[Variable, Tensor],
    held: Held,
    facts: Facts,
) -> list[Definition]:
    """The tangent of each output, given those of some variables; others that are held do not move."""
    accumulation = Accumulation(outputs, held, Simplifier(facts, transparent))
    return written_out(accumulation.tangents(tangents), accumulation, facts)


def curvature(
    output: Definition,
    tangents: Mapping[Variable, Tensor],
    wanted: Sequence[Variable],
    held: Held,
    facts: Facts,
) -> dict[Variable, Definition]:
    """The rows of a scalar's Hessian by the wanted variables, times tangents: forward over reverse."""
    gradients = jacobians(output, wanted, held, facts)
    return dict(zip(wanted, pushforward(list(gradients.values()), tangents, held, facts), strict=True))
