"""Derivations on paper: one equation a step, and why it follows from the one before."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from indicial.calculus.pending import Rule
from indicial.calculus.trace import Chain, Section, Trace
from indicial.calculus.trace import Step as Traced
from indicial.ir.indices import Index, Space
from indicial.ir.nodes import Access, Apply, Definition, Node
from indicial.ir.program import Program
from indicial.ir.traversal import mapped
from indicial.render import document
from indicial.render.factoring import factored
from indicial.render.letters import Letters, denominator_letters, invented_names
from indicial.render.naming import stem
from indicial.render.steps.reasons import Sentence, sentence
from indicial.render.steps.writer import LATEX, TEXT, StepWriter, Style

Denominators = tuple[tuple[str, tuple[str, ...]], ...]  # variables with the letters of their axes
_LONG = 600  # the size beyond which a step is too long to be shown
LINES = 24  # beside the steps, at most: the text of a long derivative has all of its own
_REASONS = 3  # of one step, at most


@dataclass(frozen=True, slots=True)
class Subject:
    """What a derivation is of: the derivative of `output` by `before`, differentiated by `last`.

    `letters` are those of all axes of what is differentiated, the output's first.
    """

    program: Program
    output: str
    function: Definition
    letters: tuple[str, ...]
    before: Denominators
    last: tuple[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Both:
    """The same in index notation and in LaTeX."""

    text: str
    latex: str


@dataclass(frozen=True, slots=True)
class Line:
    """A step on paper: its formula, why it holds, and the definition that it writes out."""

    formula: Both
    reason: Both
    definition: Definition


@dataclass(frozen=True, slots=True)
class Written:
    """A chain on paper: left = line = line = …

    heading   the statement that is differentiated, where a section begins
    left_out  how many steps are too long to be shown
    """

    heading: Both | None
    left: Both
    lines: tuple[Line, ...]
    left_out: int


class Paper:
    """Writes a trace down. It is the setting of its formulas: names and letters are chosen once."""

    def __init__(self, trace: Trace, subject: Subject) -> None:
        self.trace, self.subject = trace, subject
        self.program, self.ledger, self.function = subject.program, trace.ledger, trace.output
        self.plain = {
            step: _plain(step, chain.left.definition.formals, step is chain.steps[-1])
            for section in trace.sections
            for chain in section.chains
            for step in chain.steps
        }
        self.last = subject.last[1]
        self.names = self._names()
        self.letters = Letters(self.program, self.names.values())
        known = {self.function: subject.letters}
        letters = (*subject.letters, *self.last)
        self._axes = document.line_axes(known, list(self.names), letters, self.letters)

    def _names(self) -> dict[Definition, str]:
        """Names for what has none: what the result needs first, as it has them in its own text."""
        shown = dict.fromkeys(reversed(self.plain.values()))
        order = [each for each in document.anonymous_under(*shown) if not each.name and each not in shown]
        order = [*order, *self.trace.parts]
        taken = self.program.names.union(self.subject.letters, self.last)
        alike = {each: _by_name(each) for each in order}
        first = {key: each for each, key in reversed(alike.items())}
        kept = [each for each in order if first[alike[each]] is each]
        names = invented_names(len(kept), taken, [stem(each) for each in kept])
        known = dict(zip([alike[each] for each in kept], names, strict=True))
        return {each: known[key] for each, key in alike.items()}

    def called(self, variable: Definition | str) -> str:
        """The name of a variable or statement."""
        if isinstance(variable, str):
            return variable
        return self.names.get(variable) or variable.name or self.subject.output

    def axes(self, definition: Definition) -> tuple[str, ...]:
        """The letters of a statement's axes, none of which is the last variable's."""
        if definition not in self._axes:
            own = self.program.axes[definition.name]
            choose = self.letters.chooser((*self.last, *own))
            pairs = zip(own, definition.spaces, strict=True)
            axes = tuple([choose(space) if letter in self.last else letter for letter, space in pairs])
            self._axes[definition] = axes
        return self._axes[definition]

    def origins(self, definition: Definition) -> Sequence[Node]:
        """The smallest values of its indices, where they are not 0."""
        derived = definition is self.function and self.subject.before
        return self.program.origins.get(self.subject.output if derived else definition.name, ())

    def parted(self, letters: Sequence[str]) -> list[tuple[str, Sequence[str]]]:
        """The function as an output and what it has been differentiated by, each with its letters."""
        end = len(letters) - sum(len(own) for _, own in self.subject.before)
        parts: list[tuple[str, Sequence[str]]] = [(self.subject.output, letters[:end])]
        for name, own in self.subject.before:
            parts.append((name, letters[end : end + len(own)]))
            end += len(own)
        return parts

    # --- writing --------------------------------------------------------------------------------------

    def chains(self, known: Collection[Definition] = ()) -> Iterator[Written]:
        """All chains, those of one statement behind another, without the statements that are known."""
        for section in self.trace.sections:
            if section.definition in known:
                continue
            heading = self._heading(section) if len(self.trace.sections) > 1 else None
            for chain in section.chains:
                yield self._written(chain, heading)
                heading = None

    def rests_on(self) -> list[Definition]:
        """What has a name in the steps but neither a section of its own nor a name of the user's."""
        own = {section.definition for section in self.trace.sections}
        return list({name: each for each, name in reversed(self.names.items()) if each not in own}.values())[
            ::-1
        ]

    def where(self) -> Iterator[Both]:
        """The lines `s_i = …` of that, where they are few enough to be read."""
        rest = self.rests_on()
        for definition in rest if len(rest) <= LINES else ():
            yield self._equation(definition)

    def _heading(self, section: Section) -> Both | None:
        again = section.definition is self.function and self.subject.before
        return None if again else self._equation(section.definition)

    def _equation(self, definition: Definition) -> Both:
        def one(style: Style) -> str:
            writer = StepWriter(self, style, None, as_written=bool(definition.name))
            axes = self.axes(definition)
            left = writer.vocabulary.tensor(self.called(definition), axes)
            return f"{left} = {writer.body(definition, axes, origins=self.origins(definition))}"

        return Both(one(TEXT), one(LATEX))

    def _letters(self, chain: Chain) -> tuple[str, ...]:
        """The letters of a chain's axes: the statement's, then those of the variable."""
        assert isinstance(chain.left.numerator, Apply)
        own = self.axes(chain.left.numerator.definition)
        if chain.left.variable == self.subject.last[0]:
            return (*own, *self.last)
        return (*own, *denominator_letters(chain.left.rank, self.program.names.union(own, self.last)))

    def _written(self, chain: Chain, heading: Both | None) -> Written:
        steps = [step for step in chain.steps if self.plain[step].body.size <= _LONG]
        text, latex = self._notated(chain, steps, TEXT), self._notated(chain, steps, LATEX)
        lines: list[Line] = []
        for step, one, other in zip(steps, text[1:], latex[1:], strict=True):
            line = Line(Both(one[0], other[0]), Both(one[1], other[1]), self.plain[step])
            if lines and line.formula.text == lines[-1].formula.text:
                continue  # a rule for what the text does not show, as x[i+k] shows no sum
            if lines and _only_reordered(step, lines[-1], line):
                line = Line(line.formula, lines.pop().reason, line.definition)
            lines.append(line)
        return Written(heading, Both(text[0][0], latex[0][0]), tuple(lines), len(chain.steps) - len(steps))

    def _notated(self, chain: Chain, steps: Sequence[Traced], style: Style) -> list[tuple[str, str]]:
        """The left side and then each step, formula and reason; letters are those of the step before."""
        letters, formals = self._letters(chain), chain.left.definition.formals
        setting = (self, style, chain.left.variable)
        assert isinstance(chain.left.numerator, Apply)
        origins = self.origins(chain.left.numerator.definition)
        writer = StepWriter(*setting, as_written=True, held=chain.left.held)
        whole = Definition("", formals, chain.left.definition(*formals))
        written = [(writer.body(whole, letters, complete=False, origins=origins), "")]
        for step in steps:
            writer.before = written[-1][0]
            reason = style.spoken(_joined([sentence(each, writer) for each in step.reasons[:_REASONS]]))
            writer = StepWriter(*setting, as_written=step.written, held=chain.left.held)
            writer.begin(formals, letters, origins)
            text = writer.body(self.plain[step], letters, complete=False, origins=origins)
            written.append((text, reason))
        return written


