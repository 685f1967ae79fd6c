"""What would read as something else than is meant: refused with what to write, or read as papers mean it."""

import numpy as np
import pytest

import indicial as ix
from indicial.errors import IndicialError
from indicial.semantics.resolve import read

# a text with the marked place between ‹ ›, the reason, a part of the hint
REFUSED = [
    (r"L = A_{‹0j›} x_j + \alpha", "0j in a subscript would be a product", "A[0, j] with components counted"),
    (r"L = A_{‹1j›} x_j + \alpha", "1j in a subscript would be a product", "A[1, j] with components counted"),
    ("a = ‹x_{11}›", "a component is named in square brackets", "x11 is a name of its own"),
    ("L = sum_k(‹k› w_k)", "'k' is an index in this term", "cumsum_k(ones_k)"),
    ("y_i = x_i/(‹i›+1)", "'i' is an index in this term", "cumsum_i(ones_i)"),
    ("L = ‹k› a_k b_k + c", "'k' is an index in this term", "tensor k: input"),
    (r"y_i = \sum_{j=1}^{n} ‹j› x_j A_{ij}", "'j' is an index in this term", "cumsum_j(ones_j)"),
    ("G = sum_t(g^(‹t›) r_t)", "'t' is an index in this term", "cumsum_t(ones_t)"),
    (r"X_k = \sum_n x_n \cos(2\pi ‹k› n/N)", "'k' is an index in this term", "cumsum_k(ones_k)"),
    ("y_i = ‹cumprod_i›(x_i)", "there is no operator 'cumprod'", "exp(cumsum_i(log(x_i)))"),
    ("y_ij = ‹kron_ij›(A_i B_j)", "there is no operator 'kron'", "A_ij B_kl"),
    ("y_i = ‹count_i›(x_i)", "there is no operator 'count'", "sum_i([x_i > 0])"),
    ("y_i = ‹fancy_i›(x_i)", "there is no operator 'fancy'", "fancy_i (…)"),
    ("y_i = ‹cumsummed_i›(x_i)", "there is no operator 'cumsummed'", "did you mean cumsum_i(…)"),
    ("f = a b_i b_i / c_i ‹c_i›", "part of the divisor", "write a b_i b_i / (c_i c_i) if it is"),
    ("f = x_i / y_i^2 ‹y_i›", "part of the divisor", "(x_i / y_i^2) y_i if not"),
    (
        r"S_{ij} = \exp(\frac{\sum_k Q_{ik}K_{jk}}{\sqrt{d_‹k›}}) / \sum_l \exp(\sqrt{d_k})",
        "index 'k' is summed inside one factor and free in another",
        "",
    ),
    ("y_i = ‹nan› x_i", "nan is no number here", "condition"),
    ("A_‹i›j = 2", "index 'i' is on the left side", "A_ij = ones_i ones_j 2"),
    ("y_‹i› = a^{n}", "index 'i' is on the left side", "ones_i a^{n}"),
    ("x_i' = R_{‹i›j} x_j", "index 'i' occurs only once", "a name with a prime is written xprime_i"),
    ("‹ii›", "this is no statement", "ii->"),
    ("‹ji›", "this is no statement", "ji->ij"),
    ("y_i = ‹sin›^2(x_i)", "without its argument", "sin(…)^2"),
]  # fmt: skip


@pytest.mark.parametrize(("marked", "reason", "hint"), REFUSED)
def test_refused(marked: str, reason: str, hint: str) -> None:
    text = marked.replace("‹", "").replace("›", "")
    with pytest.raises(IndicialError) as caught:
        ix.parse(text)
    assert reason in caught.value.reason
    assert hint in (caught.value.hint or "")
    assert caught.value.span is not None
    assert caught.value.span.start == marked.index("‹")


READ = [
    ("tensor k: input\nL = sum_k(k w_k)", "L = s sum_k(w_k)\ntensor s: input"),
    ("m = sum_n(x_n) / n", "m = sum_i(x_i) / n"),
    ("E = k x_i x_i / 2 + a_k b_k", "E = c x_i x_i / 2 + a_j b_j"),
    ("f_i = x_i / y_i * y_i", "f_i = (x_i / y_i) y_i"),
    (r"f_i = \frac{x_i}{y_i} y_i", "f_i = (x_i / y_i) y_i"),
    (r"y_i = \hat{y}_i(1-z_i)", "y_i = yhat_i (1 - z_i)"),
    (r"L = \prod_i p^{x_i}(1-p)^{1-x_i}", "L = prod_i((p)^(x_i) (1 - p)^(1 - x_i))"),
    (
        r"y_i = \begin{cases} x_i & x_i > 0 \\ 0 & \text{otherwise.} \end{cases}",
        "y_i = where(x_i > 0, x_i, 0)",
    ),
    (r"KL(P \| Q) = \sum_i p_i \log \frac{p_i}{q_i}", "KL = sum_i(p_i log(p_i / q_i))"),
]


@pytest.mark.parametrize(("text", "meant"), READ)
def test_read(text: str, meant: str) -> None:
    mine, other = read(text), read(meant)
    rng = np.random.default_rng(0)
    arrays = {name: rng.uniform(0.2, 0.8, (3,) * len(axes)) for name, axes in mine.inputs.items()}
    renamed = dict(zip(other.inputs, arrays.values(), strict=True))
    np.testing.assert_allclose(ix.evaluate(text, **arrays), ix.evaluate(meant, **renamed))


def test_the_value_of_an_index() -> None:
    w = np.array([2.0, 3.0, 5.0])
    assert ix.evaluate("L = sum_k(cumsum_k(ones_k) w_k)", w=w) == 2 + 6 + 15
