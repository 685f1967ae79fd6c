"""Who takes part: ways to find an order of contraction, and indicial's own plans.

An order is a path as opt_einsum has it. All of opt_einsum's and NumPy's orders are run by opt_einsum's
`contract_expression`, cotengra's by cotengra's, as their users would; indicial's plans run in its engine.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from math import prod
from typing import Any

import numpy as np
import opt_einsum

from indicial import __version__
from indicial.bench.orders import Path, left_to_right

Search = Callable[[Sequence[str], str, Mapping[str, int], int], Any]

_REPEATS = 128  # of random searches, as in opt_einsum's random-greedy-128
_TRIALS = 32  # of cotengra's hyper-optimizer


@dataclass(frozen=True, slots=True)
class Contestant:
    """A name, what it is, how it searches (None: an engine of its own), what runs its orders."""

    name: str
    title: str
    search: Search | None
    executor: str
    package: str

    @property
    def version(self) -> str | None:
        """The version of the package that it needs; None where that is absent."""
        if self.package == "indicial":
            return __version__
        try:
            return version(self.package)
        except PackageNotFoundError:
            return None


def find(
    contestant: Contestant, inputs: Sequence[str], output: str, extents: Mapping[str, int], seed: int
) -> Path:
    """The order that a contestant finds for one term; random searches start from the seed."""
    if len(inputs) == 1:
        return ((0,),)
    assert contestant.search is not None
    random.seed(seed)
    np.random.seed(seed)
    found = contestant.search(inputs, output, extents, seed)
    return tuple([tuple(sorted(int(k) for k in step)) for step in found])


def _written(inputs: Sequence[str], output: str, _extents: Mapping[str, int], _seed: int) -> Path:
    del output
    return left_to_right(len(inputs))


def _by_opt_einsum(
    optimizer: str, inputs: Sequence[str], output: str, extents: Mapping[str, int], _seed: int
) -> Any:
    shapes = [tuple([extents[letter] for letter in each]) for each in inputs]
    equation = f"{','.join(inputs)}->{output}"
    path, _ = opt_einsum.contract_path(equation, *shapes, shapes=True, optimize=optimizer)
    return path


def _by_numpy(
    optimizer: str, inputs: Sequence[str], output: str, extents: Mapping[str, int], _seed: int
) -> Any:
    arrays = [np.broadcast_to(0.0, [extents[letter] for letter in each]) for each in inputs]
    path, _ = np.einsum_path(f"{','.join(inputs)}->{output}", *arrays, optimize=optimizer)
    return path[1:]


def _by_cotengra(kind: str, inputs: Sequence[str], output: str, extents: Mapping[str, int], seed: int) -> Any:
    import cotengra

    problem = ([tuple(each) for each in inputs], tuple(output), dict(extents))
    if kind == "greedy":
        return cotengra.array_contract_path(*problem, optimize="greedy", cache=False)
    if kind == "random-greedy":
        return cotengra.RandomGreedyOptimizer(max_repeats=_REPEATS, seed=seed, parallel=False)(*problem)
    if kind == "subtree":
        tree = cotengra.array_contract_tree(*problem, optimize="greedy")
        tree.subtree_reconfigure_(seed=seed)
        return tree.get_path()
    search = cotengra.HyperOptimizer(
        methods=["greedy", "labels"],
        max_repeats=_TRIALS,
        parallel=False,
        optlib="random",
        optlib_opts={"seed": seed},
        progbar=False,
        on_trial_error="raise",
    )
    return search.search(*problem).get_path()


def _opt_einsum(name: str, title: str) -> Contestant:
    return Contestant(name, title, partial(_by_opt_einsum, name), "opt_einsum", "opt_einsum")


def _cotengra(kind: str, title: str) -> Contestant:
    return Contestant(f"cotengra-{kind}", title, partial(_by_cotengra, kind), "cotengra", "cotengra")


INDICIAL = "indicial"
TERM_BY_TERM = "indicial-terms"
REFERENCE = "auto"

CONTESTANTS: tuple[Contestant, ...] = (
    Contestant(INDICIAL, "indicial's joint plan of all terms and outputs", None, "indicial", "indicial"),
    Contestant(TERM_BY_TERM, "indicial's plans of each term, added up", None, "indicial", "indicial"),
    Contestant("left-to-right", "the operands as they are written", _written, "opt_einsum", "opt_einsum"),
    _opt_einsum("optimal", "every order is tried"),
    _opt_einsum("branch-2", "the two best pairs at each step"),
    _opt_einsum("greedy", "the best pair at each step"),
    _opt_einsum("random-greedy-128", "the best of 128 perturbed greedy orders"),
    _opt_einsum("dp", "dynamic programming over connected subsets"),
    _opt_einsum("auto", "by the number of operands, for quick searches"),
    _opt_einsum("auto-hq", "by the number of operands, for thorough ones"),
    Contestant(
        "numpy-optimal", "numpy.einsum_path, with its limit on memory", partial(_by_numpy, "optimal"),
        "opt_einsum", "numpy",
    ),
    _cotengra("greedy", "cotengra's greedy order"),
    _cotengra("random-greedy", "the best of 128 perturbed greedy orders"),
    _cotengra("subtree", "cotengra's greedy order with its subtrees reconfigured optimally"),
    _cotengra("hyper", "the best of 32 trees, by partitioning and by greedy orders of sampled parameters"),
)  # fmt: skip
BY_NAME: Mapping[str, Contestant] = {each.name: each for each in CONTESTANTS}


def entries(subscripts: str, extents: Mapping[str, int]) -> int:
    """The number of entries of an array with these indices."""
    return prod([extents[letter] for letter in subscripts])
