"""∂output/∂variables of a program, of any order: canonical definitions, one for each output and variable.

The straight line: canonical statements (`calculus.within`) → differentials → accumulation from the end
with fewer axes → what is applied once written out. A higher derivative is the derivative of a
derivative, whose definitions are as good as any statement.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from indicial.calculus.accumulate import Accumulation
from indicial.ir.indices import Space, formals
from indicial.ir.nodes import ONE, ZERO, Definition, Delta, Mul
from indicial.simplify.canonical import Simplifier
from indicial.simplify.facts import Facts
from indicial.simplify.inline import inlined, transparent


def jacobians(
    output: Definition,
    wanted: Sequence[str],
    held: Mapping[str, tuple[Space, ...]],
    facts: Facts,
) -> dict[str, Definition]:
    """∂output/∂variable for each wanted variable: definitions whose axes are the output's, then its.

    `held` gives the axes of all variables that are independent of each other; the wanted are among
    them. A variable is the name of an input or of a statement, the output included. The accumulation
    is reverse unless the output has more axes than every variable; this decides cost, not the formula.
    """
    if output.name in held:
        found = {name: _by_itself(output, name, held[name]) for name in wanted}
    else:
        accumulation = Accumulation([output], held, Simplifier(facts, transparent))
        tall = len(output.formals) > max([len(held[name]) for name in wanted], default=0)
        found = accumulation.forward(wanted) if tall else accumulation.reverse(wanted)
        found = dict(zip(found, written_out(list(found.values()), accumulation, facts), strict=True))
    return found


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
