r"""\frac{a}{b} as (a)/(b), \sqrt[3]{a} as a power, and \frac{\partial f}{\partial x_i} as D(f, x_i)."""

from __future__ import annotations

from dataclasses import dataclass

from indicial.errors import NotationError, ParseError, Span
from indicial.ir.traversal import Stackless
from indicial.syntax.latex.names import begins_name, read_name
from indicial.syntax.latex.origin import Bundle, Piece, Rope, beginning
from indicial.syntax.latex.reading import Atom, Reading, State
from indicial.syntax.latex.tokens import Token
from indicial.syntax.latex.vocabulary import PARTIALS

_SMALL_FIGURES = "₀₁₂₃₄₅₆₇₈₉"
_AS = r"write \frac{\partial f}{\partial x_i}, or D(f, x_i)"


@dataclass(frozen=True, slots=True)
class Partial(Bundle):
    """∂numerator/∂denominators: `rope` is D(…), `target` the name and indices of it as a result."""

    rope: Rope
    name: str
    letters: tuple[str, ...]
    place: Span


def read_fraction(reading: Reading, state: State) -> Stackless[Rope]:
    r"""\frac{a}{b}"""
    head = reading.advance()
    reading.blank()
    if reading.token.kind == "{" and _begins_partial(reading, reading.at + 1):
        partial: Rope = yield _partial_fraction(reading, state, head)
        return partial
    above = yield reading.argument(state)
    below = yield reading.argument(state)
    rope: Rope = [
        Piece("(", head.place, apart=True),
        above,
        Piece(")/(", head.place),
        below,
        Piece(")", head.place),
    ]
    behind = reading.behind_blank(lines=False)
    if state.before in ("/", "^") or behind.kind in ("^", "RAISED"):
        return [Piece("(", head.place, apart=True), rope, Piece(")", head.place)]
    return rope


def read_root(reading: Reading, state: State) -> Stackless[Rope]:
    r"""\sqrt{a}, \sqrt[n]{a}"""
    head = reading.advance()
    reading.blank()
    if not (reading.token.kind == "OPEN" and reading.token.text == "[" and not reading.token.sized):
        argument = yield reading.argument(state)
        return [Piece("sqrt(", head.place, apart=True), argument, Piece(")", head.place)]
    opening = reading.advance()
    order = state.within()
    yield reading.sequence(order)
    if reading.token.text != "]":
        raise reading.error(
            ParseError("this bracket is never closed", span=opening.place, hint="write ] where it ends")
        )
    reading.advance()
    argument = yield reading.argument(state)
    exponent: Rope = [Piece(")^(1/(", head.place), order.out, Piece(")))", head.place)]
    return [Piece("((", head.place, apart=True), argument, exponent]


# --- derivatives ----------------------------------------------------------------------------------------


def _begins_partial(reading: Reading, at: int) -> bool:
    r"""Whether \partial is to be read at a place, or an upright d before a name."""
    while reading.tokens[at].kind in ("SPACE", "NEWLINE"):
        at += 1
    words = [token.text for token in reading.tokens[at : at + 4]]
    return words[0] in PARTIALS or (words[0] in (r"\mathrm", r"\text") and words[1:] == ["{", "d", "}"])


def _pass_partial(reading: Reading) -> Token:
    reading.blank()
    mark = reading.advance()
    if mark.text not in PARTIALS:
        reading.at += 3  # {d}
    return mark


def _order(reading: Reading) -> int:
    r"""The order of \partial^2, \partial^{2}; 0 where there is none."""
    reading.blank()
    if reading.token.kind != "^":
        return 0
    mark = reading.advance()
    braced = reading.token.kind == "{"
    if braced:
        reading.advance()
    figure = reading.advance()
    if braced:
        reading.close(mark.place)
    if figure.kind != "NUMBER" or not figure.text.isdecimal() or not 1 <= len(figure.text) <= 2:
        raise reading.error(
            NotationError("the order of a derivative is a number", span=figure.place, hint=_AS)
        )
    return int(figure.text)


def _partial_fraction(reading: Reading, state: State, head: Token) -> Stackless[Rope]:
    r"""\frac{\partial^2 f}{\partial x_i \partial x_j}, or \frac{\partial}{\partial x_i} before more."""
    opening = reading.advance().place
    _pass_partial(reading)
    order = _order(reading)
    reading.blank()
    above = state.within()
    yield reading.sequence(above)
    reading.close(opening)
    reading.blank()
    if reading.token.kind != "{":
        raise reading.error(
            ParseError("the denominator of the derivative is missing", span=head.place, hint=_AS)
        )
    opening = reading.advance().place
    below = yield _denominators(reading, state, order)
    end = reading.close(opening)
    argument: list[Rope] = above.out
    if not beginning(argument).strip():
        reading.blank()
        operand = yield reading.element(state.within())
        argument = [operand]
    return _derivative(reading, argument, below, order, head.place.to(end))


