"""Programs in matrix notation: their values against NumPy, their derivatives, the shapes that do not fit."""

# ruff: noqa: N803, N806 - matrices have capital names
from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from oracles.numeric import assert_close

import indicial as ix
from indicial.errors import IndicialError, NotationError, ShapeError
from indicial.ir.check import check_definition
from indicial.semantics.matrix.names import kind_by_letter
from indicial.semantics.matrix.resolve import read

inv, det, norm = np.linalg.inv, np.linalg.det, np.linalg.norm
N, M = 4, 3


def tr(X):
    return np.trace(X)


def data(shapes):
    """Random arrays; square matrices are near a multiple of the identity, so that they have an inverse."""
    generator = np.random.default_rng(7)
    arrays = {}
    for name, shape in shapes.items():
        arrays[name] = generator.normal(size=shape)
        if len(shape) == 2 and shape[0] == shape[1]:
            arrays[name] += 3 * np.eye(shape[0])
    return arrays


# The formulas of the Matrix Cookbook and of matrix calculus, as they are written on paper.
# number, program, variable, shapes, value
AB = "tensor a: vector, b: vector"
COOKBOOK = [
    ("4", f"a'*X*b\n{AB}", "X", {"a": (N,), "X": (N, M), "b": (M,)}, lambda a, X, b: a @ X @ b),
    ("5", "x'*A*x", "x", {"x": (N,), "A": (N, N)}, lambda x, A: x @ A @ x),
    (
        "6", "b'*X'*X*c; tensor b: vector, c: vector", "X", {"b": (M,), "X": (N, M), "c": (M,)},
        lambda b, X, c: b @ X.T @ X @ c,
    ),
    (
        "7", "(B*x+b)'*C*(D*x+d); tensor b: vector, d: vector", "x",
        {"B": (N, M), "x": (M,), "b": (N,), "C": (N, N), "D": (N, M), "d": (N,)},
        lambda B, x, b, C, D, d: (B @ x + b) @ C @ (D @ x + d),
    ),
    (
        "8", "(X*b+c)'*D*(X*b+c); tensor b: vector, c: vector", "X",
        {"X": (N, M), "b": (M,), "c": (N,), "D": (N, N)},
        lambda X, b, c, D: (X @ b + c) @ D @ (X @ b + c),
    ),
    ("12", "tr(X)", "X", {"X": (N, N)}, tr),
    ("13", "tr(X*A)", "X", {"X": (N, M), "A": (M, N)}, lambda X, A: tr(X @ A)),
    ("14", "tr(A*X*B)", "X", {"A": (N, M), "X": (M, M), "B": (M, N)}, lambda A, X, B: tr(A @ X @ B)),
    ("15", "tr(X^2)", "X", {"X": (N, N)}, lambda X: tr(X @ X)),
    ("16", "tr(X^2*B)", "X", {"X": (N, N), "B": (N, N)}, lambda X, B: tr(X @ X @ B)),
    ("17", "tr(X'*B*X)", "X", {"X": (N, M), "B": (N, N)}, lambda X, B: tr(X.T @ B @ X)),
    (
        "18", "tr(A*X*B*X)", "X", {"A": (M, N), "X": (N, M), "B": (M, N)},
        lambda A, X, B: tr(A @ X @ B @ X),
    ),
    (
        "19", "tr(X'*B*X*C)", "X", {"X": (N, M), "B": (N, N), "C": (M, M)},
        lambda X, B, C: tr(X.T @ B @ X @ C),
    ),
    (
        "20", "R = A*X*B + C; tr(R*R')", "X", {"A": (2, N), "X": (N, M), "B": (M, 2), "C": (2, 2)},
        lambda A, X, B, C: np.sum((A @ X @ B + C) ** 2),
    ),
    ("21", "tr(X)*tr(X)", "X", {"X": (N, N)}, lambda X: tr(X) ** 2),
    ("22", "tr(X^4)", "X", {"X": (N, N)}, lambda X: tr(X @ X @ X @ X)),
    (
        "23", "tr(B'*X'*C*X*X'*C*X*B)", "X", {"B": (M, 2), "X": (N, M), "C": (N, N)},
        lambda B, X, C: tr(B.T @ X.T @ C @ X @ X.T @ C @ X @ B),
    ),
    (
        "24", "tr(A*X*B*X')", "X", {"A": (N, N), "X": (N, M), "B": (M, M)},
        lambda A, X, B: tr(A @ X @ B @ X.T),
    ),
    ("25", "det(X)", "X", {"X": (M, M)}, det),
    (
        "26", "det(A*X*B)", "X", {"A": (M, M), "X": (M, M), "B": (M, M)},
        lambda A, X, B: det(A @ X @ B),
    ),
    ("27", "logdet(X)", "X", {"X": (N, N)}, lambda X: np.log(abs(det(X)))),
    ("28", "log(det(X'*X))", "X", {"X": (N, M)}, lambda X: np.log(det(X.T @ X))),
    ("28", "logdet(X'*X)", "X", {"X": (N, M)}, lambda X: np.log(det(X.T @ X))),
    ("29", "det(X^3)", "X", {"X": (M, M)}, lambda X: det(X) ** 3),
    ("30", "inv(X)", "X", {"X": (M, M)}, inv),
    ("30", "X^(-1)", "X", {"X": (M, M)}, inv),
    ("31", f"a'*inv(X)*b\n{AB}", "X", {"a": (M,), "X": (M, M), "b": (M,)}, lambda a, X, b: a @ inv(X) @ b),
    ("32", "tr(A*X^-1*B)", "X", {"A": (2, M), "X": (M, M), "B": (M, 2)}, lambda A, X, B: tr(A @ inv(X) @ B)),
    ("33", "tr(inv(X+A))", "X", {"X": (M, M), "A": (M, M)}, lambda X, A: tr(inv(X + A))),
    (
        "34", "tr(inv(X'*C*X)*A)", "X", {"X": (N, 2), "C": (N, N), "A": (2, 2)},
        lambda X, C, A: tr(inv(X.T @ C @ X) @ A),
    ),
    ("39", "norm2(X)", "X", {"X": (N, M)}, norm),
    ("39", "norm2(x-a); tensor a: vector", "x", {"x": (N,), "a": (N,)}, lambda x, a: norm(x - a)),
    (
        "39", "(x-a)/norm2(x-a); tensor a: vector", "x", {"x": (N,), "a": (N,)},
        lambda x, a: (x - a) / norm(x - a),
    ),
    ("49", "norm2(X*w-y)^2", "w", {"X": (N, M), "w": (M,), "y": (N,)}, lambda X, w, y: norm(X @ w - y) ** 2),
    ("86", "x'*A*x/(x'*x)", "x", {"x": (N,), "A": (N, N)}, lambda x, A: x @ A @ x / (x @ x)),
    ("88", "x'*L*L'*x", "L", {"x": (N,), "L": (N, M)}, lambda x, L: x @ L @ L.T @ x),
]  # fmt: skip
each_formula = pytest.mark.parametrize(
    ("number", "text", "wrt", "shapes", "value"), COOKBOOK, ids=[f"{row[0]}: {row[1]}" for row in COOKBOOK]
)


