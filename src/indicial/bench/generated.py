"""Instances that are generated rather than written down: random networks, lattices, chains of matrices."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

import opt_einsum

from indicial.bench.instances import SIZES, Instance, Term

_NETWORKS: Sequence[tuple[int, int, int]] = ((12, 3, 1), (40, 3, 2), (300, 3, 3))  # tensors, degree, seed
_TREES: Sequence[tuple[int, int]] = ((50, 4), (400, 5))  # tensors, seed


def generated() -> list[Instance]:
    """All generated instances; each is the same from run to run."""
    networks = [random_network(count, degree, seed) for count, degree, seed in _NETWORKS]
    trees = [random_tree(count, seed) for count, seed in _TREES]
    return [*networks, *trees, lattice(4, 4), lattice(3, 40), chain(20, 6), chain(100, 7)]


def network(
    name: str,
    title: str,
    tensors: Sequence[Sequence[int]],
    bond: Mapping[str, int],
    output: Sequence[int] = (),
) -> Instance:
    """One contraction of tensors whose axes are bonds by number; all bonds have one extent a size."""
    inputs = ["".join([opt_einsum.get_symbol(axis) for axis in axes]) for axes in tensors]
    names = [f"T{k}" for k in range(len(tensors))]
    term = Term(tuple(inputs), "".join([opt_einsum.get_symbol(axis) for axis in output]), tuple(names))
    return Instance(
        name=name,
        title=title,
        tensors={each: ("d",) * len(axes) for each, axes in zip(names, tensors, strict=True)},
        outputs={"result": (term,)},
        sizes={size: {"d": bond[size]} for size in SIZES},
        source="generated",
    )


def random_network(count: int, degree: int, seed: int) -> Instance:
    """A random graph of a mean degree, its edges indices: connected, and without double edges."""
    rng = random.Random(seed)
    edges = {(rng.randrange(k), k) for k in range(1, count)}
    while len(edges) < count * degree // 2:
        a, b = sorted(rng.sample(range(count), 2))
        edges.add((a, b))
    tensors = _axes(count, sorted(edges))
    bond = {"smoke": 2, "quick": 2, "full": 2 if count > 15 else 4}
    title = f"a random network of {count} tensors with {degree} bonds each on average"
    return network(f"random-{count}", title, tensors, bond)


def random_tree(count: int, seed: int) -> Instance:
    """A random tree whose branches are short: every order that follows it is cheap."""
    rng = random.Random(seed)
    edges = [(rng.randrange(max(0, k - 3), k), k) for k in range(1, count)]
    tensors = _axes(count, edges)
    bond = {"smoke": 2, "quick": 8, "full": 16}
    return network(f"tree-{count}", f"a random tree of {count} tensors", tensors, bond)


def lattice(rows: int, columns: int) -> Instance:
    """A rectangular lattice of tensors, each bound to its neighbours."""
    places = [(r, c) for r in range(rows) for c in range(columns)]
    number = {place: k for k, place in enumerate(places)}
    right = [(number[r, c], number[r, c + 1]) for r, c in places if c + 1 < columns]
    down = [(number[r, c], number[r + 1, c]) for r, c in places if r + 1 < rows]
    tensors = _axes(rows * columns, sorted(right + down))
    bond = {"smoke": 2, "quick": 2 if columns > 10 else 3, "full": 4}
    return network(f"lattice-{rows}x{columns}", f"a lattice of {rows} by {columns} tensors", tensors, bond)


def _axes(count: int, edges: Sequence[tuple[int, int]]) -> list[list[int]]:
    """The edges at each vertex, by number."""
    axes: list[list[int]] = [[] for _ in range(count)]
    for number, (a, b) in enumerate(edges):
        axes[a].append(number)
        axes[b].append(number)
    return axes


def chain(count: int, seed: int) -> Instance:
    """A product of matrices of mixed extents."""
    rng = random.Random(seed)
    extents = [rng.choice((2, 5, 10, 20, 40)) for _ in range(count + 1)]
    letters = [opt_einsum.get_symbol(k) for k in range(count + 1)]
    inputs = [letters[k] + letters[k + 1] for k in range(count)]
    names = [f"A{k}" for k in range(count)]
    factor = {"smoke": 1, "quick": 4, "full": 15}
    sizes = {size: {f"n{n}": n * factor[size] for n in sorted(set(extents))} for size in SIZES}
    return Instance(
        name=f"chain-{count}",
        title=f"a product of {count} matrices of mixed extents",
        tensors={name: (f"n{extents[k]}", f"n{extents[k + 1]}") for k, name in enumerate(names)},
        outputs={"result": (Term(tuple(inputs), letters[0] + letters[-1], tuple(names)),)},
        sizes=sizes,
        source="generated",
    )
