"""Source code keeps the type of its inputs, and gives what the engine gives along axes of extent 0."""

import importlib.util
import inspect
import warnings

import numpy as np
import pytest
from oracles.formulas import FORMULAS, arrays_of, derived
from oracles.numeric import assert_close
from oracles.sources import LIBRARIES, as_array, function_of
from properties.programs import SEEDS, made, variables
from render.test_source import OPERATIONS

import indicial as ix
from indicial.errors import ShapeError
from indicial.syntax.names import normal

EAGER = [name for name in ("numpy", "torch") if importlib.util.find_spec(name)]
BRACKETS = [
    "y_i = where(x_ii > 1, 1, 0)",
    "y_i = where(x_ii > 1, 2, 0)",
    "y_i = where(x_ii > 1, [x_ii < 2], x_ii)",
    "y_ij = 0.5 [x_ij == x_ji]",
    "y_ij = [x_ij >= x_ji] - [x_ij == x_ji]",
    "y_i = pi [x_ii > 1]",
    "y_i = dim(x, 0) [x_ii > 1]",
    "y_i = [x_ii > 1] / dim(x, 0)",
    "y_i = x_ii / (1 + [x_ii > 1])",
    "y_i = 1 / [x_ii > 0]",
    "L = sum_i([x_ii > 1])",
    "L = prod_i([x_ii > 1])",
    "L = sum_i([x_ii > 1]) sum_ij(x_ij)",
    "y_i = max_j([x_ij > 1])",
    "y_ij = max([x_ij > 1], [x_ji > 1])",
    "y_i = exp([x_ii > 1])",
    "y_i = [x_ii > 1]^2 + 3",
    "y_i = v_i^[x_ii > 1]",
    "y_i = softmax_i([x_ii > 1])",
    "y_i = cumsum_i([x_ii > 1])",
    "y_i = sum_j([x_ij > 1]) v_i",
    "y_i = sum_j([x_ij > 1] [x_ji > 0.5])",
    "y_i = sum_j([x_ij > 1] w_j)",
    "y_i = sin([v_i > 1]) v_i",
    "y_i = step(x_ii) + sign(x_ii)",
    "y_ij = exp(delta_ij + v_i)",
    "s = [u > 1]",
    "s = where(u > 1, 1, 0)",
    "y_i = where(u > 1, 1, v_i)",
    "y_i = asinh(1/2) erf(2) sigmoid(3) digamma(1/3) v_i",
    "y_i = polygamma(1, v_i) + polygamma(2, 1/3)",
    "y_i = max(dim(x, 0), 3) v_i + x_ii",
    "y_i = adj_ij(x_ij) v_j",
]
SHAPES = {"x": (2, 2), "t": (2, 2, 2), "v": (2,), "w": (2,), "u": ()}


def single(library, value):
    """An array in single precision; whole numbers as they are, functions too."""
    if callable(value):
        return value
    value = np.asarray(value)
    return as_array(library, value.astype(np.float32) if value.dtype.kind == "f" else value)


def called(meant, library, arrays):
    """What the source gives, and its text; nothing where it has parameters that no array is given for."""
    text = meant.source(library)
    function = function_of(text)
    names = {name: name.rstrip("_") for name in inspect.signature(function).parameters}
    known = {normal(name): single(library, value) for name, value in arrays.items()}
    if not known.keys() >= set(names.values()):
        return None, text
    with warnings.catch_warnings(action="ignore"):  # the values of functions outside their domains
        return function(**{name: known[plain] for name, plain in names.items()}), text


def is_single(result):
    """Whether a result is in single precision; a number of Python's takes that of what it meets."""
    results = result.values() if isinstance(result, dict) else [result]
    return all(type(each) in (int, float) or "float32" in str(each.dtype) for each in results)


def of_shapes(program):
    generator = np.random.default_rng(5)
    extents = SHAPES | ({"v": (3,), "w": (3,)} if "ijk v" in program else {})
    declared = "index i: 2; index j: 2; " if "ones" in program else ""
    source = ix.parse(declared + program)
    arrays = {name: generator.uniform(0.5, 2, extents[name]) for name in source.inputs}
    if "t" in arrays:
        arrays["t"] += 3 * np.eye(2)
    return source, arrays


