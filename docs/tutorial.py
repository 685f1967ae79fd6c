"""Writes the answers on docs/TUTORIAL.md: `python docs/tutorial.py` after a change.

A block ```pycon holds what is typed behind `>>>` and `...`; what stands below it is what Python prints,
and is worked out here. All blocks are one session.
"""

import code
import contextlib
import io
import re
from pathlib import Path

PAGE = Path(__file__).with_name("TUTORIAL.md")
BLOCK = re.compile(r"^```pycon\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def worked_out(page: str) -> str:
    """The page with the answers that indicial gives now."""
    console = code.InteractiveConsole({"__name__": "tutorial"})
    return BLOCK.sub(lambda found: f"```pycon\n{_block(found[1], console)}```", page)


def _block(text: str, console: code.InteractiveConsole) -> str:
    typed = [line for line in text.splitlines() if line.startswith((">>> ", "... ", "..."))]
    return "".join([_answered(lines, console) for lines in _inputs(typed)]) + "\n"


def _inputs(typed: list[str]) -> list[list[str]]:
    """The lines of each input: one behind `>>>`, and those behind `...` that go with it."""
    inputs: list[list[str]] = []
    for line in typed:
        if line.startswith(">>> "):
            inputs.append([])
        inputs[-1].append(line)
    return inputs


def _answered(lines: list[str], console: code.InteractiveConsole) -> str:
    printed = io.StringIO()
    source = "\n".join([line[4:] for line in lines])
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        more = console.runsource(source + ("\n" if len(lines) > 1 else ""), symbol="single")
    if more:
        raise SyntaxError(f"this input is not complete:\n{source}")
    return "\n".join([*lines, printed.getvalue()])


if __name__ == "__main__":
    PAGE.write_text(worked_out(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
