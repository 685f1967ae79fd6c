"""A place in the tokens, and what it takes to move on from there."""

from __future__ import annotations

from dataclasses import replace

from indicial.errors import IndicialError, NotationError, ParseError, Span
from indicial.syntax.latex.origin import Piece
from indicial.syntax.latex.tokens import END, Token, tokens
from indicial.syntax.latex.vocabulary import REFUSED, SIGNS, nearest

BLANK = frozenset({"SPACE", "GLUE", "COMMENT", "NEWLINE"})


class Cursor:
    """The tokens of a text and where the reader is in them."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokens(text)
        self.at = 0

    @property
    def token(self) -> Token:
        """The token to be read."""
        return self.tokens[self.at]

    @property
    def command(self) -> str:
        r"""The name of the command to be read: frac for \frac; empty where there is none."""
        return self.token.text[1:] if self.token.kind == "COMMAND" else ""

    def advance(self) -> Token:
        """Read a token; the one at the end is never passed."""
        token = self.token
        if token.kind != END:
            self.at += 1
        return token

    def blank(self, *, lines: bool = True) -> None:
        """Pass white space, line breaks as well unless told otherwise."""
        while self.token.kind in BLANK and (lines or self.token.kind != "NEWLINE"):
            self.at += 1

    def behind_blank(self, *, lines: bool = True) -> Token:
        """The next token that is not white space."""
        at = self.at
        while self.tokens[at].kind in BLANK and (lines or self.tokens[at].kind != "NEWLINE"):
            at += 1
        return self.tokens[at]

    def split(self) -> None:
        r"""Cut the first character off the word or number to be read: \frac12 is \frac{1}{2}."""
        token = self.token
        if token.kind in ("WORD", "NUMBER") and len(token.text) > 1:
            middle = token.place.start + 1
            rest = token.text[1:]
            kind = "NUMBER" if rest.isdecimal() else "WORD" if rest[0].isalpha() else "OTHER"
            self.tokens[self.at : self.at + 1] = [
                replace(token, text=token.text[0], place=Span(token.place.start, middle)),
                Token(kind, rest, Span(middle, token.place.end)),
            ]

    def close(self, opening: Span) -> Span:
        """Read the brace that closes a group."""
        if self.token.kind != "}":
            raise self.error(
                ParseError("this brace is never closed", span=opening, hint="write } where it ends")
            )
        return self.advance().place

    def error(self, error: IndicialError) -> IndicialError:
        """An error about this text."""
        error.source = self.text
        return error

    def refusal(self, token: Token) -> IndicialError:
        """The refusal of a command."""
        word = token.text[1:]
        if word in REFUSED:
            reason, hint = REFUSED[word]
            return self.error(NotationError(reason, span=token.place, hint=hint))
        shown = token.text if len(token.text) <= 40 else token.text[:39] + "…"
        if word in SIGNS:
            return self.error(
                ParseError(
                    f"{shown} stands where a number, a tensor or a bracket is expected",
                    span=token.place,
                    hint=f"it is read as {SIGNS[word]}; another quantity needs another name",
                )
            )
        if not word.isalpha():
            return self.error(
                ParseError(f"{shown} is not read", span=token.place, hint="take it out, or its backslash")
            )
        return self.error(
            ParseError(f"the LaTeX command {shown} is not known", span=token.place, hint=nearest(word))
        )


def copied(token: Token, text: str | None = None, *, apart: bool = False) -> Piece:
    """A piece for a token, as it is written or as another text."""
    return Piece(token.text if text is None else text, token.place, apart)
