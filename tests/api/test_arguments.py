"""Arguments of the wrong kind: every verb answers in its own words, never with a Python error."""

import numpy as np
import pytest

import indicial as ix

PROGRAM = "f = x_i x_i"
X = np.array([1.0, 2.0])
BY_VARIABLE = [ix.derive, ix.grad, ix.jacobian, ix.hessian, ix.value_and_grad, ix.check]
NO_NAMES = [
    {"x"}, None, 3, 2.5, True, b"x", X, object(), {"x": 1}, (), [],
    ("x", 3), ["x", None], (("x",),), ({"x"},),
]  # fmt: skip
NO_PROGRAMS = [{PROGRAM}, None, 3, 2.5, b"f = x", X, object(), {"f": "x"}, (), [PROGRAM], (PROGRAM, PROGRAM)]


def named(value):
    return f"{type(value).__name__} {str(value)[:12]}" if type(value) is not object else "object"


@pytest.mark.parametrize("verb", BY_VARIABLE, ids=lambda verb: verb.__name__)
@pytest.mark.parametrize("wrt", NO_NAMES, ids=named)
def test_no_name_of_a_variable(verb, wrt):
    with pytest.raises(ix.NotationError, match="variable"):
        verb(PROGRAM, wrt)


@pytest.mark.parametrize("verb", BY_VARIABLE, ids=lambda verb: verb.__name__)
@pytest.mark.parametrize("program", NO_PROGRAMS, ids=named)
def test_no_program(verb, program):
    with pytest.raises(ix.NotationError, match="a program is a text"):
        verb(program, "x")


@pytest.mark.parametrize("verb", [ix.parse, ix.evaluate], ids=lambda verb: verb.__name__)
@pytest.mark.parametrize("program", NO_PROGRAMS, ids=named)
def test_no_program_to_read(verb, program):
    with pytest.raises(ix.NotationError, match="a program is a text"):
        verb(program)


@pytest.mark.parametrize(
    "outputs", [{"f"}, "f", 3, X, b"f", object(), {"f": 1}, (), [], ("f", 3), (None,), ({"f"},)], ids=named
)
def test_no_names_of_outputs(outputs):
    with pytest.raises(ix.NotationError, match="outputs"):
        ix.parse(PROGRAM, outputs=outputs)
    with pytest.raises(ix.NotationError, match="outputs"):
        ix.derive(PROGRAM, "x", outputs=outputs)


@pytest.mark.parametrize("outputs", [("g",), ["f", "g"], ("",)])
def test_outputs_that_are_no_statements(outputs):
    with pytest.raises(ix.NotationError):
        ix.parse(PROGRAM, outputs=outputs)
    with pytest.raises(ix.NotationError):
        ix.derive(PROGRAM, "x", outputs=outputs)


def test_a_list_of_names_does_as_a_tuple_does():
    assert list(ix.derive("f_i = W_ij x_j", ["W", "x"])) == ["W", "x"]
    assert np.array_equal(ix.grad(PROGRAM, ["x"])(x=X)["x"], 2 * X)


@pytest.mark.parametrize("text", ["", " ", "\n", "#"])
def test_a_text_that_says_nothing(text):
    with pytest.raises(ix.ParseError):
        ix.derive(text, "x")
    with pytest.raises(ix.IndicialError):
        ix.derive(PROGRAM, text)


@pytest.mark.parametrize("arrays", [X, [X], (X,), 3, "x", {"x"}], ids=named)
def test_arrays_that_have_no_names(arrays):
    for call in (ix.derive(PROGRAM, "x"), ix.parse(PROGRAM), ix.grad(PROGRAM, "x")):
        with pytest.raises(ix.ShapeError, match="by name"):
            call(arrays)


@pytest.mark.parametrize("value", ["text", {"a"}, object(), [[1.0], [2.0, 3.0]], np.array("x"), [None, 1.0]])
def test_values_that_are_no_arrays_of_numbers(value):
    with pytest.raises(ix.BackendError, match="'x'"):
        ix.evaluate(PROGRAM, x=value)