@each_formula
def test_values_of_the_cookbook(number, text, wrt, shapes, value):
    arrays = data(shapes)
    assert_close(ix.evaluate(text, arrays, notation="matrix"), value(*arrays.values()), 1e-11)


@each_formula
@pytest.mark.parametrize("order", [1, 2])
def test_derivatives_of_the_cookbook(number, text, wrt, shapes, value, order):
    report = ix.check(text, " ".join([wrt] * order), data(shapes), notation="matrix")
    assert report, report


CLOSED = [
    ("4", f"a'*X*b\n{AB}", "X", "a_m b_n"),
    ("5", "x'*A*x", "x", "(A_im + A_mi) x_i"),
    ("5", "x'*A*x", "x x", "A_mn + A_nm"),
    ("12", "tr(X)", "X", "δ_mn"),
    ("13", "tr(X*A)", "X", "A_nm"),
    ("14", "tr(A*X*B)", "X", "A_im B_ni"),
    ("15", "tr(X^2)", "X", "2 X_nm"),
    ("17", "tr(X'*B*X)", "X", "(B_im + B_mi) X_in"),
    ("88", "x'*L*L'*x", "L", "2 x_m L_in x_i"),
    ("", "f = W*x", "W", "δ_im x_n"),
    ("", "tr(eye*X)", "X", "δ_mn"),
    ("", "0.5*x'*A*x", "A", "x_m x_n / 2"),
]


