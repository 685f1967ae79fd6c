"""Declared properties held against arrays, and the derivatives that depend on them."""

import re

import numpy as np
import pytest
from oracles.structure import projected

import indicial as ix

GENERATOR = np.random.default_rng(5)
X = projected(GENERATOR.normal(size=(3, 3)), "symmetric") + 4 * np.eye(3)
LOGDET = "tensor X_ij: symmetric\nL = logdet_ij(X_ij)"

VIOLATIONS = [
    (
        "tensor A_ij: symmetric; s = A_ii",
        [[1.0, 2.0], [3.0, 4.0]],
        r"symmetric, but A\[0, 1\] = 2 and A\[1, 0\] = 3",
    ),
    ("tensor A_ij: symmetric; s = A_ii", [[1.0, np.nan], [3.0, 4.0]], r"A\[0, 1\] = nan and A\[1, 0\] = 3"),
    (
        "tensor A_ij: symmetric; s = A_ii",
        [[1.0, np.inf], [-np.inf, 4.0]],
        r"A\[0, 1\] = inf and A\[1, 0\] = -inf",
    ),
    ("tensor A_ij: antisymmetric; s = A_ii", [[0.0, 2.0], [2.0, 0.0]], r"antisymmetric, but A\[0, 1\] = 2"),
    (
        "tensor A_ij: antisymmetric; s = A_ii",
        [[0.5, 2.0], [-2.0, 0.0]],
        r"antisymmetric, but A\[0, 0\] = 0.5$",
    ),
    ("tensor A_ij: diagonal; s = A_ii", [[1.0, 0.0], [3.0, 4.0]], r"diagonal, but A\[1, 0\] = 3"),
    ("tensor A_ij: positive; s = A_ii", [[1.0, 2.0], [0.0, 4.0]], r"positive, but A\[1, 0\] = 0"),
    ("tensor A_ij: positive; s = A_ii", [[1.0, np.nan], [1.0, 4.0]], r"positive, but A\[0, 1\] = nan"),
    ("tensor A_ij: integer; s = A_ii", [[1.0, 2.0], [0.5, 4.0]], r"integer, but A\[1, 0\] = 0.5"),
]


@pytest.mark.parametrize(("text", "entries", "words"), VIOLATIONS)
def test_a_violation_names_the_property_and_an_entry(text, entries, words):
    with pytest.raises(ix.ShapeError) as caught:
        ix.evaluate(text, A=np.array(entries))
    assert caught.value.hint
    assert re.search(words, caught.value.reason)


def test_the_worst_pair_is_named():
    array = np.zeros((3, 3, 3))
    array[0, 1, 2], array[2, 2, 1] = 1.0, 5.0
    with pytest.raises(ix.ShapeError, match=r"C\[2, 1, 2\] = 0 and C\[2, 2, 1\] = 5"):
        ix.evaluate("tensor C_ijk: symmetric_jk; s = C_iii", C=array)


def test_rounding_is_no_violation():
    rounded = X.copy()
    rounded[0, 1] *= 1 + 4e-16
    ix.evaluate(LOGDET, X=rounded)
    ix.evaluate(LOGDET, X=X.astype(np.float32))
    rounded[0, 1] *= 1 + 1e-12
    with pytest.raises(ix.ShapeError, match="symmetric"):
        ix.evaluate(LOGDET, X=rounded)
    both = np.array([[1.0, np.nan], [np.nan, np.inf]])
    ix.evaluate("tensor A_ij: symmetric; s = A_ij A_ij", A=both)
    ix.evaluate("tensor A_ij: symmetric; s = A_ij A_ij", A=np.zeros((0, 0)))


def test_axes_that_may_be_exchanged_have_one_extent():
    with pytest.raises(ix.ShapeError, match="must have one extent: axis 0 of 'A' has 2, axis 1 of 'A' has 3"):
        ix.evaluate("tensor A_ij: symmetric; y_i = A_ij x_j", A=np.ones((2, 3)), x=np.ones(3))


