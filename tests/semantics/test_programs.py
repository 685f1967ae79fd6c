"""Statements, names, spaces and declarations of whole programs."""

import pytest
from semantics.written import spaces, written

from indicial.errors import NotationError
from indicial.ir.check import check_definition
from indicial.ir.indices import Space
from indicial.ir.program import Program
from indicial.semantics.resolve import read, resolve
from indicial.syntax import tree

NET = """
z_i = W_ij x_j + b_i            # an intermediate
a_i = max(0, z_i)
L   = (a_i - y_i)^2             # last statement = the default output
"""


def checked(text: str, outputs: tuple[str, ...] | None = None) -> Program:
    program = read(text, outputs)
    for definition in program.statements.values():
        check_definition(definition, program.inputs)
    return program


def test_net() -> None:
    program = checked(NET)
    assert spaces(program) == {
        "W": ("dim(W, 0)", "dim(W, 1)"),
        "x": ("dim(W, 1)",),
        "b": ("dim(W, 0)",),
        "y": ("dim(W, 0)",),
    }
    assert list(program.inputs) == ["W", "x", "b", "y"]
    assert list(program.statements) == ["z", "a", "L"]
    assert [written(program, name) for name in program.statements] == [
        "(Σa(W_ia·x_a) + b_i)",
        "max(0, z_i)",
        "Σa((a_a + (-1·y_a))^2)",
    ]
    assert program.outputs == ("L",)
    assert program.axes == {"z": ("i",), "a": ("i",), "L": ()}
    assert program.letters == {Space("W", 0): ("i",), Space("W", 1): ("j",)}
    assert program.source == NET


def test_statements_stand_in_any_order() -> None:
    program = checked("L = a_i a_i; a_i = exp(z_i); z_i = W_ij x_j")
    assert list(program.statements) == ["L", "a", "z"]
    assert program.outputs == ("L",)
    assert list(program.inputs) == ["W", "x"]
    assert written(program, "L") == "Σa(a_a·a_a)"


def test_outputs_by_name() -> None:
    assert checked(NET, ("a", "L", "a")).outputs == ("a", "L")


def test_unknown_output() -> None:
    with pytest.raises(NotationError) as caught:
        read(NET, ("W",))
    assert str(caught.value) == (
        "'W' is an input of this program and cannot be an output\nhint: the statements are z, a and L"
    )
    with pytest.raises(NotationError, match="'q' is no statement of this program and cannot be an output"):
        read(NET, ("q",))


def test_the_least_input_axis_names_a_space() -> None:
    program = checked("y_i = b_i + A_ij c_j; s = y_k c_k")
    assert spaces(program) == {
        "b": ("dim(A, 0)",),
        "A": ("dim(A, 0)", "dim(A, 0)"),
        "c": ("dim(A, 0)",),
    }
    assert program.letters == {Space("A", 0): ("i", "j", "k")}


def test_a_letter_of_another_scope_may_have_another_extent() -> None:
    program = checked("m = mean_ij(k_ij) - 2 mean_ij(l_ij)")
    assert spaces(program) == {"k": ("dim(k, 0)", "dim(k, 1)"), "l": ("dim(l, 0)", "dim(l, 1)")}
    program = checked("s = exp(x_i x_i) log(y_i y_i)")
    assert spaces(program) == {"x": ("dim(x, 0)",), "y": ("dim(y, 0)",)}


def test_delta_and_epsilon_unify() -> None:
    program = checked("L = x_i delta_ij y_j")
    assert spaces(program) == {"x": ("dim(x, 0)",), "y": ("dim(x, 0)",)}
    program = checked("c_i = eps_ijk a_j b_k")
    assert spaces(program) == {"a": ("dim(a, 0)",), "b": ("dim(a, 0)",)}
    assert program.declared == {Space("a", 0): 3}


def test_ones_and_conditions_do_not_unify_axes() -> None:
    program = checked("A_ij = ones_ij x_j [i < j]")
    assert spaces(program) == {"x": ("dim(x, 0)",)}
    assert program.statements["A"].spaces == (Space("i", -1), Space("x", 0))


def test_spaces_without_an_input_are_named_by_letters() -> None:
    program = checked("I_ij = delta_ij; J_ij = delta_ij ; K_ij = I_ij")
    assert program.statements["I"].spaces == program.statements["K"].spaces == (Space("i", -1),) * 2
    assert program.statements["J"].spaces == (Space("i(2)", -1),) * 2
    assert program.letters == {Space("i", -1): ("i", "j"), Space("i(2)", -1): ("i", "j")}


def test_declared_extents() -> None:
    program = checked("index i: 3; L = x_i y_i + exp(z_i w_i) + u_j u_j")
    assert program.declared == {Space("x", 0): 3, Space("w", 0): 3}
    assert program.symbols == {}
    assert checked("index i: 3; L = s").declared == {}


def test_a_named_extent_is_a_number_too() -> None:
    program = checked("index n: N; m = x_n ones_n / N; c = y_n y_n")
    assert program.symbols == {Space("x", 0): "N"}
    assert spaces(program) == {"x": ("dim(x, 0)",), "y": ("dim(x, 0)",)}
    assert written(program, "m") == "Σa(x_a·1·dim(x, 0)^-1)"


def test_an_extent_by_an_axis() -> None:
    program = checked("index i: dim(W, 1); s = x_i x_i; f_j = W_jk y_k")
    assert spaces(program) == {"x": ("dim(W, 1)",), "W": ("dim(W, 0)", "dim(W, 1)"), "y": ("dim(W, 1)",)}


def test_extent_of_a_statement() -> None:
    program = checked("z_i = W_ij x_j; m = sum_i(z_i) / dim(z, 0)")
    assert written(program) == "(Σa(z_a)·dim(W, 0)^-1)"


def test_a_bare_letter_in_a_condition_is_no_input() -> None:
    assert list(checked("p_ij = [j <= i] s_ij").inputs) == ["s"]
    assert list(checked("p_i = [i <= n] s_i").inputs) == ["n", "s"]


@pytest.mark.parametrize("count", [3000])
def test_size(count: int) -> None:
    """Long and deep programs, in time that is no matter."""
    chain = "x0_i = b_i\n" + "\n".join(f"x{k}_i = W_ij x{k - 1}_j" for k in range(1, count))
    assert len(read(chain).statements) == count
    assert read("L = " + " ".join(f"a{k}_i" for k in range(count))).outputs == ("L",)
    assert read("L = " + " + ".join(f"a{k}_i b_i" for k in range(count))).outputs == ("L",)
    assert read("L_i = " + "(" * count + "x_i" + ")" * count).outputs == ("L",)
    assert read("L_i = " + "exp(" * count + "x_i" + ")" * count).outputs == ("L",)
    assert read("L_i = " + "x_i (1 + " * count + "x_i" + ")" * count).outputs == ("L",)
    circle = "\n".join(f"x{k} = x{(k + 1) % count}" for k in range(count))
    with pytest.raises(NotationError, match=f"'x5' and {count - 6} more are defined by one another"):
        read(circle)


def test_no_statement() -> None:
    """A tree without statements is refused, however it was made."""
    with pytest.raises(NotationError, match="there is no statement in this program"):
        resolve(tree.Source((), (), ""))