@pytest.mark.parametrize(("number", "text", "wrt", "formula"), CLOSED)
def test_derivatives_as_formulas(number, text, wrt, formula):
    assert str(ix.derive(text, wrt=wrt, notation="matrix")) == formula


def soft(x):
    return np.exp(x) / np.exp(x).sum()


VECTOR, MATRIX, SQUARE = {"x": (N,)}, {"X": (N, M)}, {"X": (M, M)}
LANGUAGE = [
    ("f = W*x", {"W": (N, M), "x": (M,)}, lambda W, x: W @ x),
    ("f = x'*W", {"x": (N,), "W": (N, M)}, lambda x, W: x @ W),
    ("x*y'", {"x": (N,), "y": (M,)}, np.outer),
    ("x'*y", {"x": (N,), "y": (N,)}, np.dot),
    ("x''", VECTOR, lambda x: x),
    ("X'", MATRIX, lambda X: X.T),
    ("Xᵀ", MATRIX, lambda X: X.T),
    ("s'*x'; tensor s: scalar", {"s": (), "x": (N,)}, lambda s, x: s * x),
    ("X'*X", MATRIX, lambda X: X.T @ X),
    ("x'*y*z'", {"x": (N,), "y": (N,), "z": (M,)}, lambda x, y, z: x @ y * z),
    ("x*y'*z", {"x": (N,), "y": (M,), "z": (M,)}, lambda x, y, z: x * (y @ z)),
    ("(x*y')*(z*w')", {"x": (N,), "y": (M,), "z": (M,), "w": (2,)},
     lambda x, y, z, w: np.outer(x, w) * (y @ z)),
    ("-x.*y./z", {"x": (N,), "y": (N,), "z": (N,)}, lambda x, y, z: -x * y / z),
    ("x-y-z", {"x": (N,), "y": (N,), "z": (N,)}, lambda x, y, z: x - y - z),
    ("2*x.^2", VECTOR, lambda x: 2 * x**2),
    ("2.*x", VECTOR, lambda x: 2 * x),
    ("2./x", VECTOR, lambda x: 2 / x),
    ("2.5e0*x/4", VECTOR, lambda x: 0.625 * x),
    ("2.^x", VECTOR, lambda x: 2.0**x),
    ("x.^2'", VECTOR, lambda x: x**2),
    ("abs(x).^y", {"x": (N,), "y": (N,)}, lambda x, y: abs(x) ** y),
    ("-a^2", {"a": ()}, lambda a: -(a**2)),
    ("2^(a^2)*b", {"a": (), "b": ()}, lambda a, b: 2 ** (a * a) * b),
    ("a/b/c", {"a": (), "b": (), "c": ()}, lambda a, b, c: a / b / c),
    ("2^-1*a", {"a": ()}, lambda a: a / 2),
    ("pi*a", {"a": ()}, lambda a: np.pi * a),
    ("lambda*x'*x + α1", {"lambda": (), "x": (N,), "alpha1": ()}, lambda a, x, b: a * x @ x + b),
    ("X^0", SQUARE, lambda X: np.eye(M)),
    ("X^1", SQUARE, lambda X: X),
    ("X^3", SQUARE, lambda X: X @ X @ X),
    ("X³", SQUARE, lambda X: X @ X @ X),
    ("X^-2", SQUARE, lambda X: inv(X) @ inv(X)),
    ("X⁻¹", SQUARE, inv),
    ("X^(-1)'", SQUARE, lambda X: inv(X).T),
    ("X^(4/2)", SQUARE, lambda X: X @ X),
    ("(X*X'+eye)^2", MATRIX, lambda X: (X @ X.T + np.eye(N)) @ (X @ X.T + np.eye(N))),
    ("X^13", SQUARE, lambda X: np.linalg.matrix_power(X, 13)),
    ("X^-9", SQUARE, lambda X: np.linalg.matrix_power(X, -9)),
    ("((X^5)^5)^5", SQUARE, lambda X: np.linalg.matrix_power(X, 125)),
    ("X.^3", MATRIX, lambda X: X**3),
    ("sum(x)", VECTOR, np.sum),
    ("sum(X)", MATRIX, np.sum),
    ("sum(X*X')", MATRIX, lambda X: np.sum(X @ X.T)),
    ("sum(a)", {"a": ()}, lambda a: a),
    ("mean(X)", MATRIX, np.mean),
    ("prod(x)", VECTOR, np.prod),
    ("max(X)", MATRIX, np.max),
    ("min(x')", VECTOR, np.min),
    ("max(x, 0)", VECTOR, lambda x: np.maximum(x, 0)),
    ("min(x, y)", {"x": (N,), "y": (N,)}, np.minimum),
    ("logsumexp(x)", VECTOR, lambda x: np.log(np.exp(x).sum())),
    ("softmax(x)", VECTOR, soft),
    ("softmax(x')*y", {"x": (N,), "y": (N,)}, lambda x, y: soft(x) @ y),
    ("log_softmax(x)", VECTOR, lambda x: np.log(soft(x))),
    ("cumsum(x)", VECTOR, np.cumsum),
    ("norm1(x)", VECTOR, lambda x: np.abs(x).sum()),
    ("norm1(X)", MATRIX, lambda X: np.abs(X).sum()),
    ("norm1(a) + norm2(a)", {"a": ()}, lambda a: 2 * abs(a)),
    ("norm2(x')", VECTOR, norm),
    ("norm2(X)", MATRIX, norm),
    ("tr(x'*X*x)", {"x": (M,), "X": (M, M)}, lambda x, X: x @ X @ x),
    ("tr(x*x')", VECTOR, lambda x: x @ x),
    ("tr(inv(X))", SQUARE, lambda X: tr(inv(X))),
    ("tr(eye*X)", SQUARE, tr),
    ("tr(diag(x)*X)", {"x": (M,), "X": (M, M)}, lambda x, X: x @ np.diag(X)),
    ("tr(diag(x))", VECTOR, np.sum),
    ("diag(x)", VECTOR, np.diag),
    ("diag(x')*y", {"x": (N,), "y": (N,)}, lambda x, y: x * y),
    ("diag(X)", SQUARE, np.diag),
    ("diag(diag(X))", SQUARE, lambda X: np.diag(np.diag(X))),
    ("det(X)+logdet(X)", SQUARE, lambda X: det(X) + np.log(abs(det(X)))),
    ("det(a)*logdet(a)+inv(a)+adj(a)", {"a": ()}, lambda a: a * np.log(abs(a)) + 1 / a + 1),
    ("adj(X)", SQUARE, lambda X: det(X) * inv(X)),
    ("chol(X*X')", SQUARE, lambda X: np.linalg.cholesky(X @ X.T)),
    ("solve(X, x)", {"X": (M, M), "x": (M,)}, np.linalg.solve),
    ("solve(X, Y)", {"X": (M, M), "Y": (M, 2)}, np.linalg.solve),
    ("X + a*eye", {"X": (M, M), "a": ()}, lambda X, a: X + a * np.eye(M)),
    ("eye*x", VECTOR, lambda x: x),
    ("x + vector(1)", VECTOR, lambda x: x + 1),
    ("x' + vector(a)'", {"x": (N,), "a": ()}, lambda x, a: x + a),
    ("X - matrix(2)", MATRIX, lambda X: X - 2),
    ("X*vector(1)", MATRIX, lambda X: X.sum(1)),
    ("vector(1)'*X", MATRIX, lambda X: X.sum(0)),
    ("vector(1)'*X*vector(1)", MATRIX, np.sum),
    ("X*matrix(1)*X", SQUARE, lambda X: X @ np.ones((M, M)) @ X),
    ("sqrt(abs(x)) + relu(x) + ln(exp(x))", VECTOR, lambda x: np.sqrt(abs(x)) + np.maximum(x, 0) + x),
    ("sin(X)+cos(X)+tan(X)+tanh(X)+atan(X)+sign(X)", MATRIX,
     lambda X: np.sin(X) + np.cos(X) + np.tan(X) + np.tanh(X) + np.arctan(X) + np.sign(X)),
    ("asin(tanh(x))+acos(tanh(x))", VECTOR, lambda x: np.full(N, np.pi / 2)),
    ("atan2(x, 2)", VECTOR, lambda x: np.arctan2(x, 2)),
    ("pow(abs(x), 2)", VECTOR, lambda x: x**2),
    ("r = X*w - y\nr'*r # squares", {"X": (N, M), "w": (M,), "y": (N,)},
     lambda X, w, y: norm(X @ w - y) ** 2),
    ("z = x'*X; L = z*z'", {"x": (N,), "X": (N, M)}, lambda x, X: np.sum((x @ X) ** 2)),
    ("L = z*z'; z = x'*X; L2 = 2*L", {"x": (N,), "X": (N, M)}, lambda x, X: 2 * np.sum((x @ X) ** 2)),
    ("sum(\n  x\n .* y)", {"x": (N,), "y": (N,)}, np.dot),
    ("sum(log(exp(-y.*(X*w)) + vector(1)))", {"y": (N,), "X": (N, M), "w": (M,)},
     lambda y, X, w: np.log1p(np.exp(-y * (X @ w))).sum()),
    ("i'*j*k; tensor k: scalar", {"i": (N,), "j": (N,), "k": ()}, lambda i, j, k: i @ j * k),
    ("3", {}, lambda: 3.0),
]  # fmt: skip


