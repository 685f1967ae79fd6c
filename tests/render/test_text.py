"""Formulas as index notation: the exact text."""

import pytest

from indicial.ir.indices import Index, Space, formals
from indicial.ir.nodes import (
    HALF,
    TWO,
    Access,
    Add,
    Apply,
    Call,
    Compare,
    Constant,
    Definition,
    Delta,
    Epsilon,
    Extent,
    IndexProd,
    IndexSum,
    Mul,
    Node,
    Position,
    Power,
    number,
)  # fmt: skip
from indicial.ir.program import Program
from indicial.render import text
from indicial.semantics.resolve import read

S = Space("x", 0)
F, M, N = formals((S, S, S))
J, K, R = Index(-1, S), Index(-2, S), Index(-3, S)
PROGRAM = Program({"x": (S,)}, {}, (), {}, {S: ("i", "j", "k")})


def tensor(name: str, *indices: Index) -> Node:
    return Access(name, indices)


def shown(body: Node, letters: str = "imn") -> str:
    return text.formula(Definition("", (F, M, N), body), tuple(letters), PROGRAM).text


x, y, s = tensor("x", J), tensor("y", J), tensor("s")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (Mul((tensor("x", N), Delta(M, F))), "δ_im x_n"),
        (Mul((tensor("x", N), tensor("s"), number(3), Delta(F, M))), "3 δ_im s x_n"),
        (IndexSum((J,), Mul((tensor("B", N, J), tensor("A", J, M)))), "A_jm B_nj"),
        (IndexSum((J, K), Mul((tensor("C", K, N), tensor("A", M, J), tensor("B", J, K)))), "A_mj B_jk C_kn"),
        (Epsilon((F, M, N)), "ε_imn"),
        (Mul((s, Constant("pi"), Extent(S))), "pi dim(x, 0) s"),
        (IndexSum((J,), s), "dim(x, 0) s"),
        (IndexProd((J,), s), "s^(dim(x, 0))"),
        (IndexProd((J,), x), "prod_j(x_j)"),
    ],
)
def test_products(body: Node, expected: str) -> None:
    assert shown(body) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (number(3) / 2, "3/2"),
        (-number(3) / 2 * s, "-3 s / 2"),
        (s / (2 * tensor("t")), "s / (2 t)"),
        (1 / s, "1 / s"),
        (Mul((s, number(44715) / 1000000)), "0.044715 s"),
        (s / 1024, "s / 1024"),
        (tensor("a") / tensor("t") / tensor("u"), "a / (t u)"),
        (1 / (tensor("a") / tensor("t")), "t / a"),
        (s / (1 + tensor("t")), "s / (1 + t)"),
        (Mul((number(3), Power(TWO, s))), "3 * 2^(s)"),
        (Mul((tensor("D"), s + tensor("t"))), "D * (s + t)"),
        (Power(number(10), number(2)) * s, "100 s"),
    ],
)
def test_numbers_and_quotients(body: Node, expected: str) -> None:
    assert shown(body) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (tensor("a", M) - tensor("y", M), "a_m - y_m"),
        (-tensor("a", M) - tensor("y", M), "-a_m - y_m"),
        (-tensor("a", M) + 1, "1 - a_m"),
        (-(tensor("a", M) - tensor("y", M)), "y_m - a_m"),
        (-2 * (tensor("a", M) - tensor("y", M)) * tensor("x", N), "2 (y_m - a_m) x_n"),
        (-(tensor("a", M) + tensor("y", M)), "-(a_m + y_m)"),
        (-(tensor("a", M) + tensor("b", M) - tensor("y", M)), "y_m - a_m - b_m"),
        (tensor("a", M) + (tensor("b", M) + tensor("c", M)), "a_m + b_m + c_m"),
        (tensor("a", M) - 2 * (tensor("b", M) + tensor("c", M)), "a_m - 2 (b_m + c_m)"),
        (Mul((tensor("p", F), Delta(F, M) - tensor("p", M))), "p_i (δ_im - p_m)"),
        (Add(()), "0"),
        (Mul(()), "1"),
    ],
)
def test_sums(body: Node, expected: str) -> None:
    assert shown(body) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (Power(tensor("x", N), TWO), "x_n^2"),
        (Power(tensor("x", N), number(-2)), "1 / x_n^2"),
        (Power(tensor("x", N), HALF), "sqrt(x_n)"),
        (Power(tensor("x", N), number(-HALF.value)), "1 / sqrt(x_n)"),
        (1 / Power(tensor("x", N), number(1) / 3), "1 / x_n^(1/3)"),
        (Power(Power(s, TWO), number(3)), "(s^2)^3"),
        (Power(IndexSum((J,), Mul((tensor("A", F, J), x))), TWO), "(A_ij x_j)^2"),
        (Power(IndexSum((J,), Mul((x, y))), TWO), "(x_j y_j)^2"),
        (Power(IndexSum((J,), tensor("e", J, J)), TWO), "e_jj^2"),
        (Power(IndexSum((J,), tensor("e", J, J)), number(1) / 3), "(e_jj)^(1/3)"),
        (Power(IndexSum((J,), x), TWO), "sum_j(x_j)^2"),
        (Power(Call("tanh", (s,)), TWO), "tanh(s)^2"),
        (Call("max", (number(0), tensor("z", F))), "max(0, z_i)"),
        (Call("where", (Compare(">", s, number(0)), s, number(1))), "where(s > 0, s, 1)"),
        (Call("where", (s, s, number(1))), "where(s != 0, s, 1)"),
        (Compare(">", tensor("z", M), number(0)), "[z_m > 0]"),
    ],
)
def test_powers_and_calls(body: Node, expected: str) -> None:
    assert shown(body) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (IndexSum((J,), x), "sum_j(x_j)"),
        (IndexSum((J,), tensor("A", J, J)), "A_jj"),
        (IndexSum((J,), Power(x, TWO)), "x_j^2"),
        (IndexSum((J,), Mul((Call("exp", (x,)), y))), "y_j exp(x_j)"),
        # a scope inside would sum the index first
        (IndexSum((J,), Call("exp", (Mul((x, y)),))), "sum_j(exp(x_j y_j))"),
        (IndexSum((J,), Mul((x, Call("exp", (Mul((x, y)),))))), "sum_j(x_j exp(x_j y_j))"),
        (IndexSum((J,), Mul((x, Power(tensor("e", J, J), TWO)))), "sum_j(e_jj^2 x_j)"),
        (IndexSum((J,), Mul((x, Mul((x, y)) + 1))), "sum_j(x_j (1 + x_j y_j))"),
        # a divisor sums by itself what repeats in it
        (IndexSum((J,), x / y), "x_j / y_j"),
        (IndexSum((J,), x / Power(y, TWO)), "sum_j(x_j / y_j^2)"),
        (IndexSum((J,), s / (x * y)), "s sum_j(1 / (x_j y_j))"),
        (tensor("x", F) / IndexSum((J,), Power(x, TWO)), "x_i / x_j^2"),
        (s / (2 * IndexSum((J,), Mul((x, y)))), "s / (2 x_j y_j)"),
        (s / (IndexSum((J,), Mul((x, y))) * IndexSum((J,), Power(x, TWO))), "s / x_j^2 / (x_j y_j)"),
        # the sign reaches over those factors only that have its index
        (IndexSum((J,), Mul((tensor("a", M), Call("exp", (x,))))), "a_m sum_j(exp(x_j))"),
        (Mul((IndexSum((J,), x), IndexSum((J,), y))), "sum_j(x_j) sum_k(y_k)"),
        (IndexSum((K, J), Mul((tensor("A", K, J), x))), "x_j sum_k(A_kj)"),
        # letters that mean something around are not used again
        (IndexSum((K,), Mul((tensor("z", K), Call("exp", (IndexSum((J,), Mul((tensor("A", K, J), y))),))))),
         "z_j exp(A_jk y_k)"),
        # in a condition a letter is an index if it is a subscript beside it
        (IndexSum((J,), Mul((Compare("<=", Position(J), Position(F)), tensor("A", F, J)))), "[j <= i] A_ij"),
        (IndexSum((J,), Compare("<=", Position(J), Position(F))), "sum_j([j <= i])"),
    ],
)  # fmt: skip
def test_summation_signs(body: Node, expected: str) -> None:
    assert shown(body) == expected


