"""Where a program's text comes from: the command line itself, a file, or standard input."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import BinaryIO

from indicial.errors import IndicialError, ParseError
from indicial.syntax.einsum import is_einsum

_LONGEST = 1 << 24  # bytes of text; more is a mistake, or a stream without an end
_LIKE_A_PATH = re.compile(r"[^\s=]*(/|\\|\.[A-Za-z]+$)[^\s=]*")


def read_program(argument: str, *, paths_only: bool = True) -> str:
    """The program that PROGRAM names; a text with `=` in it is a program, never a file.

    `paths_only` where what looks like a path can be nothing else: in matrix notation x/y is a program.
    """
    if argument == "-":
        return _read_standard_input()
    if "=" in argument or "\n" in argument:
        return argument
    try:
        path = path_of(argument)
        if path.is_file():
            with path.open("rb") as file:
                return _decoded(file, argument)
    except OSError as error:
        raise IndicialError(f"{argument[:80]} cannot be read: {reason_of(error)}") from error
    if paths_only and _LIKE_A_PATH.fullmatch(argument) and not is_einsum(argument):
        raise IndicialError(
            f"there is no file {argument}",
            hint='a program is written in quotes, as in indicial derive "f_i = W_ij x_j" --wrt W',
        )
    return argument


def write_text(name: str, text: str) -> None:
    """Writes a file; raises IndicialError where the system refuses it."""
    try:
        path_of(name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise IndicialError(f"{name} cannot be written: {reason_of(error)}") from error


def decoded(word: str) -> str:
    """A word of the command line as UTF-8, where the locale had no letters for its bytes; else as it is."""
    try:
        return word.encode("utf-8", "surrogateescape").decode("utf-8")
    except UnicodeError:
        return word


def path_of(name: str) -> Path:
    """The path that a decoded word names, spelled so that the locale's encoding can hold it."""
    try:
        os.fsencode(name)
    except UnicodeEncodeError:
        return Path(os.fsdecode(name.encode("utf-8", "surrogateescape")))
    return Path(name)


def reason_of(error: Exception) -> str:
    """What the operating system says about a file, without the file's name; else the error's own words."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return str(error) or type(error).__name__


def _read_standard_input() -> str:
    if sys.stdin is None:  # it was closed before the command started
        raise IndicialError("standard input is closed")
    try:
        return _decoded(sys.stdin.buffer, "standard input")
    except OSError as error:
        raise IndicialError(f"standard input cannot be read: {reason_of(error)}") from error


def _decoded(stream: BinaryIO, name: str) -> str:
    data = stream.read(_LONGEST + 1)
    if len(data) > _LONGEST:
        raise ParseError(f"{name} holds more than {_LONGEST >> 20} MiB, which is no program")
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise ParseError(
            f"{name} is not UTF-8 text: byte {error.start} cannot be decoded", hint="save it as UTF-8"
        ) from error
