r"""Functions and operators: \exp(x), \log p_i, \max_j(x_j), \operatorname{softmax}_j(x_j), \sin^2 x."""

from __future__ import annotations

from indicial.errors import NotationError, Span
from indicial.ir.traversal import Stackless
from indicial.syntax.latex.names import Lowered, read_lowered
from indicial.syntax.latex.origin import Piece, Rope, beginning, written
from indicial.syntax.latex.reading import Reading, State
from indicial.syntax.latex.tokens import Token
from indicial.syntax.latex.vocabulary import CALLS, SUMS
from indicial.syntax.names import OPERATORS

_ENDS = frozenset(
    {
        "PLUS", "RELATION", "EQUALS", ",", ";", ".", "*", "·", "⋅", "END", "CLOSE", "}", "&", "BREAK",
        "NEWLINE", "MATHS", "BAR",
    }
)  # fmt: skip


def read_call(reading: Reading, state: State, name: str, place: Span) -> Stackless[Rope]:
    """A function or operator, whose name has been read, with its scripts and its argument."""
    below, power = yield _scripts(reading, state, name, place)
    reading.blank(lines="NEWLINE" not in state.stops)
    if name == "log" and reading.token.text == r"\Gamma":
        reading.advance()
        name = "lgamma"
        reading.blank(lines="NEWLINE" not in state.stops)
    head: list[Rope] = [Piece(name, place, apart=True)]
    if below is not None:
        head.append(below.rope)
    letters = below.letters if below is not None and name in OPERATORS else ()
    token = reading.token
    argument: Rope
    if token.kind == "OPEN":
        opening = reading.advance()
        inside = state.within(letters)
        yield reading.sequence(inside)
        closing = reading.advance() if reading.token.kind == "CLOSE" else None
        argument = [Piece("(", opening.place), inside.out, _closing(opening, closing)]
    elif token.kind == "{":
        inner = yield reading.group(state.within(letters))
        argument = [Piece("(", token.place), inner, Piece(")", reading.tokens[reading.at - 1].place)]
    else:
        argument = yield _unbracketed(reading, state.within(letters, term=True), name, place)
    return [head, argument, power]


def read_polygamma(reading: Reading, state: State, place: Span) -> Stackless[Rope]:
    r"""\psi^{(n)}(x) as polygamma(n, x)."""
    power = yield reading.power(state)
    order = written(power).strip("^{}() ")
    inside = state.within()
    opening = reading.advance()
    yield reading.sequence(inside)
    closing = reading.advance() if reading.token.kind == "CLOSE" else None
    head = Piece(f"polygamma({order}, ", place.to(opening.place), apart=True)
    return [head, inside.out, _closing(opening, closing)]


def _closing(opening: Token, closing: Token | None) -> Piece:
    """) for a bracket that fits; what does not is left to the grammar to refuse."""
    if closing is None:
        return Piece("", opening.place)
    fits = opening.text + closing.text in ("()", "[]", "{}")
    return Piece(")" if fits else closing.text, closing.place)


def _scripts(
    reading: Reading, state: State, name: str, place: Span
) -> Stackless[tuple[Lowered | None, Rope]]:
    """The indices of an operator and the power of a function, in either order."""
    below: Lowered | None = None
    power: Rope = ()
    while True:
        ahead = reading.behind_blank(lines=False)
        if ahead.text == r"\limits" or (ahead.kind in ("_", "^") and reading.token != ahead):
            reading.blank(lines=False)
            if ahead.text == r"\limits":
                reading.advance()
        elif ahead.kind == "_" and below is None:
            below = read_lowered(reading)
            _check_below(reading, name, below)
        elif reading.token.kind in ("^", "RAISED") and not power:
            power = yield reading.power(state)
            if beginning(power).strip("^{} ") in ("-1", "⁻¹", "−1"):
                raise reading.error(
                    NotationError(
                        f"it is not clear whether this is the inverse of {name} or a reciprocal",
                        span=place,
                        hint=rf"write \arc{name} for the one, and a fraction for the other",
                    )
                )
        else:
            return below, power


def _check_below(reading: Reading, name: str, below: Lowered) -> None:
    if name in ("log", "exp") or (name in CALLS and name not in OPERATORS):
        raise reading.error(
            NotationError(
                f"{name} takes no subscript: it works component by component",
                span=below.place,
                hint=r"for another base write \frac{\log x}{\log 2}"
                if name == "log"
                else f"write {name}(x_i)",
            )
        )
    if below.conditional:
        raise reading.error(
            NotationError(
                f"{name} takes index letters and no condition",
                span=below.place,
                hint=f"write its letters alone, and where(…) inside: {name}_j(where(j < i, x_j, 0))",
            )
        )


def _argument_hint(reading: Reading, name: str) -> str:
    if name == "log" and reading.token.kind == "BAR":
        return "write logdet_ij(A_ij) for log |A| of a matrix, and \\log(\\lvert x \\rvert) of a number"
    return rf"write \{name}(x)"


def _unbracketed(reading: Reading, state: State, name: str, place: Span) -> Stackless[Rope]:
    r"""\log p_i, \log \frac{p_i}{q_i}: one operand, behind which the product must end.

    A sum reaches over the product that follows, and the function over the sum: \log \sum_i e^{x_i} w_i.
    """
    if reading.token.kind in _ENDS:
        raise reading.error(
            NotationError(
                f"{name} stands here without its argument", span=place, hint=_argument_hint(reading, name)
            )
        )
    if reading.token.text.lstrip("\\") in SUMS:
        summed = state.within(term=True)
        yield reading.sequence(summed)
        return [Piece("(", place), summed.out, Piece(")", place)]
    argument = yield reading.element(state)
    behind = reading.behind_blank(lines=False)
    command = behind.text[1:] if behind.kind == "COMMAND" else ""
    if behind.kind not in _ENDS and command not in {
        *CALLS,
        "sum",
        "prod",
        "cdot",
        "times",
        "right",
        "end",
        "qquad",
    }:
        raise reading.error(
            NotationError(
                f"it is not clear how far {name} reaches",
                span=place,
                hint=rf"put brackets around what it is applied to: \{name}(…)",
            )
        )
    return [Piece("(", place), argument, Piece(")", place)]
