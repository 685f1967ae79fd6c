"""Letters for indices, and names for what has none: chosen so that a person could have chosen them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from indicial.ir.functions import FUNCTIONS
from indicial.ir.indices import Space
from indicial.ir.program import Program

_DENOMINATORS = "mnpqrstuvwxyzabcdefghijk"  # without o and l, which look like figures
_DUMMIES = "ijklmnpqrstuvwabcdefghxyz"
_NAMES = "stuvw"
_WORDS = frozenset({"delta", "eps", "epsilon", "ones", "pi", "dim", "D"})


def _numbered(stems: str, start: int = 1) -> Iterator[str]:
    """The stems, then the stems with a number: m, n, …, m1, n1, …"""
    yield from stems
    for number in itertools.count(start):
        for stem in stems:
            yield f"{stem}{number}"


def denominator_letters(count: int, taken: Collection[str]) -> tuple[str, ...]:
    """The first letters of m, n, p, q, … that are not taken."""
    free = (letter for letter in _numbered(_DENOMINATORS) if letter not in taken)
    return tuple(itertools.islice(free, count))


def axis_letters(count: int) -> tuple[str, ...]:
    """The first letters of i, j, k, …"""
    return tuple(itertools.islice(_numbered(_DUMMIES), count))


def invented_names(count: int, taken: Collection[str], stems: Sequence[str] = ()) -> tuple[str, ...]:
    """Names for shared subexpressions: their own stems where those are free; else s, t, u, v, w, s1, …"""
    names = itertools.chain(_NAMES, (f"s{number}" for number in itertools.count(1)))
    used = {*taken, *FUNCTIONS, *_WORDS}
    chosen: list[str] = []
    for position in range(count):
        stem = stems[position] if position < len(stems) else ""
        name = stem if stem and stem not in used else next(name for name in names if name not in used)
        used.add(name)
        chosen.append(name)
    return tuple(chosen)


class Letters:
    """The letters for summed indices: the space's own first, then ones that mean nothing else.

    `invented` holds the names of shared subexpressions, which are no letters either; a letter that is
    `reserved` for a space stands for no other.
    """

    def __init__(
        self,
        program: Program,
        invented: Collection[str] = (),
        reserved: Mapping[str, Space] = MappingProxyType({}),
    ) -> None:
        self.own, self.reserved = program.letters, reserved
        self.names = program.names.union(invented)

    def chooser(self, taken: Iterable[str]) -> Callable[[Space], str]:
        """A function that gives each index over a space a letter, none twice and none of those taken."""
        used = set(taken)

        def choose(space: Space) -> str:
            others = (letter for letter in _numbered(_DUMMIES) if letter not in self.names)
            wishes = itertools.chain(self.own.get(space, ()), others)
            letter = next(
                wish for wish in wishes if wish not in used and self.reserved.get(wish, space) == space
            )
            used.add(letter)
            return letter

        return choose


def derivative_name(output: str, variables: Iterable[str], taken: Collection[str]) -> str:
    """A name for the statement ∂output/∂variables: `dfdW`, with a digit where that is taken."""
    name = f"d{output}d" + "d".join(variables)
    while name in taken:
        name += "1"
    return name