def _denominators(reading: Reading, state: State, order: int, lines: bool = True) -> Stackless[list[Atom]]:
    r"""\partial x_i \partial x_j, \partial x^2; over several lines only within braces."""
    found: list[Atom] = []
    reading.blank()
    while _begins_partial(reading, reading.at) and (lines or reading.token.kind != "NEWLINE"):
        mark = _pass_partial(reading)
        reading.blank()
        if not begins_name(reading):
            raise reading.error(NotationError("a derivative is taken by a tensor", span=mark.place, hint=_AS))
        name = read_name(reading)
        atom = yield reading.atom(state, name)
        times = beginning(atom.power).strip("^{} ")
        repeated = int(times) if order > 1 and times.isdecimal() and len(times) <= 2 else 1
        found += [atom] * repeated
        reading.blank(lines=lines)
        if not found or (reading.token.kind == "/" and order):
            break
    if not found:
        raise reading.error(
            NotationError("a derivative is taken by a tensor", span=reading.token.place, hint=_AS)
        )
    return found


def _derivative(
    reading: Reading, argument: list[Rope], below: list[Atom], order: int, place: Span
) -> Partial:
    if order not in (0, len(below)):
        raise reading.error(
            NotationError(
                f"a derivative of order {order} by {len(below)} variable{'s' * (len(below) > 1)}",
                span=place,
                hint=r"name each: \frac{\partial^2 f}{\partial x_i \partial x_j}",
            )
        )
    rope: list[Rope] = [Piece("D(" * len(below), place, apart=True), argument]
    for variable in below:
        rope += [Piece(", ", place), variable.base, Piece(")", variable.place)]
    plain = [each for each in argument if not (isinstance(each, Piece) and not each.text.strip())]
    whole = plain[0] if len(plain) == 1 and isinstance(plain[0], Atom) and not plain[0].power else None
    if whole is None:
        return Partial(rope, "", (), place)
    name = f"d{whole.name}d" + "d".join([variable.name for variable in below])
    letters = whole.letters + tuple([letter for variable in below for letter in variable.letters])
    return Partial(rope, name, letters, place)


def _numbered(reading: Reading, mark: Token) -> Piece | None:
    r"""∂₁ and \partial_1, which the grammar reads."""
    figures = reading.tokens[reading.at : reading.at + 4]
    if figures[0].kind == "OTHER" and figures[0].text in _SMALL_FIGURES:
        return Piece("∂", mark.place)
    braced = [token.kind for token in figures] == ["_", "{", "NUMBER", "}"]
    if not braced and [token.kind for token in figures[:2]] != ["_", "NUMBER"]:
        return None
    number = figures[2 if braced else 1]
    reading.at += 4 if braced else 2
    reading.blank(lines=False)
    small = "".join([_SMALL_FIGURES[int(figure)] for figure in number.text if figure.isdecimal()])
    return Piece(f"∂{small}", mark.place.to(number.place))


def read_partial(reading: Reading, state: State) -> Stackless[Rope]:
    r"""\partial f_i / \partial W_{mn}; \partial_1 g is a derivative of a declared function."""
    mark = _pass_partial(reading)
    numbered = _numbered(reading, mark)
    if numbered is not None:
        return numbered
    order = _order(reading)
    refusal = reading.error(
        NotationError("this derivative does not say of what by what", span=mark.place, hint=_AS)
    )
    if reading.token.kind in ("_", "/"):
        raise refusal
    argument = yield reading.element(state.within())
    slash = reading.behind_blank(lines=False)
    if slash.kind != "/":
        raise refusal
    reading.blank()
    reading.advance()
    reading.blank()
    opening = reading.advance() if reading.token.text == "(" else None
    if not _begins_partial(reading, reading.at):
        raise refusal
    below = yield _denominators(reading, state, order if opening or order else 0, lines=opening is not None)
    if opening is not None and reading.token.text == ")":
        reading.advance()
    elif opening is None and len(below) > max(1, order):
        raise refusal
    return _derivative(reading, [argument], below, order, mark.place.to(reading.tokens[reading.at - 1].place))
