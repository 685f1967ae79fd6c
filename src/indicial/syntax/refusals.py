"""The errors of notation that more than one part of the front end raises."""

from __future__ import annotations

from collections.abc import Sequence

from indicial.errors import NotationError, Span
from indicial.ir.functions import FUNCTIONS
from indicial.syntax.names import OPERATORS
from indicial.syntax.tree import (
    Component,
    Expression,
    IndexName,
    Negation,
    Number,
    Operator,
    Product,
    Tensor,
)

HIGHEST = 100  # the order of a derivative
OF_MATRICES = frozenset({"det", "logdet", "tr", "inv", "adj", "chol", "solve"})


def reserved(operator: str, place: Span) -> NotationError:
    """The refusal of an operator's name as a tensor's."""
    return NotationError(
        f"{operator} with indices is an operator, not a tensor",
        span=place,
        hint=f"an operator takes brackets, {operator}_j(…); for a tensor choose another name",
    )


def computed_operator(operator: str, place: Span) -> NotationError:
    """The refusal of an operator over anything but letters."""
    return NotationError(
        f"an operator such as {operator} takes index letters",
        span=place,
        hint=f"write {operator}_j(…); for a tensor choose another name",
    )


def component_hint(name: str, written: str) -> str:
    """How a component is named whose place was written as figures: A[12], or A[1, 2]."""
    hint = f"write {name}[{written}], counted from 0"
    if not written.isdecimal() or len(written) == 1:
        return hint
    return f"{hint}, or {name}[{', '.join(written)}] for one of a matrix"


def refuse_reserved(name: str, subscripts: tuple[IndexName, ...], place: Span) -> None:
    """A function or an operator is not a tensor's name."""
    if subscripts and name in OPERATORS:
        raise reserved(name, place)
    if not subscripts and name in FUNCTIONS:
        raise NotationError(
            f"{name} is a function, and stands here without its argument",
            span=place,
            hint=f"write {name}(…), and its power {name}(…)^2; for a scalar choose another name",
        )


def refuse_unindexed(name: str, place: Span, arguments: Sequence[Expression]) -> None:
    """An operator is called with its indices."""
    if name not in OPERATORS or name in FUNCTIONS:
        return
    count = 2 if name in OF_MATRICES else 1
    raise NotationError(
        f"{name} does not say over which {'indices' if count > 1 else 'index'}",
        span=place,
        hint=f"name {'them' if count > 1 else 'it'}: {named_operator(name, count, arguments)}",
    )


def named_operator(name: str, count: int, arguments: Sequence[Expression]) -> str:
    """`det_ij(…)` with the last letters of what the operator is given."""
    letters = _free(arguments[0]) if arguments else []
    own = letters[-count:] if len(letters) >= count else ["i", "j"][:count]
    words = any(len(letter.rstrip("'")) > 1 for letter in own)
    return f"{name}[{', '.join(own)}](…)" if words else f"{name}_{''.join(own)}(…)"


def _free(argument: Expression) -> list[str]:
    """The letters that stand once in a product of tensors, in order."""
    parts = [factor.value for factor in argument.factors] if isinstance(argument, Product) else [argument]
    letters = [index.name for part in parts if isinstance(part, Tensor) for index in part.subscripts]
    return [letter for letter in letters if letters.count(letter) == 1]


def denominators_or_error(arguments: Sequence[Expression], place: Span) -> tuple[Tensor | Component, ...]:
    """What `D(expr, X_mn)` differentiates by: tensors with their indices, at least one."""
    if not arguments:
        raise NotationError(
            "D does not say by what to differentiate", span=place, hint="name it behind a comma: D(f, x_i)"
        )
    _refuse_high(len(arguments), place)
    for argument in arguments:
        if not isinstance(argument, Tensor | Component):
            raise NotationError(
                "a derivative is taken by a tensor with its indices, not by an expression",
                span=argument.span,
                hint="give the expression a name in a statement of its own, and differentiate by that",
            )
    return tuple([argument for argument in arguments if isinstance(argument, Tensor | Component)])


