r"""Conditions: \mathbb{1}[x > 0], \mathbb{1}_{x > 0}, and \begin{cases}; \mathbf{1}_{ij} is all ones."""

from __future__ import annotations

from indicial.errors import NotationError, ParseError
from indicial.ir.traversal import Stackless
from indicial.syntax.latex.complements import check_last
from indicial.syntax.latex.cursor import BLANK, copied
from indicial.syntax.latex.names import Name, read_lowered, read_name
from indicial.syntax.latex.origin import Piece, Rope, extent, written
from indicial.syntax.latex.reading import Reading, State
from indicial.syntax.latex.vocabulary import SCRIPT, STYLES

_CELL = frozenset({"EQUALS", ",", "BREAK", "&"})


def begins_cases(reading: Reading) -> bool:
    r"""Whether \begin{cases} is to be read."""
    ahead = reading.tokens[reading.at : reading.at + 4]
    return [token.text for token in ahead] == [r"\begin", "{", "cases", "}"]


def begins_unit(reading: Reading) -> bool:
    r"""Whether \mathbf{1} or \mathbb{1}, or \mathbb{I} before a bracket, is to be read."""
    if reading.command not in STYLES or (reading.command not in SCRIPT and reading.command != "mathbf"):
        return False
    words = [token.text for token in reading.tokens[reading.at + 1 : reading.at + 5] if token.kind != "SPACE"]
    figure = words[1] if words[:1] == ["{"] else words[0] if words else ""
    return figure == "1" or (figure == "I" and reading.command in SCRIPT and "[" in words)


def read_unit(reading: Reading, state: State) -> Stackless[Rope]:
    r"""\mathbf{1}_{ij} is all ones, \mathbb{1}[x > 0] and \mathbb{1}_{x > 0} are conditions."""
    name = read_name(reading)
    reading.blank(lines=False)
    if reading.token.kind == "_":
        below = read_lowered(reading)
        if below.conditional:
            text = below.text.strip().strip("{}[]")
            return Piece(f"[{text}]", name.place.to(below.place), apart=True)
        return [Piece("ones", name.place, apart=True), below.rope]
    if reading.token.kind == "OPEN":
        opening = reading.advance()
        inner = state.within()
        yield reading.sequence(inner)
        closing = reading.advance()
        return [copied(opening, "[", apart=True), inner.out, copied(closing, "]")]
    raise reading.error(
        ParseError(
            "this 1 has neither indices nor a condition",
            span=name.place,
            hint=r"write \mathbf{1}_i for a vector of ones, \mathbb{1}[x > 0] for a condition",
        )
    )


def check_expectation(reading: Reading, name: Name) -> None:
    r"""Refuse \mathbb{E}_n[x_n], which no name is."""
    if name.text != "E" or not set(name.styles) & SCRIPT:
        return
    at, letters = reading.at, "n"
    if reading.token.kind == "_":
        letters = "".join(read_lowered(reading).letters) or letters
    applied = reading.token.kind == "OPEN"
    reading.at = at
    if applied:
        raise reading.error(
            NotationError(
                "an expectation is no sign here: there are arrays, and no distributions",
                span=name.place,
                hint=rf"write \operatorname{{mean}}_{letters}(…), the mean over the entries along {letters}",
            )
        )


_STOPS = ([".", "}"], [",", "}"], [";", "}"])  # behind the last word of \text{otherwise.}


def read_cases(reading: Reading, state: State) -> Stackless[Rope]:
    r"""\begin{cases} a & x > 0 \\ b & \text{otherwise} \end{cases} as where(x > 0, a, b)."""
    place = reading.token.place.to(reading.tokens[reading.at + 3].place)
    reading.at += 4
    rope: list[Rope] = []
    depth = 0
    conditions: list[str] = []
    while True:
        value, condition = yield _case(reading, state)
        reading.blank()
        if condition is None or (conditions and _ends(reading)):
            _check_last(reading, conditions, condition)
            rope.append(value)
            break
        conditions.append(written(condition).strip(" .,"))
        rope += [
            Piece("where(", place, apart=True),
            condition,
            Piece(", ", place),
            value,
            Piece(", ", place),
        ]
        depth += 1
        if reading.token.kind != "BREAK":
            raise reading.error(
                ParseError(
                    "the last case has to be the other one",
                    span=place,
                    hint=r"write b & \text{otherwise}",
                )
            )
        reading.advance()
    reading.blank()
    if reading.token.kind == "BREAK":
        reading.advance()
        reading.blank()
    if [token.text for token in reading.tokens[reading.at : reading.at + 4]] != [r"\end", "{", "cases", "}"]:
        raise reading.error(
            ParseError(
                "these cases do not end", span=place, hint=r"write \end{cases} behind \text{otherwise}"
            )
        )
    reading.at += 4
    return [*rope, Piece(")" * depth, place)]


def _ends(reading: Reading) -> bool:
    r"""Whether no further case follows; \\ may stand behind the last one."""
    at = reading.at + (reading.token.kind == "BREAK")
    while reading.tokens[at].kind in BLANK:
        at += 1
    return reading.token.kind != "BREAK" or reading.tokens[at].text == r"\end"


def _check_last(reading: Reading, before: list[str], condition: Rope | None) -> None:
    if condition is None:
        return
    place = extent(condition) or reading.token.place
    try:
        check_last(before, written(condition).strip(" .,"), place)
    except NotationError as refusal:
        raise reading.error(refusal) from None


def _case(reading: Reading, state: State) -> Stackless[tuple[Rope, Rope | None]]:
    """A value, and its condition where it is not the last."""
    value, condition = State(state.reach, stops=_CELL), State(state.reach, stops=_CELL)
    yield reading.sequence(value)
    _pass(reading, ",")
    if reading.token.kind != "&":
        return value.out, None
    reading.advance()
    reading.blank()
    _pass(reading, r"\text")
    _pass_stop(reading)
    yield reading.sequence(condition)
    while reading.token.kind == "EQUALS":
        equals = reading.advance()
        condition.out.append(copied(equals, "=="))
        condition.compares = True
        yield reading.sequence(condition)
    _pass(reading, ",")
    reading.blank()
    return value.out, condition.out if condition.compares else None


def _pass_stop(reading: Reading) -> None:
    r"""Pass the full stop of \text{otherwise.}"""
    at = reading.at + 1
    while reading.tokens[at].kind in ("{", "WORD", "SPACE"):
        at += 1
    if reading.token.kind == "COMMAND" and [each.kind for each in reading.tokens[at : at + 2]] in _STOPS:
        del reading.tokens[at]


def _pass(reading: Reading, text: str) -> None:
    r"""Pass a comma, or \text{if }."""
    if reading.token.text != text:
        return
    if text == ",":
        reading.advance()
        reading.blank()
        return
    words = [token.text for token in reading.tokens[reading.at : reading.at + 6] if token.kind != "SPACE"]
    if words[1:2] == ["{"] and words[2:3] in (["if"], ["for"], ["when"]):
        while reading.token.kind not in ("}", "END"):
            reading.advance()
        reading.advance()
