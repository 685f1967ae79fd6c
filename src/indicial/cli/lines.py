"""Lines from a person or a pipe: with prompt_toolkit if it is there, else with readline, else plain."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from indicial.cli.symbols import DELIMITERS, completed, last_word
from indicial.errors import IndicialError

PROMPT = "indicial> "
_KEPT = 1000  # lines of history
Names = Callable[[], Iterable[str]]


def on_a_terminal() -> bool:
    """Whether a person types."""
    return sys.stdin is not None and sys.stdin.isatty()


def line_reader(names: Names) -> Callable[[], str]:
    """Gives one line after another, then EOFError; `names` are those that Tab completes."""
    if sys.stdin is None:  # it was closed before the command started
        raise IndicialError("standard input is closed")
    if not on_a_terminal():
        return _from_pipe
    return _with_prompt_toolkit(names) or _with_readline(names)


def _from_pipe() -> str:
    line = sys.stdin.buffer.readline()
    if not line:
        raise EOFError
    return line.decode("utf-8", "replace")  # the parser refuses what is no letter, and shows where


def _with_prompt_toolkit(names: Names) -> Callable[[], str] | None:
    try:
        from prompt_toolkit import PromptSession
        from prompt_toolkit.completion import Completer, Completion
        from prompt_toolkit.history import FileHistory, InMemoryHistory
    except ImportError:
        return None

    class Words(Completer):  # type: ignore[misc, unused-ignore]  # what is not installed has no types
        def get_completions(self, document: Any, complete_event: object) -> Iterator[Any]:
            word = last_word(document.text_before_cursor)
            for text in completed(word, names()):
                yield Completion(text, start_position=-len(word))

    file = history_file()
    history = FileHistory(str(file)) if file else InMemoryHistory()
    session: Any = PromptSession(PROMPT, completer=Words(), history=history, complete_while_typing=False)
    prompt: Callable[[], str] = session.prompt
    return prompt


def _with_readline(names: Names) -> Callable[[], str]:
    """Python's own line editing, which some systems lack."""
    try:
        import readline
    except ImportError:
        return lambda: input(PROMPT)
    found: list[str] = []

    def complete(word: str, number: int) -> str | None:
        if number == 0:
            found[:] = completed(word, names())
        return found[number] if number < len(found) else None

    readline.set_completer(complete)
    readline.set_completer_delims(DELIMITERS)
    libedit = "libedit" in (readline.__doc__ or "")
    readline.parse_and_bind("bind ^I rl_complete" if libedit else "tab: complete")
    file = history_file()
    if file is not None and file.exists():
        readline.read_history_file(file)
    readline.set_history_length(_KEPT)

    def read() -> str:
        line = input(PROMPT)
        if file is not None:
            readline.write_history_file(file)
        return line

    return read


def history_file() -> Path | None:
    """Where lines are kept between conversations; None where there is no place that can be written to."""
    state = os.environ.get("XDG_STATE_HOME") or "~/.local/state"
    try:
        folder = Path(state).expanduser() / "indicial"
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError):  # a home that cannot be written to, or none: the lines are not kept
        return None
    file = folder / "history"
    return file if os.access(file if file.exists() else folder, os.R_OK | os.W_OK) else None
