"""Every operator of the table: values against NumPy, SciPy and the loop evaluator; what has no value."""

import numpy as np
import pytest
from operators.cases import CASES, MATRIX_CASES, arrays_of, each_case
from oracles.numeric import assert_close

import indicial as ix
from indicial.ir.operators import OPERATORS
from indicial.ir.reference import evaluate_definition, extents_of
from indicial.semantics.resolve import read


def test_every_row_has_a_case():
    assert {case.operator for case in CASES} == set(OPERATORS) | {"tr"}


@each_case
def test_value(case):
    arrays = arrays_of(case)
    assert_close(ix.evaluate(case.text, arrays), case.value(*arrays.values()), 1e-12, case.text)


@each_case
def test_the_loop_evaluator(case):
    arrays, program = arrays_of(case), read(case.text)
    want = evaluate_definition(program.statements["s"], arrays, extents_of(program, arrays))
    assert_close(ix.evaluate(case.text, arrays), want, 1e-12, case.text)


@each_case
def test_single_precision_is_kept(case):
    arrays = {name: array.astype(np.float32) for name, array in arrays_of(case).items()}
    got = ix.evaluate(case.text, arrays)
    assert got.dtype == np.float32
    assert_close(got, case.value(*arrays_of(case).values()), 1e-4, case.text)
    for name in arrays:
        assert ix.derive(case.text, wrt=name)(arrays).dtype == np.float32


@each_case
def test_whole_numbers_are_promoted(case):
    arrays = {name: np.rint(4 * array).astype(int) for name, array in arrays_of(case).items()}
    assert np.asarray(ix.evaluate(case.text, arrays)).dtype == np.float64


@each_case
def test_results_are_the_callers_own(case):
    """A result may be written to, and nothing else changes."""
    arrays = arrays_of(case)
    compiled = ix.parse(case.text)
    first = np.asarray(compiled(arrays))
    kept = first.copy()
    if first.ndim:
        assert first.flags.writeable
        first[...] = 7
    np.testing.assert_array_equal(compiled(arrays), kept)


@each_case
def test_extents_of_one(case):
    """Along axes of extent 1, and along none of the others."""
    arrays = {name: array[(slice(1),) * array.ndim] for name, array in arrays_of(case).items()}
    assert_close(ix.evaluate(case.text, arrays), case.value(*arrays.values()), 1e-12, case.text)
    for name in arrays:
        assert np.all(np.isfinite(ix.derive(case.text, wrt=f"{name} {name}")(arrays)))


@pytest.mark.parametrize(
    ("text", "function"),
    [
        ("s = logsumexp_i(x_i)", lambda x: np.log(np.sum(np.exp(x)))),
        ("s_i = softmax_i(x_i)", lambda x: np.exp(x) / np.sum(np.exp(x))),
        ("s_i = log_softmax_i(x_i)", lambda x: x - np.log(np.sum(np.exp(x)))),
        ("s = norm_i(x_i)", lambda x: np.sqrt(np.sum(x**2))),
        ("s_i = cumsum_i(x_i)", np.cumsum),
        ("s = det_ij(x_i x_j + delta_ij)", lambda x: 1 + x @ x),
        ("s = logdet_ij(x_i x_j + delta_ij)", lambda x: np.log(1 + x @ x)),
        ("s_ij = inv_ij(x_i x_j + delta_ij)", lambda x: np.eye(4) - np.outer(x, x) / (1 + x @ x)),
        (
            "s_ij = adj_ij(x_i x_j + delta_ij)",
            lambda x: (1 + x @ x) * np.eye(4) - np.outer(x, x),
        ),
        ("s_i = solve_ij(x_i x_j + delta_ij, x_j)", lambda x: x / (1 + x @ x)),
    ],
)
def test_complex_values_are_analytic(text, function):
    generator = np.random.default_rng(3)
    x = generator.normal(size=4) / 2 + 0.3j * generator.normal(size=4)
    assert_close(ix.evaluate(text, x=x), function(x), 1e-12, text)
    report = ix.check(text, "x", x=x)
    assert report.passed, report


def test_complex_factor_without_conjugation():
    generator = np.random.default_rng(3)
    a = generator.normal(size=(2, 3, 3)) + 0.3j * generator.normal(size=(2, 3, 3))
    a = a @ np.swapaxes(a, -1, -2) + 3 * np.eye(3)
    factor = ix.evaluate("L_aij = chol_ij(A_aij)", A=a)
    assert_close(factor @ np.swapaxes(factor, -1, -2), a, 1e-12)
    assert not np.triu(factor, 1).any()