@pytest.mark.parametrize("word", ["integer", "constant"])
def test_what_does_not_vary_has_no_derivative(word):
    text = f"tensor n_i: {word}; s = n_i x_i"
    with pytest.raises(ix.DerivativeError, match=f"'n' is declared {word}") as caught:
        ix.derive(text, wrt="x n")
    assert caught.value.span is not None
    for verb in (ix.grad, ix.jacobian, ix.hessian, ix.value_and_grad):
        with pytest.raises(ix.DerivativeError):
            verb(text, ("x", "n"))
    assert str(ix.derive(text, wrt="x")) == "n_m"


def test_structures_of_every_verb():
    inverse = np.linalg.inv(X)
    entries = 2 * inverse - inverse * np.eye(3)
    np.testing.assert_allclose(ix.grad(LOGDET, "X", structure="projected")(X=X), inverse)
    np.testing.assert_allclose(ix.grad(LOGDET, "X", structure="entries")(X=X), entries)
    np.testing.assert_allclose(ix.jacobian(LOGDET, "X", structure="entries")(X=X), entries)
    value, gradient = ix.value_and_grad(LOGDET, "X", structure="entries")(X=X)
    np.testing.assert_allclose(value, np.log(np.linalg.det(X)))
    np.testing.assert_allclose(gradient, entries)
    twice = ix.hessian(LOGDET, "X", structure="projected")(X=X)
    crossed = np.einsum("mp,nq->mnpq", inverse, inverse) + np.einsum("mq,np->mnpq", inverse, inverse)
    np.testing.assert_allclose(twice, -crossed / 2)
    np.testing.assert_allclose(ix.hessian(LOGDET, ("X",), structure="projected")(X=X)["X"]["X"], twice)


def test_several_variables_each_by_its_own_structure():
    text = "tensor X_ij: symmetric; tensor N_ij: antisymmetric; s = X_ij N_jk A_ki y_i"
    found = ix.derive(text, wrt=("X", "N", "y"), structure="projected")
    arrays = {
        "X": X, "N": projected(GENERATOR.normal(size=(3, 3)), "antisymmetric"),
        "A": GENERATOR.normal(size=(3, 3)), "y": GENERATOR.normal(size=3),
    }  # fmt: skip
    values = found(arrays)
    np.testing.assert_allclose(values["X"], values["X"].T)
    np.testing.assert_allclose(values["N"], -values["N"].T)
    np.testing.assert_allclose(values["y"], ix.grad(text, "y")(arrays))
    free = ix.derive(text, wrt="X")(arrays)
    np.testing.assert_allclose(values["X"], (free + free.T) / 2)


def test_a_large_derivative_is_not_repeated():
    """The free derivative is computed once, under a name of its own, and its axes exchanged."""
    text = f"tensor X_ij: symmetric; s = sum_i({' + '.join(f'exp(a_i X_ij b{k}_j)' for k in range(12))})"
    arrays = {"X": X, "a": np.ones(3), **{f"b{k}": np.full(3, 0.01 * k) for k in range(12)}}
    one, free = ix.derive(text, wrt="X", structure="projected"), ix.derive(text, wrt="X")
    expected = free(arrays)
    np.testing.assert_allclose(one(arrays), (expected + expected.T) / 2)
    assert len(str(one)) < len(str(free)) + 100


def test_refusals():
    with pytest.raises(ix.NotationError, match="no structure 'mirrored'"):
        ix.derive(LOGDET, wrt="X", structure="mirrored")
    with pytest.raises(ix.NotationError, match="no structure"):
        ix.grad(LOGDET, "X", structure=np.ones(3))
    with pytest.raises(ix.NotationError, match="X has none"):
        ix.derive("L = logdet_ij(X_ij)", wrt="X", structure="entries")
    letters = "ijklmn"
    many = f"tensor T_{letters}: symmetric; s = T_{letters} x_i x_j x_k x_l x_m x_n"
    with pytest.raises(ix.DerivativeError, match="symmetric in 6 axes"):
        ix.derive(many, wrt="T", structure="projected")
    assert str(ix.derive(many, wrt="T"))


def test_check_moves_one_entry_at_a_time():
    text = "tensor X_ij: symmetric, positive; L = X_ij X_jk A_ki + sum_ij(log(X_ij^2))"
    assert ix.check(text, "X", X=np.abs(X), A=GENERATOR.normal(size=(3, 3)))
    assert ix.check(text, "X X", X=np.abs(X), A=GENERATOR.normal(size=(3, 3)))


