"""How expressions are read: names, subscripts, operators, precedence, numbers."""

from __future__ import annotations

from fractions import Fraction

import pytest
from syntax.shown import read

from indicial.errors import ParseError
from indicial.ir.functions import FUNCTIONS
from indicial.syntax import tree
from indicial.syntax.parser import parse_source


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("W_ij x_j", "(prod *W[i j] *x[j])"),
        ("W_{ij} x_{j}", "(prod *W[i j] *x[j])"),
        ("W_{ i j }", "W[i j]"),
        ("Wᵢⱼ xⱼ", "(prod *W[i j] *x[j])"),
        ("Wᵢ₁ⱼ", "W[i1 j]"),
        ("W₁ᵢⱼ", "W1[i j]"),
        ("A_{i1 i2}", "A[i1 i2]"),
        ("A_{i1i2}", "A[i1 i2]"),
        ("x_i'", "x[i']"),
        ("x_i′ y_i’", "(prod *x[i'] *y[i'])"),
        ("x_{i' j''}", "x[i' j'']"),
        ("W_{row,col}", "W[row col]"),
        ("W_{row, col1}", "W[row col1]"),
        ("W[row, col]", "W[row col]"),
        ("W[ i ]", "W[i]"),
        ("W_{row}", "W[r o w]"),
        ("F_iJ", "F[i J]"),
        ("alpha_i", "α[i]"),
        ("α_i", "α[i]"),
        ("alpha1", "α1"),
        ("Sigma_ij", "Σ[i j]"),
        ("lambda Delta", "(prod *λ *Δ)"),
        ("delta_ij", "δ[i j]"),
        ("δ_ij", "δ[i j]"),
        ("eps_ijk epsilon_ijk varepsilon_ijk ϵ_ijk", "(prod *ε[i j k] *ε[i j k] *ε[i j k] *ε[i j k])"),
        ("µ μ mu", "(prod *μ *μ *μ)"),
        ("2 pi", "(prod *2 *π)"),
        ("W_μν", "W[μ ν]"),
        ("W[mu, nu]", "W[μ ν]"),
        ("x_i2 y", "(prod *x[i2] *y)"),
        ("dσ_ij", "dσ[i j]"),
    ],
)
def test_names_and_subscripts(written: str, meant: str) -> None:
    assert read(written) == meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("a + b - c", "(sum +a +b -c)"),
        ("a − b – c", "(sum +a -b -c)"),
        ("a -b", "(sum +a -b)"),
        ("a * -b", "(prod *a *(neg b))"),
        ("a / -b c", "(prod *a /(neg b) *c)"),
        ("-a b", "(prod *(neg a) *b)"),
        ("-a + b", "(sum +(neg a) +b)"),
        ("--a", "(neg (neg a))"),
        ("a - -b", "(sum +a -(neg b))"),
        ("a / b c", "(prod *a /b *c)"),
        ("a b / c d * e", "(prod *a *b /c *d *e)"),
        ("a·b⋅c * d \\cdot e", "(prod *a *b *c *d *e)"),
        ("(a b) c", "(prod *<(prod *a *b)> *c)"),
        ("-x^2", "(neg (pow x 2))"),
        ("2^-3", "(pow 2 (neg 3))"),
        ("2^-x^2", "(pow 2 (neg (pow x 2)))"),
        ("a^b^c", "(pow a (pow b c))"),
        ("a^2 b", "(prod *(pow a 2) *b)"),
        ("a^{2}", "(pow a 2)"),
        ("a^{-1}", "(pow a (neg 1))"),
        ("a^{b + 1}", "(pow a <(sum +b +1)>)"),
        ("a^(T)", "(pow a <T>)"),
        ("x²", "(pow x 2)"),
        ("xᵢ²", "(pow x[i] 2)"),
        ("x_i² y", "(prod *(pow x[i] 2) *y)"),
        ("x⁻¹", "(pow x -1)"),
        ("x¹²", "(pow x 12)"),
        ("x^2_i", "(pow x[i] 2)"),
        ("x^{2}_{ij}", "(pow x[i j] 2)"),
        ("x²_i", "(pow x[i] 2)"),
        ("x²ᵢ", "(pow x[i] 2)"),
        ("2x_i", "(prod *2 *x[i])"),
        ("2x^2", "(prod *2 *(pow x 2))"),
        ("2(a + b)", "(prod *2 *<(sum +a +b)>)"),
        ("2e", "(prod *2 *e)"),
        ("x 2", "(prod *x *2)"),
    ],
)
def test_precedence(written: str, meant: str) -> None:
    assert read(written) == meant


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("0.1", Fraction(1, 10)),
        (".5", Fraction(1, 2)),
        ("3.", Fraction(3)),
        ("1e-3", Fraction(1, 1000)),
        ("1e−3", Fraction(1, 1000)),
        ("2.50E+2", Fraction(250)),
        ("1e400", Fraction(10**400)),
        ("9" * 1000, Fraction(int("9" * 1000))),
    ],
)
def test_numbers_are_exact(written: str, value: Fraction) -> None:
    (statement,) = parse_source(f"r = {written}").statements
    assert isinstance(statement.value, tree.Number)
    assert statement.value.value == value


