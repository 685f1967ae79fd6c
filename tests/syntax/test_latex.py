r"""LaTeX as papers have it: what it is read as, what is refused and where, and that the numbers are right."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from syntax.shown import shown

import indicial as ix
from indicial.errors import IndicialError, NotationError, ParseError, ShapeError
from indicial.syntax.latex.rows import rewritten
from indicial.syntax.parser import parse_denominators, parse_source


def meaning(text: str) -> list[str]:
    """Statements and declarations, in full."""
    source = parse_source(text)
    lines = [f"{shown(each.target)} = {shown(each.value)}" for each in source.statements]
    return lines + [f"{line.index.name}: {line.extent}" for line in source.declarations]


# LaTeX, and the same in index notation
_SAME = [
    # styles, accents, names
    (r"\mathbf{f}_i = W_{ij} x_j", "f_i = W_ij x_j"),
    (r"\mathrm{x}_i = \boldsymbol{\sigma}_{ij} \mathsf{v}_j", "x_i = σ_ij v_j"),
    (r"\mathcal{L} = \bm{A}_{ii}", "L = A_ii"),
    (r"\text{loss} = \mathbf x_i \vec{y}_i", "loss = x_i y_i"),
    (r"E_{\mathrm{kin}} = \tfrac12 m v^2", "Ekin = (1)/(2) m v^2"),
    (r"L = (\hat{y}_i - \bar y_i)^2 \tilde{\mathbf{z}}_i", "L = (yhat_i - ybar_i)^2 ztilde_i"),
    (r"a_i = \hat{\mathbf{x}_i} + \dot\theta b_i", "a_i = xhat_i + θdot b_i"),
    (r"f = \alpha\beta \Gamma\varepsilon \vartheta\varphi \lambda", "f = α β Γ ε θ φ λ"),
    (r"f_{\alpha\beta} = A_{\alpha \gamma} B_{\gamma\beta}", "f_αβ = A_αγ B_γβ"),
    (r"f = x_\alpha\beta y", "f = x_α β y"),
    (r"A_{i_1 j} = B_{i_{12} j'} C_{i^\prime i_1}", "A_{i1 j} = B_{i12 j'} C_{i' i1}"),
    (r"W_{\mathit{row}, \mathit{col}} = x_{\mathit{row}} y_{\mathit{col}}", "W[row, col] = x[row] y[col]"),
    (r"f = x_{i}' y_i' \, z", "f = x_i' y_i' z"),
    (r"f_i = x'_i + y^{\prime}_{i} + z^\prime_i", "f_i = xprime_i + yprime_i + zprime_i"),
    (r"f = {\alpha}_i {x}_i", "f = α_i x_i"),
    (r"f = \ell_i \ell_i", "f = l_i l_i"),
    (r"c_i = \epsilon_{ijk} a_j b_k + \varepsilon_{ijk} b_j a_k", "c_i = eps_ijk a_j b_k + eps_ijk b_j a_k"),
    (r"L = \mathbf{1}_i x_i", "L = ones_i x_i"),
    # fractions, roots, powers
    (r"y_i = \frac{a_i}{b} c", "y_i = (a_i)/(b) c"),
    (r"y = \dfrac{1}{n} \tfrac1n \frac\alpha2", "y = (1)/(n) (1)/(n) (α)/(2)"),
    (r"y = a / \frac{b}{c} + \frac{a}{b}^2", "y = a / ((b)/(c)) + ((a)/(b))^2"),
    (r"y = x\frac{a}{b}", "y = x (a)/(b)"),
    (r"y = \sqrt{x} \sqrt 2 \sqrt[3]{x + 1}", "y = sqrt(x) sqrt(2) ((x + 1)^(1/(3)))"),
    (r"y = x^{2} + x^{-1} + x^{\frac12}", "y = x^2 + x^-1 + x^{(1)/(2)}"),
    (r"y_i = x^2_i + x_i^{2} + x_{i}^2 + x^{(T)} \\", "y_i = x_i^2 + x_i^2 + x_i^2 + x^{(T)}"),
    (r"y = e^{-x^2} + \mathrm{e}^{x} + e^{2}", "y = exp(-x^2) + exp(x) + e^2"),
    (r"y = e_i e_i \,+ x", "y = e_i e_i + x"),
    # functions and operators
    (r"y_i = \exp(x_i) \ln \left( x_i \right)", "y_i = exp(x_i) log(x_i)"),
    (r"y = \exp\left[ -\bigl( x + 1 \bigr) \right]", "y = exp(-(x + 1))"),
    (r"L = -\sum_i y_i \log p_i", "L = -∑_i y_i log(p_i)"),
    (r"L = \sum_i p_i \log \frac{p_i}{q_i}", "L = ∑_i p_i log((p_i)/(q_i))"),
    (r"y = \sin^2 x + \cos^{2}(x) + \arctan x", "y = sin(x)^2 + cos(x)^2 + atan(x)"),
    (r"y = \tanh\!\left(x\right) \sin x \cos x", "y = tanh(x) sin(x) cos(x)"),
    (r"p_i = \operatorname{softmax}_i(x_i)", "p_i = softmax_i(x_i)"),
    (r"p_i = \mathrm{log\,softmax}_i \left( x_i \right)", "p_i = log_softmax_i(x_i)"),
    (r"m = \max_j x_j + \max\{0, z\} + \min\limits_j x_j", "m = max_j(x_j) + max(0, z) + min_j(x_j)"),
    (
        r"d = \det_{ij}(A_{ij}) + \operatorname{tr}_{ij} \left( A_{ij} \right)",
        "d = det_ij(A_ij) + tr_ij(A_ij)",
    ),
    (r"y = \operatorname{ReLU}(x) + \sgn(x)", "y = relu(x) + sign(x)"),
    (
        r"y = \sigma(x) + \psi(x) + \psi^{(1)}(x) + \sigma x",
        "y = sigmoid(x) + digamma(x) + polygamma(1, x) + σ x",
    ),
    (r"y_i = |x_i| + \left|z\right| \lvert a - |b| \rvert", "y_i = abs(x_i) + abs(z) abs(a - abs(b))"),
    # signs, spaces, brackets
    (r"f = a \cdot b \times c \, d \quad \! e ~ f", "f = a * b * c d e f"),
    (
        r"f_i = x_i \left[ a + b \right] [i \leq 3] \left[ i \ne 2 \right]",
        "f_i = x_i (a + b) [i <= 3] [i != 2]",
    ),
    (r"f_i = x_i \mathbb{1}[x_i \geq 0] \mathbf{1}_{x_i > y}", "f_i = x_i [x_i >= 0] [x_i > y]"),
    (r"f_ij = \delta_{ij} \left[i = j\right]", "f_ij = delta_ij [i == j]"),
    (r"f \coloneqq a \displaystyle b", "f = a b"),
    (r"f = 2\left(a + b\right)", "f = 2 (a + b)"),
    # sums
    (
        r"f = \sum_{j} x_j + \sum\limits_j y_j + \sum_j^{} z_j"[:-len(r" + \sum_j^{} z_j")],
        "f = ∑_j x_j + ∑_j y_j",
    ),
    (r"f = \sum_{i,j} A_{ij} + \sum_{ij} A_{ij}", "f = ∑_ij A_ij + ∑_ij A_ij"),
    (r"f = \sum_{j=1}^{n} x_j", "f = ∑_j x_j\nindex j: n"),
    (r"f = \frac{1}{n} \sum^{n-1}_{j=0} x_j", "f = (1)/(n) ∑_j x_j\nindex j: n"),
    (r"f = \sum_{j=0}^{2} x_j + \sum_{j=1}^3 y_j", "f = ∑_j x_j + ∑_j y_j\nindex j: 3"),
    (r"f = \sum_{i,j=1}^{N} A_{ij}", "f = ∑_ij A_ij\nindex i: N\nindex j: N"),
    (r"f = \sum_{i<j} A_{ij}", "f = ∑_ij [i < j] A_ij"),
    (r"f = \sum_{i < j \le k} T_{ijk}", "f = ∑_ijk [i < j] [j <= k] T_ijk"),
    (r"f = \sum_{1 \le i < j \le n} A_{ij}", "f = ∑_ij [i < j] A_ij\nindex i: n\nindex j: n"),
    (r"f_i = \sum_{j \ne i} A_{ij}", "f_i = ∑_j [j != i] A_ij"),
    (
        r"f = \sum_i x_i \sum_{j \neq i} A_{ij} + \sum_{i<j} B_{ij}",
        "f = ∑_i x_i ∑_j [j != i] A_ij + ∑_ij [i < j] B_ij",
    ),
    (r"f = \operatorname{max}_i(\sum_{j<i} A_{ij})", "f = max_i(∑_j [j < i] A_ij)"),
    (r"f = \prod_j x_j + \prod_{i<j} (x_i - x_j) + y", "f = ∏_j x_j + ∏_ij where(i < j, (x_i - x_j), 1) + y"),
    # cases
    (
        r"y_i = \begin{cases} x_i & \text{if } x_i > 0, \\ a x_i & \text{otherwise} \end{cases}",
        "y_i = where(x_i > 0, x_i, a x_i)",
    ),
    (
        r"y = \begin{cases} 0 & x < 0 \\ x & x < 1 \\ 1 & \text{else} \end{cases}",
        "y = where(x < 0, 0, where(x < 1, x, 1))",
    ),
    # statements
    (r"$f = a_i a_i$, $g = 2 f$", "f = a_i a_i; g = 2 f"),
    ("\\[\n f = a \n + b . \\]", "f = a + b"),
    (r"f = a_i b_i, \qquad \text{where } b_i = 2 c_i", "f = a_i b_i\nb_i = 2 c_i"),
    (
        "\\begin{equation*}\n f = a\n\\end{equation*}\nindex i: 3\ng_i = x_i % remark",
        "f = a\nindex i: 3\ng_i = x_i",
    ),
    (
        (
            "\\begin{align}\n f_i &= W_{ij} x_j \\label{f} \\\\[2pt]\n"
            " L &= f_i f_i \\\\\n &\\quad + a && \\text{by hand}\n\\end{align}"
        ),
        "f_i = W_ij x_j\nL = f_i f_i + a",
    ),
    ("\\begin{eqnarray}\n a &=& b \\\\\n c &=& d\n\\end{eqnarray}", "a = b\nc = d"),
    (r"f_i = a_i = b_i = \gamma c_i", "f1_i = a_i\nf2_i = b_i\nf_i = γ c_i"),
    (r"f_i = a_i f1_i = \beta b_i", "f2_i = a_i f1_i\nf_i = β b_i"),
    (r"\frac{\partial f_i}{\partial W_{mn}} = \delta_{im} x_n", "dfdW_imn = delta_im x_n"),
    (r"\frac{\partial^2 L}{\partial x_m \, \partial x_n} = A_{mn}", "dLdxdx_mn = A_mn"),
    # plain notation beside it
    (r"f = \alpha xᵢ² Wᵢⱼ W[i, j] ∑ⱼ yⱼ", "f = α xᵢ² Wᵢⱼ W[i, j] ∑ⱼ yⱼ"),
    ("f = exp (x) s (a + b) # \\alpha $\ng = \\mu", "f = exp (x) s (a + b)\ng = μ"),
]  # fmt: skip


@pytest.mark.parametrize(("latex", "plain"), _SAME)
def test_latex_reads_as_index_notation_does(latex: str, plain: str) -> None:
    assert meaning(latex) == meaning(plain)


@pytest.mark.parametrize("plain", [plain for _, plain in _SAME])
def test_index_notation_is_the_same_behind_a_dollar(plain: str) -> None:
    """The rewriting leaves what is in index notation already as it is."""
    assert meaning("$q = 1$\n" + plain) == ["q = 1", *meaning(plain)]


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        (r"P_{ij} = \frac{\partial \psi}{\partial F_{ij}}", "P_{ij} = D(ψ, F_{ij})"),
        (r"P = \partial f_i/\partial W_{mn}", "P = D(f_i, W_{mn})"),
        (r"P = ∂f_i/∂W_mn \alpha", "P = D(f_i, W_mn)α"),
        (r"H = \frac{\partial^2 L}{\partial x_i \partial x_j}", "H = D(D(L, x_i), x_j)"),
        (r"H = \frac{\partial^{2} L}{\partial t^2}", "H = D(D(L, t), t)"),
        (r"g = \frac{\partial}{\partial x_i} \left(a x_j\right)", "g = D((a x_j), x_i)"),
        (r"g = \frac{\mathrm{d} f}{\mathrm{d} t}", "g = D(f, t)"),
        (r"g = \partial_1 h(x, y)", "g = ∂₁h(x, y)"),
        (r"g = \phi''(z)", "g = φ''(z)"),
        (
            r"y_i = \kappa_k x[i+k] + x_{i+1} E_{t_{i}, \, d} + A[0, i]",
            "y_i = κ_k x[i+k] + x_{i+1} E_{t_{i}, d} + A[0, i]",
        ),
        ("function sigma\nf = \\sigma(x)", "function sigma f = σ(x)"),
        (r"z^{(1)}_i = W_{ij}^{(2)} \hat{x}^{[3]}_j", "z1_i = W2_{ij} xhat3_j"),
        (r"y = x^{(T)}", "y = x^{(T)}"),
        (r"y_i = x_i, \quad i = 1, \dots, n", "y_i = x_i index i: n"),
        (r"y_i = x_i \quad \text{for all } i, j = 0, 1, \ldots, n-1.", "y_i = x_i index i: n index j: n"),
        (r"y_i = x_i \quad \forall i \in \{1, \dots, 3\}", "y_i = x_i index i: 3"),
        (r"y_i = x_i \qquad (i = 1, 2, 3) \\ z_i = y_i", "y_i = x_i z_i = y_i index i: 3"),
        (r"y_i = x_i \text{ for each } i", "y_i = x_i"),
    ],
)
def test_what_the_grammar_has_to_read_for_it(latex: str, text: str) -> None:
    assert " ".join(rewritten(latex).text.split()) == text


_NO_TRANSPOSE = "index notation has no transpose sign"
_INVERSE = "a negative power before the subscripts reads as the inverse of a matrix"
_NOT_THE_AXIS = "which is not the whole axis"

# text with the marked place between ‹ ›, kind, a part of the reason, a part of the hint
_REFUSED: list[tuple[str, type[IndicialError], str, str]] = [
    (r"f = ‹\fraq›{a}{b}", ParseError, r"the LaTeX command \fraq is not known", r"did you mean \frac?"),
    (r"f = ‹\alpa› x", ParseError, r"the LaTeX command \alpa is not known", r"did you mean \alpha?"),
    (r"f = ‹\quux› x", ParseError, r"the LaTeX command \quux is not known", r"\operatorname{quux}"),
    (r"f_i = A_{ji}‹^\top› x_j", NotationError, _NO_TRANSPOSE, "other order"),
    (r"f = x_i‹^{\mathsf{T›}} \alpha", NotationError, _NO_TRANSPOSE, "other order"),
    (r"f = \alpha x‹^T› A x", NotationError, _NO_TRANSPOSE, "other order"),
    (r"f = \alpha ‹F^{-1}_{ij}›", NotationError, _INVERSE, "inv_ij(F_ij)"),
    (r"f = \alpha ‹F_{ij}^{-1}›", NotationError, _INVERSE, "inv_ij(F_ij)"),
    (r"f = \alpha F_{ij} ‹F^{-1}›", NotationError, _INVERSE, "inv_ij(F_ij)"),
    (
        r"‹\mathbf{Z}› = \mathbf{X} \mathbf{W}",
        NotationError, "Z stands here without its indices", "W_{ij} x_j",
    ),
    (r"$Z = ‹XW› + B$", NotationError, "XW stands here without its indices", r"\mathrm{XW}"),
    (r"$Z_{nc} = X_{nd} W_{dc} + ‹XW›$", NotationError, "XW stands here without its indices", "matrix"),
    (
        r"f = ‹\sum_{j=2}^{4}› x_j",
        NotationError, "runs from 2 to 4, " + _NOT_THE_AXIS, r"\sum_j [j >= 1] [j < 4]",
    ),
    (r"f = ‹\sum_{j=0}^{n}› x_j", NotationError, _NOT_THE_AXIS, "the whole axis"),
    (r"f = ‹\sum_{j=1}› x_j", NotationError, "begins at 1 and has no end", "the whole axis"),
    (r"f = \sum_{j=1}^{‹\infty›} x_j", NotationError, "infinity is no number", "whole axis"),
    (r"f = ‹\sum› x_j", NotationError, "does not say over which index", r"\sum_j"),
    (r"f = \sum_{j ‹\in› S} x_j", NotationError, "not over a set", "condition"),
    (
        r"f_{ij} = ‹\sum_{i<j}› A_{ij}",
        NotationError, "every letter of this condition is bound already", "[i < j]",
    ),
    (
        r"f = \sum_{i=1}^{n} x_i + ‹\sum_{i=1}^{m}› y_i",
        NotationError, "'i' runs to n elsewhere", "another letter",
    ),
    (r"f = ‹\log› x y", NotationError, "not clear how far log reaches", "brackets"),
    (r"f = ‹\sin›^{-1} x", NotationError, "inverse of sin or a reciprocal", r"\arcsin"),
    (r"f = \log‹_2› x", NotationError, "log takes no subscript", r"\frac{\log x}{\log 2}"),
    (r"f = \max‹_{j<i}› x_j", NotationError, "no condition", "where"),
    (r"f = ‹\|›x\|", NotationError, "double bars do not say over which index", "norm_i"),
    (r"f = a ‹\odot› b", NotationError, "no sign for this product", "leave it out"),
    (r"f = ‹\nabla› g", NotationError, "no nabla", r"\partial"),
    (r"f = x_i + ‹\cdots›", NotationError, "left out", r"\sum_j"),
    (r"f = ‹\partial›_i u_i", NotationError, "does not say of what by what", r"\frac{\partial f}"),
    (
        r"f = ‹\frac{\partial^2 L}{\partial x}›",
        NotationError, "a derivative of order 2 by 1 variable", "name each",
    ),
    (r"W‹^{(l)}›_{ij} = x_i \, y_j", NotationError, "(l) above a name looks like a label", "of the name: Wl"),
    (r"z1‹^{(2)}›_i = x_i", NotationError, "(2) above a name looks like a label", "z1l2"),
    (r"f = x_i ‹\infty›", NotationError, "infinity is no number here", "-1e9"),
    (
        r"y_i = x_i, \quad ‹i = 2, \dots, n›",
        NotationError, "'i' would run from 2 to n, which is not the whole axis", "index i: 1..3",
    ),
    (r"B_{ij} = (\Sigma^{-1})‹_{ij›}", NotationError, "a bracket has no indices", "write inv_ij(Σ_ij)"),
    (r"h_{bd} = E_{‹t_b d›} \,", NotationError, "is not affine", "several axes: [t_b, d]"),
    (r"y_{ij} = u_{i+‹1\, j›}", NotationError, "would be a product", "x[i+1, j]"),
    (r"f = \mathcal{L} + ‹L›", NotationError, "two styles", "rename"),
    (r"f = \frac‹{›a", ParseError, "this brace is never closed", "}"),
    (r"f = \alpha‹}›", ParseError, "this brace closes nothing", "take it out"),
    (r"f = ‹\left(› a + b", ParseError, "this bracket is never closed", "write )"),
    (r"f = \left( a + b ‹\right]›", ParseError, "] closes a bracket that ) has to close", "write )"),
    (r"f = \alpha + ‹|›x", ParseError, "this bar is never closed", "abs(x)"),
    (r"f = ‹$›a", ParseError, "this is never closed", "write $"),
    (r"‹\begin{align}› f &= a", ParseError, "this is never closed", r"\end{align}"),
    (r"f = a ‹\end{align}›", ParseError, r"\end{align} ends nothing", r"\begin"),
    (
        r"f = ‹\begin{pmatrix}› a \end{pmatrix}",
        ParseError, "the environment pmatrix is not read", "as an array",
    ),
    (r"f = ‹\begin{cases}› a & x > 0 \end{cases}", ParseError, "the last case", r"\text{otherwise}"),
    (r"f = ‹\hat{a b›}", ParseError, "a name is letters with digits behind", "out of it"),
    (r"f = \frac{a‹}›", ParseError, "an argument in braces has to follow", r"\frac{a}{b}"),
    # errors of the grammar and of the meaning stand in the original, too
    (r"f_i = \frac{x_i}{2} + \mathbf{q}_{‹k›}", NotationError, "index 'k' occurs only once", "sum_k(q_{k})"),
    (
        "\\begin{align}\n a &= b \\\\\n f_‹i› &= \\tfrac{1}{2} x\n\\end{align}",
        NotationError, "no term", "ones_i",
    ),
    (r"f = \left( a ‹?› b \right)", ParseError, "the character ?", "signs"),
    (r"f = ‹\operatorname{nothing}›(x)", NotationError, "there is no function 'nothing'", ""),
]  # fmt: skip


@pytest.mark.parametrize(("marked", "kind", "reason", "hint"), _REFUSED)
def test_refusals_point_into_the_latex(
    marked: str, kind: type[IndicialError], reason: str, hint: str
) -> None:
    start, end = marked.index("‹"), marked.index("›") - 1
    text = marked.replace("‹", "").replace("›", "")
    with pytest.raises(IndicialError) as caught:
        ix.parse(text)
    error = caught.value
    assert type(error) is kind, error
    assert reason in error.reason
    assert hint in (error.hint or "")
    assert error.source == text
    assert error.span is not None
    assert (error.span.start, error.span.end) == (start, max(end, start + 1)), error


def test_denominators_may_be_latex() -> None:
    first, second = parse_denominators(r"\boldsymbol{\sigma}_{ij}, \mathbf{W}")
    assert (shown(first), shown(second)) == ("σ[i j]", "W")
    assert (first.span.start, first.span.end) == (0, len(r"\boldsymbol{\sigma}_{ij}"))
    derivative = ix.derive(r"\mathbf{f}_i = \mathbf{W}_{ij} \mathbf{x}_j", wrt=r"\mathbf{W}_{kl}")
    assert derivative.equation == "∂f_i/∂W_kl = δ_ik x_l"
    with pytest.raises(NotationError) as caught:
        ix.derive(r"f = \alpha x_i x_i", wrt=r"\alpha \mathbf{y}")
    assert caught.value.span is not None
    assert caught.value.span.start == len(r"\alpha ")


# --- numbers --------------------------------------------------------------------------------------------

_A = np.arange(9.0).reshape(3, 3) ** 2


def test_sums_over_conditions() -> None:
    pairs = [(i, j) for i in range(3) for j in range(3)]
    assert ix.evaluate(r"s = \sum_{i<j} A_{ij}", A=_A) == sum(_A[i, j] for i, j in pairs if i < j)
    assert ix.evaluate(r"s = \prod_{i<j} A_{ij}", A=_A) == np.prod([_A[i, j] for i, j in pairs if i < j])
    assert ix.evaluate(r"s = \sum_i \sum_{j \ne i} A_{ij}", A=_A) == _A.sum() - np.trace(_A)
    rows = ix.evaluate(r"f_i = \sum_{j<i} A_{ij}", A=_A)
    np.testing.assert_allclose(rows, np.tril(_A, -1).sum(1))
    assert ix.evaluate(r"s = \sum_{i<j} A_{ij}", A=_A) == ix.evaluate("s = sum_ij([i < j] A_ij)", A=_A)


def test_bounds_declare_extents() -> None:
    assert ix.evaluate(r"m = \frac{1}{n} \sum_{j=1}^{n} x_j", x=[1.0, 2.0, 6.0]) == 3
    assert ix.evaluate(r"m = \frac{1}{n} \sum_{j=0}^{n-1} x_j", x=[1.0, 2.0, 6.0]) == 3
    with pytest.raises(ShapeError, match="3"):
        ix.evaluate(r"m = \sum_{j=1}^{3} x_j", x=[1.0, 2.0])


_NET = r"""
\begin{align}
  Z_{nc} &= \sum_{d} X_{nd} W_{dc} + b_c, \\
  P_{nc} &= \frac{\exp\left(Z_{nc}\right)}{\sum_k \exp\left(Z_{nk}\right)}, \\
  \mathcal{L} &= -\frac{1}{N} \sum_{n=1}^{N} \sum_c Y_{nc} \log P_{nc}
               + \frac{\lambda}{2} \sum_{d,c} W_{dc}^2 .
