"""Matrix notation as text: what is read, what is refused and with which words, and any text whatever."""

from __future__ import annotations

from functools import singledispatch
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicial.errors import IndicialError
from indicial.semantics.matrix.resolve import read
from indicial.syntax import grammar
from indicial.syntax.matrix import tree
from indicial.syntax.matrix.builder import MatrixTreeBuilder
from indicial.syntax.parser import parse_matrix


def test_the_grammar_is_unambiguous() -> None:
    """Strict mode refuses conflicts of LALR(1) and terminals that collide."""
    pytest.importorskip("interegular")
    grammar.build(grammar.grammar_text("matrix"), "matrix", strict=True)


def test_every_rule_has_its_method() -> None:
    parser = grammar.build(grammar.grammar_text("matrix"), "matrix")
    called = {
        rule.alias or rule.origin.name for rule in parser.rules if not rule.options.expand1 or rule.alias
    }
    for name in called:
        if not name.startswith("_"):
            assert hasattr(MatrixTreeBuilder, name), name


# --- trees ----------------------------------------------------------------------------------------------


@singledispatch
def shown(node: tree.Expression) -> str:
    """A tree with every bracket written."""
    raise AssertionError(node)


@shown.register
def _(node: tree.Number) -> str:
    return str(node.value)


@shown.register
def _(node: tree.Name) -> str:
    return node.name


@shown.register
def _(node: tree.Sum) -> str:
    return "(" + " ".join([("+" if t.sign > 0 else "-") + shown(t.value) for t in node.terms]) + ")"


@shown.register
def _(node: tree.Product) -> str:
    return "(" + " ".join([factor.operator + shown(factor.value) for factor in node.factors]) + ")"


@shown.register
def _(node: tree.Negation) -> str:
    return f"(neg {shown(node.value)})"


@shown.register
def _(node: tree.Transpose) -> str:
    return f"{shown(node.value)}'"


@shown.register
def _(node: tree.Power) -> str:
    return f"({shown(node.base)} {'.^' if node.elementwise else '^'} {shown(node.exponent)})"


@shown.register
def _(node: tree.Call) -> str:
    return f"{node.name}({', '.join([shown(argument) for argument in node.arguments])})"


TREES = [
    ("x", "x"),
    ("A*X'*B*X", "(*A *X' *B *X)"),
    ("a - b + c", "(+a -b +c)"),
    ("x.*y./z*a/b", "(*x .*y ./z *a /b)"),
    ("x ⊙ y · a", "(*x .*y *a)"),
    ("-x'*y", "(*(neg x') *y)"),
    ("-a^2", "(neg (a ^ 2))"),
    ("a^-2", "(a ^ (neg 2))"),
    ("x.^2'", "(x .^ 2)'"),
    ("X^(-1)'", "(X ^ (neg 1))'"),
    ("X'^2", "(X' ^ 2)"),
    ("X²ᵀ", "(X ^ 2)'"),
    ("X⁻¹", "(X ^ -1)"),
    ("(a^b)^c", "((a ^ b) ^ c)"),
    ("x''", "x''"),
    ("2*-x", "(*2 *(neg x))"),
    ("2.*x", "(*2 .*x)"),
    ("2./x", "(*2 ./x)"),
    ("2.^x", "(2 .^ x)"),
    ("2. * .5 * 1e-1", "(*2 *1/2 *1/10)"),
    ("alpha*μ", "(*α *μ)"),
    ("ln(x) + sum (x)", "(+log(x) +sum(x))"),
    ("max(x, y')", "max(x, y')"),
    ("(\nx\n+ y)", "(+x +y)"),
    ("tensor", "tensor"),
]


@pytest.mark.parametrize(("text", "tree"), TREES)
def test_trees(text: str, tree: str) -> None:
    for line in (text, f"r = {text}"):
        (statement,) = parse_matrix(line).statements
        assert shown(statement.value) == tree


def test_programs() -> None:
    source = parse_matrix("z = A*x # first\n\n z'*z; tensor x: vector, s : scalar\n")
    assert [s.target.name if s.target else None for s in source.statements] == ["z", None]
    assert [(line.name.name, line.kind) for line in source.declarations] == [("x", "vector"), ("s", "scalar")]


def test_spans_hold_the_brackets() -> None:
    text = "f = (x + y)'*z"
    (statement,) = parse_matrix(text).statements
    assert isinstance(statement.value, tree.Product)
    spans = [factor.value.span for factor in statement.value.factors]
    assert [text[span.start : span.end] for span in spans] == ["(x + y)'", "z"]


# --- refusals -------------------------------------------------------------------------------------------


