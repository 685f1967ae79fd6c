"""The public surface is what is written here."""

import ast
import inspect
import tomllib
from pathlib import Path

import pytest

import indicial
from indicial import api

ROOT = Path(__file__).parents[2]

PUBLIC = [
    "BackendError",
    "CheckReport",
    "CompiledFunction",
    "Derivation",
    "Derivative",
    "DerivativeError",
    "Derivatives",
    "IndicialError",
    "MemoryLimitError",
    "NotationError",
    "Objective",
    "ParseError",
    "Program",
    "ShapeError",
    "StructuredTensor",
    "check",
    "derive",
    "evaluate",
    "grad",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "objective",
    "parse",
    "pullback",
    "pushforward",
    "set_memory_limit",
    "taylor",
    "value_and_grad",
    "vjp",
]


def test_public_names():
    assert sorted(indicial.__all__) == PUBLIC


@pytest.mark.parametrize("name", PUBLIC)
def test_public_names_exist_and_are_documented(name):
    assert inspect.getdoc(getattr(indicial, name))


def test_type_checkers_see_what_is_imported_later():
    tree = ast.parse(Path(api.__file__).read_text(encoding="utf-8"))
    (block,) = [node for node in tree.body if isinstance(node, ast.If)]
    seen = {each.module: tuple([alias.name for alias in each.names]) for each in block.body}
    assert seen == api._LATER


def test_errors_are_one_family():
    for name in PUBLIC:
        if name.endswith("Error"):
            assert issubclass(getattr(indicial, name), indicial.IndicialError)


def test_runtime_dependencies_are_three():
    with (ROOT / "pyproject.toml").open("rb") as file:
        needed = tomllib.load(file)["project"]["dependencies"]
    assert sorted(line.split(">")[0] for line in needed) == ["lark", "numpy", "opt_einsum"]
