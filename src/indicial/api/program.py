"""Programs and derivatives as users hold them: printable, callable, immutable."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from indicial.api.compiled import Path
from indicial.api.modes import Others
from indicial.api.numbers import Numbers
from indicial.api.operands import merged
from indicial.api.planned import Planned
from indicial.api.steps import Derivation, sheet
from indicial.api.structured import StructuredNumbers
from indicial.backends.structured.tensor import StructuredTensor
from indicial.calculus.derive import Mode, jacobians
from indicial.calculus.structure import Structure, assuming, require_proved
from indicial.calculus.within import canonical
from indicial.errors import NotationError
from indicial.ir.nodes import Definition, Node
from indicial.ir.program import Program as Meaning
from indicial.planning.extents import axes_of
from indicial.render import latex as latex_form
from indicial.render import subscripts as subscripts_form
from indicial.render import text as text_form
from indicial.render.document import Formula, in_few_lines
from indicial.render.letters import derivative_name
from indicial.render.matrix.layout import matrix_text
from indicial.render.paper import Subject
from indicial.render.record import derivative_record, program_record
from indicial.render.source.function import Result, source_code
from indicial.render.source.library import library_of
from indicial.render.writer import with_plain_conditions
from indicial.semantics.einsum import read_einsum
from indicial.semantics.matrix.resolve import read as read_matrix
from indicial.semantics.resolve import read
from indicial.simplify.known import facts_of
from indicial.syntax.einsum import is_einsum
from indicial.syntax.names import normal

READERS = {"index": read, "matrix": read_matrix}  # by notation
Denominator = tuple[str, tuple[str, ...]]  # a variable and the letters of its axes


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

    def __call__(self, /, *arrays: object, memory_limit: Any = None, **named: object) -> Any:
        """The value of the output: an array, or for several outputs a dict by name."""
        values = self._numbers(merged(self.meaning, arrays, named), memory_limit)
        return values[0] if len(values) == 1 else dict(zip(self.outputs, values, strict=True))

    @property
    def _paths(self) -> list[Path]:
        return [()] if len(self.outputs) == 1 else [(name,) for name in self.outputs]

    def source(self, library: str = "numpy") -> str:
        """The text of a function that computes the outputs: for "numpy", "jax" or "torch"."""
        meaning = self.meaning
        results = [
            Result(name, meaning.statements[name], meaning.axes[name], self._equation(name))
            for name in self.outputs
        ]
        return source_code("_".join(self.outputs), results, meaning, library_of(library))

    def _equation(self, name: str) -> str:
        meaning = self.written
        (plain,) = with_plain_conditions([meaning.statements[name]])
        formula = text_form.formula(plain, meaning.axes[name], meaning, meaning.origins.get(name, ()))
        return text_form.equation(text_form.partial((name, meaning.axes[name]), ()), formula)

    def matrix(self, *, ascii: bool = False) -> str:  # noqa: A002
        """The statements in matrix notation, where they have a matrix form."""
        meaning = self.meaning
        lines = []
        for name, definition in meaning.statements.items():
            right = matrix_text(definition, (name, meaning.axes[name]), (), meaning, None, "F", ascii)
            lines.append(f"{name} = {right}")
        return "\n".join(lines)

    def latex(self) -> str:
        """The statements in LaTeX, aligned where there are several."""
        return latex_form.program_latex(self.written)

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"

    def json(self) -> str:
        """The program as JSON: inputs, outputs, statements, text. docs/FORMS.md has the fields."""
        return program_record(str(self), self.meaning)

    def __str__(self) -> str:
        return text_form.program_text(self.written)

    def __repr__(self) -> str:
        return f"<Program {'; '.join(str(self).splitlines())}>"


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
        held = {each: axes_of(self.of.meaning, each) or () for each in (*self.held, name)}
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

    def latex(self) -> str:
        """The equation in LaTeX."""
        meaning = self.of.meaning
        left = latex_form.partial((self.output, meaning.axes[self.output]), self.denominators)
        right = latex_form.formula(self._shown, self.indices, meaning, self._origins)
        return latex_form.equation(left, right)

    def unicode(self) -> str:
        """The equation with the subscripts that Unicode has: ∂fᵢ/∂Wₘₙ = δᵢₘ xₙ."""
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
        meaning = self.of.meaning
        output = (self.output, meaning.axes[self.output])
        return matrix_text(self.definition, output, self.denominators, meaning, layout, order, ascii)

    def source(self, library: str = "numpy") -> str:
        """The text of a function that computes this: for "numpy", "jax" or "torch", and nothing else.

        Its parameters are the inputs that are needed, by name, in order of appearance.
        """
        return source_code(self._function_name, [self._result("")], self.of.meaning, library_of(library))

    @property
    def _function_name(self) -> str:
        variables = [name for name, _ in self.denominators]
        return (
            "_".join([f"d{self.output}", *[f"d{name}" for name in variables]]) if variables else self.output
        )

    def _result(self, label: object) -> Result:
        return Result(label, self.definition, self.indices, self.equation)

    def json(self) -> str:
        """The derivative as JSON: formula, LaTeX, indices, inputs. docs/FORMS.md has the fields."""
        meaning = self.of.meaning
        texts = {"equation": self.equation, "latex": self.latex(), "program": str(self.program)}
        output = (self.output, meaning.axes[self.output])
        return derivative_record(output, self.denominators, self.formula, texts, meaning)

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
        return Numbers(self.of.meaning, [self.definition], _others([self]))

    def __call__(self, /, *arrays: object, memory_limit: Any = None, **named: object) -> Any:
        """The derivative as a dense array, its axes those of `indices`."""
        return self._numbers(merged(self.of.meaning, arrays, named), memory_limit)[0]

    @cached_property
    def _structures(self) -> StructuredNumbers:
        return StructuredNumbers(self.of.meaning, [self.definition], [self.rows])

    @property
    def rows(self) -> int:
        """How many axes, from the first, are rows where the result is read as a matrix: all but the last
        variable's."""
        last = self.denominators[-1][1] if self.denominators else ()
        return len(self.indices) - len(last)

    def structured(self, /, *arrays: object, **named: object) -> StructuredTensor:
        """The derivative with its deltas and constant axes kept apart from dense cores."""
        (found,) = self._structures(merged(self.of.meaning, arrays, named))
        return StructuredTensor(found, self.indices)

    def __str__(self) -> str:
        return str(self.formula)

    def __repr__(self) -> str:
        return f"<Derivative {'; '.join(self.equation.splitlines())}>"


