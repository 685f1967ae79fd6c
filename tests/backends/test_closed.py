"""Small matrices in closed form: as LAPACK has them, and with its digits where the closed form loses them."""

import numpy as np
import pytest

import indicial as ix

RNG = np.random.default_rng(23)
TEXT = "L = sum_p(log(det_ij(A_pij))^2 + c_p sum_ij(inv_ij(A_pij)))"


def near_identity(count, rows):
    return np.eye(rows) + 0.2 * RNG.random((count, rows, rows))


@pytest.mark.parametrize("rows", [1, 2, 3])
@pytest.mark.parametrize("count", [1, 7, 40, 4001])
@pytest.mark.parametrize("operator", ["inv_ij(A_pij)", "adj_ij(A_pij)", "inv_ij(A_pij) + det_kl(A_pkl)"])
def test_as_lapack_has_them(rows, count, operator):
    many = near_identity(count, rows)
    got = ix.parse(f"y_pij = {operator}")(A=many)
    inverse, determinant = np.linalg.inv(many), np.linalg.det(many)[:, None, None]
    want = (
        inverse * determinant if operator.startswith("adj") else inverse + determinant * ("det" in operator)
    )
    np.testing.assert_allclose(got, want, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("count", [3, 4000])
def test_a_nearly_singular_matrix_keeps_its_digits(count):
    """Two small singular values: cofactors cancel to nothing, elimination does not."""
    many = near_identity(count, 3)
    q, _ = np.linalg.qr(RNG.random((3, 3)))
    many[count // 2] = q * [1, 1e-7, 1e-7] @ q.T
    got = ix.parse("y_pij = inv_ij(A_pij)")(A=many)
    one = got[count // 2] @ many[count // 2]
    np.testing.assert_allclose(one, np.eye(3), atol=1e-7)


@pytest.mark.parametrize("size", [1e-110, 1e110])
def test_no_product_of_entries_leaves_the_range(size):
    many = near_identity(50, 3) * size
    np.testing.assert_allclose(ix.parse("y_pij = inv_ij(A_pij)")(A=many), np.linalg.inv(many), rtol=1e-12)


@pytest.mark.parametrize(("count", "call"), [(30, ".take("), (300, "cofactors(")])
def test_cofactors_are_computed_once(count, call):
    f = ix.derive(TEXT, wrt="A").compile({"A": (count, 3, 3), "c": (count,)})
    assert f.source.count(call) == 1


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_few_matrices_along_two_axes_that_do_not_lie_one_behind_the_other(dtype):
    many = near_identity(24, 3).astype(dtype).reshape(4, 6, 3, 3).transpose(1, 0, 3, 2)
    f = ix.parse("y_pqij = inv_ij(A_pqij)").compile({"A": (6, 4, 3, 3)}, dtype=dtype)
    for _ in range(2):
        got = f(A=many)
        assert got.dtype == dtype
        np.testing.assert_allclose(got, np.linalg.inv(many), rtol=1e-4 if dtype == np.float32 else 1e-12)


def test_the_derivative_in_blocks_and_whole():
    many, c = near_identity(5000, 3), RNG.random(5000)
    d = ix.derive(TEXT, wrt="A")
    np.testing.assert_allclose(d(A=many, c=c)[:30], d(A=many[:30], c=c[:30]), rtol=1e-12, atol=1e-12)


def test_calls_do_not_disturb_each_other():
    f = ix.parse("y_pij = adj_ij(A_pij)").compile({"A": (30, 3, 3)})
    one, other = near_identity(30, 3), near_identity(30, 3)
    first = f(A=one)
    kept = first.copy()
    f(A=other)
    np.testing.assert_array_equal(first, kept)
