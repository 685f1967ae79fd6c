"""Structured tensors: every method against the dense array, over formulas with and without deltas."""

import builtins
from math import prod

import numpy as np
import pytest
from formulas.test_formulas import arrays_of, each_formula
from oracles.numeric import assert_close

import indicial as ix

CASES = [
    ("f_i = W_ij x_j", "W"),
    ("f_i = W_ij x_j", "x"),
    ("Y_ij = A_ji", "A"),
    ("Y_ij = A_ij + A_ji x_k x_k", "A"),
    ("y_i = exp(x_i)", "x"),
    ("y_i = exp(x_i) + x_i (x_j x_j)", "x"),
    ("y_i = x_i c", "x"),
    ("Z_ij = X_ik V_kj + b_j", "b"),
    ("Z_ij = X_ik V_kj + b_j", "X"),
    ("s = A_ij x_i x_j", "x"),
    ("s = A_ij x_i x_j", "x x"),
    ("s = M_ij (T_ij - U_ik V_jk)^2", "U U"),
    ("s = M_ij (T_ij - U_ik V_jk)^2", "U V"),
    ("s = sum_i(exp(x_i))", "x x x"),
    ("y_i = delta_ij x_j + ones_i c", "c"),
    ("y_i = x_i + 0 z_j z_j", "z"),
    ("d_ij = delta_ij x_j", "x"),
    ("s = c^2", "c"),
]
each_case = pytest.mark.parametrize(("text", "wrt"), CASES)


def made(text, wrt, dtype=float):
    """The structured tensor of a case, and the dense array."""
    program = ix.parse(text)
    generator = np.random.default_rng(len(text))
    shapes = {
        "W": (3, 4), "A": (3, 3), "X": (3, 2), "V": (2, 4), "b": (4,), "M": (3, 4), "T": (3, 4), "U": (3, 2),
        "c": (), "z": (4,), "x": (4,) if "W" in text else (3,),
    }  # fmt: skip
    if "T_ij" in text:
        shapes["V"] = (4, 2)
    arrays = {name: generator.uniform(0.5, 1.5, shapes[name]).astype(dtype) for name in program.inputs}
    derivative = ix.derive(program, wrt)
    return derivative.structured(arrays), derivative(arrays)


@each_formula
def test_the_dense_array_of_every_formula(formula):
    derivative, arrays = ix.derive(formula["program"], wrt=formula["wrt"]), arrays_of(formula)
    tensor, dense = derivative.structured(arrays), derivative(arrays)
    assert tensor.shape == dense.shape
    assert tensor.indices == derivative.indices
    assert_close(tensor.todense(), dense, 1e-13, derivative.equation)
    total = sum([written_out(term, tensor) for term in tensor.terms], np.zeros(dense.shape))
    assert_close(total, dense, 1e-13, derivative.equation)


def written_out(term, tensor):
    """A term multiplied out with identity matrices, as the formula says it."""
    extent = dict(zip(tensor.indices, tensor.shape, strict=True))
    number = {letter: position for position, letter in enumerate(tensor.indices)}
    operands = [term.core, [number[letter] for letter in term.indices]]
    for pair in term.deltas:
        operands += [np.eye(extent[pair[0]]), [number[letter] for letter in pair]]
    for letter in tensor.indices:
        operands += [np.ones(extent[letter]), [number[letter]]]
    return np.einsum(*operands, list(number.values()))


@each_case
def test_vectors(text, wrt):
    tensor, dense = made(text, wrt)
    rank, generator = tensor.rank, np.random.default_rng(0)
    rows, columns = dense.shape[:rank], dense.shape[rank:]
    v, u = generator.uniform(-1, 1, columns), generator.uniform(-1, 1, rows)
    assert_close(tensor.matvec(v), np.tensordot(dense, v, v.ndim), 1e-13)
    assert_close(tensor.rmatvec(u), np.tensordot(u, dense, u.ndim), 1e-13)
    matrix = dense.reshape(prod(rows), prod(columns))
    assert_close(tensor.matvec(v.ravel()).ravel(), matrix @ v.ravel(), 1e-13)
    several = generator.uniform(-1, 1, (*columns, 5))
    assert_close(tensor.matvec(several), np.tensordot(dense, several, v.ndim), 1e-13)
    operator = tensor.linear_operator()
    assert_close(operator @ v.ravel(), matrix @ v.ravel(), 1e-13)
    assert_close(operator.H @ u.ravel(), u.ravel() @ matrix, 1e-13)
    assert_close(operator @ np.eye(prod(columns)), matrix, 1e-13)


