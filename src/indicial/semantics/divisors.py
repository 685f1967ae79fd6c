"""How far a divisor reaches: / divides by one factor, and x_i / y_i y_i may mean another."""

from __future__ import annotations

from itertools import pairwise

from indicial.errors import NotationError
from indicial.semantics.walk import preorder, tensors
from indicial.semantics.wording import quote
from indicial.syntax import tree


def check_divisors(source: tree.Source) -> None:
    """Refuse a factor beside a divisor with all of its indices: x_i / y_i y_i, not V_mj / Z_mj H_aj."""
    for statement in source.statements:
        for node in preorder(statement.value):
            if isinstance(node, tree.Product):
                _check(source, node)


def _check(source: tree.Source, product: tree.Product) -> None:
    for position, (divisor, behind) in enumerate(pairwise(product.factors)):
        if not divisor.divides or behind.divides or not _is_open(divisor.value):
            continue
        between = source.text[divisor.value.span.end : behind.value.span.start]
        letters = _letters(behind.value)
        if between.strip() or not letters or not letters <= _letters(divisor.value):
            continue
        first, last = product.factors[0].value.span, product.factors[position - 1].value.span
        before = quote(source.text, first.to(last))
        under, over = quote(source.text, divisor.value.span), quote(source.text, behind.value.span)
        raise NotationError(
            "it is not clear whether this factor is part of the divisor before it",
            source=source.text,
            span=behind.value.span,
            hint=f"write {before} / ({under} {over}) if it is, and ({before} / {under}) {over} if not",
        )


def _is_open(divisor: tree.Expression) -> bool:
    """Whether a divisor is a tensor or a power of one, without brackets that say where it ends."""
    value = divisor.base if isinstance(divisor, tree.Power) else divisor
    return isinstance(value, (tree.Tensor, tree.Component))


def _letters(expression: tree.Expression) -> set[str]:
    return {
        index.name
        for tensor in tensors(expression)
        if isinstance(tensor, tree.Tensor)
        for index in tensor.subscripts
    }
