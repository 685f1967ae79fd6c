"""Products summed over indices: `@` along a chain of matrices and vectors, `einsum` for all else."""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Callable, Sequence

from indicial.errors import BackendError
from indicial.render.pieces import Slot
from indicial.render.source.code import Bond, Code, multiplied, permuted, union
from indicial.render.source.library import Library

_SHORT = 32  # the length from which on an operand of einsum has a name
_SQUARE = re.compile(r"([^\W\d]\w*)\*\*2")


def contracted(
    codes: Sequence[Code],
    dummies: Sequence[Slot],
    wish: Sequence[Slot],
    library: Library,
    named: Callable[[Code], Code],
) -> Code:
    """Σ over the dummies of a product, each an axis of some factor; `named` gives names to factors."""
    codes = _merged(codes, wish, library)
    if len(codes) > 1:
        counts = Counter(slot for code in codes for slot in code.axes)
        private = [slot for slot in dummies if counts[slot] == 1]
        codes = [reduced("sum", code, [s for s in private if s in code.axes], library) for code in codes]
        dummies = [slot for slot in dummies if slot not in private]
    if len(codes) == 1:
        return reduced("sum", codes[0], dummies, library)
    found = _chain(codes, dummies, wish, library) or _stacked(codes, dummies, wish)
    if found is None:
        weighted = _weighted(codes, dummies, wish, library)
        found = _chain(weighted, dummies, wish, library) if weighted else None
    if found is None:
        codes = [named(code) if len(code.text) > _SHORT else code for code in codes]
    return found or einsum(codes, dummies, wish, library)


def _weighted(
    codes: Sequence[Code], dummies: Sequence[Slot], wish: Sequence[Slot], library: Library
) -> list[Code] | None:
    """Vectors along summed indices put into a matrix that has the index: Σ_i X_im w_i X_in is Xᵀ (w X)."""
    result = list(codes)
    for vector in [code for code in codes if len(code.axes) == 1 and code.axes[0] in dummies]:
        holders = [code for code in result if len(code.axes) == 2 and vector.axes[0] in code.axes]
        if len(holders) != 2:
            return None
        place = result.index(holders[-1])
        result[place] = multiplied([vector, holders[-1]], wish, library)
        result.remove(vector)
    return result if len(result) < len(codes) else None


def _stacked(codes: Sequence[Code], dummies: Sequence[Slot], wish: Sequence[Slot]) -> Code | None:
    """T @ v and T @ M: the last axis of a stack of matrices meets the first of what follows."""
    if len(codes) != 2 or len(dummies) != 1:
        return None
    one, other = sorted(codes, key=lambda code: -len(code.axes))
    meets = one.axes[-1] in dummies and other.axes[0] in dummies
    result = (*one.axes[:-1], *other.axes[1:])
    wished = union([result], wish)
    if (
        len(one.axes) < 3
        or len(other.axes) > 2
        or not meets
        or len(set(result)) < len(result)
        or wished != result
    ):
        return None
    return Code(f"{one.within(Bond.POWER)} @ {other.within(Bond.POWER)}", result, Bond.MATMUL)


def reduced(operator: str, code: Code, slots: Sequence[Slot], library: Library) -> Code:
    """A reduction along some axes."""
    if not slots:
        return code
    left = tuple([slot for slot in code.axes if slot not in slots])
    diagonal = f"{library.prefix}.diagonal("
    if operator == "sum" and not left and code.text.startswith(diagonal) and code.text.endswith(")"):
        return Code(f"{library.prefix}.trace({code.text.removeprefix(diagonal)}")
    axis = _axis(code, slots, library) if left or operator == "cumsum" else ""
    text = library.filled(library.reduce[operator], [code.text], axis=axis, keep="")
    if operator != "sum":
        return Code(text, left)
    mean = library.filled(library.reduce["mean"], [code.text], axis=axis, keep="")
    square = _SQUARE.fullmatch(code.text)
    if square and len(code.axes) == 1:
        return Code(f"{square[1]} @ {square[1]}", bond=Bond.MATMUL, over=tuple(slots), averaged=mean)
    return Code(text, left, over=tuple(slots), averaged=mean)


def _axis(code: Code, slots: Sequence[Slot], library: Library) -> str:
    places = sorted(code.axes.index(slot) for slot in slots)
    return f", {library.axis}={places[0] if len(places) == 1 else tuple(places)}"


def along(operator: str, code: Code, slots: Sequence[Slot], library: Library) -> Code:
    """An operator that keeps its axes."""
    every = operator in ("top", "sum") and len(slots) == len(code.axes)
    axis, keep = ("", "") if every else (_axis(code, slots, library), f", {library.keep}=True")
    text = library.filled(library.reduce[operator], [code.text], axis=axis, keep=keep)
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
    large = len(codes) > 2 or (dummies and max([len(code.axes) for code in codes]) > 2)
    path = ", optimize=True" if large and len(codes) > 1 and library.name == "numpy" else ""
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
