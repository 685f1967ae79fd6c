"""Einsum strings: which texts are some, their trees, and their refusals."""

from __future__ import annotations

import opt_einsum
import pytest

from indicial.errors import IndicialError, ParseError, Span
from indicial.syntax import grammar
from indicial.syntax.einsum import is_einsum
from indicial.syntax.parser import parse_einsum


def _read(text: str) -> tuple[list[str], str | None]:
    tree = parse_einsum(text)
    return [str(each) for each in tree.operands], None if tree.output is None else str(tree.output)


@pytest.mark.parametrize(
    ("text", "operands", "output"),
    [
        ("ij,j->i", ["ij", "j"], "i"),
        ("ij,j", ["ij", "j"], None),
        (" i j , j -> i ", ["ij", "j"], "i"),
        ("ii->", ["ii"], ""),
        ("->", [""], ""),
        (",i->i", ["", "i"], "i"),
        (",,", ["", "", ""], None),
        ("i->ii", ["i"], "ii"),
        ("...ij,jk...->i...k", ["...ij", "jk..."], "i...k"),
        ("µν,ν->μ", ["μν", "ν"], "μ"),
        ("Àb,bÀ->", ["Àb", "bÀ"], ""),
    ],
)
def test_trees(text: str, operands: list[str], output: str | None) -> None:
    assert is_einsum(text)
    assert _read(text) == (operands, output)


def test_places() -> None:
    tree = parse_einsum("ij, ,j->i")
    assert [each.span for each in tree.operands] == [Span(0, 2), Span(4, 4), Span(5, 6)]
    assert tree.output is not None
    assert tree.output.indices[0].span == Span(8, 9)


@pytest.mark.parametrize(
    "text",
    [
        "ij",
        "ii",
        "...",
        "",
        "f_i = x_i",
        "f=a,b",
        "i1,j",
        "ij;j->i",
        "ij,j-i",
        "ij,j→i",
        "i_j,k",
        "∑,i",
        "# a,b",
    ],
)
def test_other_texts(text: str) -> None:
    assert not is_einsum(text)


def test_letters_are_those_of_opt_einsum() -> None:
    symbols = [opt_einsum.get_symbol(number) for number in range(5000)]
    text = f"{''.join(symbols)},->"
    letters = [symbol for symbol in symbols if not symbol.isspace()]
    assert is_einsum(text)
    assert [index.name for index in parse_einsum(text).operands[0].indices] == letters
    assert len(letters) == 5000


@pytest.mark.parametrize(
    ("marked", "reason"),
    [
        ("i->j‹->›k", "a second -> in one einsum string"),
        ("i->j‹,›k", "an einsum string has one output"),
        ("i‹.›.j,k", "an ellipsis is three dots"),
        ("...i‹...›,k", "a second ellipsis in one operand"),
    ],
)
def test_refusals(marked: str, reason: str) -> None:
    text = marked.replace("‹", "").replace("›", "")
    with pytest.raises(IndicialError) as caught:
        parse_einsum(text)
    error = caught.value
    assert (type(error), error.reason) == (ParseError, reason)
    assert error.span == Span(marked.index("‹"), marked.index("›") - 1)
    assert error.source == text
    assert error.hint


def test_the_grammar_is_unambiguous() -> None:
    """Strict mode refuses conflicts of LALR(1) and terminals that collide."""
    pytest.importorskip("interegular")
    grammar.build(grammar.grammar_text("einsum"), "einsum", strict=True)
