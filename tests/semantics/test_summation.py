"""Which indices are summed: the examples of the rules, as structure."""

import pytest
from semantics.written import written

from indicial.ir.check import check_definition
from indicial.semantics.resolve import read

PRODUCTS = {
    "f_i = W_ij x_j": "Σa(W_ia·x_a)",
    "C_ik = A_ij B_jk": "Σa(A_ia·B_ak)",
    "L = a_i b_i": "Σa(a_a·b_a)",
    "L = A_ii": "Σa(A_aa)",
    "L_i = A_ii": "A_ii",
    "L = A_ii x_i": "Σa(A_aa·x_a)",
    "L = x_i^2": "Σa(x_a^2)",
    "L_i = x_i^2": "x_i^2",
    "L = x_i^2 y_i": "Σa(x_a^2·y_a)",
    "L = x_i^(2)": "Σa(x_a^2)",
    "L = x_i^4/2": "Σa(x_a^4·2^-1)",
    "L = (A_ij x_j)^2": "Σa(Σb(A_ab·x_b)^2)",
    "Z_ijk = A_ir B_jr C_kr": "Σa(A_ia·B_ja·C_ka)",
    "L = M_ij (T_ij - U_ik V_jk)^2": "Σab(M_ab·(T_ab + (-1·Σc(U_ac·V_bc)))^2)",
    "L = e_kk^2": "Σa(e_aa)^2",
    "L = A_iik^2": "Σa(Σb(A_bba)^2)",
    "L_k = e_kk^2": "e_kk^2",
    "L = exp(x_i)^2": "Σa(exp(x_a)^2)",
    "L = (x_i y_i) (x_i y_i)": "(Σa(x_a·y_a)·Σb(x_b·y_b))",
    "L = a_i b_i c_j d_j": "Σab(a_a·b_a·c_b·d_b)",
    "L = b_j a_i b_j a_i": "Σab(b_a·a_b·b_a·a_b)",
    "L = -x_i y_i": "Σa((-1·x_a)·y_a)",
    "L = -x_i^2": "(-1·Σa(x_a^2))",
    "L = -x_i^2 y_i": "Σa((-1·x_a^2)·y_a)",
    "L = -A_ii": "(-1·Σa(A_aa))",
    "p_i = (x_i y_i)": "(x_i·y_i)",
    "y_i = a_i exp(x_i z_i)": "(a_i·exp((x_i·z_i)))",
    "L = (x_i + y_i)^2": "Σa((x_a + y_a)^2)",
    "L = 2 (x_i y_i + 1)": "(2·(Σa(x_a·y_a) + 1))",
}

QUOTIENTS = {
    "L = 1/X_ii": "(1·Σa(X_aa)^-1)",
    "L_j = x_j / x_i^2": "(x_j·Σa(x_a^2)^-1)",
    "L = x_i / y_i": "Σa(x_a·y_a^-1)",
    "L = X_ii / Y_jj": "Σa(X_aa·Σb(Y_bb)^-1)",
    "L = 1/(x_i y_i)": "(1·Σa(x_a·y_a)^-1)",
    "L = x_i / 2 y_i": "Σa(x_a·2^-1·y_a)",
}

SCOPES = {
    "L = sum_i(exp(x_i))": "Σa(exp(x_a))",
    "L_i = exp(x_i)": "exp(x_i)",
    "L = exp(x_i y_i) log(x_i x_i)": "(exp(Σa(x_a·y_a))·log(Σb(x_b·x_b)))",
    "L = sum_i(x_i) sum_i(y_i)": "(Σa(x_a)·Σb(y_b))",
    "L = sum_j(x_j)^2": "Σa(x_a)^2",
    "L = ∑_j (x_j - y_j)^2 / 2": "Σa((x_a + (-1·y_a))^2·2^-1)",
    "y_i = b_i ∑_j A_ij x_j": "(b_i·Σa(A_ia·x_a))",
    "L = y_i sum_i(x_i) z_i": "Σa(y_a·Σb(x_b)·z_a)",
    "L = sum_i(x_i^2)": "Σa(x_a^2)",
    "L = sum_i(A_ij y_j)": "Σa(Σb(A_ab·y_b))",
    "L = sum_ij(A_ij)": "Σab(A_ab)",
    "L = sum_ji(A_ij)": "Σab(A_ba)",
    "p_i = exp(x_i) / sum_j(exp(x_j))": "(exp(x_i)·Σa(exp(x_a))^-1)",
    "P = prod_j(x_j)": "Πa(x_a)",
    "m = mean_ij(k_ij) - 2 mean_ij(l_ij)": (
        "((Σab(k_ab)·dim(k, 0)^-1·dim(k, 1)^-1) + (-1·(2·(Σcd(l_cd)·dim(l, 0)^-1·dim(l, 1)^-1))))"
    ),
    "L = sqrt(x_i x_i)": "Σa(x_a·x_a)^1/2",
    "L = (x_i x_i)^(1/2)": "Σa(x_a·x_a)^1/2",
    "L = e_kk^(-1)": "Σa(e_aa)^-1",
    "L_i = x_i^(-2)": "x_i^-2",
    "L = a^(x_i y_i)": "a^Σa(x_a·y_a)",
    "L = pow(x_i y_i, 3)": "Σa(x_a·y_a)^3",
    "L = max(x_i y_i, 0)": "max(Σa(x_a·y_a), 0)",
    "L = w_i max(x_i, y_i)": "Σa(w_a·max(x_a, y_a))",
}

