r"""LaTeX as papers have it: parts of axes, \log \sum, left sides with arguments, labels, cases."""

from __future__ import annotations

import numpy as np
import pytest

import indicial as ix
from indicial.errors import IndicialError, NotationError, ParseError

x = np.array([1.0, 4.0, 9.0, 16.0, 30.0])
A = np.arange(25.0).reshape(5, 5) ** 1.5
d = np.diff(x)

_BOUNDS = [
    (r"L = \sum_{i=1}^{n-1} (x_{i+1} - x_i)^2", d @ d),
    (r"L = \sum_{i=2}^{n} (x_i - x_{i-1})^2", d @ d),
    (r"L = \sum_{i=0}^{n-2} (x_{i+1} - x_i)^2", d @ d),
    (r"L = \sum_{i=2}^{n-1} (x_{i+1} - 2 x_i + x_{i-1})^2", np.diff(d) @ np.diff(d)),
    (r"L = \sum_{i=1}^{N} \sum_{j=i+1}^{N} A_{ij}", np.triu(A, 1).sum()),
    (r"L = \sum_{i=1}^{N-1} \sum_{j=i+1}^{N} A_{ij} x_j", (np.triu(A, 1) @ x).sum()),
    (r"L = \sum_{i=0}^{n-1} \sum_{j=0}^{i} A_{ij}", np.tril(A).sum()),
    (r"y_i = \sum_{j=1}^{i} x_j", np.cumsum(x)),
    (r"y_i = \sum_{j=1}^{i-1} x_i x_j", x * (np.cumsum(x) - x)),
    (r"y_i = \sum_{k=i}^{n} x_k", np.cumsum(x[::-1])[::-1]),
    (r"L = \prod_{i=1}^{n-1} x_i", x[:-1].prod()),
    (r"L = \sum_{1 \le i < n} x_i", x[:-1].sum()),
    (r"L = \frac{1}{n-1} \sum_{i=1}^{n-1} x_i x_{i+1}", x[:-1] @ x[1:] / 4),
    (r"L = \sum_{i=1}^{n} x_i + \sum_{i=1}^{n-2} x_i", x.sum() + x[:3].sum()),
]


@pytest.mark.parametrize(("text", "value"), _BOUNDS)
def test_parts_of_an_axis(text: str, value: object) -> None:
    program = ix.parse(text)
    arrays = {name: each for name, each in (("x", x), ("A", A)) if name in program.inputs}
    np.testing.assert_allclose(program(arrays), value)
    np.testing.assert_allclose(ix.parse(str(program))(arrays), value)
    name = next(iter(arrays))
    assert ix.check(text, name, **{each: arrays[each] / 10 for each in arrays}).passed


_UNCLEAR_BOUNDS = [
    (r"L = \sum_{j=0}^{m-1} \sum_{i=2}^{n} A_{ij} + \sum_{k=1}^n x_k", "count from 0 and from 1"),
    (r"L = \sum_{j=0}^{n-1} x_j \sum_{i=1}^{n-1} x_i", "count from 0 and from 1"),
    (r"L = \sum_{i=m}^{n} x_i", "begins at m, which is neither a number nor an index"),
    (r"L = \sum_{i=1}^{n+1} x_i", "runs from 1 to n+1, which is not the whole axis"),
    (r"L = \sum_{i=1}^{2n} x_i", "runs from 1 to 2n, which is not the whole axis"),
    (r"L = \sum_{i=1}^{n} \sum_{i=1}^{i} A_{ii}", "already bound"),
]


@pytest.mark.parametrize(("text", "reason"), _UNCLEAR_BOUNDS)
def test_bounds_that_are_refused(text: str, reason: str) -> None:
    with pytest.raises(NotationError) as caught:
        ix.parse(text)
    assert reason in caught.value.reason
    assert caught.value.hint


