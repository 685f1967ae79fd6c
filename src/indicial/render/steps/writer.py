"""Expressions in which derivatives are pending, printed: (∂W_ij/∂W_mn) x_j."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from indicial.calculus.pending import Ledger, Pending
from indicial.ir.indices import WORKING, Index
from indicial.ir.nodes import Apply, Definition, Delta, Node
from indicial.ir.program import Program
from indicial.ir.traversal import Stackless, stackless
from indicial.render import latex, text
from indicial.render.pieces import Level, Piece, Scope, Slot, joined
from indicial.render.steps.reasons import Formula, Sentence
from indicial.render.vocabulary import Vocabulary, signed
from indicial.render.writer import Writer


@dataclass(frozen=True, slots=True)
class Style:
    """A notation for derivations.

    vocabulary  the signs of its formulas
    quotient    ∂above/∂below
    fraction    how tightly that holds
    spoken      a sentence, formulas among its words
    at          a derivative with other statements held
    """

    vocabulary: Callable[[Program], Vocabulary]
    quotient: Callable[[str, Sequence[str]], str]
    fraction: Level
    spoken: Callable[[Sentence], str]
    at: Callable[[str, str], str]


def _spoken_in_latex(words: Sentence) -> str:
    parts = itertools.groupby(words, lambda word: isinstance(word, Formula))
    return "".join(["".join(some) if formula else rf"\text{{{''.join(some)}}}" for formula, some in parts])


TEXT = Style(
    text.TextVocabulary,
    text.differential_quotient,
    Level.PRODUCT,
    "".join,
    lambda whole, held: f"{whole}|{held}",
)
LATEX = Style(
    latex.LatexVocabulary,
    latex.differential_quotient,
    Level.ATOM,
    _spoken_in_latex,
    lambda whole, held: rf"\left.{whole}\right|_{{{held}}}",
)


class Setting(Protocol):
    """What the formulas of a derivation have in common.

    program   whose statements they speak of
    ledger    the derivatives that are pending
    names     of what has no name of the user's
    function  what is differentiated
    """

    @property
    def program(self) -> Program: ...
    @property
    def ledger(self) -> Ledger: ...
    @property
    def names(self) -> dict[Definition, str]: ...
    @property
    def function(self) -> Definition: ...

    def called(self, variable: Definition | str) -> str:
        """The name of a variable or statement."""
        ...

    def axes(self, definition: Definition) -> tuple[str, ...]:
        """The letters of its axes."""
        ...

    def origins(self, definition: Definition) -> Sequence[Node]:
        """The smallest values of its indices, where they are not 0."""
        ...

    def parted(self, letters: Sequence[str]) -> list[tuple[str, Sequence[str]]]:
        """The function as an output and what it has been differentiated by, each with its letters."""
        ...


class StepWriter(Writer):
    """Prints expressions in which derivatives are pending, and says why they are equal."""

    def __init__(
        self,
        setting: Setting,
        style: Style,
        variable: Definition | str | None,
        as_written: bool,
        held: Sequence[Definition] = (),
    ) -> None:
        super().__init__(setting.program, style.vocabulary(setting.program), setting.names, as_written)
        self.setting, self.style = setting, style
        self.variable = "" if variable is None else self.name_of(variable)
        self.held, self.before = bool(held), ""
        self.met: dict[Index, Slot] = {}  # those that have letters, as they were printed last

    def factor(self, node: Node, scope: Scope) -> Stackless[Piece]:
        entry = self.setting.ledger.entries.get(node.definition) if isinstance(node, Apply) else None
        if entry is None:
            return super().factor(node, scope)
        self.meet(node.indices_here, scope)
        return self.pending(entry, [scope.slots[index] for index in node.indices_here], scope)

    def leaf(self, node: Node, scope: Scope) -> Stackless[Piece]:
        self.meet([index for index in node.indices_here if not 0 <= index.serial < WORKING], scope)
        slots = [scope.slots[index] for index in node.indices_here]
        if isinstance(node, Delta) and slots[0].origin == slots[1].origin:
            return self.delta(slots)
        return super().leaf(node, scope)

    def begin(self, formals: Sequence[Index], letters: Sequence[str], origins: Sequence[Node]) -> None:
        """Note how the free indices are called."""
        for rank, (index, letter) in enumerate(zip(formals, letters, strict=True)):
            self.met[index] = Slot(index.space, letter, rank)
        for index, origin in zip(formals, origins, strict=False):
            self.met[index].origin = origin

    def meet(self, indices: Sequence[Index], scope: Scope) -> None:
        """Note how indices are called; one that stands for a computed subscript has no letter."""
        self.met.update({index: scope.slots[index] for index in indices if scope.slots[index].letter})

    def delta(self, slots: Sequence[Slot]) -> Stackless[Piece]:
        """δ_km as it stands: the index of what was differentiated, then that of the variable."""
        return Piece(self.vocabulary.delta([slot.letter for slot in slots]), counts=Counter(slots))
        yield

    def pending(self, entry: Pending, actual: Sequence[Slot], scope: Scope) -> Stackless[Piece]:
        """∂(W_ij x_j)/∂W_mn"""
        slots = dict(zip(entry.definition.formals, actual, strict=True))
        numerator: Piece = yield self.expression(entry.numerator, Scope(slots, scope.taken))
        below = [slots[index] for index in entry.denominators]
        above = numerator.text if numerator.level == Level.ATOM else self.vocabulary.group(signed(numerator))
        before: list[str] = []
        if isinstance(entry.numerator, Apply) and self.is_derived(entry.numerator):
            above, *before = self.parted([slots[index].letter for index in entry.numerator.indices])
        variable = self.setting.called(entry.variable)
        last = self.vocabulary.tensor(variable, [slot.letter for slot in below])
        whole = self.style.quotient(above, [*before, last])
        if entry.held:
            whole = self.style.at(whole, ",".join([self.name_of(each) for each in entry.held]))
        return joined(whole, [numerator, Piece("", counts=Counter(below))], self.style.fraction)

    def parted(self, letters: Sequence[str]) -> list[str]:
        """The output, and what it has been differentiated by already."""
        return [self.vocabulary.tensor(name, own) for name, own in self.setting.parted(letters)]

    def name_of(self, variable: Definition | str) -> str:
        """The name of a variable or statement, without its axes."""
        return self.vocabulary.tensor(self.setting.called(variable), ())

    # --- sentences --------------------------------------------------------------------------------------

    def said(self, node: Node) -> Formula:
        """A node with the letters that its indices had when they were printed last."""
        slots = {index: self.met.get(index) or self._new(index) for index in self._in_order(node)}
        scope = Scope(slots, frozenset([slot.letter for slot in slots.values()]))
        return Formula(signed(stackless(self.expression(node, scope))))

    def _new(self, index: Index) -> Slot:
        """The slot of an index that has not been printed."""
        letter = self.letters.chooser([slot.letter for slot in self.met.values()])(index.space)
        self.met[index] = Slot(index.space, letter, len(self.met))
        return self.met[index]

    def _in_order(self, node: Node) -> list[Index]:
        return list(dict.fromkeys([*node.indices_here, *sorted(node.free)]))

    def called(self, node: Node) -> Formula:
        """a_i; of what is differentiated again, ∂s/∂x_m."""
        assert isinstance(node, Apply)
        axes = self.setting.axes(node.definition)
        if self.is_derived(node):
            above, *before = self.parted(axes)
            return Formula(self.style.quotient(above, before))
        return Formula(self.vocabulary.tensor(self.setting.called(node.definition), axes))

    def bare(self, node: Node) -> Formula:
        """The name of what a node applies, without its axes."""
        assert isinstance(node, Apply)
        return Formula(self.name_of(node.definition))

    def definition_name(self, definition: Definition) -> str:
        return self.setting.called(definition)

    @property
    def taken(self) -> Collection[str]:
        return self.letters.names

    def is_derived(self, node: Node) -> bool:
        """Whether a node is what is differentiated again."""
        own = isinstance(node, Apply) and node.definition is self.setting.function
        return own and not self.setting.function.name

    def equation(self, node: Node) -> Formula:
        """y_i = tanh(W_ij x_j + b_i): a statement of the user's."""
        assert isinstance(node, Apply)
        writer = StepWriter(self.setting, self.style, None, as_written=False)
        axes, origins = self.setting.axes(node.definition), self.setting.origins(node.definition)
        return Formula(f"{self.called(node)} = {writer.body(node.definition, axes, origins=origins)}")

    def quotient(self, above: Node, below: Node) -> Formula:
        for index in dict.fromkeys([*above.indices_here, *below.indices_here]):
            self._new(index)
        return Formula(self.style.quotient(self.said(above), [self.said(below)]))