def stacked(dense, rows, columns, order):
    """The dense matrix of some axes: a row for every combination of the row axes, by counting."""
    down, across = [dense.shape[k] for k in rows], [dense.shape[k] for k in columns]
    matrix = np.empty((prod(down), prod(across)))
    for position in np.ndindex(dense.shape):
        row = np.ravel_multi_index([position[k] for k in rows], down, order=order) if rows else 0
        column = np.ravel_multi_index([position[k] for k in columns], across, order=order) if columns else 0
        matrix[row, column] = dense[position]
    return matrix


@pytest.mark.parametrize("order", ["F", "C"])
@each_case
def test_matrices(text, wrt, order):
    tensor, dense = made(text, wrt)
    rows, columns = list(range(tensor.rank)), list(range(tensor.rank, tensor.ndim))
    matrix = tensor.matricize(order)
    assert_close(matrix.todense(), stacked(dense, rows, columns, order), 1e-13)
    denominator = tensor.matricize(order, "denominator")
    assert_close(np.asarray(denominator), stacked(dense, columns, rows, order), 1e-13)
    assert_close(matrix.T.todense(), matrix.todense().T, 0)
    down, across = list(range(tensor.ndim))[::-2], list(range(tensor.ndim))[-2::-2][::-1]
    mixed = tensor.matricize(order, rows=[tensor.indices[k] for k in down])
    assert_close(mixed.todense(), stacked(dense, down, across, order), 1e-13)
    mixed = tensor.matricize(order, columns=[tensor.indices[k] for k in down])
    assert_close(mixed.todense(), stacked(dense, across, down, order), 1e-13)
    flat = np.linspace(1, 2, matrix.shape[1])
    assert_close(matrix @ flat, matrix.todense() @ flat, 1e-13)
    assert_close(matrix.rmatvec(np.ones(matrix.shape[0])), matrix.todense().sum(0), 1e-13)


@each_case
def test_sparse(text, wrt):
    tensor, dense = made(text, wrt)
    if dense.ndim:
        assert_close(tensor.tosparse().toarray(), dense, 1e-13)
    matrix = tensor.matricize()
    sparse = matrix.tosparse()
    assert_close(sparse.toarray(), matrix.todense(), 1e-13)
    assert sparse.nnz <= sum([prod(part.extents(tensor.shape)) for part in tensor._structure.parts])


def stacked_other(dense, tensor):
    return stacked(dense, range(tensor.rank), range(tensor.rank, tensor.ndim), "F")


@each_case
def test_arithmetic(text, wrt):
    tensor, dense = made(text, wrt)
    other = np.random.default_rng(1).uniform(-1, 1, dense.shape)
    for got, want in [
        (tensor + tensor, 2 * dense),
        (tensor - 3 * tensor / 2, -dense / 2),
        (-tensor, -dense),
        (np.float64(2) * tensor, 2 * dense),
        (tensor + other, dense + other),
        (other - tensor, other - dense),
    ]:
        assert_close(got, want, 1e-13)
    assert len((tensor + tensor).terms) == len(tensor.terms)
    matrix, flat = tensor.matricize("C"), other.reshape(tensor.matricize("C").shape)
    want = dense.reshape(matrix.shape) + flat
    assert_close(matrix * 2 - matrix / 1 + flat, want, 1e-13)
    assert_close(flat - -matrix, want, 1e-13)
    in_vec_order = tensor.matricize("F") + stacked_other(other, tensor)
    assert_close(in_vec_order.todense(), stacked_other(other, tensor) + stacked_other(dense, tensor), 1e-13)