\end{align}
"""


def test_a_layer_with_its_bias_over_samples() -> None:
    generator = np.random.default_rng(3)
    arrays = {name: generator.uniform(0.5, 1, shape) for name, shape in
              {"X": (5, 3), "W": (3, 2), "b": (2,), "Y": (5, 2), "λ": ()}.items()}  # fmt: skip
    for name in ("W", "b"):
        assert ix.check(_NET, name, **arrays).passed
    z = arrays["X"] @ arrays["W"] + arrays["b"]
    p = np.exp(z) / np.exp(z).sum(1, keepdims=True)
    loss = -(arrays["Y"] * np.log(p)).sum() / 5 + arrays["λ"] / 2 * (arrays["W"] ** 2).sum()
    np.testing.assert_allclose(ix.evaluate(_NET, **arrays), loss)
    layer = r"Z_{nc} = X_{nd} W_{dc} + B_c"
    assert ix.derive(layer, wrt="B").equation == "∂Z_nc/∂B_m = δ_cm"
    assert ix.derive(layer, wrt="X").equation == "∂Z_nc/∂X_mp = δ_nm W_pc"


_DERIVATION = r"""
\begin{align}
  f_i &= W_{ij} x_j \\
  \frac{\partial f_i}{\partial W_{mn}} &= \delta_{im} \delta_{jn} x_j \\
      &= \delta_{im} x_n