TERMS = {
    "Z_nc = X_nd W_dc + b_c": "(Σa(X_na·W_ac) + b_c)",
    "L = x_i y_i + A_ii - c": "(Σa(x_a·y_a) + Σb(A_bb) + (-1·c))",
    "y_ij = a_i - b_j": "(a_i + (-1·b_j))",
}

NAMED = {
    "y_i = delta_ij x_j": "Σa(δ_ia·x_a)",
    "L = delta_ii": "Σa(δ_aa)",
    "c_i = eps_ijk a_j b_k": "Σab(ε_iab·a_a·b_b)",
    "L = ones_i x_i": "Σa(1·x_a)",
    "y_i = ones_i s": "(1·s)",
    "A_ij = ones_ij": "1",
    "y_i = dim(W, 0) W_ij x_j": "Σa(dim(W, 0)·W_ia·x_a)",
    "L = pi r^2": "(pi·r^2)",
    "L = eps delta ones dim": "(ε·δ·ones·dim)",
    "L = sqrt(pow(x, y))": "x^y^1/2",
    "L = ln(x)": "log(x)",
    "L = polygamma(2, x)": "polygamma(2, x)",
}

CONDITIONS = {
    "y_i = [z_i > 0] x_i": "([z_i > 0]·x_i)",
    "L = [z_i > 0] x_i": "Σa([z_a > 0]·x_a)",
    "y_i = where(x_i > 0, x_i, 0)": "where([x_i > 0], x_i, 0)",
    "p_ij = [j <= i] s_ij": "([⟨j⟩ <= ⟨i⟩]·s_ij)",
    "L = sum_ij([i < j] f_ij)": "Σab([⟨a⟩ < ⟨b⟩]·f_ab)",
    "L = [i < j] A_ij": "Σab([⟨a⟩ < ⟨b⟩]·A_ab)",
    "L = [i + 1 == j] A_ij": "Σab([(⟨a⟩ + 1) == ⟨b⟩]·A_ab)",
    "y_i = [i < s] x_i": "([⟨i⟩ < s]·x_i)",
    "L = A_ij ([i < j] + 1)": "Σab(A_ab·([⟨a⟩ < ⟨b⟩] + 1))",
    "L = [i < j]": "[i < j]",
    "L = [x_i y_i > 0]": "[Σa(x_a·y_a) > 0]",
    "L = where(i < j, A_ij, 0) B_ij": "Σab(where([⟨a⟩ < ⟨b⟩], A_ab, 0)·B_ab)",
}

ALL = PRODUCTS | QUOTIENTS | SCOPES | TERMS | NAMED | CONDITIONS


@pytest.mark.parametrize("text", ALL)
def test_structure(text: str) -> None:
    program = read(text)
    assert written(program) == ALL[text]
    for definition in program.statements.values():
        check_definition(definition, program.inputs)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("f_i = W_ij x_j", "f_p = W_pq x_q"),
        ("L = a_i b_i + c_i d_i", "L = a_i b_i + c_j d_j"),
        ("L = (x_i y_i)^2", "L = (x_k y_k)^2"),
    ],
)
def test_letters_do_not_matter(one: str, other: str) -> None:
    """Renaming indices leaves the structure as it is."""
    first, second = read(one), read(other)
    renamed = written(second).replace("p", "i") if "p" in other else written(second)
    assert written(first) == renamed
    assert first.inputs == second.inputs