@pytest.mark.parametrize(("text", "shapes", "value"), LANGUAGE, ids=[row[0] for row in LANGUAGE])
def test_values(text, shapes, value):
    arrays = data(shapes)
    assert_close(ix.evaluate(text, arrays, notation="matrix"), value(*arrays.values()), 1e-11)


@pytest.mark.parametrize("text", [row[0] for row in LANGUAGE])
def test_definitions_are_well_formed(text):
    program = read(text)
    for definition in program.statements.values():
        check_definition(definition, program.inputs)


# --- names and kinds ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("A", "matrix"), ("X1", "matrix"), ("Data", "matrix"), ("Σ", "matrix"),
        ("a", "scalar"), ("g", "scalar"), ("b2", "scalar"), ("α", "scalar"), ("ω", "scalar"),
        ("h", "vector"), ("x", "vector"), ("y1", "vector"), ("bias", "vector"), ("dX", "vector"),
    ],
)  # fmt: skip
def test_kinds_by_letter(name, kind):
    assert kind_by_letter(name) == kind


def test_an_expression_alone_is_called_f():
    assert ix.parse("x'*x", notation="matrix").outputs == ("f",)
    assert ix.parse("f*x'*x", notation="matrix").outputs == ("f1",)
    assert ix.parse("f = A*x; f'*f", notation="matrix").statements == ("f", "f1")


