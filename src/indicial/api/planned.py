"""What programs and derivatives have in common: they can be planned and compiled for given shapes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from indicial.api.compiled import CompiledFunction, Path
    from indicial.api.numbers import Numbers
    from indicial.api.plan import PlanReport
    from indicial.planning.memory import Limit


class Planned(ABC):
    """Something with numbers: `_numbers` evaluates it, `_paths` say where each output stands in a result.

    `_pair` says that a result is a pair of two that stand at "value" and "gradient", and no mapping.
    """

    _pair: ClassVar[bool] = False

    @property
    @abstractmethod
    def _numbers(self) -> Numbers:
        """What evaluates it."""

    @property
    def _paths(self) -> Sequence[Path]:
        return [()]

    def compile(
        self,
        shapes: object,
        *,
        backend: str = "numpy",
        dtype: object = "float64",
        memory_limit: Limit = None,
    ) -> CompiledFunction:
        """The same compiled for arrays of these shapes, given by name: `f = p.compile({"x": (3,)})`.

        `f(x=x)` then runs straight-line code in prepared memory; `f.plan` explains it. `memory_limit`, in
        bytes or a text such as "4 GiB", stands in for the limit of the process.
        """
        from indicial.api.compiled import CompiledFunction, CompiledPair, checked_backend

        checked_backend(backend)
        kind = CompiledPair if self._pair else CompiledFunction
        return kind(self._numbers, self._paths, shapes, dtype, memory_limit)

    def plan(self, shapes: object, dtype: str = "float64") -> PlanReport:
        """What a call with arrays of these shapes will do and cost: plan({"W": (3, 4), "x": 4})."""
        from indicial.api.plan import plan_report

        return plan_report(self._numbers, shapes, dtype)
