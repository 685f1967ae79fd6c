"""Source code: what is printed runs by itself and gives the engine's numbers."""

import ast
import inspect

import numpy as np
import pytest
from oracles.formulas import FORMULAS, arrays_of, derived
from oracles.numeric import assert_close
from oracles.sources import LIBRARIES, as_array, function_of

import indicial as ix
from indicial.errors import BackendError
from indicial.ir.functions import FUNCTIONS
from indicial.syntax.names import normal


def run(text, library, arrays):
    function = function_of(text)
    parameters = inspect.signature(function).parameters
    if library == "jax":
        function = pytest.importorskip("jax").jit(function)
    named = {normal(name): as_array(library, np.asarray(array)) for name, array in arrays.items()}
    return function(**{name: named[name.rstrip("_")] for name in parameters})


@pytest.mark.parametrize("library", LIBRARIES)
def test_every_formula(library):
    """All functions in one, as JAX takes long to compile each by itself."""
    texts, calls, exact = [], [], []
    for formula in FORMULAS:
        derivative = derived(formula)
        arrays = arrays_of(formula, signed=False)
        texts.append(derivative.source(library))
        function = function_of(texts[-1])
        named = {normal(name): as_array(library, array) for name, array in arrays.items()}
        calls.append((function, {name: named[name] for name in inspect.signature(function).parameters}))
        exact.append(derivative(**arrays))

    def everything(arguments):
        return [function(**named) for (function, _), named in zip(calls, arguments, strict=True)]

    arguments = [named for _, named in calls]
    whole = everything
    if library == "jax":
        traced = pytest.importorskip("jax").jit(everything).lower(arguments)
        whole = traced.compile(compiler_options={"xla_backend_optimization_level": 0})
    for text, got, expected in zip(texts, whole(arguments), exact, strict=True):
        assert_close(np.asarray(got), expected, 1e-9, text)


@pytest.mark.parametrize("library", ["numpy", "jax", "torch"])
def test_what_it_looks_like(library):
    """It is Python, documented, short of line, of the library only, and without identity matrices."""
    for formula in FORMULAS:
        text = ix.derive(formula["program"], wrt=formula["wrt"]).source(library)
        (function,) = [node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)]
        assert "Returns" in ast.get_docstring(function)
        assert "indicial" not in text
        assert "eye(" not in text
        imports = [line.split()[1] for line in text.splitlines() if line.startswith("import ")]
        assert {name.split(".")[0] for name in imports} == {library}
        assert max(map(len, text.splitlines())) <= 100, text


def test_the_example():
    assert ix.derive("f_i = W_ij x_j", wrt="W").source("numpy") == (
        '''import numpy as np


def df_dW(W, x):
    """∂f_i/∂W_mn = δ_im x_n

    W: array of shape (I, J)
    x: array of shape (J,)
    Returns array of shape (I, I, J), axes i, m, n.
    """
    i = np.arange(W.shape[0])
    result = np.zeros((W.shape[0], *W.shape), dtype=np.result_type(W, x, 1.0))
    result[i, i] = x
    return result
'''
    )


BODIES = {
    "5a": "return (A + A.T) @ x",
    "14": "return A.T @ B.T",
    "49a": "return 2 * (X.T @ (X @ w - y))",
    "48b": "return X.T @ (np.exp(z)[:, None] * X)",
    "9a": "return np.diag(x)",
    "46c": "return e / np.sum(e)",
    "44a": "return -(X.T @ (y * sigmoid(-y * z)))",
    "15": "return 2 * X.T",
    "31": "return -np.outer(np.linalg.solve(X.T, a), np.linalg.solve(X, b))",
    "36a": "return np.linalg.solve(A.T, g)",
    "56a": "return np.outer(v * (1 - t**2), x)",
    "86": "return ((A + A.T) @ x - 2 * s * x) / t",
}


@pytest.mark.parametrize("number", BODIES)
def test_the_last_line(number):
    (formula,) = [each for each in FORMULAS if each["number"] == number]
    text = ix.derive(formula["program"], wrt=formula["wrt"]).source("numpy")
    assert text.splitlines()[-1].strip() == BODIES[number]


