"""What stands below, above and beside a name: subscripts, brackets, primes, and what is no power."""

from __future__ import annotations

import re
from dataclasses import dataclass

from indicial.errors import NotationError, Span
from indicial.syntax.latex.cursor import Cursor, copied
from indicial.syntax.latex.names import Lowered, Name, begins_name, read_lowered, read_name
from indicial.syntax.latex.origin import Piece, Rope, beginning, written
from indicial.syntax.latex.tokens import Token
from indicial.syntax.latex.vocabulary import ACCENTS, BOLD, MATRICES, STYLES, TRANSPOSES
from indicial.syntax.names import subscripts
from indicial.syntax.place import shortened
from indicial.syntax.refusals import inverted, transposed

_LABEL = re.compile(r"\^\{ *[(\[] *(\w+) *[)\]] *\}")
_WHOLE = re.compile(r"[-−]?[0-9]+")


@dataclass(slots=True)
class Scripted:
    """A name while what stands below and above it is read.

    text    the name, with what becomes part of it: labels, figures and primes
    place   where it stands, its scripts included
    raised  the exponent
    """

    name: Name
    text: str
    place: Span
    below: Lowered | None
    raised: Rope = ()


def pass_space(cursor: Cursor) -> None:
    """Pass the space between a name and its script."""
    if cursor.token.kind in ("SPACE", "GLUE") and cursor.behind_blank(lines=False).kind in ("_", "^"):
        cursor.blank(lines=False)


# --- below --------------------------------------------------------------------------------------------


def read_below(cursor: Cursor, found: Scripted, placed: frozenset[str]) -> bool:
    """Whether subscripts, a label or a bracket stood below the name, and were read."""
    if found.below is not None:
        return False
    if cursor.token.kind in ("_", "SMALL"):
        lowered = _lowered(cursor)
        label = lowered.label or figure_of(cursor, found.name, lowered, placed)
        found.text, found.below = found.text + label, None if label else lowered
    elif _opens_bracket(cursor):
        lowered = found.below = read_bracketed(cursor)
    else:
        return False
    found.place = found.place.to(lowered.place)
    return True


def _lowered(cursor: Cursor) -> Lowered:
    if cursor.token.kind == "_":
        return read_lowered(cursor)
    token = cursor.advance()
    letters = tuple([index.name for index in subscripts(token.text, 0)])
    return Lowered(copied(token), token.text, token.place, letters)


def _opens_bracket(cursor: Cursor) -> bool:
    """Whether [ stands directly behind a name."""
    token = cursor.token
    if token.kind != "OPEN" or token.sized or token.text != "[":
        return False
    return cursor.at > 0 and cursor.tokens[cursor.at - 1].place.end == token.place.start


def read_bracketed(cursor: Cursor) -> Lowered:
    """[i+k, t[b]] behind a name, as the language has it."""
    start, depth, parts = cursor.at, 0, list[Rope]()
    while cursor.token.kind not in ("END", "NEWLINE", "BREAK", "MATHS"):
        depth += {"[": 1, "]": -1}.get(cursor.token.text, 0)
        token = cursor.advance()
        name = _letter(cursor, token)
        parts.append(copied(token, name))
        if depth == 0:
            break
    text = written(parts)
    plain = re.fullmatch(r"\[[\s\w,'’′″‴]*\]", text) is not None
    letters = tuple([index.name for index in subscripts(text, 0)]) if plain else ()
    place = cursor.tokens[start].place.to(cursor.tokens[cursor.at - 1].place)
    return Lowered(parts, text[1:-1], place, letters)


def _letter(cursor: Cursor, token: Token) -> str:
    if token.kind != "COMMAND":
        return token.text
    cursor.at -= 1
    if not begins_name(cursor):
        raise cursor.refusal(token)
    return read_name(cursor).text


def figure_of(cursor: Cursor, name: Name, lowered: Lowered, placed: frozenset[str]) -> str:
    """The figure of c_1, which becomes part of the name, c1, where no letter stands below that name."""
    figure = lowered.text.strip()
    accented = any(style in ACCENTS for style in name.styles)
    if not figure.isdecimal() or name.text[-1:].isdecimal():
        return ""
    if any(name.text == each or (accented and name.text.startswith(each)) for each in placed):
        return ""
    written = re.escape(cursor.text[name.place.start : name.place.end])
    if re.search(rf"{written}\s*\^\s*\{{\s*[(\[]\s*{figure}\s*[)\]]", cursor.text):
        raise cursor.error(
            NotationError(
                f"{figure} stands below a name here and as a label above one elsewhere, "
                "and both would be part of the name",
                span=lowered.place,
                hint=f"write the name of the one otherwise: {name.text}s{figure}",
            )
        )
    return figure


