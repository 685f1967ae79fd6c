"""Walks: no depth is too deep, each node is visited once, renaming respects scopes."""

import pytest

from indicial.ir.indices import Index, Space, formals, fresh
from indicial.ir.nodes import Access, Add, Definition, Delta, Epsilon, IndexSum, Mul, Number, Position
from indicial.ir.traversal import (
    definitions_in,
    definitions_under,
    fold,
    instantiate,
    opened,
    postorder,
    stackless,
    substitute,
)

DEPTH = 50_000
SPACE = Space("x", 0)
P, Q = formals((SPACE, SPACE))
K = Index(-1, SPACE)


def x(index):
    return Access("x", (index,))


def deep(node, depth=DEPTH):
    for _ in range(depth):
        node = Add((node, x(Q)))
    return node


def test_stackless_recursion_goes_deep():
    def height(n):
        return 0 if n == 0 else 1 + (yield height(n - 1))

    assert stackless(height(DEPTH)) == DEPTH


def test_stackless_passes_an_error_through_its_callers():
    seen = []

    def fails(n):
        try:
            if n == 0:
                raise KeyError("bottom")
            yield fails(n - 1)
        except KeyError:
            seen.append(n)
            if n == 3:
                return "caught"
            raise
        return "not reached"

    assert stackless(fails(3)) == "caught"
    assert seen == [0, 1, 2, 3]
    with pytest.raises(KeyError):
        stackless(fails(2))


def test_postorder_of_a_deep_expression():
    order = postorder(deep(x(P)))
    assert len(order) == DEPTH + 2
    assert set(order[:2]) == {x(P), x(Q)}


def test_postorder_visits_a_shared_node_once_and_children_first():
    node = x(P)
    for _ in range(60):
        node = Mul((node, node))
    order = postorder(node)
    assert len(order) == 61
    place = {each: position for position, each in enumerate(order)}
    assert all(place[child] < place[each] for each in order for child in each.children)


def test_fold_computes_each_node_once():
    node = Number(1)
    for _ in range(60):
        node = Add((node, node))
    calls = []

    def count(_, values):
        calls.append(1)
        return sum(values) or 1

    assert fold(node, count) == 2**60
    assert len(calls) == 61


def test_substitute_in_a_deep_expression():
    renamed = substitute(deep(x(P)), {P: K})
    assert renamed.free == {Q, K}


def test_substitute_replaces_at_once():
    assert substitute(Mul((x(P), x(Q))), {P: Q, Q: P}) is Mul((x(Q), x(P)))


def test_substitute_reaches_every_leaf_with_indices():
    f = Definition("f", (P, Q), Delta(P, Q))
    leaves = (x(P), f(P, Q), Delta(P, Q), Epsilon((P, Q)), Position(P))
    new = fresh(SPACE)
    for leaf in leaves:
        assert substitute(leaf, {P: new}).free == leaf.free - {P} | {new}


def test_substitute_leaves_bound_indices_alone():
    total = IndexSum((K,), Mul((x(K), x(P))))
    assert substitute(total, {K: Q}) is total
    assert substitute(total, {K: Q, P: Q}) is IndexSum((K,), Mul((x(K), x(Q))))


def test_substitute_never_binds_what_was_free():
    total = IndexSum((K,), Mul((x(K), x(P))))
    other = Index(-2, SPACE)
    assert substitute(total, {P: K}) is IndexSum((other,), Mul((x(other), x(K))))


def test_opened_and_closed_again():
    total = IndexSum((K,), x(K))
    (dummy,), (body,) = opened(total)
    assert body is x(dummy)
    assert IndexSum((K,), substitute(body, {dummy: K})) is total


def test_instantiate_gives_the_body_at_other_indices():
    f = Definition("f", (P, Q), IndexSum((K,), Mul((x(P), x(Q), x(K)))))
    assert instantiate(f, (Q, Q)) is IndexSum((K,), Mul((x(Q), x(Q), x(K))))


def test_definitions_come_behind_those_they_rest_on():
    f = Definition("f", (P,), x(P))
    g = Definition("g", (P,), Mul((f(P), f(P))))
    h = Definition("h", (P, Q), Add((g(Q), f(P))))
    assert set(definitions_in(h.body)) == {g, f}
    assert definitions_under(h) == [f, g, h]


def test_a_long_chain_of_definitions():
    link = Definition("d", (P,), x(P))
    for _ in range(DEPTH // 10):
        link = Definition("d", (P,), Add((link(P), link(P))))
    assert len(definitions_under(link)) == DEPTH // 10 + 1
