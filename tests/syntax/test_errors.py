"""Every refusal: its kind, its words, its place, its fix."""

from __future__ import annotations

import pytest

from indicial.errors import IndicialError, NotationError, ParseError
from indicial.syntax.parser import parse_denominators, parse_source

_CONTINUED = "a statement goes on in the next line only inside brackets"
_NEEDED = "the statement ends where a number, a tensor or a bracket has to follow"
_TRANSPOSE = "index notation has no transpose sign"
_STRAY = "a comparison stands in where(…) or in [ ] only"
_SIGN = "a sum or product sign takes index letters and no bounds"
_ALONE = "an einsum string is a program of its own, and no statement of another"
_EINSUM = "an einsum string has letters, commas, dots, spaces and one -> only"
_COMMA = ", stands where a number, a tensor or a bracket is expected"
_LEFT = "the left side of = is not one plain tensor"

# text with the marked place between ‹ ›, kind, reason, a part of the hint
_TOO_HIGH = "a derivative of this order is asked for, and 100 is the highest"
_BY_EXPRESSION = "a derivative is taken by a tensor with its indices, not by an expression"
_REFUSED: list[tuple[str, type[IndicialError], str, str]] = [
    ("‹W_ij x_j›", ParseError, "this is no statement: it has no =", "f_i = W_ij x_j"),
    ("a = b\n  ‹W_ij x_j›  # product", ParseError, "this is no statement: it has no =", "f_i = W_ij x_j"),
    ("a = b\n‹ij,j->i›", ParseError, _ALONE, "C_ik"),
    ("i‹1›,j->i", ParseError, _EINSUM, "ij,jk->ik"),
    ("ij,j‹→›i", ParseError, _EINSUM, "ij,jk->ik"),
    ("f_i =‹ ›", ParseError, _NEEDED, _CONTINUED),
    ("f_i = W_ij +‹ › # more", ParseError, _NEEDED, _CONTINUED),
    ("f = a ^‹\n›g = b", ParseError, _NEEDED, _CONTINUED),
    ("f = a\n  ‹+› b", ParseError, "a statement cannot begin with +", _CONTINUED),
    ("‹f_i + g_i› = x_i", ParseError, _LEFT, "its free indices"),
    ("‹f(x)› = 3", ParseError, _LEFT, "without arguments: f = …"),
    ("‹2 x› = 3", ParseError, _LEFT, "its free indices"),
    ("‹x^2_i› = 3", ParseError, _LEFT, "no power: x2_i = …"),
    ("‹=› 3", ParseError, "nothing stands left of =", "f_i ="),
    ("f_i ‹==› x_i", ParseError, "== compares; a statement assigns", "write ="),
    ("f ‹:=› 3", ParseError, "a statement has = alone", "write ="),
    ("f = a ‹=› b", ParseError, "a second = in one statement", "one statement a line"),
    ("‹mean_j› = 3", NotationError, "mean with indices is an operator, not a tensor", "another name"),
    ("‹det_ij› = 3", NotationError, "det with indices is an operator, not a tensor", "another name"),
    ("f = ‹exp›", NotationError, "exp is a function, and stands here without its argument", "exp(…)"),
    ("f = ‹sin›^2 (x)", NotationError, "sin is a function, and stands here without its argument", "sin(…)"),
    # transposes and inverses
    ("f = A_ji‹^T›", NotationError, _TRANSPOSE, "other order"),
    ("f = A_ji‹^{T›}", NotationError, _TRANSPOSE, "other order"),
    ("f = A‹^T_ij›", NotationError, _TRANSPOSE, "other order"),
    ("f = x^‹⊤› A", NotationError, _TRANSPOSE, "other order"),
    ("f = x‹ᵀ› A", NotationError, _TRANSPOSE, "other order"),
    ("f = A‹.T› x", NotationError, _TRANSPOSE, "other order"),
    (
        "f = ‹F^{-1}_{ij}›", NotationError,
        "a negative power before the subscripts reads as the inverse of a matrix", "F_ij^(-1)",
    ),
    # brackets
    ("f = ‹(›a + b", ParseError, "this bracket is never closed", "write )"),
    ("f = exp‹(›a + b # (", ParseError, "this bracket is never closed", "write )"),
    ("f = ‹(›a\ng = b", ParseError, "this bracket is never closed", "write )"),
    ("f = (a ‹[›b > c", ParseError, "this bracket is never closed", "write ]"),
    ("f = a + b‹)›", ParseError, "this bracket closes nothing", "take it out"),
    ("f = (a + b‹]›", ParseError, "] closes a bracket that ) has to close", "write )"),
    ("f = ‹f()›", ParseError, "a function without an argument", "f(x)"),
    ("f = (‹)›", ParseError, ") stands where a number, a tensor or a bracket is expected", "missing"),
    ("f = ‹{›a}", ParseError, "{ stands where a number, a tensor or a bracket is expected", "round"),
    # operators
    ("f = ‹sum_j› x_j", ParseError, "an operator needs brackets around what it reaches over", "sum_j(…)"),
    ("f = ‹max_j› x_j", ParseError, "an operator needs brackets around what it reaches over", "max_j(…)"),
    ("f = ‹sum›(x_i)", NotationError, "sum does not say over which index", "sum_i(…)"),
    ("f = ‹det›(A)", NotationError, "det does not say over which indices", "det_ij(…)"),
    ("f = ‹D(a)›", NotationError, "D does not say by what to differentiate", "D(f, x_i)"),
    ("f = D(a, ‹2 x›)", NotationError, _BY_EXPRESSION, "a name"),
    ("f = ‹D(a" + ", x" * 101 + ")›", NotationError, _TOO_HIGH, "fewer"),
    ("f = ‹∂²a/∂x_i›", NotationError, "∂ has order 2 above and 1 below", "∂²f/∂x_i∂x_j"),
    ("f = ‹∂a/∂x_i²›", NotationError, "∂ has order 1 above and 2 below", "D(f, x_i, x_j)"),
    ("f = ‹∂^999999999a/∂x^999999999›", NotationError, _TOO_HIGH, "fewer"),
    ("f = ∂ a ‹b›/∂x", ParseError, "∂ reaches over one factor, and /∂ has to follow", "∂(a b)/∂x_i"),
    ("f = ∂a‹/›dx", ParseError, "∂ reaches over one factor, and /∂ has to follow", "D(a b, x_i)"),
    ("f = ∂‹/∂x› a", ParseError, "nothing is differentiated here", "∂f/∂x_i"),
    ("f = a‹/∂x∂y›", ParseError, "∂ stands below, and none above", "∂f/∂x_i"),
    ("f = a/∂x‹›", ParseError, "∂ reaches over one factor, and /∂ has to follow", "∂f/∂x_i"),
    ("f = ∂a/∂x[‹0›]", ParseError, "below ∂ stand index letters only", "D(f, x[i+1])"),
    ("f = ‹∇›a", NotationError, "this is no derivative that can be read", "∂f/∂x_i"),
    ("f = ‹∑› x_j", NotationError, _SIGN, "∑_j x_j"),
    # subscripts
    ("f = W_{i, ‹,› j}", ParseError, _COMMA, "subscript"),
    ("f = x‹_›", NotationError, "the subscript is empty", "W_ij"),
    ("f = x[‹]›", ParseError, "] stands where a number, a tensor or a bracket is expected", "missing"),
    ("f = ‹_i›", ParseError, "a subscript without a name before it", "W_ij"),
    ("f = x_i‹_j›", NotationError, "a second subscript on one name", "W_ij"),
    ("f = W[i‹<›j]", ParseError, "a comparison has two sides", "[i < j]"),
    ("‹y[2*i+1]› = x", ParseError, "the left side of = is not one plain tensor", "f_i = "),
    ("f = ‹sum_{i+1}›(x_i)", NotationError, "an operator such as sum takes index letters", "sum_j(…)"),
    ("f = ‹x[i+1}›", ParseError, "this bracket is closed by one of another kind", "]"),
    ("f = x‹[›i+1", ParseError, "this bracket is never closed", "]"),
    ("f = x; index k: ‹1..-1›", NotationError, "the range 1..-1 is empty", "-1..1"),
    ("‹index k: 0..3›", ParseError, "the program has declarations only", "f_i = W_ij x_j"),
    # comparisons
    ("f = a ‹<› b", NotationError, _STRAY, "[a > b]"),
    ("f = max(‹a < b›, c)", NotationError, _STRAY, "[a > b]"),
    ("f = where(a > b, ‹a > b›, c)", NotationError, _STRAY, "[a > b]"),
    ("f = [i < j ‹<› k]", ParseError, "a comparison has two sides", "[i < j] [j < k]"),
    ("f = [i ‹=› j]", ParseError, "= assigns; == compares", "write =="),
    ("f = [i‹]›", ParseError, "a square bracket that is a factor holds a comparison", "round brackets"),
    # numbers and signs
    ("f = ‹2 3›", ParseError, "two numbers stand side by side", "write *"),
    ("f = ‹1e500›", ParseError, "the power of ten in 1e500 is out of range", "400"),
    ("f = x*‹*›2", ParseError, "** is not a power here", "x^2"),
    ("f = a‹×›b", NotationError, "index notation has no sign for this product", "A_ij B_jk"),
    ("f = A ‹@› B", NotationError, "index notation has no sign for this product", "A_ij B_jk"),
    ("f = ‹|›x|", ParseError, "bars are not read", "abs(x)"),
    ("f = ‹√›x", ParseError, "the root sign is not read", "sqrt(x)"),
    ("f = n‹!›", ParseError, "there is no factorial", "lgamma"),
    ("f = x²‹^›3", ParseError, "^ stands where an operation or the end of the expression is expected", "x^2"),
    ("f = a‹,› b", ParseError, ", stands where the end of the statement is expected", "commas"),
    ("f = a ‹?› b", ParseError, "the character ? is not part of the language", "signs"),
    ("f = ‹я›", ParseError, "the character я (cyrillic small letter ya) is not part of the language", "G"),
    ("f = ‹\0›", ParseError, "the character U+0000 is not part of the language", "Greek"),
    # declarations
    ("tensor ‹A_ij› symmetric\nf = A_ii", ParseError, "this is no declaration of a tensor", "A_ij: sym"),
    ("tensor A_ij: ‹3›\nf = A_ii", ParseError, "this is no declaration of a tensor", "A_ij: symmetric"),
    (
        "tensor A_ij: symmetric, B_ij‹:› x; f = A_ii", ParseError,
        "a second colon in one declaration", "a line for each",
    ),
    ("‹tensor A_ij: symmetric›", ParseError, "the program has declarations only", "f_i = W_ij x_j"),
    ("function phi, g(‹)›; f = x", ParseError, "this is no function line", "function phi, g(x, y)"),
    ("function ‹phi›", ParseError, "the program has declarations only", "f_i"),
    ("index ‹i› 3", ParseError, "this is no index line", "index i: 3"),
    ("index i: ‹(›3)", ParseError, "this is no index line", "index i: 3"),
    ("index i: ‹0.5›", NotationError, "the extent 0.5 is not a whole number", "index i: 3"),
    (
        "index i: ‹exp(W, 0)›", NotationError,
        "an extent is a number, a name, or the extent of a tensor's axis", "dim(W, 0)",
    ),
    ("‹index i: 3›", ParseError, "the program has declarations only", "f_i = W_ij x_j"),
    ("‹›", ParseError, "the program is empty", "f_i = W_ij x_j"),
]  # fmt: skip


