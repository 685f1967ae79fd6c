"""How a derivative comes about, for a reader: each statement's own, then the chain rule through it.

    section   one statement f that depends on the variable x
      chain   ∂f/∂u = … = …            by the rules of the table, for each statement u that f applies
      chain   ∂f/∂x = Σ (∂f/∂u)(∂u/∂x) + …      the chain rule, with what has been found put in

A chain begins with a derivative that is pending (`src/indicial/calculus/pending.py`) and works it out by
the rules that compute; its last step is the canonical form. Every step has the same value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from indicial.calculus.contracting import contractions, spread
from indicial.calculus.derive import jacobians
from indicial.calculus.pending import Ledger, Pending, Reason, Rule, components, differentiated
from indicial.calculus.splitting import split
from indicial.calculus.within import canonical
from indicial.ir.indices import Index, Space, formals, fresh
from indicial.ir.nodes import Access, Add, Apply, Definition, IndexSum, Mul, Node
from indicial.ir.traversal import definitions_in, definitions_under, postorder, rebuilt, relinked
from indicial.simplify.canonical import Simplifier
from indicial.simplify.facts import Facts
from indicial.simplify.inline import transparent
from indicial.simplify.recognise import Recogniser

_LARGE = 100  # the size from which on a statement is shown in parts
_SECTIONS = 24  # statements that are shown at most
_PATHS = 6  # intermediates of one statement through which the chain rule is shown one by one
_INSERTED = 40  # the size up to which a derivative found before is put in
_ROUNDS = 24  # of rules that are shown one by one


@dataclass(frozen=True, slots=True)
class Step:
    """An expression over the chain's formal indices, and why it equals the one before.

    `written` says that factors stand in the order in which they are to be read.
    """

    body: Node
    reasons: tuple[Reason, ...]
    written: bool = True


@dataclass(frozen=True, slots=True)
class Chain:
    """left = step = step = …"""

    left: Pending
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A statement, as it is differentiated, and the chains that end in its derivative."""

    definition: Definition
    chains: tuple[Chain, ...]


@dataclass(frozen=True, slots=True)
class Trace:
    """The sections in order, the output's last, and what they rest on.

    ledger    the pending derivatives by definition
    output    the output over its parts
    parts     what is differentiated like a statement, but has no name of the user's
    left_out  how many statements are not shown
    """

    sections: tuple[Section, ...]
    ledger: Ledger
    output: Definition
    parts: tuple[Definition, ...]
    left_out: int


def trace(
    output: Definition,
    variable: str,
    held: Mapping[str, tuple[Space, ...]],
    facts: Facts,
    result: Definition,
    statements: Sequence[Definition],
) -> Trace:
    """How ∂output/∂variable becomes `result`, with all of `held` independent of each other.

    `statements` are the canonical statements whose names may stand for their bodies.
    """
    tracer = _Tracer(variable, held, facts, statements)
    output, parts = _in_parts(output)
    tracer.run(output, result)
    return Trace(tuple(tracer.sections), tracer.ledger, output, parts, tracer.left_out)


def _in_parts(output: Definition) -> tuple[Definition, tuple[Definition, ...]]:
    """An output in which what is large is cut, and every definition but itself has a name, with the new ones.

    A name keeps a part from being written out where it is applied; a reader gets another one to see.
    """
    cut = rebuilt([output], lambda each: split(each) if each.body.size > _LARGE else each)[output]
    done: dict[Definition, Definition] = {}
    parts: list[Definition] = []
    for definition in definitions_under(cut):
        new = relinked(definition, done)
        if not new.name and definition is not cut:
            new = Definition(f"part {len(parts)}", new.formals, new.body)
            parts.append(new)
        done[definition] = new
    return done[cut], tuple(parts)


