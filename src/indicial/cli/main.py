"""The entry point: parse the words, run the command, report errors, return the exit status."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence

from indicial import __version__
from indicial.cli import commands
from indicial.cli.colour import error_label
from indicial.cli.options import Parsers
from indicial.cli.sources import decoded
from indicial.errors import IndicialError

BAD_INPUT = 2
INTERRUPTED = 130
PIPE_CLOSED = 141


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs `indicial` with these words (default: those it was started with); returns the exit status."""
    _never_fail_to_encode()
    words = sys.argv[1:] if arguments is None else arguments
    options = Parsers(__version__).parse([decoded(word) for word in words])
    try:
        status = commands.run(options)
        if sys.stdout is not None:
            sys.stdout.flush()
    except IndicialError as error:
        return _report(str(error))
    except MemoryError:
        return _report("there is not enough memory for this")
    except KeyboardInterrupt:
        return INTERRUPTED
    except OSError as error:  # files report their own; this one is standard output's
        _drop_output()
        return (
            PIPE_CLOSED
            if isinstance(error, BrokenPipeError)
            else _report(f"writing failed: {error.strerror}")
        )
    return status


def _never_fail_to_encode() -> None:
    """Lets a stream whose encoding lacks ∂ write it as an escape instead of failing."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def _drop_output() -> None:
    """Python flushes standard output once more when it ends: let that go nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _report(message: str) -> int:
    print(f"{error_label()} {message}", file=sys.stderr)
    return BAD_INPUT
