"""Signs of life: only on a terminal, only after a while, and gone in the end."""

import io
import time

import pytest

from indicial.cli import progress


class Terminal(io.StringIO):
    """A stream that says it is one."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(progress, "PATIENCE", 0.02)


def test_long_work_is_told_and_the_line_cleared():
    stream = Terminal()
    with progress.working("deriving", stream):
        deadline = time.monotonic() + 10
        while "deriving" not in stream.getvalue() and time.monotonic() < deadline:
            time.sleep(0.01)
    assert "indicial: deriving …" in stream.getvalue()
    assert stream.getvalue().endswith("\r\033[K")


def test_short_work_is_not_told(monkeypatch):
    monkeypatch.setattr(progress, "PATIENCE", 60)
    stream = Terminal()
    with progress.working("deriving", stream):
        pass
    assert stream.getvalue() == ""


def test_nothing_is_told_where_no_terminal_is():
    stream = io.StringIO()
    with progress.working("deriving", stream):
        time.sleep(0.1)
    assert stream.getvalue() == ""


def test_an_error_passes_and_the_line_is_cleared():
    stream = Terminal()

    def fail():
        with progress.working("deriving", stream):
            time.sleep(0.1)
            raise ValueError("seen")

    with pytest.raises(ValueError, match="seen"):
        fail()
    assert stream.getvalue().endswith("\r\033[K")