def test_matrix_notation():
    text = "tensor X: symmetric; L = tr(A*X)"
    assert str(ix.derive(text, wrt="X", structure="entries", notation="matrix")) == "A_mn + A_nm - δ_mn A_mm"
    assert str(ix.derive("tensor A: symmetric; x'*A*x", wrt="x", notation="matrix")) == "2 A_mi x_i"
    listed = ix.parse("tensor A: symmetric, positive, b: vector; tr(A)*sum(b)", notation="matrix")
    assert listed.meaning.properties["A"].positive
    assert listed.meaning.inputs["A"][0] == listed.meaning.inputs["A"][1]


STRUCTURED = [
    ("tensor X_ij: symmetric; s = tr_ij(A_ik X_kl B_lj)", "X", "symmetric"),
    ("tensor X_ij: symmetric; s = logdet_ij(X_ij) + X_ij X_ij", "X X", "symmetric"),
    ("tensor X_ij: symmetric; Y_ij = A_ik X_kj", "X", "symmetric"),
    ("tensor X_ij: symmetric; Z_ij = A_ik X_kj; s = max_ij(Z_ij) + Z_ij Z_ij", "X", "symmetric"),
    ("tensor X_ij: antisymmetric; s = A_ij X_jk X_ki + B_ij X_ij", "X", "antisymmetric"),
    ("tensor X_ij: antisymmetric; s = A_ij X_jk X_ki B_ii", "X X", "antisymmetric"),
    ("tensor X_ij: diagonal; s = A_ij X_jk B_ki", "X", "diagonal"),
    ("tensor X_ij: symmetric; s = A_ij X_jk X_ki", "X A", "symmetric"),
]


@pytest.mark.parametrize("structure", ["projected", "entries"])
@pytest.mark.parametrize(("text", "wrt", "kind"), STRUCTURED)
def test_check_moves_as_a_symmetry_lets(text, wrt, kind, structure):
    generator = np.random.default_rng(3)
    shape = projected(generator.normal(size=(3, 3)), kind) + (4 * np.eye(3) if kind == "symmetric" else 0)
    arrays = {"X": shape, "A": generator.normal(size=(3, 3)), "B": generator.normal(size=(3, 3))}
    given = {name: arrays[name] for name in ix.parse(text).inputs}
    assert ix.check(text, wrt, given, structure=structure)
    wrong = ix.derive(text, wrt, structure="projected" if structure == "entries" else "entries")
    right = ix.derive(text, wrt, structure=structure)
    assert (kind == "diagonal") == np.allclose(wrong(given), right(given))


def test_check_finds_a_structure_that_is_wrong(monkeypatch):
    text = "tensor X_ij: symmetric; s = A_ij X_ij"
    weights = np.arange(9.0).reshape(3, 3)
    monkeypatch.setattr("indicial.api.deriving.structured_by", lambda program, free, name, structure: free)
    assert not ix.check(text, "X", X=np.eye(3), A=weights, structure="entries")


def test_check_of_several_variables_and_refusals():
    text = "tensor X_ij: symmetric; s = A_ij X_jk X_ki"
    weights = np.arange(9.0).reshape(3, 3)
    assert ix.check(text, ("X", "A"), X=np.eye(3), A=weights, structure="entries")
    with pytest.raises(ix.NotationError, match="A has none"):
        ix.check(text, "A", X=np.eye(3), A=weights, structure="entries")
    with pytest.raises(ix.NotationError, match="no structure 'odd'"):
        ix.check(text, "X", X=np.eye(3), A=weights, structure="odd")


def test_check_of_two_groups_of_axes():
    text = "tensor C_ijkl: symmetric_ij, symmetric_kl; s = E_ij C_ijkl F_kl + C_ijkl C_ijkl"
    generator = np.random.default_rng(3)
    stiffness = generator.normal(size=(2, 2, 2, 2))
    stiffness = stiffness + stiffness.swapaxes(0, 1)
    stiffness = stiffness + stiffness.swapaxes(2, 3)
    arrays = {"C": stiffness, "E": generator.normal(size=(2, 2)), "F": generator.normal(size=(2, 2))}
    for structure in ("projected", "entries"):
        assert ix.check(text, "C", arrays, structure=structure)
