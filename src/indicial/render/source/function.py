"""A program or a derivative as one function: its parameters, its docstring, a line for each intermediate."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

from indicial.errors import BackendError
from indicial.ir.abstract import spelled
from indicial.ir.indices import Space
from indicial.ir.nodes import ONE, Abstract, Access, Add, Apply, Definition, Extent, Mul, Node
from indicial.ir.program import Program
from indicial.ir.traversal import definitions_under, postorder
from indicial.render.document import line_axes
from indicial.render.factoring import factored
from indicial.render.letters import Letters, invented_names
from indicial.render.naming import stem
from indicial.render.sizes import size_names
from indicial.render.source.breaking import broken, signature
from indicial.render.source.code import Code
from indicial.render.source.emitter import Emitter
from indicial.render.source.epsilon import levi_civita
from indicial.render.source.hiding import Poles
from indicial.render.source.identifiers import Identifiers
from indicial.render.source.integers import as_float, made_floats
from indicial.render.source.library import Library
from indicial.render.source.preparing import with_matrices_apart, with_solutions, with_zeros
from indicial.render.source.prose import in_prose
from indicial.render.source.returned import Result, Returned, as_code, in_words, results_of
from indicial.render.source.rooms import rooms_of, with_bounds
from indicial.render.source.sharing import shared
from indicial.render.source.writes import write_body
from indicial.simplify.affine import equation
from indicial.simplify.exponentials import stable
from indicial.simplify.known import facts_of
from indicial.simplify.strong import guarded
from indicial.simplify.terms import summands

_INDENT = "    "


def source_code(name: str, returned: Returned, program: Program, library: Library) -> str:
    """The text of a function that returns one array, or several."""
    return _Function(name, returned, program, library).text()


def _factored(definition: Definition) -> Definition:
    """Common factors in front; but x[i+1] − x[i] stays two terms, not Σ_j ([j = i+1] − [j = i]) x_j."""
    result = factored(definition)
    sums = [node for node in postorder(result.body) if isinstance(node, Add)]
    terms = [term for node in sums for term in node.terms]
    factors = [factor for term in terms for factor in (term.factors if isinstance(term, Mul) else (term,))]
    return guarded(definition if any(equation(factor) is not None for factor in factors) else result)


class _Function:
    def __init__(self, name: str, returned: Returned, program: Program, library: Library) -> None:
        self.program, self.library, self.wanted, self.returned = program, library, name, returned
        results = results_of(returned)
        whole = with_matrices_apart([each.definition for each in results])
        self.results = [replace(each, definition=whole[each.definition]) for each in results]
        under = definitions_under(*[each.definition for each in self.results])
        self.stable = with_solutions({each: with_zeros(_factored(stable(each))) for each in under})
        used = {node.definition for node in self.nodes() if isinstance(node, Apply)}
        self.order = [each for each in under if each in used]
        self.read = self._read()
        called = [node for node in self.nodes() if isinstance(node, Abstract)]
        self.called = tuple(dict.fromkeys([spelled(node.function, node.orders) for node in called]))
        written = {each.name for each in self.order}
        unwritten = {name} - written  # the result is returned without a name, which the function then has
        self.names = (
            *program.inputs,
            *[each for each in program.statements if each not in unwritten],
            *self.called,
        )
        self.identifiers = Identifiers(self.names)
        self.name = self.identifiers.fresh(name)
        self.parameters = {each: self.identifiers.of(each) for each in self.read}
        self.sizes = size_names(program)
        self.worked_out: dict[str, str] = {}

    def nodes(self) -> list[Node]:
        """Everything in the bodies."""
        return postorder(*[each.body for each in self.stable.values()])

    def _read(self) -> list[str]:
        """The inputs that are read, or whose extents are, in order of appearance."""
        found = {node.tensor for node in self.nodes() if isinstance(node, Access)}
        spaces = {formal.space for each in self.stable.values() for formal in each.formals}
        spaces |= {index.space for node in self.nodes() for index in (*node.indices_here, *node.bound)}
        spaces |= {node.space for node in self.nodes() if isinstance(node, Extent)}
        for space in sorted(with_bounds(spaces, self.program)):
            axes = [name for name, own in self.program.inputs.items() if space in own]
            if axes and space not in self.program.declared and not found.intersection(axes):
                found.add(axes[0])
        return [name for name in self.program.inputs if name in found]

    def positions(self) -> set[str]:
        """The inputs whose entries are positions: whole numbers, whose type is not the result's."""
        found: set[str] = set()
        for node in self.nodes():
            form = equation(node)
            if form is not None:
                found.update([each.tensor for each in postorder(form.offset) if isinstance(each, Access)])
        return found

    def extent(self, space: Space) -> str:
        """The code of an extent: an axis of a parameter, or the number declared."""
        for name in self.read:
            if space in self.program.inputs[name]:
                return f"{self.parameters[name]}.shape[{self.program.inputs[name].index(space)}]"
        known = facts_of(self.program).extents.get(space)
        if known is not None:
            return self.noted(space, self.number(known))
        rooms = [
            self.number(above) if step == 1 else f"{_in_brackets(self.number(above))} // {step} + 1"
            for above, step in rooms_of(space, self.program)
        ]
        if not rooms:
            raise BackendError(
                f"no source code is written for the extent {space}, which nothing gives",
                hint="declare it with an index line: index i: 10",
            )
        return self.noted(space, rooms[0] if len(rooms) == 1 else f"min({', '.join(rooms)})")

    def noted(self, space: Space, text: str) -> str:
        """The code of an extent that is worked out, which is called n_i should it need a name."""
        self.worked_out[text] = f"n_{next(iter(self.program.letters.get(space, ())), 'i')}"
        return text

    def number(self, node: Node) -> str:
        """An extent that follows from others: what is added first."""
        parts = sorted(summands(node), key=lambda part: (part[1] == ONE, part[0] < 0))
        lead = next((part for part in parts if part[0] > 0), parts[0])
        parts = [lead, *[part for part in parts if part is not lead]]
        texts = [self.multiple(coefficient, monomial) for coefficient, monomial in parts]
        return " + ".join(texts).replace("+ -", "- ")

    def multiple(self, coefficient: Fraction, monomial: Node) -> str:
        """A whole multiple of an extent, of a product of extents, or of 1."""
        factors = monomial.factors if isinstance(monomial, Mul) else (monomial,)
        if coefficient.denominator != 1 or not all(
            isinstance(each, Extent) or each == ONE for each in factors
        ):
            raise BackendError(f"no source code is written for the extent {coefficient} {monomial}")
        texts = [self.extent(each.space) for each in factors if isinstance(each, Extent)]
        size = [] if abs(coefficient) == 1 and texts else [str(abs(coefficient))]
        if coefficient < 0 or len(size) + len(texts) > 1:
            texts = [_in_brackets(text) for text in texts]
        return ("-" if coefficient < 0 else "") + " * ".join([*size, *texts])

    def shape(self, spaces: Sequence[Space]) -> str:
        """The shape of an array over some axes; that of a parameter stands for its axes."""
        spaces, parts = list(spaces), []
        while spaces:
            whole = next(
                (
                    name
                    for name in self.read
                    if len(own := self.program.inputs[name]) > 1 and tuple(spaces[: len(own)]) == own
                ),
                None,
            )
            if whole is None:
                parts.append(self.extent(spaces.pop(0)))
            else:
                parts.append(f"*{self.parameters[whole]}.shape")
                del spaces[: len(self.program.inputs[whole])]
        if len(parts) == 1 and parts[0].startswith("*"):
            return parts[0][1:]
        return f"({parts[0]},)" if len(parts) == 1 else f"({', '.join(parts)})"

    # --- the text -------------------------------------------------------------------------------------

    def text(self) -> str:
        """Imports, signature, docstring, body."""
        emitter = self.emitter()
        emitter.wishes = self.worked_out
        body = shared(self.body(emitter), emitter.name_for)
        for rank, name in emitter.epsilons.items():
            body = [*levi_civita(rank, name, emitter.zeros(str((rank,) * rank)), self.library), *body]
        body = [*self.promotion(body), *body]
        lines = [line for statement in body for line in broken(statement, len(_INDENT))]
        helpers = [self.library.helpers[helper].strip("\n").split("\n") for helper in emitter.helpers]
        used = [prefix for prefix in self.library.imports if prefix in emitter.prefixes]
        imports = [self.library.imports[prefix] for prefix in used]
        if used[:1] == ["math"] and len(used) > 1:  # of Python's own library: they stand apart
            imports.insert(1, "")
        functions = [self.identifiers.of(each) for each in self.called]
        quiet = [self.library.quiet] if emitter.hides and self.library.quiet else []
        head = [*quiet, *signature(self.name, [*self.parameters.values(), *functions])]
        inside = [*self.docstring(), *[line for helper in helpers for line in ("", *helper, "")], *lines]
        text = "\n".join([*imports, "", "", *head, *[f"{_INDENT}{line}" if line else "" for line in inside]])
        return f"{text}\n".replace("\n\n\n    ", "\n\n    ")

    def promotion(self, body: Sequence[str]) -> list[str]:
        """The lines that make floats of arrays of integers, where something depends on it."""
        positions = self.positions()
        read = [name for name in self.read if name not in positions or not self.program.inputs[name]]
        arrays = [self.parameters[name] for name in read if self.program.inputs[name]]
        numbers = [self.parameters[name] for name in read if not self.program.inputs[name]]
        return [as_float(name, self.library) for name in made_floats(body, arrays, numbers, self.library)]

    def emitter(self) -> Emitter:
        """The walk, with the names of everything that stands before."""
        self.identifiers = Identifiers(self.names)
        self.name = self.identifiers.fresh(self.wanted)
        rest = itertools.chain(
            invented_names(100, self.program.names), (f"t{k}" for k in itertools.count(100))
        )
        names: dict[str | Definition, str] = {}
        names.update(self.parameters)
        names.update({each: self.identifiers.of(each) for each in self.called})
        for definition in self.order:
            names[definition] = self.identifiers.of(definition.name or self.invented(definition, rest))
        letters = Letters(self.program, names.values())
        positions = self.positions()
        arrays = [
            self.parameters[name] for name in self.read if self.program.inputs[name] and name not in positions
        ]
        known = arrays or list(self.parameters.values())
        poles = Poles({each: self.stable[each] for each in self.order})
        return Emitter(
            self.program,
            self.library,
            names,
            self.extent,
            self.shape,
            letters,
            self.identifiers,
            known,
            rest,
            poles,
        )

    def invented(self, definition: Definition, rest: Iterator[str]) -> str:
        """The name of what has none: what a careful hand calls such a thing, if that is free."""
        wish = stem(self.stable[definition])
        return wish if self.identifiers.is_free(wish) else next(rest)

    def body(self, emitter: Emitter) -> list[str]:
        """A line or more for each definition, the results last."""
        known = {each.definition: each.letters for each in self.results}
        axes = {each: self.program.axes[each.name] for each in self.order if each.name in self.program.axes}
        unnamed = [each for each in self.order if each not in axes]
        letters = line_axes({**known, **axes}, unnamed, self.results[0].letters, emitter.letters)
        for definition in self.order:
            name = emitter.names[definition]
            whole = self.stable[definition]
            value = write_body(emitter, whole, letters[definition], name, self.shape(whole.spaces))
            if value.text != name:
                emitter.lines.append(f"{name} = {value.text}")
        values = [self.value(each, emitter).text for each in self.results]
        return [*emitter.lines, f"return {as_code(self.returned, iter(values))}"]

    def value(self, result: Result, emitter: Emitter) -> Code:
        """A result as an expression, after the lines that it needs."""
        if result.definition in emitter.names:
            return Code(emitter.names[result.definition])
        whole = self.stable[result.definition]
        target = self.identifiers.fresh("result")
        return write_body(emitter, whole, result.letters, target, self.shape(whole.spaces))

    def docstring(self) -> list[str]:
        """The equations, then the shape of everything."""
        lines = [line for each in self.results for line in in_prose(each.equation)]
        lines = [f'"""{lines[0]}', *lines[1:], ""]
        for name, parameter in self.parameters.items():
            lines.append(f"{parameter}: {self.described(self.program.inputs[name])}")
        for called in self.called:
            lines.append(f"{self.identifiers.of(called)}: the function {called} of arrays, entry by entry")
        return [*lines, *in_words(self.returned, self.in_words), '"""']

    def in_words(self, result: Result) -> str:
        """The shape of a result, and its axes."""
        axes = f", axes {', '.join(result.letters)}" if result.letters else ""
        return f"{self.described(result.definition.spaces)}{axes}"

    def described(self, spaces: Sequence[Space]) -> str:
        """A shape in words."""
        if not spaces:
            return "a number"
        sizes = [self.sizes[space] for space in spaces]
        return f"array of shape ({', '.join(sizes)}{',' * (len(sizes) == 1)})"


def _in_brackets(text: str) -> str:
    """A sum or quotient as a factor; what a call gives is one as it stands."""
    return text if " " not in text or text.startswith("min(") else f"({text})"