def _refuse_high(order: int, place: Span) -> None:
    if order > HIGHEST:
        raise NotationError(
            f"a derivative of this order is asked for, and {HIGHEST} is the highest",
            span=place,
            hint="name fewer denominators",
        )


def refuse_order(order: int, denominators: int, place: Span) -> None:
    """∂²f/∂x_i∂x_j has two denominators."""
    _refuse_high(max(order, denominators), place)
    if order != denominators:
        raise NotationError(
            f"∂ has order {order} above and {denominators} below",
            span=place,
            hint="write as many below as above, ∂²f/∂x_i∂x_j, or D(f, x_i, x_j)",
        )


_MASKS = (
    "leave entries out with a condition, sum_j([j <= i] exp(s_ij)), or mask them with a large number, "
    "where(j <= i, s_ij, -1e9)"
)
INFINITE = ("infinity is no number here", _MASKS)


def infinite(place: Span, text: str | None = None) -> NotationError:
    """The refusal of inf and ∞."""
    return NotationError(INFINITE[0], source=text, span=place, hint=INFINITE[1])


def transposed(place: Span) -> NotationError:
    """The refusal of a transpose sign."""
    return NotationError(
        "index notation has no transpose sign",
        span=place,
        hint="write the indices in the other order: A_ji for the transpose of A_ij",
    )


def inverted(
    name: str, letters: tuple[str, ...], exponent: str, place: Span, where: str = "before the subscripts"
) -> NotationError:
    """The refusal of F^{-1}_{ij} and F_ij^-1."""
    shown = f"{name}_{''.join(letters or ('i', 'j'))}"
    inverse = (
        f"inv_{shown[len(name) + 1 :]}({shown}) for the inverse of the matrix, " if len(letters) != 1 else ""
    )
    return NotationError(
        f"a negative power {where} reads as the inverse of a matrix",
        span=place,
        hint=f"write {inverse}{shown}^({exponent}) for the powers of the components",
    )


def unindexed(name: str, place: Span) -> NotationError:
    """The refusal of a matrix or vector without its indices."""
    return NotationError(
        f"{name} stands here without its indices",
        span=place,
        hint="index notation writes them out, as in f_i = W_{ij} x_j; for matrices without indices ask for "
        'notation="matrix"',
    )


def stray_comparison(place: Span) -> NotationError:
    """The refusal of a comparison among other expressions."""
    return NotationError(
        "a comparison stands in where(…) or in [ ] only",
        span=place,
        hint="write [a > b], which is 1 or 0",
    )


def refuse_inverse(base: Expression, exponent: Expression, place: Span) -> None:
    """A_ij^-1 reads as the inverse of a matrix; A_ij^(-1) and x_i^-1 are reciprocals."""
    if not isinstance(base, Tensor) or len(base.subscripts) < 2:
        return
    value = exponent.value if isinstance(exponent, Negation) else exponent
    if isinstance(value, Number) and (value is not exponent or value.value < 0):
        letters = tuple([index.name for index in base.subscripts])
        raise inverted(base.name, letters, f"-{abs(value.value)}", place, "of a tensor with two indices")


def refuse_spaced_power(base: Expression, place: Span) -> None:
    """sum_i (…)^2 reads as a sum of squares and as a squared sum; without the space it is the latter."""
    if isinstance(base, Operator) and base.spaced and not base.sign:
        letters = ",".join([index.name for index in base.indices])
        head = f"{base.name}_{letters}" if len(letters) == 1 else f"{base.name}[{letters}]"
        raise NotationError(
            f"it is not clear whether this power belongs to the bracket or to the whole {base.name}",
            span=place,
            hint=f"write {head}((…)^2) for the one, and without a space {head}(…)^2 for the other",
        )