def test_writes_on_other_libraries():
    derivative = ix.derive("f_i = W_ij x_j", wrt="W")
    assert "result = result.at[i, i].set(x)" in derivative.source("jax")
    assert "result[i, i] = x" in derivative.source("torch")
    assert "W.new_zeros(" in derivative.source("torch")


@pytest.mark.parametrize("library", LIBRARIES)
def test_programs_and_several_results(library):
    program = "z_i = W_ij x_j + b_i; a_i = tanh(z_i); L = (a_i - y_i)^2"
    arrays = {"W": np.ones((2, 3)) / 3, "x": np.arange(3.0), "b": np.ones(2), "y": np.zeros(2)}
    assert_close(run(ix.parse(program).source(library), library, arrays), ix.evaluate(program, arrays), 1e-12)
    both = ix.parse(program, outputs=("a", "L"))
    got = run(both.source(library), library, arrays)
    assert sorted(got) == ["L", "a"]
    assert_close(got["a"], both(arrays)["a"], 1e-12)
    several = ix.derive(program, wrt=("W", "b"))
    got = run(several.source(library), library, arrays)
    for name, value in several(arrays).items():
        assert_close(got[name], value, 1e-12)


OPERATIONS = [
    "y_ij = softmax_ij(x_ij)",
    "y_ij = log_softmax_j(x_ij)",
    "y_i = cumsum_i(x_ii)",
    "y_i = logsumexp_j(x_ij) + norm_j(x_ij) + max_j(x_ij) + min_j(x_ji)",
    "s = logsumexp_ij(x_ij) + norm_ij(x_ij)",
    "y_k = det_ij(t_kij) + logdet_ij(t_kij)",
    "y_kij = inv_ij(t_kij)",
    "y_kij = adj_ij(t_kij)",
    "y_ij = chol_ij(t_kij t_kij + 40 delta_ij)",
    "y_ki = solve_ij(t_kij, x_kj)",
    "y_ik = solve_ij(x_ij, x_jk)",
    "y_i = prod_j(x_ij)",
    "y_i = [x_ii > 1] x_ii / (x_ii - 7)",
    "y_ij = [x_ij >= x_ji] + [x_ij == x_ji]",
    "y_ij = [i <= j] x_ij",
    "y_i = where(x_ii > 1, x_ii, 2) max(x_ii, 1) + min(x_ii, x_ij v_j)",
    "c_i = eps_ijk v_j w_k",
    "s = eps_ij x_ii v_j",
    "y_ij = exp(delta_ij + v_i)",
    "y_ij = ones_j v_i",
    "y_ij = 2 ones_ij",
    "y_i = dim(x, 0) v_i + pi x_ii",
    "y_i = v_i^w_i + pow(v_i, 3) + v_i^(1/3) + atan2(v_i, w_i)",
    "y_j = t_iij + t_iji",
    "y_i = sum_jk(t_ijk)",
    "y_i = [i == 1] v_i",
]


@pytest.mark.parametrize("library", [name for name in LIBRARIES if name != "torch"])
@pytest.mark.parametrize("program", OPERATIONS)
def test_operators_and_brackets(program, library):
    generator = np.random.default_rng(5)
    extents = {"x": (2, 2), "t": (2, 2, 2), "v": (2,), "w": (2,)}
    if "ijk v" in program:
        extents |= {"v": (3,), "w": (3,)}
    declared = "index i: 2; index j: 2; " if "ones" in program else ""
    source = ix.parse(declared + program)
    arrays = {name: generator.uniform(0.5, 2, extents[name]) for name in source.inputs}
    if "t" in arrays:
        arrays["t"] += 3 * np.eye(2)
    text = source.source(library)
    assert_close(np.asarray(run(text, library, arrays)), source(arrays), 1e-10, text)


@pytest.mark.parametrize("name", [name for name, row in FUNCTIONS.items() if row.arity == 1])
def test_elementwise_functions(name):
    program = ix.parse(f"y_i = 2 {name}(-x_i) + {name}(x_i + x_i^2)")
    x = np.array([0.2, 0.35, 0.5])
    if name in ("log", "log1p", "sqrt", "acosh", "lgamma", "digamma", "atanh"):
        program, x = ix.parse(f"y_i = 2 {name}(x_i)"), x + 1.1 * (name == "acosh")
    assert_close(run(program.source("numpy"), "numpy", {"x": x}), program(x=x), 1e-12)
    jax = run(program.source("jax"), "jax", {"x": x}) if "jax" in LIBRARIES else program(x=x)
    assert_close(np.asarray(jax), program(x=x), 1e-6 if name in ("digamma", "gelu") else 1e-11)
    compile(program.source("torch"), "source", "exec")