def test_programs_print_as_index_notation():
    program = ix.parse("z = W*x + b; tensor b: vector; L = z'*z", notation="matrix")
    assert str(program) == "z_i = W_ij x_j + b_i\nL = z_i z_i\n"
    assert str(ix.parse(str(program))) == str(program)


def test_letters_are_no_names():
    assert str(ix.parse("A*i", notation="matrix")) == "f_j = A_jk i_k\n"


# --- the verbs ------------------------------------------------------------------------------------------


def test_every_verb_takes_the_notation():
    x, A = np.array([1.0, 2.0]), np.array([[1.0, 2.0], [0.0, 1.0]])
    text = "x'*A*x"
    assert ix.evaluate(text, x=x, A=A, notation="matrix") == 9
    np.testing.assert_array_equal(ix.grad(text, "x", notation="matrix")(x=x, A=A), (A + A.T) @ x)
    np.testing.assert_array_equal(ix.jacobian("A*x", "x", notation="matrix")(x=x, A=A), A)
    np.testing.assert_array_equal(ix.hessian(text, "x", notation="matrix")(x=x, A=A), A + A.T)
    value, gradient = ix.value_and_grad(text, ("x", "A"), notation="matrix")(x=x, A=A)
    assert value == 9
    np.testing.assert_array_equal(gradient["A"], np.outer(x, x))
    assert ix.check(text, ("x", "A"), x=x, A=A, notation="matrix")
    both = ix.derive(text, wrt=("x", "A"), notation="matrix")
    assert both.equation == "∂f/∂x_m = (A_im + A_mi) x_i\n∂f/∂A_mn = x_m x_n"
    assert ix.derive("f = A*x; g = x'*x", wrt="x", outputs=("g", "f"), notation="matrix")["f"].indices == (
        "i",
        "m",
    )


