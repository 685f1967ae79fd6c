"""What the README shows is what happens: its commands and examples are run, in order, in one folder."""

import doctest
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import indicial

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def blocks(kind: str) -> list[str]:
    return [text for language, text in BLOCK.findall(README) if language == kind]


def sessions() -> list[tuple[str, str]]:
    """Each command of the console blocks, with what it prints."""
    found: list[tuple[str, str]] = []
    for block in blocks("console"):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, printed = part.partition("\n")
            found.append((command, printed))
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder for the commands to work in; in its bin/ the command `indicial` of the code under test."""
    work = tmp_path_factory.mktemp("readme")
    script = work / "bin" / "indicial"
    script.parent.mkdir()
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m indicial "$@"\n')
    script.chmod(0o755)
    return work


@pytest.mark.skipif(os.name == "nt", reason="the console blocks are written for a POSIX shell")
@pytest.mark.parametrize(("command", "printed"), sessions())
def test_commands_print_what_is_shown(folder, command, printed):
    done = subprocess.run(
        command,
        shell=True,
        cwd=folder,
        env={
            **os.environ,
            "PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "PYTHONIOENCODING": "utf-8",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert done.stdout == printed


def test_python_examples():
    runner = doctest.DocTestRunner(optionflags=doctest.FAIL_FAST)
    text = "".join(blocks("pycon"))
    example = doctest.DocTestParser().get_doctest(text, {}, "README.md", "README.md", 0)
    report: list[str] = []
    runner.run(example, out=report.append)
    assert not "".join(report)
    assert runner.tries > 10


def test_continuous_integration_runs_both_installations():
    commands = [line for block in blocks("shell") for line in block.splitlines()]
    assert len(commands) == 2
    script = (ROOT / ".ci/run").read_text(encoding="utf-8")
    assert all(f"({command})" in script for command in commands)


def test_the_page_of_the_language_is_a_program():
    (text,) = blocks("text")
    assert indicial.parse(text).inputs == ("W", "x", "b", "y")


def test_every_block_is_of_a_kind_that_is_run():
    assert {language for language, _ in BLOCK.findall(README)} == {"console", "pycon", "shell", "text"}
