"""Derivatives as users hold them: printable, differentiable again, callable, immutable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from indicial.api.planned import Planned
from indicial.api.program import Program, in_matrices
from indicial.calculus.derive import Mode, jacobians
from indicial.calculus.structure import Structure, assuming
from indicial.errors import NotationError
from indicial.ir.nodes import Definition, Node
from indicial.render import text as text_form
from indicial.render.document import Formula, in_few_lines
from indicial.render.letters import derivative_name
from indicial.render.source.returned import Result

if TYPE_CHECKING:
    from indicial.api.modes import Others
    from indicial.api.numbers import Numbers
    from indicial.api.steps import Derivation
    from indicial.api.structured import StructuredNumbers
    from indicial.backends.structured.tensor import StructuredTensor

Denominator = tuple[str, tuple[str, ...]]  # a variable and the letters of its axes


class Derivative(Planned):
    """∂output/∂x∂y…: a formula that can be printed, differentiated again, and called with arrays.

    The axes of the result are the output's, then each denominator's in order: see `indices`. `free` is
    the derivative before use is made of what is declared of tensors: a further one is taken of it.
    """

    def __init__(
        self,
        source: Program,
        output: str,
        denominators: tuple[Denominator, ...],
        free: Definition,
        lower: Derivative | None = None,
        held: Sequence[str] = (),
        structure: Structure | None = None,
    ) -> None:
        self.of, self.output, self.denominators, self.free = source, output, denominators, free
        self.lower, self.held = lower, tuple(held)  # the derivative of which this is one, and by what else
        self.structure = structure

    @cached_property
    def definition(self) -> Definition:
        """The derivative in canonical form, given what is declared."""
        return assuming(self.free, self.of.facts, self.of.meaning.properties, self._independent)

    def in_mode(self, mode: Mode) -> Definition:
        """The derivative with its last accumulation in a mode: the same values."""
        assert self.lower is not None
        name = self.denominators[-1][0]
        held = {each: self.of.meaning.spaces_of(each) or () for each in (*self.held, name)}
        free = jacobians(self.lower.free, [name], held, self.of.facts, mode)[name]
        return assuming(free, self.of.facts, self.of.meaning.properties, self._independent)

    @cached_property
    def _shown(self) -> Definition:
        """The definition as it is printed."""
        return in_few_lines(self.definition, self.of.facts)

    @property
    def _independent(self) -> tuple[str, ...]:
        """The variables that were held beside each other in any differentiation."""
        before = self.lower._independent if self.lower else ()
        return (*before, *self.held, *[name for name, _ in self.denominators])

    @property
    def indices(self) -> tuple[str, ...]:
        """The letters of the result's axes, in order."""
        letters = self.of.meaning.axes[self.output]
        return letters + tuple([letter for _, own in self.denominators for letter in own])

    @property
    def _origins(self) -> tuple[Node, ...]:
        return self.of.meaning.origins.get(self.output, ())

    @cached_property
    def formula(self) -> Formula:
        """The right side with the named lines that it needs."""
        return text_form.formula(self._shown, self.indices, self.of.meaning, self._origins)

    @property
    def equation(self) -> str:
        """The derivative as an equation, `∂f_i/∂W_mn = δ_im x_n`, behind its named lines."""
        left = text_form.partial((self.output, self.of.meaning.axes[self.output]), self.denominators)
        return text_form.equation(left, self.formula)

    def latex(self, notation: str = "index", layout: str | None = None, order: str = "F") -> str:
        """The equation in LaTeX; in matrix notation, where it has that form, X^{\\top} (X w - y).

        Layout and order are those of `matrix`, which says what they mean.
        """
        from indicial.render import latex as latex_form

        meaning = self.of.meaning
        if in_matrices(notation):
            left = latex_form.partial((self.output, ()), [(name, ()) for name, _ in self.denominators])
            return f"{left} = {self._matrix(layout, order, latex=True)}"
        left = latex_form.partial((self.output, meaning.axes[self.output]), self.denominators)
        right = latex_form.formula(self._shown, self.indices, meaning, self._origins)
        return latex_form.equation(left, right)

    def unicode(self) -> str:
        """The equation with the subscripts that Unicode has: ∂fᵢ/∂Wₘₙ = δᵢₘ xₙ."""
        from indicial.render import subscripts as subscripts_form

        meaning = self.of.meaning
        left = subscripts_form.partial((self.output, meaning.axes[self.output]), self.denominators)
        right = subscripts_form.formula(self._shown, self.indices, meaning, self._origins)
        return text_form.equation(left, right)

    def matrix(self, layout: str | None = None, order: str = "F", *, ascii: bool = False) -> str:  # noqa: A002
        """The right side in matrix notation, where it has a matrix form: xᵀ ⊗ I, (A + Aᵀ) x.

        layout  None for gradients in the shape of their variable and Jacobians with a row for each entry of
                the output; "numerator" and "denominator" as textbooks have them
        order   how the axes of a matrix are stacked where there are three or four: "F" column by column,
                "C" row by row
        ascii   whether to write it in the language that notation="matrix" reads

        Raises NotationError, with the reason, where there is no such form.
        """
        return self._matrix(layout, order, ascii=ascii)

    def _matrix(
        self,
        layout: str | None,
        order: str,
        *,
        ascii: bool = False,  # noqa: A002
        latex: bool = False,
    ) -> str:
        from indicial.render.matrix.layout import matrix_text
        from indicial.render.matrix.style import as_read, in_latex, on_paper

        meaning = self.of.meaning
        output = (self.output, meaning.axes[self.output])
        style = in_latex if latex else as_read if ascii else on_paper
        return matrix_text(self.definition, output, self.denominators, meaning, layout, order, style)

    def source(self, library: str = "numpy") -> str:
        """The text of a function that computes this: for "numpy", "jax" or "torch", and nothing else.

        Its parameters are the inputs that are needed, by name, in order of appearance.
        """
        from indicial.render.source.function import source_code
        from indicial.render.source.library import library_of

        return source_code(self._function_name, self._returned(), self.of.meaning, library_of(library))

    @property
    def _function_name(self) -> str:
        variables = [name for name, _ in self.denominators]
        return (
            "_".join([f"d{self.output}", *[f"d{name}" for name in variables]]) if variables else self.output
        )

    def _returned(self) -> Result:
        """What a function for it returns."""
        return Result(self.definition, self.indices, self.equation)

    def json(self) -> str:
        """The derivative as JSON: formula, LaTeX, indices, inputs. docs/FORMS.md has the fields."""
        from indicial.render.record import derivative_record

        meaning = self.of.meaning
        texts = {"equation": self.equation, "latex": self.latex(), "program": str(self.program)}
        output = (self.output, meaning.axes[self.output])
        return derivative_record(output, self.denominators, self.formula, texts, meaning)

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"

    def steps(self) -> Derivation:
        """How the derivative comes about, rule by rule: printable, in LaTeX, and a sequence of steps."""
        from indicial.api.steps import Derivation, sheet
        from indicial.render.steps.paper import Subject

        lower = self.lower
        if lower is None or not self.denominators:
            raise NotationError(
                "this is no derivative, so there are no steps to it",
                hint='differentiate: ix.derive(program, wrt="x").steps()',
            )
        if self.structure is not None:
            raise NotationError(
                f"steps lead to the free derivative, not to structure={self.structure!r}",
                hint="leave the structure out, and set the symmetric part at the end",
            )
        before = lower.steps().sheets if lower.denominators else ()
        last = sheet(
            self.of.meaning,
            self.of.written.statements,
            Subject(self.of.meaning, self.output, lower.free, lower.indices,
                    lower.denominators, self.denominators[-1]),
            self.held,
            self._shown,
            before,
        )  # fmt: skip
        return Derivation((*before, last), self.of.meaning)

    @cached_property
    def program(self) -> Program:
        """A program whose last statement is this derivative, with all of its axes."""
        meaning = self.of.written
        if not self.denominators:
            return Program(replace(meaning, outputs=(self.output,)))
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
        from indicial.api.numbers import Numbers

        return Numbers(self.of.meaning, [self.definition], others([self]))

    def __call__(self, /, *arrays: object, memory_limit: Any = None, **named: object) -> Any:
        """The derivative as a dense array, its axes those of `indices`."""
        return self._numbers.of(arrays, named, memory_limit)[0]

    @cached_property
    def _structures(self) -> StructuredNumbers:
        from indicial.api.structured import StructuredNumbers

        return StructuredNumbers(self.of.meaning, [self.definition], [self.rows], [self.indices])

    @property
    def rows(self) -> int:
        """How many axes, from the first, are rows where the result is read as a matrix: all but the last
        variable's."""
        last = self.denominators[-1][1] if self.denominators else ()
        return len(self.indices) - len(last)

    def structured(self, /, *arrays: object, **named: object) -> StructuredTensor:
        """The derivative with its deltas and constant axes kept apart from dense cores."""
        return self._structures.of(arrays, named)[0]

    def __str__(self) -> str:
        return str(self.formula)

    def __repr__(self) -> str:
        return f"<Derivative {'; '.join(self.equation.splitlines())}>"


def others(leaves: Sequence[Derivative]) -> Others | None:
    """The same derivatives from the other end; None where that is no choice."""
    from indicial.api.modes import Others

    if any(leaf.lower is None or leaf.structure is not None for leaf in leaves):
        return None
    axes = [leaf.denominators[-1][1] for leaf in leaves]
    assert leaves[0].lower is not None
    rank = len(leaves[0].lower.free.formals)
    mode: Mode = "forward" if rank > max(map(len, axes)) else "reverse"
    return Others(
        mode, [leaf.definition for leaf in leaves], lambda other: [leaf.in_mode(other) for leaf in leaves]
    )
