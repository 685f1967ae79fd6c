"""Products and results with equations of indices, lowered without a mask over the indices that they tie.

Σ_jk [j = i + k] x_j w_k        a view of x along i + k, and w
Σ_b [m = t_b] g_bd              g, written where t says
[m = i + k] w_k                 w, written along i + k
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from indicial.ir.indices import Index
from indicial.ir.nodes import ONE, ZERO, Access, Add, Compare, Delta, IndexSum, Mul, Node
from indicial.ir.traversal import Stackless, substitute
from indicial.planning.contraction import Contraction, Operand
from indicial.planning.equations import Solution, free_candidates, size, solved, written
from indicial.planning.lines import Extents, Line, line_of, replaced
from indicial.planning.reading import Reader
from indicial.simplify.inline import grouped, patterns
from indicial.simplify.sums import collected, joined
from indicial.simplify.terms import factors_in, scaled, summands

Lowered = Stackless[Operand]
Factors = list[tuple[Operand, bool]]  # values, and whether each is an input as it is


@dataclass(frozen=True, slots=True)
class Tools:
    """What a lowering lends: values of expressions and brackets, and brackets put among factors."""

    contract: Contraction
    extents: Extents
    dense: Callable[[Node], Lowered]
    mask: Callable[[Compare], Lowered]
    masked: Callable[[Factors, list[Operand]], list[Operand]]

    @property
    def reader(self) -> Reader:
        """Reads and writes along lines."""
        return Reader(self.contract, self.extents, self.dense)

    def number(self, value: float) -> Operand:
        """A number as a value."""
        return Operand(self.contract.builder.emit("number", (), value, ()), ())


# --- products -----------------------------------------------------------------------------------------


def equations_among(factors: Sequence[Node], extents: Extents) -> tuple[list[Line], list[Node]]:
    """The equations among some factors, and the other factors."""
    lines: list[Line] = []
    others: list[Node] = []
    for factor in factors:
        line = line_of(factor, extents)
        if line is None:
            others.append(factor)
        else:
            lines.append(line)
    return lines, others


def contracted(
    tools: Tools,
    lines: Sequence[Line],
    factors: Sequence[Node],
    dummies: Sequence[Index],
    free: frozenset[Index],
    coefficient: float = 1.0,
) -> Lowered:
    """coefficient · Σ over the dummies of factors where all lines vanish."""
    solution = solved(lines, [factor.free for factor in factors], free, tools.extents)
    if solution.is_empty:
        return tools.number(0.0)
    masks: list[Operand] = []
    operands: Factors = []
    for factor in factors:
        if isinstance(factor, Compare):
            masks.append((yield _mask(tools, replaced(factor, solution.known))))
        elif factor != ONE:
            operands.append(((yield _factor(tools, factor, solution)), isinstance(factor, Access)))
    for line in solution.left:
        masks.append((yield _mask(tools, Compare("==", line.node, ZERO))))
    operands = yield _bounded(tools, operands, factors, solution)
    values = tools.masked(operands, masks) or [tools.number(1.0)]
    values += _lost(tools, values, dummies, solution)
    along = frozenset[Index]().union(*[line.indices for line in solution.written.values()])
    core = tools.contract.product(values, (free - solution.written.keys()) | along, coefficient)
    if not solution.written:
        return core
    axes = tuple(sorted(free & along.union(solution.written, core.axes)))
    result: Operand = yield tools.reader.written([(core, solution.written)], axes)
    return result


def _mask(tools: Tools, node: Node) -> Lowered:
    result: Operand = yield tools.mask(node) if isinstance(node, Compare) else tools.dense(node)
    return result


def _factor(tools: Tools, factor: Node, solution: Solution) -> Lowered:
    """A factor at the lines that its indices are: read from its value, or computed there if that is less."""
    known = {index: line for index, line in solution.known.items() if index in factor.free}
    there = (factor.free - known.keys()).union(*[line.indices for line in known.values()])
    operand: Operand
    if _is_computed(factor, known) and size(there, tools.extents) < size(factor.free, tools.extents):
        unread = known
        operand = yield tools.dense(replaced(factor, known))
    else:
        operand = yield tools.dense(factor)
        unread = {index: line for index, line in known.items() if index not in operand.axes}
        operand = yield tools.reader.read(operand, known)
    for index, line in unread.items():
        if index in solution.read and not line.is_inside(tools.extents(index.space), tools.extents):
            operand = yield _where_inside(tools, operand, line, index)
    return operand


def _is_computed(factor: Node, known: Collection[Index]) -> bool:
    """Whether a factor is more than a reading along lines.

    Another line would make of one, or of an operator's own index, nothing but a further reading.
    """
    while isinstance(factor, IndexSum):
        factors = factor.body.factors if isinstance(factor.body, Mul) else (factor.body,)
        rest = [each for each in factors if not isinstance(each, Compare)]
        if len(rest) != 1:
            return True
        factor = rest[0]
    return bool(factor.children) and not any(index in known for index in factor.indices_here)


def _where_inside(tools: Tools, operand: Operand, line: Line, index: Index) -> Lowered:
    inside = yield tools.reader.inside(line, index)
    return tools.contract.elementwise("select", (inside, operand))


def _bounded(
    tools: Tools, operands: Factors, factors: Sequence[Node], solution: Solution
) -> Stackless[Factors]:
    """The factors, 0 wherever a line is no value of its index.

    A factor read there is 0 already. A computed one is made so if it has the axes of the line, so that
    what is not finite there does not matter; if no factor has the index, the line's range is one.
    """
    own = [factor for factor in factors if factor != ONE and not isinstance(factor, Compare)]
    result = list(operands)
    for index, line in solution.read.items():
        if line.is_inside(tools.extents(index.space), tools.extents):
            continue
        for k, (factor, (operand, plain)) in enumerate(zip(own, operands, strict=True)):
            if (
                line.data == ZERO
                and not plain
                and index not in factor.free
                and line.indices <= set(operand.axes)
            ):
                result[k] = (yield _where_inside(tools, result[k][0], line, index)), plain
        if not any(index in factor.free for factor in own):
            result.append(((yield tools.reader.inside(line, index)), True))
    return result


def _lost(
    tools: Tools, values: Sequence[Operand], dummies: Sequence[Index], solution: Solution
) -> list[Operand]:
    """What summing over dummies that no factor has any more multiplies by."""
    present = frozenset[Index]().union(*[operand.axes for operand in values])
    present = present.union(*[line.indices for line in solution.written.values()], solution.read)
    gone = frozenset(dummies) - present
    return [tools.number(float(size(gone, tools.extents)))] if gone else []


# --- sums in products ---------------------------------------------------------------------------------


def distributed(node: IndexSum, extents: Extents) -> Node | None:
    """Σ (a + b) f as Σ a f + Σ b f where terms of the sum a + b have equations with a dummy; else None."""
    factors = node.body.factors if isinstance(node.body, Mul) else (node.body,)

    def ties(monomial: Node) -> bool:
        equations = [each for each in factors_in(monomial) if line_of(each, extents) is not None]
        return any(not each.free.isdisjoint(node.indices) for each in equations)

    for place, factor in enumerate(factors):
        if isinstance(factor, Add) and any(ties(m) for _, m in summands(factor)):
            others = [*factors[:place], *factors[place + 1 :]]  # it may be there twice
            plain = {m: c for c, m in summands(factor) if not ties(m)}
            parts = [(c, m) for c, m in summands(factor) if m not in plain]
            parts += [(Fraction(1), collected(plain))] if plain else []
            return Add(tuple([scaled(c, IndexSum(node.indices, _times(others, m))) for c, m in parts]))
    return None


def _times(others: Sequence[Node], monomial: Node) -> Node:
    return joined([*others, *factors_in(monomial)])


# --- results ------------------------------------------------------------------------------------------


def _can_be_written(factor: Node, extents: Extents) -> bool:
    line = line_of(factor, extents)
    return line is not None and (bool(free_candidates(line)) or not line.slopes)


def has_equations(body: Node, extents: Extents) -> bool:
    """Whether some term of a canonical body can be written along an equation."""
    return any(
        isinstance(factor, Compare) and _can_be_written(factor, extents)
        for _, monomial in summands(body)
        for factor in (monomial.factors if isinstance(monomial, Mul) else (monomial,))
    )


def assembled(tools: Tools, body: Node, axes: tuple[Index, ...]) -> Lowered:
    """Σ pattern · core over the given axes, where patterns are deltas and equations between axes."""
    result: Operand
    if not has_equations(body, tools.extents):
        result = yield _along_deltas(tools, body, axes)
        return result
    parts: list[tuple[Operand, Mapping[Index, Line]]] = []
    for deltas, whole in sorted(patterns(body).items(), key=lambda part: len(part[0])):
        found = grouped(whole, lambda factor: _can_be_written(factor, tools.extents))
        for equations, core in sorted(found.items(), key=lambda part: len(part[0])):
            part = yield _part(tools, deltas, equations, core, axes)
            parts += [part] if part is not None else []
    if not parts:
        return tools.number(0.0)
    result = yield tools.reader.written(parts, axes)
    return result


def _along_deltas(tools: Tools, body: Node, axes: tuple[Index, ...]) -> Lowered:
    values: list[int] = []
    layout: list[tuple[int, ...]] = []
    for deltas, core in sorted(patterns(body).items(), key=lambda part: len(part[0])):
        leader = {delta.right: delta.left for delta in deltas}
        classes = tuple(dict.fromkeys([leader.get(index, index) for index in axes]))
        operand = yield tools.dense(_under(leader, core))
        values.append(tools.contract.aligned(operand, classes))
        layout.append(tuple([classes.index(leader.get(index, index)) for index in axes]))
    shape = tools.reader.shape(axes)
    return Operand(tools.contract.builder.emit("assemble", values, tuple(layout), shape), axes)


def _under(leader: Mapping[Index, Index], core: Node) -> Node:
    """A core with one name for indices that are equal; a line that was put in may have brought the other."""
    return substitute(core, leader) if not core.free.isdisjoint(leader) else core


def _part(
    tools: Tools,
    deltas: Sequence[Delta],
    equations: Sequence[Node],
    core: Node,
    axes: tuple[Index, ...],
) -> Stackless[tuple[Operand, Mapping[Index, Line]] | None]:
    """A core and the lines that the axes of the result are; None if its equations hold nowhere."""
    leader = {delta.right: delta.left for delta in deltas}
    own = [index for index in axes if index not in leader]
    core = _under(leader, core)
    lines = [line for line in [line_of(each, tools.extents) for each in equations] if line is not None]
    solution = written(lines, core.free, own, tools.extents)
    if solution.is_empty:
        return None
    operand = yield tools.dense(replaced(core, solution.written))
    for line in solution.left:
        mask = yield _mask(tools, Compare("==", line.node, ZERO))
        operand = tools.contract.elementwise("select", (mask, operand))
    places = dict(solution.written)
    for index, first in leader.items():
        places[index] = Line({first: Fraction(1)}).at(solution.written)
    return operand, places
