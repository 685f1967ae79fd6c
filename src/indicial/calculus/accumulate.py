"""The chain rule over definitions, from either end.

    forward   dD_{q m}    = Σ_leaf Σ_d  c · dleaf_{…m}               tangents, from the variables up
    reverse   Ā_{o p}     = Σ_users Σ_q Σ_d  Ū_{o q} · c · δ(…, p)   adjoints, from the output down

Both multiply the same differentials and give one definition for each definition on the way, so that a
derivative is as large as its program. Which one is used shows in cost and in nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from indicial.calculus.differential import Differential, differential
from indicial.calculus.splitting import split
from indicial.ir.indices import Index, Space, formals, fresh
from indicial.ir.nodes import ZERO, Access, Add, Apply, Definition, Delta, IndexSum, Mul, Node
from indicial.ir.traversal import definitions_under, substitute
from indicial.simplify.canonical import Simplifier
from indicial.simplify.inline import with_named_cores
from indicial.simplify.recognise import Recogniser

Variable = str  # the name of an input or of a statement


class Accumulation:
    """The definitions under one output, with their differentials by some variables."""

    def __init__(
        self, output: Definition, variables: Mapping[Variable, tuple[Space, ...]], simplify: Simplifier
    ):
        self.variables, self.simplify = variables, simplify
        self.output = output
        statements = [each for each in definitions_under(output) if each.name and each.name not in variables]
        self.recognise = Recogniser(statements, simplify)
        self.order: list[Definition] = []
        self.seen: set[Definition] = set()
        self.varying: set[Definition] = set()
        self.differentials: dict[Definition, Differential] = {}
        for definition in definitions_under(output):
            if definition is not output and definition.name in variables:
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
        found = differential(pieces, self.varies)
        if found:
            self.varying.add(definition)
            self.differentials[definition] = found
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
        """∂output/∂variable for each wanted variable, by adjoints from the output down."""
        spaces = self.output.spaces
        outer = tuple([fresh(space) for space in spaces])
        received: dict[Definition | Variable, list[tuple[tuple[Index, ...], Node]]] = {}

        def gather(target: Definition | Variable, axes: tuple[Space, ...]) -> Definition:
            """Σ of what the users of a target hand down to it, each with deltas to the target's axes."""
            own = tuple([fresh(space) for space in axes])
            parts = [
                _summed(Mul((part, *[Delta(a, b) for a, b in zip(actual, own, strict=True)])), outer + own)
                for actual, part in received.pop(target, [])
            ]
            return self.close(spaces + axes, Add(tuple(parts)) if parts else ZERO, outer + own)

        for user in reversed(self.order):
            if user is self.output:
                actuals = outer
                factors: tuple[Node, ...] = ()
            else:
                adjoint = gather(user, user.spaces)
                if adjoint.body == ZERO:
                    continue
                actuals = tuple([fresh(space) for space in user.spaces])
                factors = (Apply(adjoint, outer + actuals),)
            for leaf, coefficient in self.differentials[user].items():
                assert isinstance(leaf, (Access, Apply))
                inner = {i: fresh(i.space) for i in sorted(leaf.free - set(user.formals))}
                names = dict(zip(user.formals, actuals, strict=True)) | inner
                part = Mul((*factors, substitute(coefficient, names)))
                own = tuple([names[i] for i in leaf.indices])
                target = self.held(leaf)
                key: Definition | Variable = target if target is not None else leaf.definition  # type: ignore[union-attr]
                received.setdefault(key, []).append((own, part))
        return {name: gather(name, self.variables[name]) for name in wanted}

    def forward(self, wanted: Sequence[Variable]) -> dict[Variable, Definition]:
        """∂output/∂variable for each wanted variable, by tangents from the variable up."""
        return {name: self._tangent(name, self.variables[name]) for name in wanted}

    def _tangent(self, variable: Variable, axes: tuple[Space, ...]) -> Definition:
        own = tuple([fresh(space) for space in axes])
        tangents: dict[Definition, Definition] = {}
        for definition in self.order:
            outer = tuple([fresh(space) for space in definition.spaces])
            parts: list[Node] = []
            for leaf, coefficient in self.differentials[definition].items():
                assert isinstance(leaf, (Access, Apply))
                inner = {i: fresh(i.space) for i in sorted(leaf.free - set(definition.formals))}
                names = dict(zip(definition.formals, outer, strict=True)) | inner
                actual = tuple([names[i] for i in leaf.indices])
                held = self.held(leaf)
                if held == variable:
                    seed: tuple[Node, ...] = tuple([Delta(a, b) for a, b in zip(actual, own, strict=True)])
                elif held is None and isinstance(leaf, Apply) and leaf.definition in tangents:
                    seed = (Apply(tangents[leaf.definition], actual + own),)
                else:
                    continue
                parts.append(_summed(Mul((substitute(coefficient, names), *seed)), outer + own))
            if parts:
                tangents[definition] = self.close(definition.spaces + axes, Add(tuple(parts)), outer + own)
        zero = Definition("", formals(self.output.spaces + axes), ZERO)
        return tangents.get(self.output, zero)


def _summed(body: Node, free: Sequence[Index]) -> Node:
    """The body summed over all of its indices that are not to be free."""
    dummies = tuple(sorted(body.free - set(free)))
    return IndexSum(dummies, body) if dummies else body
