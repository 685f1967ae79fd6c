"""Orders of contraction: exact for few factors and for chains, close to the best known for networks."""

import random
from itertools import pairwise

import numpy as np
import opt_einsum
import pytest

import indicial as ix
from indicial.bench.generated import lattice, random_network, random_tree
from indicial.planning import greedy
from indicial.planning.networks import Network, each, walked
from indicial.planning.orders import order
from indicial.planning.parts import Parts
from indicial.planning.rerooting import seen_from
from indicial.planning.windows import cheapest, improved


def network(inputs, output, extents, names=None):
    """A network of einsum's subscripts; letters stand for indices."""
    axes = [tuple(own) for own in inputs]
    return Network(names or list(range(len(axes))), axes, extents, frozenset(output), Parts(), axes)


def of_instance(instance, size="full"):
    (term,) = instance.terms
    return network(term.inputs, term.core, term.extents(instance.shapes(size)))


def kids_of(tree):
    """What a tree makes of what."""
    stack, kids = [], {}
    for place in walked(tree):
        if place is not None:
            stack.append(1 << place)
        else:
            b, a = stack.pop(), stack.pop()
            assert not a & b
            kids[a | b] = a, b
            stack.append(a | b)
    (whole,) = stack
    return kids, whole


def cost(net, tree):
    kids, whole = kids_of(tree)
    assert whole == net.everything
    return net.total(kids)


def flops(net, tree):
    kids, _ = kids_of(tree)
    return sum(net.size(net.kept(a) | net.kept(b)) for a, b in kids.values())


def path_of(inputs, output, extents):
    """The order with the fewest operations, without outer products."""
    shapes = [tuple(extents[letter] for letter in own) for own in inputs]
    text = f"{','.join(inputs)}->{output}"
    return opt_einsum.contract_path(text, *shapes, shapes=True, optimize="dp")[0]


def path_as_kids(count, path):
    parts, kids = [1 << k for k in range(count)], {}
    for places in path:
        a, b = [parts[k] for k in sorted(places)]
        parts = [part for k, part in enumerate(parts) if k not in places] + [a | b]
        kids[a | b] = a, b
    return kids, parts[0]


def chain_optimum(net, extents):
    """The least cost of a product of matrices, by the textbook's dynamic programming over intervals."""
    count = len(net.own)
    parts = {(k, k): 1 << k for k in range(count)}
    best = {(k, k): 0.0 for k in range(count)}
    for length in range(1, count):
        for first in range(count - length):
            last = first + length
            ways = [
                best[first, cut] + best[cut + 1, last] + net.cost(parts[first, cut], parts[cut + 1, last])
                for cut in range(first, last)
            ]
            parts[first, last] = parts[first, cut_of(ways) + first] | parts[cut_of(ways) + first + 1, last]
            best[first, last] = min(ways)
    return best[0, count - 1]


def cut_of(ways):
    return ways.index(min(ways))


@pytest.mark.parametrize("count", [3, 6, 7, 20, 60])
@pytest.mark.parametrize("seed", range(3))
def test_chains_are_ordered_as_well_as_can_be(count, seed):
    rng = random.Random(seed)
    letters = [opt_einsum.get_symbol(k) for k in range(count + 1)]
    extents = {letter: rng.choice((2, 5, 20, 40, 100)) for letter in letters}
    net = network([a + b for a, b in pairwise(letters)], letters[0] + letters[-1], extents)
    assert cost(net, order(net)) <= 1.02 * chain_optimum(net, extents)