\end{align}
"""


def test_a_derivation_of_several_steps() -> None:
    """Each step is a statement; the last one has the name of the derivative."""
    arrays = {"W": np.ones((2, 3)), "x": np.array([1.0, 2.0, 3.0])}
    shape = "\nindex i: 2; index m: 2; index n: 3"
    steps = ix.parse(_DERIVATION + shape).statements
    assert steps == ("f", "dfdW1", "dfdW")
    expected = ix.derive("f_i = W_ij x_j", wrt="W")(**arrays)
    for name in steps[1:]:
        np.testing.assert_array_equal(ix.parse(_DERIVATION + shape, outputs=(name,))(**arrays), expected)


# --- any text -------------------------------------------------------------------------------------------

_PIECES = st.sampled_from(
    [
        r"\frac", r"\frac{a}{b}", "{", "}", "_", "^", "_i", "_{ij}", "^{2}", "^T", r"\sum",
        r"\sum_{i<j}", r"\prod_j",
        r"\sum_{j=1}^{n}", r"\left(", r"\right)", r"\left|", r"\right|", "|", "(", ")", "[", "]", r"\{",
        r"\}", "$",
        "$$", r"\[", r"\]", r"\\", "&", "=", "&=", "+", "-", "/", ",", ".", ";", "\n", " ", r"\,", r"\!",
        r"\alpha",
        r"\mathbf{x}", r"\mathbf", r"\hat{y}", r"\hat", r"\text{where }", r"\exp", r"\log", r"\max_j",
        r"\partial",
        r"\frac{\partial f}{\partial x_i}", r"\frac{\partial}{\partial x}", r"\begin{align}", r"\end{align}",
        r"\begin{cases}", r"\end{cases}", r"\begin", r"\sqrt[3]{", r"\sqrt", r"\mathbb{1}",
        r"\mathbb{1}[", r"\prime",
        "'", "x", "e", "W_ij", "2", "1.", "<", r"\le", r"\infty", r"\label{f}", r"\label{", "%", "#", "\\",
        r"\cdot",
        r"\sigma(", r"\psi^{(1)}(", r"\operatorname{softmax}_j", "index i: 3", "∑ⱼ", "∂", "xᵢ²", "\0",
        r"\left.",
    ]
)  # fmt: skip


@settings(max_examples=500, deadline=None)
@given(st.lists(_PIECES, max_size=14).map("".join))
def test_any_latex_gives_a_tree_or_a_refusal_with_a_place(text: str) -> None:
    for parse in (ix.parse, parse_denominators):
        error = _refusal(parse, text)
        if error is not None:
            assert error.source == text
            assert error.span is not None
            assert 0 <= error.span.start < error.span.end
            assert error.span.start <= len(text)
            assert error.hint
            assert str(error)


def _refusal(parse: Callable[[str], object], text: str) -> IndicialError | None:
    try:
        parse(text)
    except IndicialError as error:
        return error
    return None


@pytest.mark.parametrize(
    "nest", [r"\frac{x}{%s}", r"\left(%s\right)", "{%s}", r"\sqrt{%s}", r"x^{%s}", r"|%s|"]
)
def test_no_nesting_is_too_deep(nest: str) -> None:
    opening, closing = nest.split("%s")
    depth = 3000
    assert rewritten("f = " + opening * depth + "x" + closing * depth).text.count("x") >= 1


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (r"y_i = x_i \qquad (3.2)", "y_i = x_i"),
        (r"y_i = x_i, \hfill (3.2a)", "y_i = x_i"),
        (r"y = x \quad (2) z", "y = 2 x z"),
        (r"y = x \quad (2) \quad z", "y = 2 x z"),
        (r"y_i = x_i \qquad \text{(3.2)}", "y_i = x_i"),
        (r"y_i = x_i \quad \text{(1)} \quad \text{where } x \text{ is a vector}", "y_i = x_i"),
        (r"y_i = x_i \quad \text{(linear)} \quad (1)", "y_i = x_i"),
        (r"y_i = x_i \quad \text{(1)} \quad \text{where } x_i = 2 z_i", "x_i = 2 z_i\ny_i = x_i"),
        (r"y_i = x_i \quad \text{where } x_i = 2 z_i \quad \text{(1)}", "x_i = 2 z_i\ny_i = x_i"),
        (r"y_i = x_i, \quad \text{for } i = 1, \dots, n \quad \text{(1)}", "index i: n\ny_i = x_i"),
        (r"y_i = x_i \quad (1) \quad \text{where } i = 1, \dots, n", "index i: n\ny_i = x_i"),
        (
            r"y_i = x_i \tag{1} \quad \text{where } i = 1, 2, 3 \\ z = y_i y_i",
            "index i: 3\ny_i = x_i\nz = y_i y_i",
        ),
        (r"y = x \quad (a + b)", "y = x (a + b)"),
    ],
)
def test_the_number_of_an_equation_is_no_factor(text, read):
    assert str(ix.parse(text)).strip() == read


def test_a_label_is_no_other_name():
    with pytest.raises(ix.IndicialError, match="x1, a name that the text has already"):
        ix.parse("y = x^{(1)} + x1")
    assert str(ix.parse("y = x^{(1)} + x12")).strip() == "y = x1 + x12"


def test_a_star_above_a_name_is_no_unknown_command():
    with pytest.raises(ix.IndicialError) as caught:
        ix.parse(r"y_i = x_i^\ast")
    assert "not known" not in str(caught.value)
    assert "another name" in str(caught.value)
