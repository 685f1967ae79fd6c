"""A derivative held against numbers that know nothing of it: complex step, or central differences."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import Any

import numpy as np

from indicial.api.callables import apart
from indicial.api.derivative import Derivative
from indicial.api.deriving import denominators_of, mixed
from indicial.api.directions import direction
from indicial.api.named import canonical_names
from indicial.api.operands import Variables, by_name, merged
from indicial.api.program import Program
from indicial.api.sources import Source, order_zero, program_of, ranked
from indicial.api.structures import require_structure
from indicial.backends.arrays import common
from indicial.calculus.structure import Structure, check_structure
from indicial.errors import DerivativeError
from indicial.ir.functions import FUNCTIONS
from indicial.ir.nodes import Abstract, Call, Compare, Definition, Node, Operation
from indicial.ir.operators import OPERATORS
from indicial.ir.properties import Properties
from indicial.ir.traversal import definitions_under, postorder
from indicial.render.text import partial
from indicial.syntax.parser import parse_denominators

_STEP = 1e-30  # complex step: no subtraction, so no digit is lost however small
_SAMPLES = 400  # entries of the variable that are moved; of a larger one a fixed random choice


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What a check found.

    derivative  what was checked, as ∂f_i/∂W_mn
    passed      whether every component agrees within the tolerance
    method      "complex step" or "central differences"
    worst       the largest error, relative to the largest magnitude of the derivative (or 1 if less);
                infinite where the derivative or what it is compared with is no number
    where       the index values of the worst component, along `indices`
    indices     the letters of the derivative's axes
    tolerance   the error that is allowed
    checked     the number of components compared
    shape       the shape of the derivative
    """

    derivative: str
    passed: bool
    method: str
    worst: float
    where: tuple[int, ...]
    indices: tuple[str, ...]
    tolerance: float
    checked: int
    shape: tuple[int, ...]

    def __bool__(self) -> bool:
        return self.passed

    def __str__(self) -> str:
        place = ", ".join(f"{letter}={value}" for letter, value in zip(self.indices, self.where, strict=True))
        at = f" at {place}" if place else ""
        error = f"worst error {self.worst:.1e}{at} (tolerance {self.tolerance:.0e})"
        if np.isinf(self.worst):
            error = f"not a finite number{at}: the functions are perhaps not defined for these data"
        verdict = "passed" if self.passed else "FAILED"
        return f"{verdict}: {self.derivative}, {self.checked} components against {self.method}, {error}"

    def _repr_html_(self) -> str:
        mark, colour = ("✓", "#2e7d32") if self.passed else ("✗", "#c62828")
        return f'<span style="color: {colour}">{mark}</span> <code>{escape(str(self))}</code>'


def check(
    program: Source,
    /,
    wrt: Variables,
    *arrays: object,
    notation: str = "index",
    structure: Structure | None = None,
    **named: object,
) -> CheckReport:
    """Compare ∂program/∂wrt at some arrays with the complex-step derivative of what it is the derivative of.

    Where a function on the way is not holomorphic (abs, max, a comparison, …) central differences are
    taken instead. A higher derivative is compared with differences of the derivative one order below.
    Of a variable with more than 400 entries a fixed random choice is moved. For a tuple of variables
    the report is that of the worst. By a tensor that is declared symmetric, `structure` asks for the
    derivative as in `derive`; an entry is then moved together with its mirror images.
    """
    check_structure(structure)
    source = program_of(ranked(program, arrays, named), notation)
    meaning = (source.of if isinstance(source, Derivative) else source).meaning
    given = merged(meaning, arrays, named)
    found = reports(source, by_name(meaning, wrt), given, structure)
    return max(found, key=lambda report: (not report.passed, report.worst / report.tolerance))


def reports(
    source: Program | Derivative,
    wrt: str | Sequence[str],
    given: Mapping[str, object],
    structure: Structure | None,
) -> list[CheckReport]:
    """A report for each variable; a structure is that of the variables which have any."""
    if isinstance(wrt, str):
        return [_report(source, wrt, given, structure)]
    meaning = (source.of if isinstance(source, Derivative) else source).meaning
    structures = _structures(meaning.properties, wrt, structure)
    return [_report(source, each, given, own) for each, own in zip(wrt, structures, strict=True)]


def _report(
    source: Program | Derivative, wrt: str, given: Mapping[str, object], structure: Structure | None
) -> CheckReport:
    base = source if isinstance(source, Derivative) else order_zero(source, source.outputs[0])
    names = " ".join(_spelled(name, letters) for name, letters in denominators_of(base, wrt))
    above = mixed(base.of, base, names, structure=structure)
    require_structure(above, structure)
    held = {name for name, _ in above.denominators}
    base = _held(base, sorted(held), declared=structure is not None)
    lower = " ".join(_spelled(name, letters) for name, letters in denominators_of(base, wrt)[:-1])
    below = mixed(base.of, base, lower, structure=structure) if lower else base
    tensors, functions = apart(base.of.meaning, canonical_names(base.of.meaning, given))
    values, dtype = common(tensors)
    if dtype.itemsize < (16 if dtype.kind == "c" else 8):
        values = {name: value.astype(np.promote_types(dtype, np.float64)) for name, value in values.items()}
    for name in sorted(held - values.keys() - base.of.meaning.inputs.keys()):
        statement = base.of.meaning.statements[name]
        values[name] = Derivative(base.of, name, (), statement)({**values, **functions})
    return _compared(above, below, {**values, **functions})