@pytest.mark.parametrize("library", EAGER)
def test_formulas_in_single_precision(library):
    for formula in FORMULAS:
        result, text = called(derived(formula), library, arrays_of(formula, signed=False))
        assert result is not None
        assert is_single(result), text


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("program", BRACKETS + OPERATIONS)
def test_brackets_and_operators_in_single_precision(program, library):
    source, arrays = of_shapes(program)
    result, text = called(source, library, arrays)
    assert is_single(result) or not arrays, text
    assert_close(np.asarray(result), source(arrays), 2e-5, text)


WAYS = [(library, seed) for library in EAGER for seed in SEEDS[:50:2]]


@pytest.mark.parametrize(("library", "seed"), WAYS)
def test_random_programs_in_single_precision(library, seed):
    program, arrays = made(seed), made(seed).arrays
    if library != "numpy" and any(callable(value) for value in arrays.values()):
        pytest.skip("the declared functions of the test are NumPy's")
    names = variables(seed, 1)
    meant = [ix.parse(program.text), *([ix.derive(program.text, wrt=names[0])] if names else [])]
    for each in meant:
        result, text = called(each, library, arrays)
        assert result is None or is_single(result), text


@pytest.mark.parametrize("library", LIBRARIES)
def test_whole_numbers_are_promoted(library):
    source = ix.parse("y_i = 2 [x_i > 1] + [x_i == 1]")
    got = function_of(source.source(library))(as_array(library, np.array([0.0, 1.0, 2.0])))
    assert np.asarray(got).tolist() == [0.0, 1.0, 2.0]
    assert np.asarray(got).dtype == np.float64
    whole = function_of(source.source("numpy"))(np.array([0, 1, 2]))
    assert whole.dtype == np.float64


EMPTY = [
    ("y_i = softmax_i(x_i)", [(0,)]),
    ("y_i = log_softmax_i(x_i)", [(0,)]),
    ("s = logsumexp_i(x_i)", [(0,)]),
    ("y_ij = softmax_j(x_ij)", [(3, 0), (0, 3), (0, 0)]),
    ("y_ij = log_softmax_j(x_ij)", [(3, 0), (0, 3)]),
    ("y_i = logsumexp_j(x_ij)", [(3, 0), (0, 3)]),
    ("s = logsumexp_ij(x_ij)", [(3, 0), (0, 0)]),
    ("y_ij = softmax_ij(x_ij)", [(3, 0)]),
    ("y_ij = adj_ij(x_ij)", [(0, 0)]),
    ("y_kij = adj_ij(x_kij)", [(2, 0, 0), (0, 2, 2)]),
    ("s = det_ij(x_ij)", [(0, 0)]),
]


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize(("program", "shapes"), EMPTY)
def test_axes_of_extent_0(program, shapes, library):
    for meant in (ix.parse(program), ix.derive(program, wrt="x")):
        function = function_of(meant.source(library))
        for shape in shapes:
            with warnings.catch_warnings(action="ignore"):  # the logarithm of a sum of nothing
                got = np.asarray(function(as_array(library, np.ones(shape))))
            exact = meant(x=np.ones(shape))
            assert got.shape == exact.shape
            assert got.tolist() == exact.tolist()


def test_of_no_entries_there_is_no_largest():
    program = ix.parse("s = max_i(x_i)")
    with pytest.raises(ShapeError, match="extent 0"):
        program(x=np.ones(0))
    with pytest.raises(ValueError, match="zero-size"):
        function_of(program.source("numpy"))(np.ones(0))


@pytest.mark.parametrize(
    ("program", "line"),
    [
        (
            "y_i = ones_i / dim(x, 0) + 0 x_i",
            "return np.full((x.shape[0],), 1 / x.shape[0], dtype=np.result_type(x, 1.0))",
        ),
        ("s = 1 / dim(x, 0) + 0 x_i x_i", "return 1 / x.shape[0]"),
        ("y_i = x_i^(-1)", "return 1 / x"),
        ("y_i = where(x_i > 1, 1, 0)", "return (x > 1).astype(np.result_type(x, 1.0))"),
        ("y_i = [x_i > 1] [x_i < 2]", "return ((x < 2) & (x > 1)).astype(np.result_type(x, 1.0))"),
    ],
)
def test_what_it_looks_like(program, line):
    assert line in ix.parse(program).source("numpy")
