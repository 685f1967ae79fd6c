"""What is printed reads back as the same numbers: random raw expressions, printed, read and evaluated."""

import random
from fractions import Fraction

import numpy as np
import pytest

from indicial.ir.indices import Index, Space, formals, fresh
from indicial.ir.nodes import (
    Access,
    Add,
    Call,
    Compare,
    Definition,
    Delta,
    Epsilon,
    IndexProd,
    IndexSum,
    Mul,
    Node,
    Number,
    Position,
    Power,
)  # fmt: skip
from indicial.ir.program import Program
from indicial.ir.reference import evaluate_definition, extents_of
from indicial.ir.traversal import named
from indicial.render import text
from indicial.semantics.resolve import read

SPACE = Space("i", -1)
RANKS = {"s": 0, "t": 0, "a": 1, "b": 1, "A": 2, "B": 2, "K": 3}
EXPONENTS = [Fraction(2), Fraction(3), Fraction(-1), Fraction(-2), Fraction(1, 2), Fraction(1, 3)]


def leaf(random_: random.Random, indices: list[Index]) -> Node:
    if not indices:
        return random_.choice([Access("s", ()), Access("t", ()), Number(Fraction(random_.randint(1, 3), 2))])
    kind = random_.random()
    if kind < 0.1:
        return Delta(random_.choice(indices), random_.choice(indices))
    if kind < 0.15:
        letters = (random_.choice(indices), random_.choice(indices))
        return Epsilon(letters) if letters[0] != letters[1] else Delta(*letters)  # ε_ii is refused
    name = random_.choice(list(RANKS))
    return Access(name, tuple(random_.choice(indices) for _ in range(RANKS[name])))


def expression(random_: random.Random, indices: list[Index], depth: int) -> Node:
    """A random expression over some indices; nothing in it is in canonical form."""
    if depth == 0:
        return leaf(random_, indices)

    def below(more: tuple[Index, ...] = ()) -> Node:
        return expression(random_, [*indices, *more], depth - 1)

    kind = random_.randrange(12)
    new = tuple(fresh(SPACE) for _ in range(random_.randint(1, 2)))
    match kind:
        case 0 | 1 | 2:
            return Mul(tuple(below() for _ in range(random_.randint(1, 3))))
        case 3 | 4:
            return Add(tuple(below() for _ in range(random_.randint(1, 3))))
        case 5 | 6 | 7:
            return IndexSum(new, below(new))
        case 8:
            return IndexProd(new[:1], below(new[:1]))
        case 9:
            return Power(below(), Number(random_.choice(EXPONENTS)))
        case 10:
            return Call("tanh", (below(),))
    if len(indices) > 1 and random_.random() < 0.5:
        return Mul((Compare("<=", Position(indices[0]), Position(indices[-1])), below()))
    return Compare("<", below(), below())


@pytest.mark.parametrize("seed", range(250))
def test_printed_programs_have_the_same_numbers(seed: int) -> None:
    random_ = random.Random(seed)
    indices = formals((SPACE,) * random_.randint(0, 2))
    body = expression(random_, list(indices), random_.randint(1, 5))
    if seed % 3 == 0:
        body = Mul((body, named(Add((leaf(random_, list(indices)), Access("s", ()))))))
    definition = Definition("f", indices, body)
    program = Program(
        inputs={name: (SPACE,) * rank for name, rank in RANKS.items()},
        statements={"f": definition},
        outputs=("f",),
        axes={"f": ("i", "m")[: len(indices)]},
        letters={SPACE: ("i", "j", "m")},
        declared={SPACE: 2},
    )
    again = read(text.program_text(program))
    generator = np.random.default_rng(seed)
    arrays = {name: generator.uniform(0.5, 1.5, (2,) * rank) for name, rank in RANKS.items()}
    extents = dict.fromkeys(again.letters, 2) | extents_of(again, arrays)
    with np.errstate(all="ignore"):
        expected = evaluate_definition(definition, arrays, {SPACE: 2})
        found = evaluate_definition(again.statements["f"], arrays, extents)
    usable = np.isfinite(expected)  # 0 · ∞ depends on the order of factors
    np.testing.assert_allclose(found[usable], expected[usable], rtol=1e-9)


@pytest.mark.parametrize("seed", range(100))
def test_what_was_read_prints_as_it_was(seed: int) -> None:
    random_ = random.Random(seed)
    body = IndexSum((index := fresh(SPACE),), Mul((leaf(random_, [index]), leaf(random_, [index]))))
    program = Program(
        inputs={name: (SPACE,) * rank for name, rank in RANKS.items()},
        statements={"f": Definition("f", (), body)},
        outputs=("f",),
        axes={"f": ()},
        letters={SPACE: ("i", "j")},
        declared={SPACE: 2},
    )
    printed = text.program_text(program)
    assert text.program_text(read(printed)) == printed
