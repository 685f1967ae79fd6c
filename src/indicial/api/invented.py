"""Names for inputs and statements that are added to a program."""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Sequence

from indicial.errors import NotationError
from indicial.ir.functions import FUNCTIONS
from indicial.semantics.operands import counted
from indicial.syntax.names import OPERATORS, normal

_WORD = re.compile(r"[A-Za-zΑ-Ωα-ω][A-Za-z0-9Α-Ωα-ω]*")
_RESERVED = frozenset((*FUNCTIONS, *OPERATORS, "ln", "ones", "pi", "dim", "D", "δ", "ε", "π"))


def new_name(name: object, taken: Collection[str], role: str, option: str = "") -> str:
    """The name of a new input, in normal form; it must be a name, and free. `option` is where it is given."""
    if not isinstance(name, str) or not _WORD.fullmatch(name) or normal(name) in _RESERVED:
        raise NotationError(
            f"{name!r} cannot name a tensor, as a {role} is",
            hint=f"write a name of letters and digits, such as {free_name('G', taken)!r}",
        )
    own = normal(name)
    if own in taken:
        raise NotationError(
            f"the name {own!r} of the {role} is in use in the program",
            hint=f"choose another: {option or role}={free_name(own.rstrip('0123456789'), taken)!r}",
        )
    return own


def free_name(stem: str, taken: Collection[str]) -> str:
    """The stem, with a number behind it where it is in use."""
    names = itertools.chain([stem], (f"{stem}{number}" for number in itertools.count(1)))
    return next(name for name in names if name not in taken and name not in _RESERVED)


def listed(option: str, given: object, variables: Sequence[str]) -> list[str]:
    """The names that a string lists, one for each variable."""
    if not isinstance(given, str):
        raise NotationError(f"{option} is a name, not a {type(given).__name__}", hint=f'write {option}="u"')
    names = given.replace(",", " ").split()
    if len(names) != len(variables):
        raise NotationError(
            f"{option} has {counted(len(names), 'name')}, for {counted(len(variables), 'variable')}",
            hint=f"name one for each of {', '.join(variables)}",
        )
    return names