@each_case
def test_contraction(text, wrt):
    tensor, dense = made(text, wrt)
    generator = np.random.default_rng(2)
    for axis, letter in enumerate(tensor.indices):
        vector = generator.uniform(-1, 1, dense.shape[axis])
        assert_close(tensor.contract(vector, [letter]), np.tensordot(dense, vector, (axis, 0)), 1e-13)
        array = generator.uniform(-1, 1, (2, dense.shape[axis]))
        got = tensor.contract(array, ["new", letter])
        assert got.indices == (*[each for each in tensor.indices if each != letter], "new")
        assert_close(got, np.tensordot(dense, array, (axis, 1)), 1e-13)
    whole = generator.uniform(-1, 1, dense.shape)
    assert_close(tensor.contract(whole, tensor.indices), np.sum(whole * dense), 1e-13)
    assert_close(tensor.transpose(*tensor.indices[::-1]), dense.T, 1e-13)


def is_square(case):
    tensor, _ = made(*case)
    return tensor.shape[: tensor.rank] == tensor.shape[tensor.rank :]


SQUARE = [case for case in CASES if is_square(case)]


@pytest.mark.parametrize(("text", "wrt"), SQUARE)
def test_diagonals_and_identities(text, wrt):
    tensor, dense = made(text, wrt)
    size = prod(dense.shape[: tensor.rank])
    matrix = dense.reshape(size, size)
    assert_close(tensor.diagonal().ravel(), np.diagonal(matrix), 1e-13)
    assert_close(tensor.trace(), np.trace(matrix), 1e-13)
    assert_close(tensor.matricize("C").trace(), np.trace(matrix), 1e-13)
    assert_close(np.reshape(tensor.identity(), (size, size)), np.eye(size), 0)
    damped = tensor + 7 * tensor.identity()
    generator = np.random.default_rng(3)
    right = generator.uniform(-1, 1, dense.shape[: tensor.rank])
    want = np.linalg.solve(matrix + 7 * np.eye(size), right.ravel())
    assert_close(damped.solve(right).ravel(), want, 1e-12)
    assert_close(damped.solve(right.ravel()), want, 1e-12)
    several = generator.uniform(-1, 1, (size, 3))
    want = np.linalg.solve(matrix + 7 * np.eye(size), several)
    assert_close(damped.matricize("C").solve(several), want, 1e-12)


def test_square_cases_are_there():
    assert len(SQUARE) >= 8


SOLVABLE = [
    ("y_i = exp(x_i)", "x"),
    ("Y_ij = A_ji", "A"),
    ("Y_ij = B_jk A_ik", "A"),  # one block for all rows
    ("Y_ij = c_i B_jk A_ik", "A"),
    ("Y_ji = c_i B_jk A_ik", "A"),  # rows and columns in another order
    ("Y_ij = A_ij + A_ij x_i", "A"),
    ("s = M_ij (T_ij - U_ik V_jk)^2", "U U"),
    ("y_i = B_ij x_j", "x"),
    ("y_ij = 3 A_ij", "A"),
]


@pytest.mark.parametrize(("text", "wrt"), SOLVABLE)
def test_systems(text, wrt):
    program = ix.parse(text)
    generator = np.random.default_rng(0)
    shapes = {"A": (4, 3), "B": (3, 3), "c": (4,), "M": (4, 5), "T": (4, 5), "U": (4, 2), "V": (5, 2)}
    shapes["x"] = (4,) if "A_ij x_i" in text else (3,)
    arrays = {name: generator.uniform(0.5, 1.5, shapes[name]) for name in program.inputs}
    tensor = ix.derive(program, wrt).structured(arrays)
    size = prod(tensor.shape[: tensor.rank])
    right = generator.uniform(-1, 1, tensor.shape[: tensor.rank])
    want = np.linalg.solve(tensor.todense().reshape(size, size), right.ravel())
    got = tensor.solve(right)
    assert got.shape == tensor.shape[tensor.rank :]
    assert_close(got.ravel(), want, 1e-10)


def test_a_newton_step_of_a_masked_factorisation():
    n, k = 500, 10
    generator = np.random.default_rng(0)
    arrays = {
        "M": (generator.uniform(size=(n, n)) < 0.2).astype(float),
        "T": generator.standard_normal((n, n)),
        "U": generator.standard_normal((n, k)),
        "V": generator.standard_normal((n, k)),
    }
    loss = "L = M_ij (T_ij - U_ik V_jk)^2"
    hessian = ix.derive(loss, "U U").structured(arrays)
    assert hessian.nbytes == 8 * n * k * k
    gradient = ix.grad(loss, "U")(arrays)
    step = hessian.solve(gradient)
    after = ix.grad(loss, "U")({**arrays, "U": arrays["U"] - step})
    assert np.abs(after).max() < 1e-9 * np.abs(gradient).max()  # quadratic in U: one step is enough
    with pytest.raises(ix.ShapeError, match="singular"):
        (0 * hessian).solve(gradient)


