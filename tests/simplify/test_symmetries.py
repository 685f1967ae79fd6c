"""Symmetries that follow from an expression are used as declared ones are; what has none keeps its order."""

import numpy as np
import pytest
from oracles.extents import extents_of
from oracles.numeric import assert_close

import indicial as ix
from indicial.calculus.within import canonical
from indicial.ir.reference import evaluate_definition
from indicial.simplify.canonical import Simplifier
from indicial.simplify.facts import Facts
from indicial.simplify.symmetries import Symmetries

GRAM = "S_ij = X_ki X_kj; "
CURL = "F_ij = G_ij - G_ji; "

FORMULAS = [
    # of a statement
    (GRAM + "s = S_ij y_i z_j", "y", "S_mi z_i"),
    (GRAM + "s = S_ij y_i y_j", "y", "2 S_mi y_i"),
    ("S_ij = (A_ij + A_ji) / 2; L = S_ij y_i y_j", "y y", "2 S_mn"),
    ("C_ijk = A_i B_jk + A_i B_kj; s = C_ijk a_i b_j b_k", "b", "2 C_imj a_i b_j"),
    ("E_ij = exp(-(x_ia - x_ja)^2); L = E_ij y_i y_j", "y", "2 E_mi y_i"),
    (CURL + "L = -F_ij F_ij / 4", "G", "-F_mn"),
    (CURL + "L = x_i F_ij x_j", "x", "0"),
    (CURL + GRAM + "L = S_ij F_ij x_k x_k", "x", "0"),
    (CURL + "L = F_ii x_k x_k", "x", "0"),
    # through a product, an inverse, another statement, a declaration
    ("P_ij = X_ki C_kl X_lj; C_ij = c_ij + c_ji; L = P_ij y_i y_j", "y", "2 P_mi y_i"),
    ("s = logdet_ij(X_ki X_kj)", "X", "2 X_mi inv_ni(X_kn X_ki)"),
    (GRAM + "H_ij = inv_ij(S_ij); s = H_ij y_i y_j", "y", "2 H_mi y_i"),
    (GRAM + "H_ij = adj_ij(S_ij); s = H_ij y_i y_j", "y", "2 H_mi y_i"),
    (CURL + "H_ij = inv_ij(F_ij); s = H_ij y_i y_j", "y", "0"),
    ("tensor C_ij: symmetric\ns = inv_ij(X_ki C_kl X_lj) y_i y_j", "y", "2 inv_mi(X_km C_kl X_li) y_i"),
    ("tensor C_ij: diagonal\ns = X_ki C_kl X_lj y_i y_j", "y", "2 X_km C_kk X_ki y_i"),
    # of some axes, of a batch of matrices
    ("S_bij = X_bki X_bkj; s_b = inv_ij(S_bij) y_i y_j", "y", "2 inv_mi(S_bmi) y_i"),
    ("T_ijk = X_ai X_aj y_k; s = T_ijk u_i u_j v_k", "u", "2 T_mik u_i v_k"),
    # none
    ("P_ij = X_ki Y_kj; s = P_ij y_i y_j", "y", "(P_im + P_mi) y_i"),
    ("P_ij = X_ik X_kj; s = P_ij y_i y_j", "y", "(P_im + P_mi) y_i"),
    ("H_ij = adj_ij(G_ij - G_ji); s = H_ij y_i y_j", "y", "(H_im + H_mi) y_i"),
    ("L_ij = chol_ij(X_ki X_kj); s = L_ij y_i y_j", "y", "(L_im + L_mi) y_i"),
    ("S_ij = [i < j] x_i x_j; s = S_ij y_i y_j", "y", "(S_im + S_mi) y_i"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "wrt", "want"), FORMULAS)
def test_formulas(text, wrt, want):
    assert str(ix.derive(text, wrt=wrt)) == want


