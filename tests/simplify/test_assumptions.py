"""What follows from declared properties: formulas as a person who knows of them would write them."""

import numpy as np
import pytest

import indicial as ix

SYMMETRIC = "tensor A_ij: symmetric\n"
ANTISYMMETRIC = "tensor A_ij: antisymmetric\n"
DIAGONAL = "tensor A_ij: diagonal\n"
POSITIVE = "tensor x_i: positive\n"

FORMULAS = [
    # symmetric
    (SYMMETRIC + "y_i = A_ij x_j + A_ji x_j", "x", "2 A_im"),
    (SYMMETRIC + "s = x_i A_ij x_j", "x", "2 A_mi x_i"),
    (SYMMETRIC + "s = x_i A_ij x_j", "x x", "2 A_mn"),
    (SYMMETRIC + "s = sum_ij(exp(A_ij x_i + A_ji y_i))", "x", "A_mi exp(A_mi (x_m + y_m))"),
    (SYMMETRIC + "s = inv_ij(A_ij) x_i y_j", "x", "inv_mi(A_mi) y_i"),
    (SYMMETRIC + "s = inv_ji(A_ij) x_i y_j", "x", "inv_mi(A_mi) y_i"),
    (SYMMETRIC + "y_i = A_ij x_j; s = y_i x_i", "x", "2 y_m"),
    ("tensor C_ijk: symmetric_jk\ns = C_ijk a_i b_j c_k - C_ikj a_i b_j c_k", "a", "0"),
    ("tensor C_ijkl: symmetric_ij, symmetric_kl\ns = C_ijkl e_ij e_kl", "e e", "C_mnpq + C_pqmn"),
    # antisymmetric
    (ANTISYMMETRIC + "s = x_i A_ij x_j", "x", "0"),
    (ANTISYMMETRIC + "s = x_i A_ij y_j", "x", "A_mi y_i"),
    (ANTISYMMETRIC + "s = A_ii x_j x_j", "x", "0"),
    (ANTISYMMETRIC + SYMMETRIC.replace("A", "B") + "s = A_ij B_ij x_k x_k", "x", "0"),
    (ANTISYMMETRIC + "y_i = A_ij x_j + A_ji x_j", "x", "0"),
    # diagonal
    (DIAGONAL + "s = x_i A_ij x_j", "x", "2 A_mm x_m"),
    (DIAGONAL + "y_i = A_ij x_j", "x", "δ_im A_ii"),
    (DIAGONAL + "y_i = A_ij A_jk x_k", "x", "δ_im A_ii^2"),
    # positive
    (POSITIVE + "y_i = abs(x_i) z", "z", "x_i"),
    (POSITIVE + "y_i = sqrt(x_i^2) z", "z", "x_i"),
    ("tensor x_i, s: positive\ny_i = sqrt(s x_i^2 w_i) z", "z", "sqrt(s) sqrt(w_i) x_i"),
    (POSITIVE + "y_i = log(x_i^3) z", "z", "3 log(x_i)"),
    (POSITIVE + "y_i = (sign(x_i) + step(2 x_i) + [x_i > 0] + [x_i < 0]) z", "z", "3"),
    (POSITIVE + "y_i = (max(0, x_i) + relu(exp(w_i)) + min(x_i, 0)) z", "z", "exp(w_i) + x_i"),
]


@pytest.mark.parametrize(("text", "wrt", "want"), FORMULAS)
def test_formulas(text, wrt, want):
    assert str(ix.derive(text, wrt=wrt)) == want


def test_nothing_is_assumed_before_the_derivative():
    """By a symmetric tensor each component is a variable of its own: the order of indices counts."""
    assert str(ix.derive(SYMMETRIC + "s = A_ij B_ij", wrt="A")) == "B_mn"
    assert str(ix.derive(SYMMETRIC + "s = A_ij B_ji", wrt="A")) == "B_nm"
    assert str(ix.derive(DIAGONAL + "s = A_ij B_ij", wrt="A")) == "B_mn"
    first = ix.derive(SYMMETRIC + "s = A_ij B_jk A_ki", wrt="A")
    at_once = ix.derive(SYMMETRIC + "s = A_ij B_jk A_ki", wrt="A A")
    assert ix.derive(first, wrt="A").definition == at_once.definition


def test_a_held_statement_is_not_what_it_is_defined_to_be():
    """By x with y held, A_ij x_j is not y_i: y may be given another value."""
    text = SYMMETRIC + "y_i = A_ij x_j; s = y_i x_i + A_ij x_i x_j"
    derived = ix.derive(text, wrt="y x")
    a, x, y = np.array([[2.0, 1.0], [1.0, 3.0]]), np.array([1.0, 2.0]), np.array([5.0, 7.0])
    np.testing.assert_allclose(derived(A=a, x=x, y=y), np.eye(2))
    by_x = ix.hessian(text, ("x", "y"))(A=a, x=x, y=y)
    np.testing.assert_allclose(by_x["x"]["x"], 2 * a)


def test_a_symmetry_of_a_result_is_shown_by_its_formula():
    text = "tensor S_ij: symmetric; S_ij = X_ki X_kj; s = S_ij y_i z_j"
    assert str(ix.derive(text, wrt="y")) == "S_mi z_i"
    with pytest.raises(ix.NotationError, match="its formula does not show that it is symmetric") as caught:
        ix.parse("tensor S_ij: symmetric; S_ij = X_ki Y_kj; s = S_ii")
    assert caught.value.span is not None
    with pytest.raises(ix.NotationError, match="does not show that it is antisymmetric"):
        ix.parse("tensor S_ij: antisymmetric; S_ij = X_ki X_kj; s = S_ii")


def test_an_even_function_forgets_a_sign():
    assert str(ix.derive("y = cos(a - b) z - cos(b - a) z", wrt="z")) == "0"


def test_declarations_are_printed():
    text = "tensor A_ij: symmetric, positive\ntensor C_ijk: antisymmetric_jk\ntensor n: integer\n"
    program = ix.parse(text + "s = n A_ij x_i x_j C_kij x_k")
    assert str(program).startswith(text)
    assert ix.parse(str(program)).meaning.properties == program.meaning.properties


@pytest.mark.parametrize(
    ("text", "wrt", "structure", "formula"),
    [
        ("s = logdet_ij(X_ij)", "X", "projected", "δ_mn / X_mm"),
        ("s = logdet_ij(X_ij)", "X X", "projected", "-δ_mn δ_mp δ_mq / X_mm^2"),
        ("s = inv_ij(X_ij) v_i v_j", "X", "entries", "-δ_mn v_m^2 / X_mm^2"),
        ("y_i = inv_ij(X_ij) v_j", "v", None, "δ_im / X_ii"),
    ],
)
def test_operators_of_a_declared_diagonal_are_those_of_its_entries(text, wrt, structure, formula):
    plain = ix.derive(text, wrt)
    declared = ix.derive(f"tensor X_ij: diagonal; {text}", wrt, structure=structure)
    assert str(declared) == formula
    given = {"X": np.diag([0.5, -2.0, 3.0]), "v": np.array([1.0, 2.0, -1.0])}
    given = {name: given[name] for name in declared.of.inputs}
    got, free = declared(**given), plain(**given)
    mask = np.ones_like(free)
    if "X" in wrt:  # what is asked for are the derivatives by entries of the diagonal
        mask = np.eye(3) if wrt == "X" else np.einsum("mn,pq->mnpq", np.eye(3), np.eye(3))
    np.testing.assert_allclose(got, free * mask)
