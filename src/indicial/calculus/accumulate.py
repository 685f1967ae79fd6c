"""The chain rule over definitions, from either end.

    forward   dD_{q m}    = Σ_leaf Σ_d  ∂D_q/∂leaf · dleaf_{…m}      tangents, from the variables up
    reverse   Ā_{o p}     = Σ_users Σ_q Σ_d  Ū_{o q} · ∂U_q/∂A_p     adjoints, from the output down

Both move what has been accumulated through one definition after another and give one definition for each
on the way, so that a derivative is as large as its program. Which one is used shows in cost and in nothing
else. Forward accumulation may start from tangents of several variables at once and then has no axes but
the output's: a Jacobian times a vector, which is never formed. Reverse accumulation of a scalar is such
a product by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from indicial.calculus.differential import pulled, pushed, varying
from indicial.calculus.splitting import split
from indicial.ir.indices import Index, Space, formals, fresh
from indicial.ir.nodes import ONE, ZERO, Access, Add, Apply, Definition, Delta, IndexSum, Mul, Node
from indicial.ir.traversal import definitions_under, substitute
from indicial.simplify.canonical import Simplifier
from indicial.simplify.inline import with_named_cores
from indicial.simplify.recognise import Recogniser

Variable = str  # the name of an input or of a statement
Tensor = Callable[[tuple[Index, ...]], Node]  # a component at indices


class Accumulation:
    """The definitions under some outputs that depend on some variables."""

    def __init__(
        self,
        outputs: Sequence[Definition],
        variables: Mapping[Variable, tuple[Space, ...]],
        simplify: Simplifier,
    ):
        self.outputs, self.variables, self.simplify = outputs, variables, simplify
        under = definitions_under(*outputs)
        self.recognise = Recogniser([d for d in under if d.name and d.name not in variables], simplify)
        self.order: list[Definition] = []
        self.seen: set[Definition] = set()
        self.varying: set[Definition] = set()
        self.bodies: dict[Definition, Node] = {}  # as they were cut into pieces
        for definition in under:
            if definition.name in variables:
                self.varying.add(definition)
                self.seen.add(definition)
                continue
            if definition in self.seen:
                continue
            pieces = split(definition)
            if pieces is not definition:
                for piece in definitions_under(pieces, known=self.seen)[:-1]:
                    self._add(piece, piece)
            self._add(definition, pieces)

    def _add(self, definition: Definition, pieces: Definition) -> None:
        self.seen.add(definition)
        if pieces.body in varying(pieces.body, self.varies):
            self.varying.add(definition)
            self.bodies[definition] = pieces.body
            self.order.append(definition)

    def varies(self, leaf: Node) -> bool:
        """Whether a leaf depends on a variable."""
        if isinstance(leaf, Access):
            return leaf.tensor in self.variables
        return isinstance(leaf, Apply) and leaf.definition in self.varying

    def held(self, leaf: Node) -> Variable | None:
        """The variable that a leaf is a component of."""
        name = (
            leaf.tensor
            if isinstance(leaf, Access)
            else leaf.definition.name
            if isinstance(leaf, Apply)
            else ""
        )
        return name if name in self.variables else None

    def close(self, spaces: tuple[Space, ...], body: Node, indices: Sequence[Index]) -> Definition:
        """An anonymous definition in canonical form of a body with the given free indices."""
        own = formals(spaces)
        closed = Definition("", own, self.simplify(substitute(body, dict(zip(indices, own, strict=True)))))
        return with_named_cores(self.recognise(closed), self.simplify)

    def reverse(self, wanted: Sequence[Variable]) -> dict[Variable, Definition]:
        """∂output/∂variable for each wanted variable, by adjoints from the one output down."""
        (output,) = self.outputs
        spaces = output.spaces
        outer = tuple([fresh(space) for space in spaces])
        received: dict[Definition | Variable, list[tuple[tuple[Index, ...], Node]]] = {}

        def gather(target: Definition | Variable, axes: tuple[Space, ...]) -> Definition:
            """Σ of what the users of a target hand down to it, each with deltas to the target's axes."""
            own = tuple([fresh(space) for space in axes])
            parts = [
                _summed(Mul((part, _deltas(own, actual))), outer + own)
                for actual, part in received.pop(target, [])
            ]
            return self.close(spaces + axes, Add(tuple(parts)) if parts else ZERO, outer + own)

        for user in reversed(self.order):
            actuals = outer
            seed: Node = ONE
            if user is not output:
                adjoint = gather(user, user.spaces)
                if adjoint.body == ZERO:
                    continue
                actuals = tuple([fresh(space) for space in user.spaces])
                seed = Apply(adjoint, outer + actuals)
            body = substitute(self.bodies[user], dict(zip(user.formals, actuals, strict=True)))
            for leaf, part in pulled(body, varying(body, self.varies), seed, outer).items():
                held = self.held(leaf)
                key: Definition | Variable = held if held is not None else leaf.definition  # type: ignore[attr-defined]
                names = {i: fresh(i.space) for i in sorted(leaf.free.difference(outer, actuals))}
                own = tuple([names.get(i, i) for i in leaf.indices_here])
                received.setdefault(key, []).append((own, substitute(part, names)))
        return {name: gather(name, self.variables[name]) for name in wanted}

    def forward(self, wanted: Sequence[Variable]) -> dict[Variable, Definition]:
        """∂output/∂variable for each wanted variable, by tangents from the variable up."""
        found: dict[Variable, Definition] = {}
        for name in wanted:
            own = tuple([fresh(space) for space in self.variables[name]])
            (found[name],) = self.tangents({name: partial(_deltas, own)}, own)
        return found

    def tangents(self, seeds: Mapping[Variable, Tensor], own: tuple[Index, ...] = ()) -> list[Definition]:
        """The tangent of each output, given those of some variables.

        `own` are further axes, which all tangents have; the other variables do not move.
        """
        known: dict[Definition, Definition] = {}

        def moves(leaf: Node) -> bool:
            held = self.held(leaf)
            return held in seeds if held is not None else isinstance(leaf, Apply) and leaf.definition in known

        def tangent(leaf: Node) -> Node:
            held = self.held(leaf)
            if held is not None:
                return seeds[held](leaf.indices_here)
            assert isinstance(leaf, Apply)
            return Apply(known[leaf.definition], leaf.indices + own)

        axes = tuple([index.space for index in own])
        for definition in self.order:
            body = self.bodies[definition]
            nodes = varying(body, moves)
            if body in nodes:
                moved = pushed(body, nodes, tangent)
                known[definition] = self.close(definition.spaces + axes, moved, definition.formals + own)
        for output in self.outputs:
            body = seeds[output.name](output.formals) if output.name in seeds else ZERO
            known.setdefault(output, self.close(output.spaces + axes, body, output.formals + own))
        return [known[output] for output in self.outputs]


def _deltas(own: Sequence[Index], actual: Sequence[Index]) -> Node:
    """Π δ over pairs of indices: 1 where all are equal."""
    return Mul(tuple([Delta(a, b) for a, b in zip(actual, own, strict=True)]))


def _summed(body: Node, free: Sequence[Index]) -> Node:
    """The body summed over all of its indices that are not to be free."""
    dummies = tuple(sorted(body.free - set(free)))
    return IndexSum(dummies, body) if dummies else body