SINGULAR = np.array([[1.0, 2.0], [2.0, 4.0]])
NO_INVERSE = "is singular, so it has no inverse\nhint: check the matrix, or add a small multiple of δ to it"


def message(text, wrt=None, **arrays):
    with pytest.raises(ix.ShapeError) as caught:
        (ix.derive(text, wrt=wrt) if wrt else ix.parse(text))(arrays)
    return str(caught.value)


def test_singular_matrices_are_errors():
    assert message("s_ij = inv_ij(A_ij)", A=SINGULAR) == f"the matrix A {NO_INVERSE}"
    assert message("s = logdet_ij(A_ij)", "A", A=SINGULAR) == f"the matrix A {NO_INVERSE}"
    assert message("s = det_ij(A_ij)", "A A", A=SINGULAR) == f"the matrix A {NO_INVERSE}"
    assert message("s_i = solve_ij(A_ij, b_j)", A=SINGULAR, b=np.ones(2)).startswith(
        "the matrix A is singular, so the system has no one solution\n"
    )
    assert message("s_ij = chol_ij(A_ij)", A=-SINGULAR).startswith(
        "the matrix A is not positive definite, so it has no Cholesky factor\n"
    )
    batch = np.stack([np.eye(2), SINGULAR, np.eye(2)])
    assert message("s_aij = inv_ij(A_aij)", A=batch) == (
        f"the matrix A at [1] along the other indices {NO_INVERSE}"
    )


WHICH = [
    ("s = sum_ijkl(inv_ij(A_ij) inv_kl(B_kl))", "", "B"),
    ("s = sum_ijkl(inv_ij(B_ij) inv_kl(A_kl))", "A", "B"),
    ("C_ij = A_ik B_kj; s = sum_ij(inv_ij(C_ij) + inv_ij(A_ij))", "", "C"),
    ("s = sum_ij(inv_ij(A_ij) + inv_ij(A_ik B_kj))", "", "computed from A and B"),
    ("s_i = solve_ij(A_ij, b_j) + solve_ij(B_ji, b_j)", "", "B"),
    ("s = logdet_ij(A_ij) + logdet_ij(B_ij)", "B", "B"),
]


@pytest.mark.parametrize(("text", "wrt", "called"), WHICH)
def test_which_matrix_is_singular(text, wrt, called):
    arrays = {"A": np.eye(2), "B": SINGULAR} | ({"b": np.ones(2)} if "b_j" in text else {})
    assert message(text, wrt, **arrays).startswith(f"the matrix {called} is singular")


def test_a_matrix_computed_from_many_has_no_name():
    arrays = dict.fromkeys("ABCD", SINGULAR)
    text = message("s = sum_ij(inv_ij(A_ij + B_ij + C_ij + D_ij))", **arrays)
    assert text == f"the matrix {NO_INVERSE}"


def test_a_matrix_that_is_singular_but_for_rounding():
    nearly = np.arange(1.0, 10.0).reshape(3, 3) / 10
    assert np.linalg.det(nearly) != 0
    assert message("s_ij = inv_ij(A_ij)", A=nearly) == f"the matrix A {NO_INVERSE}"
    scales = np.diag([1e-30, 1.0, 1e30])
    uneven = scales @ (np.ones((3, 3)) + np.eye(3)) @ scales
    got = ix.evaluate("s_ij = inv_ij(A_ij)", A=uneven)
    back = np.linalg.inv(scales)
    np.testing.assert_allclose(got, back @ (np.eye(3) - 0.25) @ back, rtol=1e-12)


def test_singular_matrices_that_have_a_value():
    assert ix.evaluate("s = det_ij(A_ij)", A=SINGULAR) == 0
    assert ix.evaluate("s = logdet_ij(A_ij)", A=SINGULAR) == -np.inf
    np.testing.assert_allclose(ix.evaluate("s_ij = adj_ij(A_ij)", A=SINGULAR), [[4, -2], [-2, 1]], rtol=1e-14)
    np.testing.assert_array_equal(ix.evaluate("s_ij = adj_ij(A_ij)", A=np.zeros((3, 3))), np.zeros((3, 3)))
    np.testing.assert_array_equal(ix.evaluate("s_ij = adj_ij(A_ij)", A=np.zeros((1, 1))), [[1]])


