"""∂output/∂variables of a program, of any order: canonical definitions, one for each output and variable.

The straight line: canonical statements (`calculus.within`) → differentials → accumulation from the end
with fewer axes → what is applied once written out. A higher derivative is the derivative of a
derivative, whose definitions are as good as any statement.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from indicial.calculus.accumulate import Accumulation
from indicial.ir.indices import Space, formals
from indicial.ir.nodes import ONE, ZERO, Definition, Delta, Mul
from indicial.simplify.canonical import Simplifier
from indicial.simplify.facts import Facts
from indicial.simplify.inline import inlined, transparent

Mode = Literal["forward", "reverse"]
MODES: tuple[Mode, ...] = ("forward", "reverse")


def jacobians(
    output: Definition,
    wanted: Sequence[str],
    held: Mapping[str, tuple[Space, ...]],
    facts: Facts,
    mode: Mode | None = None,
) -> dict[str, Definition]:
    """∂output/∂variable for each wanted variable: definitions whose axes are the output's, then its.

    `held` gives the axes of all variables that are independent of each other; the wanted are among
    them. A variable is the name of an input or of a statement, the output included. The mode of the
    accumulation decides cost, not the value; without one it is `usual`.
    """
    if output.name in held:
        found = {name: _by_itself(output, name, held[name]) for name in wanted}
    else:
        accumulation = Accumulation([output], held, Simplifier(facts, transparent))
        mode = mode or usual(output, [held[name] for name in wanted])
        found = accumulation.forward(wanted) if mode == "forward" else accumulation.reverse(wanted)
        found = dict(zip(found, written_out(list(found.values()), accumulation, facts), strict=True))
    return found


def usual(output: Definition, axes: Sequence[Sequence[Space]]) -> Mode:
    """The mode for variables with some axes while no extents are known: from the end with fewer axes."""
    return "forward" if len(output.formals) > max(map(len, axes), default=0) else "reverse"


def written_out(found: Sequence[Definition], accumulation: Accumulation, facts: Facts) -> list[Definition]:
    """What has been accumulated, without names for what is applied once, and with those of the program."""
    return [accumulation.recognise(each) for each in inlined(found, facts)]


def _by_itself(output: Definition, name: str, axes: tuple[Space, ...]) -> Definition:
    """∂y_i/∂y_m = δ_im; by what is held beside y it does not vary."""
    own = formals(output.spaces + axes)
    rank = len(output.formals)
    deltas = [Delta(a, b) for a, b in zip(own[:rank], own[rank:], strict=False)]
    body = Mul((ONE, *deltas)) if name == output.name else ZERO
    return Definition("", own, Simplifier()(body))
