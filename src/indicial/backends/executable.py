"""Compiled plans: source, memory and the way in for arrays that are known to fit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from math import prod
from typing import Any

import numpy as np

from indicial.backends import strong_zeros
from indicial.backends.blocks import Blocks, threads
from indicial.backends.codegen import Blocked, Writer
from indicial.backends.emitters import EMITTERS
from indicial.backends.pool import Pool, Slot
from indicial.backends.slices import Slices
from indicial.errors import ShapeError
from indicial.planning.blocking import block_of, block_plan, regions
from indicial.planning.cuts import Cut
from indicial.planning.cutting import refusing
from indicial.planning.memory import fits
from indicial.planning.regions import Region, base_of, kept_alive, written
from indicial.planning.steps import OWNED, Plan

Array = Any
_IN_PLACE = frozenset({"add", "subtract", "multiply", "divide", "scale", "power", "pow", "call", "assemble"})
_MADE_IN_PLACE = _IN_PLACE | {
    "amax", "asnumber", "compare", "convolve", "gather", "matmul", "mirrored", "moment", "pad", "prod",
    "scatter", "select", "sum", "unfold",
}  # fmt: skip
_SILENT = frozenset({"dot", "copyto"})  # functions that never look at flags of overflow and the like
_KEPT_FRAMES = 4  # frames that wait for the next call: as many threads run without allocating
_OF_STRONG_ZEROS = 4  # the memory for values, where they are and what is made of both, against values alone
_LARGEST_KEPT = 1 << 30  # bytes; a larger frame is given back behind each call


class Executable:
    """A plan as a function of arrays of one dtype with the shapes of its inputs.

    `inner` is one whose results are values of another's plan: what is not finite in them may yet be hidden.
    Attributes: `source` (the Python text), `result_bytes`, `nbytes` (of results and workspace together).
    """

    def __init__(
        self,
        plan: Plan,
        dtype: np.dtype[Any],
        *,
        blocks: bool = True,
        scalars: bool = True,
        cuts: tuple[Cut, ...] = (),
        inner: bool = False,
    ) -> None:
        self.plan, self.dtype, self.cuts = plan, dtype, cuts
        sliced = {cut.region.start: cut for cut in cuts}
        stretches = {region.start: region for region in _clear(plan, cuts)} if blocks else {}
        every = stretches | {cut.region.start: cut.region for cut in cuts}
        inside = {number: region.start for region in every.values() for number in region.inside}

        def made(plan: Plan, region: Region, dtype: np.dtype[Any]) -> Blocked:
            cut = sliced.get(region.start)
            return _blocked(plan, region, dtype) if cut is None else _in_slices(plan, cut, dtype)

        plan = kept_alive(plan, every.values())
        writer = Writer(plan, dtype, EMITTERS, destinations(plan, inside), every, made, scalars)
        writer.write()
        self._silent = _SILENT.issuperset(writer.globals) and not every
        self._hurried = bool(writer.numbers or stretches)
        self._hides = not inner and not cuts and strong_zeros.may_hide(plan)
        self.slots = {k: _slot(writer, k) for k in writer.slot_shapes}
        self.source = _text(writer, self.slots)
        self.workspace = writer.arena.nbytes
        self.result_bytes = sum([slot.nbytes for slot in self.slots.values()])
        self.scratch_bytes = self.workspace + writer.made_anew
        self.nbytes = self.scratch_bytes + self.result_bytes
        self._sizes, self._views = writer.arena.sizes, writer.views
        self._frames: list[Callable[..., Any]] = []
        self._most_frames = _KEPT_FRAMES if self.workspace <= _LARGEST_KEPT else 0
        self._make = self._built(writer)

    def _built(self, writer: Writer) -> Callable[..., Any]:
        """The function that makes a runner over the arrays of a frame."""
        space: dict[str, Any] = {
            "empty": np.empty, "zeros": np.zeros, "cleared": _cleared, "ndarray": np.ndarray,
            "dtype": self.dtype, "float64": np.float64, **writer.globals,
        }  # fmt: skip
        for k, slot in self.slots.items():
            space[f"take{k}"] = Pool(slot).take
            space[f"given{k}"] = slot.given
        exec(compile(self.source, "<indicial>", "exec"), space)
        made: Callable[..., Any] = space["prepared"]
        return made

    def __call__(self, arrays: Sequence[Array], out: Sequence[Array | None] = ()) -> list[Array]:
        """The outputs for the inputs, and behind them the functions, that the plan names.

        Those that `out` has memory for (see `fits`) are written there.
        """
        return self.at_once(*arrays, *out)

    def at_once(self, *arrays: Array | None) -> list[Array]:
        """The same with all of that as arguments."""
        run = self.taken()
        try:
            result: list[Array] = run(*arrays)
        except (ArithmeticError, ValueError, ShapeError):
            if not self._hurried:
                raise
            result = self._plain.at_once(*arrays)
        finally:
            if len(self._frames) < self._most_frames:
                self._frames.append(run)
        if self._hides and not strong_zeros.are_finite(result) and fits(_OF_STRONG_ZEROS * self.nbytes):
            return self._without_nothing(arrays, result)
        return result

    def _without_nothing(self, arrays: Sequence[Array | None], result: list[Array]) -> list[Array]:
        """A result that is not finite, computed once more with false brackets as nothing."""
        names = (*self.plan.inputs, *self.plan.functions)
        given = dict(zip(names, arrays, strict=False))
        found = strong_zeros.run(self.plan, given, self.dtype, given)
        for k, numbers in enumerate(found):
            if isinstance(result[k], np.ndarray):
                result[k][...] = numbers
            else:
                result[k] = self.dtype.type(numbers)
        return result

    def taken(self) -> Callable[..., list[Array]]:
        """The function over a frame that nobody else has."""
        try:
            return self._frames.pop()
        except IndexError:
            made: Callable[..., list[Array]] = self._make(*self._views.arrays(self._sizes))
            return made if self._silent else np.errstate(all="ignore")(made)

    def given_back(self, run: Callable[..., list[Array]]) -> None:
        """The frame waits for the next call."""
        if len(self._frames) < self._most_frames:
            self._frames.append(run)

    @cached_property
    def _plain(self) -> Executable:
        """The same with arrays throughout, none in blocks.

        It is for numbers at which Python's arithmetic raises an error, and for errors that name a place.
        """
        return Executable(self.plan, self.dtype, blocks=False, scalars=False, cuts=self.cuts)

    def fits(self, output: int, array: Array) -> bool:
        """Whether an output can be written into an array directly."""
        slot = self.slots.get(output)
        if slot is None or not (array.flags.c_contiguous and array.flags.writeable and array.flags.aligned):
            return False
        step = self.plan.steps[self.plan.outputs[output]]
        kind, order = step.parameters[:2]
        straight = kind != OWNED or tuple(order) == tuple(range(len(order)))
        return straight and array.shape == slot.shape and array.dtype == slot.dtype


def _blocked(plan: Plan, region: Region, dtype: np.dtype[Any]) -> Blocked:
    """A region as a function over blocks, the last of which may be shorter."""
    block = block_of(plan, region)
    made, operands = block_plan(plan, region, block)
    run = Executable(made, dtype, blocks=False, scalars=False, inner=True)
    left = region.extent % block
    last = block_plan(plan, region, left)[0] if left else None
    rest = None if last is None else Executable(last, dtype, blocks=False, scalars=False, inner=True)
    cuts = [region.sliced.get(operand) for operand in operands]
    summed = [number in region.summed for number in written(plan, region)]
    work = sum([prod(plan.steps[number].shape) for number in region.rows])
    return Blocked(
        Blocks((run, rest), region.extent, block, cuts, summed, work),
        operands,
        2 * run.scratch_bytes * threads(),
    )


def _clear(plan: Plan, cuts: Sequence[Cut]) -> list[Region]:
    """The regions that reach into no cut."""
    return [
        region
        for region in regions(plan)
        if all(region.stop < cut.region.start or region.start > cut.region.stop for cut in cuts)
    ]


def _in_slices(plan: Plan, cut: Cut, dtype: np.dtype[Any]) -> Blocked:
    """A cut as a function over slices."""
    parts = [part for part in (cut.within, cut.rest) if part is not None]
    made = [Executable(part.plan, dtype, cuts=part.cuts, inner=True) for part in parts]
    writes = [cut.region.rows.get(number) for number in written(plan, cut.region)]
    runs = made[0], made[1] if len(made) > 1 else None
    reads = [axis for _, axis in cut.reads]
    run = Slices(runs, cut.region.extent, cut.rows, reads, writes, *refusing(plan, cut.region))
    return Blocked(run, tuple([value for value, _ in cut.reads]), sum([each.nbytes for each in made]))


def destinations(plan: Plan, inside: Mapping[int, int]) -> dict[int, int]:
    """For values that end up as an output, or are overwritten on the way there, which output it is.

    Nothing is overwritten from outside of a region to its inside: blocks read what they have not come to.
    """
    found: dict[int, int] = {}
    for slot, output in enumerate(plan.outputs):
        step = plan.steps[output]
        if step.operation != "output" or step.parameters[0] != OWNED or not step.shape:
            continue
        current: int | None = step.operands[0]
        while current is not None and plan.steps[current].operation in _MADE_IN_PLACE:
            found[current] = slot
            below = _overwritten(plan, current, found)
            current = below if current not in inside and below not in inside else None
    return found


def _overwritten(plan: Plan, number: int, found: dict[int, int]) -> int | None:
    """An operand of a step in whose memory the step can write its result."""
    step = plan.steps[number]
    if step.operation not in _IN_PLACE or (step.operation == "power" and step.parameters in (3.0, -3.0)):
        return None
    candidates = step.operands
    if step.operation == "assemble":
        candidates = step.operands[: int(step.parameters[0] == tuple(range(len(step.shape))))]
    for operand in candidates:
        own = plan.steps[operand]
        others = [base_of(plan, each) for each in step.operands if each != operand]
        if (
            own.operation in _MADE_IN_PLACE
            and own.shape == step.shape
            and operand in plan.dies[number]
            and operand not in found
            and operand not in others
        ):
            return operand
    return None


def _slot(writer: Writer, number: int) -> Slot:
    views = tuple(writer.slot_views[number])
    pages = writer.slot_zeroed.get(number)
    return Slot(writer.slot_shapes[number], writer.dtype, views, pages is not None, pages or 0)


def _text(writer: Writer, slots: dict[int, Slot]) -> str:
    """The source: a function of the frame's views that gives the function of the inputs."""
    lines = []
    for k, slot in slots.items():
        lines += _opened(writer, k, slot)
    lines += writer.lines
    results = [_returned(writer, k, slots.get(k)) for k in range(len(writer.plan.outputs))]
    lines.append(f"return [{', '.join(results)}]")
    inputs = [f"a{k}" for k in range(len(writer.plan.inputs))]
    inputs += [f"f{k}" for k in range(len(writer.plan.functions))]
    outputs = [f"p{k}=None" for k in range(len(writer.plan.outputs))]
    body = "\n".join([f"        {line}" for line in lines])
    views = ", ".join(writer.views.names.values())
    read = "".join([f"    # a{k} is {name}\n" for k, name in enumerate(writer.plan.inputs)])
    read += "".join([f"    # f{k} is {name}\n" for k, name in enumerate(writer.plan.functions)])
    return (
        f"def prepared({views}):\n{read}    def run({', '.join(inputs + outputs)}):\n{body}\n    return run\n"
    )


