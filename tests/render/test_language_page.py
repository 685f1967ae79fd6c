"""The page of the language shows what indicial gives, and shows every operator."""

import importlib.util
from pathlib import Path

from indicial.ir.operators import OPERATORS

DOCS = Path(__file__).parents[2] / "docs"


def _script():
    spec = importlib.util.spec_from_file_location("language", DOCS / "language.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_answers_on_the_page_are_those_given():
    page = (DOCS / "LANGUAGE.md").read_text(encoding="utf-8")
    assert _script().worked_out(page) == page, "run python docs/language.py"


def test_every_operator_is_on_the_page():
    page = (DOCS / "LANGUAGE.md").read_text(encoding="utf-8")
    assert not [name for name in [*OPERATORS, "tr", "sum", "prod", "mean"] if f"{name}_" not in page]
