"""The name that was meant: the same with other capitals, or one that is close."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches


def nearest(name: str, known: Sequence[str]) -> str | None:
    """A known name that differs in upper and lower case only, else the closest one, if any is."""
    other = next((each for each in known if each != name and each.casefold() == name.casefold()), None)
    close = get_close_matches(name, known, n=1)
    return other or (close[0] if close else None)


def meant(name: str, known: Sequence[str], otherwise: str) -> str:
    """The hint for a name that is not known."""
    near = nearest(name, known)
    if near is None:
        return otherwise
    cased = " Upper and lower case differ" if near.casefold() == name.casefold() else ""
    return f"did you mean {near!r}?{cased}"
