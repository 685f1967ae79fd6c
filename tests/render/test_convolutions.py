"""Gradients of losses of convolutions as a careful person writes them: no brackets that ranges imply."""

import numpy as np
import pytest
from oracles.numeric import assert_close, jacobian

import indicial as ix

LOSS = "L = sum_i((sum_k(K_k x[i+k]) - y_i)^2)"
SQUARE = "L = (K_k x[i+k])^2"
_R = np.random.default_rng(5)
ARRAYS = {"K": _R.random(3), "x": _R.random(7), "y": _R.random(5)}

FORMS = [
    (LOSS, "K", "2 x[m+i] (x[i+k] K_k - y_i)"),
    (LOSS, "x", "2 [m < i + dim(K, 0)] [i <= m] K[m-i] (x[i+k] K_k - y_i)"),
    (LOSS, "K K", "2 x[m+i] x[n+i]"),
    (LOSS, "x x", "2 [m < i + dim(K, 0)] [i <= m] [n < i + dim(K, 0)] [i <= n] K[m-i] K[n-i]"),
    (LOSS, "y", "2 (y_m - x[m+k] K_k)"),
    (SQUARE, "K", "2 x[m+i] x[i+k] K_k"),
    (SQUARE, "x", "2 [i <= m] [m < i + dim(K, 0)] K[m-i] x[i+k] K_k"),
    (SQUARE, "K K", "2 x[m+i] x[n+i]"),
    ("r_i = K_k x[i+k] - y_i; L = r_i^2", "K", "2 x[m+i] r_i"),
    ("z_i = K_k x[i+k]; L = sum_i((z_i - y_i)^2)", "K", "2 x[m+i] (z_i - y_i)"),
]


@pytest.mark.parametrize(("text", "wrt", "printed"), FORMS)
def test_the_form_and_the_numbers(text, wrt, printed):
    derived = ix.derive(text, wrt)
    assert str(derived) == printed
    given = {name: array for name, array in ARRAYS.items() if name in ix.parse(text).inputs}
    *before, last = wrt.split()
    inner = ix.derive(text, " ".join(before)) if before else ix.parse(text)
    numeric = jacobian(lambda array: inner({**given, last: array}), given[last])
    assert_close(derived(given), numeric, 1e-7)
