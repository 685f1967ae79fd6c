"""What is around the expressions of a function: names, and the lines that stand before."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from indicial.ir.indices import Space
from indicial.ir.nodes import Definition, Node
from indicial.ir.program import Program
from indicial.render.letters import Letters
from indicial.render.ordering import note_names
from indicial.render.pieces import Slot
from indicial.render.source.code import Bond, Code
from indicial.render.source.identifiers import Identifiers
from indicial.render.source.library import Library
from indicial.simplify.known import facts_of

_WORTH_A_NAME, _LONG = 10, 88  # characters


class Surroundings:
    """What is around the expressions of a function.

    `names` are the identifiers of inputs and definitions, `extent` gives the code of a space's extent,
    `shape` that of several; `lines` collects what must stand before the expression that is being written.
    """

    def __init__(
        self,
        program: Program,
        library: Library,
        names: Mapping[str | Definition, str],
        extent: Callable[[Space], str],
        shape: Callable[[Sequence[Space]], str],
        letters: Letters,
        identifiers: Identifiers,
        parameters: Sequence[str],
        invented: Iterable[str],
    ) -> None:
        self.program, self.library, self.names = program, library, names
        self.facts = facts_of(program)
        self.extent, self.shape, self.letters, self.identifiers = extent, shape, letters, identifiers
        self.invented = iter(invented)
        self.parameters = parameters  # the identifiers of those that are arrays, or of all if none is
        self.positions: dict[tuple[str, str], str] = {}
        self.leaves: dict[Node, tuple[str, ...]] = {}
        self.ranks = itertools.count(1000)
        self.seen: Counter[str] = Counter()
        self.repeated: frozenset[str] = frozenset()
        self.shared: dict[str, str] = {}
        self.lines: list[str] = []
        self.prefixes: dict[str, None] = {library.prefix: None}
        self.helpers: dict[str, None] = {}
        self.epsilons: dict[int, str] = {}

    def say(self, pattern: str, *arguments: str) -> str:
        """A pattern of the library, and a note of what it needs."""
        text = self.library.filled(pattern, arguments, axis="", keep="")
        for prefix in self.library.imports:
            if f"{prefix}." in text:
                self.prefixes[prefix] = None
        for helper in self.library.helpers:
            if f"{helper}(" in text:
                self.helpers[helper] = None
        return text

    def named(self, code: Code) -> Code:
        """The expression under a name."""
        if code.bond == Bond.ATOM and (code.text.isidentifier() or code.number):
            return code
        if code.text not in self.shared:
            self.shared[code.text] = self.identifiers.fresh(next(self.invented))
            self.lines.append(code.line(f"{self.shared[code.text]} = "))
        return Code(self.shared[code.text], code.axes, boolean=code.boolean)

    def once(self, code: Code) -> Code:
        """An expression under a name if it is long or occurs again; `seen` counts for the next reading."""
        if len(code.text) < _WORTH_A_NAME or code.number:
            return code
        self.seen[code.text] += 1
        return self.named(code) if code.text in self.repeated or len(code.text) > _LONG else code

    def position_name(self, slots: Sequence[Slot]) -> str:
        """The name of the array that counts along some axes: the letter of one of them."""
        key = slots[0].letter, self.extent(slots[0].space)
        if key not in self.positions:
            free = [slot.letter for slot in slots if slot.letter not in self.identifiers.taken]
            self.positions[key] = self.identifiers.fresh((free or [slots[0].letter])[0])
            self.lines.append(f"{self.positions[key]} = {self.library.prefix}.arange({key[1]})")
        return self.positions[key]

    def note(self, root: Node) -> None:
        """Take notice of the names in a body, for the order of its factors."""
        note_names(root, self.leaves, self.names.__getitem__)

    def zeros(self, shape: str) -> str:
        """Zeroed memory of the type that the parameters give."""
        if self.library.name == "torch":
            return f"{self.parameters[0]}.new_zeros({shape})" if self.parameters else f"torch.zeros({shape})"
        prefix = self.library.prefix
        given = ", ".join([*self.parameters, "1.0"])
        return f"{prefix}.zeros({shape}, dtype={prefix}.result_type({given}))"

    def literal(self, space: Space) -> int | None:
        """The extent of a space, if it is declared as a number."""
        return self.program.declared.get(space)