# --- primes -------------------------------------------------------------------------------------------


def read_prime(cursor: Cursor, found: Scripted) -> bool:
    """Whether a prime stood there and was read: x'_i is a name of its own, x_{i}' has the index of x_i'.

    x' alone, and phi'(x), are left to the grammar.
    """
    if cursor.token.kind != "PRIME":
        return False
    below = found.below
    if below is None and cursor.tokens[cursor.at + 1].kind == "_":
        found.text += "prime" * len(cursor.advance().text)
        return True
    if below is not None and len(below.letters) == 1 and below.text == below.letters[0]:
        prime = cursor.advance()
        letter, place = below.letters[0] + prime.text, below.place.to(prime.place)
        found.below = Lowered(Piece(f"_{{{letter}}}", place), letter, place, (letter,))
        return True
    return False


def read_primes(cursor: Cursor) -> str:
    r"""^\prime and ^{\prime\prime} before a subscript: part of the name."""
    at = cursor.at + 1
    braced = cursor.tokens[at].kind == "{"
    first = at = at + braced
    while cursor.tokens[at].text == r"\prime":
        at += 1
    if at == first or (braced and cursor.tokens[at].kind != "}"):
        return ""
    cursor.at = at + braced
    return "prime" * (at - first)


# --- above --------------------------------------------------------------------------------------------


def check_transpose(cursor: Cursor, mark: Token) -> None:
    r"""Refuse ^T, ^\top, ^{\mathsf{T}}."""
    ahead = cursor.tokens[cursor.at : cursor.at + 8]
    words = [token.text.lstrip("\\") for token in ahead if token.kind not in ("{", "SPACE")]
    while words and words[0] in STYLES:
        words = words[1:]
    if not words or (words[0] not in TRANSPOSES and not (ahead[0].kind == "WORD" and words[0][0] == "T")):
        return
    braced = ahead[0].kind == "{"
    if braced and words[1:2] not in (["}"], []):
        return
    place = next(token.place for token in ahead if token.text.lstrip("\\") == words[0])
    refusal = transposed(mark.place.to(place))
    refusal.hint = f"{refusal.hint}; {MATRICES}"
    raise cursor.error(refusal)


def label_of(cursor: Cursor, text: str, power: Rope, place: Span) -> str:
    """The label of z^{(1)} and z^{[1]}, which becomes part of the name: z1; empty for a power.

    A label that is no number, before subscripts, or behind a name that ends in a number, is refused.
    """
    label = _LABEL.fullmatch(beginning(power))
    if label is None:
        return ""
    if label[1].isdecimal() and not text[-1:].isdecimal():
        if re.search(rf"(?<![^\W_]){re.escape(text + label[1])}(?!\d)", cursor.text):
            raise cursor.error(
                NotationError(
                    f"{text}^{{({label[1]})}} is called {text}{label[1]}, a name that the text has already",
                    span=place,
                    hint=f"give one of the two another name: {text}l{label[1]}",
                )
            )
        return label[1]
    if label[1].isdecimal() or cursor.behind_blank(lines=False).kind == "_":
        name = f"{text}{'l' if label[1].isdecimal() else ''}{label[1]}"
        raise cursor.error(
            NotationError(
                f"{shortened(label[0][1:].strip('{} '))} above a name looks like a label, not like a power",
                span=place,
                hint=f"make it part of the name: {name}; a number behind a letter is, z^{{(1)}} as z1",
            )
        )
    return ""


def check_inverse(cursor: Cursor, tensors: frozenset[str], found: Scripted, power: Rope, place: Span) -> None:
    """Refuse F^{-1}_{ij}, F_{ij}^{-1} and F^{-1} of a tensor; x_i^{-1} is a reciprocal."""
    name, text, below = found.name, found.text, found.below
    exponent = beginning(power).strip("^{} ")
    if not _WHOLE.fullmatch(exponent) or exponent[0].isdecimal():
        return
    at, lowered = cursor.at, below
    if lowered is None and cursor.behind_blank(lines=False).kind == "_":
        cursor.blank(lines=False)
        lowered = read_lowered(cursor)
    end = cursor.tokens[cursor.at - 1].place
    cursor.at = at
    bold = any(style in BOLD for style in name.styles)
    letters = lowered.letters if lowered is not None else ()
    of_a_tensor = lowered is None and (bold or text in tensors)
    if len(letters) > 1 or (letters and below is None) or of_a_tensor:
        whole = name.place.to(end) if lowered is not None else name.place.to(place)
        raise cursor.error(inverted(text, letters, exponent, whole))
