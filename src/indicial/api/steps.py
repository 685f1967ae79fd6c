"""Derivations as users hold them: how a derivative comes about, step by step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from indicial.api.named import axes_or_error
from indicial.api.numbers import Numbers
from indicial.api.operands import merged
from indicial.calculus.trace import trace
from indicial.calculus.within import canonical, has_partials
from indicial.ir.nodes import Definition
from indicial.ir.program import Program
from indicial.ir.traversal import rebuilt
from indicial.render.conditions import with_plain_conditions
from indicial.render.factoring import factored
from indicial.render.steps.page import Sheet, aligned, printed
from indicial.render.steps.paper import Paper, Subject
from indicial.simplify.known import facts_of


@dataclass(frozen=True, slots=True)
class Step:
    """One equation of a derivation: `left = text`, by the `rule`; `latex` is the right side in LaTeX.

    Calling it with arrays gives the numbers of its right side, its axes those of its left side.
    """

    left: str
    text: str
    latex: str
    rule: str
    program: Program
    definition: Definition

    def __call__(self, /, *arrays: object, **named: object) -> Any:
        """The value of the right side, derivatives that are not worked out yet included."""
        value = canonical([self.definition], facts_of(self.program))[self.definition]
        return Numbers(self.program, [value])(merged(self.program, arrays, named))[0]

    def __str__(self) -> str:
        return f"{self.left} = {self.text}"


class Derivation(Sequence[Step]):
    """The steps of a derivative: `str()` and `latex()` print them, each can be read and evaluated."""

    def __init__(self, sheets: Sequence[Sheet], program: Program) -> None:
        self.sheets, self.program = tuple(sheets), program

    @cached_property
    def _steps(self) -> tuple[Step, ...]:
        return tuple(
            [
                Step(
                    chain.left.text,
                    line.formula.text,
                    line.formula.latex,
                    line.reason.text,
                    self.program,
                    line.definition,
                )
                for sheet in self.sheets
                for chain in sheet.chains
                for line in chain.lines
            ]
        )

    def __len__(self) -> int:
        return len(self._steps)

    def __getitem__(self, position: Any) -> Any:
        return self._steps[position]

    def __iter__(self) -> Iterator[Step]:
        return iter(self._steps)

    def latex(self) -> str:
        """The derivation in LaTeX, one line a step with its reason beside it."""
        return aligned(self.sheets)

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"

    def __str__(self) -> str:
        return printed(self.sheets)

    def __repr__(self) -> str:
        return f"<Derivation in {len(self)} steps>"


def _without_partials(written: Mapping[str, Definition], meaning: Program) -> list[Definition]:
    """The statements as they were written, those with derivatives in them as what they mean."""

    def plain(definition: Definition) -> Definition:
        return meaning.statements[definition.name] if has_partials(definition) else definition

    done = rebuilt(written.values(), plain)
    return with_plain_conditions([done[each] for each in written.values()])


def sheet(
    meaning: Program,
    written: Mapping[str, Definition],
    subject: Subject,
    held: Sequence[str],
    result: Definition,
    before: Sequence[Sheet],
) -> Sheet:
    """How one differentiation of a function gives its result, with the statements as they were written.

    What the sheets before it show is not shown again.
    """
    function = subject.function
    written = dict(zip(written, _without_partials(written, meaning), strict=True))
    if subject.before:  # what was derived is canonical: a reader wants its common factors in front
        by_name = rebuilt([function], lambda each: written.get(each.name, each))[function]
        function = factored(by_name)
    else:
        function = written[subject.output]
    name = subject.last[0]
    axes = {each: axes_or_error(meaning, each) for each in dict.fromkeys((name, *held))}
    statements = list(meaning.statements.values())
    traced = trace(function, name, axes, facts_of(meaning), result, statements)
    paper = Paper(traced, subject)
    known = {definition for sheet in before for definition, by in sheet.shown if by == name}
    shown = frozenset([(section.definition, name) for section in traced.sections[:-1]])
    where, lines = tuple(paper.where()), len(paper.rests_on())
    return Sheet(tuple(paper.chains(known)), where, shown, traced.left_out, lines - len(where))
