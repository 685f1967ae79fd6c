"""Programs and derivatives as users hold them: printable, callable, immutable."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from indicial.api.numbers import Numbers
from indicial.api.operands import merged
from indicial.api.steps import Derivation, sheet
from indicial.calculus.derive import canonical
from indicial.errors import NotationError
from indicial.ir.nodes import Definition, Node
from indicial.ir.program import Program as Meaning
from indicial.render import latex as latex_form
from indicial.render import text as text_form
from indicial.render.document import Formula
from indicial.render.letters import derivative_name
from indicial.render.paper import Subject
from indicial.semantics.einsum import read_einsum
from indicial.semantics.matrix.resolve import read as read_matrix
from indicial.semantics.resolve import read
from indicial.simplify.known import facts_of
from indicial.syntax.einsum import is_einsum

READERS = {"index": read, "matrix": read_matrix}  # by notation
Denominator = tuple[str, tuple[str, ...]]  # a variable and the letters of its axes


class Program:
    """A program: `str()` prints it in index notation, calling it with arrays evaluates its outputs.

    Attributes: `inputs` (the names of the tensors that it reads), `outputs`, `statements`.
    """

    def __init__(self, meaning: Meaning) -> None:
        self.written = meaning
        self.facts = facts_of(meaning)
        done = canonical(list(meaning.statements.values()), self.facts)
        self.meaning = replace(meaning, statements={name: done[d] for name, d in meaning.statements.items()})

    @classmethod
    def from_text(
        cls,
        text: str,
        outputs: tuple[str, ...] | None = None,
        ranks: tuple[int, ...] | None = None,
        notation: str = "index",
    ) -> Program:
        """Reads a text; raises ParseError or NotationError with the place and a fix."""
        if notation not in READERS:
            raise NotationError(
                f"there is no notation {notation!r}", hint=f"the notations are {', '.join(READERS)}"
            )
        if notation != "index" or not is_einsum(text):
            if ranks is not None:
                raise NotationError(
                    "ranks are those of an einsum string's operands, and this is no einsum string",
                    hint="leave them out: the program says how many axes a tensor has",
                )
            return cls(READERS[notation](text, outputs))
        meaning = read_einsum(text, ranks)
        if outputs not in (None, meaning.outputs):
            raise NotationError(
                f"an einsum string has one output, which is called {meaning.outputs[0]!r}",
                hint="leave outputs out",
            )
        return cls(meaning)

    @property
    def inputs(self) -> tuple[str, ...]:
        """The names of the inputs, in order of appearance."""
        return tuple(self.meaning.inputs)

    @property
    def outputs(self) -> tuple[str, ...]:
        """The names of the statements that a call gives."""
        return self.meaning.outputs

    @property
    def statements(self) -> tuple[str, ...]:
        """The names of all statements, in the order written."""
        return tuple(self.meaning.statements)

    @cached_property
    def _numbers(self) -> Numbers:
        return Numbers(self.meaning, [self.meaning.statements[name] for name in self.outputs])

    def __call__(self, /, *arrays: object, **named: object) -> Any:
        """The value of the output: an array, or for several outputs a dict by name."""
        values = self._numbers(merged(self.meaning, arrays, named))
        return values[0] if len(values) == 1 else dict(zip(self.outputs, values, strict=True))

    def __str__(self) -> str:
        return text_form.program_text(self.written)

    def __repr__(self) -> str:
        return f"<Program {'; '.join(str(self).splitlines())}>"


class Derivative:
    """∂output/∂x∂y…: a formula that can be printed, differentiated again, and called with arrays.

    The axes of the result are the output's, then each denominator's in order: see `indices`.
    """

    def __init__(
        self,
        source: Program,
        output: str,
        denominators: tuple[Denominator, ...],
        definition: Definition,
        lower: Derivative | None = None,
        held: Sequence[str] = (),
    ) -> None:
        self.source, self.output, self.denominators, self.definition = (
            source,
            output,
            denominators,
            definition,
        )
        self.lower, self.held = lower, tuple(held)  # the derivative of which this is one, and by what else

    @property
    def indices(self) -> tuple[str, ...]:
        """The letters of the result's axes, in order."""
        letters = self.source.meaning.axes[self.output]
        return letters + tuple([letter for _, own in self.denominators for letter in own])

    @property
    def _origins(self) -> tuple[Node, ...]:
        return self.source.meaning.origins.get(self.output, ())

    @cached_property
    def formula(self) -> Formula:
        """The right side with the named lines that it needs."""
        return text_form.formula(self.definition, self.indices, self.source.meaning, self._origins)

    @property
    def equation(self) -> str:
        """The derivative as an equation, `∂f_i/∂W_mn = δ_im x_n`, behind its named lines."""
        left = text_form.partial((self.output, self.source.meaning.axes[self.output]), self.denominators)
        return text_form.equation(left, self.formula)

    def latex(self) -> str:
        """The equation in LaTeX."""
        meaning = self.source.meaning
        left = latex_form.partial((self.output, meaning.axes[self.output]), self.denominators)
        right = latex_form.formula(self.definition, self.indices, meaning, self._origins)
        return latex_form.equation(left, right)

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"

    def steps(self) -> Derivation:
        """How the derivative comes about, rule by rule: printable, in LaTeX, and a sequence of steps."""
        lower = self.lower
        if lower is None or not self.denominators:
            raise NotationError(
                "this is no derivative, so there are no steps to it",
                hint='differentiate: ix.derive(program, wrt="x").steps()',
            )
        before = lower.steps().sheets if lower.denominators else ()
        last = sheet(
            self.source.meaning,
            self.source.written.statements,
            Subject(self.source.meaning, self.output, lower.definition, lower.indices,
                    lower.denominators, self.denominators[-1]),
            self.held,
            self.definition,
            before,
        )  # fmt: skip
        return Derivation((*before, last), self.source.meaning)

    @cached_property
    def program(self) -> Program:
        """A program whose last statement is this derivative, with all of its axes."""
        meaning = self.source.written
        name = derivative_name(self.output, [name for name, _ in self.denominators], meaning.names)
        statement = Definition(name, self.definition.formals, self.definition.body)
        return Program(
            replace(
                meaning,
                statements={**meaning.statements, name: statement},
                outputs=(name,),
                axes={**meaning.axes, name: self.indices},
            )
        )

    @cached_property
    def _numbers(self) -> Numbers:
        return Numbers(self.source.meaning, [self.definition])

    def __call__(self, /, *arrays: object, **named: object) -> Any:
        """The derivative as a dense array, its axes those of `indices`."""
        return self._numbers(merged(self.source.meaning, arrays, named))[0]

    def __str__(self) -> str:
        return str(self.formula)

    def __repr__(self) -> str:
        return f"<Derivative {'; '.join(self.equation.splitlines())}>"


