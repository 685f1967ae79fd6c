"""Programs as users hold them: printable, callable, immutable."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from indicial.api.planned import Planned
from indicial.calculus.structure import require_proved
from indicial.calculus.within import canonical
from indicial.errors import NotationError
from indicial.ir.program import Program as Meaning
from indicial.render import text as text_form
from indicial.render.conditions import with_plain_conditions
from indicial.render.source.returned import Result
from indicial.semantics.resolve import read
from indicial.simplify.known import facts_of
from indicial.syntax.einsum import is_einsum

if TYPE_CHECKING:
    from indicial.api.compiled import Path
    from indicial.api.numbers import Numbers
    from indicial.render.matrix.style import Style

NOTATIONS = ("index", "matrix")


class Program(Planned):
    """A program: `str()` prints it in index notation, calling it with arrays evaluates its outputs.

    Attributes: `inputs` (the names of the tensors that it reads), `outputs`, `statements`.
    """

    def __init__(self, meaning: Meaning) -> None:
        self.written = meaning
        self.facts = facts_of(meaning)
        done = canonical(list(meaning.statements.values()), self.facts)
        self.meaning = replace(meaning, statements={name: done[d] for name, d in meaning.statements.items()})
        require_proved(self.meaning, self.facts)

    @classmethod
    def from_text(
        cls,
        text: str,
        outputs: tuple[str, ...] | None = None,
        ranks: tuple[int, ...] | None = None,
        notation: str = "index",
    ) -> Program:
        """Reads a text; raises ParseError or NotationError with the place and a fix."""
        in_matrices(notation)
        if notation != "index" or not is_einsum(text):
            if ranks is not None:
                raise NotationError(
                    "ranks are those of an einsum string's operands, and this is no einsum string",
                    hint="leave them out: the program says how many axes a tensor has",
                )
            return cls(_read(text, outputs, notation))
        from indicial.semantics.einsum import read_einsum

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
        from indicial.api.numbers import Numbers

        return Numbers(self.meaning, [self.meaning.statements[name] for name in self.outputs])

    def __call__(self, /, *arrays: object, memory_limit: Any = None, **named: object) -> Any:
        """The value of the output: an array, or for several outputs a dict by name."""
        values = self._numbers.of(arrays, named, memory_limit)
        return values[0] if len(values) == 1 else dict(zip(self.outputs, values, strict=True))

    @property
    def _paths(self) -> list[Path]:
        return [()] if len(self.outputs) == 1 else [(name,) for name in self.outputs]

    def source(self, library: str = "numpy") -> str:
        """The text of a function that computes the outputs: for "numpy", "jax" or "torch"."""
        from indicial.render.source.function import source_code
        from indicial.render.source.library import library_of

        meaning = self.meaning
        results: dict[object, Result] = {
            name: Result(meaning.statements[name], meaning.axes[name], self._equation(name))
            for name in self.outputs
        }
        returned = results if len(results) > 1 else results[self.outputs[0]]
        return source_code("_".join(self.outputs), returned, meaning, library_of(library))

    def _equation(self, name: str) -> str:
        meaning = self.written
        (plain,) = with_plain_conditions([meaning.statements[name]])
        formula = text_form.formula(plain, meaning.axes[name], meaning, meaning.origins.get(name, ()))
        return text_form.equation(text_form.partial((name, meaning.axes[name]), ()), formula)

    def matrix(self, *, ascii: bool = False) -> str:  # noqa: A002
        """The statements in matrix notation, where they have a matrix form."""
        from indicial.render.matrix.style import as_read, on_paper

        lines = [f"{name} = {right}" for name, right in self._matrices(as_read if ascii else on_paper)]
        return "\n".join(lines)

    def _matrices(self, style: Callable[[frozenset[str]], Style]) -> list[tuple[str, str]]:
        """The statements in matrix notation, by name."""
        from indicial.render.matrix.layout import matrix_text

        meaning = self.meaning
        return [
            (name, matrix_text(definition, (name, meaning.axes[name]), (), meaning, None, "F", style))
            for name, definition in meaning.statements.items()
        ]

    def latex(self, notation: str = "index") -> str:
        """The statements in LaTeX, aligned where there are several; in index or in matrix notation."""
        from indicial.render.latex import aligned, program_latex, tensor_name

        if in_matrices(notation):
            from indicial.render.matrix.style import in_latex

            return aligned([(tensor_name(name), right) for name, right in self._matrices(in_latex)])
        return program_latex(self.written)

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"

    def json(self) -> str:
        """The program as JSON: inputs, outputs, statements, text. docs/FORMS.md has the fields."""
        from indicial.render.record import program_record

        return program_record(str(self), self.meaning)

    def __str__(self) -> str:
        return text_form.program_text(self.written)

    def __repr__(self) -> str:
        return f"<Program {'; '.join(str(self).splitlines())}>"


def in_matrices(notation: str) -> bool:
    """Whether a text is in matrix notation, or is to be; NotationError if the notation is none."""
    if notation not in NOTATIONS:
        raise NotationError(
            f"there is no notation {notation!r}", hint=f"the notations are {', '.join(NOTATIONS)}"
        )
    return notation == "matrix"


def _read(text: str, outputs: tuple[str, ...] | None, notation: str) -> Meaning:
    if notation == "index":
        return read(text, outputs)
    from indicial.semantics.matrix.resolve import read as read_matrix

    return read_matrix(text, outputs)
