"""Which axes of a result are rows and which are columns; two axes of one tensor are stacked into one.

A scalar's derivative has the axes of its variable, a vector's by a vector those of the Jacobian. All else is
a matrix from the stacked variable to the stacked output: ∂vec(Y)/∂vec(X)ᵀ.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from indicial.errors import NotationError
from indicial.ir.nodes import Definition
from indicial.ir.program import Program
from indicial.render.factoring import factored
from indicial.render.matrix import LAYOUTS, ORDERS, algebra, form
from indicial.render.matrix.algebra import kronecker, product
from indicial.render.matrix.form import COLUMN, MATRIX, Form, Symbol
from indicial.render.matrix.network import Network
from indicial.render.matrix.reader import Reader, require_readable
from indicial.render.matrix.refusals import NoMatrixFormError
from indicial.render.matrix.style import Style, on_paper
from indicial.render.matrix.sums import added
from indicial.render.matrix.symmetric import without_turns
from indicial.render.matrix.text import cost, text_of
from indicial.render.pieces import Scope, Slot
from indicial.simplify.canonical import Simplifier
from indicial.simplify.exponentials import stable
from indicial.simplify.known import facts_of

Tensor = tuple[str, Sequence[str]]  # a name and its indices


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Rows and columns; where there are two of either, they are stacked."""

    rows: tuple[Slot, ...]
    columns: tuple[Slot, ...]

    @property
    def stacked(self) -> bool:
        """Whether axes are stacked."""
        return max(len(self.rows), len(self.columns)) > 1


def matrix_text(
    definition: Definition,
    output: Tensor,
    denominators: Sequence[Tensor],
    program: Program,
    layout: str | None,
    order: str,
    style: Callable[[frozenset[str]], Style] = on_paper,
) -> str:
    """The result in matrix notation, in a style that does without the names of the program."""
    for value, known, what in ((layout, (None, *LAYOUTS), "layout"), (order, ORDERS, "order")):
        if value not in known:
            named = ", ".join([repr(each) for each in known if each])
            raise NotationError(f"there is no {what} {value!r}", hint=f"the {what}s are {named}")
    form = matrix_form(definition, output, denominators, program, layout, order)
    return text_of(form, style(frozenset(program.names)))


def matrix_form(
    definition: Definition,
    output: Tensor,
    denominators: Sequence[Tensor],
    program: Program,
    layout: str | None,
    order: str,
) -> Form:
    """The result as a matrix expression in the shortest form found; NoMatrixFormError says why not."""
    whole = Simplifier(facts_of(program), lambda each: not each.name).definition(definition)
    require_readable(whole.body)
    whole = stable(whole)
    refusal: NoMatrixFormError | None = None
    found: list[Form] = []
    for candidate, expand in ((whole, False), (whole, True), (factored(whole), False)):
        try:
            found.append(_read(candidate, output, denominators, Reader(program, expand), order))
        except NoMatrixFormError as reason:
            refusal = refusal or reason
    if not found:
        assert refusal is not None
        raise refusal
    best = min(found, key=cost)
    symmetric = {
        name for name, known in program.properties.items() if known.groups and known.groups[0].sign > 0
    }
    turned = _turned(output, denominators, layout)
    return without_turns(algebra.transposed(best) if turned else best, symmetric)


def _turned(output: Tensor, denominators: Sequence[Tensor], layout: str | None) -> bool:
    """Whether a layout transposes the result's own one."""
    if layout is None or not denominators:
        return False
    gradient = (
        not output[1] and len(denominators) == 1
    )  # has the shape of its variable, as in denominator layout
    return layout == ("numerator" if gradient else "denominator")


def _read(
    definition: Definition, output: Tensor, denominators: Sequence[Tensor], reader: Reader, order: str
) -> Form:
    slots = {formal: Slot(formal.space) for formal in definition.formals}
    scope = Scope(slots, frozenset())
    arrangement = _arranged(list(slots.values()), [len(output[1]), *[len(own) for _, own in denominators]])
    if not arrangement.stacked:
        row, column = (*arrangement.rows, None)[:1], (*arrangement.columns, None)[:1]
        return reader.read(definition.body, scope, (row[0], column[0]))
    stack = Stack(arrangement, order, denominators[-1][0] if denominators else "")
    terms = reader.terms(definition.body, scope, stack.form)
    return added(terms, MATRIX)


