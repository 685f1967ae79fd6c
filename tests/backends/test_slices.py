"""Plans in slices give what the whole plans give, in the memory that they promise."""

import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from properties.programs import SEEDS, made, variables

import indicial as ix
from indicial.backends.executable import Executable
from indicial.planning.cuts import peak
from indicial.planning.slicing import sliced

RNG = np.random.default_rng(23)
SHARES = (0.75, 0.5, 0.25, 0.1)  # of what the whole plan holds at one time
ATTENTION = "p_ij = softmax_j(Q_ik K_jk / 3); O_id = p_ij V_jd; L = O_id G_id"
CASES = [
    ("L = sum_ij(exp(-(x_i - y_j)^2))", ("x", "y"), {"x": (60,), "y": (50,)}),
    ("L = sum_n(log(1 + exp(X_ni w_i)))", "w w", {"X": (120, 6), "w": (6,)}),
    ("s_b = A_bij B_bjk C_bki", None, {"A": (7, 8, 9), "B": (7, 9, 5), "C": (7, 5, 8)}),
    (ATTENTION, ("Q", "K", "V"), {"Q": (40, 3), "K": (30, 3), "V": (30, 4), "G": (40, 4)}),
    ("L = (A_ir B_jr C_kr - T_ijk)^2", ("A", "B", "C"),
     {"T": (9, 10, 11), "A": (9, 3), "B": (10, 3), "C": (11, 3)}),
    ("E = A_abc B_cde C_efa D_bdf", None, dict.fromkeys("ABCD", (7, 7, 7))),
    ("y_i = max_j(A_ij B_jk x_k)", "x", {"A": (20, 21), "B": (21, 22), "x": (22,)}),
    ("L = sum_ij([i <= j] exp(A_ik B_jk))", ("A", "B"), {"A": (30, 4), "B": (31, 4)}),
    ("x_nij = inv_ij(S_nij); L = sum_n(exp(x_nij C_ij))", "S", {"S": (40, 3, 3), "C": (3, 3)}),
    ("L = sum_ij(sin(A_ik A_jk) A_il A_jl)", "A", {"A": (30, 5)}),
    ("L = sum_boi(exp(K_ock x[b, c, i+k]))", ("K", "x"), {"K": (3, 2, 4), "x": (12, 2, 20)}),
    ("y_bi = exp(x[b, i+1] - x[b, i]) ones_b; L = y_bi y_bi", "x", {"x": (12, 40)}),
]  # fmt: skip


def planned(function, arrays):
    return function._numbers.plan({name: array.shape for name, array in arrays.items()})


def computed(found, arrays, dtype=np.float64):
    run = Executable(found.plan, np.dtype(dtype), cuts=found.cuts)
    given = [arrays[name] for name in found.plan.inputs]
    return [[np.array(value) for value in run(given)] for _ in range(2)]


def assert_slices(function, arrays):
    """Slices, where there are any, give the numbers of the whole plan; how many shares had some."""
    plan = planned(function, arrays)
    whole = computed(sliced(plan, np.inf), arrays)[0]
    count = 0
    for share in SHARES:
        found = sliced(plan, share * plan.peak_elements)
        if found is None:
            continue
        count += 1
        assert found.cuts
        assert peak(found) <= share * plan.peak_elements
        for got in computed(found, arrays):
            for one, other in zip(got, whole, strict=True):
                scale = max(float(np.max(np.abs(other), initial=0, where=np.isfinite(other))), 1.0)
                np.testing.assert_allclose(one, other, rtol=0, atol=1e-11 * scale)
    return count


def filled(shapes):
    return {name: RNG.uniform(0.5, 1.5, shape) for name, shape in shapes.items()}


def function_of(text, wrt):
    return ix.derive(text, wrt=wrt) if wrt is not None else ix.parse(text)


@pytest.mark.parametrize(("text", "wrt", "shapes"), CASES)
def test_a_plan_in_slices(text, wrt, shapes):
    assert assert_slices(function_of(text, wrt), filled(shapes))


def test_entries_at_positions_are_read_in_slices():
    arrays = {"E": RNG.random((9, 4)), "t": RNG.integers(0, 9, 300).astype(float), "W": RNG.random((4, 30))}
    function = ix.derive("L = sum_be(exp(E[t[b], d] W_de))", wrt="W")
    assert assert_slices(function, arrays)
    found = sliced(planned(function, arrays), planned(function, arrays).peak_elements / 4)
    inside = [found.plan.steps[n].operation for cut in found.cuts for n in cut.region.inside]
    assert {"index", "gather"} <= set(inside)


def test_random_programs_in_slices():
    count = 0
    for seed in SEEDS[::10]:
        arrays = {name: np.asarray(each) for name, each in made(seed).arrays.items() if not callable(each)}
        if len(arrays) < len(made(seed).arrays) or any(array.dtype != float for array in arrays.values()):
            continue
        names = variables(seed, 1)
        count += assert_slices(ix.derive(made(seed).text, wrt=tuple(names)), arrays)
    assert count > len(SEEDS) / 30


QKV = {"Q": (200, 5), "K": (180, 5), "V": (180, 4), "G": (200, 4)}