def test_what_is_not_finite_stays_so():
    broken = np.array([[np.nan, 1.0], [1.0, 2.0]])
    for text in ("s_ij = inv_ij(A_ij)", "s_ij = adj_ij(A_ij)", "s_ij = chol_ij(A_ij)"):
        assert np.isnan(ix.evaluate(text, A=broken)).any()
    for text in ("s = max_ij(A_ij)", "s = norm_ij(A_ij)", "s = logsumexp_ij(A_ij)", "s = det_ij(A_ij)"):
        assert np.isnan(ix.evaluate(text, A=broken))


def test_axes_must_make_a_square():
    said = "line 1: indices 'i' and 'j' must have one extent: axis 0 of 'A' has 4, axis 1 of 'A' has 5"
    for case in MATRIX_CASES:
        if case.names == "A":
            text = f"s = sum_{case.letters}({case.operator}_ij(A_ij))" if case.letters else ""
            text = text or f"s = {case.operator}_ij(A_ij)"
            assert message(text, A=np.ones((4, 5))).startswith(said)
    assert message("s_i = solve_ij(A_ij, b_j)", A=np.eye(2), b=np.ones(3)).startswith(
        "line 1: indices 'i' and 'j' must have one extent: axis 0 of 'A' has 2, axis 0 of 'b' has 3"
    )


@pytest.mark.parametrize("operator", ["max", "min"])
def test_an_empty_axis_has_no_extremum(operator):
    said = f"{operator} over an axis of extent 0 has no value\nhint: give the axis one entry or more"
    for shape in [(2, 0), (0, 0)]:
        assert message(f"s_i = {operator}_j(A_ij)", A=np.zeros(shape)) == said
        assert message(f"s = {operator}_ij(A_ij)", "A", A=np.zeros(shape)) == said
    assert ix.evaluate(f"s_i = {operator}_j(A_ij)", A=np.zeros((0, 2))).shape == (0,)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("s = logsumexp_i(x_i)", -np.inf),
        ("s = norm_i(x_i)", 0),
        ("s = det_ij(x_i x_j)", 1),
        ("s = logdet_ij(x_i x_j)", 0),
        ("s_i = softmax_i(x_i)", np.zeros(0)),
        ("s_i = log_softmax_i(x_i)", np.zeros(0)),
        ("s_i = cumsum_i(x_i)", np.zeros(0)),
        ("s_ij = inv_ij(x_i x_j)", np.zeros((0, 0))),
        ("s_ij = adj_ij(x_i x_j)", np.zeros((0, 0))),
        ("s_ij = chol_ij(x_i x_j)", np.zeros((0, 0))),
        ("s_i = solve_ij(x_i x_j, x_j)", np.zeros(0)),
    ],
)
def test_empty_axes(text, value):
    x = np.zeros(0)
    np.testing.assert_array_equal(ix.evaluate(text, x=x), value)
    assert ix.derive(text, wrt="x")(x=x).size == 0


@pytest.mark.parametrize("rows", [1, 2, 3])
@pytest.mark.parametrize("dtype", [float, complex])
def test_many_small_matrices_have_the_values_of_each(rows, dtype):
    """Closed forms over the batch, against LAPACK matrix by matrix; the input stays what it was."""
    rng = np.random.default_rng(rows)
    a = rng.standard_normal((2, 7, rows, rows)).astype(dtype)
    if dtype is complex:
        a += 1j * rng.standard_normal(a.shape)
    before = a.copy()
    inverse = np.linalg.inv(a)
    determinant = np.linalg.det(a)
    np.testing.assert_allclose(ix.evaluate("y_abij = inv_ij(A_abij)", A=a), inverse, rtol=1e-8, atol=1e-12)
    np.testing.assert_allclose(ix.evaluate("y_ab = det_ij(A_abij)", A=a), determinant, rtol=1e-10)
    adjugate = inverse * determinant[..., None, None]
    np.testing.assert_allclose(ix.evaluate("y_abij = adj_ij(A_abij)", A=a), adjugate, rtol=1e-8, atol=1e-12)
    np.testing.assert_array_equal(a, before)


def test_many_small_matrices_of_which_one_is_singular():
    a = np.eye(3) + np.zeros((9, 3, 3))
    a[4, 1, 1] = 0
    with pytest.raises(ix.ShapeError, match=r"\[4\]"):
        ix.evaluate("y_aij = inv_ij(A_aij)", A=a)
    tiny = 1e-200 * np.eye(3) + np.zeros((9, 3, 3))
    np.testing.assert_allclose(ix.evaluate("y_aij = inv_ij(A_aij)", A=tiny)[0], 1e200 * np.eye(3))