class _Tracer:
    def __init__(
        self,
        variable: str,
        held: Mapping[str, tuple[Space, ...]],
        facts: Facts,
        statements: Sequence[Definition],
    ) -> None:
        self.variable, self.held, self.facts = variable, held, facts
        self.spaces = held[variable]
        self.simplify = Simplifier(facts, transparent)
        self.recognise = Recogniser([each for each in statements if each.name not in held], self.simplify)
        self.ledger = Ledger()
        self.sections: list[Section] = []
        self.left_out = 0
        self.totals: dict[Definition, Definition] = {}  # ∂u/∂x, pending, of a statement u
        self.varying: set[Definition] = set()

    def run(self, output: Definition, result: Definition) -> None:
        """One section for each statement that the output rests on, the output's last."""
        cut = {each for each in definitions_under(output) if each.name in self.held}
        order = [each for each in definitions_under(output, known=cut) if self._depends(each)]
        if output.name in self.held or output not in order:
            same = output.name == self.variable
            reason = Reason(Rule.COMPONENT if same else Rule.INDEPENDENCE, (output(*output.formals),))
            left = self._entered(output, self.variable, result)
            step = Step(result.body, (reason,), written=False)
            self.sections.append(Section(output, (Chain(left, (step,)),)))
            return
        shown = order if len(order) <= _SECTIONS else [*order[: _SECTIONS - 1], output]
        self.left_out = len(order) - len(shown)
        for definition in shown:
            self._section(definition, result if definition is output else None)

    def _depends(self, definition: Definition) -> bool:
        if any(self._varies(node) for node in postorder(definition.body)):
            self.varying.add(definition)
        return definition in self.varying

    def _varies(self, leaf: Node) -> bool:
        return self._is_variable(leaf) or (isinstance(leaf, Apply) and leaf.definition in self.varying)

    def _is_variable(self, leaf: Node) -> bool:
        if isinstance(leaf, Apply):
            return leaf.definition.name == self.variable
        return isinstance(leaf, Access) and leaf.tensor == self.variable

    # --- one statement --------------------------------------------------------------------------------

    def _section(self, definition: Definition, result: Definition | None) -> None:
        """∂f/∂u for each u that f applies, then ∂f/∂x by the chain rule; of many paths by the rules alone."""
        body = definition.body
        paths = [each for each in definitions_in(body) if each in self.varying]
        chains: list[Chain] = []
        if not paths or len(paths) > _PATHS or isinstance(body, Apply):
            steps = self._by_rules(definition, self.variable, self._varies)
        else:
            chains, steps = self._through(definition, paths)
        known = self._known(definition, self.variable) if result is None else result
        done = self._finish(steps, self._axes(definition, self.spaces), known)
        left = self._entered(definition, self.variable, done)
        self.totals[definition] = left.definition
        self.sections.append(Section(definition, (*chains, Chain(left, tuple(steps)))))

    def _axes(self, definition: Definition, spaces: tuple[Space, ...]) -> tuple[Index, ...]:
        """The formal indices of ∂f/∂u: those of f, then u's axes."""
        return formals(definition.spaces + spaces)

    def _through(self, definition: Definition, paths: Sequence[Definition]) -> tuple[list[Chain], list[Step]]:
        """∂f/∂x = ∂f/∂x|u + Σ_u Σ_p (∂f/∂u_p)(∂u_p/∂x), and before it the chains of ∂f/∂u."""
        own = definition.formals
        axes = self._axes(definition, self.spaces)[len(own) :]
        chains: list[Chain] = []
        parts: list[Node] = []
        if any(self._is_variable(node) for node in postorder(definition.body)):
            chains.append(self._partial(definition, self.variable, tuple(paths)))
            parts.append(Apply(chains[-1].left.definition, (*own, *axes)))
        middles = [inner(*[fresh(space) for space in inner.spaces]) for inner in paths]
        for inner, middle in zip(paths, middles, strict=True):
            others = [each for each in paths if each is not inner and inner in definitions_under(each)]
            chains.append(self._partial(definition, inner, tuple(others)))
            outer = Apply(chains[-1].left.definition, (*own, *middle.indices))
            product = Mul((outer, Apply(self._total(inner), (*middle.indices, *axes))))
            parts.append(IndexSum(middle.indices, product) if middle.indices else product)
        rule = Rule.TOTAL if len(parts) > 1 else Rule.VECTOR if paths[0].formals else Rule.SINGLE
        whole = parts[0] if len(parts) == 1 else Add(tuple(parts))
        direct = (Access(self.variable, ()),) if len(parts) > len(paths) else ()
        return chains, [Step(spread(whole), (Reason(rule, tuple(middles), direct),))]

    def _partial(self, definition: Definition, by: Definition | str, held: tuple[Definition, ...]) -> Chain:
        """∂f/∂u of f as a function of the names in its body."""

        def varies(leaf: Node) -> bool:
            if isinstance(by, str):
                return self._is_variable(leaf)
            return isinstance(leaf, Apply) and leaf.definition is by

        spaces = self.spaces if isinstance(by, str) else by.spaces
        steps = self._by_rules(definition, by, varies)
        name = by if isinstance(by, str) else by.name
        known = self._known(definition, name, held) if name else None
        done = self._finish(steps, self._axes(definition, spaces), known)
        return Chain(self._entered(definition, by, done, held), tuple(steps))

    def _known(
        self, definition: Definition, name: str, held: tuple[Definition, ...] = ()
    ) -> Definition | None:
        """∂f/∂u of a statement as everybody gets it, in the user's names; not if it has lines of its own."""
        if not definition.name:
            return None
        spaces = {each.name: each.spaces for each in definitions_under(definition) if each.name == name}
        variables = {**self.held, **{each.name: each.spaces for each in held if each.name}, **spaces}
        if name not in variables:
            return None
        statement = canonical([definition], self.facts)[definition]
        found = jacobians(statement, [name], variables, self.facts)[name]
        return found if all(each.name for each in definitions_in(found.body)) else None

    def _total(self, definition: Definition) -> Definition:
        """∂u/∂x, pending: a derivative found before, or that of a statement that is not shown."""
        if definition not in self.totals:
            statement = canonical([definition], self.facts)[definition]
            found = jacobians(statement, [self.variable], self.held, self.facts)[self.variable]
            self.totals[definition] = self._entered(definition, self.variable, found).definition
        return self.totals[definition]

    def _entered(
        self,
        definition: Definition,
        by: Definition | str,
        found: Definition,
        held: tuple[Definition, ...] = (),
    ) -> Pending:
        """∂f/∂u, whose value is found, in the ledger: to be put in where it is short enough."""
        rank = len(definition.formals)
        below = definitions_in(found.body)
        small = found.body.size <= _INSERTED and all(
            each.name and each not in self.ledger.entries for each in below
        )
        reason = Reason(Rule.INSERTION if small else Rule.DEFINITION)
        numerator = definition(*found.formals[:rank])
        return self.ledger.enter(numerator, by, found.formals[rank:], found.body, reason, held)

    # --- one chain --------------------------------------------------------------------------------------

    def _by_rules(
        self, definition: Definition, by: Definition | str, varies: Callable[[Node], bool]
    ) -> list[Step]:
        """∂(body)/∂u, then every rule of the table in turn, components last."""
        spaces = self.spaces if isinstance(by, str) else by.spaces
        axes = self._axes(definition, spaces)[len(definition.formals) :]

        def leaf(node: Node) -> Node:
            assert isinstance(node, (Access, Apply))
            if isinstance(by, Definition) or self._is_variable(node):
                return components(node, axes)
            assert isinstance(node, Apply)
            return Apply(self._total(node.definition), (*node.indices, *axes))

        whole = differentiated(definition.body, varies, leaf, by, axes, self.ledger)
        written = bool(definition.name)  # what has no name was made, and its factors stand in no order
        reason = Reason(Rule.DEFINITION, (definition(*definition.formals),))
        steps = [Step(spread(whole), (reason,), written)]
        for rules in [*[_OF_NODES] * _ROUNDS, frozenset({Rule.COMPONENT})]:
            body, reasons = self.ledger.worked_out(steps[-1].body, rules)
            if reasons:
                steps.append(Step(spread(body), reasons, written))
        return steps

    def _finish(
        self, steps: list[Step], own: tuple[Index, ...], result: Definition | None = None
    ) -> Definition:
        """Put in what has been found before, contract, simplify; the last step is the result."""
        body, reasons = self.ledger.worked_out(steps[-1].body, frozenset({Rule.INSERTION}))
        if reasons:
            steps.append(Step(spread(body), reasons, written=False))
        for body, reason in contractions(steps[-1].body):
            steps.append(Step(body, (reason,), steps[-1].written))
        plain = self.simplify(steps[-1].body)
        done = self.recognise(Definition("", own, plain)) if result is None else result
        before = {each.name for each in definitions_in(plain)}  # as written or canonical, it is one statement
        names = [each for each in definitions_in(done.body) if each.name and each.name not in before]
        names = [each for each in names if each not in self.ledger.entries]
        if names:
            steps.append(Step(plain, (Reason(Rule.SIMPLIFICATION),), written=False))
        nodes = tuple([each(*each.formals) for each in names])
        reason = Reason(Rule.NAMES, nodes) if names else Reason(Rule.SIMPLIFICATION)
        steps.append(Step(done.body, (reason,), written=False))
        return done


_OF_NODES = frozenset(
    {
        Rule.SUM, Rule.PRODUCT, Rule.POWER, Rule.FUNCTION, Rule.INDEX_SUM, Rule.INDEX_PRODUCT, Rule.OPERATOR,
    }
)  # fmt: skip
