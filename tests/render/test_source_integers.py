"""Source code with arrays of integers and of truth values: the engine's numbers, which are floats."""

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
JAX = [("uint8", "jax")] if "jax" in LIBRARIES else []
TYPES = ("int64", "uint8", "bool")
RTOL = {"numpy": 1e-9, "jax": 1e-5, "torch": 1e-9}  # JAX divides small integers in single precision
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


def whole(generator, kind, shape):
    """An array of integers, not all of them small."""
    array = generator.integers(0, 2 if kind == "bool" else 40, shape)
    return (array - 20 * (kind == "int64")).astype(kind)


def called(text, arrays, library):
    """What the source gives for the arrays that it takes."""
    function = function_of(text)
    named = {normal(name): as_array(library, array) for name, array in arrays.items()}
    with warnings.catch_warnings(action="ignore"):  # logarithms of 0, and divisions by it
        return np.asarray(
            function(**{name: named[name.rstrip("_")] for name in inspect.signature(function).parameters})
        )


def agrees(text, arrays, exact, library):
    """The source's numbers are exact, and floats unless they are what was handed in."""
    got, exact = called(text, arrays, library), np.asarray(exact)
    size = np.max(np.abs(exact[np.isfinite(exact)]), initial=0)
    np.testing.assert_allclose(got, exact, RTOL[library], RTOL[library] * size, err_msg=text)
    assert got.dtype.kind == "f" or "integers as floats" not in text


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
        for kind in TYPES:
            arrays = {**given, **{name: whole(generator, kind, np.shape(given[name])) for name in held}}
            floats = {**given, **{name: arrays[name].astype(float) for name in held}}
            try:
                exact = called(text, floats, library)
            except (np.linalg.LinAlgError, RuntimeError):
                continue  # a matrix that is singular
            agrees(text, arrays, exact, library)
            tried += 1
    assert tried > 120


@pytest.mark.usefixtures("double")
@pytest.mark.parametrize(("kind", "library"), [(kind, name) for kind in TYPES for name in EAGER] + JAX)
@pytest.mark.parametrize("program", PROGRAMS)
def test_programs(program, kind, library):
    generator = np.random.default_rng(1)
    shapes = {"x": (3,), "v": (3,), "A": (3, 3), "B": (3, 3), "w": (2,), "r": ()}
    source = ix.parse(program)
    arrays = {name: whole(generator, kind, shapes[name]) for name in source.inputs}
    arrays |= {"r": 3} if "r" in arrays else {}
    with warnings.catch_warnings(action="ignore"):  # as above
        exact = source(arrays)
    agrees(source.source(library), arrays, exact, library)


@pytest.mark.usefixtures("double")
@pytest.mark.parametrize("library", EAGER)
@pytest.mark.parametrize("kind", ["int64", "bool"])
@pytest.mark.parametrize("program", OPERATIONS)
def test_operators(program, kind, library):
    generator = np.random.default_rng(7)
    shapes = {"x": (2, 2), "t": (2, 2, 2), "v": (2,), "w": (2,)}
    if "ijk v" in program:
        shapes |= {"v": (3,), "w": (3,)}
    source = ix.parse(("index i: 2; index j: 2; " if "ones" in program else "") + program)
    arrays = {name: generator.integers(0, 2, shapes[name]).astype(kind) for name in source.inputs}
    if "t" in arrays:
        arrays["t"] = np.stack([[[1, 1], [0, 1]], [[1, 0], [1, 1]]]).astype(kind)
    if "solve" in program:
        arrays["x"] = np.array([[1, 1], [0, 1]]).astype(kind)
    with warnings.catch_warnings(action="ignore"):  # as above
        exact = source(arrays)
    agrees(source.source(library), arrays, exact, library)


@pytest.mark.parametrize("library", LIBRARIES)
def test_products_that_integers_have_no_room_for(library):
    big = np.array([10**7, 3 * 10**6])
    for program in ("y_i = x_i^3", "s = prod_i(x_i) x_j x_j", "y_ij = x_i^2 x_j"):
        got = function_of(ix.parse(program).source(library))(as_array(library, big))
        np.testing.assert_allclose(np.asarray(got), ix.evaluate(program, x=big), 1e-6)


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
    text = ix.parse("y_i = x_i v_i").source(library)
    (line,) = [each for each in text.splitlines() if "integers as floats" in each]
    space = {"x": as_array(library, np.ones(3)), "v": as_array(library, np.ones(3, np.float32))}
    given = dict(space)
    exec("\n".join([text.split("\n\n\n")[0], line.strip()]), space)
    assert all(space[name] is given[name] for name in given)


NONE = [
    ("f_i = W_ij x_j", "W"),
    ("f_i = W_ij x_j", "x"),
    ("s = tr_ij(A_ik X_kj)", "X"),
    ("s = logdet_ij(X_ij)", "X"),
    ("y_i = a_i / x_i", "a"),
    ("s = max_i(x_i)", "x"),
    ("F[b, d] = E[t[b], d]", ""),
]


@pytest.mark.parametrize(("program", "wrt"), NONE)
def test_where_nothing_depends_on_it_there_is_no_such_line(program, wrt):
    assert "integers" not in (ix.derive(program, wrt) if wrt else ix.parse(program)).source("numpy")


@pytest.mark.parametrize(
    ("program", "line"),
    [
        ("y_i = A_ij x_j", "A = np.asarray(A, np.result_type(A, 1.0))  # integers as floats"),
        ("y_i = r x_i", "x = np.asarray(x, np.result_type(x, 1.0))  # integers as floats"),
        ("z_i = X_ij w_j; L = -y_i z_i", "X = np.asarray(X, np.result_type(X, 1.0))  # integers as floats"),
    ],
)
def test_as_few_arrays_as_it_takes(program, line):
    text = ix.parse(program).source("numpy")
    assert line in text
    assert text.count("asarray") == 1


def test_of_many_arrays_no_line_is_too_long():
    names = [f"parameter{letter}" for letter in "abcdefghijk"]
    text = ix.parse(f"y_i = {' '.join(f'{name}_i' for name in names)}").source("numpy")
    assert max(map(len, text.splitlines())) <= 100, text
    got = function_of(text)(*[np.full(2, 20, np.uint8)] * len(names))
    assert got.tolist() == [20.0**11] * 2