def equation(count, seed):
    """A random connected network: indices between two factors, one of three, two of the result."""
    rng = random.Random(seed)
    ends = [(rng.randrange(k), k) for k in range(1, count)]
    ends += [tuple(rng.sample(range(count), 2)) for _ in range(count // 2)]
    ends += [tuple(rng.sample(range(count), 3)), (0,), (count - 1,)]
    letters = [opt_einsum.get_symbol(k) for k in range(len(ends))]
    held = dict(zip(letters, ends, strict=True))
    inputs = ["".join([letter for letter in letters if k in held[letter]]) for k in range(count)]
    return inputs, "".join(letters[-2:]), {letter: rng.randint(2, 9) for letter in letters}


@pytest.mark.parametrize("seed", range(8))
def test_few_factors_have_the_cheapest_order(seed):
    net = network(*equation(5, seed))
    found, kids = cheapest(net, [1 << k for k in range(5)])
    assert found == pytest.approx(net.total(kids))
    for seed_of_order in range(20):
        assert net.total(random_order(net, seed_of_order)) >= found * (1 - 1e-12)


def random_order(net, seed):
    rng, kids = random.Random(seed), {}
    parts = [1 << k for k in range(len(net.own))]
    while len(parts) > 1:
        rng.shuffle(parts)
        a, b = parts.pop(), parts.pop()
        kids[a | b] = a, b
        parts.append(a | b)
    return kids


@pytest.mark.parametrize(
    ("instance", "most"),
    [  # the operations that cotengra's hyper-optimizer finds, and a little more
        (random_network(60, 3, 1), 10**6.0), (random_network(100, 3, 5), 10**7.2), (lattice(6, 6), 10**6.6),
        (lattice(8, 8), 10**8.1), (random_tree(200, 3), 10**6.15),
    ],
    ids=lambda each: getattr(each, "name", None),
)  # fmt: skip
def test_networks_are_ordered_close_to_the_best_known(instance, most):
    net = of_instance(instance)
    assert 2 * flops(net, order(net)) <= most


@pytest.mark.parametrize("seed", range(6))
def test_orders_are_no_worse_than_opt_einsum_s(seed):
    inputs, output, extents = equation(12, seed)
    net = network(inputs, output, extents)
    kids, whole = path_as_kids(len(inputs), path_of(inputs, output, extents))
    assert whole == net.everything
    assert cost(net, order(net)) <= net.total(kids) * (1 + 1e-9)


def test_an_order_is_the_same_from_run_to_run():
    trees = [order(of_instance(random_network(40, 3, 7))) for _ in range(2)]
    assert trees[0] == trees[1]


def test_windows_only_make_an_order_cheaper():
    net = of_instance(lattice(5, 5))
    start = next(greedy.orders(net, 0, 1))
    costs = [net.total(improved(net, start, effort)) for effort in (0, 10**3, 10**5)]
    assert net.total(start) == costs[0] >= costs[1] >= costs[2]
    assert costs[2] < costs[0]


@pytest.mark.parametrize(
    ("inputs", "output"),
    [
        (["ab", "cd", "ef", "gh", "ij", "kl", "mn", "op"], "a"),  # nothing in common
        (["xa", "xb", "xc", "xd", "xe", "xf", "xg", "xh", "abcdefgh"], "x"),  # one index of all
        (["a", "b", "ab", "ab", "a", "b", "c", "", "c"], ""),
    ],
)
@pytest.mark.parametrize("extent", [0, 1, 3])
def test_every_factor_is_in_an_order_once(inputs, output, extent):
    net = network(inputs, output, dict.fromkeys("".join(inputs), extent))
    kids, whole = kids_of(order(net))
    assert whole == net.everything
    assert len(kids) == len(inputs) - 1


def test_what_is_left_of_a_part():
    net = network(["ij", "jk", "kl"], "il", {"i": 2, "j": 3, "k": 4, "l": 5})
    left = {net.indices[bit.bit_length() - 1] for bit in each(net.kept(0b011))}
    assert left == {"i", "k"}
    assert net.size(net.kept(0b111)) == 10
    assert net.made(0b001, 0b010) == net.kept(0b011)


def test_gradients_of_a_tensor_train_share_their_parts():
    """All gradients together cost far less than one by one (opt_einsum #132)."""
    names = [f"A{k}" for k in range(9)]
    text = "L = " + " ".join(
        f"{name}_{{i{k} n{k} i{(k + 1) % 9}}} x{k}_{{n{k}}}" for k, name in enumerate(names)
    )
    shapes = {**dict.fromkeys(names, (20, 3, 20)), **{f"x{k}": (3,) for k in range(9)}}
    together = ix.derive(text, wrt=tuple(names)).compile(shapes).plan.flops
    alone = sum(ix.derive(text, wrt=name).compile(shapes).plan.flops for name in names)
    assert together < alone / 2


@pytest.mark.parametrize(
    ("text", "shapes"),
    [
        ("E_ijk = T_ijk - G_abc A_ia B_jb C_kc",
         {"T": (30, 31, 32), "G": (8, 9, 7), "A": (30, 8), "B": (31, 9), "C": (32, 7)}),
        ("E_ijk = T_ijk - A_ir B_jr C_kr", {"T": (30, 31, 32), "A": (30, 8), "B": (31, 8), "C": (32, 8)}),
        ("E_kji = T_kji - A_ir B_jr C_kr", {"T": (32, 31, 30), "A": (30, 8), "B": (31, 8), "C": (32, 8)}),
    ],
)  # fmt: skip
def test_a_product_lies_as_what_it_is_subtracted_from(text, shapes):
    f = ix.parse(text).compile(shapes)
    (minus,) = [step for step in f.plan.plan.steps if step.operation == "subtract"]
    assert [f.plan.plan.steps[operand].operation for operand in minus.operands] == ["input", "matmul"]
    arrays = {name: np.random.default_rng(1).random(shape) for name, shape in shapes.items()}
    np.testing.assert_allclose(f(**arrays), ix.parse(text)._numbers.interpreted(arrays)[0], rtol=1e-12)


@pytest.mark.parametrize("count", [8, 16, 32])
def test_all_gradients_of_a_ring_take_three_products_a_factor(count):
    """As reverse mode does over a tree: each search by itself takes up to twice as many."""
    names = [f"A{k}" for k in range(count)]
    text = "L = " + " ".join([f"{name}_{{i{k} i{(k + 1) % count}}}" for k, name in enumerate(names)])
    shapes = dict.fromkeys(names, (10, 10))
    d = ix.derive(text, wrt=tuple(names))
    f = d.compile(shapes)
    products = [step for step in f.plan.plan.steps if step.operation == "matmul"]
    assert len(products) <= 3 * count
    rng = np.random.default_rng(2)
    arrays = {name: rng.standard_normal(shape) / 3 for name, shape in shapes.items()}
    for k, name in enumerate(names):
        rest = np.linalg.multi_dot([arrays[each] for each in [*names[k + 1 :], *names[:k]]])
        np.testing.assert_allclose(f(**arrays)[name], rest.T, rtol=0, atol=1e-12 * np.abs(rest).max())


def test_an_order_seen_from_each_of_its_leaves():
    order = (((0, 1), 2), (3, 4))
    assert seen_from(order, 4) == (((0, 1), 2), 3)
    assert seen_from(order, 2) == ((3, 4), (0, 1))
    assert seen_from(order, 0) == (((3, 4), 2), 1)
