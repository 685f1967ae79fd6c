"""Derivatives inside programs and declared functions, as they are written."""

import pytest
from syntax.shown import read

from indicial.errors import IndicialError
from indicial.ir.abstract import orders_of, spelled, split
from indicial.syntax.parser import parse_source

SPELLINGS = [
    ("D(psi, F_iJ)", "(D ψ / F[i J])"),
    ("D (psi, F_iJ)", "(D ψ / F[i J])"),
    ("∂psi/∂F_iJ", "(D ψ / F[i J])"),
    ("∂ psi / ∂ F_{iJ}", "(D ψ / F[i J])"),
    ("∂ψ/∂F[i, J]", "(D ψ / F[i J])"),
    ("D(a, x_i, y)", "(D a / x[i] y)"),
    ("∂²a/∂x_i∂y", "(D a / x[i] y)"),
    ("∂^2 a / ∂x_i ∂y", "(D a / x[i] y)"),
    ("∂²a/∂xᵢ²", "(D a / x[i] x[i])"),
    ("∂³a/∂x^{2}∂y", "(D a / x x y)"),
    ("∂a/∂x ∂b/∂y", "(prod *(D a / x) *(D b / y))"),
    ("∂a/∂x_i ∂b_j^2/∂y", "(prod *(D a / x[i]) *(D (pow b[j] 2) / y))"),
    ("c ∂a/∂x d", "(prod *c *(D a / x) *d)"),
    ("c / ∂a/∂x", "(prod *c /(D a / x))"),
    ("-∂a/∂x / ∂b_i/∂y", "(prod *(neg (D a / x)) /(D b[i] / y))"),
    ("∂a/∂x / ∂(a b)/∂y", "(prod *(D a / x) /(D <(prod *a *b)> / y))"),
    ("(c / ∂a/∂x) b", "(prod *<(prod *c /(D a / x))> *b)"),
    ("∂a^2/∂x", "(D (pow a 2) / x)"),
    ("(∂a/∂x)^2", "(pow <(D a / x)> 2)"),
    ("D(a, x)^2", "(pow (D a / x) 2)"),
    ("∂(a b)/∂x", "(D <(prod *a *b)> / x)"),
    ("∂(∂a/∂x)/∂y", "(D <(D a / x)> / y)"),
    ("∂∂a/∂x/∂y", "(D (D a / x) / y)"),
    ("D(D(a, x), y)", "(D (D a / x) / y)"),
    ("-∂a/∂x", "(neg (D a / x))"),
    ("D", "D"),
    ("D_ij", "D[i j]"),
    ("D * (a + b)", "(prod *D *<(sum +a +b)>)"),
    ("phi'(x)", "φ'(x)"),
    ("phi″(x)", "φ''(x)"),
    ("∂₁∂₂g(x, y)", "∂1∂2g(x, y)"),
    ("a ∂₁g(x, y) ∂g(x, y)/∂x", "(prod *a *∂1g(x, y) *(D g(x, y) / x))"),
]


@pytest.mark.parametrize(("text", "tree"), SPELLINGS)
def test_reading(text, tree):
    assert read(text) == tree


def test_function_lines():
    source = parse_source("function phi, g(x, y)  # two\n y = phi(x); function f")
    assert [(line.name, line.arguments) for line in source.functions] == [
        ("φ", ("x",)), ("g", ("x", "y")), ("f", ("x",)),
    ]  # fmt: skip
    source = parse_source("function = 3; y = function x; z = function (a + b)")
    assert not source.functions
    assert len(source.statements) == 3


def test_a_power_below_is_bounded():
    with pytest.raises(IndicialError, match="100 is the highest"):
        parse_source("y = ∂^999999999 a/∂x^999999999")


NAMES = [
    ("φ", {"φ": 1}, "φ", (0,)),
    ("φ''", {"φ": 1}, "φ", (2,)),
    ("∂1φ", {"φ": 1}, "φ", (1,)),
    ("D1φ'", {"φ": 1}, "φ", (2,)),
    ("∂2∂1g", {"g": 2}, "g", (1, 1)),
    ("D2D2g", {"g": 2}, "g", (0, 2)),
    ("D1", {"D1": 1}, "D1", (0,)),
    ("D1D1", {"D1": 1}, "D1", (1,)),
]


@pytest.mark.parametrize(("name", "arities", "function", "orders"), NAMES)
def test_names_of_derivatives(name, arities, function, orders):
    stem, by, primes = split(name, arities)
    assert stem == function
    assert orders_of(arities[function], by, primes) == orders


def test_partial_derivatives_commute_in_name():
    assert spelled("g", (1, 1)) == "∂₁∂₂g"
    assert spelled("g", (2, 0)) == "∂₁∂₁g"
    assert spelled("φ", (3,)) == "φ'''"
    assert orders_of(2, (3,), 0) is None
    assert orders_of(2, (), 1) is None