def test_numbers_are_those_of_the_free_derivative():
    text = GRAM + "H_ij = inv_ij(S_ij); F_ij = A_ij - A_ji; s = (X_ni H_ij X_mj z_m y_n)^2 + x_i F_ij x_j"
    generator = np.random.default_rng(3)
    arrays = {"X": generator.normal(size=(5, 3)), "A": generator.normal(size=(3, 3))}
    arrays |= {name: generator.normal(size=n) for name, n in (("x", 3), ("y", 5), ("z", 5))}
    for wrt in ("X", "A", "X y", "y z"):
        derived = ix.derive(text, wrt=wrt)
        extents = extents_of(derived.of.meaning, arrays)
        want = evaluate_definition(derived.free, arrays, extents)
        assert_close(derived(arrays), want, 1e-10, str(derived))


def test_by_a_statement_each_component_is_for_itself():
    """By S with X held, S may have any value: S_ij and S_ji are different variables."""
    text = GRAM + "s = S_ij A_ji x_i x_j + S_ij S_ji"
    assert str(ix.derive(text, wrt="S")) == "2 S_nm + A_nm x_m x_n"
    inverse = "H_ij = inv_ij(S_ij); s = H_ij y_i y_j"
    held = str(ix.derive(GRAM + inverse, wrt="S y"))
    assert held == str(ix.derive(inverse, wrt="S y")) == "-(H_im H_np + H_pm H_ni) y_i"


def test_a_further_derivative_is_of_the_free_one():
    first = ix.derive(GRAM + "s = S_ij A_ij", wrt="A")
    assert str(ix.derive(first, wrt="S")) == "δ_mp δ_nq"
    flipped = ix.derive(GRAM + "s = S_ij A_ji", wrt="A")
    assert str(flipped) == "S_mn"
    assert str(ix.derive(flipped, wrt="S")) == "δ_mq δ_np"


@pytest.mark.parametrize(("text", "wrt", "_"), FORMULAS)
def test_the_form_is_final(text, wrt, _):
    """What symmetries give is as canonical as anything: brought into canonical form it stays."""
    derived = ix.derive(text, wrt=wrt)
    program = derived.of
    assert canonical([derived.definition], program.facts)[derived.definition] == derived.definition


@pytest.mark.parametrize("wrt", ["X", "c", "y", "y y", "X c"])
def test_order_and_letters_do_not_matter(wrt):
    first = "C_ij = c_ij + c_ji; s = inv_ij(X_pi C_pq X_qj) X_kj y_k C_kl X_li + y_a C_ab y_b"
    others = [
        "C_kl = c_lk + c_kl; s = y_j y_i C_ij + C_ba y_b X_ai X_bj inv_ij(X_qj C_pq X_pi)",
        "C_rs = c_rs + c_sr; s = X_ld C_kl inv_dc(C_ab X_bc X_ad) y_k X_kc + C_nm y_m y_n",
    ]
    assert len({ix.derive(text, wrt=wrt).definition for text in (first, *others)}) == 1


def found(text, name):
    """The groups that follow for a statement."""
    statement = ix.parse(text).meaning.statements[name]
    simplify = Simplifier(Facts(symmetries=Symmetries()))
    return [(group.axes, group.sign) for group in simplify.known_of(statement(*statement.formals)).groups]


def test_groups():
    assert found("S_ijk = x_i x_j x_k", "S") == [((0, 1, 2), 1)]
    assert found("S_ijkl = x_i x_j y_k y_l", "S") == [((0, 1), 1), ((2, 3), 1)]
    assert found("S_ikjl = A_ij B_kl - A_ji B_kl", "S") == [((0, 2), -1)]
    assert found("F_ij = A_ij", "F") == []
    assert found("F_ij = A_i + B_j + A_j + B_i", "F") == [((0, 1), 1)]
    assert found("e_ijk = eps_ijk x_l x_l", "e") == [((0, 1, 2), -1)]


def test_symmetries_of_a_deep_program_are_found_without_recursion():
    lines = ["S0_ij = X_ki X_kj", *[f"S{n + 1}_ij = S{n}_ik S{n}_kl S{n}_lj" for n in range(400)]]
    text = "; ".join([*lines, "s = S400_ij y_i y_j"])
    assert str(ix.derive(text, wrt="y")) == "2 S400_mi y_i"