# LaTeX, and the same in index notation
_SAME = [
    (r"L(\theta) = \theta_i \theta_i", "L = θ_i θ_i"),
    (r"$f(x) = x_i A_{ij} y_j$", "f = x_i A_ij y_j"),
    (r"\psi(\mathbf{F}) = F_{ij} F_{ij}", "ψ = F_ij F_ij"),
    (r"\mathcal{L}(\theta; x) = -\log p(x \mid \theta) \\ p(x \mid \theta) = \theta_i x_i",
     "L = -log(p); p = θ_i x_i"),
    (r"\begin{align}y_i(x) &= \tanh(z_i) \\ z_i &= W_{ij} x_j\end{align}", "y_i = tanh(z_i); z_i = W_ij x_j"),
    (r"\psi = c_1 (I_1 - 3) + c_{10} I_1^2", "psi = c1 (I1 - 3) + c10 I1^2"),
    (r"y = \lambda_1 \hat{x}_2 + \lambda_2", "y = λ1 xhat2 + λ2"),
    (r"w = \alpha eps_ij A_{ij}", "w = α eps_ij A_ij"),
    (r"v_i = \epsilon_{ijk} \epsilon_{lm} A_{jkl} b_m", "v_i = eps_ijk eps_lm A_jkl b_m"),
    (r"y = \log\sum_i e^{x_i}", "y = log(sum_i(exp(x_i)))"),
    (r"y_i = x_i - \log \sum_j w_j e^{x_j} + 1", "y_i = x_i - log(sum_j(w_j exp(x_j))) + 1"),
    (r"L = \log \prod_i p_i \quad \text{where} \quad p_i = q_i^2", "L = log(prod_i(p_i)); p_i = q_i^2"),
    (r"y = \begin{cases} x & x > 0 \\ 0 & x \le 0 \end{cases}", "y = where(x > 0, x, 0)"),
    (r"y = \begin{cases} x, & \text{if } x \ge 0, \\ -x, & \text{if } x < 0. \\ \end{cases}",
     "y = where(x >= 0, x, -x)"),
    (r"y = \begin{cases} x & |x| \le \delta \\ \delta & |x| > \delta \end{cases}",
     "y = where(abs(x) <= δ, x, δ)"),
    (r"y = \begin{cases} x & x > 1 \\ 2 & 0 < x \\ 0 & x \le 0 \end{cases}",
     "y = where(x > 1, x, where(0 < x, 2, 0))"),
    (r"y = \begin{cases} x & x > 1 \\ 0 & x \le 2 \end{cases}", "y = where(x > 1, x, 0)"),
]  # fmt: skip


@pytest.mark.parametrize(("latex", "plain"), _SAME)
def test_the_same_in_index_notation(latex: str, plain: str) -> None:
    assert str(ix.parse(latex)) == str(ix.parse(plain))


_GAP = "leave something out"

# a text, kind, a part of the reason, a part of the hint
_REFUSED: list[tuple[str, type[IndicialError], str, str]] = [
    (r"\psi(F) = F_{ij} F_{ij}; y = \psi(G)", NotationError, r"\psi(G) is not what", "formula"),
    ("f(x) = x_i x_i", ParseError, "not one plain tensor", "without arguments: f = …"),
    (r"\hat\sigma^2 = x_i x_i", ParseError, "not one plain tensor", "no power: σhat2 = …"),
    (r"d_{ij}^2 = x_i \, y_j", ParseError, "not one plain tensor", "no power: d2_{ij} = …"),
    ("d_ij^2 = x_i y_j", ParseError, "not one plain tensor", "no power: d2_ij = …"),
    (r"y = \begin{cases} x & x > 1 \\ 0 & x \le 0 \end{cases}", NotationError, _GAP, "otherwise"),
    (r"y = \begin{cases} x & x > 0 \\ 0 & x < 0 \end{cases}", NotationError, _GAP, "otherwise"),
    (r"y = \begin{cases} x & x > 0 \\ 0 & z \le 0 \end{cases}", NotationError, _GAP, "otherwise"),
    (r"y = \alpha x_1 + x_i x_i", NotationError, "the subscript 1 is a number", "x1 is a name of its own"),
    (r"y = \mathbb{E}_n[x_n]", NotationError, "an expectation is no sign", r"\operatorname{mean}_n(…)"),
    (r"w = \varepsilon_{ij} \sigma_{ij}", NotationError, "reads as a strain", "is written eps_ij"),
    (r"\epsilon_{ij} = \alpha u_{ij}", NotationError, "reads as a strain", "another name: e_ij"),
    ("y = c_1", NotationError, "the subscript 1 is a number", "c1 is a name of its own"),
    (r"z_1 = \alpha z^{(1)}", NotationError, "both would be part of the name", "zs1"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "kind", "reason", "hint"), _REFUSED)
def test_refusals(text: str, kind: type[IndicialError], reason: str, hint: str) -> None:
    with pytest.raises(IndicialError) as caught:
        ix.parse(text)
    assert type(caught.value) is kind, caught.value
    assert reason in caught.value.reason
    assert hint in (caught.value.hint or "")
    assert caught.value.source == text
