"""A value and its gradients as one program: called with arrays, planned, compiled."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from indicial.api.derivative import Derivative
from indicial.api.derivatives import Derivatives
from indicial.api.planned import Planned
from indicial.render.source.returned import Pair

if TYPE_CHECKING:
    from indicial.api.compiled import Path
    from indicial.api.numbers import Numbers


class ValueAndGrad(Planned):
    """(value, gradient) of a scalar program; for several variables the gradients are a dict by name.

    Attributes: `value`, a derivative of order 0, and `gradient`, by one variable or a mapping by name.
    Compiled, `f(x=x)` gives the pair, and `f(x=x, out=pair)` writes it.
    """

    _pair = True

    def __init__(self, value: Derivative, gradient: Derivative | Derivatives) -> None:
        self.value, self.gradient = value, gradient

    def _leaves(self) -> list[Derivative]:
        return [self.gradient] if isinstance(self.gradient, Derivative) else self.gradient._leaves()

    @cached_property
    def _numbers(self) -> Numbers:
        from indicial.api.numbers import Numbers

        leaves = self._leaves()
        return Numbers(leaves[0].of.meaning, [self.value.definition, *[leaf.definition for leaf in leaves]])

    @property
    def _paths(self) -> list[Path]:
        return [("value",), *[("gradient", *path) for path in self.gradient._paths]]

    def __call__(self, /, *arrays: object, memory_limit: Any = None, **named: object) -> tuple[Any, Any]:
        """The value and the gradient, what they have in common computed once."""
        value, *rest = self._numbers.of(arrays, named, memory_limit)
        if isinstance(self.gradient, Derivative):
            return value, rest[0]
        return value, self.gradient._arranged(iter(rest))

    def source(self, library: str = "numpy") -> str:
        """The text of one function that computes both, what they have in common once: it returns a pair.

        The gradient is an array, for several variables a dict by name.
        """
        from indicial.render.source.function import source_code
        from indicial.render.source.library import library_of

        output = self.value.output
        returned = Pair(output, self.value._returned(), self.gradient._returned())
        name = f"{output}_and_{self.gradient._function_name}"
        return source_code(name, returned, self.value.of.meaning, library_of(library))

    @property
    def equation(self) -> str:
        """The equations of the gradients, one below the other."""
        return self.gradient.equation

    def __repr__(self) -> str:
        by = ", ".join([leaf.denominators[-1][0] for leaf in self._leaves()])
        return f"<ValueAndGrad of {self.value.output} by {by}>"