def test_polygamma():
    program = ix.parse("y_i = polygamma(2, x_i)")
    x = np.array([0.5, 1.5])
    assert_close(run(program.source("numpy"), "numpy", {"x": x}), program(x=x), 1e-12)


def test_large_arguments_do_not_overflow():
    x = np.array([-1000.0, 0.0, 1000.0])
    for text in ("p_i = exp(x_i) / sum_j(exp(x_j))", "L = log(sum_i(exp(x_i)))", "y_i = log(1 + exp(x_i))"):
        got = run(ix.parse(text).source("numpy"), "numpy", {"x": x})
        assert np.all(np.isfinite(got))
    gradient = ix.derive("L = sum_i(log(1 + exp(-y_i x_i)))", wrt="x")
    got = run(gradient.source("numpy"), "numpy", {"x": x, "y": np.ones(3)})
    assert_close(got, [-1, -0.5, 0], 1e-12)


def test_names_that_python_has():
    derivative = ix.derive("f_i = in_ij lambda_j + np_i + result_i", wrt="in")
    text = derivative.source("numpy")
    assert "def df_din(in_, λ):" in text
    arrays = {"in": np.ones((2, 3)), "lambda": np.arange(3.0), "np": np.ones(2), "result": np.ones(2)}
    assert_close(run(text, "numpy", arrays), derivative(arrays), 1e-12)
    whole = ix.parse("f_i = in_ij lambda_j + np_i + result_i")
    assert_close(run(whole.source("numpy"), "numpy", arrays), whole(arrays), 1e-12)


def test_types():
    derivative = ix.derive("f_i = W_ij x_j", wrt="W")
    function = function_of(derivative.source("numpy"))
    single = np.ones((2, 3), np.float32), np.ones(3, np.float32)
    assert function(*single).dtype == np.float32
    assert function(np.ones((2, 3), int), np.ones(3, int)).dtype == np.float64


def test_length_and_depth():
    long = " + ".join([f"sin({k} x_i)" for k in range(2, 1500)])
    deep = "x_i"
    for _ in range(400):
        deep = f"sin(1 + {deep})"
    x = np.array([0.1, 0.2])
    for body in (long, deep):
        program = ix.parse(f"y_i = {body}")
        assert_close(run(program.source("numpy"), "numpy", {"x": x}), program(x=x), 1e-9)


def test_unknown_libraries_and_extents():
    derivative = ix.derive("f_i = W_ij x_j", wrt="W")
    with pytest.raises(BackendError, match="'cupy'"):
        derivative.source("cupy")
    with pytest.raises(BackendError, match="rank 5"):
        ix.parse("c_i = eps_ijklm A_jk B_lm").source("numpy")


def test_computed_subscripts():
    program = ix.parse("y_i = K_k x[i+k]")
    arrays = {"K": np.array([1.0, 2.0]), "x": np.array([1.0, 4.0, 2.0, 3.0])}
    assert_close(run(program.source("numpy"), "numpy", arrays), program(arrays), 1e-12)
    kernel = ix.derive("y_i = K_k x[i+k]", wrt="K")
    assert_close(run(kernel.source("numpy"), "numpy", arrays), kernel(arrays), 1e-12)


