"""Costs of orders against counting by hand and against opt_einsum's own."""

import opt_einsum
import pytest

from indicial.bench.contestants import BY_NAME, find
from indicial.bench.orders import ITEM, Cost, Part, cost, left_to_right, steps, sum_of

EXTENTS = {"i": 2, "j": 3, "k": 5, "l": 7}


def test_a_chain_from_the_left_costs_two_products():
    found = cost(("ij", "jk", "kl"), "il", EXTENTS, left_to_right(3))
    assert found.flops == 2 * (2 * 3 * 5) + 2 * (2 * 5 * 7)
    assert found.largest == 14
    assert (
        found.peak == (10 + 14) * ITEM
    )  # the intermediate and the result, until the intermediate is dropped
    assert found.moved == (6 + 15 + 10 + 10 + 35 + 14) * ITEM


def test_the_order_decides():
    inner_first = cost(("ij", "jk", "k"), "i", EXTENTS, ((1, 2), (0, 1)))
    assert inner_first.flops == 2 * 15 + 2 * 6
    assert inner_first.flops < cost(("ij", "jk", "k"), "i", EXTENTS, left_to_right(3)).flops


def test_an_elementwise_product_takes_one_operation_an_entry():
    assert cost(("ij", "ij"), "ij", EXTENTS, ((0, 1),)).flops == 6


def test_a_trace_and_a_sum_take_one_operation_an_entry():
    assert cost(("ii",), "", EXTENTS, ((0,),)).flops == 2
    assert cost(("ij",), "i", EXTENTS, ((0,),)).flops == 6
    assert cost(("ij",), "ji", EXTENTS, ((0,),)).flops == 0


def test_three_operands_in_one_step():
    assert cost(("i", "i", "i"), "", EXTENTS, ((0, 1, 2),)).flops == 2 * 2 + 2


def test_values_are_numbered_on_from_the_inputs():
    found = steps(("ij", "jk", "kl"), "il", EXTENTS, ((1, 2), (0, 1)))
    assert [(step.operands, step.result) for step in found] == [((1, 2), "jl"), ((0, 3), "il")]


@pytest.mark.parametrize("name", ["optimal", "greedy", "dp", "auto", "branch-2", "random-greedy-128"])
@pytest.mark.parametrize("equation", ["ij,jk,kl->il", "ijk,kl,jl,li->", "ab,dca,eb,cde->", "ij,jk,ki,kl->l"])
def test_matrix_products_count_as_opt_einsum_counts_them(name, equation):
    left, _, output = equation.partition("->")
    inputs = tuple(left.split(","))
    extents = dict(zip("abcdeijkl", (2, 3, 4, 5, 6, 2, 3, 4, 5), strict=True))
    path = find(BY_NAME[name], inputs, output, extents, seed=0)
    shapes = [tuple(extents[letter] for letter in each) for each in inputs]
    _, info = opt_einsum.contract_path(equation, *shapes, shapes=True, optimize=list(path))
    assert cost(inputs, output, extents, path).flops == info.opt_cost
    assert cost(inputs, output, extents, path).largest == info.largest_intermediate


def test_left_to_right_holds_what_it_has_so_far():
    inputs = ("ij", "jk", "kl", "li")
    found = steps(inputs, "", EXTENTS, left_to_right(4))
    assert [set(step.result) for step in found] == [{"i", "k"}, {"i", "l"}, set()]


def test_a_sum_adds_each_further_term():
    one = Cost(flops=100, largest=10, peak=160, moved=800)
    found = sum_of([[Part(one, 10, 10), Part(one, 10, 10)]])
    assert found.flops == 210
    assert found.peak == 10 * ITEM + 160
    assert found.moved == 1600 + 3 * 10 * ITEM


def test_a_delta_costs_the_result_and_no_operation():
    one = Cost(flops=100, largest=10, peak=80, moved=800)
    found = sum_of([[Part(one, 10, 100)]])
    assert (found.flops, found.largest, found.peak) == (100, 100, 880)
    assert found.moved == 800 + 2 * 10 * ITEM


def test_outputs_are_held_to_the_end():
    one = Cost(flops=100, largest=10, peak=80, moved=800)
    assert sum_of([[Part(one, 10, 10)], [Part(one, 10, 10)]]).peak == 160
