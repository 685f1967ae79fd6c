"""The regions of a plan that are worth it, each as a plan of its own for blocks of so many rows.

Where the other axes are short, the rows are the last axis inside of blocks: a step that repeats a short
axis, or sums over one, then runs along the rows instead of in many short loops.

    (x_nd − c_kd)² summed over d        rows first: N·D loops over k        rows last: D·K loops over n
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod

from indicial.planning.costs import passes
from indicial.planning.regions import ELEMENTWISE, REDUCING, Region, grown, written
from indicial.planning.steps import OWNED, Builder, Plan, Shape, Step

_LARGE = 1 << 16  # entries of a value from which its steps are blocked, …
_SHORT = 1 << 12  # … and from which they may be for the sake of short axes
_STEPS = 3  # passes of a region over its values
_PIECES = 2  # blocks
_BLOCK = 1 << 14  # entries of the widest value of a block
_LONG = 1 << 16  # the same with the rows behind the other axes
_FEWEST = 64  # rows of a block that stand behind
_LOOP = 100  # entries that are computed while one loop starts
_COPY = 6  # entries that are computed while one is copied to where its row stands behind the other axes
_WORTH = 1 << 16  # entries that a region with its rows behind saves at least


def regions(plan: Plan) -> list[Region]:
    """The regions of a plan that are worth it, in order; none overlap."""
    found: list[Region] = []
    number = 0
    while number < len(plan.steps):
        region = _from(plan, number)
        if region is not None:
            found.append(region)
            number = region.stop
        number += 1
    return found


def _from(plan: Plan, number: int) -> Region | None:
    """The region from a step on, if it is worth it: for what stays in cache, or for longer loops."""
    region = grown(plan, number, _LARGE)
    if region is not None and _is_worth_it(plan, region) and _has_pieces(plan, region):
        return region
    region = grown(plan, number, _SHORT)
    if region is not None and _is_worth_it(plan, region) and rows_behind(plan, region):
        return region
    return None


def _has_pieces(plan: Plan, region: Region) -> bool:
    """Whether it has several blocks, or runs otherwise inside of one."""
    return rows_behind(plan, region) or block_of(plan, region) * _PIECES <= region.extent


def _is_worth_it(plan: Plan, region: Region) -> bool:
    computing = sum([passes(plan.steps[n]) for n in region.inside])
    straight = all(region.rows[n] == 0 for n in written(plan, region) if n in region.rows)
    shared = region.sliced.keys() & region.whole.keys()
    return computing >= _STEPS and straight and not shared


def block_of(plan: Plan, region: Region) -> int:
    """How many rows a block has."""
    inner = _inner(plan, region)
    if rows_behind(plan, region):
        return max(min(_LONG // inner, region.extent), 1)
    return max(_BLOCK // inner, 1)


def _inner(plan: Plan, region: Region) -> int:
    """The entries of the widest value beside a row."""
    return max(max([prod(plan.steps[number].shape) for number in region.rows]) // region.extent, 1)


# --- where the rows stand -----------------------------------------------------------------------------


def rows_behind(plan: Plan, region: Region) -> bool:
    """Whether blocks have their rows as the last axis: what short loops cost, against copies."""
    if any(not _can_turn(plan.steps[number]) for number in region.rows):
        return False
    inner = _inner(plan, region)
    if inner * _FEWEST > _LONG or region.extent < _FEWEST:
        return False
    first = sum([_loops(plan, region, number) for number in region.inside])
    last = sum([prod(plan.steps[number].shape) for number in region.rows]) // region.extent
    last *= -(-region.extent * inner // _LONG)
    moved = [number for number in written(plan, region) if number in region.rows]
    moved += list(region.sliced)
    copied = sum([prod(plan.steps[number].shape) for number in moved if len(plan.steps[number].shape) > 1])
    return (first - last) * _LOOP - copied * _COPY > _WORTH


def _can_turn(step: Step) -> bool:
    """Whether a step along the rows can have them behind its other axes: of products a dot product."""
    return step.operation != "matmul" or not (step.parameters[1] or step.parameters[3])


def _loops(plan: Plan, region: Region, number: int) -> int:
    """How many loops a step with its rows in front takes."""
    step = plan.steps[number]
    shapes = [plan.steps[operand].shape for operand in step.operands]
    entries = prod(step.shape)
    if step.operation in ELEMENTWISE:
        wide = [shape for shape in shapes if shape]
        return entries // max(_run(step.shape, wide), 1)
    if step.operation in REDUCING:
        (shape,) = shapes
        kept = [k not in step.parameters for k in range(len(shape))]
        return prod(shape) // max(_tail(shape, kept), 1)
    if step.operation == "operator":
        return region.extent * passes(step)
    return region.extent if step.operation == "matmul" else 0


def _run(shape: Shape, operands: Sequence[Shape]) -> int:
    """The entries of one loop: trailing axes along which each operand goes on, or each stands still."""
    return _tail(shape, [tuple([own[k] == n for own in operands]) for k, n in enumerate(shape)])


def _tail(shape: Shape, kinds: Sequence[object]) -> int:
    """The product of the trailing axes that are of the kind of the last one."""
    count = 1
    for n, kind in zip(reversed(shape), reversed(kinds), strict=True):
        if kind != kinds[-1]:
            break
        count *= n
    return count


# --- the plan of a block ------------------------------------------------------------------------------


def block_plan(plan: Plan, region: Region, rows: int) -> tuple[Plan, tuple[int, ...]]:
    """The region as a plan for blocks of so many rows, and the outside operands that are its inputs."""
    return _Cut(plan, region, rows).made()


class _Cut:
    """The steps of a region written for a block, its rows where they are or behind the other axes."""

    def __init__(self, plan: Plan, region: Region, rows: int) -> None:
        self.plan, self.region, self.rows = plan, region, rows
        self.behind = rows_behind(plan, region)
        self.builder = Builder()
        self.names: dict[int, int] = {}
        self.inputs: dict[int, None] = {}

    def made(self) -> tuple[Plan, tuple[int, ...]]:
        """The plan and its inputs."""
        for operand in _outside(self.plan, self.region):
            self.names[operand] = self._input(operand)
        for number in self.region.inside:
            self.names[number] = self._step(number, self.plan.steps[number])
        made = self.builder.finish([self._output(number) for number in written(self.plan, self.region)])
        order_of = {f"v{operand}": operand for operand in self.inputs}
        return made, tuple([order_of[name] for name in made.inputs])

    def _row_axis(self, number: int) -> int | None:
        """The axis of a value that is cut."""
        return self.region.rows.get(number, self.region.sliced.get(number))

    def _order(self, number: int) -> tuple[int, ...]:
        """The axes of a value as they stand in a block."""
        rank, axis = len(self.plan.steps[number].shape), self._row_axis(number)
        if axis is None or not self.behind:
            return tuple(range(rank))
        return (*[k for k in range(rank) if k != axis], axis)

    def _shape(self, number: int) -> Shape:
        """The shape of a value in a block, its axes as in the plan."""
        axis = self._row_axis(number)
        return tuple([self.rows if k == axis else n for k, n in enumerate(self.plan.steps[number].shape)])

    def _turned(self, value: int, order: Sequence[int]) -> int:
        """A view with the axes in another order."""
        if tuple(order) == tuple(range(len(order))):
            return value
        shape = self.builder.shape(value)
        return self.builder.emit("transpose", (value,), tuple(order), tuple([shape[k] for k in order]))

    def _plain(self, number: int) -> int:
        """A value of the region with its axes as in the plan: a view."""
        order = self._order(number)
        return self._turned(self.names[number], [order.index(k) for k in range(len(order))])

    def _input(self, operand: int) -> int:
        """What is outside; a cut one is copied to where its rows stand behind."""
        step = self.plan.steps[operand]
        if step.operation == "number":
            return self.builder.emit("number", (), step.parameters, ())
        self.inputs[operand] = None
        value = self.builder.emit("input", (), f"v{operand}", self._shape(operand))
        turned = self._turned(value, self._order(operand))
        if turned == value:
            return value
        return self.builder.emit("unfold", (turned,), (), self.builder.shape(turned))

    def _step(self, number: int, step: Step) -> int:
        order = self._order(number)
        shape = tuple([self._shape(number)[k] for k in order])
        parameters = step.parameters
        if not self.behind:
            operands = [self.names[operand] for operand in step.operands]
        elif step.operation in ELEMENTWISE:
            operands = [self._beside(operand, order) for operand in step.operands]
        elif step.operation in REDUCING or step.operation in ("transpose", "expand"):
            operands = [self.names[step.operands[0]]]
            parameters = self._moved(step, self._order(step.operands[0]), order)
        elif step.operation == "matmul" and number in self.region.rows:
            return self._dots(step, shape)
        else:
            plain = [self._plain(operand) for operand in step.operands]
            return self._turned(
                self.builder.emit(step.operation, plain, parameters, self._shape(number)), order
            )
        return self.builder.emit(step.operation, operands, parameters, shape)

    def _beside(self, operand: int, order: tuple[int, ...]) -> int:
        """An operand of an elementwise step, whose axes stand in an order."""
        if operand in self.region.rows or operand in self.region.sliced or not self.plan.steps[operand].shape:
            return self.names[operand]
        return self._turned(self.names[operand], order)

    def _moved(self, step: Step, before: tuple[int, ...], order: tuple[int, ...]) -> tuple[object, ...]:
        """The parameters of a step for axes that stand elsewhere."""
        if step.operation == "transpose":
            return tuple([before.index(step.parameters[axis]) for axis in order])
        if step.operation == "expand":
            return tuple([step.parameters[axis] for axis in order])
        return tuple(sorted([before.index(axis) for axis in step.parameters]))

    def _dots(self, step: Step, shape: Shape) -> int:
        """Dot products along the rows, as a product and a sum over the other axes."""
        batch = step.parameters[0]
        left, right = [self.names[operand] for operand in step.operands]
        product = self.builder.emit("multiply", (left, right), (), self.builder.shape(left))
        before = self._order(step.operands[0])
        away = tuple(sorted([before.index(axis) for axis in range(batch, len(before))]))
        return self.builder.emit("sum", (product,), away, shape)

    def _output(self, number: int) -> int:
        shape = self._shape(number)
        if self.behind and self._order(number) != tuple(range(len(shape))):
            return self.builder.emit("output", (self._plain(number),), ("copied", number), shape)
        return self.builder.emit(
            "output", (self.names[number],), (OWNED, tuple(range(len(shape))), number), shape
        )


def _outside(plan: Plan, region: Region) -> Iterator[int]:
    """The values that a region reads."""
    inside = set(region.inside)
    seen: set[int] = set()
    for number in region.inside:
        for operand in plan.steps[number].operands:
            if operand not in inside and operand not in seen:
                seen.add(operand)
                yield operand