@pytest.mark.parametrize(("marked", "kind", "reason", "hint"), _REFUSED)
def test_refusals(marked: str, kind: type[IndicialError], reason: str, hint: str) -> None:
    start = marked.index("‹")
    end = marked.index("›") - 1
    text = marked.replace("‹", "").replace("›", "")
    with pytest.raises(IndicialError) as caught:
        parse_source(text)
    error = caught.value
    assert error.reason == reason
    assert type(error) is kind
    assert error.span is not None
    assert (error.span.start, error.span.end) == (start, max(end, start + 1))
    assert error.hint is not None
    assert hint in error.hint
    assert error.source == text
    assert "^" in str(error)


def test_a_wrong_closing_bracket_names_the_opening_one() -> None:
    with pytest.raises(ParseError) as caught:
        parse_source("f = (a + b]")
    assert str(caught.value).splitlines() == [
        "line 1: ] closes a bracket that ) has to close",
        "  f = (a + b]",
        "            ^",
        "  f = (a + b]",
        "      ^ opened here",
        "hint: write )",
    ]


def test_errors_name_the_line() -> None:
    with pytest.raises(ParseError) as caught:
        parse_source("a = b\n\nc = d ? e")
    assert caught.value.line == 3


def test_denominators_are_explained() -> None:
    with pytest.raises(ParseError, match="a denominator is a tensor's name, with or without indices"):
        parse_denominators("x + y")
    with pytest.raises(ParseError, match="no denominator is named"):
        parse_denominators("\n")
