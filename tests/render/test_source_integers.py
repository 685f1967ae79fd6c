"""Source code with arrays of integers: the engine's numbers, as integers where nothing speaks against it."""

import inspect
import warnings

import numpy as np
import pytest
from oracles.formulas import FORMULAS, arrays_of, derived
from oracles.sources import LIBRARIES, as_array, function_of
from render.test_source import OPERATIONS

import indicial as ix
from indicial.syntax.names import normal

EAGER = [name for name in LIBRARIES if name != "jax"]
RTOL = 1e-9
PROGRAMS = [
    "y_i = x_i^(-1)",
    "y_i = x_i^(-v_i)",
    "y_i = v_i^x_i",
    "y_i = 2 - x_i",
    "y_i = -x_i",
    "y_i = x_i - v_i",
    "y_i = 300 x_i",
    "y_i = x_i + 300",
    "y_i = x_i v_i x_i",
    "y_i = exp(x_i)",
    "y_i = relu(x_i) - max(x_i, -2)",
    "y_i = where(x_i > 1, x_i, -1)",
    "y_i = [x_i > 1] x_i",
    "y_i = abs(x_i) + sign(x_i)",
    "s = sum_i(x_i)",
    "s = mean_i(x_i)",
    "s = max_i(x_i) + min_i(x_i)",
    "s = prod_i(x_i)",
    "s = norm_i(x_i)",
    "s = x_i v_i",
    "s = logsumexp_i(x_i)",
    "y_i = softmax_i(x_i)",
    "y_i = log_softmax_i(x_i)",
    "y_i = cumsum_i(x_i)",
    "y_i = sigmoid(x_i) + log(1 + exp(-v_i))",
    "y_ij = x_i v_j",
    "y_i = A_ij x_j",
    "y_ij = A_ij + A_ji",
    "y_il = A_ij B_jk A_kl",
    "s = det_ij(A_ij) + tr_ij(A_ij)",
    "y_i = r x_i / 2",
    "y_i = w_k x[i+k]",
    "y_ij = r delta_ij + x_i x_j",
    "index i: 3; y_ij = x_i delta_ij",
]


def whole(generator, shape):
    """An array of integers, some of them negative."""
    return generator.integers(-20, 20, shape)


def called(text, arrays, library):
    """What the source gives for the arrays that it takes."""
    function = function_of(text)
    named = {normal(name): as_array(library, array) for name, array in arrays.items()}
    with warnings.catch_warnings(action="ignore"):  # logarithms of 0, and divisions by it
        return np.asarray(
            function(**{name: named[name.rstrip("_")] for name in inspect.signature(function).parameters})
        )


def agrees(text, arrays, exact, library):
    """The source's numbers are exact."""
    got, exact = called(text, arrays, library), np.asarray(exact)
    size = np.max(np.abs(exact[np.isfinite(exact)]), initial=0)
    np.testing.assert_allclose(got, exact, RTOL, RTOL * size, err_msg=text)


@pytest.fixture
def double():
    """PyTorch makes float64 of integers, as the engine does."""
    if "torch" in LIBRARIES:
        import torch

        before = torch.get_default_dtype()
        torch.set_default_dtype(torch.float64)
        yield
        torch.set_default_dtype(before)
    else:
        yield


@pytest.mark.usefixtures("double")
@pytest.mark.parametrize("library", EAGER)
def test_formulas(library):
    """The same for integers as for floats that are equal to them."""
    generator, tried = np.random.default_rng(3), 0
    for formula in FORMULAS[::2]:
        given = arrays_of(formula, signed=False)
        held = [name for name in given if np.ndim(given[name]) and np.asarray(given[name]).dtype.kind == "f"]
        text = derived(formula).source(library)
        arrays = {**given, **{name: whole(generator, np.shape(given[name])) for name in held}}
        floats = {**given, **{name: arrays[name].astype(float) for name in held}}
        try:
            exact = called(text, floats, library)
        except (np.linalg.LinAlgError, RuntimeError):
            continue  # a matrix that is singular
        agrees(text, arrays, exact, library)
        tried += 1
    assert tried > 40


@pytest.mark.usefixtures("double")
@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("program", PROGRAMS)
def test_programs(program, library):
    generator = np.random.default_rng(1)
    shapes = {"x": (3,), "v": (3,), "A": (3, 3), "B": (3, 3), "w": (2,), "r": ()}
    source = ix.parse(program)
    arrays = {name: whole(generator, shapes[name]) for name in source.inputs}
    arrays |= {"r": 3} if "r" in arrays else {}
    with warnings.catch_warnings(action="ignore"):  # as above
        exact = source(arrays)
    agrees(source.source(library), arrays, exact, library)


