"""The page of the forms shows what indicial gives, and the JSON is as it says."""

import doctest
import json
import re
from pathlib import Path

import indicial as ix

PAGE = (Path(__file__).parents[2] / "docs/FORMS.md").read_text(encoding="utf-8")


def test_the_examples_on_the_page():
    text = "".join(re.findall(r"^```pycon\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE))
    example = doctest.DocTestParser().get_doctest(text, {}, "FORMS.md", "FORMS.md", 0)
    report: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    runner.run(example, out=report.append)
    assert not "".join(report)
    assert runner.tries > 15


def fields():
    """The names in the first column of the last table."""
    return re.findall(r"^\| `(\w+)` \|", PAGE.partition("## JSON")[2], re.MULTILINE)


def test_the_fields_of_a_derivative():
    derivative = ix.derive("index i: 3; z_i = W_ij x_j; L = (z_i - y_i)^2", wrt="W x")
    record = json.loads(derivative.json())
    assert list(record) == fields()
    assert record["schema"] == 1
    assert record["output"] == {"name": "L", "indices": []}
    assert record["denominators"] == [
        {"name": "W", "indices": ["m", "n"]},
        {"name": "x", "indices": ["p"]},
    ]
    assert record["indices"] == ["m", "n", "p"]
    assert record["formula"] == str(derivative).splitlines()[-1]
    assert record["lines"] == list(derivative.formula.lines)
    assert record["equation"] == derivative.equation
    assert record["latex"] == derivative.latex()
    assert record["inputs"] == [
        {"name": "W", "shape": [3, "J"]},
        {"name": "x", "shape": ["J"]},
        {"name": "y", "shape": [3]},
    ]
    assert ix.parse(record["program"]).inputs == ("W", "x", "y")


def test_the_fields_of_a_program():
    record = json.loads(ix.parse("z_i = W_ij x_j; L = z_i^2").json())
    assert list(record) == ["schema", "kind", "inputs", "outputs", "statements", "text"]
    assert record["outputs"] == ["L"]
    assert record["statements"] == [{"name": "z", "indices": ["i"]}, {"name": "L", "indices": []}]
    assert ix.parse(record["text"]).statements == ("z", "L")


def test_subscripts_are_read_back():
    program = "y_i = W_ij x_j^2 + eps_ikl a_k v_l + sum_j(delta_ij b_j) + softmax_i(a_i)"
    for wrt in ("W", "x", "a", "v", "b", "x_q"):
        derivative = ix.derive(program, wrt=wrt)
        *lines, equation = derivative.unicode().split("\n")
        left, right = equation.split(" = ", 1)
        assert "∂yᵢ" in left
        *named, text = str(derivative).split("\n")
        result = f"r_{{{' '.join(derivative.indices)}}}"
        whole = "\n".join([program, *lines, f"{result} = {right}"])
        plain = "\n".join([program, *named, f"{result} = {text}"])
        assert str(ix.parse(whole)) == str(ix.parse(plain))


def test_letters_without_subscripts():
    derivative = ix.derive("y_b = W_bj x_j", wrt="W_qr")
    assert derivative.unicode() == "∂y_b/∂W_qr = δ_bq xᵣ"
    assert ix.derive("f_i = x_i^12", wrt="x").unicode() == "∂fᵢ/∂xₘ = 12 δᵢₘ xᵢ¹¹"