class Derivatives(Mapping[Any, Any]):
    """Derivatives by name, evaluated together: `ds["A"]` is one, `ds(A=A, B=B)` gives all as a dict.

    A variable that was asked for by its position has that for a name: `ds[0]`.
    """

    def __init__(self, parts: Mapping[Any, Derivative | Derivatives]) -> None:
        self._parts = dict(parts)

    def __getitem__(self, name: str | int) -> Any:
        return self._parts[name]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._parts)

    def __len__(self) -> int:
        return len(self._parts)

    def _leaves(self) -> list[Derivative]:
        found: list[Derivative] = []
        for part in self._parts.values():
            found.extend(part._leaves() if isinstance(part, Derivatives) else [part])
        return found

    @cached_property
    def _numbers(self) -> Numbers:
        leaves = self._leaves()
        if not leaves:
            raise NotationError("no variable is named to differentiate by", hint='write wrt=("A", "B")')
        return Numbers(leaves[0].source.meaning, [leaf.definition for leaf in leaves])

    def __call__(self, /, *arrays: object, **named: object) -> dict[Any, Any]:
        """All derivatives, planned as one program: a dict by name."""
        return self._arranged(iter(self._numbers(merged(self._numbers.program, arrays, named))))

    def _arranged(self, values: Iterator[Any]) -> dict[Any, Any]:
        return {
            name: part._arranged(values) if isinstance(part, Derivatives) else next(values)
            for name, part in self._parts.items()
        }

    @property
    def equation(self) -> str:
        """All equations, one below the other."""
        return "\n".join(part.equation for part in self._parts.values())

    def __str__(self) -> str:
        return self.equation

    def __repr__(self) -> str:
        return f"<Derivatives by {', '.join(map(str, self._parts))}>"
