"""The words of matrix notation, by family; every word of a family has its shape and its meaning alike."""

from __future__ import annotations

import difflib
from typing import Literal

from indicial.errors import NotationError
from indicial.ir.functions import FUNCTIONS
from indicial.semantics.wording import listed, quote
from indicial.syntax.matrix import tree
from indicial.syntax.names import OPERATORS

Family = Literal[
    "reduction",
    "matrix_number",
    "matrix_map",
    "vector_map",
    "diag",
    "solve",
    "filled",
    "function",
    "extent",
]
_FAMILIES: dict[Family, tuple[str, ...]] = {
    "reduction": ("sum", "prod", "mean", "max", "min", "logsumexp", "norm1", "norm2"),  # of all entries
    "matrix_number": ("tr", "det", "logdet"),
    "matrix_map": ("inv", "adj", "chol"),
    "vector_map": ("softmax", "log_softmax", "cumsum"),
    "diag": ("diag",),
    "solve": ("solve",),
    "filled": ("vector", "matrix"),
    "extent": ("dim",),
}  # fmt: skip
WORDS: dict[str, Family] = {
    name: "function" for name, row in FUNCTIONS.items() if not row.parameters and name != "where"
}
WORDS.update({name: family for family, names in _FAMILIES.items() for name in names})
_PAIRS = {"solve": "A, b", "dim": "X, 0"}  # words of two arguments, with an example
IDENTITY, PI = "eye", "π"
_ELSEWHERE = {
    "trace": "tr(X)", "transpose": "X'", "inverse": "inv(X)", "ones": "vector(1) or matrix(1)",
    "zeros": "vector(0) or matrix(0)", "dot": "x'*y", "norm": "norm2(x), or norm1(x)", "adjoint": "adj(X)",
    "kron": "the products in index notation, where A_ij B_kl has the four axes that kron(A, B) stacks",
    "vec": "X itself, whose axes index notation keeps apart", "sq": "x.^2", "square": "x.^2",
    "eye": "eye, which is as large as fits",
}  # fmt: skip


def is_word(name: str) -> bool:
    """Whether a name has a meaning of its own, so that no tensor can have it."""
    return name in WORDS or name in FUNCTIONS or name in OPERATORS or name in (IDENTITY, PI)


def family(call: tree.Call) -> Family:
    """The family of a call; `max` and `min` of two arguments work entry by entry."""
    found = WORDS[call.name]
    return "function" if found == "reduction" and len(call.arguments) == 2 else found


def _arities(name: str) -> tuple[int, ...]:
    if name in ("max", "min"):
        return (1, 2)
    if WORDS[name] == "function":
        return (FUNCTIONS[name].arity,)
    return (2,) if name in _PAIRS else (1,)


def check_call(text: str, call: tree.Call) -> None:
    """Refuse an unknown function, and arguments too many or too few."""
    if call.name not in WORDS:
        raise _unknown(text, call)
    arities = _arities(call.name)
    if len(call.arguments) not in arities:
        count = " or ".join([str(arity) for arity in arities]) + " argument" + "s" * (arities[-1] > 1)
        example = _PAIRS[call.name] if call.name in _PAIRS else ", ".join("xyz"[: arities[0]])
        raise NotationError(
            f"'{call.name}' takes {count}, not {len(call.arguments)}",
            source=text,
            span=call.span,
            hint=f"write {call.name}({'1' if WORDS[call.name] == 'filled' else example})",
        )


def _unknown(text: str, call: tree.Call) -> NotationError:
    near = difflib.get_close_matches(call.name, sorted(WORDS), n=3, cutoff=0.6) if len(call.name) > 1 else []
    if _ELSEWHERE.get(call.name):
        hint = f"write {_ELSEWHERE[call.name]}"
    elif near:
        hint = f"did you mean {listed(near, 'or')}?"
    else:
        hint = f"write * to multiply: {call.name}*(…)"
    return NotationError(
        f"there is no function '{call.name}' in matrix notation", source=text, span=call.name_span, hint=hint
    )


def check_name(text: str, name: tree.Name, *, assigned: bool = False) -> None:
    """Refuse a word of the language as the name of a tensor."""
    if not is_word(name.name) or (name.name in (IDENTITY, PI) and not assigned):
        return
    hint = "choose another name for the tensor"
    if WORDS.get(name.name) and not assigned:
        hint = f"write {name.name}(…), or choose another name for the tensor"
    raise NotationError(
        f"'{quote(text, name.span)}' has a meaning of its own and cannot name a tensor",
        source=text,
        span=name.span,
        hint=hint,
    )
