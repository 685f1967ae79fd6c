"""Integers and truth values among the parameters: which arrays are made floats before anything is computed.

(A + A.T) @ x         A: of small integers the sum overflows, of truth values it is an `or`
s = x / 2             none: a quotient is a float
result[i, i] = x      none: the memory is of floats
return A.T            none: what is returned as it was handed in keeps its type

The statements are read as Python reads them, as for what is computed twice.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum

from indicial.render.source.breaking import WIDTH
from indicial.render.source.library import Library

_VIEWS = frozenset({"diagonal", "transpose", "permute", "sliding_window_view", "unfold", "expand"})
_CHOSEN = frozenset({"array", "clone", "diag", "full", "max", "min", "amax", "amin", "sum", "trace", "where"})
_PRODUCTS = frozenset({"einsum", "outer"})
_WIDENING = frozenset({"mean", "norm", "inv", "solve", "det", "slogdet", "cholesky"})  # not in PyTorch
_LARGEST = 5000  # statements to be read
_FEW, _WIDTH = 6, WIDTH - 4  # arrays in a line, and its characters
_COMMENT = "  # integers as floats"
_UPDATES = frozenset({"set", "add"})


class Kind(Enum):
    """What is known of the type of an expression."""

    NUMBER = "of Python"
    BRACKET = "truth values"
    POSITION = "integers that count"
    FLOAT = "floats"
    GIVEN = "entries of a parameter, as they are"
    CHOSEN = "some entries of parameters, or sums of them, which are integers if those are"


_RAW = frozenset({Kind.GIVEN, Kind.CHOSEN})


def made_floats(
    statements: Sequence[str], arrays: Sequence[str], others: Mapping[str, Kind], library: Library
) -> list[str]:
    """The fewest of some arrays with which no number depends on whether the others hold integers.

    `others` are the parameters that stay as they are. In a very long function all arrays are taken.
    """
    trees = [ast.parse(statement).body[0] for statement in statements]

    def left(floats: Sequence[str]) -> int:
        known = {name: Kind.FLOAT if name in floats else Kind.GIVEN for name in arrays}
        return _Reader({**known, **others}, library).differences(trees)

    needed = list(arrays)
    least = left(needed)
    if left([]) == least:
        return []
    for name in reversed(arrays if len(arrays) * len(trees) < _LARGEST else ()):
        rest = [each for each in needed if each != name]
        if left(rest) == least:
            needed = rest
    return needed


def as_floats(names: Sequence[str], each: str, library: Library) -> list[str]:
    """The lines that make floats of arrays of integers, and leave those of floats as they are."""
    if library.name == "torch":
        pattern = "{0}.to(torch.result_type({0}, 1.0))"
    else:
        pattern = f"{library.prefix}.asarray({{0}}, {library.prefix}.result_type({{0}}, 1.0))"
    lines: list[str] = []
    for start in range(0, len(names), _FEW):
        few = names[start : start + _FEW]
        listed = ", ".join(few)
        made = (
            pattern.format(few[0]) if len(few) == 1 else f"({pattern.format(each)} for {each} in ({listed}))"
        )
        lines.append(f"{listed} = {made}")
    if names and len(lines[0] + _COMMENT) <= _WIDTH:
        lines[0] += _COMMENT
    return lines


class _Reader:
    """Follows the types through the statements of a function."""

    def __init__(self, known: dict[str, Kind], library: Library) -> None:
        self.known, self.is_torch = known, library.name == "torch"
        self.kinds: dict[ast.AST, Kind] = {}
        self.found = 0

    def differences(self, trees: Iterable[ast.stmt]) -> int:
        """The number of places at which integers may give another number than floats."""
        for tree in trees:
            self.statement(tree)
        return self.found

    def statement(self, tree: ast.stmt) -> None:
        """The kinds of a statement's expressions, the innermost first, and of what it assigns."""
        for node in reversed(list(ast.walk(tree))):
            if isinstance(node, ast.expr):
                self.kinds[node] = self.kind(node)
        match tree:
            case ast.Assign([ast.Name(), *_] as targets, value):
                names = [name.id for name in targets if isinstance(name, ast.Name)]
                self.known.update(dict.fromkeys(names, self.kinds[value]))
            case ast.Assign([ast.Subscript(memory)], value) | ast.AugAssign(ast.Subscript(memory), _, value):
                self.floats([self.kinds[memory]])  # they are written to it
                if self.is_torch:  # which casts nothing that is written
                    self.floats([self.kinds[value]])
            case ast.Return(ast.expr() as value):
                self.found += self.kinds[value] is Kind.CHOSEN

    def floats(self, operands: Iterable[Kind]) -> Kind:
        """Of a computation that needs floats."""
        self.found += any(kind in _RAW for kind in operands)
        return Kind.FLOAT

    def kind(self, node: ast.expr) -> Kind:
        match node:
            case ast.Constant(float()):
                return Kind.FLOAT
            case ast.Name(name):
                return self.known.get(name, Kind.NUMBER)
            case ast.Attribute(value, name):
                return self.attribute(value, name)
            case ast.Subscript(value):
                return self.kinds[value]
            case ast.Compare():
                return Kind.BRACKET
            case ast.UnaryOp(operand=operand):
                kind = self.kinds[operand]
                return self.floats([kind]) if kind in _RAW else kind
            case ast.BinOp(left, operator, right):
                return self.operation(operator, self.kinds[left], self.kinds[right])
            case ast.Call():
                return self.call(node)
            case ast.Tuple(elts=values) | ast.Dict(values=values):
                return Kind.CHOSEN if Kind.CHOSEN in map(self.kinds.get, values) else Kind.NUMBER
        return Kind.NUMBER

    def attribute(self, value: ast.expr, name: str) -> Kind:
        if name in ("T", "at"):
            return self.kinds[value]
        if name == "dtype":
            return self.floats([self.kinds[value]])
        return Kind.FLOAT if name in ("pi", "e") else Kind.NUMBER

    def operation(self, operator: ast.operator, left: Kind, right: Kind) -> Kind:
        """Floats make floats of integers; quotients are floats, and brackets leave what they meet."""
        both = (left, right)
        if isinstance(operator, (ast.MatMult, ast.Sub)) and self.is_torch:
            return self.floats(both)  # it multiplies no floats by integers, and subtracts no truth values
        if Kind.FLOAT in both or isinstance(operator, ast.Div):
            return Kind.FLOAT
        if isinstance(operator, ast.Mult) and Kind.BRACKET in both and any(kind in _RAW for kind in both):
            return Kind.CHOSEN
        if any(kind in _RAW for kind in both):
            return self.floats(both)
        if left is right:
            return left
        return Kind.POSITION if Kind.POSITION in both else Kind.FLOAT if Kind.BRACKET in both else Kind.NUMBER

    def call(self, node: ast.Call) -> Kind:
        """A function of a library, a method, or another function."""
        values = [self.kinds[each] for each in node.args]
        if not isinstance(node.func, ast.Attribute):
            return self.floats(values) if node.args else Kind.FLOAT
        verb, own = node.func.attr, self.kinds[node.func.value]
        given = {keyword.arg for keyword in node.keywords}
        if own in _RAW or own is Kind.FLOAT:
            values.insert(0, own)
        if verb in _UPDATES | _VIEWS:
            return values[0]
        if "dtype" in given or verb in ("astype", "to"):
            return Kind.FLOAT
        if verb == "arange":
            return Kind.POSITION
        if verb in ("at", "result_type"):  # np.add.at(result, …)
            return Kind.NUMBER
        if verb in _PRODUCTS:
            return self.product([kind for kind in values if kind is not Kind.NUMBER])
        if verb in _WIDENING and not self.is_torch:
            return Kind.FLOAT
        apart = "initial" in given or (verb == "where" and Kind.NUMBER in values)
        if verb in _CHOSEN and not apart:  # a number may be none that the integers' type has
            return self.chosen(values)
        return self.floats(values)

    def product(self, factors: Sequence[Kind]) -> Kind:
        """Of several arrays at once, in pairs; one of integers among floats becomes floats."""
        others = [kind for kind in factors if kind is not Kind.FLOAT]
        alone = len(others) == 1 < len(factors) and not self.is_torch
        return Kind.FLOAT if alone else self.floats(factors)

    def chosen(self, values: Sequence[Kind]) -> Kind:
        """Entries of several arrays, or sums of them."""
        arrays = {kind for kind in values if kind not in (Kind.NUMBER, Kind.BRACKET)}
        if not arrays & _RAW or Kind.FLOAT in arrays:
            return Kind.POSITION if arrays == {Kind.POSITION} else Kind.FLOAT
        return Kind.CHOSEN
