"""The normal form of names, and the reading of a terminal that holds a name with its subscripts.

alpha, Delta, alpha1   → α, Δ, α1    a Greek letter's ASCII name is the letter; digits behind it stay
µ, ϕ, W₁               → μ, φ, W1    compatibility variants are one (NFKC)
i′, i’                 → i'
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from indicial.errors import Span
from indicial.syntax.tree import IndexName

_LETTERS = (
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu",
    "nu", "xi", "omicron", "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega",
)  # fmt: skip
GREEK: dict[str, str] = {
    spelling: unicodedata.lookup(f"GREEK {case} LETTER {name.replace('lambda', 'lamda').upper()}")
    for name in _LETTERS
    for case, spelling in (("SMALL", name), ("CAPITAL", name.capitalize()))
}
GREEK |= {"eps": "ε", "varepsilon": "ε", "vartheta": "θ", "varkappa": "κ", "varrho": "ρ", "varphi": "φ"}

OPERATORS = (
    "sum", "prod", "mean", "max", "min", "logsumexp", "norm", "softmax", "log_softmax", "cumsum",
    "det", "logdet", "tr", "inv", "adj", "chol", "solve",
)  # fmt: skip
SIGNS = {"∑": "sum", "∏": "prod"}

_PRIMES = str.maketrans({"’": "'", "′": "'"})
_HEAD = re.compile(r"(log_softmax(?=[_\[ₐ-ₜᵢ-ᵪⱼ])|[A-Za-z0-9Α-Ωα-ωϑϕϰϱϵµ₀-₉]+|[∑∏])[ \t]*")
_ONE_LETTER_EACH = re.compile(r"[^\W\d_][0-9₀-₉]*['’′″‴]*")
_WORDS = re.compile(r"[^\W\d_]\w*['’′″‴]*")


@lru_cache(maxsize=4096)
def normal(name: str) -> str:
    """The normal form of a name or an index."""
    name = unicodedata.normalize("NFKC", name).translate(_PRIMES)
    stem = name.rstrip("'0123456789")
    return GREEK.get(stem, stem) + name[len(stem) :]


def split(written: str) -> tuple[str, str]:
    """The name, as written, and the subscripts of `W_ij`, `W[row, col]`, `sum_j` or `∑ⱼ`."""
    head = _HEAD.match(written)
    assert head is not None, "the grammar's terminals begin with a name or a sign"
    return head[1], written[head.end() :]


def subscripts(written: str, start: int) -> tuple[IndexName, ...]:
    """The indices of `_ij`, `_{i1 i2}`, `_{row,col}`, `[row, col]` or `ᵢⱼ`, which stands at `start`."""
    pattern = _WORDS if written[:1] == "[" or "," in written else _ONE_LETTER_EACH
    return tuple(
        [
            IndexName(normal(found[0]), Span(start + found.start(), start + found.end()))
            for found in pattern.finditer(written)
        ]
    )


def kind_by_letter(name: str) -> str:
    """Capitals are matrices; of the small letters a–g and Greek ones scalars; all other names vectors."""
    stem = name.rstrip("0123456789")
    if stem[0].isupper():
        return "matrix"
    return "scalar" if len(stem) == 1 and (stem in "abcdefg" or not stem.isascii()) else "vector"
