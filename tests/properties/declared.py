"""Random programs over tensors with declared properties, and the same with indices exchanged."""

import random
from dataclasses import dataclass

import numpy as np
from oracles.structure import projected, sign_of

RANKS = {"S": 2, "T": 3, "N": 2, "D": 2, "A": 2, "p": 1, "x": 1}
KINDS = {"S": "symmetric", "T": "symmetric", "N": "antisymmetric", "D": "diagonal", "p": "positive"}
SHAPES = ["{}", "exp({} / 5)", "{}^2", "({} + 2)", "abs({})^3", "log(1 + {}^2)"]


@dataclass(frozen=True)
class Factor:
    """A tensor with its letters, within a function."""

    shape: str
    sign: int
    name: str
    letters: str

    @property
    def text(self):
        tensor = f"{'-' if self.sign < 0 else ''}{self.name}_{self.letters}"
        return self.shape.format(f"({tensor})" if self.sign < 0 else tensor)

    def exchanged(self, rng):
        """The same component with its letters in another order."""
        kind = KINDS.get(self.name)
        if kind not in ("symmetric", "antisymmetric"):
            return self
        order = rng.sample(range(len(self.letters)), len(self.letters))
        letters = "".join(self.letters[k] for k in order)
        sign = self.sign * (sign_of(order) if kind == "antisymmetric" else 1)
        return Factor(self.shape, sign, self.name, letters)


@dataclass(frozen=True)
class Declared:
    """A program of one statement: a sum of products of factors."""

    terms: tuple[tuple[Factor, ...], ...]

    @property
    def names(self):
        return sorted({factor.name for term in self.terms for factor in term})

    @property
    def text(self):
        letters = {letter for term in self.terms for factor in term for letter in factor.letters}
        summed = "".join(sorted(letters & set("ijk")))
        body = " + ".join(" ".join(factor.text for factor in term) for term in self.terms)
        body = f"sum_{summed}({body})" if summed else body
        left = "r_a" if "a" in letters else "r"
        lines = [f"tensor {n}_{'ijk'[: RANKS[n]]}: {KINDS[n]}" for n in self.names if n in KINDS]
        return "\n".join([*lines, f"{left} = {body}"])

    @property
    def undeclared(self):
        """The text without its declarations."""
        return self.text.splitlines()[-1]

    def exchanged(self, seed):
        """The same program with indices exchanged, factors and terms in another order."""
        rng = random.Random(seed)
        terms = [tuple(rng.sample([f.exchanged(rng) for f in t], len(t))) for t in self.terms]
        return Declared(tuple(rng.sample(terms, len(terms))))

    def arrays(self, seed):
        """Arrays that are what is declared of them."""
        generator = np.random.default_rng(seed)
        extent = 2 if "T" in self.names else 3
        made = {}
        for name in self.names:
            array = generator.uniform(0.5, 1.5, (extent,) * RANKS[name])
            if KINDS.get(name) != "positive":
                array = array * generator.choice([-1.0, 1.0], array.shape)
            plain = KINDS.get(name) in (None, "positive")
            made[name] = array if plain else projected(array, KINDS[name])
        return made


def declared_program(seed):
    """The program of a seed; at least one of its tensors has a declared symmetry."""
    rng = random.Random(seed)
    terms = []
    for _ in range(rng.choice([1, 2, 2, 3])):
        names = [rng.choice("STNDSTN"), *rng.choices(list(RANKS), k=rng.choice([1, 2, 2]))]
        letters = [[rng.choice("ijka") for _ in range(RANKS[name])] for name in names]
        shapes = [rng.choice(SHAPES) if rng.random() < 0.4 else "{}" for _ in names]
        parts = zip(shapes, names, letters, strict=True)
        terms.append(tuple(Factor(shape, 1, name, "".join(own)) for shape, name, own in parts))
    return Declared(tuple(terms))
