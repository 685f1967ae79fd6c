"""Nodes: one object per content, digests that every process agrees on, free indices, sizes."""

import gc
import os
import pickle
import subprocess
import sys
from fractions import Fraction

import pytest

from indicial.ir.indices import Index, Space, formals, fresh
from indicial.ir.nodes import (
    HALF,
    ONE,
    ZERO,
    Access,
    Add,
    Call,
    Compare,
    Constant,
    Definition,
    Delta,
    Epsilon,
    Extent,
    IndexProd,
    IndexSum,
    Mul,
    Number,
    Position,
    Power,
    number,
)

ROWS, COLUMNS = Space("W", 0), Space("W", 1)
P, Q = formals((ROWS, COLUMNS))
K = Index(-1, COLUMNS)
W_ij = Access("W", (P, Q))
W_ik = Access("W", (P, K))
x_k = Access("x", (K,))

EVERY_KIND = {
    "Number": Number(Fraction(2, 3)),
    "Constant": Constant("pi"),
    "Extent": Extent(ROWS),
    "Position": Position(P),
    "Access": W_ij,
    "Apply": Definition("d", (P,), Access("b", (P,)))(Index(5, ROWS)),
    "Delta": Delta(P, Index(7, ROWS)),
    "Epsilon": Epsilon((P, Index(1, ROWS), Index(2, ROWS))),
    "Add": Add((W_ij, ONE)),
    "Mul": Mul((W_ij, x_k)),
    "Power": Power(W_ij, HALF),
    "Call": Call("exp", (W_ij,)),
    "Compare": Compare(">", W_ij, ZERO),
    "IndexSum": IndexSum((K,), Mul((W_ik, x_k))),
    "IndexProd": IndexProd((K,), x_k),
    "Definition": Definition("f", (P,), IndexSum((K,), Mul((W_ik, x_k)))),
}


def test_equal_content_is_one_object():
    assert Access("W", (P, Q)) is W_ij
    assert Mul((W_ij, x_k)) is EVERY_KIND["Mul"]
    assert number(2) is Number(Fraction(2)) is Number(Fraction(4, 2))
    assert W_ij + 1 is EVERY_KIND["Add"]


def test_nothing_but_equal_content_is_equal():
    kinds = list(EVERY_KIND.values())
    assert len(set(kinds)) == len(kinds)
    assert len({node.digest for node in kinds}) == len(kinds)
    assert Access("W", (Q, P)) != W_ij
    assert Mul((x_k, W_ij)) != Mul((W_ij, x_k))
    assert W_ij != "W_ij"


def test_digests_do_not_run_into_each_other():
    assert Mul((Mul((W_ij, x_k)), ONE)) != Mul((W_ij, Mul((x_k, ONE))))
    assert Mul((W_ij,)) != Add((W_ij,))
    assert IndexSum((K,), x_k) != IndexProd((K,), x_k)
    assert Access("W", (Index(1, Space("a", 11)),)) != Access("W", (Index(11, Space("a", 1)),))
    assert Call("f", (W_ij, x_k)) != Call("f", (W_ij,))


def test_constructors_never_rewrite():
    assert Mul((x_k,)).factors == (x_k,)
    assert Add((ZERO, x_k)).terms == (ZERO, x_k)
    assert Mul((ZERO, x_k)).factors == (ZERO, x_k)


def test_free_indices():
    free = {name: node.free for name, node in EVERY_KIND.items()}
    assert free["Number"] == free["Constant"] == free["Extent"] == frozenset()
    assert free["Position"] == {P}
    assert free["Access"] == {P, Q}
    assert free["Apply"] == {Index(5, ROWS)}
    assert free["Delta"] == {P, Index(7, ROWS)}
    assert free["Mul"] == {P, Q, K}
    assert free["IndexSum"] == {P}
    assert free["IndexProd"] == free["Definition"] == frozenset()


def test_a_repeated_index_is_free_once():
    assert Access("A", (P, Index(0, ROWS))).free == {P}


def test_height_is_the_largest_dummy_inside():
    inner = IndexSum((K,), x_k)
    outer = IndexSum((Index(-3, ROWS), Index(-2, ROWS)), inner)
    assert (x_k.height, inner.height, outer.height) == (0, 1, 3)
    assert Mul((inner, outer)).height == 3


def test_size_counts_the_written_out_tree_and_saturates():
    assert Mul((W_ij, W_ij)).size == 3
    node = W_ij
    for _ in range(100):
        node = Mul((node, node))
    assert node.size == 1 << 60


def test_with_children_rebuilds_the_same_node():
    for node in EVERY_KIND.values():
        assert node.with_children(node.children) is node


def test_operators_build_what_they_say():
    a, b = Access("a", ()), Access("b", ())
    assert a - b is Add((a, Mul((number(-1), b))))
    assert 1 - a is Add((ONE, Mul((number(-1), a))))
    assert a / b is Mul((a, Power(b, number(-1))))
    assert 2 / b is Mul((number(2), Power(b, number(-1))))
    assert -a is Mul((number(-1), a))
    assert a**2 is Power(a, number(2))
    assert Fraction(1, 3) * a is Mul((Number(Fraction(1, 3)), a))


def test_nodes_are_frozen():
    with pytest.raises(AttributeError):
        W_ij.tensor = "V"


def test_unused_nodes_are_let_go():
    digest = Access("used_nowhere_else", ()).digest
    gc.collect()
    from_scratch = Access("used_nowhere_else", ())
    assert from_scratch.digest == digest


def test_fresh_indices_never_repeat():
    several = [fresh(ROWS) for _ in range(100)]
    assert len(set(several)) == 100
    assert min(several).serial >= 1 << 20


DIGESTS = """
from fractions import Fraction
from indicial.ir.indices import Index, Space
from indicial.ir.nodes import *
i, k = Index(0, Space("W", 0)), Index(-1, Space("W", 1))
body = IndexSum((k,), Mul((Access("W", (i, k)), Power(Access("x", (k,)), Number(Fraction(1, 3))))))
f = Definition("f", (i,), body + Call("exp", (body,)) * Compare(">", body, ZERO))
print(f.digest.hex(), f(i).digest.hex())
"""


def test_digests_are_the_same_under_every_hash_seed():
    printed = set()
    for seed in ("0", "1", "4242"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        command = [sys.executable, "-c", DIGESTS]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        printed.add(done.stdout)
    assert len(printed) == 1


def test_spaces_and_indices_survive_pickling():
    assert pickle.loads(pickle.dumps(P)) == P
