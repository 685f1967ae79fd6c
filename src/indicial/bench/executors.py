"""Functions that compute an instance: term by term in given orders, or by indicial's plans."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import opt_einsum

from indicial.bench.contestants import entries
from indicial.bench.engine import Planned, planned
from indicial.bench.instances import Instance, Shapes, Term, statement
from indicial.bench.orders import Cost, Part, Path, cost, sum_of

Array = Any
Results = dict[str, Array]
Compute = Callable[[Mapping[str, Array]], Results]


@dataclass(frozen=True, slots=True)
class Prepared:
    """What computes an instance, what that costs, and the seconds that indicial took to get there."""

    compute: Compute
    cost: Cost
    plan_seconds: float = 0.0
    derive_seconds: float = 0.0


def cost_of(instance: Instance, size: str, paths: Sequence[Path]) -> Cost:
    """The cost of computing all terms of an instance, each in its order."""
    shapes, order = instance.shapes(size), iter(paths)
    outputs = []
    for terms in instance.outputs.values():
        parts = []
        for term in terms:
            extents = term.extents(shapes)
            own = cost(term.inputs, term.core, extents, next(order))
            parts.append(Part(own, entries(term.core, extents), entries(term.output, extents)))
        outputs.append(parts)
    return sum_of(outputs)


def ordered(instance: Instance, size: str, paths: Sequence[Path], executor: str) -> Prepared:
    """Term by term, each in its order, by opt_einsum or by cotengra."""
    shapes, order = instance.shapes(size), iter(paths)
    made = _by_cotengra if executor == "cotengra" else _by_opt_einsum
    functions = {
        name: [(term, made(term, shapes, next(order))) for term in terms]
        for name, terms in instance.outputs.items()
    }

    def compute(arrays: Mapping[str, Array]) -> Results:
        return {name: _total(parts, arrays, shapes) for name, parts in functions.items()}

    return Prepared(compute, cost_of(instance, size, paths))


Core = Callable[..., Array]


def _by_opt_einsum(term: Term, shapes: Shapes, path: Path) -> Core:
    equation = f"{','.join(term.inputs)}->{term.core}"
    made: Core = opt_einsum.contract_expression(
        equation, *[shapes[name] for name in term.operands], optimize=list(path)
    )
    return made


def _by_cotengra(term: Term, shapes: Shapes, path: Path) -> Core:
    import cotengra

    inputs = [tuple(each) for each in term.inputs]
    made: Core = cotengra.array_contract_expression(
        inputs, tuple(term.core), term.extents(shapes), optimize=path, cache=False
    )
    return made


def _total(parts: Sequence[tuple[Term, Core]], arrays: Mapping[str, Array], shapes: Shapes) -> Array:
    """Σ coefficient · core, written along the deltas where there are any."""
    result: Array = None
    for term, core in parts:
        value = core(*[arrays[name] for name in term.operands])
        if term.coefficient != 1:
            value = np.multiply(value, term.coefficient, out=value if _is_own(value, arrays) else None)
        if result is None and term.core == term.output:
            result = value if _is_own(value, arrays) else np.array(value)
            continue
        if result is None:
            extents = term.extents(shapes)
            result = np.zeros([extents[letter] for letter in term.output])
        along(result, term)[...] += value
    return result


def _is_own(value: Array, arrays: Mapping[str, Array]) -> bool:
    """Whether an array may be written to: it is none of the inputs, and no view of one."""
    return (
        isinstance(value, np.ndarray)
        and value.flags.writeable
        and not any(np.may_share_memory(value, array) for array in arrays.values())
    )


def along(result: Array, term: Term) -> Array:
    """The entries of a result at which the indices that a term repeats agree, with the axes of its core."""
    strides = [0] * len(term.core)
    shape = [0] * len(term.core)
    for axis, letter in enumerate(term.output):
        position = term.core.index(letter)
        strides[position] += result.strides[axis]
        shape[position] = result.shape[axis]
    return np.lib.stride_tricks.as_strided(result, shape, strides)


def joint(instance: Instance, size: str) -> Prepared:
    """indicial's plan of the whole instance; of its derivatives where it says of what."""
    shapes, names = instance.shapes(size), list(instance.outputs)
    if instance.program:
        made = planned(instance.program, shapes, instance.wrt)
    else:
        outputs = tuple([f"result{k}" for k in range(len(names))])
        made = planned(instance.as_program(), shapes, outputs=outputs)
    run = made.runnable
    return Prepared(
        lambda arrays: dict(zip(names, run(arrays), strict=True)),
        made.cost,
        made.plan_seconds,
        made.derive_seconds,
    )


def term_by_term(instance: Instance, size: str) -> Prepared:
    """indicial's plans of each term for itself, added up as the other contestants' terms are."""
    shapes = instance.shapes(size)
    functions: dict[str, list[tuple[Term, Core]]] = {}
    outputs, plans = [], []
    for name, terms in instance.outputs.items():
        functions[name], parts = [], []
        for term in terms:
            bare = statement("result0", [Term(term.inputs, term.core, term.operands)])
            plans.append(planned(bare, {each: shapes[each] for each in term.operands}))
            functions[name].append((term, _of_plan(plans[-1], term.operands)))
            extents = term.extents(shapes)
            parts.append(Part(plans[-1].cost, entries(term.core, extents), entries(term.output, extents)))
        outputs.append(parts)

    def compute(arrays: Mapping[str, Array]) -> Results:
        return {name: _total(parts, arrays, shapes) for name, parts in functions.items()}

    seconds = sum([each.plan_seconds for each in plans])
    return Prepared(compute, sum_of(outputs), seconds, sum([each.derive_seconds for each in plans]))


def _of_plan(made: Planned, names: Sequence[str]) -> Core:
    run = made.runnable
    return lambda *operands: run(dict(zip(names, operands, strict=True)))[0]
