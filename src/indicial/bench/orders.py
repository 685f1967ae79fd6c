"""What an order of contraction costs: operations, the largest intermediate, peak memory, bytes moved.

A step that contracts k arrays over a space of n index values takes n (k - 1) operations, and n more where
an index is summed: 2n for a matrix product, n for an elementwise one, as indicial's own plans count them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import prod

ITEM = 8  # bytes of a float64

Path = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Cost:
    """The cost of computing something once; `peak` and `moved` in bytes, inputs are not held.

    `largest` is the number of entries of the largest array that is made, results included.
    """

    flops: int
    largest: int
    peak: int
    moved: int


@dataclass(frozen=True, slots=True)
class Node:
    """A step of an order: which values it contracts (inputs first, then results), to what, at which cost."""

    operands: tuple[int, ...]
    result: str
    flops: int
    entries: int


def steps(inputs: Sequence[str], output: str, extents: Mapping[str, int], path: Path) -> list[Node]:
    """The steps of a path as opt_einsum has them: each takes the named positions and appends its result."""
    pending = list(enumerate(inputs))
    found: list[Node] = []
    for positions in path:
        chosen = [pending[k] for k in positions]
        pending = [each for k, each in enumerate(pending) if k not in positions]
        joint = _union([subscripts for _, subscripts in chosen])
        kept = set(output).union(*[subscripts for _, subscripts in pending])
        result = output if not pending else "".join([letter for letter in joint if letter in kept])
        space = prod([extents[letter] for letter in joint])
        work = space * (len(chosen) - 1 + (len(result) < len(joint)))
        entries = prod([extents[letter] for letter in result])
        found.append(Node(tuple([number for number, _ in chosen]), result, work, entries))
        pending.append((len(inputs) + len(found) - 1, result))
    return found


def _union(subscripts: Iterable[str]) -> str:
    return "".join(dict.fromkeys("".join(subscripts)))


def cost(inputs: Sequence[str], output: str, extents: Mapping[str, int], path: Path) -> Cost:
    """The cost of one contraction in the order of a path."""
    nodes = steps(inputs, output, extents, path)
    sizes = [prod([extents[letter] for letter in each]) for each in inputs] + [node.entries for node in nodes]
    held = peak = moved = 0
    for node in nodes:
        held += node.entries
        peak = max(peak, held)
        moved += node.entries + sum([sizes[operand] for operand in node.operands])
        held -= sum([sizes[operand] for operand in node.operands if operand >= len(inputs)])
    largest = max([node.entries for node in nodes], default=0)
    return Cost(sum([node.flops for node in nodes]), largest, peak * ITEM, moved * ITEM)


@dataclass(frozen=True, slots=True)
class Part:
    """A term of an output: the cost of its core, the entries of the core and of the result."""

    cost: Cost
    core: int
    result: int


def sum_of(outputs: Iterable[Sequence[Part]]) -> Cost:
    """The cost of all outputs, term by term: the first core is the result, or is written into it along the
    deltas; each other one is added to it."""
    flops = largest = peak = moved = held = 0
    for parts in outputs:
        for number, part in enumerate(parts):
            within = part.core < part.result
            held += part.result * ITEM if within and number == 0 else 0
            peak = max(peak, held + part.cost.peak)
            held += part.core * ITEM if number == 0 and not within else 0
            flops += part.cost.flops + (part.core if number else 0)
            moved += part.cost.moved + ((2 + (number > 0)) * part.core * ITEM if within or number else 0)
            largest = max(largest, part.cost.largest, part.result)
    return Cost(flops, largest, max(peak, held), moved)


def left_to_right(count: int) -> Path:
    """The first two, then each of the others in turn."""
    return tuple([(0, 1) if k == count else (0, k - 1) for k in range(count, 1, -1)]) or ((0,),)