TWO_PATTERNS = [  # a diagonal on which what stands depends on both of the indices that are equal there
    ("v_n = X_nd^2; Y_nd = X_nd v_n; L = Y_nd^2", "X X", {"X": (4, 3)}),
    ("P_s = log_softmax_s(E_st B_st)", "E", {"E": (3, 2), "B": (3, 2)}),
    ("z = sum_i(exp(x_i)); q_i = exp(x_i) / z; L = sum_i(q_i log(q_i)) + log(z)", "x x", {"x": (4,)}),
    ("s_n = norm_d(X_nd); Y_nd = X_nd / s_n; L = w_nd Y_nd^3", "X X", {"X": (3, 4), "w": (3, 4)}),
]
TWO_BRACKETS = [  # sums of products of brackets count: a product of truth values does not
    ("L = sum_ij([i < j] x_i^2 sum_k([k <= j] W_ik))", "x", {"x": (4,), "W": (4, 4)}),
    ("L = sum_ijk([i < j] [k <= j] W_ik x_k x_i)", "x x", {"x": (4,), "W": (4, 4)}),
]
IN_CONDITIONS = [("index t: 4\nP_t = log_softmax_t(exp(A[-2*t+6]))", "A", {"A": (7,)})]


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize(("program", "wrt", "shapes"), TWO_PATTERNS + TWO_BRACKETS + IN_CONDITIONS)
def test_derivatives_of_several_parts(program, wrt, shapes, library):
    generator = np.random.default_rng(5)
    arrays = {name: generator.uniform(0.5, 1.5, shape) for name, shape in shapes.items()}
    derivative = ix.derive(program, wrt=wrt)
    got = np.asarray(run(derivative.source(library), library, arrays))
    assert_close(got, derivative(arrays), 1e-10, derivative.source(library))


@pytest.mark.parametrize(
    ("program", "wrt", "lines"),
    [
        (
            "h_ni = tanh(X_nd W_di + b_i); y_nk = h_ni V_ik + c_k; L = (y_nk - t_nk)^2",
            ("W", "b"),
            ["s = 2 * ((y - t) @ V.T)", 'return {"W": X.T @ u, "b": np.sum(u, axis=0)}'],
        ),
        (
            "a = mean_i(x_i); v = mean_i((x_i - a)^2); y_i = (x_i - a) / sqrt(v); L = y_i g_i",
            "g",
            ["a = np.mean(x)", "v = np.mean(r**2)"],
        ),
        ("L = logdet_ik(A_ij A_kj + s delta_ik)", "A", ["t[i, i] += s", "return 2 * (np.linalg.inv(t) @ A)"]),
        ("s = b_i X_ji X_jk c_k", "X", ["return np.outer(X @ b, c) + np.outer(X @ c, b)"]),
        ("L = 0.37 x_i^2", "x", ["return 0.74 * x"]),
        (
            "L = sum_i(gelu(x_i))",
            "x x",
            ["return np.diag(np.exp(-x**2 / 2) * (2 - x**2) / math.sqrt(2 * np.pi))"],
        ),
        ("L = exp(u) + sqrt(1/2) u", "u", ["return 1 / math.sqrt(2) + np.exp(u)"]),
    ],
)
def test_as_a_person_would_write_it(program, wrt, lines):
    written = [line.strip() for line in ix.derive(program, wrt=wrt).source("numpy").splitlines()]
    assert [line for line in lines if line not in written] == [], "\n".join(written)


def test_gathered_positions_do_not_decide_the_type():
    gather = ix.derive("F[b, d] = E[t[b], d]; L = F_bd G_bd", wrt="E")
    function = function_of(gather.source("numpy"))
    arrays = np.array([0, 1]), np.ones((2, 3), np.float32)
    assert function(np.ones((4, 3), np.float32), *arrays).dtype == np.float32


def test_repeated_computations_have_one_name():
    derivative = ix.derive("a_i = sigmoid(x_i); L = sum_i(log(1 - a_i^2) a_i / (1 - a_i^2))", wrt="x")
    assert derivative.source("numpy").count("1 - a**2") == 1


def test_an_array_of_one_number_has_the_type_of_the_parameters():
    function = function_of(ix.derive("y = 3 sum_i(x_i)", wrt="x").source("numpy"))
    assert function(np.ones(4, np.float32)).dtype == np.float32
    assert function(np.ones(4, int)).dtype == np.float64


@pytest.mark.parametrize(
    "program", ["y = sum_i(x_i)", "y_i = cumsum_i(x_i)", "y_i = x_i^2 + log(softplus(1)) x_i"]
)
def test_pytorch_makes_arrays_where_the_parameters_are(program):
    torch = pytest.importorskip("torch")
    text = ix.derive(program, wrt="x").source("torch")
    single = function_of(text)(torch.ones(3))
    assert single.dtype == torch.float32
    assert function_of(text)(torch.ones(3, device="meta")).device.type == "meta", text
    double = torch.tensor([0.5, 1.0, 2.0], dtype=torch.float64)
    assert_close(function_of(text)(double), ix.derive(program, wrt="x")(x=double.numpy()), 1e-12)


