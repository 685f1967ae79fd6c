"""What is around the expressions of a function: names, and the lines that stand before."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from indicial.ir.indices import Space
from indicial.ir.nodes import Definition, Node
from indicial.ir.program import Program
from indicial.render.letters import Letters
from indicial.render.ordering import note_names
from indicial.render.pieces import Slot
from indicial.render.source.code import SUMMED, Bond, Code, aligned
from indicial.render.source.hiding import Poles
from indicial.render.source.identifiers import Identifiers
from indicial.render.source.library import Library
from indicial.render.source.sharing import wish_of
from indicial.simplify.known import facts_of

_LONG = 88  # characters


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
        poles: Poles,
    ) -> None:
        self.program, self.library, self.names = program, library, names
        self.facts = facts_of(program)
        self.extent, self.shape, self.letters, self.identifiers = extent, shape, letters, identifiers
        self.invented, self.poles = iter(invented), poles
        self.parameters = parameters  # the identifiers of those that are arrays, or of all if none is
        self.positions: dict[str, dict[str, str]] = {}  # by extent, then by letter
        self.leaves: dict[Node, tuple[str, ...]] = {}
        self.ranks = itertools.count(SUMMED)
        self.shared: dict[str, str] = {}
        self.lines: list[str] = []
        self.prefixes: dict[str, None] = {library.prefix: None}
        self.helpers: dict[str, None] = {}
        self.wishes: dict[str, str] = {}  # names for extents that are worked out, by their code
        self.epsilons: dict[int, str] = {}
        self.hides = False  # whether something that may be infinite or undefined is computed and not used

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

    def named(self, code: Code, wish: str = "") -> Code:
        """The expression under a name: the one that is wished, if that is free."""
        if code.bond == Bond.ATOM and (code.text.isidentifier() or code.number):
            return code
        if code.text not in self.shared:
            self.shared[code.text] = self.name_for(code.text, wish)
            self.lines.append(f"{self.shared[code.text]} = {code.text}")
        return Code(self.shared[code.text], code.axes, boolean=code.boolean)

    def name_for(self, text: str, wish: str = "") -> str:
        """A name for an expression: what it is wished to be, what it says itself, or an invented one."""
        wish = wish or self.wishes.get(text) or wish_of(text)
        return self.identifiers.fresh(wish if self.identifiers.is_free(wish) else next(self.invented))

    def short(self, code: Code) -> Code:
        """An expression, under a name if it is long; a sum may be a few lines."""
        longest = 3 * _LONG if code.bond == Bond.SUM else _LONG
        return code if len(code.text) <= longest or code.number else self.named(code)

    def position_name(self, slots: Sequence[Slot], beside: Collection[str] | None = None) -> str:
        """The name of the array that counts along some axes: the letter of one of them.

        Where only the extent matters, any that is none of those `beside` it will do.
        """
        extent = self.extent(slots[0].space)
        names = self.positions.setdefault(extent, {})
        if beside is not None:
            known = next((name for name in names.values() if name not in beside), None)
            if known is not None:
                return known
        letter = slots[0].letter
        if letter not in names:
            free = [slot.letter for slot in slots if slot.letter not in self.identifiers.taken]
            counted = f"{self.library.prefix}.arange({extent}{self.placed()})"
            line = " = ".join([*names.values(), counted])
            names[letter] = self.identifiers.fresh((free or [letter])[0])
            whole = " = ".join([*names.values(), counted])  # i = j = np.arange(n)
            if line in self.lines:
                self.lines[self.lines.index(line)] = whole
            else:
                self.lines.append(whole)
        return names[letter]

    def note(self, root: Node) -> None:
        """Take notice of the names in a body, for the order of its factors."""
        note_names(root, self.leaves, self.names.__getitem__)

    def placed(self) -> str:
        """The argument that makes an array of PyTorch where the parameters are."""
        return f", device={self.parameters[0]}.device" if self._is_torch and self.parameters else ""

    @property
    def _is_torch(self) -> bool:
        return self.library.name == "torch"

    def full(self, shape: str, number: str) -> str:
        """An array of one number, of the type that the parameters give."""
        number = f"{number}.0" if number.isdecimal() else number
        if not self.parameters:
            return f"{self.library.prefix}.full({shape}, {number})"
        if self._is_torch:
            return f"{self.parameters[0]}.new_full({shape}, {number})"
        return f"{self.library.prefix}.full({shape}, {number}, dtype={self.dtype()})"

    def dtype(self) -> str:
        """The type of results: that which the parameters have together, whole numbers promoted."""
        if self._is_torch:
            return f"{self.parameters[0]}.dtype" if self.parameters else "torch.get_default_dtype()"
        if not self.parameters:
            return "float"
        text = f"{self.library.prefix}.result_type({', '.join([*self.parameters, '1.0'])})"
        self.wishes[text] = "dtype"
        return text

    def cast(self, code: Code) -> Code:
        """Numbers or truth values as numbers of the results' type."""
        if self._is_torch and code.axes:
            return Code(f"{code.within(Bond.ATOM)}.to({self.dtype()})", code.axes)
        if self._is_torch:
            return Code(f"torch.as_tensor({code.text}, dtype={self.dtype()}{self.placed()})")
        if code.axes:
            return Code(f"{code.within(Bond.ATOM)}.astype({self.dtype()})", code.axes)
        return Code(f"{self.library.prefix}.array({code.text}, dtype={self.dtype()})")

    def counted(self, code: Code) -> Code:
        """A bracket as numbers, 1 where it holds; of what is known without arrays one of Python's."""
        if code.boolean and code.number:
            return Code(f"float({code.text})", number=True)
        return self.cast(code) if code.boolean else code

    def both(self, brackets: Sequence[Code], axes: tuple[Slot, ...]) -> Code:
        """Several brackets as one, to be broadcast along `axes`."""
        parts = [aligned(code, axes, self.library) for code in brackets]
        text = parts[0].text if len(parts) == 1 else " & ".join([f"({part.text})" for part in parts])
        number = all(code.number for code in brackets)
        return Code(text, axes, Bond.COMPARISON, number, boolean=True)

    def zeros(self, shape: str) -> str:
        """Zeroed memory of the type that the parameters give."""
        if self._is_torch:
            return f"{self.parameters[0]}.new_zeros({shape})" if self.parameters else f"torch.zeros({shape})"
        return f"{self.library.prefix}.zeros({shape}, dtype={self.dtype()})"

    def literal(self, space: Space) -> int | None:
        """The extent of a space, if it is declared as a number."""
        return self.program.declared.get(space)