def _arranged(slots: Sequence[Slot], ranks: Sequence[int]) -> Arrangement:
    """The last variable's axes are the columns, those before it the rows."""
    ends = [sum(ranks[: k + 1]) for k in range(len(ranks))]
    groups = [tuple(slots[end - rank : end]) for end, rank in zip(ends, ranks, strict=True) if rank]
    if len(groups) == 1 and len(groups[0]) <= 2:
        return Arrangement(groups[0][:1], groups[0][1:])
    columns = groups[-1] if len(groups) > 1 else ()
    rows = tuple([slot for group in (groups[:-1] if len(groups) > 1 else groups) for slot in group])
    if max(len(rows), len(columns)) > 2:
        raise NoMatrixFormError(f"it has {len(slots)} axes, and rows and columns are two each at most")
    return Arrangement(rows, columns)


class Stack:
    """Networks over three or four free indices as matrices between stacked axes."""

    def __init__(self, arrangement: Arrangement, order: str, variable: str) -> None:
        self.rows = self._slow_and_fast(arrangement.rows, order)
        self.columns = self._slow_and_fast(arrangement.columns, order)
        named = Symbol(variable, MATRIX)
        self.swap = form.Call("comm", (named if order == "F" else algebra.transposed(named),), MATRIX)

    @staticmethod
    def _slow_and_fast(slots: tuple[Slot, ...], order: str) -> tuple[Slot | None, Slot | None]:
        """The axis that changes slowly in the stack, and the one that changes fast; a single one is fast."""
        if len(slots) < 2:
            return None, slots[0]
        return (slots[1], slots[0]) if order == "F" else (slots[0], slots[1])

    def form(self, network: Network) -> Form:
        """The network as P ⊗ Q, as (P ⊗ Q) K, or as vec(P) vec(Q)ᵀ; diag(vec(W)) stands beside one."""
        ends = [frozenset((edge.rows, edge.columns)) for edge in network.edges]
        touched = [slot for pair in ends for slot in pair]
        if len(set(touched)) < len(touched):
            for own in (self.rows, self.columns):
                weight = next((e for e in network.edges if {e.rows, e.columns} == set(own)), None)
                if weight is not None:
                    rest = self.form(replace(network, edges=[e for e in network.edges if e is not weight]))
                    beside = algebra.diagonal(_vec(Network(edges=[weight]), own))
                    return product(beside, rest) if own is self.rows else product(rest, beside)
            raise NoMatrixFormError("three of its axes meet in one index, so it is no Kronecker product")
        rows, columns = (
            self._beside(self.rows, self.columns, ends),
            self._beside(self.columns, self.rows, ends),
        )
        (slow, fast), (left, right) = rows, columns
        if all(pair <= {slow, left} or pair <= {fast, right} for pair in ends):
            return kronecker(network.between(slow, left), network.between(fast, right))
        if all(pair <= {slow, right} or pair <= {fast, left} for pair in ends):
            return product(kronecker(network.between(slow, right), network.between(fast, left)), self.swap)
        if all(pair <= {slow, fast} or pair <= {left, right} for pair in ends):
            return product(_vec(network, rows), algebra.transposed(_vec(network, columns)))
        raise NoMatrixFormError("its axes belong together in a way that no Kronecker product has")

    @staticmethod
    def _beside(
        own: tuple[Slot | None, Slot | None],
        others: tuple[Slot | None, Slot | None],
        ends: Sequence[frozenset[Slot]],
    ) -> tuple[Slot | None, Slot | None]:
        """A single axis changes slowly where the one that it is tied to does."""
        slow, fast = own
        if slow is None and any(fast in pair and others[0] in pair for pair in ends):
            return fast, None
        return own


def _vec(network: Network, stack: tuple[Slot | None, Slot | None]) -> Form:
    slow, fast = stack
    if slow is None or fast is None:
        return network.between(slow or fast, None)
    return form.Call("vec", (network.between(fast, slow),), COLUMN)
