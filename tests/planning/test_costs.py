"""What the planner saves, in planned operations: the requests that opt_einsum left open, and our own."""

from collections import Counter

import numpy as np
import pytest

import indicial as ix
from indicial.backends.numpy import run
from indicial.planning.extents import bind
from indicial.planning.lower import lower

RNG = np.random.default_rng(11)


def planned(text, wrt=None, **shapes):
    return (ix.derive(text, wrt=wrt) if wrt else ix.parse(text)).compile(shapes).plan


def operators(plan):
    return Counter(step.parameters[0] for step in plan.plan.steps if step.operation == "operator")


def test_an_index_of_one_operand_is_summed_first():
    """Σ_jk A_ij B_k is (Σ_j A_ij) (Σ_k B_k): opt_einsum issue 132."""
    plan = planned("y_i = A_ij B_k ones_jk", A=(100, 200), B=(300,))
    assert plan.flops <= 100 * 200 + 300 + 2 * 100


def test_products_that_agree_up_to_names_and_order_are_made_once():
    text = "s = sum_i(exp(A_ij B_jk c_k)) + sum_p(sin(c_r B_qr A_pq))"
    plan = planned(text, A=(30, 40), B=(40, 50), c=(50,))
    assert len(plan.contractions) == 2


def test_a_residual_is_shared_by_all_gradients():
    """The three gradients of a CP decomposition have one residual, with its axes in three orders."""
    n, r = 20, 4
    shapes = {"A": (n, r), "B": (n, r), "C": (n, r), "T": (n, n, n)}
    plan = planned("L = (A_ir B_jr C_kr - T_ijk)^2", ("A", "B", "C"), **shapes)
    assert sum(step.shape == (n, n, n) and step.operation == "subtract" for step in plan.steps) == 1
    assert plan.flops < 4 * 2 * n**3 * r + 2 * n**3 + 20 * n * n * r


def test_sums_of_products_are_factored():
    """Σ_n X_ni a_n + Σ_n X_ni b_n = Σ_n X_ni (a_n + b_n): opt_einsum issue 112."""
    plan = planned("y_i = X_ni a_n + X_ni b_n", X=(100, 50), a=(100,), b=(100,))
    assert len(plan.contractions) == 1


def test_a_symmetric_product_has_equal_operands():
    """Σ_n σ_n X_ni X_nj = Sᵀ S with S = √σ X, of which BLAS computes half."""
    plan = planned("H_ij = sigmoid(z_n) X_ni X_nj", X=(200, 40), z=(200,))
    (product,) = [step for step in plan.steps if step.operation == "matmul"]
    left, right = [plan.plan.steps[o] for o in product.operands]
    assert (left.operands[0] if left.operation == "transpose" else product.operands[0]) == product.operands[1]
    assert right.operation == "multiply"


def test_a_weight_of_unknown_sign_has_no_root():
    plan = planned("H_ij = z_n X_ni X_nj", X=(200, 40), z=(200,))
    assert all(step.operation != "power 0.5" for step in plan.steps)
    x, z = RNG.standard_normal((200, 40)), RNG.standard_normal(200)
    np.testing.assert_allclose(ix.evaluate("H_ij = z_n X_ni X_nj", X=x, z=z), (x.T * z) @ x, atol=1e-11)


def test_a_product_over_deltas_is_not_multiplied_where_it_is_zero():
    plan = planned("s = logsumexp_i(x_i)", "x x", x=(100,))
    assert sum(step.flops for step in plan.steps if step.shape == (100, 100)) <= 100 * 100 + 100


@pytest.mark.parametrize(
    ("text", "wrt", "want"),
    [
        ("y_i = inv_ij(A_ij) b_j", None, {"solve": 1}),
        ("y_j = b_i inv_ij(A_ij)", None, {"solve": 1}),
        ("s = c_i inv_ij(A_ij) b_j", "A", {"solve": 2}),
        ("y_k = inv_ki(A_ki) inv_ij(A_ij) b_j", None, {"solve": 2}),
        ("y_i = inv_ij(A_ij) D_jk b_k", None, {"solve": 1}),
        ("Y_ik = inv_ij(A_ij) D_jk", None, {"inv": 1}),
    ],
)
def test_an_inverse_times_a_vector_is_a_solution(text, wrt, want):
    n = 6
    shapes = {"A": (n, n), "b": (n,), "c": (n,), "D": (n, n)}
    made = ix.derive(text, wrt=wrt) if wrt else ix.parse(text)
    used = {name: shapes[name] for name in (made.of if wrt else made).inputs}
    assert operators(made.compile(used).plan) == want
    arrays = {name: RNG.random(shape) + 3 * np.eye(n) if len(shape) == 2 else RNG.random(shape)
              for name, shape in used.items()}  # fmt: skip
    a = np.linalg.inv(arrays["A"])
    b, c, d = [arrays.get(name, np.zeros(0)) for name in "bcD"]
    exact = {
        "y_i = inv_ij(A_ij) b_j": lambda: a @ b,
        "y_j = b_i inv_ij(A_ij)": lambda: b @ a,
        "s = c_i inv_ij(A_ij) b_j": lambda: -np.outer(c @ a, a @ b),
        "y_k = inv_ki(A_ki) inv_ij(A_ij) b_j": lambda: a @ a @ b,
        "y_i = inv_ij(A_ij) D_jk b_k": lambda: a @ d @ b,
        "Y_ik = inv_ij(A_ij) D_jk": lambda: a @ d,
    }[text]()
    np.testing.assert_allclose(made(**arrays), exact, rtol=1e-10)


def test_a_system_without_one_right_digit_is_singular():
    with pytest.raises(ix.ShapeError, match="singular"):
        ix.evaluate("y_i = inv_ij(A_ij) b_j", A=np.arange(1.0, 10).reshape(3, 3), b=np.array([1.0, 0, 0]))