def test_indices_of_more_than_a_letter_stand_in_braces_or_brackets() -> None:
    assert text.subscripted("A", ("i1", "i'")) == "A_{i1 i'}"
    assert text.subscripted("W", ("row", "j")) == "W[row, j]"
    assert text.subscripted("L", ()) == "L"


def test_order_does_not_depend_on_the_order_of_factors_and_terms() -> None:
    factors = (tensor("b", M), Call("exp", (tensor("c", M),)), tensor("a", N), s, number(2))
    terms = (tensor("b", M), Mul((number(-1), s)), tensor("a", N))
    for turn in range(5):
        assert shown(Mul(factors[turn:] + factors[:turn])) == "2 s b_m exp(c_m) a_n"
        assert shown(Add(terms[turn % 3 :] + terms[: turn % 3])) == "a_n + b_m - s"


def test_an_anonymous_definition_is_a_line_with_the_letters_of_the_result() -> None:
    inner = Definition("", formals((S,)), Call("exp", (tensor("z", F),)))
    outer = Definition("", formals((S, S)), Apply(inner, (M,)) * tensor("y", F))
    body = Mul((Apply(outer, (N, M)), Apply(inner, (M,))))
    formula = text.formula(Definition("", (F, M, N), body), ("a", "b", "c"), PROGRAM)
    assert formula.lines == ("s_b = exp(z_b)", "t_cb = y_c s_b")
    assert formula.text == "s_b t_cb"


