"""What a plan does, step by step: deltas are writes, broadcasts are views, equal work is done once."""

from collections import Counter

import numpy as np
import pytest

import indicial as ix


def plan_of(text, wrt=None, **shapes):
    made = ix.derive(text, wrt) if wrt else ix.parse(text)
    return made._numbers.plan(shapes)


def operations(plan):
    return Counter(step.operation for step in plan.steps)


JACOBIANS = [
    ("f_i = W_ij x_j", "W", {"W": (3, 4), "x": (4,)}),
    ("f_i = x_i", "x", {"x": (5,)}),
    ("f_ij = x_i y_j", "x", {"x": (3,), "y": (4,)}),
    ("Z_nc = X_nd W_dc + b_c", "b", {"X": (5, 3), "W": (3, 2), "b": (2,)}),
    ("Y_ij = A_ji", "A", {"A": (3, 4)}),
    ("y_i = exp(x_i)", "x", {"x": (6,)}),
]


@pytest.mark.parametrize(("text", "wrt", "shapes"), JACOBIANS)
def test_a_delta_is_one_write_along_strides(text, wrt, shapes):
    found = operations(plan_of(text, wrt, **shapes))
    assert found["assemble"] == 1
    assert found["eye"] == found["matmul"] == found["multiply"] == 0


def test_what_is_written_is_the_core():
    plan = plan_of("f_i = W_ij x_j", "W", W=(3, 4), x=(4,))
    (assemble,) = [step for step in plan.steps if step.operation == "assemble"]
    assert assemble.shape == (3, 3, 4)
    assert assemble.parameters == ((0, 0, 1),)
    assert plan.peak_elements == 3 * 3 * 4
    assert plan.inputs == ("x",)


@pytest.mark.parametrize(("text", "wrt", "shapes"), JACOBIANS)
def test_an_assembled_output_is_not_copied(text, wrt, shapes):
    plan = plan_of(text, wrt, **shapes)
    assert plan.steps[-1].operation == "output"
    assert plan.steps[-1].is_view


def test_a_jacobian_of_two_patterns_is_one_step():
    plan = plan_of("f_i = x_i x_j x_j", "x", x=(4,))
    assert operations(plan)["assemble"] == 1


def test_no_operation_is_called_eye():
    texts = [("f_i = x_i (x_j x_j)", "x x"), ("f_ij = delta_ij x_j", "x"), ("f_i = delta_ij x_j", "x")]
    for text, wrt in texts:
        assert "eye" not in operations(plan_of(text, wrt, x=(3,)))


def test_subexpressions_that_agree_up_to_renaming_are_one_step():
    plan = plan_of("s = sum_i(exp(A_ij x_j)) + sum_p(sin(A_pq x_q))", A=(3, 4), x=(4,))
    found = operations(plan)
    assert found["matmul"] == 1
    assert found["call"] == 2


def test_calls_that_agree_up_to_renaming_are_one_step():
    plan = plan_of("s = exp(A_ij x_j) exp(A_ik x_k)", A=(3, 4), x=(4,))
    assert (
        operations(plan)["call"] == len([s for s in plan.steps if s.operation == "matmul" and s.shape]) == 1
    )


def test_statements_that_agree_up_to_renaming_are_one_step():
    plan = plan_of("u_i = tanh(A_ij x_j); v_p = tanh(A_pq x_q); s_i = u_i + 2 exp(v_i)", A=(3, 4), x=(4,))
    assert operations(plan)["matmul"] == 1
    assert operations(plan)["call"] == 2


def test_a_broadcast_axis_is_a_view():
    plan = plan_of("f_ij = exp(x_i) ones_j + 0 A_ij", x=(3,), A=(3, 1000))
    (call,) = [step for step in plan.steps if step.operation == "call"]
    (expand,) = [step for step in plan.steps if step.operation == "expand"]
    assert call.shape == (3,)
    assert expand.is_view
    assert expand.elements == 0
    assert plan.peak_elements == 3 + 3 * 1000


def test_an_axis_of_an_operator_that_its_argument_lacks_is_a_view():
    plan = plan_of("y_ij = softmax_j(x_j) z_i", x=(4,), z=(3,))
    assert all(step.elements <= 12 for step in plan.steps)


def test_values_die_when_they_are_last_read():
    text = "; ".join(["a0_i = exp(x_i)", *[f"a{k}_i = exp(a{k - 1}_i)" for k in range(1, 20)]])
    plan = plan_of(text, x=(1000,))
    assert plan.peak_elements <= 3 * 1000


def test_a_product_over_an_index_that_its_factors_do_not_have_is_a_power():
    program = ix.parse("Q_j = N + 1/2 + 0 x_j; R = prod_j(Q_j)")
    assert program(N=3.0, x=np.ones(4)) == 3.5**4
    assert program(N=3.0, x=np.ones(1)) == 3.5
    assert program(N=3.0, x=np.ones(0)) == 1.0


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("R = sum_j(Q_j)", 14.0), ("R = mean_j(Q_j)", 3.5), ("R = Q_j Q_j", 49.0), ("R = Q_j x_j", 14.0),
        ("R = sum_ij(Q_i + Q_j)", 112.0), ("R = sum_j([j < 2] Q_j)", 7.0),
        ("R = sum_i(Q[i+1] x[i])", 10.5), ("R = sum_i(x[i] Q[2*i])", 7.0), ("R = sum_i(Q[i+1])", 10.5),
    ],
)  # fmt: skip
def test_a_sum_over_an_index_that_a_definition_lost_counts_its_values(text, want):
    program = ix.parse(f"Q_j = N + 1/2 + (x_j - x_j); {text}")
    assert program(N=3.0, x=np.ones(4)) == pytest.approx(want)


def test_axes_of_a_batch_need_no_copy():
    """The vector goes to the smaller matrix, though the larger one has its summed axis in the middle."""
    plan = ix.parse("bgk,bkd,bk->bgd").plan([(64, 8, 1024), (64, 1024, 128), (64, 1024)])
    assert [step.shape for step in plan.steps] == [(64, 8, 1024), (64, 8, 128)]
