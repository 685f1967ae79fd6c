"""Any text whatever gives a tree or an `IndicialError` with a place and a hint."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from indicial.errors import IndicialError
from indicial.syntax.parser import parse_denominators, parse_source

_PIECES = st.sampled_from(
    [
        "f_i", "W_ij", "x", "W[i, j]", "x[", "x[i+1]", "x_{", "x_{i}", "_", "_i", "i", "A_{i1 i2}", "xᵢ",
        "x²", "x^2_i", "=", "==", "≤", "<", "+", "-", "−", "*", "·", "/", "^", "^T", "'", "(", ")", "[",
        "]", "{", "}", ",", ";", ":", "\n", " ", "\t", "#", "2", "0.5", "1e9", "1e999", ".", "..", "exp",
        "exp(", "max (", "where(", "sum", "sum_j", "sum_j(", "softmax_j(", "mean[i](", "∑_j", "∑",
        "\\sum_j", "\\prod", "\\frac", "\\", "$", "->", "D(", "∂", "ε", "index ", "index i: 3",
        "tensor A_ij", "function g", "dim(W, 0)", "|", "!", "\0", "\ud800", "²", "⁻", "₁", "ⱼ",
    ]
)  # fmt: skip


def _refusal(parse: Callable[[str], object], text: str) -> IndicialError | None:
    try:
        parse(text)
    except IndicialError as error:
        return error
    return None


def _holds(text: str) -> None:
    for parse in (parse_source, parse_denominators):
        error = _refusal(parse, text)
        if error is not None:
            assert error.source == text
            assert error.span is not None
            assert 0 <= error.span.start < error.span.end
            assert error.span.start <= len(text)
            assert error.reason
            assert error.hint
            assert str(error)


@settings(max_examples=400, deadline=None)
@given(st.lists(_PIECES, max_size=14).map("".join))
def test_texts_in_the_alphabet_of_the_language(text: str) -> None:
    _holds(text)


@settings(max_examples=200, deadline=None)
@given(st.lists(_PIECES, max_size=10).map(lambda pieces: "r = " + " ".join(pieces)))
def test_right_sides_in_the_alphabet_of_the_language(text: str) -> None:
    _holds(text)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=30))
def test_texts_in_any_alphabet(text: str) -> None:
    _holds(text)