def test_single_precision_stays_where_a_number_has_a_root():
    derivative = ix.derive("P_ij = softmax_j(Q_ia K_ja / sqrt(dim(Q, 1)))", "Q")
    text = derivative.source("numpy")
    assert text.startswith("import math\n\nimport numpy as np\n")
    namespace: dict = {}
    exec(text, namespace)
    q, k = np.ones((3, 2), np.float32), np.ones((4, 2), np.float32)
    assert namespace["dP_dQ"](q, k).dtype == np.float32


PAIRS = [
    ("z_i = W_ij x_j + b_i; a_i = tanh(z_i); L = (a_i - y_i)^2", ("W", "b")),
    ("z_i = W_ij x_j + b_i; L = logsumexp_i(z_i) - y_i z_i", "W"),
    ("L = x_i C_ij x_j", ("x",)),
    ("L = sum_i(log(1 + exp(-y_i x_i)))", "x"),
    ("L = logdet_ij(C_ij)", "C"),
    ("L = max_i(x_i)", "x"),
    ("L = 3 sum_i(x_i)", "x"),
]


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize(("program", "wrt"), PAIRS)
def test_values_with_their_gradients(program, wrt, library):
    generator = np.random.default_rng(2)
    shapes = {"W": (2, 3), "x": (3,), "b": (2,), "y": (2,) if "W" in program else (3,), "C": (3, 3)}
    names = ix.parse(program).inputs
    arrays = {name: generator.uniform(0.5, 1.5, shapes[name]) for name in names}
    if "C" in arrays:
        arrays["C"] += 3 * np.eye(3)
    both = ix.value_and_grad(program, wrt)
    value, gradients = run(both.source(library), library, arrays)
    exact, own = both(arrays)
    assert_close(value, exact, 1e-10)
    assert isinstance(gradients, dict) == isinstance(own, dict)
    if isinstance(own, dict):
        assert list(gradients) == list(own)
    else:
        gradients, own = {"": gradients}, {"": own}
    for name, gradient in own.items():
        assert_close(gradients[name], gradient, 1e-10)


def test_a_value_and_its_gradient_share_what_they_have_in_common():
    assert ix.value_and_grad("L = log(sum_i(exp(x_i)))", "x").source("numpy") == (
        '''import numpy as np


def L_and_dL_dx(x):
    """L = logsumexp_i(x_i)
    ∂L/∂x_m = softmax_m(x_m)

    x: array of shape (I,)
    Returns a pair: L, a number, and its gradient, array of shape (I,), axes m.
    """
    x = np.asarray(x, np.result_type(x, 1.0))  # integers as floats
    s = np.max(x, initial=-np.inf)
    e = np.exp(x - s)
    e_sum = np.sum(e)
    return s + np.log(e_sum), e / e_sum
'''
    )


def test_one_variable_in_a_tuple_gives_a_dict():
    function = function_of(ix.derive("L = x_i^2", wrt=("x",)).source("numpy"))
    assert list(function(np.ones(2))) == ["x"]


ONCE = [
    ("s = prod_i(x_i)", "x", "m = i = np.arange(x.shape[0])"),
    ("w = la E_ii E_jj / 2 + mu E_ij E_ij", "E E", "m = p = np.arange(E.shape[0])"),
]


@pytest.mark.parametrize(("program", "wrt", "line"), ONCE)
def test_what_counts_along_axes_of_one_extent_is_made_once(program, wrt, line):
    text = ix.derive(program, wrt).source("numpy")
    assert line in text
    assert text.count("arange") == 1


@pytest.mark.parametrize("text", ["y_i = -x_i", "y_i = a_i - s^2 x_i / 2", "y_i = c_k c_k a_i - c_k c_k x_i"])
def test_a_number_along_the_diagonal_has_its_sign(text):
    derivative = ix.derive(text, wrt="x")
    arrays = {"x": np.ones(3), "a": np.ones(3), "c": np.array([1.0, 2.0]), "s": np.float64(3)}
    want = derivative({name: arrays[name] for name in derivative.of.inputs})
    np.testing.assert_array_equal(run(derivative.source(), "numpy", arrays), want)