def attention(dtype=np.float64):
    arrays = {name: RNG.random(shape).astype(dtype) for name, shape in QKV.items()}
    return ix.derive(ATTENTION, wrt=("Q", "K", "V")), arrays


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.complex128])
def test_a_call_under_a_limit_runs_in_slices(dtype):
    d, arrays = attention(dtype)
    if dtype == np.complex128:
        d = ix.derive("L = sum_ij(exp(Q_ik K_jk) V_jd G_id)", wrt=("Q", "K", "V"))
    want = d(**arrays)
    limit = d.compile(QKV, dtype=dtype).plan.peak_bytes // 3
    f = d.compile(QKV, dtype=dtype, memory_limit=limit)
    assert f.plan.peak_bytes <= limit
    out = {name: np.empty_like(each) for name, each in want.items()}
    for got in (d(**arrays, memory_limit=limit), f(**arrays), f(**arrays, out=out), out):
        for name, each in want.items():
            assert got[name].dtype == dtype
            tolerance = 1e-4 if dtype == np.float32 else 1e-11
            np.testing.assert_allclose(got[name], each, rtol=0, atol=tolerance * np.max(np.abs(each)))


def test_a_plan_says_that_it_is_in_slices():
    d, _ = attention()
    whole = d.compile(QKV).plan
    plan = d.compile(QKV, memory_limit=whole.peak_bytes // 3).plan
    (words,) = plan.slices
    assert "slices of" in words
    assert "along axis 0 of G (200)" in words
    assert words in str(plan)
    assert whole.slices == ()
    assert 0 < plan.flops - whole.flops < whole.flops / 10


def test_memory_stays_below_the_limit():
    d, arrays = attention()
    whole = d.compile(QKV).plan.peak_bytes
    f = d.compile(QKV, memory_limit=whole // 4)
    tracemalloc.start()
    try:
        f(**arrays)
        assert tracemalloc.get_traced_memory()[1] < 1.2 * whole / 4
    finally:
        tracemalloc.stop()


def test_slices_within_slices():
    shapes = dict.fromkeys("ABCD", (12, 12, 12))
    p = ix.parse("E = A_abc B_cde C_efa D_bdf")
    f = p.compile(shapes, memory_limit=8000)
    assert "of its own" in f.plan.slices[0]
    arrays = filled(shapes)
    np.testing.assert_allclose(f(**arrays), p(**arrays), rtol=1e-12)


def test_an_error_names_the_place_among_all_matrices():
    p = ix.parse("L = sum_nk(exp(inv_ij(S_nij) C_ijk))")
    arrays = {"S": np.eye(3)[None].repeat(60, 0), "C": RNG.random((3, 3, 900))}
    arrays["S"][47] = 0
    shapes = {name: array.shape for name, array in arrays.items()}
    f = p.compile(shapes, memory_limit=p.compile(shapes).plan.peak_bytes // 2)
    assert f.plan.slices
    with pytest.raises(ix.ShapeError, match=r"\[47\]"):
        f(**arrays)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("L = sum_nij(exp(inv_ij(S_nij) C_ij))", "singular"),
        ("L = sum_nij(exp(chol_ij(S_nij)) C_ij)", "positive"),
        ("L = sum_nik(exp(solve_ij(S_nij, C_nj)) D_ik)", "singular"),
    ],
)
def test_operators_that_refuse_a_matrix_run_in_slices_and_name_the_place(text, fault):
    shapes = {"S": (60, 3, 3), "C": (3, 3)}
    if "solve" in text:
        shapes |= {"C": (60, 3), "D": (3, 40)}
    p = ix.parse(text)
    arrays = {name: RNG.random(shape) for name, shape in shapes.items()}
    arrays["S"] = np.einsum("nij,nkj->nik", arrays["S"], arrays["S"]) + np.eye(3)
    f = p.compile(shapes, memory_limit=p.compile(shapes).plan.peak_bytes // 3)
    (cut,) = f.plan.cuts
    inside = [f.plan.plan.steps[number].operation for number in cut.region.inside]
    assert "operator" in inside
    np.testing.assert_allclose(f(**arrays), p(**arrays), rtol=1e-12)
    arrays["S"][47] = 0
    with pytest.raises(ix.ShapeError, match=rf"\[47\] along the other indices is (not )?{fault}"):
        f(**arrays)


@pytest.mark.parametrize("share", [0.5, 1.0])
def test_where_nothing_fits(share):
    """The result alone takes the limit, or what cannot be sliced does."""
    d = ix.derive("y_i = K_k x[i+k]", wrt="x")
    limit = int(50 * 60 * 8 * share)
    with pytest.raises(ix.MemoryLimitError, match="no slices"):
        d.compile({"K": (11,), "x": (60,)}, memory_limit=limit - 1)


def test_threads_share_a_function_in_slices():
    d, arrays = attention()
    want = d(**arrays)
    f = d.compile(QKV, memory_limit=d.compile(QKV).plan.peak_bytes // 3)
    with ThreadPoolExecutor(4) as pool:
        for got in pool.map(lambda _: f(**arrays), range(16)):
            for name, each in want.items():
                np.testing.assert_allclose(got[name], each, rtol=1e-11, atol=1e-14)
