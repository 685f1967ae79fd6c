"""Imports point one way, stand at the top of their file, and form no cycle."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import indicial

PACKAGE = Path(indicial.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))

# A part may import those of the rows above its own.
LAYERS = (
    ("errors",),
    ("ir",),
    ("syntax",),
    ("semantics", "simplify"),
    ("calculus",),
    ("planning",),
    ("render", "backends"),
    ("api",),
    ("__init__",),
    ("bench",),
    ("cli",),
    ("__main__",),
)
LEVEL = {part: level for level, row in enumerate(LAYERS) for part in row}

# Extras: a function that needs one imports it itself, as it may be absent.
OPTIONAL = {"cotengra", "matplotlib", "prompt_toolkit", "readline", "scipy"}

# What an import of indicial and a derivative from text do not need: imported by the function that does.
DEFERRED = {
    "indicial.syntax.grammar",  # the first text needs lark
    "indicial.syntax.latex.rows",
    "indicial.syntax.matrix",
    "indicial.semantics.einsum",
    "indicial.semantics.matrix.resolve",
    # forms of the result other than text
    "indicial.render",  # its modules latex and subscripts
    "indicial.render.latex",
    "indicial.render.matrix.layout",
    "indicial.render.matrix.style",
    "indicial.render.steps.paper",
    "indicial.render.record",
    "indicial.render.source.function",
    "indicial.render.source.library",
    "indicial.api.steps",
    # numbers
    "indicial.api.compiled",
    "indicial.api.interleaved",
    "indicial.api.modes",
    "indicial.api.numbers",
    "indicial.api.plan",
    "indicial.api.structured",
    "indicial.backends.structured.tensor",
    # one command needs the benchmark suite, the others do not
    "indicial.bench.command",
}
OF_A_FORMULA = {"indicial.syntax.grammar", "indicial.render", "indicial.syntax.matrix"}  # packages, and lark


def part_of(path: Path) -> str:
    """The layer that a file belongs to: its folder, or its own name."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def of_the_package(name: str) -> str:
    """`from indicial import name`: a part, or something that the package's __init__ holds."""
    return f"indicial.{name if name in LEVEL else '__init__'}"


def imported_modules(tree: ast.AST) -> list[tuple[ast.stmt, str]]:
    """Every module that a file imports, with the statement that does so."""
    found: list[tuple[ast.stmt, str]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(node, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            if node.module == "indicial":
                found += [(node, of_the_package(alias.name)) for alias in node.names]
            else:
                found.append((node, node.module or ""))
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_one_way(path):
    part = part_of(path)
    for _, module in imported_modules(ast.parse(path.read_text(encoding="utf-8"))):
        if module.split(".")[0] != "indicial":
            continue
        other = module.split(".")[1]
        allowed = part == other or LEVEL[other] < LEVEL[part]
        assert allowed, f"{path.name} imports {module}: {part} may not know {other}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_stand_at_the_top(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    at_top = {id(node) for node in tree.body}
    for node in tree.body:
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            at_top |= {id(inner) for inner in node.body}
    for node, module in imported_modules(tree):
        if id(node) not in at_top:
            assert module.split(".")[0] in OPTIONAL or module in DEFERRED, (
                f"{path.name}:{node.lineno} imports {module} in a function"
            )


def test_modules_form_no_cycle():
    names = {
        ".".join(("indicial", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(
            ".__init__"
        ): path
        for path in FILES
    }
    imports = {
        name: {
            module if module in names else module.rpartition(".")[0]
            for _, module in imported_modules(ast.parse(path.read_text(encoding="utf-8")))
            if module.startswith("indicial.")
        }
        - {name}
        for name, path in names.items()
    }
    remaining = dict(imports)
    while remaining:
        leaves = {name for name, needs in remaining.items() if not needs & remaining.keys()}
        assert leaves, f"these import each other: {sorted(remaining)}"
        remaining = {name: needs for name, needs in remaining.items() if name not in leaves}


def test_every_part_has_its_layer():
    assert {part_of(path) for path in FILES} <= LEVEL.keys()


def test_a_formula_needs_no_part_that_computes():
    program = (
        "import sys, indicial; indicial.derive('f_i = W_ij x_j', wrt='W').equation;"
        "print(*sys.modules, sep='\\n')"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = done.stdout.split()
    assert "indicial.render.text" in loaded
    waiting = {"opt_einsum", "indicial.planning", "indicial.backends.numpy"} | (DEFERRED - OF_A_FORMULA)
    assert not waiting.intersection(loaded)
