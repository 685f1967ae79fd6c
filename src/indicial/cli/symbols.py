"""What a word may become when Tab is pressed: `\\delta` a δ, `lap` the name laplacian."""

from __future__ import annotations

import re
from collections.abc import Iterable

from indicial.ir.functions import FUNCTIONS
from indicial.syntax.names import GREEK, OPERATORS

SYMBOLS: dict[str, str] = {
    **GREEK,
    "partial": "∂",
    "sum": "∑",
    "prod": "∏",
    "cdot": "·",
}
WORDS = (*FUNCTIONS, *OPERATORS, "where", "ones", "dim", "index", "tensor", "function")
DELIMITERS = " \t\n()[]{}*/+-^,;=<>|'"  # no backslash: it belongs to the word; no _: log_softmax has one
_LAST = re.compile(rf"[^{re.escape(DELIMITERS)}]*\Z")


def last_word(before: str) -> str:
    """The word that the text before a cursor ends with."""
    found = _LAST.search(before)
    assert found is not None, "the pattern matches nothing at all, too"
    return found[0]


def completed(word: str, names: Iterable[str] = ()) -> list[str]:
    """What the word may become, given the names in use; a symbol's name, where it is clear, the symbol."""
    head, backslash, tail = word.rpartition("\\")
    if not backslash:
        known = dict.fromkeys([*names, *WORDS])
        return [name for name in known if word and name.startswith(word) and name != word]
    fitting = [name for name in SYMBOLS if name.startswith(tail)]
    if tail in SYMBOLS:
        return [head + SYMBOLS[tail]]
    symbols = {SYMBOLS[name] for name in fitting}
    return [head + symbols.pop()] if len(symbols) == 1 else [f"{head}\\{name}" for name in fitting]
