"""Results in matrix notation: the textbook's forms, and their numbers."""

import itertools
import re
from math import prod

import numpy as np
import pytest
from oracles.formulas import BY_NUMBER, FORMULAS, arrays_of
from oracles.formulas import derived as derivative_of
from oracles.matrices import evaluate
from oracles.numeric import assert_close

import indicial as ix
from indicial.errors import NotationError
from indicial.syntax.names import normal

TEXTBOOK = {
    "1": "W",
    "2": "xᵀ ⊗ I",
    "3a": "Wᵀ ⊗ I",
    "3b": "I ⊗ X",
    "4": "a bᵀ",
    "5a": "(A + Aᵀ) x",
    "5b": "A + Aᵀ",
    "5c": "x xᵀ",
    "6": "X (b cᵀ + c bᵀ)",
    "7": "Bᵀ C (D x + d) + Dᵀ Cᵀ (B x + b)",
    "8": "(D + Dᵀ) (X b + c) bᵀ",
    "9a": "diag(x)",
    "9b": "-diag(w ⊘ x²)",
    "10": "x",
    "11": "2 Xᵀ ([z > 0] ⊙ (max(0, z) - y)) / dim(X, 0)",
    "12": "I",
    "13": "Aᵀ",
    "14": "Aᵀ Bᵀ",
    "15": "2 Xᵀ",
    "16": "(B X + X B)ᵀ",
    "17": "(B + Bᵀ) X",
    "18": "(A X B + B X A)ᵀ",
    "19": "B X C + Bᵀ X Cᵀ",
    "20": "2 Aᵀ R Bᵀ",
    "21": "2 tr(X) I",
    "22": "3 (X²)ᵀ",
    "24a": "A X B + Aᵀ X Bᵀ",
    "24b": "B ⊗ Aᵀ + Bᵀ ⊗ A",
    "25": "adj(X)ᵀ",
    "26": "Aᵀ adj(A X B)ᵀ Bᵀ",
    "27a": "X⁻ᵀ",
    "27b": "-(X⁻¹ ⊗ X⁻ᵀ) comm(X)",
    "28": "2 X (Xᵀ X)⁻¹",
    "29": "3 (X²)ᵀ adj(X³)ᵀ",
    "30": "-Yᵀ ⊗ Y",
    "31": "-X⁻ᵀ a bᵀ X⁻ᵀ",
    "32": "-(X⁻¹ B A X⁻¹)ᵀ",
    "33": "-((A + X)⁻²)ᵀ",
    "36a": "A⁻ᵀ g",
    "36b": "-A⁻ᵀ g xᵀ",
    "39a": "X / s",
    "39b": "(x - a) / n",
    "39c": "(I - u uᵀ) / n",
    "39d": "X / s",
    "39e": "(x - a) / s",
    "39f": "(I - u uᵀ) / n",
    "43a": "(K⁻ᵀ y yᵀ - I) K⁻ᵀ / 2",
    "44a": "-Xᵀ (y ⊙ σ(-y ⊙ z))",
    "44b": "Xᵀ diag(y² ⊙ σ(-y ⊙ z) ⊙ (𝟏 - σ(-y ⊙ z))) X",
    "45a": "diag(p) - p pᵀ",
    "46a": "softmax(x)",
    "46b": "diag(softmax(x)) - softmax(x) softmax(x)ᵀ",
    "47a": "Xᵀ (diag(Y 𝟏) P - Y)",
    "48a": "Xᵀ (exp(z) - y)",
    "48b": "Xᵀ diag(exp(z)) X",
    "49a": "2 Xᵀ (X w - y)",
    "49b": "2 Xᵀ X",
    "50a": "Sᵀ - T⁻ᵀ",
    "50b": "(T⁻¹ ⊗ T⁻ᵀ) comm(T)",
    "51a": "2 (M ⊙ (U Vᵀ - T)) V",
    "55": "xᵀ ⊗ diag(𝟏 - y²)",
    "70a": "la tr(E) I + 2 μ E",
    "70b": "2 μ (I ⊗ I) + la vec(I) vec(I)ᵀ",
    "74": "tr(C) I - Cᵀ",
    "86": "(A + Aᵀ - 2 s I) x / (xᵀ x)",
    "88": "2 x xᵀ L",
}


def derived(number):
    return derivative_of(BY_NUMBER[number])


@pytest.mark.parametrize("number", TEXTBOOK)
def test_the_form_of_the_textbook(number):
    assert derived(number).matrix() == TEXTBOOK[number]


def named_of(formula):
    """The arrays of a formula, and every intermediate."""
    arrays = arrays_of(formula, signed=False)
    program = ix.parse(formula["program"])
    named = ix.parse(formula["program"], outputs=program.statements)(arrays)
    return arrays, {**arrays, **(named if isinstance(named, dict) else {program.statements[0]: named})}


