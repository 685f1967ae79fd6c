"""Names that Python takes: no keyword, none that means something else in the function, none twice."""

from __future__ import annotations

import builtins
import itertools
import keyword
import unicodedata
from collections.abc import Iterable

from indicial.render.source.library import LIBRARIES


class Identifiers:
    """The identifiers of one function; those of the program keep their names where they can."""

    def __init__(self, names: Iterable[str]) -> None:
        self.taken: set[str] = set()
        for library in LIBRARIES.values():
            self.taken.update([library.prefix, *library.imports, *library.helpers])
        self.known: dict[str, str] = {}
        for name in names:
            self.of(name)

    def of(self, name: str) -> str:
        """The identifier of a name of the program, always the same."""
        if name not in self.known:
            self.known[name] = self.fresh(name)
        return self.known[name]

    def is_free(self, name: str) -> bool:
        """Whether a name can be had as it is."""
        usable = name.isidentifier() and not keyword.iskeyword(name) and name not in _AVOIDED
        return usable and name not in self.taken

    def fresh(self, name: str) -> str:
        """The name, with signs after it where it is taken or no identifier."""
        plain = unicodedata.normalize("NFKC", name).replace("'", "_prime").replace("∂", "d")
        plain = "".join([sign if sign == "_" or sign.isalnum() else "_" for sign in plain])
        if not plain.isidentifier():
            plain = f"v_{plain}"
        for suffix in itertools.chain(("", "_"), (f"_{k}" for k in itertools.count(2))):
            found = plain + suffix
            if self.is_free(found):
                self.taken.add(found)
                return found
        raise AssertionError("an endless supply ends")


_AVOIDED = frozenset(dir(builtins)) - {"abs", "pow", "sum", "min", "max"} | {"print", "range"}