@pytest.mark.usefixtures("double")
@pytest.mark.parametrize("library", EAGER)
@pytest.mark.parametrize("program", OPERATIONS)
def test_operators(program, library):
    generator = np.random.default_rng(7)
    shapes = {"x": (2, 2), "t": (2, 2, 2), "v": (2,), "w": (2,)}
    if "ijk v" in program:
        shapes |= {"v": (3,), "w": (3,)}
    source = ix.parse(("index i: 2; index j: 2; " if "ones" in program else "") + program)
    arrays = {name: generator.integers(0, 2, shapes[name]) for name in source.inputs}
    if "t" in arrays:
        arrays["t"] = np.stack([[[1, 1], [0, 1]], [[1, 0], [1, 1]]])
    if "solve" in program:
        arrays["x"] = np.array([[1, 1], [0, 1]])
    with warnings.catch_warnings(action="ignore"):  # as above
        exact = source(arrays)
    agrees(source.source(library), arrays, exact, library)


@pytest.mark.parametrize("library", LIBRARIES)
def test_positions_stay_integers_and_floats_as_they_are(library):
    source = ix.parse("y_n = E[t[n], k] v_k - t_n v_i v_i")
    table, places = np.arange(8).reshape(4, 2), np.array([3, 0, 0])
    for kind in ("int64", "float32"):
        arrays = {"E": table.astype(kind), "t": places, "v": np.ones(2, kind)}
        named = {name: as_array(library, array) for name, array in arrays.items()}
        function = function_of(source.source(library))
        got = function(**{name: named[name] for name in inspect.signature(function).parameters})
        assert np.asarray(got).tolist() == [7, 1, 1]


@pytest.mark.parametrize("library", LIBRARIES)
def test_floats_are_handed_on_without_a_copy(library):
    text = ix.parse("y_i = x_i^v_i").source(library)
    lines = [each.strip() for each in text.splitlines() if "integers as floats" in each]
    space = {"x": as_array(library, np.ones(3)), "v": as_array(library, np.ones(3, np.float32))}
    given = dict(space)
    assert len(lines) == len(given)
    exec("\n".join([text.split("\n\n\n")[0], *lines]), space)
    assert all(space[name] is given[name] for name in given)


NONE = [
    ("f_i = W_ij x_j", "W"),
    ("f_i = W_ij x_j", "x"),
    ("s = x_i A_ij x_j", "x"),
    ("L = (A_ij x_j - b_i)^2", "x"),
    ("L = sum_i(x_i^4) / 2", "x x"),
    ("s = tr_ij(A_ik X_kj)", "X"),
    ("s = logdet_ij(X_ij)", "X"),
    ("y_i = a_i / x_i", "a"),
    ("s = max_i(x_i)", "x"),
    ("r_i = x[i+1] - x[i]", ""),
    ("y_i = w_k x[i+k]", ""),
    ("F[b, d] = E[t[b], d]", ""),
]


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize(("program", "wrt"), NONE)
def test_sums_and_products_of_integers_stay_such(program, wrt, library):
    if library != "torch" or not wrt:  # which makes its zeros like a parameter
        assert "integers" not in (ix.derive(program, wrt) if wrt else ix.parse(program)).source(library)


@pytest.mark.parametrize(
    ("program", "line"),
    [
        ("y_i = x_i^v_i a_i", "v = np.asarray(v, np.result_type(v, 1.0))"),
        ("y_i = softmax_i(x_i) v_i", "x = np.asarray(x, np.result_type(x, 1.0))"),
        ("y_ij = A_ij + r delta_ij", "A = np.asarray(A, np.result_type(A, 1.0))"),
    ],
)
def test_what_integers_cannot_be_used_for(program, line):
    text = ix.parse(program).source("numpy")
    assert line + "  # integers as floats" in text
    assert "asarray(a" not in text


def test_no_line_is_too_long():
    name = "parameter" * 3
    text = ix.parse(f"y_i = {name}_i^x_i").source("numpy")
    assert max(map(len, text.splitlines())) <= 100, text
    assert function_of(text)(np.array([2, 3]), np.array([-1, -2])).tolist() == [1 / 2, 1 / 9]