def test_a_structured_jacobian_is_as_small_as_its_vector():
    n = 3000
    tensor = ix.derive("f_i = W_ij x_j", "W").structured(W=np.zeros((n, n)), x=np.ones(n))
    assert tensor.shape == (n, n, n)
    assert tensor.nbytes == 8 * n
    assert tensor.matvec(np.ones((n, n))).sum() == n * n
    with pytest.raises(ix.MemoryLimitError, match="structured"):
        tensor.todense()


def test_several_variables_are_one_plan():
    derivatives = ix.derive("f_i = W_ij x_j", ("W", "x"))
    arrays = {"W": np.arange(6.0).reshape(2, 3), "x": np.ones(3)}
    found, dense = derivatives.structured(arrays), derivatives(arrays)
    assert list(found) == ["W", "x"]
    for name in found:
        assert_close(found[name], dense[name], 0)


@pytest.mark.parametrize("kind", [np.float32, np.complex128])
def test_dtypes(kind):
    tensor, dense = made("f_i = W_ij x_j", "W", kind)
    assert tensor.dtype == tensor.todense().dtype == tensor.matvec(dense[0]).dtype == kind
    assert (2 * tensor).dtype == kind
    u = np.arange(3) + 1j if kind is np.complex128 else np.arange(3).astype(kind)
    matrix = dense.reshape(3, -1)
    assert_close(tensor.rmatvec(u).ravel(), matrix.conj().T @ u, 1e-6)


def test_how_it_is_shown():
    tensor, _ = made("f_i = W_ij x_j", "W")
    assert str(tensor) == "δ_im core_n"
    assert repr(tensor) == "<StructuredTensor δ_im core_n of shape (3, 3, 4), float64, 32 bytes>"
    assert "δ_im core_n" in tensor._repr_html_()
    assert repr(tensor.terms) == "(<Term δ_im core_n of shape (4,)>,)"
    assert tensor.terms[0].deltas == (("i", "m"),)
    named = ix.derive("f[row] = W[row, col] x[col]", "W[m1, m2]").structured(W=np.eye(2), x=np.ones(2))
    assert str(named) == "δ[row, m1] core[m2]"


T = made("f_i = W_ij x_j", "W")[0]
ERRORS = [
    (lambda: T.matricize("K"), ix.NotationError, "order"),
    (lambda: T.matricize(layout="other"), ix.NotationError, "layout"),
    (lambda: T.matricize(rows=("i", "q")), ix.ShapeError, "no axis 'q'"),
    (lambda: T.matricize(rows=("i",), columns=("m",)), ix.ShapeError, "once"),
    (lambda: T.matvec(np.ones(5)), ix.ShapeError, "does not fit"),
    (lambda: T.contract(np.ones(5), ["n"]), ix.ShapeError, "has 4 entries"),
    (lambda: T.contract(np.ones(4), ["n", "m"]), ix.ShapeError, "1 axes"),
    (lambda: T.solve(np.ones(3)), ix.ShapeError, "no inverse"),
    (lambda: T.diagonal(), ix.ShapeError, "diagonal"),
    (lambda: T * np.ones(3), ix.ShapeError, "number"),
    (lambda: T + np.ones(3), ix.ShapeError, "cannot be added"),
    (lambda: T.transpose("i", "m"), ix.ShapeError, "each axis once"),
    (lambda: ix.derive("f_i = W_ij x_j", "W").structured(x=np.ones(4)), ix.ShapeError, "'W' is missing"),
]


@pytest.mark.parametrize(("call", "kind", "words"), ERRORS)
def test_errors(call, kind, words):
    with pytest.raises(kind, match=words):
        call()


def test_without_scipy(monkeypatch):
    original = builtins.__import__

    def without(name, *arguments, **options):
        if name.split(".")[0] == "scipy":
            raise ImportError(name)
        return original(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", without)
    for call in (T.tosparse, T.matricize().tosparse, T.linear_operator):
        with pytest.raises(ix.BackendError, match="SciPy"):
            call()