def test_extents_decide_the_order():
    shapes = {"A": (2, 100), "B": (100, 100), "c": (100, 3)}
    assert planned("Y_il = A_ij B_jk c_kl", **shapes).flops == 2 * (2 * 100 * 100 + 2 * 100 * 3)
    shapes = {"A": (100, 100), "B": (100, 100), "c": (100, 3)}
    assert planned("Y_il = A_ij B_jk c_kl", **shapes).flops == 2 * (2 * 100 * 100 * 3)


@pytest.mark.parametrize(("x", "y", "least"), [(4, 300, "forward"), (300, 4, "reverse")])
def test_the_mode_follows_the_extents(x, y, least):
    """A program that branches and joins, with as many axes at either end: only the extents tell."""
    n = 300
    text = "u_i = A_ij x_j; v_i = exp(u_i) u_i; w_i = sin(B_ij v_j) v_i + u_i; y_i = C_ij w_j"
    d = ix.derive(text, wrt="x")
    f = d.compile({"A": (n, x), "x": (x,), "B": (n, n), "C": (y, n)})
    assert f.plan.flops < 4 * 2 * n * n * 4
    assert f.plan.modes[least] == min(f.plan.modes.values()) == f.plan.flops
    assert max(f.plan.modes.values()) > 5 * f.plan.flops
    assert "modes: forward" in str(f.plan)
    shapes = {"A": (n, x), "x": (x,), "B": (n, n), "C": (y, n)}
    arrays = {name: RNG.random(shape) / n for name, shape in shapes.items()}
    plain = [lower([d.in_mode(mode)], bind(d.of.meaning, {k: a.shape for k, a in arrays.items()}), {})
             for mode in ("forward", "reverse")]  # fmt: skip
    for plan in plain:
        np.testing.assert_allclose(f(**arrays), run(plan, arrays, np.dtype(float))[0], rtol=1e-10)


def test_gradients_share_products():
    """∂L/∂A and ∂L/∂B of a CP decomposition both need Σ_k E_ijk C_kr: opt_einsum issues 9, 65 and 179."""
    n, r = 40, 10
    shapes = {"A": (n, r), "B": (n, r), "C": (n, r), "T": (n, n, n)}
    plan = planned("L = (A_ir B_jr C_kr - T_ijk)^2", ("A", "B", "C"), **shapes)
    large = [row for row in plan.steps if row.flops >= 2 * n**3 * r]
    assert len(large) == 3  # by themselves the residual and three gradients take one each
    d = ix.derive("L = (A_ir B_jr C_kr - T_ijk)^2", ("A", "B", "C"))
    arrays = {name: RNG.standard_normal(shape) for name, shape in shapes.items()}
    e = 2 * (np.einsum("ir,jr,kr->ijk", arrays["A"], arrays["B"], arrays["C"]) - arrays["T"])
    for name, want in {"A": "ijk,jr,kr->ir", "B": "ijk,ir,kr->jr", "C": "ijk,ir,jr->kr"}.items():
        others = [arrays[other] for other in "ABC" if other != name]
        np.testing.assert_allclose(d(**arrays)[name], np.einsum(want, e, *others), rtol=1e-10)


def test_several_products_share_a_part():
    """Six marginals of a chain: parts from both ends serve all of them (opt_einsum's own example)."""
    n, k = 8, 40
    letters = "abcdefghi"
    chain = " ".join(f"A{m}_{letters[m]}{letters[m + 1]}" for m in range(n))
    text = "; ".join(f"m{p}_{letters[p]} = u_a {chain} v_i" for p in range(1, 7))
    shapes = {"u": (k,), "v": (k,), **{f"A{m}": (k, k) for m in range(n)}}
    f = ix.parse(text, outputs=tuple(f"m{p}" for p in range(1, 7))).compile(shapes)
    assert f.plan.flops < 40 * 2 * k * k  # vectors only: two from each end for each place, and no matrix


@pytest.mark.parametrize(
    ("text", "shapes", "most"),
    [
        (
            "y_b = x_a A_ab B_ac z_c",
            {"x": 90, "A": (90, 80), "B": (90, 70), "z": 70},
            2 * 90 * (70 + 80) + 200,
        ),
        ("y_l = A_nl A_np u_p", {"A": (60, 50), "u": 50}, 2 * 2 * 60 * 50),
        ("y_l = sum_np(A_nl B_np)", {"A": (60, 50), "B": (60, 3000)}, 60 * 3000 + 2 * 60 * 50),
        ("y_i = A_ij x_j + B_ij x_j", {"A": (70, 80), "B": (70, 80), "x": 80}, 70 * 80 + 2 * 70 * 80),
    ],
)
def test_orders(text, shapes, most):
    """Vectors before matrices, private indices first, sums factored: opt_einsum issues 112, 132 and 194."""
    assert planned(text, **{n: (s,) if isinstance(s, int) else s for n, s in shapes.items()}).flops <= most


def test_an_operand_that_is_there_twice():
    """A_ni A_nj is symmetric, and known to be: both factors are one buffer, of which BLAS makes half."""
    plan = planned("G_ij = A_ni A_nj", A=(300, 60))
    (product,) = [step for step in plan.plan.steps if step.operation == "matmul"]
    left, right = [plan.plan.steps[o] for o in product.operands]
    assert left.operation == "transpose"
    assert right.operation == "input"


def test_what_is_constant_is_computed_beforehand():
    f = ix.parse("y_i = eps_ijk eps_ljk x_l + [i < 2] x_i").compile({"x": (3,)})
    assert f.source.count("(3, 3)") == 0
    np.testing.assert_array_equal(f(x=np.array([1.0, 2, 3])), [3, 6, 6])
