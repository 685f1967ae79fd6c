"""Integers among the parameters: which arrays are made floats before anything is computed.

(A + A.T) @ x                 none: integers, as the libraries compute with them
s = x / 2                     none: a quotient is a float
x**-1                         x: integers have no negative powers
np.max(x, initial=-np.inf)    x: nor have they an infinity
result = np.array(A)          A: what is written to it would be truncated

The statements are read as Python reads them, as for what is computed twice.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence

from indicial.render.source.breaking import WIDTH
from indicial.render.source.library import Library

_KEEPING = frozenset({
    "abs", "amax", "amin", "array", "clone", "cumsum", "diag", "diagonal", "einsum", "expand", "full", "max",
    "maximum", "min", "minimum", "outer", "permute", "prod", "relu", "sign", "sliding_window_view", "sum",
    "trace", "transpose", "unfold", "where",
})  # fmt: skip
_REFUSED_BY = {
    "numpy": {"power"},
    "jax": {"power", "sigmoid", "silu", "gelu"},
    "torch": {
        "pow", "cholesky", "det", "gelu", "inv", "logaddexp", "logsumexp", "mean", "new_full", "new_zeros",
        "silu", "slogdet", "solve", "svd", "vector_norm",
    },
}  # fmt: skip
_WIDTH, _COMMENT = WIDTH - 4, "  # integers as floats"

Kind = frozenset[str] | None  # the parameters that an expression holds integers of, if they do; or floats


def made_floats(
    statements: Sequence[str], arrays: Sequence[str], numbers: Sequence[str], library: Library
) -> list[str]:
    """The arrays that must not hold integers, as something would raise, truncate or be another number."""
    trees = [ast.parse(statement).body[0] for statement in statements]
    floats: set[str] = set()
    while True:  # for PyTorch, which multiplies no matrix of floats by one of integers
        known = {name: None if name in floats else frozenset({name}) for name in (*arrays, *numbers)}
        found = _Reader(known, library.name).needed(trees).intersection(arrays)
        if found <= floats:
            return [name for name in arrays if name in floats]
        floats |= found


def as_float(name: str, library: Library) -> str:
    """The line that makes floats of an array of integers, and leaves one of floats as it is."""
    if library.name == "torch":
        line = f"{name} = {name}.to(torch.result_type({name}, 1.0))"
    else:
        line = f"{name} = {library.prefix}.asarray({name}, {library.prefix}.result_type({name}, 1.0))"
    return line + _COMMENT if len(line + _COMMENT) <= _WIDTH else line


class _Reader:
    """Follows integers through the statements of a function."""

    def __init__(self, known: dict[str, Kind], library: str) -> None:
        self.known, self.is_torch = known, library == "torch"
        self.refusing = _REFUSED_BY[library]
        self.kinds: dict[ast.AST, Kind] = {}
        self.found: set[str] = set()

    def needed(self, trees: Iterable[ast.stmt]) -> set[str]:
        """The parameters that are to be floats."""
        for tree in trees:
            for node in reversed(list(ast.walk(tree))):  # the innermost first
                if isinstance(node, ast.expr):
                    self.kinds[node] = self.kind(node)
            match tree:
                case ast.Assign([ast.Name(), *_] as targets, value):
                    names = [each.id for each in targets if isinstance(each, ast.Name)]
                    self.known.update(dict.fromkeys(names, self.kinds[value]))
                case ast.Assign([ast.Subscript(to)], value) | ast.AugAssign(ast.Subscript(to), _, value):
                    self.written(self.kinds[to], self.kinds[value])
        return self.found

    def floats(self, *operands: Kind) -> Kind:
        """Of what needs floats."""
        self.found.update(*[kind for kind in operands if kind])
        return None

    def written(self, memory: Kind, value: Kind) -> Kind:
        """The memory that something is written to, numbers of the program's own excepted."""
        if value is None or value:
            self.floats(memory, value if self.is_torch else None)  # which casts nothing that is written
        return memory

    def kind(self, node: ast.expr) -> Kind:
        match node:
            case ast.Constant(float()) | ast.Attribute(attr="pi" | "e" | "inf") | ast.BinOp(op=ast.Div()):
                return None
            case ast.Name(name):
                return self.known.get(name, frozenset())
            case ast.Attribute(value, "dtype"):
                return self.floats(self.kinds[value])
            case ast.Attribute(value, "T" | "at") | ast.Subscript(value) | ast.UnaryOp(operand=value):
                return self.kinds[value]
            case ast.BinOp(left, ast.Pow(), ast.Constant(int())):
                return self.kinds[left]
            case ast.BinOp(left, operator, right):
                both = [self.kinds[left], self.kinds[right]]
                return (
                    self.floats(*both)
                    if isinstance(operator, ast.Pow)
                    else self.together(both, isinstance(operator, ast.MatMult))
                )
            case ast.Call(function, arguments, keywords):
                values = [self.kinds[each] for each in arguments]
                return self.call(function, values, {each.arg for each in keywords})
        return frozenset()

    def together(self, values: Sequence[Kind], contracted: bool = False) -> Kind:
        """Floats make floats of integers, but for PyTorch in contractions."""
        if None not in values:
            return frozenset().union(*[kind for kind in values if kind])
        return self.floats(*values) if contracted and self.is_torch else None

    def call(self, function: ast.expr, values: list[Kind], given: set[str | None]) -> Kind:
        """A function of a library, a method, or another function."""
        if not isinstance(function, ast.Attribute):  # adjugate, a declared function
            return self.floats(*values) if self.is_torch else None
        verb, own = function.attr, self.kinds[function.value]
        if verb in ("set", "add"):
            return self.written(own, values[-1])
        if verb == "at":  # np.add.at(result, places, values)
            return self.written(values[0], values[-1])
        if own is None or own:
            values.insert(0, own)
        if "initial" in given or verb in self.refusing:
            return self.floats(*values)
        if verb == "arange":
            return frozenset()
        if verb not in _KEEPING or "dtype" in given:
            return None
        return self.together(values[verb == "einsum" :], contracted=verb == "einsum")
