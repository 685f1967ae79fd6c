"""`indicial repl`: reads a line, answers it, and goes on whatever it was."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from indicial.cli.colour import error_label
from indicial.cli.lines import line_reader, on_a_terminal
from indicial.cli.progress import working
from indicial.cli.session import Quit, Session
from indicial.errors import IndicialError

_GREETING = "indicial: statements make a program, `derive x` differentiates it, `help` says the rest."


def run_repl(_options: argparse.Namespace) -> int:
    """Talks until `quit` or the end of the input; the status is 2 if a pipe's lines held an error."""
    session = Session()
    interactive = on_a_terminal()
    read = line_reader(lambda: session.names)
    if interactive:
        print(_GREETING)
    failed = False
    while True:
        try:
            line = read()
            failed |= not _answered(session.answer, line)
        except KeyboardInterrupt:
            if not interactive:
                raise
            print("\n(Ctrl-D or `quit` ends)", file=sys.stderr)
        except EOFError:
            if interactive:
                print()
            break
        except Quit:
            break
    return 2 if failed and not interactive else 0


def _answered(answer: Callable[[str], str], line: str) -> bool:
    """Whether a line has an answer, which is printed; else the error is."""
    try:
        with working("at work"):
            text = answer(line)
    except IndicialError as error:
        print(f"{error_label()} {error}", file=sys.stderr, flush=True)
    except MemoryError:
        print(f"{error_label()} there is not enough memory for this", file=sys.stderr, flush=True)
    else:
        if text:
            print(text, flush=True)
        return True
    return False
