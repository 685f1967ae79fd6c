"""Products summed over indices: `@` along a chain of matrices and vectors, `einsum` for all else."""

from __future__ import annotations

import string
from collections import Counter
from collections.abc import Sequence

from indicial.errors import BackendError
from indicial.render.pieces import Slot
from indicial.render.source.code import Bond, Code, multiplied, permuted, union
from indicial.render.source.library import Library


def contracted(
    codes: Sequence[Code], dummies: Sequence[Slot], wish: Sequence[Slot], library: Library
) -> Code:
    """Σ over the dummies of a product; each of them is an axis of some factor."""
    codes = _merged(codes, wish, library)
    if len(codes) > 1:
        counts = Counter(slot for code in codes for slot in code.axes)
        private = [slot for slot in dummies if counts[slot] == 1]
        codes = [reduced("sum", code, [s for s in private if s in code.axes], library) for code in codes]
        dummies = [slot for slot in dummies if slot not in private]
    if len(codes) == 1:
        return reduced("sum", codes[0], dummies, library)
    return _chain(codes, dummies, wish, library) or einsum(codes, dummies, wish, library)


def reduced(operator: str, code: Code, slots: Sequence[Slot], library: Library) -> Code:
    """A reduction along some axes."""
    if not slots:
        return code
    left = tuple([slot for slot in code.axes if slot not in slots])
    diagonal = f"{library.prefix}.diagonal("
    if operator == "sum" and not left and code.text.startswith(diagonal) and code.text.endswith(")"):
        return Code(f"{library.prefix}.trace({code.text.removeprefix(diagonal)}")
    axis = _axis(code, slots, library) if left or operator == "cumsum" else ""
    return Code(library.filled(library.reduce[operator], [code.text], axis=axis, keep=""), left)


def _axis(code: Code, slots: Sequence[Slot], library: Library) -> str:
    places = sorted(code.axes.index(slot) for slot in slots)
    return f", {library.axis}={places[0] if len(places) == 1 else tuple(places)}"


def along(operator: str, code: Code, slots: Sequence[Slot], library: Library) -> Code:
    """An operator that keeps its axes."""
    axis = _axis(code, slots, library)
    text = library.filled(library.reduce[operator], [code.text], axis=axis, keep=f", {library.keep}=True")
    return Code(
        text, code.axes, Bond.SUM if operator == "log_softmax" and library.name != "jax" else Bond.ATOM
    )


def _merged(codes: Sequence[Code], wish: Sequence[Slot], library: Library) -> list[Code]:
    """Factors over the same indices as one, but for the two of a scalar product."""
    if len(codes) == 2 and all(len(code.axes) == 1 and not code.boolean for code in codes):
        return list(codes)
    groups: dict[frozenset[Slot], list[Code]] = {}
    for code in codes:
        groups.setdefault(frozenset(code.axes), []).append(code)
    return [multiplied(group, wish, library) for group in groups.values()]


# --- chains ---------------------------------------------------------------------------------------------


def _chain(
    codes: Sequence[Code], dummies: Sequence[Slot], wish: Sequence[Slot], library: Library
) -> Code | None:
    """The factors as a path from one free index, or from a vector, to the other."""
    counts = Counter(slot for code in codes for slot in code.axes)
    if any(len(code.axes) > 2 for code in codes) or any(
        counts[slot] != 1 + (slot in dummies) for slot in counts
    ):
        return None
    result = union([code.axes for code in codes], wish)
    free = [slot for slot in result if slot not in dummies]
    ends = [code for code in codes if len(code.axes) == 1 or any(slot in free for slot in code.axes)]
    paths = [path for end in ends if (path := _path(end, codes, free, library)) is not None]
    if len(free) == 2:
        paths = [path for path in paths if path[0].axes[0] is free[0]]
    if not paths:
        return None
    best = min(paths, key=lambda path: (len(path[0].axes) < len(path[-1].axes), *map(_turns, path)))
    return Code(_joined(best), tuple(free), Bond.MATMUL)


def _turns(code: Code) -> bool:
    return code.text.endswith(".T")


def _path(start: Code, codes: Sequence[Code], free: Sequence[Slot], library: Library) -> list[Code] | None:
    """All factors from `start` on, each turned so that neighbours meet at a dummy."""
    turned = len(start.axes) == 2 and start.axes[1] in free
    path = [permuted(start, [1, 0], library) if turned else start]
    used = {id(start)}
    while len(path) < len(codes):
        last = path[-1].axes[-1]
        following = next((code for code in codes if id(code) not in used and last in code.axes), None)
        if following is None:
            return None
        used.add(id(following))
        turn = len(following.axes) == 2 and following.axes[0] is not last
        path.append(permuted(following, [1, 0], library) if turn else following)
    return path


def _joined(path: Sequence[Code]) -> str:
    """a @ b @ c; towards a vector at the end brackets keep every step a matrix times a vector."""
    texts = [code.within(Bond.POWER) for code in path]
    if len(path) > 2 and len(path[-1].axes) == 1 and len(path[0].axes) == 2:
        text = f"{texts[-2]} @ {texts[-1]}"
        for before in reversed(texts[:-2]):
            text = f"{before} @ ({text})"
        return text
    return " @ ".join(texts)


# --- einsum ---------------------------------------------------------------------------------------------


def einsum(codes: Sequence[Code], dummies: Sequence[Slot], wish: Sequence[Slot], library: Library) -> Code:
    """einsum with the user's letters where they are single ones."""
    everything = union([code.axes for code in codes], wish)
    letters = letters_of(everything)
    result = tuple([slot for slot in everything if slot not in dummies])
    operands = ",".join(["".join([letters[slot] for slot in code.axes]) for code in codes])
    output = "".join([letters[slot] for slot in result])
    path = ", optimize=True" if len(codes) > 2 and library.name == "numpy" else ""
    texts = ", ".join([code.text for code in codes])
    return Code(f'{library.prefix}.einsum("{operands}->{output}", {texts}{path})', result)


def letters_of(slots: Sequence[Slot]) -> dict[Slot, str]:
    """A letter for each index: its own if that is a plain one that no other has."""
    found: dict[Slot, str] = {}
    for slot in slots:
        if len(found) == len(string.ascii_letters):
            raise BackendError(f"einsum has no letters for the {len(slots)} indices of one product")
        others = (letter for letter in string.ascii_letters if letter not in found.values())
        own = slot.letter if len(slot.letter) == 1 and slot.letter in string.ascii_letters else ""
        found[slot] = own if own and own not in found.values() else next(others)
    return found
