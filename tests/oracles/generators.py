"""Random programs in index notation, with arrays on which they are smooth."""

import random
from dataclasses import dataclass, replace

import numpy as np

from oracles.making import POSITIVE, SMALL, SPREAD, STATEMENTS, Maker
from oracles.trees import EXTENT, Statement, leaves_of, relettered, shuffled, written

NOT_HOLOMORPHIC = ["relu(", "abs(", "sign(", "step(", "gamma(", "max(", "min(", "atan2(", "where(", "["]
NOT_HOLOMORPHIC += ["max_", "min_", "logdet_"]


@dataclass(frozen=True)
class RandomProgram:
    """A program's statements, the arrays of its inputs, and the names that it may be differentiated by."""

    seed: int
    statements: tuple[Statement, ...]
    arrays: dict
    wrt: tuple[str, ...]

    @property
    def text(self):
        """The program as it was made."""
        return written(self.statements)

    @property
    def holomorphic(self):
        """Whether a complex step may be taken."""
        return not any(name in self.text for name in NOT_HOLOMORPHIC)

    def rewritten(self, seed):
        """The same program with its factors, terms and statements in another order."""
        rng = random.Random(seed)
        *others, last = [replace(s, body=shuffled(s.body, rng)) for s in self.statements]
        return written((*rng.sample(others, len(others)), last))

    def relettered(self, seed):
        """The same program with other letters for what is summed."""
        rng = random.Random(seed)
        return written([relettered(statement, rng) for statement in self.statements])


def array_of(generator, extents, kind):
    """Random entries of a kind."""
    if kind == SMALL:
        return generator.uniform(-0.3, 0.3, extents)
    if kind == SPREAD:
        steps = 0.15 * generator.permutation(np.arange(1.0, 1.0 + np.prod(extents, dtype=int)))
        return steps.reshape(extents)
    size = generator.uniform(0.5, 1.5, extents)
    return size if kind == POSITIVE else size * generator.choice([-1.0, 1.0], extents)


def random_program(seed):
    """The program of a seed: one to three statements, with arrays for its inputs; every fifth is deep."""
    rng = random.Random(seed)
    depth = 3 if seed % 5 == 4 else 2
    maker = Maker(rng)
    statements = []
    count = rng.choice([1, 2, 2, 3])
    for position in range(count):
        free = rng.sample(
            sorted(EXTENT), rng.choice([0, 1, 1, 2, 2] if position < count - 1 else [0, 0, 1, 2])
        )
        statement = maker.statement(STATEMENTS[position], free, depth)
        statements.append(statement)
        maker.made[statement.name] = tuple([EXTENT[letter] for letter in free])
        maker.sized += [
            one.name for one in leaves_of(statement.body) if one.letters and one.name in maker.tensors
        ]
    names = list(dict.fromkeys(leaf.name for s in statements for leaf in leaves_of(s.body)))
    generator = np.random.default_rng(seed)
    arrays = {name: array_of(generator, *maker.tensors[name]) for name in names if name in maker.tensors}
    wrt = tuple([name for name in names if name in arrays or name in maker.made])
    return RandomProgram(seed, tuple(statements), arrays, wrt)