def as_matrix(array, ranks, layout, order):
    """The array as rows and columns, axes of one group stacked."""
    groups = [rank for rank in ranks if rank]
    if len(groups) < 2 and array.ndim < 3:
        gradient = ranks[0] == 0
        whole = array.reshape(*array.shape, *[1] * (2 - array.ndim))
        return whole.T if layout == ("numerator" if gradient else "denominator") else whole
    split = array.ndim - groups[-1]
    stack = (prod(array.shape[:split]), prod(array.shape[split:]))
    if order == "F":
        axes = [*reversed(range(split)), *reversed(range(split, array.ndim))]
        array = array.transpose(axes)
    whole = array.reshape(stack)
    return whole.T if layout == "denominator" else whole


def with_form():
    """The formulas that have a matrix form, with their derivatives."""
    for formula in FORMULAS:
        derivative = derivative_of(formula)
        try:
            derivative.matrix()
        except NotationError:
            continue
        yield formula, derivative


def test_the_numbers_of_every_form():
    count = 0
    for formula, derivative in with_form():
        arrays, named = named_of(formula)
        value = derivative(**arrays)
        ranks = [len(derivative.of.meaning.axes[derivative.output])]
        ranks += [len(letters) for _, letters in derivative.denominators]
        for layout, order in itertools.product((None, "numerator", "denominator"), "FC"):
            text = derivative.matrix(layout, order, ascii=True)
            wanted = as_matrix(value, ranks, layout, order)
            assert_close(evaluate(text, named, wanted.shape), wanted, 1e-10, f"{formula['number']}: {text}")
        count += 1
    assert count > 80


KINDS = ("scalar", "vector", "matrix")
UNREAD = ("12", "21")  # an identity that stands alone has no size


@pytest.mark.parametrize("number", [n for n in TEXTBOOK if n not in UNREAD])
def test_what_is_printed_is_read_back(number):
    """By notation="matrix": all but what stacks axes."""
    formula, derivative = BY_NUMBER[number], derived(number)
    text = derivative.matrix(ascii=True)
    if any(word in text for word in ("kron(", "comm(", "vec(")):
        return
    arrays, named = named_of(formula)
    named = {normal(name): array for name, array in named.items()}
    used = {name: np.asarray(array) for name, array in named.items() if re.search(rf"\b{name}\b", text)}
    lines = [f"tensor {name}: {KINDS[array.ndim]}" for name, array in used.items()]
    program = ix.parse("\n".join([*lines, f"result = {text}"]), notation="matrix")
    got = program({name: used[name] for name in program.inputs})
    assert_close(got, derivative(**arrays), 1e-10, text)


def test_layouts():
    gradient = ix.derive("s = x_i A_ij x_j", wrt="x")
    assert gradient.matrix("denominator") == gradient.matrix() == "(A + Aᵀ) x"
    assert gradient.matrix("numerator") == "xᵀ (A + Aᵀ)"
    jacobian = ix.derive("y_i = W_ij x_j", wrt="x")
    assert jacobian.matrix("numerator") == jacobian.matrix() == "W"
    assert jacobian.matrix("denominator") == "Wᵀ"
    by_matrix = ix.derive("y_i = W_ij x_j", wrt="W")
    assert by_matrix.matrix("denominator") == "x ⊗ I"
    assert by_matrix.matrix(order="C") == "I ⊗ xᵀ"
    assert ix.derive("Y_ij = A_ik X_kl B_lj", wrt="X").matrix() == "Bᵀ ⊗ A"
    assert ix.derive("Y_ij = A_ik X_kl B_lj", wrt="X").matrix(order="C") == "A ⊗ Bᵀ"
    assert ix.derive("Y_ij = X_ji", wrt="X").matrix() == "comm(X)"


def test_the_way_it_is_read():
    gradient = ix.derive("L = norm_i(A_ij x_j - y_i)^2 / 3", wrt="x")
    assert gradient.matrix() == "2 Aᵀ (A x - y) / 3"
    assert gradient.matrix(ascii=True) == "2*A'*(A*x - y)/3"


def test_names_that_the_signs_would_take():
    assert ix.derive("y_i = I_ij x_j + x_i", wrt="x").matrix() == "eye + I"


def test_a_program_in_matrix_notation():
    program = ix.parse("z_i = W_ij x_j + b_i; L = (z_i - y_i)^2")
    assert program.matrix() == "z = W x + b\nL = (z - y)ᵀ (z - y)"
    assert program.matrix(ascii=True) == "z = W*x + b\nL = (z - y)'*(z - y)"


def test_zero_and_constants():
    assert ix.derive("y_i = x_i", wrt="x").matrix() == "I"
    assert ix.derive("y_i = 3 x_i", wrt="x x").matrix() == "𝟎"
    assert ix.derive("s = 3 t", wrt="t").matrix() == "3"


