"""Products of pairs of columns are made once for each pair, and give what all of them give."""

import numpy as np
import pytest

import indicial as ix
from indicial.backends.executable import Executable
from indicial.planning.blocking import regions
from indicial.planning.moments import ALL, LEFT, RIGHT, groups, offsets, places
from indicial.planning.slicing import sliced

RNG = np.random.default_rng(41)
LOGISTIC = "L = sum_n(log(1 + exp(X_ni w_i)))"
CASES = [
    ("T_ijk = c_n X_ni X_nj X_nk", ALL, {"c": (50,), "X": (50, 20)}),
    ("T_ijk = X_ni X_nj X_nk", ALL, {"X": (61, 17)}),
    ("T_ijk = X_in X_jn X_kn c_n", ALL, {"c": (300,), "X": (9, 300)}),
    ("T_jki = c_n X_nj X_nk Y_ni", None, {"c": (80,), "X": (80, 16), "Y": (80, 70)}),
    ("T_ijk = c_n X_nj X_nk Y_ni", None, {"c": (80,), "X": (80, 16), "Y": (80, 70)}),
    ("T_abij = X_na X_nb Z_nij c_n", LEFT, {"c": (90,), "X": (90, 15), "Z": (90, 4, 5)}),
    ("T_ijab = X_na X_nb Z_ijn c_n", RIGHT, {"c": (90,), "X": (90, 15), "Z": (4, 5, 90)}),
]


def moments(plan):
    return [step for step in plan.steps if step.operation == "moment"]


@pytest.mark.parametrize(("text", "kind", "shapes"), CASES)
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.complex128])
def test_pairs_give_the_numbers_of_all_products(text, kind, shapes, dtype):
    arrays = {name: RNG.standard_normal(shape).astype(dtype) for name, shape in shapes.items()}
    if dtype == np.complex128:
        arrays = {name: array + 1j * RNG.standard_normal(array.shape) for name, array in arrays.items()}
    f = ix.parse(text).compile(shapes, dtype=dtype)
    (found,) = moments(f.plan.plan)
    if kind is not None:
        assert found.parameters[0] == kind
    left, right = text.split(" = ")
    factors = right.split()
    subscripts = ",".join([factor.split("_")[1] for factor in factors]) + "->" + left.split("_")[1]
    want = np.einsum(subscripts, *[arrays[factor[0]] for factor in factors], optimize=True)
    tolerance = 1e-4 if dtype == np.float32 else 1e-11
    for got in (f(**arrays), f(**arrays), ix.parse(text)._numbers.interpreted(arrays)[0]):
        np.testing.assert_allclose(got, want, rtol=0, atol=tolerance * np.abs(want).max())


def test_a_third_derivative_has_a_third_of_the_operations():
    f = ix.derive(LOGISTIC, wrt="w w w").compile({"X": (2000, 60), "w": (60,)})
    assert len(moments(f.plan.plan)) == 1
    assert f.plan.flops < 2 * 2000 * 60**3 / 3
    small = ix.derive(LOGISTIC, wrt="w w w").compile({"X": (200, 6), "w": (6,)})
    assert not moments(small.plan.plan)


def test_two_matrices_are_no_pair():
    shapes = {"A": (90, 16), "B": (90, 16), "Y": (90, 16)}
    assert not moments(ix.parse("T_ijk = A_ni B_nj Y_nk").compile(shapes).plan.plan)
    shapes = {"A": (16, 16, 90), "Y": (90, 16)}
    assert not moments(ix.parse("T_ijk = A_jin A_kin Y_ni").compile(shapes).plan.plan)


def test_many_rows_run_in_blocks_and_in_slices():
    shapes = {"X": (9000, 10), "w": (10,)}
    arrays = {"X": RNG.standard_normal(shapes["X"]), "w": RNG.standard_normal(10)}
    f = ix.derive(LOGISTIC, wrt="w w w").compile(shapes)
    plan = f.plan.plan
    (place,) = [number for number, step in enumerate(plan.steps) if step.operation == "moment"]
    assert any(place in region.summed for region in regions(plan))
    p = 1 / (1 + np.exp(-arrays["X"] @ arrays["w"]))
    want = np.einsum("n,ni,nj,nk->ijk", p * (1 - p) * (1 - 2 * p), *[arrays["X"]] * 3, optimize=True)
    np.testing.assert_allclose(f(**arrays), want, rtol=0, atol=1e-11 * np.abs(want).max())
    found = sliced(plan, 0.3 * plan.peak_elements)
    assert found is not None
    assert any(place in cut.region.summed for cut in found.cuts)
    run = Executable(found.plan, np.dtype(float), cuts=found.cuts)
    (got,) = run([arrays[name] for name in found.plan.inputs])
    np.testing.assert_allclose(got, want, rtol=0, atol=1e-11 * np.abs(want).max())


@pytest.mark.parametrize(("length", "columns"), [(50, 20), (2000, 60), (100_000, 9)])
def test_places_name_each_pair_once(length, columns):
    parts = groups(length, columns)
    assert [low for low, _ in parts] == [0, *[high for _, high in parts[:-1]]]
    assert parts[-1][1] == columns
    pairs = places(LEFT, length, columns)
    assert np.array_equal(pairs, pairs.T)
    assert np.array_equal(pairs, places(RIGHT, length, columns))
    assert len(np.unique(pairs)) == columns * (columns + 1) // 2
    assert pairs.max() < offsets(parts, columns)[-1]
    every = places(ALL, length, columns)
    assert np.array_equal(every, every.transpose(2, 1, 0))
    assert len(np.unique(every)) == columns * (columns + 1) * (columns + 2) // 6
