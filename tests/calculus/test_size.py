"""A derivative is about as large as its program, however often each line uses the one before it."""

import pytest

import indicial as ix
from indicial.ir.traversal import definitions_under

LINES = {
    "residual": "y{k}_i = sin(W_ij y{p}_j) + y{p}_i",
    "elementwise": "y{k}_i = y{p}_i y{p}_i + sin(y{p}_i)",
    "rank_one": "y{k}_i = y{p}_i + a_i b_j y{p}_j",
    "normalised": "y{k}_i = y{p}_i / sqrt(y{p}_j y{p}_j)",
    "softmax": "y{k}_i = softmax_i(W_ij y{p}_j) + y{p}_i",
    "shifted": "y{k}_i = y{p}_i + [i > 0] y{p}[i-1]",
    "two_back": "y{k}_i = y{p}_i + y{q}_i sin(y{p}_i)",
    "gated": "y{k}_i = sigmoid(U_ij y{p}_j) y{p}_i + (1 - sigmoid(U_ij y{p}_j)) tanh(V_ij y{p}_j)",
    "piecewise": "y{k}_i = where(y{p}_i > 0, y{p}_i, sin(W_ij y{p}_j))",
}


def size(line, count, wrt, output):
    lines = [line.format(k=k, p=k - 1, q=max(k - 2, 0)) for k in range(1, count + 1)]
    program = ix.parse("\n".join([*lines, f"L = y{count}_i y{count}_i"]), outputs=(output.format(count),))
    return sum(each.body.size for each in definitions_under(ix.derive(program, wrt).definition))


@pytest.mark.parametrize(("wrt", "output"), [("y0", "y{}"), ("y0 y0", "L")])
@pytest.mark.parametrize("line", LINES.values(), ids=LINES)
def test_twice_the_lines_twice_the_size(line, wrt, output):
    assert size(line, 12, wrt, output) <= 2.6 * size(line, 6, wrt, output)