@pytest.mark.parametrize(
    ("program", "wrt", "reason"),
    [
        ("c_i = eps_ijk a_j b_k", "a", "Levi-Civita"),
        ("s = T_ijk x_i x_j x_k", "x", "'T' has 3 axes"),
        ("Y_bshd = X_bse W_ehd", "W", "7 axes"),
        ("y_i = A_ij B_ij", "A", "no Kronecker product"),
        ("L = M_ij (T_ij - U_ik V_jk)^2", "U U", "shared by more than two"),
        ("P_ij = softmax_j(Z_ij)", "Z", "meet in one index"),
        ("s_ij = softmax_j(Z_ij) + Y_ij", "Z", "one row or slice"),
        ("s = sum_i([i < 3] x_i)", "x", "value of an index"),
    ],
)
def test_what_has_no_matrix_form_says_why(program, wrt, reason):
    with pytest.raises(NotationError, match=reason) as caught:
        ix.derive(program, wrt=wrt).matrix()
    assert caught.value.hint


def test_unknown_layouts_and_orders():
    derivative = ix.derive("y_i = W_ij x_j", wrt="x")
    with pytest.raises(NotationError, match="layout 'rows'"):
        derivative.matrix("rows")
    with pytest.raises(NotationError, match="order 'A'"):
        derivative.matrix(order="A")


def test_depth_and_length_are_refused():
    deep = "x_i"
    for _ in range(300):
        deep = f"sin({deep})"
    long = " + ".join([f"sin({k} x_i)" for k in range(2, 900)])
    for body in (deep, long):
        with pytest.raises(NotationError, match="too long"):
            ix.derive(f"y_i = {body}", wrt="x").matrix()


def test_transposes_stand_where_few_are_needed():
    layer = "h_ni = tanh(X_nd W_di); y_nk = h_ni V_ik + c_k; L = (y_nk - t_nk)^2"
    assert ix.derive(layer, wrt="c").matrix() == "2 (y - t)ᵀ 𝟏"
    assert ix.derive(layer, wrt="c").matrix(ascii=True) == "2*(y - t)'*vector(1)"
    bias = ix.pullback("Z_nc = X_nd W_dc + b_c", wrt="b", cotangent="G")
    assert bias.matrix() == "Gᵀ 𝟏"
    assert ix.derive("t_i = tanh(W_ij x_j); s = v_i t_i", wrt="W").matrix() == "(v ⊙ (𝟏 - t²)) xᵀ"


def test_symmetric_matrices_are_not_transposed():
    kinetic = ix.derive("tensor M_ij: symmetric; T = M_ij v_i v_j / 2", wrt="v")
    assert kinetic.matrix("numerator") == "vᵀ M"
    text = "tensor X_ij: symmetric; s = logdet_ij(X_ij)"
    hessian = ix.derive(text, wrt="X X", structure="projected")
    assert hessian.matrix() == "-(X⁻¹ ⊗ X⁻¹) (I + comm(X)) / 2"
    assert ix.derive(text, wrt="X").matrix("numerator") == "X⁻¹"


ENTRYWISE = [
    ("Y_ij = X_ij A_ij", "diag(vec(A))"),
    ("Y_ij = sin(X_ij)", "diag(vec(cos(X)))"),
    ("Y_ji = sin(X_ij)", "diag(vec(cos(Xᵀ))) comm(X)"),
    ("Y_ij = sin(B_ik X_kj)", "diag(vec(cos(B X))) (I ⊗ B)"),
    ("Y_ij = sin(X_ik C_kj)", "diag(vec(cos(X C))) (Cᵀ ⊗ I)"),
    ("Y_ij = sin(X_ij) B_ki A_kj", "diag(vec(cos(X) ⊙ (Bᵀ A)))"),
]


@pytest.mark.parametrize("order", ["F", "C"])
@pytest.mark.parametrize(("program", "text"), ENTRYWISE)
def test_functions_of_matrices_entry_by_entry(program, text, order):
    rng = np.random.default_rng(5)
    arrays = {
        "X": rng.random((3, 3)),
        "A": rng.random((3, 3)),
        "B": rng.random((3, 3)),
        "C": rng.random((3, 3)),
    }
    derivative = ix.derive(program, "X")
    if order == "F":
        assert derivative.matrix() == text
    given = {name: arrays[name] for name in derivative.of.inputs}
    wanted = derivative.structured(given).matricize(order=order).todense()
    printed = derivative.matrix(order=order, ascii=True)
    assert_close(evaluate(printed, given, wanted.shape), wanted, 1e-12, printed)


def test_a_difference_times_itself_keeps_its_sign():
    d = ix.derive("tensor S: symmetric; f = (x-m)'*inv(S)*(x-m)", "S", outputs=None, notation="matrix")
    assert d.matrix() == "-S⁻¹ (x - m) (x - m)ᵀ S⁻¹"
    assert ix.derive("L = -2 (x_i - y_i) A_ij z_j", "z").matrix() == "2 Aᵀ (y - x)"