def test_a_line_is_not_called_by_a_letter_of_the_result_for_another_axis() -> None:
    inner = Definition("", formals((S,)), Call("exp", (tensor("z", F),)))
    body = IndexSum((J,), Mul((Apply(inner, (J,)), tensor("A", F, J))))
    formula = text.formula(Definition("", (F,), body), ("i",), PROGRAM)
    assert (formula.lines, formula.text) == (("s_j = exp(z_j)",), "A_ij s_j")


def test_a_line_names_every_index_of_its_left_side() -> None:
    inner = Definition("", formals((S, S)), tensor("z", F))
    formula = text.formula(Definition("", (F, M), Apply(inner, (F, M))), ("i", "m"), PROGRAM)
    assert formula.lines == ("s_im = z_i ones_m",)


def test_a_user_s_statement_is_called_by_its_name() -> None:
    statement = Definition("a", formals((S,)), Call("exp", (tensor("z", F),)))
    formula = text.formula(Definition("", (F,), Apply(statement, (F,))), ("m",), PROGRAM)
    assert (formula.lines, formula.text) == ((), "a_m")


def test_what_occurs_over_and_over_gets_lines_of_its_own() -> None:
    body = tensor("x", F)
    for _ in range(100):
        body = Call("tanh", (Mul((body, body, tensor("x", F))),))
    formula = text.formula(Definition("", (F,), body), ("i",), PROGRAM)
    assert len(str(formula)) < 5000


def test_depth_needs_no_recursion() -> None:
    body = tensor("x", F)
    for _ in range(3000):
        body = Call("tanh", (body,))
    assert shown(body).startswith("tanh(tanh(") is True


def test_equations() -> None:
    assert text.partial(("f", "i"), [("W", "mn")]) == "∂f_i/∂W_mn"
    assert text.partial(("L", ""), [("x", "m"), ("W", "np")]) == "∂²L/∂x_m∂W_np"
    assert text.equation("f_i", text.Formula(("s_i = x_i",), "s_i")) == "s_i = x_i\nf_i = s_i"


@pytest.mark.parametrize(
    "source",
    [
        "f_i = W_ij x_j",
        "z_i = W_ij x_j + b_i\na_i = max(0, z_i)\nL = (a_i - y_i)^2",
        "p_i = exp(x_i) / sum_j(exp(x_j))",
        "index i: N\ny_i = x_i / N",
        "c_i = ε_ijk a_j b_k",
        "y_ij = x_i ones_j",
        "y_i = [j <= i] A_ij",
        "C[row, col] = A[row, k] B[k, col]",
        "σ_ij = 2 μ ε1_ij + δ_ij λ ε1_kk",
    ],
)
def test_a_program_as_it_is_printed_stays_as_it_is(source: str) -> None:
    assert text.program_text(read(source)).strip() == source


def test_statements_stand_behind_those_they_use_and_the_output_last() -> None:
    printed = text.program_text(read("y_i = z_i^2; z_i = 2 x_i", outputs=("z",)))
    assert printed == "y_i = z_i^2\nz_i = 2 x_i\n"


def test_an_index_on_no_tensor_is_tied_to_an_axis() -> None:
    printed = text.program_text(read("index m: dim(x, 0)\ny_im = x_i ones_m"))
    assert printed == "index m: dim(x, 0)\ny_im = x_i ones_m\n"
