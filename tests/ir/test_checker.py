"""The checker accepts what the passes promise and names each breach."""

import pytest

from indicial.ir.check import InvariantError, check_canonical, check_definition
from indicial.ir.indices import Index, Space, formals, fresh
from indicial.ir.nodes import (
    HALF,
    ONE,
    TWO,
    ZERO,
    Access,
    Add,
    Call,
    Compare,
    Constant,
    Definition,
    Delta,
    Epsilon,
    IndexProd,
    IndexSum,
    Mul,
    Power,
)

S, T = Space("W", 0), Space("W", 1)
P, Q = formals((S, T))
P2 = Index(1, S)
K, K2 = Index(-1, T), Index(-2, T)
W_ik, x_k, x_j = Access("W", (P, K)), Access("x", (K,)), Access("x", (Q,))
b_i = Access("b", (P,))


def ordered(*nodes):
    return tuple(sorted(nodes, key=lambda node: node.digest))


MATVEC = Definition("f", (P,), IndexSum((K,), Mul(ordered(W_ik, x_k))))


def test_a_good_definition_passes_both():
    check_definition(MATVEC)
    check_definition(MATVEC, {"W": (S, T), "x": (T,)})
    check_canonical(MATVEC)
    outer = Definition("g", (P,), Mul((TWO, *ordered(MATVEC(P), b_i))))
    check_definition(outer)
    check_canonical(outer)


BROKEN = {
    "formal indices are not": Definition("f", (P2,), Access("b", (P2,))),
    "neither formal nor bound": Definition("f", (P,), W_ik),
    "an unknown constant": Definition("f", (), Constant("tau")),
    "an input's axes": Definition("f", (P, Q), Add((Access("x", (P,)), x_j))),
    "a definition's axes": Definition("f", (P, Q), MATVEC(Q)),
    "a delta joins two spaces": Definition("f", (P, Q), Delta(P, Q)),
    "an epsilon joins two spaces": Definition("f", (P, Q), Epsilon((P, Q))),
    "an unknown relation": Definition("f", (P,), Compare("~", b_i, ONE)),
    "an unknown function": Definition("f", (P,), Call("sgn", (b_i,))),
    "takes 1 arguments, not 2": Definition("f", (P,), Call("exp", (b_i, b_i))),
    "no literal integer": Definition("f", (P,), Call("polygamma", (b_i, b_i))),
    "binds an index twice": Definition("f", (), IndexSum((K, K), x_k)),
    "bound inside its own scope": Definition("f", (), IndexSum((K,), Mul((x_k, IndexProd((K,), x_k))))),
    "a formal index is bound": Definition("f", (P, Q), IndexSum((Q,), x_j)),
    "where an expression belongs": Definition("f", (P,), Mul((MATVEC, b_i))),
}


@pytest.mark.parametrize("reason", BROKEN)
def test_each_breach_is_named(reason):
    with pytest.raises(InvariantError, match=reason):
        check_definition(BROKEN[reason])


def test_inputs_are_held_to_their_spaces():
    with pytest.raises(InvariantError, match="x is no input"):
        check_definition(MATVEC, {"W": (S, T)})
    with pytest.raises(InvariantError, match="an input's axes"):
        check_definition(MATVEC, {"W": (T, T), "x": (T,)})


def test_a_breach_in_a_definition_below_is_found():
    with pytest.raises(InvariantError, match="unknown function"):
        check_definition(Definition("g", (P,), BROKEN["an unknown function"](P)))


W = fresh(T)
NOT_CANONICAL = {
    "a working index": Definition("f", (), IndexSum((W,), Access("x", (W,)))),
    "a product of one factor": Definition("f", (P,), Mul((b_i,))),
    "a number behind a factor": Definition("f", (P,), Mul((b_i, TWO))),
    "a coefficient 0 or 1": Definition("f", (P,), Mul((ONE, b_i))),
    "a product in a product": Definition("f", (P,), Mul((TWO, Mul(ordered(b_i, Power(b_i, HALF)))))),
    "a sum of one term": Definition("f", (P,), Add((b_i,))),
    "a sum in a sum": Definition("f", (P,), Add(ordered(b_i, Add(ordered(b_i, TWO))))),
    "a zero term": Definition("f", (P,), Add(ordered(b_i, ZERO))),
    "children are not in order": Definition("f", (P,), Add(ordered(b_i, TWO)[::-1])),
    "a delta with a summed index": Definition("f", (P, Q), IndexSum((K,), Mul(ordered(Delta(Q, K), x_k)))),
    "not numbered above": Definition(
        "f", (), IndexSum((K,), Mul(ordered(x_k, IndexSum((K2,), Access("x", (K2,))))))
    ),
}


@pytest.mark.parametrize("reason", NOT_CANONICAL)
def test_each_departure_from_canonical_form_is_named(reason):
    check_definition(NOT_CANONICAL[reason])
    with pytest.raises(InvariantError, match=reason):
        check_canonical(NOT_CANONICAL[reason])


def test_a_closed_delta_under_its_own_sum_is_a_departure():
    with pytest.raises(InvariantError, match="a delta with a summed index"):
        check_canonical(Definition("f", (), IndexSum((K,), Delta(K, K))))


def test_a_delta_between_free_indices_stays():
    check_canonical(Definition("f", (P, P2), Delta(P, P2)))


def test_sharing_does_not_slow_the_checker():
    node = b_i
    for _ in range(200):
        node = Mul(ordered(node, Power(node, HALF)))
    check_definition(Definition("f", (P,), node))
