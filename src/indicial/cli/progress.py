"""Signs of life: on a terminal, work that takes longer than a second says so on standard error."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from time import monotonic
from typing import TextIO

PATIENCE = 1.0  # seconds before anything is said, and between two times
_CLEAR = "\r\033[K"


@contextmanager
def working(what: str, stream: TextIO | None = None) -> Iterator[None]:
    """While the block runs, `indicial: deriving … 3 s` on a terminal's line, which is cleared in the end."""
    stream = sys.stderr if stream is None else stream
    if stream is None or not stream.isatty():
        yield
        return
    done = Event()
    teller = Thread(target=_tell, args=(what, stream, done), daemon=True)
    teller.start()
    try:
        yield
    finally:
        done.set()
        teller.join()


def _tell(what: str, stream: TextIO, done: Event) -> None:
    start, told = monotonic(), False
    while not done.wait(PATIENCE):
        stream.write(f"{_CLEAR}indicial: {what} … {monotonic() - start:.0f} s")
        stream.flush()
        told = True
    if told:
        stream.write(_CLEAR)
        stream.flush()