def _opened(writer: Writer, number: int, slot: Slot) -> list[str]:
    """The lines that get the memory of an output and its views: from a pool, or the allocator's if small."""
    views = writer.slot_views[number]
    if slot.pooled:
        names = ", ".join([f"o{number}", *views.values()])
        return [f"{names}, = take{number}() if p{number} is None else given{number}(p{number})"]
    made = f"{'zeros' if slot.zeroed else 'empty'}({slot.shape}, dtype)"
    given = f"cleared(p{number})" if slot.zeroed else f"p{number}"
    lines = [f"o{number} = {made} if p{number} is None else {given}"]
    for layout, name in views.items():
        size = slot.dtype.itemsize
        steps = tuple([step * size for step in layout.strides])
        lines.append(f"{name} = ndarray({layout.shape}, dtype, o{number}, {layout.start * size}, {steps})")
    return lines


def _cleared(memory: Array) -> Array:
    memory.fill(0)
    return memory


def _returned(writer: Writer, number: int, slot: Slot | None) -> str:
    value = writer.results[number]
    if slot is not None and value.base is not None and value.base.kind == "slot":
        return f"{value.name}.view()" if slot.pooled else value.name
    if value.scalar:
        return f"float64({value.name})"
    return value.name if value.shape else f"{value.name}[()]"