def _only_reordered(step: Traced, before: Line, line: Line) -> bool:
    """Whether the canonical form differs in nothing but the order of factors and terms."""
    final = step.reasons[0].rule in (Rule.SIMPLIFICATION, Rule.NAMES)
    return final and sorted(before.formula.text) == sorted(line.formula.text)


def _plain(step: Traced, own: tuple[Index, ...], last: bool) -> Definition:
    """A step as it can be written; what is canonical in its shortest form, the result with named repeats."""
    definition = Definition("", own, step.body)
    if step.written:
        return document.with_plain_operations(definition)
    return document.shortened(definition) if last else document.with_plain_operations(factored(definition))


def _by_name(definition: Definition) -> tuple[Space | Node, ...]:
    """What a definition says to a reader, to whom statements of one name are one, canonical or as written."""

    def named(node: Node) -> Node:
        own = isinstance(node, Apply) and bool(node.definition.name)
        return Access(node.definition.name, node.indices) if own and isinstance(node, Apply) else node

    return (*definition.spaces, mapped(definition.body, named))


def _joined(sentences: Sequence[Sentence]) -> Sentence:
    """Sentences one behind the other, none twice."""
    several = list({"".join(words): words for words in sentences}.values())
    return [word for k, words in enumerate(several) for word in ([*(["; "] if k else []), *words])]
