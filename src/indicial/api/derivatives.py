"""Several derivatives, by name: printed one below the other, planned and computed as one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from indicial.api.derivative import Derivative, others
from indicial.api.planned import Planned
from indicial.errors import NotationError
from indicial.syntax.names import normal

if TYPE_CHECKING:
    from indicial.api.compiled import Path
    from indicial.api.numbers import Numbers
    from indicial.api.structured import StructuredNumbers
    from indicial.render.source.returned import Result


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
        from indicial.api.numbers import Numbers

        leaves = self._leaves()
        if not leaves:
            raise NotationError("no variable is named to differentiate by", hint='write wrt=("A", "B")')
        return Numbers(leaves[0].of.meaning, [leaf.definition for leaf in leaves], others(leaves))

    def __call__(self, /, *arrays: object, memory_limit: Any = None, **named: object) -> dict[Any, Any]:
        """All derivatives, planned as one program: a dict by name."""
        values = self._numbers.of(arrays, named, memory_limit)
        return self._arranged(iter(values))

    @property
    def _paths(self) -> list[Path]:
        return [(name, *path) for name, part in self._parts.items() for path in part._paths]

    @cached_property
    def _structures(self) -> StructuredNumbers:
        from indicial.api.structured import StructuredNumbers

        leaves = self._leaves()
        definitions, ranks = [leaf.definition for leaf in leaves], [leaf.rows for leaf in leaves]
        letters = [leaf.indices for leaf in leaves]
        return StructuredNumbers(self._numbers.program, definitions, ranks, letters)

    def structured(self, /, *arrays: object, **named: object) -> dict[Any, Any]:
        """All derivatives as structured tensors, planned as one program: a dict by name."""
        return self._arranged(iter(self._structures.of(arrays, named)))

    def _arranged(self, values: Iterator[Any]) -> dict[Any, Any]:
        return {
            name: part._arranged(values) if isinstance(part, Derivatives) else next(values)
            for name, part in self._parts.items()
        }

    def source(self, library: str = "numpy") -> str:
        """The text of one function that computes all of them: it returns a dict by name."""
        from indicial.render.source.function import source_code
        from indicial.render.source.library import library_of

        leaves = self._leaves()
        if not leaves:
            raise NotationError("no variable is named to differentiate by", hint='write wrt=("A", "B")')
        return source_code(self._function_name, self._returned(), leaves[0].of.meaning, library_of(library))

    @property
    def _function_name(self) -> str:
        return "_".join([leaf._function_name for leaf in self._leaves()])

    def _returned(self) -> dict[object, Result]:
        """What a function for all of them returns."""
        return {label: leaf._returned() for label, leaf in self._named_leaves()}

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

    def latex(self, notation: str = "index", layout: str | None = None, order: str = "F") -> str:
        """All equations in LaTeX, one below the other; in index or in matrix notation."""
        from indicial.render.latex import stacked

        return stacked([leaf.latex(notation, layout, order) for leaf in self._leaves()])

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