def test_an_unknown_notation():
    with pytest.raises(NotationError, match="there is no notation 'latex'") as caught:
        ix.parse("x", notation="latex")
    assert caught.value.hint == "the notations are index, matrix"


def test_an_output_that_is_none():
    with pytest.raises(NotationError, match="'x' is an input of this program and cannot be an output"):
        ix.parse("f = x", outputs=("x",), notation="matrix")


def test_arrays_that_do_not_fit():
    with pytest.raises(ShapeError) as caught:
        ix.evaluate("A*x", A=np.ones((2, 3)), x=np.ones(2), notation="matrix")
    assert caught.value.reason == "one index must have one extent: axis 1 of 'A' has 3, axis 0 of 'x' has 2"


# --- what does not fit ----------------------------------------------------------------------------------


def examples():
    """The programs of the file, each with its message."""
    text = Path(__file__).with_name("matrix_errors.txt").read_text(encoding="utf-8")
    return [block.strip("\n").split("\n", 1) for block in ("\n" + text).split("\n>>> ")[1:]]


@pytest.mark.parametrize(("text", "message"), examples())
def test_message(text, message):
    with pytest.raises(IndicialError) as caught:
        read(text)
    assert f"{type(caught.value).__name__}: {caught.value}" == message
    assert caught.value.source == text


FIXES = [
    ("x*A", "x'*A"), ("-x*A", "-x'*A"), ("x*y", "x'*y"), ("x*y", "x*y'"), ("x*y", "x.*y"), ("A*x'", "A*x"),
    ("A*B*x*C", "(A*B*x)'*C"), ("A/B", "A*inv(B)"), ("A/B", "A./B"), ("1/x", "1./x"),
    ("x.*A", "(x*vector(1)').*A"), ("A.*x'", "A.*(vector(1)*x')"), ("x.*y'", "x'.*y'"), ("x^2", "x.^2"),
    ("x^2", "x'*x"), ("x'^2", "x'*x"), ("A^0.5", "A.^0.5"), ("a/(X+Y)", "a*inv(X+Y)"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "offer"), FIXES)
def test_the_fix_is_right(text, offer):
    """What the hint offers fits."""
    with pytest.raises(NotationError) as caught:
        read(text)
    assert offer in caught.value.hint
    read(offer)
