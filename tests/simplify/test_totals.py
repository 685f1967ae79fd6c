"""Sums over probabilities are 1, and traces of statements may be numbers; not where one is a variable."""

import numpy as np
import pytest

import indicial as ix

DEVIATOR = "index i: 3; s_ij = S_ij - delta_ij S_kk / 3; "


@pytest.mark.parametrize(
    ("program", "wrt", "text"),
    [
        ("p_c = softmax_c(s_c); H = -p_c log(p_c)", "s", "p_m (p_c log(p_c) - log(p_m))"),
        ("p_nc = softmax_c(S_nc); H = -sum_nc(p_nc log(p_nc))", "S", "p_mq (p_mc log(p_mc) - log(p_mq))"),
        ("p_c = softmax_c(s_c); t = sum_c(p_c)", "s", "0"),
        ("p_c = softmax_c(s_c); t = sum_c(p_c)", "p", "1"),
        ("p_c = softmax_c(s_c); t = sum_c(p_c) x_m x_m", "x", "2 x_n"),
        ("p_c = softmax_c(s_c); t = sum_c(p_c) x_m x_m", "x p", "2 x_n"),
        (DEVIATOR + "q = sqrt(3/2 s_ij s_ij)", "S", "3 s_mn / (2 q)"),
        (DEVIATOR + "q = s_ii x x", "x", "0"),
        (DEVIATOR + "q = s_ii x x", "x s", "2 δ_mn x"),
    ],
)
def test_what_is_known_of_sums(program, wrt, text):
    assert str(ix.derive(program, wrt)) == text


def test_the_numbers_are_the_same():
    s = np.array([0.3, -1.0, 2.0])
    assert ix.check("p_c = softmax_c(s_c); H = -p_c log(p_c)", "s s", s=s).passed
    stress = np.arange(9.0).reshape(3, 3) ** 2
    assert ix.check(DEVIATOR + "q = sqrt(3/2 s_ij s_ij)", "S S", S=stress).passed