def _structures(
    declared: Mapping[str, Properties], wrt: Sequence[str], structure: Structure | None
) -> list[Structure | None]:
    """The structure of each derivative: none by what has no symmetry, unless none of them has."""
    has = [
        any(declared[each.name].structured for each in parse_denominators(text) if each.name in declared)
        for text in wrt
    ]
    return [structure if own or not any(has) else None for own in has]


def _held(base: Derivative, held: Sequence[str], *, declared: bool) -> Derivative:
    """The same derivative with some variables held beside others.

    Where one entry is moved at a time, which breaks a symmetry, its program has none `declared`.
    """
    program = base.of if declared else Program(replace(base.of.meaning, properties={}))
    return Derivative(program, base.output, base.denominators, base.free, base.lower, (*base.held, *held))


def _spelled(name: str, letters: tuple[str, ...]) -> str:
    return f"{name}[{', '.join(letters)}]" if letters else name


def _compared(above: Derivative, below: Derivative, values: dict[str, Any]) -> CheckReport:
    name = above.denominators[-1][0]
    result = np.asarray(above(values))
    point = np.array(values[name])
    declared = above.of.meaning.properties.get(name, Properties())
    if not np.all(np.isfinite(below(values))):
        raise DerivativeError(
            f"{below.output!r} is not finite at this point, so that differences say nothing",
            hint="check it inside the domain of log, sqrt, …; on the command line --positive makes data so",
        )
    complex_step = _is_holomorphic(below.definition) and point.dtype.kind == "f"
    difference = _complex_step if complex_step else _central_difference
    tolerance = 1e-9 if complex_step else 1e-5
    entries = np.arange(point.size)
    if point.size > _SAMPLES:
        entries = np.sort(np.random.default_rng(0).choice(point.size, _SAMPLES, replace=False))
    columns = result.reshape(*result.shape[: result.ndim - point.ndim], point.size)
    finite = np.abs(result[np.isfinite(result)])
    scale = max(1.0, float(np.max(finite, initial=0.0)))
    worst, where = 0.0, (0,) * result.ndim
    meaning = above.of.meaning
    title = partial((above.output, meaning.axes[above.output]), above.denominators)

    def moved(entry: int, step: complex) -> Any:
        place = tuple([int(k) for k in np.unravel_index(entry, point.shape)])
        there = point + step * direction(point.shape, place, declared, above.structure)
        return below({**values, name: there})

    for entry in entries.tolist():
        with np.errstate(invalid="ignore"):  # an infinite derivative agrees with nothing
            error = np.abs(columns[..., entry] - difference(moved, entry, abs(point.flat[entry]))) / scale
        error = np.where(np.isnan(error), np.inf, error)
        if error.size and float(error.max()) > worst:
            worst = float(error.max())
            row = np.unravel_index(int(error.argmax()), error.shape)
            where = (*(int(k) for k in row), *(int(k) for k in np.unravel_index(entry, point.shape)))
    checked = int(np.prod(columns.shape[:-1])) * len(entries)
    method = "complex step" if complex_step else "central differences"
    return CheckReport(
        title, worst <= tolerance, method, worst, where, above.indices, tolerance, checked, result.shape
    )


Moved = Callable[[int, complex], Any]


def _complex_step(moved: Moved, entry: int, _size: float) -> Any:
    """Im f(x + ih) / h (Squire and Trapp, SIAM Review 40, 1998)."""
    return moved(entry, 1j * _STEP).imag / _STEP


def _central_difference(moved: Moved, entry: int, size: float) -> Any:
    """Two central differences, extrapolated to order four."""
    step = 1e-3 * max(1.0, size)
    coarse = (moved(entry, step) - moved(entry, -step)) / (2 * step)
    fine = (moved(entry, step / 2) - moved(entry, -step / 2)) / step
    return (4 * fine - coarse) / 3


def _is_holomorphic(definition: Definition) -> bool:
    nodes = [node for each in definitions_under(definition) for node in postorder(each.body)]
    return all(_is_holomorphic_here(node) for node in nodes)


def _is_holomorphic_here(node: Node) -> bool:
    match node:
        case Compare() | Abstract():  # of a function that is only declared nothing is known
            return False
        case Call(function, _):
            return FUNCTIONS[function].holomorphic
        case Operation(operator, _, _, _):
            return OPERATORS[operator].holomorphic
    return True
