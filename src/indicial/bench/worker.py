"""Requests to a bench in a process of its own, so that a timeout holds whatever a contestant is doing.

The process is started with the wanted number of threads in its environment, before any library reads it,
and is killed when a request takes too long; the next request starts another one. Where searches are killed
often, it is forked from a server instead.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any, Protocol

from indicial.bench.measure import Bench, WrongResultError

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_STARTING = 60.0  # seconds that a process may take to begin


class TimedOutError(Exception):
    """A request took longer than it may."""


class FailedError(Exception):
    """A request raised an error, or ended its process; `wrong` if its result was the trouble."""

    def __init__(self, message: str, *, wrong: bool = False) -> None:
        super().__init__(message)
        self.wrong = wrong


class Host(Protocol):
    """Where a bench is asked."""

    def ask(self, method: str, *arguments: Any, timeout: float) -> Any:
        """What a method of the bench returns; raises TimedOutError or FailedError."""

    @property
    def generation(self) -> int:
        """A number that changes when what the bench holds is lost."""

    def close(self) -> None:
        """End it."""


class Here:
    """A bench in this process: no timeout holds."""

    generation = 0

    def __init__(self) -> None:
        self.bench = Bench()

    def ask(self, method: str, *arguments: Any, timeout: float) -> Any:
        """What a method of the bench returns."""
        try:
            return getattr(self.bench, method)(*arguments)
        except Exception as error:
            raise _failure(error) from error

    def close(self) -> None:
        """Nothing is to end."""


class Worker:
    """A bench in a process of its own."""

    def __init__(self, threads: int | None = None, *, forked: bool = False) -> None:
        """`forked` for quick starts, from a server that has everything loaded: then threads are its own."""
        self.threads, self.forked = (
            threads,
            forked and "forkserver" in multiprocessing.get_all_start_methods(),
        )
        self.generation = 0
        self._process: Any = None
        self._pipe: Connection[Any, Any] | None = None

    def ask(self, method: str, *arguments: Any, timeout: float) -> Any:
        """What a method of the bench returns; its process is killed at the timeout."""
        pipe = self._started()
        try:
            pipe.send((method, arguments))
            if not pipe.poll(timeout):
                self.close()
                raise TimedOutError(f"more than {timeout:.3g} s")
            outcome, value = pipe.recv()
        except (EOFError, OSError) as error:
            self._process.join(1)
            status = self._process.exitcode
            self.close()
            raise FailedError(f"its process ended with status {status}") from error
        if outcome != "value":
            raise FailedError(value, wrong=outcome == "wrong")
        return value

    def close(self) -> None:
        """Kill the process; the next request starts another."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._process.close()
        if self._pipe is not None:
            self._pipe.close()
        self._process = self._pipe = None
        self.generation += 1

    def _started(self) -> Connection[Any, Any]:
        if self._pipe is None:
            context: Any = multiprocessing.get_context("forkserver" if self.forked else "spawn")
            if self.forked:
                context.set_forkserver_preload(["indicial.bench.measure", "cotengra"])
            self._pipe, theirs = context.Pipe()
            self._process = context.Process(target=serve, args=(theirs,), daemon=True)
            with _environment(self.threads):
                self._process.start()
            theirs.close()
            if not self._pipe.poll(_STARTING):
                self.close()
                raise FailedError("the measuring process does not start")
            self._pipe.recv()
        return self._pipe


@contextmanager
def _environment(threads: int | None) -> Iterator[None]:
    """The environment with a number of threads for the libraries that a new process loads."""
    if threads is None:
        yield
        return
    before: Mapping[str, str | None] = {name: os.environ.get(name) for name in _THREADS}
    os.environ.update(dict.fromkeys(_THREADS, str(threads)))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def serve(pipe: Connection[Any, Any]) -> None:
    """Answers requests until the other end is closed."""
    bench = Bench()
    pipe.send(("ready", None))
    while True:
        try:
            method, arguments = pipe.recv()
        except (EOFError, KeyboardInterrupt):
            return
        try:
            answer = ("value", getattr(bench, method)(*arguments))
        except Exception as error:
            failure = _failure(error)
            answer = ("wrong" if failure.wrong else "error", str(failure))
        pipe.send(answer)


def _failure(error: Exception) -> FailedError:
    first = (str(error).splitlines() or [""])[0]
    if isinstance(error, WrongResultError):
        return FailedError(first, wrong=True)
    return FailedError(f"{type(error).__name__}: {first}" if first else type(error).__name__)
