"""Forward and reverse accumulation, and bodies cut into pieces or whole: the same numbers."""

import numpy as np
import pytest

import indicial as ix
from indicial.api.named import axes_or_error
from indicial.api.numbers import Numbers
from indicial.calculus import accumulate
from indicial.calculus.accumulate import Accumulation
from indicial.calculus.splitting import split
from indicial.ir.nodes import Mul
from indicial.ir.traversal import definitions_under, postorder
from indicial.simplify.canonical import Simplifier
from indicial.simplify.inline import transparent

PROGRAMS = [
    ("z_i = W_ij x_j + b_i; a_i = tanh(z_i); L = (a_i - y_i)^2", "W x b"),
    ("C_ik = A_ij B_jk", "A B"),
    ("p_i = exp(x_i) / sum_k(exp(x_k)); H_ij = p_i p_j", "x"),
    ("y_i = prod_j(x_j + A_ij) + x_i", "x A"),
    ("u_ij = x_i x_j; t = u_kk; f_i = u_ij x_j / t", "x"),
    ("d_ij = delta_ij x_j + x_i; T_ijk = d_ij d_jk", "x"),
    ("s = sum_i(where(x_i > y_i, x_i y_i, x_i^2))", "x y"),
    ("c_i = eps_ijk a_j b_k; s = c_i c_i", "a b"),
]


def random_arrays(program, seed=0):
    generator = np.random.default_rng(seed)
    return {
        name: generator.uniform(0.5, 1.5, (3,) * len(spaces))
        for name, spaces in program.meaning.inputs.items()
    }


def accumulated(text, names, mode):
    program = ix.parse(text)
    meaning = program.meaning
    held = {name: axes_or_error(meaning, name) for name in names}
    simplify = Simplifier(program.facts, transparent)
    accumulation = Accumulation([meaning.statements[meaning.outputs[0]]], held, simplify)
    found = getattr(accumulation, mode)(names)
    return Numbers(meaning, [found[name] for name in names])(random_arrays(program))


@pytest.mark.parametrize(("text", "names"), PROGRAMS)
def test_forward_and_reverse_agree(text, names):
    forward = accumulated(text, names.split(), "forward")
    reverse = accumulated(text, names.split(), "reverse")
    for one, other in zip(forward, reverse, strict=True):
        assert one.shape == other.shape
        assert np.allclose(one, other, rtol=1e-12, atol=1e-13)


def product(count):
    return "y = " + " ".join(f"(x_i + a{k}_i)" for k in range(count))


def nest(depth):
    inner = "x_i"
    for level in range(depth):
        inner = f"sin({inner} + {level} x_i)"
    return f"y_i = {inner}"


def chain(count):
    letters = [f"i{k}" for k in range(count + 1)]
    factors = [f"A{k}_{{{letters[k]} {letters[k + 1]}}}" for k in range(count)]
    return f"y_{{{letters[0]} {letters[-1]}}} = {' '.join(factors)}"


LARGE = [(product(17), "x"), (product(24), "x"), (product(20), "a3"), (nest(16), "x"), (nest(30), "x")]


@pytest.mark.parametrize(("text", "name"), LARGE)
def test_cutting_a_large_body_changes_no_number(text, name, monkeypatch):
    program = ix.parse(text)
    (definition,) = program.meaning.statements.values()
    assert split(definition) is not definition
    given = random_arrays(program)
    cut = ix.derive(text, name)(given)
    monkeypatch.setattr(accumulate, "split", lambda definition: definition)
    whole = ix.derive(text, name)(given)
    assert np.allclose(cut, whole, rtol=1e-12)


def test_the_pieces_of_a_product_are_small():
    (definition,) = ix.parse(product(100)).meaning.statements.values()
    pieces = definitions_under(split(definition))
    assert len(pieces) > 25
    products = [node for each in pieces for node in postorder(each.body) if isinstance(node, Mul)]
    assert max(len(node.factors) for node in products) <= 5


@pytest.mark.parametrize("count", [8, 9, 12, 20])
def test_a_product_of_many_factors_by_hand(count):
    given = random_arrays(ix.parse(product(count)))
    factors = [given["x"] + given[f"a{k}"] for k in range(count)]
    want = np.prod(factors, axis=0) * sum(1 / factor for factor in factors)
    assert np.allclose(ix.grad(product(count), "x")(given), want)


def test_a_chain_of_matrices_that_is_cut():
    program = ix.parse(chain(60))
    (definition,) = program.meaning.statements.values()
    assert split(definition) is not definition
    given = random_arrays(program)
    before = np.linalg.multi_dot([given[f"A{k}"] for k in range(30)])
    after = np.linalg.multi_dot([given[f"A{k}"] for k in range(31, 60)])
    got = ix.derive(program, "A30")(given)
    assert np.allclose(got, np.einsum("am,nb->abmn", before, after))
