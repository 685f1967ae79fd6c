"""Names that would read as tensors: sofmax_i(x_i) as a tensor times a bracket, -inf as a scalar."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

from indicial.errors import NotationError
from indicial.ir.functions import FUNCTIONS
from indicial.semantics.walk import tensors
from indicial.semantics.wording import listed, subscripted
from indicial.syntax import tree
from indicial.syntax.names import OPERATORS
from indicial.syntax.refusals import OF_MATRICES, infinite

_PLACE = "the place of an extremum is an index, and has no derivative; max_i(…) is the maximum"
_NONE = {
    "argmax": _PLACE,
    "argmin": _PLACE,
    "var": "write mean_i((x_i - m)^2) with m = mean_i(x_i) in a statement of its own",
    "std": "write sqrt(mean_i((x_i - m)^2)) with m = mean_i(x_i) in a statement of its own",
    "median": "order statistics are not among the operators",
    "sort": "order statistics are not among the operators",
    "transpose": "there is none: write the indices in the other order, A_ji for the transpose of A_ij",
    "vec": "index notation keeps axes apart; a result is stacked by matricize() or --matrix",
    "diag": "write A_ii for the diagonal of A, delta_ij x_i for the matrix with x on its diagonal",
    "cumprod": "write exp(cumsum_i(log(x_i))) for entries above 0; prod_i(x_i) is the product of all",
    "count": "a condition is counted by sum_i([x_i > 0])",
    "kron": "write the product with its four axes, A_ij B_kl; a result is stacked by matricize() or --matrix",
    "outer": "write a_i b_j",
    "dot": "write a_i b_i",
    "cross": "write eps_ijk a_j b_k",
    "rank": "it has no derivative",
    "eig": "eigenvalues are not among the operators; det_ij, tr_ij and inv_ij are",
    "svd": "singular values are not among the operators; det_ij, tr_ij and inv_ij are",
    "pinv": "write inv_ij(A_ki A_kj) A_lj for the pseudoinverse of a matrix of full column rank",
}
_ELSEWHERE = {
    "average": "mean", "avg": "mean", "product": "prod", "total": "sum", "maximum": "max", "minimum": "min",
    "trace": "tr", "inverse": "inv", "determinant": "det", "adjugate": "adj", "adjoint": "adj",
    "cholesky": "chol", "lse": "logsumexp", "logsoftmax": "log_softmax", "slogdet": "logdet",
}  # fmt: skip
_SHORTEST = 3  # letters of a name that may be a slip: w_i(x_i - y_i) is a product


def check_operators(source: tree.Source, inputs: Iterable[str]) -> None:
    """Refuse an input that stands directly before brackets only, and is a word: no operator has that name."""
    loose: dict[str, tree.Tensor] = {}
    for statement in source.statements:
        for tensor in tensors(statement.value):
            called = source.text[tensor.span.end : tensor.span.end + 1] == "("
            if called and isinstance(tensor, tree.Tensor) and tensor.subscripts:
                loose.setdefault(tensor.name, tensor)
    for statement in source.statements:
        for tensor in tensors(statement.value):
            if source.text[tensor.span.end : tensor.span.end + 1] != "(":
                loose.pop(tensor.name, None)
    known = frozenset(inputs)
    for name, tensor in loose.items():
        if name in _NONE and name in known:
            raise NotationError(
                f"there is no operator '{name}'", source=source.text, span=tensor.span, hint=_NONE[name]
            )
        near = [word for word in sorted({*OPERATORS, *FUNCTIONS}) if _one_slip(name, word)]
        near = [_ELSEWHERE[name.lower()]] if name.lower() in _ELSEWHERE else near
        if name in known and len(name) >= _SHORTEST and (near or _is_word(source, tensor)):
            raise _misspelt(source.text, tensor, near)


def _is_word(source: tree.Source, tensor: tree.Tensor) -> bool:
    r"""Whether a name is a word as it was written: not \hat{y}, which is yhat, nor a letter with digits."""
    if source.origin is None:
        return tensor.name.isalpha()
    place = source.origin.locate(tensor.span)
    return tensor.name.isalpha() and tensor.name in source.origin.original[place.start : place.end]


def check_bare_operators(source: tree.Source, inputs: Iterable[str]) -> None:
    """Refuse det F and norm x, in which an operator would be a scalar."""
    words = frozenset(inputs).intersection(OPERATORS)
    for statement in source.statements if words else ():
        for tensor in tensors(statement.value):
            if tensor.name in words and not tensor.subscripts:
                shown = subscripted(tensor.name, "ij" if tensor.name in OF_MATRICES else "i")
                raise NotationError(
                    f"{tensor.name} is an operator, and stands here without indices and brackets",
                    source=source.text,
                    span=tensor.span,
                    hint=f"write {shown}(…); a scalar needs another name",
                )


def check_strain(source: tree.Source) -> None:
    """Refuse ε_kk, which is 0: a strain was meant."""
    for statement in source.statements:
        for tensor in tensors(statement.value):
            if not (isinstance(tensor, tree.Tensor) and tensor.name == "ε"):
                continue
            letters = [index.name for index in tensor.subscripts]
            if len(letters) == 2 and letters[0] == letters[1]:
                raise NotationError(
                    f"{subscripted('ε', letters)} is 0: ε is the Levi-Civita symbol, "
                    "which changes its sign when two of its indices are exchanged",
                    source=source.text,
                    span=tensor.span,
                    hint=f"a strain needs another name: {subscripted('e', letters)}",
                )


def check_latex_strain(source: tree.Source) -> None:
    r"""Refuse \varepsilon_{ij} in LaTeX without an ε of another rank: a strain was meant."""
    if source.origin is None:
        return
    used = [node for statement in source.statements for node in tensors(statement.value)]
    used += [statement.target for statement in source.statements]
    symbols = [
        node for node in used if isinstance(node, tree.Tensor) and node.name == "ε" and node.subscripts
    ]
    if not symbols or any(len(symbol.subscripts) != 2 for symbol in symbols):
        return
    written = source.origin.locate(symbols[0].span)
    if not re.search(r"\\(var)?epsilon", source.origin.original[written.start : written.end]):
        return
    letters = [index.name for index in symbols[0].subscripts]
    apart = len(set(letters)) == 2
    raise NotationError(
        "ε with two indices reads as a strain, and as the Levi-Civita symbol in two dimensions",
        source=source.text,
        span=symbols[0].span,
        hint=f"a strain needs another name: {subscripted('e', letters)}"
        + (f"; the symbol is written {subscripted('eps', letters)}, without a backslash" if apart else ""),
    )


def check_infinity(source: tree.Source, inputs: Iterable[str]) -> None:
    """Refuse the scalars inf and nan where no statement has the name: -inf in a mask."""
    words = {"inf", "nan"}.intersection(inputs)
    for statement in source.statements if words else ():
        for tensor in tensors(statement.value):
            if tensor.name in words and not tensor.subscripts:
                raise (
                    infinite(tensor.span, source.text) if tensor.name == "inf" else _no_number(source, tensor)
                )


def _no_number(source: tree.Source, tensor: tree.Tensor | tree.Component) -> NotationError:
    return NotationError(
        "nan is no number here",
        source=source.text,
        span=tensor.span,
        hint="leave entries out with a condition, sum_j([j <= i] x_j); a scalar needs another name",
    )


def _misspelt(text: str, tensor: tree.Tensor, near: list[str]) -> NotationError:
    letters = [index.name for index in tensor.subscripts]
    if not near:
        near = difflib.get_close_matches(tensor.name.lower(), OPERATORS, n=2, cutoff=0.6)
    meant = [f"{subscripted(word, letters if word in OPERATORS else ())}(…)" for word in near]
    return NotationError(
        f"there is no operator '{tensor.name}'",
        source=text,
        span=tensor.span,
        hint=(f"did you mean {listed(meant, 'or')}? " if meant else "")
        + "a tensor times a bracket has a space between: "
        f"{subscripted(tensor.name, letters)} (…)",
    )


def _one_slip(name: str, word: str) -> bool:
    """Whether one letter too many, too few, another one, or two exchanged make one word of the other."""
    name = name.lower()
    if name == word or abs(len(name) - len(word)) > 1:
        return name == word
    start = next((k for k, (a, b) in enumerate(zip(name, word, strict=False)) if a != b), None)
    if start is None:
        return True
    rests = (
        (name[start + 1 :], word[start:]),
        (name[start:], word[start + 1 :]),
        (name[start + 1 :], word[start + 1 :]),
        (name[start + 1 : start + 2] + name[start : start + 1] + name[start + 2 :], word[start:]),
    )
    return any(one == other for one, other in rests)
