"""Statements, index lines, denominators, and texts of great length."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable

import pytest
from syntax.shown import shown

from indicial.errors import IndicialError
from indicial.syntax import tree
from indicial.syntax.parser import parse_denominators, parse_source


def _names(text: str) -> list[str]:
    return [shown(s.target) for s in parse_source(text).statements]


@pytest.mark.parametrize(
    "text",
    [
        "a = x; b = y",
        "a = x\nb = y",
        "\n\n a = x ;; # one\n\n# nothing\n b = y # two\n;\n",
        "a = x\r\nb = y\r\n",
        "\ufeffa = x;b\u00a0= y",
    ],
)
def test_statements_are_separated_by_line_breaks_or_semicolons(text: str) -> None:
    assert _names(text) == ["a", "b"]


def test_the_source_keeps_the_text_and_statements_their_place() -> None:
    text = "z_i = W_ij x_j + b_i; a_i = max(0, z_i)\nL = (a_i - y_i)^2"
    source = parse_source(text)
    assert source.text == text
    assert [text[s.span.start : s.span.end] for s in source.statements] == [
        "z_i = W_ij x_j + b_i",
        "a_i = max(0, z_i)",
        "L = (a_i - y_i)^2",
    ]


def test_index_lines() -> None:
    text = "index i: 3, j: 4; index n : N; index k1': dim(W, 0), row: alpha\nf = x"
    lines = parse_source(text).declarations
    assert [(line.index.name, line.extent) for line in lines] == [
        ("i", 3), ("j", 4), ("n", "N"), ("k1'", ("W", 0)), ("row", "α"),
    ]  # fmt: skip
    assert [text[s.index.span.start : s.index.span.end] for s in lines] == ["i", "j", "n", "k1'", "row"]
    assert [text[s.extent_span.start : s.extent_span.end] for s in lines] == [
        "3", "4", "N", "dim(W, 0)", "alpha",
    ]  # fmt: skip


def test_words_of_declarations_are_names_elsewhere() -> None:
    assert _names("index = tensor function; tensor_i = index_i; function = 3") == [
        "index", "tensor[i]", "function",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("W", "W"),
        ("x W", "x W"),
        ("W_kl x", "W[k l] x"),
        ("x_k x_l", "x[k] x[l]"),
        ("x x", "x x"),
        ("x, W", "x W"),
        (" x_k,W[m, n] ", "x[k] W[m n]"),
        ("σ", "σ"),
        ("sigma", "σ"),
    ],
)
def test_denominators(text: str, meant: str) -> None:
    assert " ".join(shown(tensor) for tensor in parse_denominators(text)) == meant


@pytest.mark.parametrize(
    "text", ["", "  ", "2", "x + y", "x^2", "exp(x)", "x =", "x_", "x;y", "x,,y", ",x", "x[0]", "("]
)
def test_what_is_no_denominator_is_refused(text: str) -> None:
    with pytest.raises(IndicialError) as caught:
        parse_denominators(text)
    assert caught.value.source == text
    assert caught.value.span is not None
    assert caught.value.hint


_LONG: dict[str, Callable[[int], str]] = {
    "product": lambda n: "r = " + " ".join(["x_i"] * n),
    "sum": lambda n: "r = " + " - ".join(["x_i"] * n),
    "brackets": lambda n: "r = " + "(" * n + "x" + ")" * n,
    "calls": lambda n: "r = " + "exp(" * n + "x" + ")" * n,
    "powers": lambda n: "r = " + "^".join(["x"] * n),
    "minuses": lambda n: "r = " + "-" * n + "x",
    "signs": lambda n: "r = " + "∑_i " * n + "x_i",
    "statements": lambda n: "\n".join(f"a{k + 1} = a{k} x_i" for k in range(n)),
    "unclosed": lambda n: "r = " + "(" * n + "x",
    "unopened": lambda n: "r = x" + ")" * n,
    "name": lambda n: "r = " + "x" * n + " ?",
    "braces": lambda n: "r = x_{" + "i" * n,
    "underscores": lambda n: "r = sum" + "_" * n,
    "comments": lambda n: "#(\n" * n + "r = (",
}


@pytest.mark.parametrize("kind", _LONG)
def test_long_and_deep_texts_are_read_in_linear_time(kind: str) -> None:
    def seconds(n: int) -> float:
        text = _LONG[kind](n)
        start = time.perf_counter()
        with contextlib.suppress(IndicialError):
            parse_source(text)
        return time.perf_counter() - start

    seconds(10)
    short = min(seconds(1000) for _ in range(3))
    assert min(seconds(6000) for _ in range(2)) < 6 * 3 * short + 0.05


def test_a_long_product_is_one_node() -> None:
    (statement,) = parse_source(_LONG["product"](3000)).statements
    assert isinstance(statement.value, tree.Product)
    assert len(statement.value.factors) == 3000
