"""What einsum strings mean: in index notation, by numbers, and where they mean nothing."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import opt_einsum
import pytest
from oracles import numeric

import indicial as ix
from indicial.ir.check import check_definition

# of the documentation of NumPy's einsum and of opt_einsum, and what a repeated output index means
_EQUATIONS = [
    "ii->", "ii->i", "ij,j", "ij,j->i", "i,i", ",ij", "i,j", "ij->ji", "ij,jk", "ijk,jil->kl", "ki,jk->ij",
    "->", "ij->i", "ij->", "i,i->i", "ij,ij->", "a,ab,abc->abc", "a,b,ab->ab",
    "ea,fb,gc,hd,abcd->efgh", "ab,bc,cd->ad",
    "ij,ij,ij->ij", "ij,ik,il->jkl", "i,i,i->", "abc,bcd,de", "iij,jkk->i", "ba", "ab,ab,c->",
    "aab,fa,df,ecc->bde",
    ",,->", ",i->i", "BA,AC", "bB,Bf->fb", "Àb,bμ->μÀ", "ijj,k->ik",
]  # fmt: skip


def _arrays(text: str, seed: int = 0) -> list[Any]:
    random = np.random.default_rng(seed)
    words = text.split("->")[0].replace(" ", "").split(",")
    letters = sorted({letter for word in words for letter in word})
    extents = {letter: 2 + position % 3 for position, letter in enumerate(letters)}
    return [random.normal(size=[extents[letter] for letter in word]) for word in words]


def _implicit_is_a_program(text: str) -> str:
    return text if "," in text or "->" in text else f"{text}->{''.join(sorted(set(text)))}"


@pytest.mark.parametrize("equation", _EQUATIONS)
def test_values_are_those_of_opt_einsum(equation: str) -> None:
    text = _implicit_is_a_program(equation)
    arrays = _arrays(text)
    expected = (
        opt_einsum.contract(text, *arrays, optimize="auto") if arrays[0].ndim or "," in text else arrays[0]
    )
    np.testing.assert_allclose(ix.evaluate(text, *arrays), expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("equation", [*_EQUATIONS, "i->ii", "ij,j->iij", "i,j->iji"])
def test_programs_are_index_notation(equation: str) -> None:
    program = ix.parse(_implicit_is_a_program(equation))
    check_definition(program.written.statements[program.outputs[0]], program.meaning.inputs)
    again = ix.parse(str(program))
    assert again.meaning.statements == program.meaning.statements
    assert again.meaning.letters == program.meaning.letters
    for position, name in enumerate(program.inputs):
        derivative = ix.derive(program, position)
        assert str(ix.derive(again, name)) == str(derivative)
        ix.parse(str(derivative.program))


@pytest.mark.parametrize("equation", [*_EQUATIONS, "i->ii", "ij,j->iij"])
def test_derivatives_are_those_by_differences(equation: str) -> None:
    text = _implicit_is_a_program(equation)
    arrays = _arrays(text, 1)
    for position, array in enumerate(arrays[:2]):

        def moved(value: Any, position: int = position) -> Any:
            return ix.evaluate(text, *arrays[:position], value, *arrays[position + 1 :])

        expected = numeric.complex_jacobian(moved, array)
        np.testing.assert_allclose(ix.jacobian(text, position)(*arrays), expected, rtol=1e-12, atol=1e-12)


def test_random_equations() -> None:
    random = np.random.default_rng(5)
    for seed in range(40):
        words = [
            "".join(random.choice(list("abcde"), random.integers(0, 4))) for _ in range(random.integers(1, 4))
        ]
        known = sorted(set("".join(words)))
        output = "".join(random.permutation(known)[: random.integers(0, len(known) + 1)])
        text = f"{','.join(words)}->{output}"
        arrays = _arrays(text, seed)
        expected = np.einsum(text, *arrays)
        np.testing.assert_allclose(ix.evaluate(text, *arrays), expected, rtol=1e-12, atol=1e-12, err_msg=text)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("ij,j->i", "f_i = A_ij B_j"),
        ("ij->i", "f_i = sum_j(A_ij)"),
        ("ii->", "f = A_ii"),
        ("ij,jk,kl", "f_il = A_ij B_jk C_kl"),
        (",i->i", "f_i = A B_i"),
        ("ij,ij,i->i", "f_i = A_ij B_ij C_i"),
        ("AB,BC->AC", "f_AC = E_AB F_BC"),
        ("ef,fg->eg", "y_eg = A_ef B_fg"),
        ("Àb,Àc->bc", "f_bc = A_ib B_ic"),
    ],
)
def test_names_and_letters(text: str, written: str) -> None:
    assert str(ix.parse(text)).strip() == written


def test_a_repeated_output_index_is_a_delta() -> None:
    x = np.array([1.0, 2.0, 3.0])
    assert str(ix.parse("i->ii")).splitlines()[-1] == "f_ij = δ_ij A_i"
    np.testing.assert_array_equal(ix.evaluate("i->ii", x), np.diag(x))
    assert ix.derive("i->ii", 0).equation == "∂f_ij/∂A_m = δ_ij δ_im"
    cube = ix.evaluate("i->iii", x)
    np.testing.assert_array_equal(np.einsum("iii->i", cube), x)
    assert cube.sum() == x.sum()


def test_more_letters_than_the_alphabet_has() -> None:
    symbols = [opt_einsum.get_symbol(number) for number in range(70)]
    text = ",".join(a + b for a, b in itertools.pairwise(symbols)) + f"->{symbols[0]}{symbols[-1]}"
    random = np.random.default_rng(0)
    arrays = [random.normal(size=(2, 2)) for _ in symbols[1:]]
    np.testing.assert_allclose(ix.evaluate(text, *arrays), np.linalg.multi_dot(arrays), rtol=1e-10)
    program = ix.parse(text)
    assert ix.parse(str(program)).meaning.statements == program.meaning.statements


# --- ellipses ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "shapes"),
    [
        ("...ij,...jk->...ik", [(5, 2, 3), (5, 3, 4)]),
        ("...ij,...jk", [(6, 5, 2, 3), (5, 3, 4)]),
        ("...j,j->...", [(3,), (3,)]),
        ("i...->...", [(3, 4)]),
        ("...ii->...i", [(5, 3, 3)]),
        ("ij...,jk...->ik...", [(2, 3, 5), (3, 4, 5)]),
        ("...,...", [(2, 3), (3,)]),
        ("a...b,...->b...a", [(2, 5, 3), (5,)]),
    ],
)
def test_ellipses(text: str, shapes: list[tuple[int, ...]]) -> None:
    random = np.random.default_rng(0)
    arrays = [random.normal(size=shape) for shape in shapes]
    np.testing.assert_allclose(ix.evaluate(text, *arrays), np.einsum(text, *arrays), rtol=1e-12)
    program = ix.parse(text, ranks=[array.ndim for array in arrays])
    assert ix.parse(str(program)).meaning.statements == program.meaning.statements
    assert ix.check(text, 0, *arrays).passed
    expected = ix.derive(program, 0)(*arrays)
    np.testing.assert_array_equal(ix.jacobian(text, 0)(*arrays), expected)
    np.testing.assert_array_equal(
        ix.jacobian(text, "A")(dict(zip(program.inputs, arrays, strict=True))), expected
    )


def test_a_derivative_waits_for_the_ranks() -> None:
    gradient = ix.grad("i,i->", 0)
    waiting = ix.jacobian("...i->...", 0)
    assert gradient(np.ones(3), np.ones(3)).shape == (3,)
    assert waiting(np.ones(3)).shape == (3,)
    assert waiting(np.ones((2, 3))).shape == (2, 2, 3)


# --- refusals ----------------------------------------------------------------------------------------

_W, _X = np.ones((3, 4)), np.ones(4)
_ANY: list[tuple[Callable[[], object], str]] = [
    (
        lambda: ix.parse("ij,j->ik"),
        (
            "line 1: the output's index 'k' is in no operand\n"
            "  ij,j->ik\n"
            "         ^\n"
            "hint: the operands have i and j"
        ),
    ),
    (
        lambda: ix.parse("i->..."),
        (
            "line 1: the output has an ellipsis, but no operand has\n"
            "  i->...\n"
            "     ^^^\n"
            "hint: the operands have i"
        ),
    ),
    (
        lambda: ix.parse("...i->i", ranks=(2,)),
        (
            "line 1: the axes of an ellipsis are kept, but the output has no place for them\n"
            "  ...i->i\n"
            "        ^\n"
            "  ...i->i\n"
            "  ^^^ this ellipsis\n"
            "hint: write ...i for the output; only axes with letters are summed"
        ),
    ),
    (
        lambda: ix.derive("...i->...", 0),
        (
            "line 1: only the arrays' ranks tell how many axes an ellipsis stands for\n"
            "  ...i->...\n"
            "  ^^^\n"
            "hint: give them, as in ix.parse('...i->...', ranks=(3,))"
        ),
    ),
    (
        lambda: ix.parse("...ij,j", ranks=(1, 1)),
        (
            "line 1: operand 0 has one axis, but its subscripts name at least two axes\n"
            "  ...ij,j\n"
            "  ^^^^^\n"
            "hint: write one letter for each axis"
        ),
    ),
    (
        lambda: ix.evaluate("ij,j->i", _W),
        (
            "line 1: the einsum string has two operands, but one array is given\n"
            "  ij,j->i\n"
            "     ^\n"
            "hint: give one for each operand, in order; a comma separates two operands"
        ),
    ),
    (
        lambda: ix.evaluate("ij,j->i", _W, _X, _X),
        (
            "line 1: the einsum string has two operands, but three arrays are given\n"
            "  ij,j->i\n"
            "  ^^^^\n"
            "hint: give one for each operand, in order; a comma separates two operands"
        ),
    ),
    (
        lambda: ix.evaluate("ij,j->i", _W, _W),
        (
            "line 1: the array for operand 1 (B) has shape (3, 4), two axes,"
            " but its subscripts name one axis\n"
            "  ij,j->i\n"
            "     ^\n"
            "hint: write one letter for each axis; ... stands for any number of axes"
        ),
    ),
    (
        lambda: ix.evaluate("ij,j->i", _W, np.ones(3)),
        (
            "line 1: index 'j' must have one extent, but axis 1 of operand 0 (A) has 4"
            " and axis 0 of operand 1 (B) has 3\n"
            "  ij,j->i\n"
            "     ^\n"
            "  ij,j->i\n"
            "   ^ extent 4 here\n"
            "hint: give two axes of different extents different letters"
        ),
    ),
    (
        lambda: ix.evaluate("b...i,...i", np.ones((2, 1, 3)), np.ones((2, 3))),
        (
            "line 1: index '...' must have one extent, but axis 1 of operand 0 (A) has 1"
            " and axis 0 of operand 1 (B) has 2\n"
            "  b...i,...i\n"
            "        ^^^\n"
            "  b...i,...i\n"
            "   ^^^ extent 1 here\n"
            "hint: an axis of extent 1 is not stretched: take it out, array and letter"
        ),
    ),
    (
        lambda: ix.derive("ij,j->i", 2),
        (
            "line 1: there is no operand 2: the einsum string has two operands\n"
            "  ij,j->i\n"
            "     ^\n"
            "hint: operands count from 0 to 1"
        ),
    ),
]


@pytest.mark.parametrize(("call", "message"), _ANY)
def test_refusals(call: Callable[[], object], message: str) -> None:
    with pytest.raises(ix.IndicialError) as caught:
        call()
    assert str(caught.value) == message
