"""Random programs in index notation, with arrays on which they are smooth."""

import random
from dataclasses import dataclass, field, replace

import numpy as np

from indicial.syntax.names import normal
from oracles.callables import ARGUMENTS, NUMPY
from oracles.leaves import POSITIVE, SMALL, SPREAD, Positions
from oracles.making import STATEMENTS, Maker
from oracles.trees import (
    EXTENT,
    Place,
    Statement,
    functions_of,
    leaves_of,
    mapped,
    relettered,
    shuffled,
    written,
)

NOT_HOLOMORPHIC = ["relu(", "abs(", "sign(", "step(", "gamma(", "max(", "min(", "atan2(", "where(", "["]
NOT_HOLOMORPHIC += ["max_", "min_", "logdet_"]


@dataclass(frozen=True)
class RandomProgram:
    """A program's statements, the arrays of its inputs, and the names that it may be differentiated by.

    Where subscripts are computed, a line declares what each letter ranges over; `lowest` are the smallest
    values of letters, by their extent, where they are not 0, and `lines` declare functions.
    """

    seed: int
    statements: tuple[Statement, ...]
    arrays: dict
    wrt: tuple[str, ...]
    computed: bool = False
    lines: tuple[str, ...] = ()
    lowest: dict[int, int] = field(default_factory=dict)

    def around(self, statements):
        """A program of such statements."""
        letters = declarations(statements, self.lowest) if self.computed else ()
        return "\n".join([*letters, *self.lines, written(statements)])

    @property
    def text(self):
        """The program as it was made."""
        return self.around(self.statements)

    @property
    def holomorphic(self):
        """Whether a complex step may be taken."""
        return not any(name in self.text for name in NOT_HOLOMORPHIC)

    def rewritten(self, seed):
        """The same program with its factors, terms and statements in another order."""
        rng = random.Random(seed)
        *others, last = [replace(s, body=shuffled(s.body, rng)) for s in self.statements]
        return self.around((*rng.sample(others, len(others)), last))

    def relettered(self, seed):
        """The same program with other letters for what is summed."""
        rng = random.Random(seed)
        return self.around([relettered(statement, rng) for statement in self.statements])


def array_of(generator, extents, kind):
    """Random entries of a kind."""
    if kind == SMALL:
        return generator.uniform(-0.3, 0.3, extents)
    if isinstance(kind, Positions):
        return generator.integers(0, kind.count, extents)
    if kind == SPREAD:
        steps = 0.15 * generator.permutation(np.arange(1.0, 1.0 + np.prod(extents, dtype=int)))
        return steps.reshape(extents)
    size = generator.uniform(0.5, 1.5, extents)
    return size if kind == POSITIVE else size * generator.choice([-1.0, 1.0], extents)


def declarations(statements, lowest):
    """An `index` line for every letter, and one for the functions."""
    letters = set()

    def note(node):
        letters.update([node.letter] if isinstance(node, Place) else getattr(node, "letters", ()))
        return node

    for statement in statements:
        letters.update(statement.letters)
        mapped(statement.body, note)
    lines = []
    for letter in EXTENT:
        low, extent = lowest.get(EXTENT[letter], 0), EXTENT[letter]
        lines.append(f"index {letter}: {f'{low}..{low + extent - 1}' if low else extent}")
    return tuple([line for letter, line in zip(EXTENT, lines, strict=True) if letter in letters])


def declared_functions(statements):
    """A line for the declared functions that statements use, and callables for them."""
    used = {name for statement in statements for name in functions_of(statement.body)} & ARGUMENTS.keys()
    names = [text for name, text in ARGUMENTS.items() if name in used]
    given = {key: each for key, each in NUMPY.items() if any(normal(name) in key for name in used)}
    return ((f"function {', '.join(names)}",) if names else ()), given


def random_program(seed):
    """The program of a seed: one to three statements, with arrays for its inputs; every fifth is deep.

    Every other one has computed subscripts and declared functions.
    """
    rng = random.Random(seed)
    depth = 3 if seed % 5 == 4 else 2
    maker = Maker(rng)
    if seed % 2:
        maker.computed = True
        maker.lowest = {extent: rng.choice([0, 0, 0, -1, 1]) for extent in (2, 3, 4)}
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
    wrt = tuple([n for n in names if n in maker.made or (n in arrays and arrays[n].dtype == float)])
    functions, callables = declared_functions(statements)
    arrays |= callables
    return RandomProgram(seed, tuple(statements), arrays, wrt, maker.computed, functions, maker.lowest)