def examples() -> list[tuple[str, str]]:
    """The programs of the file, each with its message; `⏎` stands for a line break in a program."""
    text = Path(__file__).with_name("matrix_errors.txt").read_text(encoding="utf-8")
    blocks = [block.strip("\n").partition("\n") for block in ("\n" + text).split("\n>>> ")[1:]]
    return [(program.replace("⏎", "\n"), message) for program, _, message in blocks]


@pytest.mark.parametrize(("text", "message"), examples())
def test_message(text: str, message: str) -> None:
    with pytest.raises(IndicialError) as caught:
        parse_matrix(text)
    assert f"{type(caught.value).__name__}: {caught.value}" == message


@pytest.mark.parametrize("text", ["", " \n ", "# nothing"])
def test_no_program(text: str) -> None:
    with pytest.raises(IndicialError, match="the program is empty"):
        parse_matrix(text)


# --- any text -------------------------------------------------------------------------------------------

_PIECES = st.sampled_from(
    [
        "x", "y", "A", "X", "a", "s", "f", "f = ", "alpha", "Σ", "δ", "'", "ᵀ", "²", "⁻¹", "+", "-", "*", "/",
        ".*", "./", ".^", "^", "^2", "^-1", "(", ")", "(x)", "(A)", ",", ";", "\n", " ", "#", "=", "==", ":",
        "2", "0.5", "1e999", ".", "sum(", "tr(", "inv(", "diag(", "det(", "norm2(", "vector(1)", "matrix(1)",
        "eye", "eye*", "solve(A, x)", "softmax(", "exp(", "max(", "sin", "pi", "foo(", "tensor ",
        "tensor x: ", "scalar", "matrix", "index i: 3", "A*", "x'*", "*x", "_i", "[", "\\", "@", "|", "<",
        "\0", "\ud800", "log_softmax(",
    ]
)  # fmt: skip


def _refusal(text: str) -> IndicialError | None:
    try:
        read(text)
    except IndicialError as error:
        return error
    return None


def _holds(text: str) -> None:
    error = _refusal(text)
    if error is not None:
        assert error.source == text
        assert error.span is not None
        assert 0 <= error.span.start < error.span.end
        assert error.span.start <= len(text)
        assert error.reason
        assert error.hint
        assert str(error)


@settings(max_examples=600, deadline=None)
@given(st.lists(_PIECES, max_size=12).map("".join))
def test_texts_in_the_alphabet_of_the_language(text: str) -> None:
    _holds(text)


_OPERANDS = st.sampled_from(["x", "y", "A", "B", "a", "2", "eye", "vector(1)", "matrix(a)", "x'", "pi"])
_OPERATORS = st.sampled_from(["*", "+", "-", ".*", "./", "/", ".^"])
_FUNCTIONS = st.sampled_from(["sum", "tr", "inv", "diag", "norm2", "exp", "det", "mean", "softmax"])
_EXPONENTS = st.sampled_from(["2", "-1", "0", "9", "0.5"])
_EXPRESSIONS = st.recursive(
    _OPERANDS,
    lambda inner: st.one_of(
        st.tuples(inner, _OPERATORS, inner).map("({0[0]}{0[1]}{0[2]})".format),
        st.tuples(_FUNCTIONS, inner).map("{0[0]}({0[1]})".format),
        inner.map("{}'".format),
        st.tuples(inner, _EXPONENTS).map("({0[0]})^{0[1]}".format),
    ),
    max_leaves=8,
)


@settings(max_examples=400, deadline=None)
@given(_EXPRESSIONS)
def test_expressions_fit_or_say_why_not(text: str) -> None:
    _holds(text)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=30))
def test_texts_in_any_alphabet(text: str) -> None:
    _holds(text)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 5000 + "x" + ")" * 5000,
        "-" * 5000 + "x",
        "x" + "'" * 5000,
        "exp(" * 1000 + "x" + ")" * 1000,
        "*".join(["X"] * 300),
        "+".join(["x"] * 3000),
        "(" * 20 + "X" + "^7+X)" * 20,
        "X^" + "9" * 500,
    ],
    ids=["brackets", "signs", "transposes", "calls", "product", "sum", "powers", "power"],
)
def test_no_text_is_too_deep(text: str) -> None:
    read(text)


def test_one_declaration_of_several_tensors():
    source = parse_matrix("tensor S, R: matrix, symmetric, u, v: vector; f = u'*S*R*v")
    lines = source.declarations
    said = [(each.name.name, each.kind, [word.name for word in each.properties]) for each in lines]
    assert said == [
        ("S", "matrix", ["symmetric"]),
        ("R", "matrix", ["symmetric"]),
        ("u", "vector", []),
        ("v", "vector", []),
    ]
