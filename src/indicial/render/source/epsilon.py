"""The Levi-Civita symbol as an array: +1 at the even permutations, −1 at the odd ones."""

from __future__ import annotations

import itertools

from indicial.render.source.library import Library


def _is_even(permutation: tuple[int, ...]) -> bool:
    return sum(a > b for a, b in itertools.combinations(permutation, 2)) % 2 == 0


def levi_civita(rank: int, name: str, zeros: str, library: Library) -> list[str]:
    """The statements that make the symbol of a rank of `zeros`."""
    permutations = list(itertools.permutations(range(rank)))
    lines = [f"{name} = {zeros}"]
    for sign, even in (("1", True), ("-1", False)):
        chosen = [each for each in permutations if _is_even(each) is even]
        axes = [str([each[axis] for each in chosen]) for axis in range(rank)]
        if library.updates:
            place = ", ".join([f"{library.prefix}.array({axis})" for axis in axes])
            lines.append(f"{name} = {name}.at[{place}].set({sign})")
        else:
            lines.append(f"{name}[{', '.join(axes)}] = {sign}")
    return lines