class Derivatives(Planned, Mapping[Any, Any]):
    """Derivatives by name, evaluated together: `ds["A"]` is one, `ds(A=A, B=B)` gives all as a dict.

    A variable that was asked for by its position has that for a name: `ds[0]`.
    """

    def __init__(self, parts: Mapping[Any, Derivative | Derivatives]) -> None:
        self._parts = dict(parts)

    def __getitem__(self, name: str | int) -> Any:
        if name in self._parts or not isinstance(name, str):
            return self._parts[name]
        spelled = {normal(key): key for key in self._parts if isinstance(key, str)}
        return self._parts[spelled.get(normal(name), name)]

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
        return Numbers(leaves[0].of.meaning, [leaf.definition for leaf in leaves], _others(leaves))

    def __call__(self, /, *arrays: object, memory_limit: Any = None, **named: object) -> dict[Any, Any]:
        """All derivatives, planned as one program: a dict by name."""
        values = self._numbers(merged(self._numbers.program, arrays, named), memory_limit)
        return self._arranged(iter(values))

    @property
    def _paths(self) -> list[Path]:
        return [(name, *path) for name, part in self._parts.items() for path in part._paths]

    @cached_property
    def _structures(self) -> StructuredNumbers:
        leaves = self._leaves()
        definitions, ranks = [leaf.definition for leaf in leaves], [leaf.rows for leaf in leaves]
        return StructuredNumbers(self._numbers.program, definitions, ranks)

    def structured(self, /, *arrays: object, **named: object) -> dict[Any, Any]:
        """All derivatives as structured tensors, planned as one program: a dict by name."""
        found = self._structures(merged(self._numbers.program, arrays, named))
        letters = [leaf.indices for leaf in self._leaves()]
        return self._arranged(map(StructuredTensor, found, letters))

    def _arranged(self, values: Iterator[Any]) -> dict[Any, Any]:
        return {
            name: part._arranged(values) if isinstance(part, Derivatives) else next(values)
            for name, part in self._parts.items()
        }

    def source(self, library: str = "numpy") -> str:
        """The text of one function that computes all of them: it returns a dict by name."""
        leaves = self._named_leaves()
        if not leaves:
            raise NotationError("no variable is named to differentiate by", hint='write wrt=("A", "B")')
        names = "_".join([leaf._function_name for _, leaf in leaves])
        results = [leaf._result(label) for label, leaf in leaves]
        return source_code(names, results, leaves[0][1].of.meaning, library_of(library))

    def _named_leaves(self, path: tuple[object, ...] = ()) -> list[tuple[object, Derivative]]:
        """The derivatives by name; a mapping of mappings by tuples of names."""
        found: list[tuple[object, Derivative]] = []
        for name, part in self._parts.items():
            own = (*path, name)
            inner = part._named_leaves(own) if isinstance(part, Derivatives) else None
            found.extend([(own if len(own) > 1 else name, part)] if inner is None else inner)
        return found

    @property
    def equation(self) -> str:
        """All equations, one below the other."""
        return "\n".join(part.equation for part in self._parts.values())

    def latex(self) -> str:
        """All equations in LaTeX, one below the other."""
        return latex_form.stacked([leaf.latex() for leaf in self._leaves()])

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"

    def unicode(self) -> str:
        """All equations with the subscripts that Unicode has, one below the other."""
        return "\n".join([leaf.unicode() for leaf in self._leaves()])

    def matrix(self, layout: str | None = None, order: str = "F", *, ascii: bool = False) -> dict[Any, Any]:  # noqa: A002
        """Each in matrix notation: a dict by name."""
        return self._arranged(iter([leaf.matrix(layout, order, ascii=ascii) for leaf in self._leaves()]))

    def json(self) -> str:
        """A list of the derivatives as JSON; docs/FORMS.md has the fields of one."""
        return f"[{', '.join([leaf.json() for leaf in self._leaves()])}]"

    def steps(self) -> dict[Any, Any]:
        """How each comes about, rule by rule: a dict of derivations by name."""
        return self._arranged(iter([leaf.steps() for leaf in self._leaves()]))

    def __str__(self) -> str:
        return self.equation

    def __repr__(self) -> str:
        return f"<Derivatives by {', '.join(map(str, self._parts))}>"


def _others(leaves: Sequence[Derivative]) -> Others | None:
    """The same derivatives from the other end; None where that is no choice."""
    if any(leaf.lower is None or leaf.structure is not None for leaf in leaves):
        return None
    axes = [leaf.denominators[-1][1] for leaf in leaves]
    assert leaves[0].lower is not None
    rank = len(leaves[0].lower.free.formals)
    mode: Mode = "forward" if rank > max(map(len, axes)) else "reverse"
    return Others(
        mode, [leaf.definition for leaf in leaves], lambda other: [leaf.in_mode(other) for leaf in leaves]
    )
