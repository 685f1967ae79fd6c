"""The grammar file: unambiguous, in step with the table of functions, found and kept."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import lark
import pytest

from indicial.ir.functions import FUNCTIONS
from indicial.syntax import builder, grammar, names
from indicial.syntax.parser import parse_source


def _words(terminal: str) -> set[str]:
    definition = re.search(rf"^{terminal}: (.*(?:\n .*)*)", grammar.grammar_text(), re.MULTILINE)
    assert definition is not None
    return set(re.findall(r'"(\w+)"', definition[1]))


def test_the_grammar_is_unambiguous() -> None:
    """Strict mode refuses conflicts of LALR(1) and terminals that collide."""
    pytest.importorskip("interegular")
    grammar.build(grammar.grammar_text(), strict=True)


def test_the_strict_build_would_notice() -> None:
    pytest.importorskip("interegular")
    text = grammar.grammar_text().replace("TENSOR.2", "TENSOR")
    text = text.replace("NUMBER: /", "NUMBER: /[a-z]+|")
    with pytest.raises(lark.exceptions.LarkError, match="Collision"):
        grammar.build(text, strict=True)


def test_functions_are_those_of_the_table() -> None:
    assert _words("FUNCTION") == set(FUNCTIONS) | {"ln", "dim", "D"}


def test_operators_are_those_of_the_names() -> None:
    assert _words("OPERATOR_NAME") == set(names.OPERATORS)


def test_every_rule_has_its_method() -> None:
    parser = grammar.build(grammar.grammar_text())
    called = {
        rule.alias or rule.origin.name for rule in parser.rules if not rule.options.expand1 or rule.alias
    }
    for name in called:
        if not name.startswith("_"):
            assert hasattr(builder.TreeBuilder, name), name


def test_lark_is_not_imported_before_the_first_text() -> None:
    program = (
        "import sys; import indicial.syntax.parser as p; assert 'lark' not in sys.modules;"
        "p.parse_source('f_i = x_i'); assert 'lark' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_tables_are_kept_and_a_spoilt_file_does_no_harm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    path = grammar.cache_path(grammar.grammar_text())
    assert path is not None
    assert path.parent == tmp_path / "indicial"
    for contents in (None, b"", b"nonsense", "cut"):
        if contents == "cut":
            path.write_bytes(path.read_bytes()[:2000])
        elif isinstance(contents, bytes):
            path.write_bytes(contents)
        grammar.parser.cache_clear()
        assert len(parse_source("f_i = W_ij x_j").statements) == 1
        assert path.stat().st_size > 5000
    grammar.parser.cache_clear()
    assert len(parse_source("f_i = W_ij x_j").statements) == 1


@pytest.mark.parametrize("place", ["/dev/null", "/dev/null/deeper", "/proc/nowhere"])
def test_no_cache_folder_does_no_harm(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", place)
    assert grammar.cache_path("text") is None
    grammar.parser.cache_clear()
    assert len(parse_source("f_i = W_ij x_j").statements) == 1


def test_a_cache_file_that_cannot_be_written_does_no_harm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    path = grammar.cache_path(grammar.grammar_text())
    assert path is not None
    os.mkdir(path)  # noqa: PTH102
    grammar.parser.cache_clear()
    assert len(parse_source("f_i = W_ij x_j").statements) == 1
    assert capsys.readouterr().err == ""


def test_the_cache_knows_the_grammar() -> None:
    assert grammar.cache_path("a") != grammar.cache_path("b")
