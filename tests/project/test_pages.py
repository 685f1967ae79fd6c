"""The pages name only files that exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "benchmarks/README.md", *sorted((ROOT / "docs").glob("*.md"))]

# A path in backticks or a link: it has a slash, or a suffix that a file of the project has.
QUOTED = re.compile(r"`([^`\s]+)`|\]\(([^)\s#]+)[^)]*\)")
SUFFIXES = (".py", ".md", ".lark", ".toml")


def paths_on(page: Path) -> list[str]:
    prose = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    found = [quoted or link for quoted, link in QUOTED.findall(prose)]
    return [name for name in found if looks_like_a_path(name)]


def looks_like_a_path(name: str) -> bool:
    if "://" in name or any(sign in name for sign in "=()[]{}*^∂"):
        return False
    return name.endswith((*SUFFIXES, "/")) or name.startswith(
        ("src/", "tests/", "docs/", "grammar/", "benchmarks/")
    )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_pages_name_files_that_exist(page):
    starts = (page.parent, ROOT, ROOT / "src/indicial", ROOT / "src")
    absent = [name for name in paths_on(page) if not any((start / name).exists() for start in starts)]
    assert not absent


def test_there_is_an_architecture_page():
    page = (ROOT / "docs/ARCHITECTURE.md").read_text(encoding="utf-8")
    parts = {folder.name for folder in (ROOT / "src/indicial").iterdir() if (folder / "__init__.py").exists()}
    assert all(re.search(rf"\b{part}\b", page) for part in parts)
