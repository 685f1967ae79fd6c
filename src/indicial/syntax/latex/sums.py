r"""\sum and \prod with what stands below and above them."""

from __future__ import annotations

from indicial.errors import NotationError, Span
from indicial.ir.traversal import Stackless
from indicial.syntax.latex.limits import Limits, Surroundings, counted_from, read_limits
from indicial.syntax.latex.names import read_bound, read_lowered
from indicial.syntax.latex.origin import Piece, Rope
from indicial.syntax.latex.reading import Reading, State
from indicial.syntax.latex.vocabulary import SUMS
from indicial.syntax.names import subscripts


def read_sum(reading: Reading, state: State) -> Stackless[Rope]:
    r"""A sign, which reaches over the product that follows: ∑_j, and ∑_{i j} [i < j] for \sum_{i<j}."""
    head = reading.advance()
    sign = SUMS[head.text.lstrip("\\")]
    limits, place = _limits(reading, head.place, state.reach)
    summed = tuple(
        [
            letter
            for letter in limits.letters
            if limits.bounded or not limits.conditions or letter not in state.reach
        ]
    )
    if not summed:
        condition = limits.conditions[0] if limits.conditions else ""
        raise reading.error(
            NotationError(
                "every letter of this condition is bound already, so that nothing is summed",
                span=place,
                hint=f"write [{condition}] as a factor" if sign == "∑" else f"write where({condition}, …, 1)",
            )
            if limits.conditions
            else _unbounded(place)
        )
    for letter, extent in limits.extents:
        declare_extent(reading, letter, extent, place)
    for index in limits.compared:
        reading.compared.setdefault(index, (limits.letters[0], place))
    words = any(len(letter.rstrip("'0123456789")) > 1 for letter in summed)
    below = f"[{', '.join(summed)}]" if words else f"_{{{' '.join(summed)}}}"
    state.reach = state.reach.union(summed)
    signed = Piece(f"{sign}{below} ", place, apart=True)
    if sign == "∏" and limits.conditions:
        body = yield _masked(reading, state, limits, place)
        return [signed, body]
    return [signed, Piece("".join([f"[{condition}] " for condition in limits.conditions]), place)]


def _masked(reading: Reading, state: State, limits: Limits, place: Span) -> Stackless[Rope]:
    """The factor of a product, 1 where a condition does not hold."""
    term = state.within(term=True)
    yield reading.sequence(term)
    heads = "".join([f"where({condition}, " for condition in limits.conditions])
    return [Piece(heads, place), term.out, Piece(", 1)" * len(limits.conditions), place)]


def _unbounded(place: Span) -> NotationError:
    return NotationError(
        "a sum or product sign does not say over which index", span=place, hint=r"write \sum_j x_j"
    )


def _limits(reading: Reading, place: Span, bound: frozenset[str]) -> tuple[Limits, Span]:
    lower: tuple[str, tuple[str, ...]] | None = None
    upper: str | None = None
    while True:
        ahead = reading.behind_blank(lines=False)
        if ahead.text in (r"\limits", r"\nolimits"):
            reading.blank(lines=False)
            reading.advance()
        elif ahead.kind == "_" and lower is None:
            reading.blank(lines=False)
            below = read_lowered(reading)
            letters = (below.label,) if below.label else below.letters
            lower, place = (below.text, letters), place.to(below.place)
        elif ahead.kind == "SMALL" and lower is None:
            small = reading.advance()
            names = [index.name for index in subscripts(small.text, 0)]
            lower, place = (" ".join(names), tuple(names)), place.to(small.place)
        elif ahead.kind == "^" and upper is None:
            reading.blank(lines=False)
            upper, above = read_bound(reading)
            place = place.to(above)
        else:
            break
    if lower is None or not lower[0].strip():
        raise reading.error(_unbounded(place))
    text, letters = lower
    if letters and upper is None:
        return Limits(tuple(dict.fromkeys(letters))), place
    try:
        around = Surroundings(reading.indices.__contains__, bound, counted_from(reading.text))
        return read_limits(text, upper, place, around), place
    except NotationError as refusal:
        raise reading.error(refusal) from None


def declare_extent(reading: Reading, letter: str, extent: str, place: Span) -> None:
    """A bound declares the extent of its index, once."""
    known = reading.extents.setdefault(letter, (extent, place))[0]
    if known != extent:
        raise reading.error(
            NotationError(
                f"'{letter}' runs to {known} elsewhere, and to {extent} here",
                span=place,
                hint="a letter has one extent: use another letter here",
            )
        )
