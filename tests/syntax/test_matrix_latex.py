r"""LaTeX of matrices without indices, x^\top A x, is read with notation="matrix"."""

import contextlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import indicial as ix
from indicial.errors import IndicialError
from indicial.syntax.latex.matrices import in_matrix_notation

_READ = [
    (r"f = x^\top A x", "f = x'*A*x"),
    (r"$f(x) = x^T A x$", "f = x'*A*x"),
    (r"f = \mathbf{x}^{\mathsf{T}} \boldsymbol{\Sigma}^{-1} \mathbf{x}", "f = x'*Σ^(-1)*x"),
    (r"f = \operatorname{tr}(A^{-1}B)", "f = tr(A^(-1)*B)"),
    (r"f = \lVert Wx-y \rVert_2^2", "f = norm2(W*x-y)^2"),
    (r"f = \left\| A x - y \right\|^2 + \frac12 \|X\|_F^2", "f = norm2(A*x - y)^2 + ((1)/(2))*norm2(X)^2"),
    (r"L(\Sigma) = \log\det\Sigma + \ln\det(A + B)", "L = logdet(Σ) + logdet(A + B)"),
    (r"Y = A \odot B \cdot C", "Y = A .* B * C"),
    (r"y = \sigma_1 x + \frac{a}{\sqrt{b}} z", "y = σ1*x + ((a)/(sqrt(b)))*z"),
    (r"f = x^{\top}(A + B)^{-\top} x", "f = x'*(A + B)^(-1)'*x"),
    (r"r = y - X \beta; L = r^\top r", "r = y - X*β\nL = r'*r"),
    (r"s = \mathbf{1}_n^\top X \mathbf{1}", "s = vector(1)'*X*vector(1)"),
    (r"B = I_n + \mathbf{I} + \lambda I", "B = eye + eye + λ*eye"),
    ("tensor I: matrix\nB = \\lambda I", "tensor I: matrix\nB = λ*I"),
    (r"y = \sigma(X w) + \sigma x", "y = sigmoid(X*w) + σ*x"),
    (r"s = \mathbf{b}^\top \mathbf{A} \mathbf{b}", "s = b'*A*b\ntensor b: vector"),
    (r"\mathbf{b} = A x; s = \mathbf{b}^\top\mathbf{b}", "b = A*x\ns = b'*b"),
    (r"Y = \operatorname{diag}(x) A + \operatorname{Tr}(A) B", "Y = diag(x)*A + tr(A)*B"),
    (r"L = \lambda \|w\|_1 + \|v\|", "L = λ*norm1(w) + norm2(v)"),
    (r"L = \log|\Sigma| + \ln\left| A + B \right|", "L = logdet(Σ) + logdet(A + B)"),
]


@pytest.mark.parametrize(("latex", "plain"), _READ)
def test_plain_matrix_notation(latex: str, plain: str) -> None:
    assert in_matrix_notation(latex).text.replace(" ", "") == plain.replace(" ", "")


def test_numbers_and_gradients() -> None:
    a, x = np.arange(9.0).reshape(3, 3), np.array([1.0, -2.0, 3.0])
    gradient = ix.grad(r"f = x^\top A x", "x", notation="matrix")(A=a, x=x)
    np.testing.assert_allclose(gradient, (a + a.T) @ x)
    assert ix.derive(r"f = x^\top A x", "x", notation="matrix").matrix() == "(A + Aᵀ) x"


# a text with the marked place between ‹ ›, a part of the reason, a part of the hint
_REFUSED = [
    (r"f = ‹\sum› x", r"\sum goes over an index", "sum(x)"),
    (r"f = \alpha A‹_{ij›}", "matrix notation has no indices", "leave notation"),
    (r"f = ‹\frac›{a", "never closed", "closes it"),
    (r"f = A^\top x‹)›", "is not read in matrix notation", "x'*A*x"),
    (r"f = \|x\|‹_›\infty", "not among those", "max(abs(x))"),
    (r"f = A ‹\otimes› B", "no Kronecker product", "A_ij B_kl"),
    (r"f = \alpha ‹|›\Sigma|", "bars are an absolute value and a determinant", r"\det(A)"),
    (r"B = I‹_3› + \alpha A", "as large as what it meets", "leave the extent out"),
    (r"s = \mathbf{b}^\top ‹b›", "two styles", r"\mathrm{b2}"),
    (r"y = X ‹\beta›", "β is a scalar by its letter", "tensor β: vector"),
    (r"y = ‹\operatorname{foo}›(X)", "no function 'foo'", ""),
    (r"f = ‹\sqrt›[3]{a}", "a root here is a square root", "^"),
    (r"f = \exp(x)‹^›{y z}", "a power here is a transpose", "A^{-1}"),
    (r"f = ‹\det› 2 \alpha", "not clear how far det reaches", "brackets"),
    (r"f = \lVert x - ‹A› \rVert", "terms of one sum have one shape", ""),
]


@pytest.mark.parametrize(("marked", "reason", "hint"), _REFUSED)
def test_refusals_point_into_the_latex(marked: str, reason: str, hint: str) -> None:
    start, end = marked.index("‹"), marked.index("›") - 1
    text = marked.replace("‹", "").replace("›", "")
    with pytest.raises(IndicialError) as caught:
        ix.parse(text, notation="matrix")
    error = caught.value
    assert reason in error.reason
    assert hint in (error.hint or "")
    assert error.source == text
    assert error.span is not None
    assert (error.span.start, error.span.end) == (start, end)


@pytest.mark.parametrize("text", [r"f = x^\top A x", r"f = a \odot b", r"f = \lVert x \rVert_2^2"])
def test_index_notation_says_where_matrices_are_read(text: str) -> None:
    with pytest.raises(IndicialError, match='notation="matrix"'):
        ix.parse(text)


_PARTS = [
    "\\top", "^", "{", "}", "(", ")", "\\|", "\\lVert", "\\rVert", "\\frac", "x", "Wx", "A", "_", "1", "2",
    "\\log", "\\det", "\\mathbf", "\\odot", "=", "f", "+", "-", " ", "\\\\", "$",
    "\\operatorname{tr}", "\\sqrt", "'", ",", "|",
]  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(_PARTS), max_size=12).map("".join))
def test_any_text_gives_a_program_or_an_error(text: str) -> None:
    with contextlib.suppress(IndicialError):
        assert ix.parse(f"f = \\alpha {text}", notation="matrix").outputs