@pytest.mark.parametrize(
    "written",
    [
        "1e401",
        "1e-401",
        "1e99999999999999999999",
        "9" * 1001,
        "x^" + "9" * 5000,
        "x^" + "9" * 5000 + "_i",
        "x" + "²" * 5000,
    ],
)
def test_huge_numbers_are_refused(written: str) -> None:
    with pytest.raises(ParseError, match=r"digits|out of range"):
        read(written)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("exp(x_i)", "exp(x[i])"),
        ("exp (x_i)", "exp(x[i])"),
        ("ln(x)", "log(x)"),
        ("ln (x)", "log(x)"),
        ("s (y_i - x_i)", "(prod *s *<(sum +y[i] -x[i])>)"),
        ("sgn(x_i)", "sgn(x[i])"),
        ("W_ij (x_j)", "(prod *W[i j] *<x[j]>)"),
        ("W_ij(x_j)", "(prod *W[i j] *<x[j]>)"),
        ("max(0, z_i)", "max(0, z[i])"),
        ("dim(W, 0)", "dim(W, 0)"),
        ("polygamma(1, x_i)", "polygamma(1, x[i])"),
        ("exp(x)^2", "(pow exp(x) 2)"),
        ("2 exp(x) y", "(prod *2 *exp(x) *y)"),
        ("where(z_i > 0, a, b)", "where(z[i] > 0, a, b)"),
        ("where([z_i > 0], a, b)", "where(z[i] > 0, a, b)"),
        ("[z_i > 0]", "[z[i] > 0]"),
        ("[z_i ≥ 0] [a ≤ b] [a ≠ b]", "(prod *[z[i] >= 0] *[a <= b] *[a != b])"),
        ("[a == b]", "[a == b]"),
        ("[i < j] A_ij", "(prod *[i < j] *A[i j])"),
        ("a [i < j]", "(prod *a *[i < j])"),
        ("2[i < j]", "(prod *2 *[i < j])"),
        ("f(\n  a,\n  b\n)", "f(a, b)"),
        ("(a\n+ b # the second\n)", "<(sum +a +b)>"),
    ],
)
def test_calls_and_brackets(written: str, meant: str) -> None:
    assert read(written) == meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("sum_j(W_ij x_j)", "(sum_j (prod *W[i j] *x[j]))"),
        ("sum_j (x_j)", "(sum_j x[j])"),
        ("sum_{ij}(A_ij)", "(sum_i j A[i j])"),
        ("sum[i,j](A_ij)", "(sum_i j A[i j])"),
        ("sumⱼ(x_j)", "(sum_j x[j])"),
        ("prod_j(x_j) mean_j(x_j)", "(prod *(prod_j x[j]) *(mean_j x[j]))"),
        ("sum_j(x_j)^2", "(pow (sum_j x[j]) 2)"),
        ("sum_ij([i < j] f_ij)", "(sum_i j (prod *[i < j] *f[i j]))"),
        ("∑_j x_j", "(sign sum_j x[j])"),
        ("∑ⱼ x_j", "(sign sum_j x[j])"),
        (r"\sum_{j} x_j", "(sign sum_j x[j])"),
        (r"\prod_j x_j", "(sign prod_j x[j])"),
        ("∏_j x_j y_j", "(sign prod_j (prod *x[j] *y[j]))"),
        ("∑_j (x_j - y_j)^2 / 2", "(sign sum_j (prod *(pow <(sum +x[j] -y[j])> 2) /2))"),
        ("a_i ∑_j b_j c_j / d", "(prod *a[i] *(sign sum_j (prod *b[j] *c[j] /d)))"),
        ("a / ∑_j b_j c_j", "(prod *a /(sign sum_j (prod *b[j] *c[j])))"),
        ("a * -∑_j b_j c_j", "(prod *a *(neg (sign sum_j (prod *b[j] *c[j]))))"),
        ("-∑_j x_j y_j", "(neg (sign sum_j (prod *x[j] *y[j])))"),
        ("∑_j -x_j y_j", "(sign sum_j (prod *(neg x[j]) *y[j]))"),
        ("∑_i ∑_j A_ij", "(sign sum_i (sign sum_j A[i j]))"),
        ("∑_j x_j + c", "(sum +(sign sum_j x[j]) +c)"),
        ("a - ∑_j x_j - c", "(sum +a -(sign sum_j x[j]) -c)"),
        ("max(∑_j x_j, 0) y", "(prod *max((sign sum_j x[j]), 0) *y)"),
        ("(∑_j x_j) y_j", "(prod *<(sign sum_j x[j])> *y[j])"),
        ("[∑_j x_j > 0] y", "(prod *[(sign sum_j x[j]) > 0] *y)"),
    ],
)
def test_operators_and_signs(written: str, meant: str) -> None:
    assert read(written) == meant


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_every_function_is_a_call_with_a_space_too(name: str) -> None:
    arguments = ", ".join(["a > b", "a", "b"][-FUNCTIONS[name].arity :])
    assert read(f"{name} ({arguments})") == f"{name}({arguments})"


def test_spans_cover_what_was_written() -> None:
    text = "r_i = W_ij exp( x_{j k} )^2 - ∑_k a_k [b < c]"
    (statement,) = parse_source(text).statements
    found: list[str] = []

    def visit(node: object) -> None:
        if isinstance(node, tuple):
            for item in node:
                visit(item)
        elif hasattr(node, "__dataclass_fields__"):
            if hasattr(node, "span"):
                found.append(text[node.span.start : node.span.end])
            for field in node.__dataclass_fields__:
                visit(getattr(node, field))

    visit(statement)
    for part in (
        text, "r_i", "i", "W_ij exp( x_{j k} )^2", "exp( x_{j k} )", "x_{j k}", "j", "k", "2",
        "∑_k a_k [b < c]", "a_k [b < c]", "[b < c]", "b < c",
    ):  # fmt: skip
        assert part in found
